package notify_test

import (
	"context"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func TestDowntimeSendsOne(t *testing.T) {
	w := newWorld(noon)
	w.s.Steps[1].After = 4 * time.Hour
	w.visit(anOrder())
	w.forward(4*time.Hour + 30*time.Minute)
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 1, Sent: 1, Skipped: 1}) {
		t.Errorf("tally %+v", got)
	}
	if r := w.state("first"); r.Cause != order.CauseTogether {
		t.Errorf("the first step is %s, %s", r.State, r.Cause)
	}
}

// A late first step moves the second away from it.
func TestGapAfterALateStep(t *testing.T) {
	w := newWorld(noon)
	w.s.Steps[1].After = 6 * time.Hour
	w.visit(anOrder())
	w.forward(3*time.Hour + 30*time.Minute) // 2 h 30 before the second
	w.flush(t.Context(), t)
	w.forward(150 * time.Minute)
	if got := w.flush(t.Context(), t); got.Sent != 1 || len(w.post.taken) != 2 {
		t.Errorf("tally %+v", got)
	}
	if gap := w.post.taken[1].at.Sub(w.post.taken[0].at); gap < notify.DefaultMinGap {
		t.Errorf("two messages within %s", gap)
	}
}

// The close moves nearer after a message went out: the last step keeps its
// distance.
func TestGapWhenTheCloseMoves(t *testing.T) {
	w := dueFirst()
	w.flush(t.Context(), t)
	o := w.shop.real[anOrder().Key()]
	o.Closes = w.now().Add(3*time.Hour + 30*time.Minute)
	w.visit(o)
	w.forward(30 * time.Minute)
	w.m.keep(order.Reminder{Key: keyOf(o, "last"), State: order.Planned, Planned: w.now(), Due: w.now()})
	if got := w.flush(t.Context(), t); got.Held != 1 || len(w.post.taken) != 1 {
		t.Errorf("tally %+v", got)
	}
	sent := w.m.reminders[keyOf(o, "first")].Changed
	if r := w.state("last"); r.Cause != order.CauseTogether || !r.Due.Equal(sent.Add(notify.DefaultMinGap)) {
		t.Errorf("the last step is %s (%s) until %s", r.State, r.Cause, r.Due)
	}
	w.at = w.state("last").Due
	if got := w.flush(t.Context(), t); got.Sent != 1 {
		t.Errorf("later: %+v", got)
	}
}

// A page that was read before the question was asked is no look.
func TestOldPageIsNoLook(t *testing.T) {
	w := dueFirst()
	w.o.Looker = cached{w.m}
	w.forward(time.Minute)
	if got := w.flush(t.Context(), t); got.Held != 1 || len(w.post.taken) != 0 {
		t.Errorf("tally %+v", got)
	}
	if r := w.state("first"); r.Cause != order.CauseLook {
		t.Errorf("it is %s, %s", r.State, r.Cause)
	}
}

// cached answers from what is on record.
type cached struct{ m *memory }

func (c cached) Look(_ context.Context, shop, id string) (order.Order, error) {
	return c.m.orders[order.Key{Shop: shop, ID: id}], nil
}
