package store_test

import (
	"testing"
	"time"

	"nudged/store/order"
)

// Whether a message that was cut off by a crash has arrived nobody knows; what comes
// back of it tells, whether before the next start or after.
func TestWhatComesBackFindsAMessageThatWasCutOff(t *testing.T) {
	for name, early := range map[string]bool{"before the next start": true, "after it": false} {
		db := openNew(t)
		recordAllOf(t, db, of("a", "1", "ann@example.com", "+8613800138000"))
		k := rkey("a", "1", "x")
		plan(t, db, planned(k, at(0)))
		if err := db.Begin(t.Context(), k, "<"+mailID+">", at(0), order.Limit{}); err != nil {
			t.Fatal(err)
		}
		bounce := func() {
			back(t, db, order.Back{State: order.Bounced, Final: true, Ref: "1", Message: mailID, Email: "ann@example.com"})
		}
		if early {
			bounce()
		}
		if lost, err := db.Recover(t.Context(), at(time.Minute)); err != nil || len(lost) != 1 {
			t.Fatalf("%s: recovered %v, %v", name, lost, err)
		}
		if events, err := db.LedgerOf(k.Order); err != nil || len(events) == 0 || events[0].Message != mailID || events[0].Provider != mailID {
			t.Errorf("%s: ledger %+v, %v", name, events, err)
		}
		if !early {
			bounce()
		}
		if r := one(t, db, k); r.State != order.Bounced {
			t.Errorf("%s: %+v", name, r)
		}
		if !suppressed(t, db, "ann@example.com") {
			t.Errorf("%s: the bounce suppresses nobody", name)
		}
	}
}

// A message that was turned down and is tried again goes by what it carries then.
func TestAnAttemptThatFailedLeavesNoID(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""))
	k := rkey("a", "1", "x")
	plan(t, db, planned(k, at(0)))
	if err := db.Begin(t.Context(), k, mailID, at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Settle(t.Context(), order.Reminder{Key: k, State: order.Failed, Due: at(0)}, order.Event{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Begin(t.Context(), k, "", at(time.Minute), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Recover(t.Context(), at(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := back(t, db, order.Back{State: order.Bounced, Final: true, Ref: "1", Message: mailID}); got.Reminder != (order.ReminderKey{}) {
		t.Errorf("%+v", got)
	}
}
