package main

import (
	"testing"
	"time"

	"nudged/store/order"
)

// A hand-off asks the seller to write to somebody: not to who was erased, or wants
// no messages, and whose contact is missing or masked for that or another reason.
func TestNobodyUnwantedIsHandedToTheSeller(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		contact := func(id string, buyer order.Buyer) {
			b.shops.change("a", id, func(o *order.Order) { o.Buyer = buyer })
		}
		err := b.serveFor(6*time.Hour, func() {
			time.Sleep(5 * time.Minute)
			for _, id := range []string{"none", "erased", "silent"} {
				b.shops.add("a", id, time.Now())
			}
			contact("none", order.Buyer{Name: "Ann"})
			contact("silent", order.Buyer{Name: "Bob", Phone: "+8613800138000"})
			time.Sleep(30 * time.Minute)
			if err := b.db.Suppress(t.Context(), "+8613800138000", "asked", time.Now()); err != nil {
				t.Error(err)
			}
			if _, err := b.db.Erase(t.Context(), "buyererased@example.test"); err != nil {
				t.Error(err)
			}
			b.shops.add("a", "again", time.Now())
			contact("again", order.Buyer{Name: "Buyer erased", Email: "buyererased@example.test"})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, fresh := range []bool{false, true} {
			facts, err := b.facts(t.Context(), time.Now().Add(-24*time.Hour), time.Now(), 2, fresh)
			if err != nil || len(facts.HandOffs) != 1 || facts.HandOffs[0].Order.Key.ID != "none" {
				t.Errorf("fresh %v: handed over %+v, %v", fresh, facts.HandOffs, err)
			}
		}
		for _, id := range []string{"none", "erased", "silent", "again"} {
			if got := b.mail.to("buyer" + id + "@example.test"); len(got) > 0 {
				t.Errorf("%s got %q", id, got)
			}
		}
	})
}
