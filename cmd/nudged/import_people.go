package main

import (
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/store"
	"nudged/store/order"
)

// listedPerson is a person of a list, and where it stands.
type listedPerson struct {
	store.ListRow
	at place
}

// people reads all rows.
func (r *reader) people() []listedPerson {
	var out []listedPerson
	for s, row := range r.all() {
		r.begin(s, row)
		stars := r.remarks.starred
		p := store.ListRow{Shop: r.shop.Name, Source: r.file, Buyer: r.buyer(), Past: r.past(), Consent: r.agreed()}
		if r.failed {
			continue
		}
		if !p.Buyer.Reachable() {
			switch {
			case len(r.bad) > r.before: // it is said already what is wrong
				r.failed = true
			case r.remarks.starred > stars:
				r.wrong(-1, "the contacts are masked, so that nobody can be reached")
			default:
				r.wrong(-1, "there is neither an e-mail address nor a phone number")
			}
			continue
		}
		out = append(out, listedPerson{p, r.at})
	}
	r.end()
	return out
}

func (r *reader) past() order.Past {
	p := order.Past{Orders: r.whole(fieldOrders), First: r.moment(fieldFirst).at, Last: r.moment(fieldLast).at}
	if m := r.amount(fieldSpent); !m.IsZero() {
		p.Spent = []order.Money{m}
	}
	return p
}

// agreed is the consent of the row at hand; zero for none. Where a column says
// who agreed, only its yes is one; else a date of consent is, or what the seller
// says of all.
func (r *reader) agreed() order.Consent {
	c := r.consent
	if r.importPlan.at(fieldConsent) >= 0 {
		if !isYes(r.text(fieldConsent)) {
			return order.Consent{}
		}
	} else if v, _ := r.cell(fieldDate); v.Kind == sheet.Empty && c.at.IsZero() {
		return order.Consent{}
	}
	if r.importPlan.at(fieldConsent) < 0 && r.importPlan.at(fieldDate) < 0 && c == (consentRule{}) {
		return order.Consent{}
	}
	out := order.Consent{At: c.at, Source: c.source, Wording: c.wording}
	if m := r.moment(fieldDate); !m.at.IsZero() {
		out.At = m.at
	}
	if s := r.text(fieldSource); s != "" && !blank(s) {
		out.Source = s
	}
	if s := r.text(fieldWording); s != "" && !blank(s) {
		out.Wording = s
	}
	switch {
	case r.failed:
	case out.At.IsZero():
		r.wrong(r.importPlan.at(fieldDate), "the consent has no date; --consent-date says it for those without")
	case out.Source == "":
		r.wrong(r.importPlan.at(fieldSource), "the consent does not say where it was given; --consent-source says it for those without")
	case out.Wording == "":
		r.wrong(r.importPlan.at(fieldWording), "the consent does not say to what; --consent-wording says it for those without")
	}
	return out
}

// isYes reports whether a cell says yes.
func isYes(s string) bool {
	switch titleKey(s) {
	case "yes", "y", "true", "1", "ja", "x", "subscribed", "optedin", "optin", "accepted", "agreed", "是", "已同意", "同意", "已订阅", "订阅", "有":
		return true
	}
	return strings.TrimSpace(s) == "✓" || strings.TrimSpace(s) == "✔"
}
