package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"nudged/notify"
	"nudged/store/order"
)

// slept is t as a clock reads it after the machine was asleep for d: the wall
// clock has gone on, the monotonic one has not.
func slept(t time.Time, d time.Duration) time.Time {
	t = t.Add(d)
	(*struct { // package time gives no other way to make such a reading
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t)).ext -= int64(d)
	return t
}

// A machine that slept between the look and the hand-over has an old look,
// although its monotonic clock says that no time has passed.
func TestALookIsTooOldAfterASleep(t *testing.T) {
	read := time.Now()
	m := notify.Message{NotAfter: read.Add(notify.LookFresh)}
	for name, c := range map[string]struct {
		now  time.Time
		want bool
	}{
		"at once":         {read.Add(time.Second), false},
		"a minute later":  {read.Add(notify.LookFresh + 1), true},
		"after a sleep":   {slept(read.Add(time.Second), 8*time.Hour), true},
		"clock set back":  {slept(read.Add(2*time.Minute), -time.Hour), true},
		"wall clock only": {read.Round(0).Add(2 * time.Minute), true},
	} {
		if got := m.Stale(c.now); got != c.want {
			t.Errorf("%s: stale is %v", name, got)
		}
	}
	if (notify.Message{}).Stale(read) {
		t.Error("a message without a limit is stale")
	}
}

// The look was taken, then the lid was closed: the order is looked at again.
func TestSleepBetweenLookAndHandOver(t *testing.T) {
	w := dueFirst()
	start := time.Now()
	begin, away := w.now(), time.Duration(0)
	now := func() time.Time { return slept(start.Add(w.now().Sub(begin)), begin.Sub(start)+away) }
	looks := 0
	w.o.Looker = lookerFunc(func(context.Context, string, string) (order.Order, error) {
		o := w.shop.real[anOrder().Key()]
		o.Seen, o.Looked = now(), now()
		if looks++; looks == 1 {
			away = 2 * time.Hour
			o.Status = order.Unpaid
		} else {
			o.Status = order.Paid
		}
		return o, nil
	})
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Flush(t.Context(), "buckles", now); err != nil {
		t.Fatal(err)
	}
	if r := w.state("first"); r.Cause != order.CausePaid || len(w.post.taken) != 0 {
		t.Errorf("it is %s, %s (%s) after %d looks; %d messages went out", r.State, r.Cause, r.Reason, looks, len(w.post.taken))
	}
}

type lookerFunc func(ctx context.Context, shop, id string) (order.Order, error)

func (f lookerFunc) Look(ctx context.Context, shop, id string) (order.Order, error) {
	return f(ctx, shop, id)
}

// A step goes out once, also when another channel comes to stand before the one
// that it went by.
func TestAStepGoesOutByOneChannel(t *testing.T) {
	for _, state := range []order.State{order.Sent, order.Lost, order.Sending, order.Shown} {
		w := newWorld(noon)
		w.s.Steps = w.s.Steps[:1]
		w.s.Steps[0].By = []order.Channel{order.BySMS, order.ByEmail}
		w.o.Senders[order.BySMS] = w.post
		w.visit(anOrder())
		w.forward(time.Hour)
		k := keyOf(anOrder(), "first")
		r := w.m.reminders[k]
		r.State, r.Changed = state, w.now()
		w.m.keep(r)
		o := w.shop.real[anOrder().Key()]
		o.Buyer.Phone = "+8613800138000" // the page shows it from now on
		w.visit(o)
		for range 6 {
			w.flush(t.Context(), t)
			w.forward(time.Hour)
		}
		if len(w.post.taken) != 0 {
			t.Errorf("by e-mail it is %s, and it went out by SMS as well", state)
		}
		sms := w.m.reminders[order.ReminderKey{Order: o.Key(), Step: "first", Channel: order.BySMS}]
		if sms.State != order.Skipped || sms.Cause != order.CauseTogether || !strings.Contains(sms.Reason, "email") {
			t.Errorf("by SMS it is %s, %s (%s)", sms.State, sms.Cause, sms.Reason)
		}
	}
}

// The seller gives a step another name: who got it under the old one does not get
// it again, who did not gets it.
func TestARenamedStepIsNotSentAgain(t *testing.T) {
	for _, late := range []time.Duration{0, 90 * time.Minute} {
		w := newWorld(noon)
		w.s.Steps = w.s.Steps[:1]
		w.visit(anOrder())
		w.forward(time.Hour + late)
		if got := w.flush(t.Context(), t); got.Sent != 1 {
			t.Fatalf("tally %+v", got)
		}
		w.s.Steps[0].Name = "kindly"
		other := anOrder()
		other.ID, other.Created, other.Buyer.Email = "2", noon.Add(time.Hour), "b@example.com"
		w.visit(anOrder(), other)
		for range 6 {
			w.forward(time.Hour)
			w.flush(t.Context(), t)
		}
		if r := w.state("kindly"); r.State != order.Skipped || r.Cause != order.CauseTogether || !strings.Contains(r.Reason, `"first"`) {
			t.Errorf("under its new name it is %s, %s (%s)", r.State, r.Cause, r.Reason)
		}
		if len(w.post.taken) != 2 || w.post.taken[1].m.To != "b@example.com" {
			t.Errorf("%d messages went out", len(w.post.taken))
		}
	}
}

// A step that is new in the config is another one than a step that was taken out
// and went out before it.
func TestANewStepGoesOutBesideAnOldOne(t *testing.T) {
	w := dueFirst()
	w.flush(t.Context(), t)
	w.s.Steps = []notify.Step{{Name: "later", After: 8 * time.Hour, By: []order.Channel{order.ByEmail}, Template: "helpful"}}
	w.visit(anOrder())
	w.forward(7 * time.Hour)
	if got := w.flush(t.Context(), t); got.Sent != 1 {
		t.Errorf("tally %+v, it is %+v", got, w.state("later"))
	}
}

// One order that cannot be read does not keep the others back.
func TestADamagedOrderHoldsUpNobodyElse(t *testing.T) {
	w := many(100) // the damaged ones come first, and are more than one batch
	bad := map[order.Key]bool{}
	for i := range 70 {
		bad[order.Key{Shop: "buckles", ID: fmt.Sprintf("%03d", i)}] = true
	}
	w.o.Register = damaged{w.m, bad}
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Flush(t.Context(), "buckles", w.now)
	if got.Sent != 30 || err == nil || !strings.Contains(err.Error(), "record cannot be read") {
		t.Errorf("tally %+v, error %v", got, err)
	}
}

type damaged struct {
	*memory
	bad map[order.Key]bool
}

func (d damaged) Order(key order.Key) (order.Order, bool, error) {
	if d.bad[key] {
		return order.Order{}, false, errors.New("record cannot be read")
	}
	return d.memory.Order(key)
}

// In the night in which clocks go back, quiet hours that end in the hour that
// comes twice end that night, not the next.
func TestQuietEndsInTheNightThatClocksGoBack(t *testing.T) {
	for zoneName, q := range map[string]notify.Quiet{
		"America/New_York": {From: 21 * 60, To: 1*60 + 30}, "Europe/Berlin": {From: 21 * 60, To: 2*60 + 30},
	} {
		zone, err := time.LoadLocation(zoneName)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range []int{24, 31} { // of October: Europe, America
			for m := range 24 * 60 {
				at := time.Date(2026, 10, day, 12, m, 0, 0, time.UTC)
				if end := q.End(at, zone); q.In(at, zone) && (end.Sub(at) > 7*time.Hour || q.In(end, zone)) {
					t.Errorf("at %s quiet hours end %s", at.In(zone), end.In(zone))
				}
			}
		}
	}
}

// What Foresee says of a due reminder is what Flush then does, as far as nobody
// needs to look at the shop.
func TestForeseeIsWhatFlushDoes(t *testing.T) {
	for name, change := range map[string]func(w *world, o *order.Order){
		"sends":        func(*world, *order.Order) {},
		"paid":         func(_ *world, o *order.Order) { o.Status = order.Paid },
		"step is gone": func(w *world, _ *order.Order) { w.s.Steps = w.s.Steps[1:] },
		"too late":     func(w *world, _ *order.Order) { w.forward(7 * time.Hour) },
		"quiet": func(w *world, _ *order.Order) {
			w.s.Quiet, w.at = notify.Quiet{From: 15 * 60, To: 17 * 60}, noon.Add(4*time.Hour)
		},
		"moved":         func(_ *world, o *order.Order) { o.Created = o.Created.Add(time.Hour) },
		"no contact":    func(_ *world, o *order.Order) { o.Buyer.Email = "" },
		"opted out":     func(w *world, o *order.Order) { w.m.optedOut[o.Buyer.Email] = true },
		"no sender":     func(w *world, _ *order.Order) { w.o.Senders = nil },
		"preview":       func(w *world, _ *order.Order) { w.s.Mode = notify.Preview },
		"never visited": func(w *world, _ *order.Order) { delete(w.m.enabled, "buckles") },
		"unknown":       func(_ *world, o *order.Order) { o.Status = order.Unknown },
		"condition":     func(w *world, _ *order.Order) { w.s.Steps[0].If = condition("order.total > 5000") },
		"excluded":      func(w *world, _ *order.Order) { w.s.Exclude = []*notify.Condition{condition("order.total > 500")} },
		"sold out":      func(_ *world, o *order.Order) { o.Lines = []order.Line{{Title: "Belt", SoldOut: true}} },
		"on delivery":   func(_ *world, o *order.Order) { o.Payment = "Cash on delivery" },
		"marketing":     func(w *world, _ *order.Order) { w.s.Steps[0].Offer = "free shipping" },
	} {
		w := dueFirst()
		o := w.shop.real[anOrder().Key()]
		change(w, &o)
		w.shop.real[o.Key()] = o
		o.Looked = noon
		w.m.put(o)
		w.o.Settings = w.s
		d, err := notify.New(w.o)
		if err != nil {
			t.Fatal(err)
		}
		before := w.state("first")
		got, err := d.Foresee(before, w.now())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if w.state("first") != before || len(w.m.ledger) > 0 || len(w.shop.looks) > 0 {
			t.Errorf("%s: looking ahead did something", name)
		}
		if _, err := d.Flush(t.Context(), "buckles", w.now); err != nil {
			t.Fatal(err)
		}
		r := w.state("first")
		switch {
		case got.State == "":
			if len(w.shop.looks) != 1 {
				t.Errorf("%s: a look was foreseen, and it became %s (%s)", name, r.State, r.Reason)
			}
			if sends := r.State == order.Sent || r.State == order.Shown; sends != (got.Message != nil) || sends && got.Message.To != o.Buyer.Email {
				t.Errorf("%s: foreseen was the message %+v, it became %s", name, got.Message, r.State)
			}
		case got.State != r.State || got.Reason != r.Reason && r.State != order.Planned || !r.State.Final() && !got.Due.Equal(r.Due):
			t.Errorf("%s: foreseen was %s until %s (%s), it became %s until %s (%s)", name, got.State, got.Due, got.Reason, r.State, r.Due, r.Reason)
		}
	}
}
