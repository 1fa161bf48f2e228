package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// Bounds of a digest's lists; it says itself how much it leaves out.
const (
	maxLines    = 200
	maxHandOffs = 20
	handOffTime = 3 * time.Minute // for looking at them all
)

// gatherer collects the facts of one digest from the store.
type gatherer struct {
	a        *app
	ctx      context.Context // of one gathering
	from, to time.Time
	fresh    bool // look at hand-offs again
	f        notify.Facts
	events   []order.Event
	last     map[order.ReminderKey]order.Event // of this day
}

// facts tells the day from..to. With fresh, hand-offs are looked at in the shop
// first, so that nobody is asked in chat who has paid.
func (a *app) facts(ctx context.Context, from, to time.Time, number int, fresh bool) (notify.Facts, error) {
	g := &gatherer{a: a, ctx: ctx, from: from, to: to, fresh: fresh, last: map[order.ReminderKey]order.Event{}}
	g.f = notify.Facts{Number: number, From: from, To: to, Mode: a.settings.Mode, FirstDay: number <= 1, Zone: time.UTC}
	if d := a.cfg.Digest; d != nil {
		g.f.Zone, g.f.Language = d.Zone, d.Language
	}
	var err error
	if g.events, err = a.db.Ledger(ctx, from, to); err != nil {
		return g.f, err
	}
	for _, e := range g.events {
		g.last[e.Key] = e
	}
	return g.f, errors.Join(g.shops(), g.unknown(), g.changes(), g.open(), g.messages(), g.backs(), g.handOffs())
}

// shops tells each shop's health, and what only the seller can mend.
func (g *gatherer) shops() error {
	for _, shop := range g.a.cfg.Shops {
		visits, err := g.a.db.Visits(g.ctx, shop.Name, g.from, g.to)
		if err != nil {
			return err
		}
		day := dayOf(shop.Name, visits)
		last, ok, err := g.a.db.LastVisit(shop.Name)
		if err != nil {
			return err
		}
		if ok {
			day.LastVisit, day.Outcome, day.Words = last.Ended, last.Outcome, last.Words
		}
		open, err := g.a.db.Unpaid(g.ctx, shop.Name)
		if err != nil {
			return err
		}
		day.Unpaid = len(open)
		if day.Waited, err = g.waited(shop.Name); err != nil {
			return err
		}
		g.f.Unpaid += len(open)
		g.f.Shops = append(g.f.Shops, day)
		if err := g.need(shop, last); err != nil {
			return err
		}
	}
	return nil
}

// dayOf sums up a day's visits. A status that the recipe does not map has a
// place of its own in the digest.
func dayOf(shop string, visits []order.Visit) notify.ShopDay {
	day := notify.ShopDay{Name: shop, Visits: len(visits)}
	seen := map[string]bool{}
	for _, v := range visits {
		day.Blocked += v.Blocked
		// Visits see the same orders again and again, so their sum says nothing. The
		// largest, mostly the full scan of the night, is what was read at least.
		day.Orders = max(day.Orders, v.Read)
		if v.Outcome == order.OK {
			day.LastGood = v.Ended
		} else {
			day.Failed++
		}
		for _, p := range v.Problems {
			if !seen[p.Text] && p.Kind != order.UnknownStatus {
				seen[p.Text] = true
				day.Problems = append(day.Problems, p.Text)
			}
		}
	}
	return day
}

func (g *gatherer) need(shop config.Shop, last order.Visit) error {
	refusal, refused, err := g.a.db.Refusal(shop.Name)
	if err != nil {
		return err
	}
	waits, ever, err := g.a.db.Need(shop.Name)
	if err != nil {
		return err
	}
	trial := g.a.onTrial(g.ctx, shop)
	n := notify.Need{Shop: shop.Name}
	switch {
	case trial != nil:
		n.What, n.Do = trial.Error(), "nudged recipe test "+shop.RecipeName+" --page saved.html --shop "+shop.Name
	case refused:
		n.What = "The shop refused user or password and is not asked again until they change in the config."
		if refusal.Words != "" {
			n.What = fmt.Sprintf("The shop refused user or password (%q) and is not asked again until they change in the config.", refusal.Words)
		}
		n.Do = "mend the config, or if they are right after all: nudged crawl " + shop.Name + " --again"
	case waits.Standing():
		n = needOf(shop.Name, waits)
	case !ever && last.Outcome == order.NeedsYou:
		n = needOf(shop.Name, store.Need{Why: last.Words})
	case last.Outcome == order.LayoutChanged:
		n.What, n.Do = "The shop's pages do not fit the recipe any more: "+last.Words, "update nudged, or mend the recipe"
	default:
		return nil
	}
	g.f.Needs = append(g.f.Needs, n)
	return nil
}

// unknown groups open questions about status texts, with the line that answers
// them.
func (g *gatherer) unknown() error {
	orders, err := g.a.db.Orders(g.ctx, store.Filter{Status: []order.Status{order.Unknown}, Limit: 5000})
	if err != nil {
		return err
	}
	index := map[[2]string]int{}
	for _, o := range orders {
		shop, ok := g.a.cfg.Shop(o.Shop)
		if !ok {
			continue
		}
		key := [2]string{o.Shop, o.StatusText}
		i, ok := index[key]
		if !ok {
			i = len(g.f.Statuses)
			index[key] = i
			g.f.Statuses = append(g.f.Statuses, notify.UnknownStatus{
				Shop: o.Shop, Recipe: shop.RecipeName, Text: o.StatusText,
				Line: fmt.Sprintf("- {text: %q, is: other}", o.StatusText), Copy: copyCommand(shop.RecipeName),
			})
		}
		g.f.Statuses[i].Orders++
	}
	return nil
}

// changes sorts the day's changes of status.
func (g *gatherer) changes() error {
	changes, err := g.a.db.ChangesBetween(g.ctx, g.from, g.to)
	if err != nil {
		return err
	}
	latest := map[order.Key]store.Changed{}
	var keys []order.Key
	first := map[order.Key]bool{}
	for _, c := range changes {
		if _, ok := latest[c.Key]; !ok {
			keys = append(keys, c.Key)
			first[c.Key] = c.From == ""
		}
		latest[c.Key] = c
	}
	orders, err := g.a.db.OrdersOf(g.ctx, keys)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if err := g.change(o, latest[o.Key()], first[o.Key()]); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatherer) change(o order.Order, c store.Changed, isNew bool) error {
	switch {
	case o.Status == order.Unpaid && isNew:
		g.f.New = append(g.f.New, g.line(o, c.At))
	case isNew && c.From == "":
		// Seen for the first time when it was over already: no news of this day.
	case o.Status == order.Paid:
		step, err := g.lastSent(o.Key())
		if err != nil {
			return err
		}
		if step == "" {
			g.f.Paid++
			return nil
		}
		l := g.line(o, c.At)
		l.Step = step
		g.f.Recovered = append(g.f.Recovered, l)
	case o.Status == order.ClosedUnpaid:
		g.f.Closed = append(g.f.Closed, g.line(o, c.At))
	case o.Status == order.ClosedRefunded:
		g.f.Refunded++
	}
	return nil
}

// lastSent names the last step that went out for an order, "" if none did.
func (g *gatherer) lastSent(key order.Key) (string, error) {
	events, err := g.a.db.LedgerOf(key)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(events) {
		if e.State == order.Sent {
			return e.Key.Step, nil
		}
	}
	return "", nil
}

// open lists the open orders by their close.
func (g *gatherer) open() error {
	orders, err := g.a.db.NextCloses(g.ctx, "", g.to, maxLines)
	if err != nil {
		return err
	}
	for _, o := range orders {
		l := g.line(o, o.Closes)
		reminders, err := g.a.db.Reminders(o.Key())
		if err != nil {
			return err
		}
		l.Next = nextStep(reminders, g.f.Zone)
		g.f.Closing = append(g.f.Closing, l)
	}
	return nil
}

func nextStep(reminders []order.Reminder, zone *time.Location) string {
	var next *order.Reminder
	for i, r := range reminders {
		if !r.State.Final() && r.State != order.Sending && (next == nil || r.Due.Before(next.Due)) {
			next = &reminders[i]
		}
	}
	if next == nil {
		return ""
	}
	return fmt.Sprintf("%s at %s", next.Key.Step, next.Due.In(zone).Format("Mon 15:04"))
}

func (g *gatherer) line(o order.Order, at time.Time) notify.OrderLine {
	items := ""
	if len(o.Lines) > 0 {
		items = o.Lines[0].Title
		if more := len(o.Lines) - 1; more > 0 {
			items += fmt.Sprintf(" and %d more", more)
		}
	}
	number := o.Number
	if number == "" {
		number = o.ID
	}
	return notify.OrderLine{
		Key: o.Key(), Number: number, Name: o.Buyer.Name, Total: o.Total, Items: items,
		Status: o.Status, Created: o.Created, Closes: o.Closes, At: at,
	}
}
