package main

import (
	"cmp"
	"fmt"
	"strings"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

// page is all about one person.
type page struct {
	*buyerRow
	consent order.Consent
	agreed  []string // "email", "sms": by which they get offers by that consent
	soft    []string // shops that may send offers to their customers unasked
	orders  []*orderRow
}

func (a *app) page(r *buyerRow) (*page, error) {
	p := &page{buyerRow: r}
	var err error
	if p.consent, p.agreed, err = a.agreed(r.Contact); err != nil {
		return nil, err
	}
	for _, name := range r.shops() {
		if shop, ok := a.cfg.Shop(name); ok && shop.SoftOptIn {
			p.soft = append(p.soft, name)
		}
	}
	zones := a.zones()
	for _, o := range r.Orders {
		p.orders = append(p.orders, a.orderRow(o, zones(o.Shop), r.contacts, r.failed))
	}
	return p, nil
}

// agreed is the last word of a buyer about offers, and by what they may get them: a
// yes is about the address or number by which it was given.
func (a *app) agreed(b order.Buyer) (order.Consent, []string, error) {
	last, yes, err := a.db.Consent(b)
	if err != nil || !yes {
		return last, nil, err
	}
	var by []string
	for _, channel := range []order.Channel{order.ByEmail, order.BySMS} {
		_, yes, err := a.db.Consent(b.By(channel))
		if err != nil {
			return last, nil, err
		}
		if yes {
			by = append(by, string(channel))
		}
	}
	return last, by, nil
}

// write shows the page: facts first, then the orders.
func (p *page) write(s *session) error {
	s.printf("%s\n", table.Clean(cmp.Or(p.Contact.Name, "(no name)")))
	for _, l := range p.lines() {
		s.printf("  %-15s%s\n", l[0], table.Clean(l[1]))
	}
	if len(p.orders) == 0 {
		s.printf("\nNo orders on record: known from a list of yours.\n")
		return nil
	}
	s.printf("\n")
	columns := orderColumns()
	chosen := columns.must([]string{"order", "status", "total", "lines", "created", "closes", "next"})
	if err := showRows(s, chosen, p.orders); err != nil {
		return err
	}
	if !p.contacts && p.Contact.Reachable() {
		s.sayf("--contacts shows address and number in clear; nudged privacy export gives all that is on record, for the person.\n")
	}
	return nil
}

// lines are the facts, each with what it is called.
func (p *page) lines() [][2]string {
	out := [][2]string{
		{"Contact", p.contactWords()},
		{"Kind", p.kindWords()},
		{"Orders", p.orderWords()},
	}
	if !p.Past.IsZero() {
		out = append(out, [2]string{"On your lists", p.pastWords()})
	}
	return append(out, [][2]string{
		{"Paid", p.paidWords()},
		{"First order", cellText(p.at(p.first()), wideMoment)},
		{"Last order", cellText(p.at(p.Last()), wideMoment)},
		{"Last paid", cellText(p.at(p.person().LastPaid()), wideMoment)},
		{"Last message", p.toldWords()},
		{"Written to", p.silence()},
		{"Offers", p.offerWords()},
	}...)
}

func (p *page) contactWords() string {
	var out []string
	if p.Contact.Email != "" {
		out = append(out, contactText(p.Contact.Email, p.contacts))
	}
	if p.Contact.Phone != "" {
		out = append(out, contactText(p.Contact.Phone, p.contacts))
	}
	return cmp.Or(strings.Join(out, ", "), "none is known")
}

func (p *page) kindWords() string {
	groups := p.groups()
	if len(groups) == 1 {
		return groups[0]
	}
	return groups[0] + "; also " + strings.Join(groups[1:], ", ")
}

// orderWords counts the orders on record by status.
func (p *page) orderWords() string {
	var out []string
	for _, status := range order.Statuses() {
		if n := p.count(status); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(status), "_", " ")))
		}
	}
	if len(out) == 0 {
		return "none on record"
	}
	return fmt.Sprintf("%d in %s: %s", len(p.Orders), strings.Join(p.shops(), ", "), strings.Join(out, ", "))
}

func (p *page) pastWords() string {
	out := counted(p.Past.Orders, "paid order")
	for _, m := range p.Past.Spent {
		out += ", " + m.String()
	}
	if !p.Past.First.IsZero() {
		out += ", first " + cellText(p.at(p.Past.First), "2006-01-02")
	}
	if !p.Past.Last.IsZero() {
		out += ", last " + cellText(p.at(p.Past.Last), "2006-01-02")
	}
	return out
}

func (p *page) paidWords() string {
	switch sums := p.sums(); {
	case p.paid() == 0 && len(sums) == 0:
		return "nothing so far"
	case len(sums) == 0:
		return counted(p.paid(), "order") + ", the amounts are not known"
	default:
		return fmt.Sprintf("%s, %s", counted(p.paid(), "order"), sumWords(sums))
	}
}

func (p *page) toldWords() string {
	what, at := p.told()
	if at.IsZero() {
		return "none so far"
	}
	return fmt.Sprintf("%s, %s", cellText(p.at(at), wideMoment), what)
}

func (p *page) offerWords() string {
	day := cellText(p.at(p.consent.At), "2006-01-02")
	switch {
	case len(p.agreed) > 0:
		return fmt.Sprintf("yes, by %s, said on %s (%s): %q", strings.Join(p.agreed, " and "), day, p.consent.Source, p.consent.Wording)
	case p.consent.Withdrawn:
		return "no, taken back on " + day
	case len(p.soft) > 0:
		return fmt.Sprintf("not asked; %s may send them to customers all the same (soft_opt_in)", strings.Join(p.soft, ", "))
	}
	return "not asked, so none are sent; nudged buyers consent notes a yes"
}
