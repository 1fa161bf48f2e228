package main

import (
	"regexp"
	"slices"

	"nudged/notify"
	"nudged/store/order"
)

// holds groups what was not sent, in the order in which the causes came up.
type holds struct {
	all []notify.Hold
	in  map[order.Cause]int
	old map[order.Key]bool // each of several steps: it is orders that a seller counts there
	key map[order.Cause]order.Key
}

func newHolds() *holds {
	return &holds{in: map[order.Cause]int{}, old: map[order.Key]bool{}, key: map[order.Cause]order.Key{}}
}

func (h *holds) add(key order.Key, c order.Cause, reason string) {
	if c == order.CauseBeforeEnabled {
		if h.old[key] {
			return
		}
		h.old[key] = true
	}
	i, ok := h.in[c]
	if !ok {
		i = len(h.all)
		h.in[c] = i
		h.all = append(h.all, notify.Hold{Cause: c})
	}
	one := &h.all[i]
	one.Count++
	one.Detail = reason
	if !slices.Contains(one.Shops, key.Shop) {
		one.Shops = append(one.Shops, key.Shop)
	}
	h.key[c] = key
}

// messages tells what went out, and what waits for which cause. Those of
// campaigns are told with their campaign, but for what went wrong.
func (g *gatherer) messages() error {
	h := newHolds()
	var cost sums
	for _, e := range g.events {
		if e.State != order.Sent && g.last[e.Key] != e {
			continue // something else has become of it since
		}
		if e.State.Out() {
			cost.add(e.Cost)
		}
		if err := g.message(e, h); err != nil {
			return err
		}
	}
	g.f.Cost = cost.money()
	waiting, err := g.a.db.Waiting(g.ctx, "", 0)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.State == order.Held && !under(r.Key) && g.last[r.Key].State != order.Held {
			h.add(r.Key.Order, r.Cause, r.Reason)
		}
	}
	for i, one := range h.all {
		slices.Sort(one.Shops)
		h.all[i].Do = g.remedy(one, h.key[one.Cause])
	}
	g.f.Holds = h.all
	return nil
}

func (g *gatherer) message(e order.Event, h *holds) error {
	list := map[order.State]*[]notify.MessageLine{
		order.Sent: &g.f.Sent, order.Shown: &g.f.Previews, order.Parked: &g.f.Failed, order.Failed: &g.f.Failed, order.Lost: &g.f.Lost,
	}[e.State]
	well := e.State != order.Parked && e.State != order.Failed && e.State != order.Lost
	switch {
	case well && under(e.Key):
	case list != nil:
		o, err := g.about(e.Key.Order)
		if err != nil {
			return err
		}
		*list = append(*list, notify.MessageLine{Key: e.Key, Number: o.Number, Name: o.Buyer.Name, At: e.At, Reason: e.Reason})
	case e.State == order.Held:
		h.add(e.Key.Order, e.Cause, e.Reason)
	case e.State == order.Skipped && e.Cause != order.CausePaid && e.Cause != order.CauseClosed && !handedOff(e.Cause):
		h.add(e.Key.Order, e.Cause, e.Reason)
	}
	return nil
}

// about is the order that a message is about. A message to somebody on a list has
// none, but a person.
func (g *gatherer) about(key order.Key) (order.Order, error) {
	if key == (order.Key{}) {
		return order.Order{}, nil
	}
	if !key.ListRow() {
		o, _, err := g.a.db.Order(key)
		return o, err
	}
	b, _, err := g.a.db.BuyerOf(key)
	return order.Order{Buyer: b.Contact}, err
}

// remedy is the one command for a hold where it can name the shop or the order;
// for the others the digest has one by the cause.
func (g *gatherer) remedy(h notify.Hold, key order.Key) string {
	switch h.Cause {
	case order.CauseShop:
		if len(h.Shops) != 1 {
			return ""
		}
		for _, n := range g.f.Needs {
			if n.Shop == h.Shops[0] && n.Do != "" {
				return n.Do
			}
		}
		return "nudged crawl " + h.Shops[0]
	case order.CauseLook, order.CauseText, order.CauseCrash:
		if typable.MatchString(key.String()) {
			return "nudged why " + key.String()
		}
	}
	return ""
}

// typable is what may stand in a command that the seller types or copies: an id
// comes from a page, which may have given it anything that a shell would run.
var typable = regexp.MustCompile(`^[\pL\pN][\pL\pN._/#-]{0,120}$`)

// handedOff reports whether a skipped reminder is for the seller to go on with.
func handedOff(c order.Cause) bool { return c == order.CauseNoContact || c == order.CauseSoldOut }
