package main

import (
	"context"

	"nudged/notify"
	"nudged/store/order"
)

// messages tells what went out, and what waits for which cause.
func (g *gatherer) messages() error {
	type group struct {
		count int
		last  string
	}
	holds := map[order.Cause]*group{}
	var causes []order.Cause
	old := map[order.Key]bool{} // each of several steps: it is orders that a seller counts there
	hold := func(key order.Key, c order.Cause, reason string) {
		if c == order.CauseBeforeEnabled {
			if old[key] {
				return
			}
			old[key] = true
		}
		if holds[c] == nil {
			holds[c] = &group{}
			causes = append(causes, c)
		}
		holds[c].count++
		holds[c].last = reason
	}
	for _, e := range g.events {
		if e.State != order.Sent && g.last[e.Key] != e {
			continue // something else has become of it since
		}
		if err := g.message(e, hold); err != nil {
			return err
		}
	}
	waiting, err := g.a.db.Waiting(g.ctx, "", 0)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.State == order.Held && g.last[r.Key].State != order.Held {
			hold(r.Key.Order, r.Cause, r.Reason)
		}
	}
	for _, c := range causes {
		g.f.Holds = append(g.f.Holds, notify.Hold{Cause: c, Count: holds[c].count, Detail: holds[c].last})
	}
	return nil
}

func (g *gatherer) message(e order.Event, hold func(order.Key, order.Cause, string)) error {
	list := map[order.State]*[]notify.MessageLine{
		order.Sent: &g.f.Sent, order.Shown: &g.f.Previews, order.Parked: &g.f.Failed, order.Failed: &g.f.Failed, order.Lost: &g.f.Lost,
	}[e.State]
	switch {
	case list != nil:
		o, _, err := g.a.db.Order(e.Key.Order)
		if err != nil {
			return err
		}
		*list = append(*list, notify.MessageLine{Key: e.Key, Number: o.Number, Name: o.Buyer.Name, At: e.At, Reason: e.Reason})
		if e.State.Out() {
			g.f.Cost = plus(g.f.Cost, e.Cost)
		}
	case e.State == order.Held:
		hold(e.Key.Order, e.Cause, e.Reason)
	case e.State == order.Skipped && e.Cause != order.CausePaid && e.Cause != order.CauseClosed && !handedOff(e.Cause):
		hold(e.Key.Order, e.Cause, e.Reason)
	}
	return nil
}

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
		others, err := g.a.db.Others(o.Key())
		if err != nil {
			return err
		}
		text, err := g.a.texts.Chat(g.a.settings, o, notify.Reasons(o, notify.Person{Orders: others})...)
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
	if unwanted, err := g.a.unwanted(o); err != nil || unwanted || !g.fresh {
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
