package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nudged/store/order"
)

// Lists and digest name no reminder that will not come: not for what is sold out,
// nor for who has answered or wants no messages.
func TestNextIsOnlyWhatWillCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		rest := strings.Replace(tail, "\nemail:", "\n    - {step: second, after: 20h, by: [email], template: gentle}\nemail:", 1)
		b := newBench(t, dir, testConfig(t, dir, "pw", rest, "a"), newFakeShops(t), &fakeMail{})
		defer func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}()
		ids := []string{"1", "2", "3", "4"}
		if err := b.serveFor(4*time.Hour, func() {
			time.Sleep(time.Hour)
			for _, id := range ids {
				b.shops.add("a", id, time.Now())
			}
			b.shops.change("a", "4", func(o *order.Order) { o.Lines = []order.Line{{Title: "Vase", Quantity: 1, SoldOut: true}} })
		}); err != nil {
			t.Fatal(err)
		}
		byID := map[string]order.Order{}
		for _, id := range ids {
			o, _, err := b.db.Order(order.Key{Shop: "a", ID: id})
			if err != nil || o.Status != order.Unpaid {
				t.Fatalf("%s: %+v, %v", id, o, err)
			}
			byID[id] = o
		}
		if err := b.db.Suppress(t.Context(), byID["2"].Buyer.Email.Reveal(), "asked for it", time.Now()); err != nil {
			t.Fatal(err)
		}
		gone := byID["3"]
		gone.Lines, gone.Looked, gone.Seen = []order.Line{{Title: "Mug", Quantity: 1, SoldOut: true}}, time.Now(), time.Now()
		if _, err := b.db.Record(t.Context(), order.Visit{Shop: "a", Kind: order.Look, At: time.Now(), Ended: time.Now(), Orders: []order.Order{gone}, Outcome: order.OK}); err != nil {
			t.Fatal(err)
		}
		facts, err := b.facts(t.Context(), time.Now().Add(-3*time.Hour), time.Now().Add(time.Second), 1, false)
		if err != nil || len(facts.Open) != 4 {
			t.Fatalf("%+v, %v", facts.Open, err)
		}
		for _, l := range facts.Open {
			want := map[string]struct {
				step string
				stop order.Cause
				list string
			}{
				"1": {"second", "", "second by email, "}, "2": {"", order.CauseSuppressed, "none: not to be written to"},
				"3": {"", order.CauseSoldOut, "sold out: yours to write"}, "4": {"", order.CauseSoldOut, "sold out: yours to write"},
			}[l.Key.ID]
			o, _, _ := b.db.Order(l.Key)
			next, err := b.nextOf(o, time.UTC)
			if l.NextStep != want.step || l.Stopped != want.stop || err != nil || !strings.HasPrefix(next, want.list) {
				t.Errorf("%s: next %q, stopped %q; the list says %q, %v", l.Key.ID, l.NextStep, l.Stopped, next, err)
			}
		}
	})
}
