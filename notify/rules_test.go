package notify_test

import (
	"slices"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// person is what is on record of the buyer of an order besides it.
func (h *history) person(key order.Key) notify.Person {
	return h.m.person(key)
}

// stepOf finds a step in the sequence that an order has now.
func (h *history) stepOf(o order.Order, name string) (notify.Step, bool) {
	steps, _, _ := h.s.SequenceOf(o, h.person(o.Key()))
	for _, st := range steps {
		if st.Name == name {
			return st, true
		}
	}
	return notify.Step{}, false
}

func (h *history) gap() time.Duration {
	switch {
	case h.s.MinGap < 0:
		return 0
	case h.s.MinGap == 0:
		return notify.DefaultMinGap
	}
	return h.s.MinGap
}

// goesOut holds every promise against a message at the moment at which it is
// taken over.
func (h *history) goesOut(got taken) {
	key := got.m.Key
	if h.went[key]++; h.went[key] > 1 {
		h.t.Fatalf("%s went out twice", key)
	}
	if name, ok := key.Campaign(); ok {
		h.offerGoesOut(got, name)
		return
	}
	o := h.shop.real[key.Order] // as it really is; the look was just now
	st, ok := h.stepOf(o, key.Step)
	if !ok {
		h.t.Fatalf("%s went out, which the order does not get", key)
	}
	h.afterALook(got)
	h.onceAStep(got, st)
	h.atAGoodTime(got, o, st)
	h.toWhoMayBeWritten(got, o, st)
	h.withinTheLimit(got)
}

func (h *history) afterALook(got taken) {
	var last *look
	for i, l := range h.shop.looks {
		if l.key != got.m.Key.Order {
			continue
		}
		last = &h.shop.looks[i]
		if l.status == order.Paid {
			h.t.Fatalf("%s went out after a look that said paid", got.m.Key)
		}
	}
	switch {
	case last == nil:
		h.t.Fatalf("%s went out without a look", got.m.Key)
	case last.status != order.Unpaid:
		h.t.Fatalf("%s went out after a look that said %s", got.m.Key, last.status)
	case got.at.Sub(last.at) > notify.LookFresh || got.at.Before(last.at):
		h.t.Fatalf("%s went out %s after the look", got.m.Key, got.at.Sub(last.at))
	}
}

func (h *history) onceAStep(got taken, st notify.Step) {
	if st.All {
		return
	}
	for _, other := range h.post.taken {
		if other.m.Key.Order == got.m.Key.Order && other.m.Key.Step == st.Name {
			h.t.Fatalf("%s went out, and before by %s", got.m.Key, other.m.Key.Channel)
		}
	}
	if st.After > 0 {
		from := origin{got.m.Key.Order, st.After}
		if h.orders[from]++; h.orders[from] > 1 {
			h.t.Fatalf("%s went out, and before under another name", got.m.Key)
		}
	}
}

func (h *history) atAGoodTime(got taken, o order.Order, st notify.Step) {
	zones := zonesOf(o.Buyer.Phone)
	if len(zones) == 0 || !h.everAwake(zones) {
		zones = []*time.Location{h.s.Shops[o.Shop].Zone}
	}
	for _, zone := range zones {
		if h.s.Quiet.In(got.at, zone) {
			h.t.Fatalf("%s went out in quiet hours, at %s", got.m.Key, got.at.In(zone))
		}
	}
	if !o.Closes.IsZero() && !got.at.Before(o.Closes) {
		h.t.Fatalf("%s went out after the close", got.m.Key)
	}
	if o.Created.Before(h.m.enabled[o.Shop]) {
		h.t.Fatalf("%s went out for an order from before the shop was enabled", got.m.Key)
	}
	for _, other := range h.post.taken {
		together := st.All && other.m.Key.Step == st.Name
		if other.m.Key.Order == got.m.Key.Order && !together && got.at.Sub(other.at) < h.gap()-time.Minute {
			h.t.Fatalf("%s went out %s after %s", got.m.Key, got.at.Sub(other.at), other.m.Key)
		}
	}
}

// everAwake reports whether there is a minute of the day in which it is quiet in
// none of the zones.
func (h *history) everAwake(zones []*time.Location) bool {
	for m := range 24 * 60 {
		awake := true
		for _, zone := range zones {
			awake = awake && !h.s.Quiet.In(h.now().Add(time.Duration(m)*time.Minute), zone)
		}
		if awake {
			return true
		}
	}
	return false
}

func (h *history) toWhoMayBeWritten(got taken, o order.Order, st notify.Step) {
	m := got.m
	to := m.To.Reveal()
	if m.Key.Channel == order.BySMS {
		to = m.Phone.Reveal()
	}
	if want := map[order.Channel]string{order.ByEmail: o.Buyer.Email.Reveal(), order.BySMS: o.Buyer.Phone.Reveal()}[m.Key.Channel]; to == "" || to != want || strings.Contains(to, "*") {
		h.t.Fatalf("%s went to another or a masked contact", m.Key)
	}
	if stop, _, _ := h.m.Suppressed(o.Buyer); stop {
		h.t.Fatalf("%s went to a buyer who opted out", m.Key)
	}
	if (st.Offer != "" || st.Template == "offer") && !h.agreed(o, m.Key.Channel) {
		h.t.Fatalf("%s is marketing without consent", m.Key)
	}
	if st.Offer != "" && m.Key.Channel == order.ByEmail && h.s.Shops[o.Shop].Address == "" {
		h.t.Fatalf("%s is a marketing mail without an address", m.Key)
	}
	if o.Payment == "Cash on delivery" || o.Total.IsZero() || o.Lines[0].SoldOut {
		h.t.Fatalf("%s went out for an order that is not to be paid now", m.Key)
	}
	if h.excluded(o) || !holds(st.If, o) {
		h.t.Fatalf("%s went out against a condition", m.Key)
	}
	if other, why := notify.Later(o, h.person(o.Key())); why != nil {
		h.t.Fatalf("%s went out, and there is %s", m.Key, other.Key())
	}
}

// agreed asks whether a buyer may get marketing by one of some channels.
func (h *history) agreed(o order.Order, by ...order.Channel) bool {
	last, _, _ := h.m.Consent(o.Buyer)
	return !last.Withdrawn && (h.s.Shops[o.Shop].SoftOptIn || slices.ContainsFunc(by, func(c order.Channel) bool {
		_, ok, _ := h.m.Consent(o.Buyer.By(c))
		return ok
	}))
}

func (h *history) excluded(o order.Order) bool {
	for _, c := range h.s.Exclude {
		if conditions[c.String()](o) {
			return true
		}
	}
	return false
}

func holds(c *notify.Condition, o order.Order) bool { return c == nil || conditions[c.String()](o) }

func (h *history) withinTheLimit(got taken) {
	if h.s.Limit.Count == 0 {
		return
	}
	same, n := h.m.same(got.m.Key.Order), 1
	for _, other := range h.post.taken {
		if same[other.m.Key.Order] && other.at.After(got.at.Add(-h.s.Limit.Per)) {
			n++
		}
	}
	if n > h.s.Limit.Count {
		h.t.Fatalf("%s is the person's %d. message in %s, with a limit of %d", got.m.Key, n, h.s.Limit.Per, h.s.Limit.Count)
	}
}
