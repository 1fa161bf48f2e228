package main

import (
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Of orders that were there before nudged the seller counts the orders, not the
// steps that each of them would have had.
func TestOldOrdersAreCountedOnce(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		first := b.settings.Steps[0]
		second := first
		second.Name, second.After = "second", first.After+8*time.Hour
		b.settings.Steps = []notify.Step{first, second}
		for _, id := range []string{"1", "2", "3"} {
			b.shops.add("a", id, time.Now().Add(-time.Hour))
		}
		if err := b.serveFor(time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		facts, err := b.facts(t.Context(), time.Now().Add(-2*time.Hour), time.Now().Add(time.Second), 1, false)
		if err != nil || len(facts.Holds) != 1 || facts.Holds[0].Cause != order.CauseBeforeEnabled || facts.Holds[0].Count != 3 {
			t.Errorf("%+v, %v", facts.Holds, err)
		}
		if left, err := b.db.Reminders(order.Key{Shop: "a", ID: "1"}); err != nil || len(left) != 2 {
			t.Errorf("%d steps, %v; the test wants two", len(left), err)
		}
	})
}
