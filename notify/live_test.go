package notify_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// Whatever happens, no promise is broken, and nothing is given up for nothing.
func TestNeverWrong(t *testing.T) {
	sent, states := 0, map[order.Cause]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, true)
		event, n := h.event, rapid.SampledFrom([]int{20, 60, 100, 140}).Draw(t, "events")
		if rapid.IntRange(0, 3).Draw(t, "life") == 3 {
			event, h.s.Limit, h.s.MinGap = h.renames, order.Limit{}, -1
			h.start()
			n = min(n, 40)
		}
		for range n {
			event()
		}
		// Left alone without faults, everything comes to an end.
		h.m.crash, h.shop.fail, h.post.answer, h.post.before, h.shop.takes = nil, nil, nil, nil, time.Second
		h.start()
		h.rest()
		h.ended()
		sent += len(h.post.taken)
		for _, e := range h.m.ledger {
			states[e.Cause]++
		}
	})
	t.Logf("%d messages; ledger lines: %v", sent, states)
	if sent < 50 && !t.Failed() {
		t.Errorf("only %d messages went out in all histories", sent)
	}
}

// renames is a life in which little happens but that the seller renames steps.
func (h *history) renames() {
	h.arrive()
	h.do(h.visit)
	h.do(func() { h.flush("buckles") })
	h.do(func() { h.flush("belts") })
	h.rename()
	h.start()
	h.forward(20 * time.Minute)
}

func (h *history) event() {
	switch rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).Draw(h.t, "event") {
	case 0, 1, 11, 12:
		h.arrive()
	case 2:
		h.change()
	case 3:
		h.decide()
	case 4, 5:
		h.do(h.visit)
	case 6, 7, 8:
		h.do(func() { h.flush("buckles") })
		h.do(func() { h.flush("belts") })
	case 9:
		switch rapid.SampledFrom([]string{"nothing", "edit", "rename"}).Draw(h.t, "config") {
		case "edit":
			h.edit()
		case "rename":
			h.rename()
		}
		h.start()
	case 10:
		if h.rarely(4) {
			h.forward(time.Duration(rapid.IntRange(-180, 600).Draw(h.t, "clock set")) * time.Minute)
		}
	}
	h.forward(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 10, 20, 40, 90}).Draw(h.t, "minutes")) * time.Minute)
}

// rest lets time pass, from one due step to the next, until nothing waits.
func (h *history) rest() {
	for range 1000 {
		h.visit()
		h.flush("buckles")
		h.flush("belts")
		h.resolve()
		if len(h.m.waiting) == 0 {
			return
		}
		next := h.now().Add(365 * 24 * time.Hour)
		for key := range h.m.waiting {
			if due := h.m.reminders[key].Due; due.Before(next) {
				next = due
			}
		}
		h.at = later(h.now().Add(time.Minute), next)
	}
	h.t.Fatalf("there is no end: %v", h.m.waiting)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ended holds when nothing more happens: every step of every open order that was
// recorded has come to an end, and went out as often as it says.
func (h *history) ended() {
	for key, r := range h.m.reminders {
		n := h.went[key]
		switch {
		case !r.State.Final():
			h.t.Fatalf("%s is still %s in the end: %s", key, r.State, r.Reason)
		case r.State == order.Sent && n != 1:
			h.t.Fatalf("%s is sent and went out %d times", key, n)
		case (r.State == order.Skipped || r.State == order.Parked) && n != 0:
			h.t.Fatalf("%s is %s and went out", key, r.State)
		}
	}
	for _, key := range h.keys {
		o := h.m.orders[key]
		if o.Status != order.Unpaid {
			continue
		}
		steps, _, _ := h.s.SequenceOf(o, h.person(key))
		for _, st := range steps {
			if st.BeforeClose > 0 && o.Closes.IsZero() {
				continue
			}
			if !h.hasStep(key, st.Name) {
				h.t.Fatalf("step %s of %s was never planned", st.Name, key)
			}
		}
	}
}

func (h *history) hasStep(key order.Key, step string) bool {
	for _, rk := range h.m.byOrder[key] {
		if rk.Step == step {
			return true
		}
	}
	return false
}

// resolve makes unknown statuses known, so that nothing waits for ever.
func (h *history) resolve() {
	for key, o := range h.shop.real {
		if o.Status == order.Unknown {
			o.Status = order.Paid
			h.shop.real[key] = o
		}
	}
}

// Without faults, a step goes out in the first round after its time at which
// nobody sleeps, unless the order is paid or closed by then. The times are
// reckoned here a second time, minute by minute.
func TestAllThatIsDueGoesOut(t *testing.T) {
	sent := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(noon)
		w.m.enabled["buckles"] = noon
		from := rapid.IntRange(0, 23).Draw(t, "from")
		w.s.Quiet = notify.Quiet{From: from * 60, To: (from + rapid.IntRange(0, 12).Draw(t, "hours")) % 24 * 60}
		w.s.Zones = zonesOf
		w.s.Steps = []notify.Step{
			{Name: "one", After: time.Duration(rapid.IntRange(10, 300).Draw(t, "one")) * time.Minute, By: []order.Channel{order.BySMS, order.ByEmail}, Template: "gentle"},
			{Name: "two", After: time.Duration(rapid.IntRange(40, 60).Draw(t, "two")) * time.Hour, By: []order.Channel{order.ByEmail}, Template: "helpful"},
		}
		w.o.Senders[order.BySMS] = w.post
		o := anOrder()
		o.Created = noon.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "created")) * time.Minute)
		o.Closes = o.Created.Add(time.Duration(rapid.IntRange(600, 90*60).Draw(t, "open for")) * time.Minute)
		o.Buyer = rapid.SampledFrom(buyers[:5]).Draw(t, "buyer")
		pays := o.Created.Add(time.Duration(rapid.IntRange(0, 90*60).Draw(t, "pays after")) * time.Minute)
		if rapid.Bool().Draw(t, "never pays") {
			pays = o.Closes.Add(time.Hour)
		}
		w.o.Settings = w.s
		d, err := notify.New(w.o)
		if err != nil {
			t.Fatal(err)
		}
		w.at = o.Created
		for !w.now().After(o.Closes) {
			if !w.now().Before(pays) {
				o.Status = order.Paid
			}
			w.visit(o)
			if _, err := d.Flush(t.Context(), "buckles", w.now); err != nil {
				t.Fatal(err)
			}
			w.at = w.at.Truncate(10 * time.Minute).Add(10 * time.Minute)
		}
		for _, st := range w.s.Steps {
			sent += w.expect(t, o, st, pays)
		}
	})
	if sent < 10 && !t.Failed() {
		t.Errorf("only %d messages were expected in all", sent)
	}
}

// expect checks one step; 1 if it had to go out.
func (w *world) expect(t *rapid.T, o order.Order, st notify.Step, pays time.Time) int {
	zones := zonesOf(o.Buyer.Phone)
	if len(zones) == 0 {
		zones = append(zones, shanghai)
	}
	quiet := func(at time.Time) bool {
		for _, z := range zones {
			if w.s.Quiet.In(at, z) {
				return true
			}
		}
		return false
	}
	from := o.Created.Add(st.After)
	due := from
	for quiet(due) && due.Before(from.Add(48*time.Hour)) {
		due = due.Add(time.Minute)
	}
	channel := order.ByEmail
	if st.By[0] == order.BySMS && o.Buyer.Phone != "" {
		channel = order.BySMS
	}
	var went *taken
	for i, got := range w.post.taken {
		if got.m.Key.Step == st.Name {
			went = &w.post.taken[i]
		}
	}
	const round = 21 * time.Minute // rounds are up to twenty minutes apart, and a look takes its time
	switch {
	case !due.Before(o.Closes) && quiet(from): // it moved ahead of quiet hours, if there was time
		if went != nil && !went.at.Before(from) {
			t.Fatalf("%s went out at %s, and not ahead of quiet hours", st.Name, went.at)
		}
	case !notify.Usable(o.Buyer, channel), due.Add(-time.Minute).After(pays), !due.Before(o.Closes):
		if went != nil {
			t.Fatalf("%s went out at %s", st.Name, went.at)
		}
	case quiet(due), quiet(due.Add(31 * time.Minute)), due.Add(round).After(pays), due.Add(round).After(o.Closes):
		// at a border it may go either way
	case went == nil:
		t.Fatalf("%s, due %s, did not go out: %+v", st.Name, due, w.m.reminders)
	case went.at.Before(due) || went.at.Sub(due) > round || went.m.Key.Channel != channel:
		t.Fatalf("%s, due %s by %s, went out %s by %s", st.Name, due, channel, went.at, went.m.Key.Channel)
	default:
		return 1
	}
	return 0
}
