package main

import (
	"cmp"
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// open lists the open orders by their close; those without a known one last, of them
// the newest first, which are the likeliest to be paid yet.
func (g *gatherer) open() error {
	var sum sums
	for _, o := range g.unpaid {
		sum.add(o.Total)
		if left := o.Closes.Sub(g.to); !o.Closes.IsZero() && left > 0 && left <= aDay {
			g.f.ClosingSoon++
		}
	}
	g.f.Unpaid, g.f.AtRisk = len(g.unpaid), sum.money()
	slices.SortStableFunc(g.unpaid, func(a, b order.Order) int {
		return cmp.Or(g.rank(a)-g.rank(b), a.Closes.Compare(b.Closes), b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range g.unpaid[:min(len(g.unpaid), maxLines)] {
		l := g.line(o, o.Closes)
		reminders, err := g.a.db.Reminders(o.Key())
		if err != nil {
			return err
		}
		p, err := g.a.comes(o, reminders, g.to)
		if err != nil {
			return err
		}
		if l.Stopped = p.stop; p.next != nil {
			l.NextStep, l.NextAt, l.NextState, l.Stopped = p.next.Key.Step, p.next.Due, p.next.State, ""
		}
		l.New = !o.First.Before(g.from) && !o.Created.Before(g.enabled[o.Shop])
		g.f.Open = append(g.f.Open, l)
	}
	return nil
}

// rank puts those that close next first. What should have closed by now, and of
// what no close is known, is less pressing.
func (g *gatherer) rank(o order.Order) int {
	switch {
	case o.Closes.IsZero():
		return 2
	case o.Closes.Before(g.to):
		return 1
	}
	return 0
}

func (g *gatherer) line(o order.Order, at time.Time) notify.OrderLine {
	l := notify.OrderLine{
		Key: o.Key(), Number: o.Number, Name: o.Buyer.Name, Total: o.Total,
		Status: o.Status, Created: o.Created, Closes: o.Closes, At: at,
	}
	if l.Number == "" {
		l.Number = o.ID
	}
	if len(o.Lines) > 0 {
		l.Items, l.More = o.Lines[0].Title, len(o.Lines)-1
	}
	for _, c := range []order.Channel{order.ByEmail, order.BySMS} {
		if notify.Usable(o.Buyer, c) {
			l.Ways = append(l.Ways, c)
		}
	}
	return l
}
