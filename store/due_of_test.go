package store_test

import (
	"fmt"
	"testing"
	"time"

	"nudged/store/order"
)

// However many messages of campaigns wait before it, a reminder is found, and the
// other way round.
func TestNeitherLineHidesTheOther(t *testing.T) {
	db := openNew(t)
	const n = 3000
	var rs []order.Reminder
	for i := range n {
		rs = append(rs, offer(order.Key{Shop: "a", ID: fmt.Sprint(i)}, order.ByEmail, at(-2*time.Hour)))
	}
	first := order.ReminderKey{Order: order.Key{Shop: "a", ID: "open"}, Step: "first", Channel: order.ByEmail}
	last := offer(order.Key{Shop: "a", ID: "last"}, order.ByEmail, at(0))
	plan(t, db, append(rs, last, order.Reminder{Key: first, Planned: at(-time.Hour)})...)
	got, err := db.DueOf(t.Context(), "a", false, at(0), 64)
	if err != nil || len(got) != 1 || got[0].Key != first {
		t.Errorf("reminders: %+v %v", got, err)
	}
	if got, err := db.DueOf(t.Context(), "a", true, at(0), 2); err != nil || len(got) != 2 || got[0].Key.Step != last.Key.Step {
		t.Errorf("messages of campaigns: %+v %v", got, err)
	}
	if got, err := db.DueOf(t.Context(), "a", true, at(0), 0); err != nil || len(got) != n+1 || got[n].Key != last.Key {
		t.Errorf("%d messages of campaigns: %v", len(got), err)
	}
	if got, err := db.DueOf(t.Context(), "a", false, at(-61*time.Minute), 64); err != nil || len(got) > 0 {
		t.Errorf("before it is due: %+v %v", got, err)
	}
	if got, err := db.DueOf(t.Context(), "b", false, at(0), 64); err != nil || len(got) > 0 {
		t.Errorf("of another shop: %+v %v", got, err)
	}
}
