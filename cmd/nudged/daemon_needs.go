package main

import (
	"context"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
)

// known reports whether the seller was told of what a shop needs, or it was
// logged already.
func (d *daemon) known(shop config.Shop, needs *crawler.NeedsYouError) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.waits[shop.Name]
	d.waits[shop.Name] = needs.Why
	return was == needs.Why
}

// needs tells of shops that wait, where that could not be done at once.
func (d *daemon) needs(ctx context.Context) {
	for _, shop := range d.a.cfg.Shops {
		if err := d.a.tellNeed(ctx, shop.Name); err != nil && ctx.Err() == nil {
			d.a.log.Error("the seller could not be told that the shop waits; it is tried again", "shop", shop.Name, "err", err)
		}
	}
}

// alerts tells of troubles, and of their end.
func (d *daemon) alerts(ctx context.Context) {
	if err := d.a.tellAlerts(ctx); err != nil && ctx.Err() == nil {
		d.a.log.Error("the seller could not be told of a trouble; it is tried again", "err", err)
	}
}

// beat keeps a shop's session alive between visits. It waits for its turn: what
// meets it may be no visit, and a beat left out could end the session.
func (d *daemon) beat(ctx context.Context, shop config.Shop) {
	leave, err := d.a.enter(ctx, shop.Name)
	if err != nil {
		return // nudged stops
	}
	defer leave()
	if err := d.a.beat(ctx, shop); err != nil && ctx.Err() == nil {
		d.a.log.Info("the session could not be kept alive", "shop", shop.Name, "err", err)
	}
}
