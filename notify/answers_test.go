package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Who has answered is talked to by a person from then on.
func TestNoMoreStepsAfterAnAnswer(t *testing.T) {
	for state, want := range map[order.State]order.State{order.Replied: order.Skipped, order.Delivered: order.Sent} {
		w := newWorld(noon)
		w.s.Quiet = notify.Quiet{}
		w.s.Steps = []notify.Step{step("one", time.Hour, order.ByEmail), step("two", 5*time.Hour, order.ByEmail)}
		w.visit(anOrder())
		w.forward(time.Hour)
		w.flush(t.Context(), t)
		k := keyOf(anOrder(), "one")
		r := w.m.reminders[k]
		if r.State != order.Sent {
			t.Fatalf("the first step is %s", r.State)
		}
		r.State = state
		w.m.reminders[k] = r
		w.forward(4 * time.Hour)
		w.visit(anOrder())
		w.flush(t.Context(), t)
		if r := w.state("two"); r.State != want || want == order.Skipped && r.Cause != order.CauseReplied {
			t.Errorf("after %s the next step is %s, %s (%s)", state, r.State, r.Cause, r.Reason)
		}
	}
}

// A gateway that knows the person as opted out is believed: it is recorded, and
// no other channel is tried.
func TestGatewayKnowsOfAnOptOut(t *testing.T) {
	w := newWorld(noon)
	w.s.Quiet = notify.Quiet{}
	w.s.Steps = []notify.Step{step("one", time.Hour, order.BySMS, order.ByEmail)}
	w.o.Senders[order.BySMS] = refusing{&notify.SendError{Kind: notify.Permanent, OptedOut: true, Err: errors.New("21610: unsubscribed")}}
	var told []order.ReminderKey
	w.o.OptOut = func(_ context.Context, key order.ReminderKey, b order.Buyer) error {
		if b.Phone == "" {
			t.Error("it is told without the number")
		}
		told = append(told, key)
		return nil
	}
	o := anOrder()
	both(&o)
	w.visit(o)
	for range 5 {
		w.forward(time.Hour)
		w.flush(t.Context(), t)
	}
	if len(told) != 1 || told[0].Channel != order.BySMS || len(w.post.taken) != 0 {
		t.Errorf("told %v, and %d went by mail", told, len(w.post.taken))
	}
	r := w.m.reminders[order.ReminderKey{Order: o.Key(), Step: "one", Channel: order.BySMS}]
	if r.State != order.Skipped || r.Cause != order.CauseSuppressed {
		t.Errorf("it is %s, %s (%s)", r.State, r.Cause, r.Reason)
	}
}

type refusing struct{ err *notify.SendError }

func (s refusing) Send(context.Context, notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, s.err
}

// A gateway that is itself in trouble when it leaves an outcome unknown is left
// alone: the next message would be lost as well.
func TestUnknownOutcomeOfAnAccountInTrouble(t *testing.T) {
	for account, want := range map[bool]int{true: 1, false: 2} {
		w := newWorld(noon)
		w.s.Quiet = notify.Quiet{}
		o := second("buckles", "2", 0)
		o.Buyer.Email = "grace@example.com"
		w.visit(anOrder(), o)
		sent := 0
		w.post.answer = func(notify.Message) error {
			sent++
			return &notify.SendError{Kind: notify.Unknown, Account: account, Err: errors.New("500")}
		}
		w.forward(time.Hour)
		w.flush(t.Context(), t)
		if sent != want {
			t.Errorf("account %v: %d were handed over, want %d", account, sent, want)
		}
	}
}
