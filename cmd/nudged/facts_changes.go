package main

import (
	"slices"
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// maxReasons is how many closed orders are asked why: each asks for all that is
// known of its buyer.
const maxReasons = 1000

// course is what became of one order within a stretch of time.
type course struct{ first, last store.Changed }

// courses puts together what belongs to one order, in the order of the last change.
func courses(changes []store.Changed) (keys []order.Key, all map[order.Key]course) {
	all = map[order.Key]course{}
	for _, c := range changes {
		one, known := all[c.Key]
		if !known {
			one.first = c
			keys = append(keys, c.Key)
		}
		one.last = c
		all[c.Key] = one
	}
	slices.SortStableFunc(keys, func(a, b order.Key) int { return all[a].last.At.Compare(all[b].last.At) })
	return keys, all
}

// changes sorts the day's changes of status.
func (g *gatherer) changes() error {
	orders, all, err := g.changed(g.from, g.to)
	if err != nil {
		return err
	}
	for _, o := range orders {
		c := all[o.Key()]
		if g.came(o, c.first) {
			g.f.NewCount++
		}
		if err := g.became(o, c); err != nil {
			return err
		}
	}
	g.recovered()
	return nil
}

// changed gives the orders whose status has changed in from <= t < to.
func (g *gatherer) changed(from, to time.Time) ([]order.Order, map[order.Key]course, error) {
	changes, err := g.a.db.ChangesBetween(g.ctx, from, to)
	if err != nil {
		return nil, nil, err
	}
	keys, all := courses(changes)
	orders, err := g.a.db.OrdersOf(g.ctx, keys)
	return orders, all, err
}

// came reports whether an order is a new one: first read in the day, and open.
// What a shop's first visit finds is old.
func (g *gatherer) came(o order.Order, first store.Changed) bool {
	if first.From != "" || first.To != order.Unpaid {
		return false
	}
	enabled, ok := g.enabled[o.Shop]
	if o.DayOnly {
		return ok && o.Began().After(enabled)
	}
	return ok && !o.Created.Before(enabled)
}

// became counts an order by what it is at the end of the day. One that was over
// when it was read for the first time is no news of this day. [store.DB.Daily],
// which counts the other days, goes by the same rules.
func (g *gatherer) became(o order.Order, c course) error {
	switch {
	case c.last.From == "":
	case c.last.To == order.ClosedRefunded:
		g.f.Refunded++
	case c.last.To == order.ClosedUnpaid:
		l := g.line(o, c.last.At)
		if len(g.f.Closed) < maxReasons {
			p, err := g.a.personOf(o.Key())
			if err != nil {
				return err
			}
			l.Reasons = notify.Reasons(o, p)
		}
		g.f.Closed = append(g.f.Closed, l)
	case c.last.To == order.Paid && c.last.From != order.ClosedRefunded:
		last, err := g.reminded(o.Key(), c.last.At)
		if err != nil {
			return err
		}
		if last == nil {
			g.f.Paid++
			return nil
		}
		l := g.line(o, c.last.At)
		l.Step, l.Channel = last.Key.Step, last.Key.Channel
		g.f.Recovered = append(g.f.Recovered, l)
	}
	return nil
}

// reminded is the last reminder that had gone out for an order before a moment, and
// did not come back; nil if there is none.
func (g *gatherer) reminded(key order.Key, before time.Time) (*order.Reminder, error) {
	all, err := g.a.db.Reminders(key)
	if err != nil {
		return nil, err
	}
	var last *order.Reminder
	for i, r := range all {
		if arrived(r.State) && !under(r.Key) && r.Out.Before(before) && (last == nil || r.Out.After(last.Out)) {
			last = &all[i]
		}
	}
	return last, nil
}

// arrived reports whether a message is known to have gone out, and not to have come
// back.
func arrived(s order.State) bool {
	switch s {
	case order.Sent, order.Delivered, order.Replied, order.OptedOut:
		return true
	}
	return false
}

// recovered sums up what was paid after a reminder, by step and channel.
func (g *gatherer) recovered() {
	type by struct {
		step    string
		channel order.Channel
	}
	index := map[by]int{}
	var all []sums
	for _, l := range g.f.Recovered {
		key := by{l.Step, l.Channel}
		i, ok := index[key]
		if !ok {
			i = len(g.f.By)
			index[key] = i
			g.f.By = append(g.f.By, notify.Recovery{Step: l.Step, Channel: l.Channel})
			all = append(all, sums{})
		}
		g.f.By[i].Orders++
		all[i].add(l.Total)
	}
	for i := range all {
		g.f.By[i].Sum = all[i].money()
	}
	slices.SortStableFunc(g.f.By, func(a, b notify.Recovery) int { return b.Orders - a.Orders })
}
