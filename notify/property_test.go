package notify_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// history is a random life of a shop: orders come, are paid, closed, postponed;
// visits and flushes happen; looks fail and take long, the mail server gives
// every answer there is, and the program is killed anywhere.
type history struct {
	*world
	t      *rapid.T
	faults bool
	d      *notify.Dispatcher
	n      int
}

func newHistory(t *rapid.T, faults bool) *history {
	h := &history{world: newWorld(noon.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "start")) * time.Minute)), t: t, faults: faults}
	h.m.enabled["buckles"] = h.now()
	h.s.MinGap = time.Duration(rapid.IntRange(0, 4).Draw(t, "gap")) * time.Hour
	h.s.Quiet = notify.Quiet{From: rapid.IntRange(0, 23).Draw(t, "quiet from") * 60, To: rapid.IntRange(0, 23).Draw(t, "quiet to") * 60}
	h.s.Steps[0].After = time.Duration(rapid.IntRange(10, 300).Draw(t, "after")) * time.Minute
	h.s.Steps[1].After = time.Duration(rapid.IntRange(5, 30).Draw(t, "after")) * time.Hour
	h.s.Steps[2].BeforeClose = time.Duration(rapid.IntRange(30, 600).Draw(t, "before")) * time.Minute
	if faults {
		h.m.crash = func(point string) bool { return h.rarely(60) }
		h.shop.fail = h.lookFails
		h.post.answer = h.answer
		h.post.before = func() { h.maybeKill() }
	}
	h.start()
	return h
}

func (h *history) rarely(oneIn int) bool {
	return rapid.IntRange(1, oneIn).Draw(h.t, "rarely") == oneIn
}

func (h *history) maybeKill() {
	if h.rarely(20) {
		panic(errCrash)
	}
}

func (h *history) lookFails(key order.Key) error {
	h.shop.takes = time.Duration(rapid.IntRange(0, 90).Draw(h.t, "look takes")) * time.Second
	switch rapid.IntRange(0, 12).Draw(h.t, "look") {
	case 0:
		return errors.New("503")
	case 1:
		return &notify.LookError{Cause: order.CauseBudget, Until: h.now().Add(time.Hour), Err: errors.New("budget")}
	case 2:
		return &notify.LookError{Cause: order.CauseLook, Err: errors.New("500")}
	}
	return nil
}

func (h *history) answer(m notify.Message) error {
	kind := rapid.SampledFrom([]string{"ok", "ok", "ok", "ok", "temporary", "permanent", "unknown", "account", "killed after"}).Draw(h.t, "answer")
	switch kind {
	case "temporary":
		return &notify.SendError{Kind: notify.Temporary, Err: errors.New("450")}
	case "permanent":
		return &notify.SendError{Kind: notify.Permanent, Err: errors.New("550")}
	case "unknown":
		return &notify.SendError{Kind: notify.Unknown, Err: errors.New("lost")}
	case "account":
		return &notify.SendError{Kind: notify.Temporary, Account: true, Err: errors.New("refused")}
	case "killed after":
		h.post.taken = append(h.post.taken, taken{m, h.now()})
		panic(errCrash)
	}
	return nil
}

// start is a start of the program: what was in flight becomes unknown.
func (h *history) start() {
	h.m.recover(h.now())
	h.o.Settings = h.s
	d, err := notify.New(h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.d = d
}

// do runs a part of the program, which may be killed in it.
func (h *history) do(f func()) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case any(errCrash):
			h.start()
		default:
			panic(p)
		}
	}()
	f()
}

func (h *history) arrive() {
	o := anOrder()
	o.ID, o.Number = fmt.Sprint(h.n), fmt.Sprintf("B-%d", h.n)
	h.n++
	// Some are older than the shop's first visit.
	o.Created = h.now().Add(-time.Duration(rapid.IntRange(0, 12*60).Draw(h.t, "age")) * time.Minute)
	if o.Closes = (time.Time{}); rapid.Bool().Draw(h.t, "closes") {
		o.Closes = o.Created.Add(time.Duration(rapid.IntRange(20, 72*60).Draw(h.t, "open for")) * time.Minute)
	}
	o.Status = rapid.SampledFrom([]order.Status{order.Unpaid, order.Unpaid, order.Unpaid, order.Unpaid, order.Paid, order.Unknown}).Draw(h.t, "status")
	if h.rarely(8) {
		o.Buyer.Email = ""
	}
	h.shop.real[o.Key()] = o
}

// change is what happens in the shop, unseen until it is read.
func (h *history) change() {
	if h.n == 0 {
		return
	}
	key := order.Key{Shop: "buckles", ID: fmt.Sprint(rapid.IntRange(0, h.n-1).Draw(h.t, "which"))}
	o := h.shop.real[key]
	switch rapid.IntRange(0, 4).Draw(h.t, "what") {
	case 0, 1:
		o.Status = order.Paid
	case 2:
		o.Status = order.ClosedUnpaid
	case 3:
		o.Status = order.Unknown
	case 4:
		o.Closes = h.now().Add(time.Duration(rapid.IntRange(0, 48*60).Draw(h.t, "postponed")) * time.Minute)
	}
	h.shop.real[key] = o
}

func (h *history) flush() {
	if _, err := h.d.Flush(h.t.Context(), "buckles", h.now); err != nil {
		h.t.Fatalf("flush: %v", err)
	}
}

// replan is a visit: what the shop shows is recorded and planned.
func (h *history) replan() {
	for key, o := range h.shop.real {
		o.Seen = h.now()
		o.Looked = h.m.orders[key].Looked
		h.m.orders[key] = o
		h.m.plan(notify.Plan(h.s, o, h.m.enabled["buckles"], h.now()))
	}
}

// check holds whatever happened.
func (h *history) check() {
	last := map[order.Key]time.Time{}
	times := map[order.ReminderKey]int{}
	for _, got := range h.post.taken {
		key := got.m.Key
		if times[key]++; times[key] > 1 {
			h.t.Fatalf("%s went out twice", key)
		}
		var before *look
		for i, l := range h.shop.looks {
			if l.key == key.Order && !l.at.After(got.at) {
				before = &h.shop.looks[i]
			}
		}
		switch {
		case before == nil:
			h.t.Fatalf("%s went out without a look", key)
		case before.status != order.Unpaid:
			h.t.Fatalf("%s went out after a look that said %s", key, before.status)
		case got.at.Sub(before.at) > notify.LookFresh:
			h.t.Fatalf("%s went out %s after the look", key, got.at.Sub(before.at))
		}
		if h.s.Quiet.In(got.at, shanghai) {
			h.t.Fatalf("%s went out in quiet hours, at %s", key, got.at.In(shanghai))
		}
		if o := h.shop.real[key.Order]; o.Created.Before(h.m.enabled["buckles"]) {
			h.t.Fatalf("%s went out for an order from before the shop was enabled", key)
		}
		gap := h.s.MinGap
		if gap == 0 {
			gap = notify.DefaultMinGap
		}
		if earlier, ok := last[key.Order]; ok && got.at.Sub(earlier) < gap {
			h.t.Fatalf("%s went out %s after another message on the order", key, got.at.Sub(earlier))
		}
		last[key.Order] = got.at
	}
	for key, r := range h.m.reminders {
		switch n := times[key]; {
		case r.State == order.Sent && n != 1:
			h.t.Fatalf("%s is sent and went out %d times", key, n)
		case (r.State == order.Skipped || r.State == order.Parked || r.State == order.Planned || r.State == order.Held || r.State == order.Failed) && n != 0:
			h.t.Fatalf("%s is %s and went out", key, r.State)
		}
	}
}

// Whatever happens, no rule is broken.
func TestNeverWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, true)
		for range rapid.IntRange(5, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 6).Draw(t, "event") {
			case 0:
				h.arrive()
			case 1:
				h.change()
			case 2, 3:
				h.do(h.replan)
			case 4, 5:
				h.do(h.flush)
			}
			h.forward(time.Duration(rapid.IntRange(0, 180).Draw(t, "minutes")) * time.Minute)
		}
		h.check()
		// Left alone without faults, everything comes to an end.
		h.m.crash, h.shop.fail, h.post.answer, h.post.before, h.shop.takes = nil, nil, nil, nil, time.Second
		h.start()
		for range 2 * 24 * 4 {
			h.flush()
			h.forward(30 * time.Minute)
			h.resolve()
		}
		h.check()
		for key, r := range h.m.reminders {
			if !r.State.Final() {
				t.Fatalf("%s is still %s in the end: %s", key, r.State, r.Reason)
			}
		}
	})
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

// Without faults, each step that is planned goes out exactly once, unless the
// order was paid or closed before.
func TestAllThatIsDueGoesOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, false)
		for range rapid.IntRange(1, 6).Draw(t, "orders") {
			h.arrive()
		}
		paid := map[order.Key]time.Time{}
		for i := range h.n {
			key := order.Key{Shop: "buckles", ID: fmt.Sprint(i)}
			if h.shop.real[key].Status == order.Unpaid && rapid.Bool().Draw(t, "pays") {
				paid[key] = h.now().Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pays after")) * time.Minute)
			}
		}
		started := h.now()
		for range 6 * 24 * 4 {
			for key, at := range paid {
				if o := h.shop.real[key]; !at.After(h.now()) && o.Status == order.Unpaid {
					o.Status = order.Paid
					h.shop.real[key] = o
				}
			}
			h.replan()
			h.flush()
			h.at = h.at.Truncate(10 * time.Minute).Add(10 * time.Minute)
		}
		h.check()
		went := map[order.ReminderKey]bool{}
		for _, got := range h.post.taken {
			went[got.m.Key] = true
		}
		for key, o := range h.shop.real {
			first := o
			first.Status = order.Unpaid
			for _, r := range notify.Plan(h.s, first, h.m.enabled["buckles"], started) {
				// A round every ten minutes: what falls within one of a border may go either way.
				border := func(at time.Time) bool { d := at.Sub(r.Planned); return d > -time.Hour && d < time.Hour }
				pays, will := paid[key]
				// Quiet hours that begin before the next round hold a step until another may take its place.
				quiet := h.s.Quiet.In(r.Planned.Add(10*time.Minute), shanghai)
				switch {
				case quiet || border(started) || (will && border(pays)) || (!o.Closes.IsZero() && border(o.Closes)) || o.Status == order.Unknown:
				case r.State == order.Skipped || r.Planned.Before(started):
					// judged by check, and by TestFates
				case o.Status == order.Paid && !will, will && pays.Before(r.Planned), o.Buyer.Email == "":
					if went[r.Key] {
						t.Fatalf("%s went out", r.Key)
					}
				case !went[r.Key]:
					t.Fatalf("%s, planned %s, did not go out: %+v", r.Key, r.Planned, h.m.reminders[r.Key])
				}
			}
		}
	})
}
