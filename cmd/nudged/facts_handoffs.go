package main

import (
	"context"

	"nudged/notify"
	"nudged/store/order"
)

// handOffs are the orders whose buyer left no contact: the seller gets the text
// to paste into the shop's chat.
func (g *gatherer) handOffs() error {
	// A shop that does not let go of its turn must not keep the digest back.
	ctx, cancel := context.WithTimeout(g.ctx, handOffTime)
	defer cancel()
	for _, e := range g.events {
		if e.State != order.Skipped || !handedOff(e.Cause) || g.last[e.Key] != e || len(g.f.HandOffs) == maxHandOffs {
			continue
		}
		o, ok, err := g.handOff(ctx, e.Key.Order)
		if err != nil || !ok {
			if err != nil {
				g.a.log.Info("a hand-off is left out: its order could not be looked at", "shop", e.Key.Order.Shop, "order", e.Key.Order.ID, "err", err)
			}
			continue
		}
		p, err := g.a.personOf(o.Key())
		if err != nil {
			return err
		}
		text, err := g.a.texts.Chat(g.a.settings, o, notify.Reasons(o, p)...)
		if err != nil {
			continue // a fact that the text needs is missing: nothing to paste
		}
		g.f.HandOffs = append(g.f.HandOffs, notify.HandOff{Order: g.line(o, o.Created), Text: text, Chat: o.Chat, AsOf: o.Looked})
	}
	return nil
}

// handOff reads the order again; false if it is no longer open, or its buyer is
// not to be written to, by hand either.
func (g *gatherer) handOff(ctx context.Context, key order.Key) (order.Order, bool, error) {
	o, ok, err := g.a.db.Order(key)
	if err != nil || !ok || o.Status != order.Unpaid {
		return o, false, err
	}
	if unwanted, err := g.a.unwanted(o); err != nil || unwanted || !g.mailed {
		return o, err == nil && !unwanted, err
	}
	leave, err := g.a.enter(ctx, key.Shop)
	if err != nil {
		return o, false, err
	}
	defer leave()
	defer g.a.spider.Idle(key.Shop)
	if o, err = g.a.Look(ctx, key.Shop, key.ID); err != nil || o.Status != order.Unpaid {
		return o, false, err
	}
	unwanted, err := g.a.unwanted(o) // the look may have shown who it is
	return o, err == nil && !unwanted, err
}

// unwanted reports whether a buyer has opted out, or was erased.
func (a *app) unwanted(o order.Order) (bool, error) {
	if yes, _, err := a.db.Suppressed(o.Buyer); yes || err != nil {
		return yes, err
	}
	return a.db.Erased(o.Key())
}
