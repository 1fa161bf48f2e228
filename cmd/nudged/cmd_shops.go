package main

import (
	"context"
	"fmt"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/notify"
	"nudged/store/order"
)

type shopsCmd struct {
	NeedsYou bool `help:"Only those that wait for you."`
	listFlags
}

func (shopsCmd) remote() {}

// Help tells the columns.
func (shopsCmd) Help() string {
	return `Lists your shops: how each stands, when it was read, and what to do where
something stands in the way.

Columns:
` + shopColumns().helpOf()
}

// Run lists the shops.
func (c shopsCmd) Run(s *session) error {
	l := &list[*shopRow]{s: s, flags: c.listFlags, columns: shopColumns(), what: "shop", begins: "first", none: "No shops."}
	if c.NeedsYou {
		l.none = "No shop waits for you."
	}
	if err := l.check(); err != nil {
		return err
	}
	if l.flags.Limit == nil {
		l.limit = 0
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	var needs []*shopRow
	l.all = func(fn func(*shopRow) (bool, error)) error {
		return a.eachShop(s.ctx, func(r *shopRow) (bool, error) {
			if c.NeedsYou && r.need == nil {
				return true, nil
			}
			if r.need != nil {
				needs = append(needs, r)
			}
			return fn(r)
		})
	}
	if err := l.write(); err != nil || c.JSON || c.CSV || c.XLSX != "" {
		return err
	}
	for _, r := range needs { // whole, however narrow the terminal is
		s.sayf("%s\n", table.Clean(r.needWords()))
	}
	if s.app == nil {
		s.sayf("nudged run is not running: no shop is visited by itself.\n")
	}
	return nil
}

// needWords is what a shop wants, in the shop's own words where it has some.
func (r *shopRow) needWords() string {
	words := r.Name + ": " + r.state()
	if r.need.Words != "" {
		words += fmt.Sprintf(" (%s)", r.need.Words)
	}
	return words + ". Next: " + r.need.Do
}

// eachShop goes through the shops of the config, in its order, and those that
// have gone from it and have orders still.
func (a *app) eachShop(ctx context.Context, fn func(*shopRow) (bool, error)) error {
	for _, shop := range a.cfg.Shops {
		row, err := a.shopRow(ctx, shop)
		if err != nil {
			return err
		}
		if more, err := fn(row); err != nil || !more {
			return err
		}
	}
	names, err := a.db.Shops()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := a.cfg.Shop(name); ok {
			continue
		}
		row, err := a.goneRow(ctx, name)
		if err != nil {
			return err
		}
		if row.orders() == 0 {
			continue
		}
		if more, err := fn(row); err != nil || !more {
			return err
		}
	}
	return nil
}

// shopRow asks what the digest asks, of the last day.
func (a *app) shopRow(ctx context.Context, shop config.Shop) (*shopRow, error) {
	now := a.now()
	g := &gatherer{a: a, ctx: ctx, from: now.Add(-24 * time.Hour), to: now.Add(time.Second), enabled: map[string]time.Time{}}
	since, ok, err := a.db.Enabled(shop.Name)
	if err != nil {
		return nil, err
	}
	if ok {
		g.enabled[shop.Name] = since
	}
	day, last, err := g.health(shop.Name)
	if err != nil {
		return nil, err
	}
	if err := g.need(shop, last); err != nil {
		return nil, err
	}
	row := &shopRow{ShopDay: day, recipe: shop.RecipeName, zone: shop.Zone}
	if shop.URL != nil {
		row.url = shop.URL.String()
	}
	if len(g.f.Needs) > 0 {
		row.need = &g.f.Needs[0]
	}
	if row.need == nil || row.need.Kind == notify.NeedLayout {
		row.next = zoned{shop.Visit, shop.Zone}.Next(now)
	}
	row.counts, err = a.db.CountOrders(ctx, shop.Name)
	return row, err
}

func (a *app) goneRow(ctx context.Context, name string) (*shopRow, error) {
	row := &shopRow{gone: true, zone: time.UTC}
	row.Name = name
	last, ok, err := a.db.LastVisit(name)
	if err != nil {
		return nil, err
	}
	if ok {
		row.LastVisit, row.Outcome = last.Ended, last.Outcome
	}
	if last.Outcome == order.OK {
		row.LastGood = last.Ended
	}
	row.counts, err = a.db.CountOrders(ctx, name)
	return row, err
}
