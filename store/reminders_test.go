package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

func rkey(shop, id, step string) order.ReminderKey {
	return order.ReminderKey{Order: order.Key{Shop: shop, ID: id}, Step: step, Channel: order.ByEmail}
}

func planned(k order.ReminderKey, when time.Time) order.Reminder {
	return order.Reminder{Key: k, State: order.Planned, Planned: when, Due: when}
}

func plan(t testing.TB, db *store.DB, rs ...order.Reminder) {
	t.Helper()
	if err := db.Plan(t.Context(), rs); err != nil {
		t.Fatal(err)
	}
}

func settle(t testing.TB, db *store.DB, k order.ReminderKey, s order.State, due time.Time, reason string) {
	t.Helper()
	r := order.Reminder{Key: k, State: s, Due: due, Reason: reason, Cause: order.CauseSender, Changed: at(time.Second)}
	if err := db.Settle(t.Context(), r, order.Event{Provider: "<m@x>"}); err != nil {
		t.Fatal(err)
	}
}

func dueSteps(t testing.TB, db *store.DB, shop string, now time.Time, limit int) string {
	t.Helper()
	rs, err := db.Due(t.Context(), shop, now, limit)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rs {
		out = append(out, r.Key.Order.Shop+"/"+r.Key.Step)
	}
	return strings.Join(out, " ")
}

func one(t testing.TB, db *store.DB, k order.ReminderKey) order.Reminder {
	t.Helper()
	rs, err := db.Reminders(k.Order)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if r.Key == k {
			return r
		}
	}
	t.Fatalf("no reminder %s", k)
	return order.Reminder{}
}

func TestDueComesInOrderOfTime(t *testing.T) {
	db := openNew(t)
	plan(t, db, planned(rkey("s", "1", "late"), at(2*time.Hour)), planned(rkey("s", "1", "first"), at(-time.Hour)),
		planned(rkey("s", "2", "now"), at(0)), planned(rkey("s\x00", "1", "other"), at(-2*time.Hour)))
	for _, tc := range []struct {
		shop  string
		limit int
		want  string
	}{
		{"s", 0, "s/first s/now"}, {"s", 1, "s/first"}, {"", 0, "s\x00/other s/first s/now"}, {"", 2, "s\x00/other s/first"}, {"x", 0, ""},
	} {
		if got := dueSteps(t, db, tc.shop, at(0), tc.limit); got != tc.want {
			t.Errorf("due of %q, %d: %q, want %q", tc.shop, tc.limit, got, tc.want)
		}
	}
	if all, err := db.Waiting(t.Context(), "s", 0); err != nil || len(all) != 3 {
		t.Errorf("%d wait, %v", len(all), err)
	}
	if next, ok, err := db.NextDue(t.Context(), ""); err != nil || !ok || !next.Equal(at(-2*time.Hour)) {
		t.Errorf("next due %s %v %v", next, ok, err)
	}
}

func TestLifeOfAReminder(t *testing.T) {
	db := openNew(t)
	k := rkey("s", "1", "first")
	plan(t, db, planned(k, at(0)))
	if err := db.Begin(t.Context(), k, "", at(-1), order.Limit{}); !errors.Is(err, store.ErrNotDue) {
		t.Errorf("begun before its time: %v", err)
	}
	if err := db.Settle(t.Context(), order.Reminder{Key: k, State: order.Sent}, order.Event{}); !errors.Is(err, store.ErrState) {
		t.Errorf("sent without begin: %v", err)
	}
	settle(t, db, k, order.Held, at(time.Hour), "quiet")
	settle(t, db, k, order.Held, at(2*time.Hour), "quiet")
	plan(t, db, planned(k, at(0)))
	if r := one(t, db, k); r.State != order.Held || !r.Due.Equal(at(2*time.Hour)) {
		t.Errorf("planning the same again moved a hold: %+v", r)
	}
	plan(t, db, planned(k, at(3*time.Hour)))
	if r := one(t, db, k); !r.Due.Equal(at(3*time.Hour)) || !r.Planned.Equal(at(3*time.Hour)) {
		t.Errorf("a new planned time does not move a hold: %+v", r)
	}
	plan(t, db, planned(k, at(time.Minute)))
	if err := db.Begin(t.Context(), k, "", at(time.Minute), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Begin(t.Context(), k, "", at(time.Hour), order.Limit{}); !errors.Is(err, store.ErrNotDue) {
		t.Errorf("begun twice: %v", err)
	}
	plan(t, db, planned(k, at(0)))
	if got := dueSteps(t, db, "s", at(100*time.Hour), 0); got != "" {
		t.Errorf("due while it is sent: %s", got)
	}
	settle(t, db, k, order.Failed, at(2*time.Minute), "try later")
	if r := one(t, db, k); r.Attempts != 1 || r.State != order.Failed {
		t.Errorf("%+v", r)
	}
	if err := db.Begin(t.Context(), k, "", at(2*time.Minute), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	settle(t, db, k, order.Sent, time.Time{}, "")
	for _, err := range []error{
		db.Begin(t.Context(), k, "", at(100*time.Hour), order.Limit{}),
		db.Settle(t.Context(), order.Reminder{Key: k, State: order.Failed}, order.Event{}),
	} {
		if !errors.Is(err, store.ErrFinal) && !errors.Is(err, store.ErrNotDue) {
			t.Errorf("final state was left: %v", err)
		}
	}
	plan(t, db, planned(k, at(200*time.Hour)))
	if r := one(t, db, k); r.State != order.Sent || r.Attempts != 2 {
		t.Errorf("%+v", r)
	}
	events, err := db.LedgerOf(k.Order)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprintf("%s %s %s", e.State, e.Reason, e.Provider))
	}
	if want := []string{"held quiet <m@x>", "failed try later <m@x>", "sent  <m@x>"}; !slices.Equal(got, want) {
		t.Errorf("ledger %q, want %q", got, want)
	}
	if day, err := db.Ledger(t.Context(), at(time.Second), at(2*time.Second)); err != nil || len(day) != 3 {
		t.Errorf("ledger of the day: %d, %v", len(day), err)
	}
	if day, err := db.Ledger(t.Context(), at(2*time.Second), time.Time{}); err != nil || len(day) != 0 {
		t.Errorf("ledger after: %d, %v", len(day), err)
	}
}

func TestSettleRefusesWhatDoesNotFit(t *testing.T) {
	db := openNew(t)
	k := rkey("s", "1", "first")
	plan(t, db, planned(k, at(0)))
	for name, tc := range map[string]struct {
		r    order.Reminder
		e    order.Event
		want error
	}{
		"unknown reminder": {order.Reminder{Key: rkey("s", "2", "x"), State: order.Skipped}, order.Event{}, store.ErrNoReminder},
		"planned again":    {order.Reminder{Key: k, State: order.Planned}, order.Event{}, store.ErrState},
		"sending":          {order.Reminder{Key: k, State: order.Sending}, order.Event{}, store.ErrState},
		"no state":         {order.Reminder{Key: k}, order.Event{}, store.ErrState},
		"invented state":   {order.Reminder{Key: k, State: "gone"}, order.Event{}, store.ErrState},
		"unknown outcome":  {order.Reminder{Key: k, State: order.Lost}, order.Event{}, store.ErrState},
		"other event":      {order.Reminder{Key: k, State: order.Held}, order.Event{Key: rkey("s", "1", "y")}, nil},
		"other state":      {order.Reminder{Key: k, State: order.Held}, order.Event{State: order.Sent}, nil},
		"no step":          {order.Reminder{Key: rkey("s", "1", ""), State: order.Held}, order.Event{}, nil},
	} {
		err := db.Settle(t.Context(), tc.r, tc.e)
		if err == nil || tc.want != nil && !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := db.Begin(t.Context(), rkey("s", "9", "x"), "", at(0), order.Limit{}); !errors.Is(err, store.ErrNotDue) {
		t.Errorf("begin of an unknown one: %v", err)
	}
	if err := db.Plan(t.Context(), []order.Reminder{{Key: rkey("s", "3", "x"), State: order.Sent}}); !errors.Is(err, store.ErrState) {
		t.Errorf("planned as sent: %v", err)
	}
	if r := one(t, db, k); r.State != order.Planned {
		t.Errorf("%+v", r)
	}
	if events, err := db.LedgerOf(k.Order); err != nil || len(events) != 0 {
		t.Errorf("refused, and in the ledger: %+v, %v", events, err)
	}
}

func TestPlannedAsSkippedIsInTheLedger(t *testing.T) {
	db := openNew(t)
	r := planned(rkey("s", "1", "first"), at(0))
	r.State, r.Cause, r.Reason = order.Skipped, order.CauseBeforeEnabled, "older than the shop's first visit"
	plan(t, db, r, r)
	events, err := db.LedgerOf(r.Key.Order)
	if err != nil || len(events) != 1 || events[0].Cause != order.CauseBeforeEnabled || events[0].Reason != r.Reason {
		t.Errorf("%+v %v", events, err)
	}
	if got := dueSteps(t, db, "", at(time.Hour), 0); got != "" {
		t.Errorf("due %s", got)
	}
}

func TestRecover(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	begun, waiting := rkey("s", "1", "first"), rkey("s", "2", "first")
	plan(t, db, planned(begun, at(0)), planned(waiting, at(0)))
	if err := db.Begin(t.Context(), begun, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path, options())
	got, err := db.Recover(t.Context(), at(time.Hour))
	if err != nil || len(got) != 1 || got[0].Key != begun || got[0].State != order.Lost || got[0].Attempts != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if d := cmp.Diff(one(t, db, begun), got[0]); d != "" {
		t.Error(d)
	}
	if again, err := db.Recover(t.Context(), at(2*time.Hour)); err != nil || len(again) != 0 {
		t.Errorf("again: %+v %v", again, err)
	}
	events, _ := db.LedgerOf(begun.Order)
	if len(events) != 1 || events[0].State != order.Lost || events[0].Cause != order.CauseCrash || !events[0].At.Equal(at(time.Hour)) {
		t.Errorf("%+v", events)
	}
	if one(t, db, waiting).State != order.Planned {
		t.Error("one that was never begun was recovered")
	}
}

// A reminder that cannot be read is left as it is: it keeps neither the others
// from being planned nor the daemon from starting.
func TestADamagedReminderHoldsUpNobodyElse(t *testing.T) {
	db := openNew(t)
	bad, good := rkey("s", "1", "first"), rkey("s", "2", "first")
	plan(t, db, planned(bad, at(0)), planned(good, at(0)))
	for _, k := range []order.ReminderKey{bad, good} {
		if err := db.Begin(t.Context(), k, "", at(0), order.Limit{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range db.Dump() {
		if e.Bucket == "reminders" && strings.Contains(string(e.Key), "\x011") {
			if err := db.PutRaw("reminders", e.Key, []byte("\x01{")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if lost, err := db.Recover(t.Context(), at(time.Hour)); err != nil || len(lost) != 1 || lost[0].Key != good {
		t.Errorf("recovered %v, %v", lost, err)
	}
	plan(t, db, planned(bad, at(0)), planned(rkey("s", "3", "first"), at(0)))
	if got := dueSteps(t, db, "s", at(time.Hour), 0); got != "s/first" {
		t.Errorf("due is %q", got)
	}
}
