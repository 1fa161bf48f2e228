package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func (w *world) flush(ctx context.Context, t *testing.T) notify.Tally {
	t.Helper()
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	tally, err := d.Flush(ctx, "buckles", w.now)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func (w *world) state(step string) order.Reminder {
	return w.m.reminders[keyOf(anOrder(), step)]
}

// dueFirst is a world in which the first step of one order has just become due.
func dueFirst() *world {
	w := newWorld(noon)
	w.visit(anOrder())
	w.forward(time.Hour)
	return w
}

func TestSends(t *testing.T) {
	w := dueFirst()
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 1, Sent: 1}) {
		t.Errorf("tally %+v", got)
	}
	if len(w.post.taken) != 1 || w.post.taken[0].m.To != "ada@example.com" || !strings.Contains(w.post.taken[0].m.ListUnsubscribe, "tok3n") {
		t.Fatalf("the post took %+v", w.post.taken)
	}
	m := w.post.taken[0].m
	if m.MessageID == "" || w.m.begun[m.Key] != m.MessageID {
		t.Errorf("written ahead with the id %q, sent with %q", w.m.begun[m.Key], m.MessageID)
	}
	if m.MessageID == notify.MessageID(m.Key, "", m.From) {
		t.Error("who knows order and step can make the message's id up")
	}
	e := w.m.ledger[0]
	if e.State != order.Sent || e.Provider != "queued as 4F2A" || e.Key.Step != "first" {
		t.Errorf("ledger has %+v", e)
	}
	if got := w.flush(t.Context(), t); got != (notify.Tally{}) {
		t.Errorf("a second flush did %+v", got)
	}
}

// What becomes of a due step, by what is known, what the shop shows, what the
// mail server answers.
func TestFates(t *testing.T) {
	temporary := func(e error) func(notify.Message) error {
		return func(notify.Message) error { return &notify.SendError{Kind: notify.Temporary, Err: e} }
	}
	later := func(d time.Duration) time.Time { return noon.Add(time.Hour + 2*time.Second + d) }
	for name, c := range map[string]struct {
		change func(w *world, stored, shown *order.Order)
		state  order.State
		cause  order.Cause
		due    time.Time // for what waits
		looks  int
		sent   int
	}{
		"known to be paid":           {func(_ *world, s, _ *order.Order) { s.Status = order.Paid }, order.Skipped, order.CausePaid, time.Time{}, 0, 0},
		"known to be closed":         {func(_ *world, s, _ *order.Order) { s.Status = order.ClosedUnpaid }, order.Skipped, order.CauseClosed, time.Time{}, 0, 0},
		"paid in between":            {func(_ *world, _, r *order.Order) { r.Status = order.Paid }, order.Skipped, order.CausePaid, time.Time{}, 1, 0},
		"refunded":                   {func(_ *world, _, r *order.Order) { r.Status = order.ClosedRefunded }, order.Skipped, order.CauseClosed, time.Time{}, 1, 0},
		"unknown status":             {func(_ *world, _, r *order.Order) { r.Status = order.Unknown }, order.Held, order.CauseStatus, later(time.Hour), 1, 0},
		"a draft":                    {func(_ *world, s, r *order.Order) { s.Status, r.Status = order.Other, order.Other }, order.Held, order.CauseStatus, later(time.Hour), 1, 0},
		"unknown before, unpaid now": {func(_ *world, s, _ *order.Order) { s.Status = order.Unknown }, order.Sent, "", time.Time{}, 1, 1},
		"no contact":                 {func(_ *world, s, _ *order.Order) { s.Buyer.Email, s.Looked = "", noon }, order.Skipped, order.CauseNoContact, time.Time{}, 0, 0},
		"contact not read yet":       {func(_ *world, s, _ *order.Order) { s.Buyer.Email, s.Looked = "", time.Time{} }, order.Sent, "", time.Time{}, 1, 1},
		"contact is gone":            {func(_ *world, _, r *order.Order) { r.Buyer.Email = "a***@example.com" }, order.Skipped, order.CauseNoContact, time.Time{}, 1, 0},
		"opted out":                  {func(w *world, _, _ *order.Order) { w.m.optedOut["ada@example.com"] = true }, order.Skipped, order.CauseSuppressed, time.Time{}, 0, 0},
		"opted out under the new address": {func(w *world, _, r *order.Order) {
			r.Buyer.Email = "b@example.com"
			w.m.optedOut["b@example.com"] = true
		}, order.Skipped, order.CauseSuppressed, time.Time{}, 1, 0},
		"step is gone":       {func(w *world, _, _ *order.Order) { w.s.Steps = w.s.Steps[1:] }, order.Skipped, order.CauseConfig, time.Time{}, 0, 0},
		"channel is gone":    {func(w *world, _, _ *order.Order) { w.s.Steps[0].By = []order.Channel{order.BySMS} }, order.Skipped, order.CauseNoContact, time.Time{}, 0, 0},
		"no sender":          {func(w *world, _, _ *order.Order) { w.o.Senders = nil }, order.Held, order.CauseConfig, noon.Add(2 * time.Hour), 0, 0},
		"too late":           {func(w *world, _, _ *order.Order) { w.forward(6*time.Hour + time.Second) }, order.Skipped, order.CauseTooLate, time.Time{}, 0, 0},
		"late, not too late": {func(w *world, _, _ *order.Order) { w.forward(6*time.Hour - time.Minute) }, order.Sent, "", time.Time{}, 1, 1},
		"close has passed":   {func(_ *world, _, r *order.Order) { r.Closes = noon.Add(time.Hour + time.Second) }, order.Skipped, order.CauseTooLate, time.Time{}, 1, 0},
		"quiet":              {func(w *world, _, _ *order.Order) { w.s.Quiet = notify.Quiet{From: 12*60 + 30, To: 14 * 60} }, order.Planned, "", noon.Add(2 * time.Hour), 0, 0},
		"quiet, and late": {func(w *world, _, _ *order.Order) {
			w.s.Quiet = notify.Quiet{From: 15 * 60, To: 17 * 60}
			w.at = noon.Add(4 * time.Hour)
		}, order.Held, order.CauseQuiet, noon.Add(5 * time.Hour), 0, 0},
		"quiet for long, and late": {func(w *world, _, _ *order.Order) {
			w.s.Quiet = notify.Quiet{From: 15 * 60, To: 23 * 60}
			w.at = noon.Add(4 * time.Hour)
		}, order.Held, order.CauseQuiet, noon.Add(11 * time.Hour), 0, 0},
		"quiet until it is closed": {func(w *world, s, r *order.Order) {
			w.s.Quiet = notify.Quiet{From: 15 * 60, To: 20 * 60}
			w.s.Steps = w.s.Steps[:1]
			w.at = noon.Add(4 * time.Hour)
			s.Closes, r.Closes = noon.Add(7*time.Hour), noon.Add(7*time.Hour)
		}, order.Skipped, order.CauseQuiet, time.Time{}, 0, 0},
		"created later than thought": {func(_ *world, _, r *order.Order) { r.Created = noon.Add(30 * time.Minute) }, order.Planned, "", noon.Add(90 * time.Minute), 1, 0},
		"older than the first visit": {func(_ *world, _, r *order.Order) { r.Created = enabled.Add(-time.Hour) }, order.Skipped, order.CauseBeforeEnabled, time.Time{}, 1, 0},
		"nothing to pay":             {func(_ *world, _, r *order.Order) { r.Total.Minor = 0 }, order.Skipped, order.CauseZero, time.Time{}, 1, 0},
		"no amount":                  {func(_ *world, _, r *order.Order) { r.Total = order.Money{} }, order.Skipped, order.CauseText, time.Time{}, 1, 0},
		"order is gone":              {func(w *world, _, _ *order.Order) { delete(w.m.orders, anOrder().Key()) }, order.Skipped, order.CauseConfig, time.Time{}, 0, 0},
		"another order's page":       {func(_ *world, _, r *order.Order) { r.ID = "1" }, order.Held, order.CauseLook, later(15 * time.Minute), 1, 0},
		"shop is down":               {func(w *world, _, _ *order.Order) { w.shop.fail = func(order.Key) error { return errors.New("503") } }, order.Held, order.CauseLook, noon.Add(90 * time.Minute), 1, 0},
		"needs you": {func(w *world, _, _ *order.Order) {
			w.shop.fail = func(order.Key) error { return &notify.LookError{Cause: order.CauseShop, Err: errors.New("captcha")} }
		}, order.Held, order.CauseShop, noon.Add(90 * time.Minute), 1, 0},
		"budget spent": {func(w *world, _, _ *order.Order) {
			w.shop.fail = func(order.Key) error {
				return &notify.LookError{Cause: order.CauseBudget, Until: noon.Add(80 * time.Minute), Err: errors.New("300 pages")}
			}
		}, order.Held, order.CauseBudget, noon.Add(80 * time.Minute), 1, 0},
		"looks take too long":           {func(w *world, _, _ *order.Order) { w.shop.takes = 61 * time.Second }, order.Held, order.CauseLook, noon.Add(time.Hour + 122*time.Second + 15*time.Minute), 2, 0},
		"turned down for now":           {func(w *world, _, _ *order.Order) { w.post.answer = temporary(errors.New("450 greylisted")) }, order.Failed, order.CauseSender, later(time.Minute), 1, 0},
		"look went stale in the sender": {func(w *world, _, _ *order.Order) { w.post.answer = temporary(notify.ErrStale) }, order.Failed, order.CauseSender, later(0), 1, 0},
		"turned down for good": {func(w *world, _, _ *order.Order) {
			w.post.answer = func(notify.Message) error {
				return &notify.SendError{Kind: notify.Permanent, Err: errors.New("550 no such person")}
			}
		}, order.Parked, order.CauseSender, time.Time{}, 1, 0},
		"no answer": {func(w *world, _, _ *order.Order) {
			w.post.answer = func(notify.Message) error {
				return &notify.SendError{Kind: notify.Unknown, Err: errors.New("connection lost")}
			}
		}, order.Lost, order.CauseSender, time.Time{}, 1, 1},
		"an error of no known kind": {func(w *world, _, _ *order.Order) {
			w.post.answer = func(notify.Message) error { return errors.New("oops") }
		}, order.Lost, order.CauseSender, time.Time{}, 1, 0},
		"account refused": {func(w *world, _, _ *order.Order) {
			w.post.answer = func(notify.Message) error {
				return &notify.SendError{Kind: notify.Temporary, Account: true, Refused: true, Err: errors.New("535")}
			}
		}, order.Failed, order.CauseSender, later(time.Hour), 1, 0},
		"sender's address refused for good": {func(w *world, _, _ *order.Order) {
			w.post.answer = func(notify.Message) error {
				return &notify.SendError{Kind: notify.Permanent, Account: true, Err: errors.New("553")}
			}
		}, order.Failed, order.CauseSender, later(time.Minute), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := dueFirst()
			key := anOrder().Key()
			stored, shown := w.m.orders[key], w.shop.real[key]
			c.change(w, &stored, &shown)
			if _, ok := w.m.orders[key]; ok {
				w.m.put(stored)
			}
			w.shop.real[key] = shown
			before := len(w.shop.looks)
			tally := w.flush(t.Context(), t)
			r := w.state("first")
			if r.State != c.state || r.Cause != c.cause {
				t.Errorf("it is %s, %q (%s); want %s, %q", r.State, r.Cause, r.Reason, c.state, c.cause)
			}
			if !r.State.Final() && !r.Due.Equal(c.due) {
				t.Errorf("it is due %s, want %s", r.Due.In(shanghai), c.due)
			}
			if tally.Looks != c.looks || len(w.shop.looks)-before > c.looks {
				t.Errorf("%d looks, want %d", tally.Looks, c.looks)
			}
			if len(w.post.taken) != c.sent {
				t.Errorf("%d messages went out, want %d", len(w.post.taken), c.sent)
			}
			if r.State != order.Planned && r.State != order.Sent && r.Reason == "" {
				t.Error("there is no reason in words")
			}
			if strings.Contains(r.Reason, "ada@") {
				t.Errorf("the reason repeats a contact: %s", r.Reason)
			}
			if n := len(w.m.ledger); r.State != order.Planned && n != 1 {
				t.Errorf("%d ledger lines", n)
			}
		})
	}
}

// many puts n due orders into a world.
func many(n int) *world {
	w := newWorld(noon)
	var os []order.Order
	for i := range n {
		o := anOrder()
		o.ID = fmt.Sprintf("%03d", i)
		o.Buyer.Email = order.Email(fmt.Sprintf("buyer%d@example.com", i))
		os = append(os, o)
	}
	w.visit(os...)
	w.forward(time.Hour)
	return w
}

func TestAllDueGoOutOnce(t *testing.T) {
	w := many(150) // more than two batches
	if got := w.flush(t.Context(), t); got.Sent != 150 || got.Looks != 150 {
		t.Errorf("tally %+v", got)
	}
	for _, got := range w.post.taken {
		if got.at.Sub(got.m.NotAfter) > 0 {
			t.Error("a message went out on an old look")
		}
	}
}

// Once shop or account are in trouble, the rest is held without another try.
func TestTroubleStopsTheQueue(t *testing.T) {
	w := many(20)
	w.shop.fail = func(order.Key) error { return &notify.LookError{Cause: order.CauseShop, Err: errors.New("captcha")} }
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 1, Held: 20, Stopped: order.CauseShop}) {
		t.Errorf("shop trouble: %+v", got)
	}
	w = many(20)
	w.post.answer = func(notify.Message) error {
		return &notify.SendError{Kind: notify.Temporary, Account: true, Err: errors.New("connection refused")}
	}
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 1, Failed: 1, Held: 19, Stopped: order.CauseSender}) {
		t.Errorf("account trouble: %+v", got)
	}
	w = many(20)
	w.shop.fail = func(order.Key) error { return &notify.LookError{Cause: order.CauseLook, Err: errors.New("500")} }
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 3, Held: 20, Stopped: order.CauseLook}) {
		t.Errorf("three orders in a row that cannot be read: %+v", got)
	}
}

// One flush after the other, a refused account is left alone for an hour.
func TestRefusedAccountIsLeftAlone(t *testing.T) {
	w := many(3)
	tries := 0
	w.post.before = func() { tries++ }
	w.post.answer = func(notify.Message) error {
		return &notify.SendError{Kind: notify.Temporary, Account: true, Refused: true, Err: errors.New("535")}
	}
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		if _, err := d.Flush(t.Context(), "buckles", w.now); err != nil {
			t.Fatal(err)
		}
		w.forward(10 * time.Minute)
	}
	if tries != 2 {
		t.Errorf("%d tries in two hours, want 2", tries)
	}
	w.post.answer = nil
	w.forward(time.Hour)
	if got, _ := d.Flush(t.Context(), "buckles", w.now); got.Sent != 3 {
		t.Errorf("once it works again: %+v", got)
	}
}

func TestBackOffAndGivingUp(t *testing.T) {
	w := dueFirst()
	w.s.Steps = w.s.Steps[:1]
	w.s.Steps[0].MaxLateness = 30 * 24 * time.Hour
	w.s.Quiet = notify.Quiet{}
	w.shop.takes = 0
	o := w.shop.real[anOrder().Key()]
	o.Closes = time.Time{}
	w.visit(o)
	w.post.answer = func(notify.Message) error { return &notify.SendError{Kind: notify.Temporary, Err: errors.New("450")} }
	var waits []time.Duration
	for range 20 {
		w.flush(t.Context(), t)
		r := w.state("first")
		if r.State.Final() {
			break
		}
		waits = append(waits, r.Due.Sub(w.now()))
		w.at = r.Due
	}
	if got := fmt.Sprint(waits); got != "[1m0s 5m0s 15m0s 1h0m0s 1h0m0s 1h0m0s 1h0m0s]" {
		t.Errorf("waits %s", got)
	}
	if r := w.state("first"); r.State != order.Parked || r.Attempts != 8 {
		t.Errorf("in the end it is %s after %d attempts", r.State, r.Attempts)
	}
}

// A cancelled context leaves the message in flight settled and the rest due.
func TestCancel(t *testing.T) {
	w := many(5)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	w.post.answer = func(notify.Message) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	}
	if got := w.flush(ctx, t); got != (notify.Tally{Looks: 2, Sent: 2, Stopped: order.CauseStopping}) {
		t.Errorf("tally %+v", got)
	}
	w.post.answer = nil
	if got := w.flush(t.Context(), t); got.Sent != 3 {
		t.Errorf("the rest: %+v", got)
	}
	if len(w.post.taken) != 5 {
		t.Errorf("%d messages went out", len(w.post.taken))
	}
}

// Cancelled before the hand-over, the message is due again at once.
func TestCancelBeforeHandOver(t *testing.T) {
	w := many(2)
	ctx, cancel := context.WithCancel(t.Context())
	w.post.before = cancel
	if got := w.flush(ctx, t); got != (notify.Tally{Looks: 1, Failed: 1, Stopped: order.CauseStopping}) {
		t.Errorf("tally %+v", got)
	}
	w.post.before = nil
	if got := w.flush(t.Context(), t); got.Sent != 2 {
		t.Errorf("after the restart: %+v", got)
	}
}

// After a downtime, the buyer gets one message, not one a step.
func TestNoOrderIsWrittenToBeforeItsShopIsEnabled(t *testing.T) {
	w := dueFirst()
	delete(w.m.enabled, "buckles")
	if got := w.flush(t.Context(), t); got != (notify.Tally{}) {
		t.Errorf("tally %+v", got)
	}
}

func TestStoreTroubleEndsTheFlush(t *testing.T) {
	w := dueFirst()
	w.m.faulty = errors.New("disk full")
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Flush(t.Context(), "buckles", w.now); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error is %v", err)
	}
	if len(w.post.taken) != 0 {
		t.Error("a message went out")
	}
	if _, err := d.Flush(t.Context(), "nowhere", w.now); err == nil {
		t.Error("an unknown shop is flushed")
	}
}

func TestNewChecksTexts(t *testing.T) {
	w := dueFirst()
	w.s.Steps[1].Template = "angry"
	w.o.Settings = w.s
	if _, err := notify.New(w.o); err == nil || !strings.Contains(err.Error(), `"angry"`) || !strings.Contains(err.Error(), "gentle") {
		t.Errorf("error is %v", err)
	}
}

// No address, number, token or name of a buyer in the log, whatever happens.
func TestLogHoldsNoContact(t *testing.T) {
	var log bytes.Buffer
	for _, kind := range []string{"sent", "temporary", "permanent", "unknown", "paid", "suppressed", "preview", "text"} {
		w := dueFirst()
		w.o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o := w.shop.real[anOrder().Key()]
		o.Buyer.Phone = "+8613800138000"
		fail := func(k notify.Kind) {
			w.post.answer = func(notify.Message) error { return &notify.SendError{Kind: k, Err: errors.New("no")} }
		}
		switch kind {
		case "temporary":
			fail(notify.Temporary)
		case "permanent":
			fail(notify.Permanent)
		case "unknown":
			fail(notify.Unknown)
		case "paid":
			o.Status = order.Paid
		case "suppressed":
			w.m.optedOut[o.Buyer.Email] = true
		case "preview":
			w.s.Mode = notify.Preview
			w.o.PreviewsLeft = func(context.Context, time.Time) (int, error) { return 1, nil }
		case "text":
			o.Total = order.Money{}
		}
		w.shop.real[o.Key()] = o
		tally := w.flush(t.Context(), t)
		w.o.Log.Info("flushed", "tally", tally)
	}
	for _, secret := range []string{"ada@", "Lovelace", "13800138000", "tok3n", "boss@"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "msg=sent") || !strings.Contains(log.String(), "tally.sent=1") {
		t.Errorf("the log does not tell what happened:\n%s", log.String())
	}
}
