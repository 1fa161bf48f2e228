package main

import (
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// An order that a list calls closed unpaid is planned for; then the shop itself
// shows it, paid. What the list said counts for nothing any more.
func TestAnOrderThatAListToldOfIsShownPaid(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\" and buyer.domain == \"list.test\"\ntext: again\nrate: 1 per 1h\nfrom: 2000-01-02 12:00\n", func(t *testing.T, b *bench) {
		made := time.Now().Add(-10 * 24 * time.Hour).Truncate(time.Second)
		err := b.serveFor(40*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			_, err := b.db.ImportOrders(t.Context(), "old.csv", []order.Order{{
				Shop: "a", Number: "77", Status: order.ClosedUnpaid, Created: made,
				Total: order.Money{Minor: 1200, Currency: "EUR"}, Buyer: order.Buyer{Name: "Lis", Email: "lis@list.test"},
			}})
			if err != nil {
				t.Error(err)
			}
			if begun, err := b.beginCampaign(t.Context(), "back"); err != nil || begun.planned != 1 {
				t.Errorf("%d planned: %v", begun.planned, err)
			}
			b.shops.add("a", "77", made)
			b.shops.change("a", "77", func(o *order.Order) {
				o.Status, o.StatusText, o.Buyer.Email = order.Paid, "paid", "lis@list.test"
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		rs, err := b.db.CampaignReminders(t.Context(), "back")
		if err != nil || len(rs) != 1 || rs[0].State != order.Skipped || rs[0].Cause != order.CauseCampaign {
			t.Errorf("%+v %v", rs, err)
		}
		if got := b.mail.to("lis@list.test"); len(got) > 0 {
			t.Errorf("who has paid got %q", got)
		}
	})
}

// A list's row is planned for; then an order with the same phone and another
// address is read. The message goes where the record says that it goes, and who
// opts out by it is known.
func TestAListRowIsWrittenToAtItsOwnAddress(t *testing.T) {
	onCampaign(t, "to: \"buyer.domain == \\\"row.test\\\" or buyer.domain == \\\"other.test\\\"\"\ntext: news\noffer: New mugs.\nfrom: 2000-01-02 12:00\n", func(t *testing.T, b *bench) {
		err := b.serveFor(40*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			_, err := b.db.ImportBuyers(t.Context(), []store.ListRow{{
				Shop: "a", Source: "l", Buyer: order.Buyer{Name: "Ro", Email: "ro@row.test", Phone: "+491701234567"}, Past: order.Past{Orders: 3},
			}})
			if err != nil {
				t.Error(err)
			}
			if begun, err := b.beginCampaign(t.Context(), "back"); err != nil || begun.planned != 1 {
				t.Errorf("%d planned: %v", begun.planned, err)
			}
			b.shops.add("a", "78", time.Now().Add(-20*24*time.Hour))
			b.shops.change("a", "78", func(o *order.Order) {
				o.Status, o.StatusText, o.Buyer.Email, o.Buyer.Phone = order.ClosedUnpaid, "closed", "ro2@other.test", "+491701234567"
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if own, other := b.mail.to("ro@row.test"), b.mail.to("ro2@other.test"); len(own) != 1 || len(other) > 0 {
			rs, err := b.db.CampaignReminders(t.Context(), "back")
			t.Fatalf("the row's own address got %q, the other one %q: %+v %v", own, other, rs, err)
		}
		ro := order.Buyer{Email: "ro@row.test"}
		if _, err := b.db.Back(t.Context(), order.Back{Channel: order.ByEmail, State: order.OptedOut, Ref: "x", Token: b.db.Token(ro), At: time.Now()}); err != nil {
			t.Error(err)
		}
		if out, _, err := b.db.Suppressed(ro); err != nil || !out {
			t.Errorf("who unsubscribed by the link in the mail is not suppressed: %v", err)
		}
	})
}
