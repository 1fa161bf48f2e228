package main

import (
	"errors"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// What a list brought has no page in the shop: nothing that goes over orders asks
// for one, and nobody is reminded of it.
func TestNoPageOfWhatAListBroughtIsOpened(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.shops.add("a", "1", time.Now().Add(-time.Hour))
		ann := order.Buyer{Name: "Ann", Email: "ann@list.example"}
		for _, s := range order.Statuses() {
			o := order.Order{Shop: "a", Number: "L-" + string(s), Status: s, Created: time.Now(), Total: order.Money{Minor: 5, Currency: "USD"}, Buyer: ann}
			if got, err := b.db.ImportOrders(t.Context(), "old.csv", []order.Order{o}); err != nil || got.New != 1 {
				t.Fatalf("%+v %v", got, err)
			}
		}
		if got, err := b.db.ImportBuyers(t.Context(), []store.ListRow{{Shop: "a", Buyer: order.Buyer{Email: "bob@list.example"}}}); err != nil || got.New != 1 {
			t.Fatalf("%+v %v", got, err)
		}
		if err := b.serveFor(50*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := b.facts(t.Context(), time.Now().Add(-50*time.Hour), time.Now().Add(time.Second), 1, true); err != nil {
			t.Fatal(err)
		}
		bob, err := b.db.BuyersOf("bob@list.example")
		if err != nil || len(bob) != 1 {
			t.Fatalf("%+v %v", bob, err)
		}
		for _, key := range []order.Key{{Shop: "a", ID: order.Imported + "l-paid"}, bob[0].Key} {
			var failed *notify.LookError
			if _, err := b.Look(t.Context(), key.Shop, key.ID); !errors.As(err, &failed) || failed.Cause != order.CauseLook {
				t.Errorf("%s: %v", key, err)
			}
		}
		for _, k := range b.shops.looks {
			if k.Imported() || k.ListRow() {
				t.Errorf("the page of %s was asked for", k)
			}
		}
		for _, s := range order.Statuses() {
			key := order.Key{Shop: "a", ID: order.Imported + "l-" + string(s)}
			if _, ok, err := b.db.Order(key); err != nil || !ok {
				t.Errorf("%s: %v %v", key, ok, err)
			}
			if rs, err := b.db.Reminders(key); err != nil || len(rs) != 0 {
				t.Errorf("%s has reminders: %+v %v", key, rs, err)
			}
		}
	})
}
