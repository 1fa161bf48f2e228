package store_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"nudged/store/order"
)

// Between the last question whether a buyer is suppressed and the hand-over an
// opt-out may come in: then the hand-over does not begin.
func TestAnOptOutStopsAHandOverThatWasJudgedBefore(t *testing.T) {
	for name, optOut := range map[string]order.Back{
		"by SMS, of a reminder by mail": {Channel: order.BySMS, State: order.OptedOut, Phone: "+8613800138000", Ref: "1"},
		"by the message":                {Channel: order.ByEmail, State: order.OptedOut, Message: mailID, Ref: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			db, _, _ := sentOne(t)
			k, other := rkey("a", "1", "second"), rkey("a", "9", "second")
			plan(t, db, planned(k, at(0)), planned(other, at(0)))
			if yes := suppressed(t, db, "ann@example.com"); yes {
				t.Fatal("suppressed before")
			}
			back(t, db, optOut)
			if err := db.Begin(t.Context(), k, "", at(0), order.Limit{}); !errors.Is(err, order.ErrNotDue) {
				t.Errorf("begun after the opt-out: %v", err)
			}
			if r := one(t, db, k); r.State != order.Planned || r.Attempts != 0 {
				t.Errorf("it is %+v", r)
			}
			if err := db.Begin(t.Context(), other, "", at(0), order.Limit{}); err != nil {
				t.Errorf("another buyer is stopped: %v", err)
			}
		})
	}
}

// Whoever reads on from the last one must not miss any, also after a clock was
// set back.
func TestWhatComesBackIsRecordedInOrderOnAnyClock(t *testing.T) {
	var clock atomic.Int64
	o := options()
	o.Now = func() time.Time { return at(time.Duration(clock.Load())) }
	db := openAt(t, tempPath(t), o)
	var last time.Time
	for i, now := range []time.Duration{0, 0, time.Hour, -time.Hour, time.Minute} {
		clock.Store(int64(now))
		back(t, db, order.Back{State: order.Replied, Email: "ann@example.com", Words: "hello", Ref: string(rune('a' + i))})
		news, err := db.Backs(t.Context(), last, time.Time{})
		if err != nil || len(news) != 1 {
			t.Fatalf("answer %d: %d news since %s, %v", i, len(news), last, err)
		}
		last = news[0].Recorded.Add(1)
	}
}
