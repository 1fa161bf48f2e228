package main

import (
	"context"
	"errors"
	"time"

	"nudged/notify"
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
	mailed   bool // it goes out: hand-offs are looked at again
	f        notify.Facts
	enabled  map[string]time.Time // since when each shop is visited
	unpaid   []order.Order        // of all shops, now
	events   []order.Event
	last     map[order.ReminderKey]order.Event // of this day
}

// facts tells the day from..to. One that is mailed has its hand-offs looked at in
// the shop first, so that nobody is asked in chat who has paid.
func (a *app) facts(ctx context.Context, from, to time.Time, number int, mailed bool) (notify.Facts, error) {
	g := &gatherer{
		a: a, ctx: ctx, from: from, to: to, mailed: mailed,
		enabled: map[string]time.Time{}, last: map[order.ReminderKey]order.Event{},
	}
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
	for _, gather := range []func() error{
		g.shops, g.troubles, g.unknown, g.changes, g.open, g.days, g.messages, g.backs, g.campaigns, g.handOffs,
	} {
		if err := gather(); err != nil {
			return g.f, err
		}
	}
	return g.f, nil
}

// shops tells each shop's health, and what only the seller can mend.
func (g *gatherer) shops() error {
	for _, shop := range g.a.cfg.Shops {
		since, ok, err := g.a.db.Enabled(shop.Name)
		if err != nil {
			return err
		}
		if ok {
			g.enabled[shop.Name] = since
		}
		day, last, err := g.health(shop.Name)
		if err != nil {
			return err
		}
		open, err := g.a.db.Unpaid(g.ctx, shop.Name)
		if err != nil {
			return err
		}
		day.Unpaid = len(open)
		g.unpaid = append(g.unpaid, open...)
		g.f.Shops = append(g.f.Shops, day)
		if err := g.need(shop, last); err != nil {
			return err
		}
	}
	return nil
}

// health sums up a shop's visits of the day, and gives the last one.
func (g *gatherer) health(shop string) (notify.ShopDay, order.Visit, error) {
	visits, err := g.a.db.Visits(g.ctx, shop, g.from, g.to)
	if err != nil {
		return notify.ShopDay{}, order.Visit{}, err
	}
	day := dayOf(shop, visits)
	last, ok, err := g.a.db.LastVisit(shop)
	if err != nil {
		return day, last, err
	}
	if ok {
		day.LastVisit, day.Outcome, day.Words = last.Ended, last.Outcome, last.Words
	}
	if last.Outcome == order.OK && last.Ended.After(day.LastGood) {
		day.LastGood = last.Ended // in the minutes since the day ended
	}
	waited, errWaited := g.waited(shop)
	lastGood, errGood := g.lastGood(shop, day.LastGood)
	day.Waited, day.LastGood = waited, lastGood
	return day, last, errors.Join(errWaited, errGood)
}

// lastGood goes back day by day until there is a visit that read the shop; found
// is that of this day.
func (g *gatherer) lastGood(shop string, found time.Time) (time.Time, error) {
	const kept = 14
	for day := range kept {
		if !found.IsZero() || g.enabled[shop].IsZero() {
			break
		}
		before := g.from.Add(-time.Duration(day) * aDay)
		visits, err := g.a.db.Visits(g.ctx, shop, before.Add(-aDay), before)
		if err != nil {
			return found, err
		}
		found = dayOf(shop, visits).LastGood
	}
	return found, nil
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
