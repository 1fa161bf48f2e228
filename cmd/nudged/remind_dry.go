package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// ahead24 is how far a dry run looks.
const ahead24 = 24 * time.Hour

// prospect is a reminder that waits, and what would become of it by what is known
// now.
type prospect struct {
	order.Reminder
	o       order.Order
	outlook string
	goes    bool // the message goes out, if the look agrees
	m       notify.Message
	parts   int // of an SMS
	cost    order.Money
}

// prospectJSON is the same for other programs.
type prospectJSON struct {
	Due     time.Time `json:"due"`
	Shop    string    `json:"shop"`
	Order   string    `json:"order"`
	Number  string    `json:"number"`
	Step    string    `json:"step"`
	Channel string    `json:"channel"`
	State   string    `json:"state"`
	Outlook string    `json:"outlook"`
	Goes    bool      `json:"goes"`
	To      string    `json:"to,omitempty"` // masked
	Subject string    `json:"subject,omitempty"`
	Text    string    `json:"text,omitempty"`
	Parts   int       `json:"parts,omitempty"`
	Cost    string    `json:"cost,omitempty"`
}

func (c remindNowCmd) show(s *session, a *app) error {
	all, err := a.prospects(s.ctx)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return table.JSON(s.stdout, a.prospectsJSON(all))
	case len(all) == 0:
		s.sayf("Nothing is due in the next 24 hours.\n")
		return nil
	case a.settings.Live():
		s.sayf("Each order is looked at again before anything is sent.\n")
	default:
		s.sayf("Mode is preview: buyers get nothing, you are shown each message.\n")
	}
	s.sayf("%s\n", summary(all))
	if c.Full {
		a.writeFull(s, all)
		return nil
	}
	t := table.Table{Columns: []table.Column{
		{Title: "Due"}, {Title: "Order", Max: 28}, {Title: "Step"}, {Title: "By"}, {Title: "Outlook", Max: 60}, {Title: "Cost", Right: true}, {Title: "Text", Max: 60},
	}}
	for _, p := range all {
		t.Add(a.when(p), p.about(), p.Key.Step, string(p.Key.Channel), p.outlook, p.price(), p.short())
	}
	return t.Write(s.stdout, s.width)
}

// when is "now", or a time on the shop's clock.
func (a *app) when(p prospect) string {
	if !p.Due.After(a.now()) {
		return "now"
	}
	return shortMoment(p.Due.In(zoneOf(a.cfg, p.Key.Order.Shop)), a.now())
}

// about is the order, or the person where there is none.
func (p prospect) about() string {
	if p.Key.Order.ListRow() {
		return p.Key.Order.Shop + ": " + cmp.Or(p.o.Buyer.Name, "somebody on your list")
	}
	return label(p.o)
}

// price is what an SMS would cost, by the price of the config.
func (p prospect) price() string {
	switch {
	case p.parts == 0:
		return ""
	case p.cost.Currency == "":
		return fmt.Sprintf("%d part(s)", p.parts)
	}
	return p.cost.String()
}

// short is the text of an SMS, or the subject of a mail.
func (p prospect) short() string { return cmp.Or(p.m.Subject, p.m.Text) }

// summary counts what would go out, and what it would cost.
func summary(all []prospect) string {
	goes, parts := 0, 0
	var cost order.Money // one price, so one currency
	for _, p := range all {
		if p.goes {
			goes++
			parts += p.parts
			if p.cost.Currency != "" {
				cost.Currency = p.cost.Currency
				cost.Minor += p.cost.Minor
			}
		}
	}
	out := fmt.Sprintf("%d of %d would go out now or in the next 24 hours", goes, len(all))
	if parts > 0 {
		out += fmt.Sprintf(", with %d part(s) of text messages", parts)
	}
	if cost.Currency != "" {
		out += " for about " + cost.String()
	}
	return out + "."
}

func (a *app) writeFull(s *session, all []prospect) {
	for _, p := range all {
		s.printf("%s  %s  step %s by %s: %s\n", a.when(p), table.Clean(p.about()), p.Key.Step, p.Key.Channel, table.Clean(p.outlook))
		if price := p.price(); price != "" {
			s.printf("    %d part(s), %s\n", p.parts, price)
		}
		if p.m.Text == "" {
			continue
		}
		if p.m.Subject != "" {
			s.printf("    Subject: %s\n", table.Clean(p.m.Subject))
		}
		for line := range strings.Lines(p.m.Text) {
			s.printf("    %s\n", table.Clean(line))
		}
	}
}

func (a *app) prospectsJSON(all []prospect) []prospectJSON {
	out := []prospectJSON{}
	for _, p := range all {
		j := prospectJSON{
			Due: p.Due.In(zoneOf(a.cfg, p.Key.Order.Shop)), Shop: p.Key.Order.Shop, Order: p.Key.Order.ID, Number: p.o.Number,
			Step: p.Key.Step, Channel: string(p.Key.Channel), State: string(p.State), Outlook: p.outlook, Goes: p.goes,
			Subject: p.m.Subject, Text: p.m.Text, Parts: p.parts,
		}
		if p.m.Text != "" {
			j.To = cmp.Or(p.m.To.String(), p.m.Phone.String())
		}
		if p.cost.Currency != "" {
			j.Cost = p.cost.String()
		}
		out = append(out, j)
	}
	return out
}

// prospects are what waits for the next 24 hours, the earliest first.
func (a *app) prospects(ctx context.Context) ([]prospect, error) {
	waiting, err := a.upcoming(ctx)
	if err != nil {
		return nil, err
	}
	now := a.now()
	var out []prospect
	for _, r := range waiting {
		if r.Due.After(now.Add(ahead24)) {
			break
		}
		out = append(out, a.outlook(r, now))
	}
	return out, nil
}

// price is how many parts a text message has, and what it costs by the price of
// the config; zero for a mail.
func (a *app) price(m notify.Message) (parts int, cost order.Money) {
	if m.Key.Channel != order.BySMS {
		return 0, cost
	}
	parts, _ = notify.Segments(m.Signed())
	if c := a.cfg.SMS; c != nil && c.Price.Currency != "" {
		cost = order.Money{Minor: c.Price.Minor * int64(parts), Currency: c.Price.Currency}
	}
	return parts, cost
}

// upcoming are the reminders that wait, as they would after planning: the config
// may have changed since the last visit.
func (a *app) upcoming(ctx context.Context) ([]order.Reminder, error) {
	waiting, err := a.db.Waiting(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	place := map[order.ReminderKey]int{}
	for i, r := range waiting {
		place[r.Key] = i
	}
	for _, shop := range a.cfg.Shops {
		planned, err := a.planned(ctx, shop.Name)
		if err != nil {
			return nil, err
		}
		for _, p := range planned {
			i, ok := place[p.Key]
			switch {
			case ok && !waiting[i].Planned.Equal(p.Planned):
				waiting[i].Planned, waiting[i].Due = p.Planned, p.Due
			case !ok && p.State == order.Planned && a.isNew(p):
				waiting = append(waiting, p)
			}
		}
	}
	slices.SortStableFunc(waiting, func(x, y order.Reminder) int {
		return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Key.Order.ID, y.Key.Order.ID))
	})
	return waiting, nil
}

// isNew reports whether a reminder is not on record in any state.
func (a *app) isNew(r order.Reminder) bool {
	known, err := a.db.Reminders(r.Key.Order)
	return err == nil && !slices.ContainsFunc(known, func(k order.Reminder) bool { return k.Key == r.Key })
}

// outlook puts in words what would become of a reminder by what is known now. The
// dispatcher itself says it. It goes out only if nothing stands against it.
func (a *app) outlook(r order.Reminder, now time.Time) prospect {
	p := prospect{Reminder: r}
	o, _, err := a.db.Order(r.Key.Order)
	if r.Key.Order.ListRow() {
		var b store.Buyer
		b, _, err = a.db.BuyerOf(r.Key.Order)
		o.Buyer = b.Contact
	}
	if p.o = o; o.ID == "" {
		p.o.Shop, p.o.ID = r.Key.Order.Shop, r.Key.Order.ID
	}
	v, failed := a.foresee(r, now)
	switch err := cmp.Or(err, failed); {
	case err != nil:
		p.outlook = "cannot be told: " + err.Error()
	case v.State == order.Skipped:
		p.outlook = "skip: " + v.Reason
	case v.State == order.Planned && v.Reason == "":
		p.outlook = "moves to " + shortMoment(v.Due.In(zoneOf(a.cfg, p.o.Shop)), a.now())
	case v.State != "":
		p.outlook = "held: " + v.Reason
	case r.State == order.Held && r.Due.After(now):
		p.outlook, p.goes = "held: "+r.Reason+"; then sent, after a look", true
	case r.State == order.Failed:
		p.outlook, p.goes = "another try: "+r.Reason, true
	default:
		p.outlook, p.goes = "send, after a look", true
	}
	if p.goes && v.Message != nil {
		p.m = *v.Message
		p.parts, p.cost = a.price(p.m)
		p.m.Text = p.m.Signed()
	}
	return p
}
