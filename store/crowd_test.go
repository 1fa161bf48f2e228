package store_test

import (
	"fmt"
	"testing"
	"time"

	"nudged/store/order"
)

// A placeholder that stands in every order joins strangers: one of them must not
// speak for all.
func TestACrowdIsNotSilencedByOne(t *testing.T) {
	db := openNew(t)
	budget := order.Limit{Count: 1, Per: 2 * time.Hour}
	var keys []order.ReminderKey
	for i := range 40 {
		id := string(rune('A' + i))
		recordAllOf(t, db, of("a", id, "guest@shop.example", fmt.Sprintf("+86138001380%02d", i)))
		k := rkey("a", id, "x")
		k.Channel = order.BySMS
		keys = append(keys, k)
	}
	for _, k := range keys {
		if err := send(t, db, k, at(-time.Hour), order.Sent, budget); err != nil {
			t.Fatalf("one's message is counted for another: %v", err)
		}
	}
	again := rkey("a", "h", "y")
	again.Channel = order.BySMS
	wantLimit(t, send(t, db, again, at(0), order.Sent, budget), at(time.Hour))
	if others := must(db.Others(order.Key{Shop: "a", ID: "h"})); len(others) != 0 {
		t.Errorf("strangers are taken for one person: %s", ids(others))
	}
	if got := back(t, db, order.Back{State: order.OptedOut, Channel: order.BySMS, Phone: "+8613800138005", Ref: "1"}); !got.Suppressed || got.Order.ID != "F" {
		t.Errorf("%+v", got)
	}
	if !suppressed(t, db, "+8613800138005") || suppressed(t, db, "+8613800138006") || suppressed(t, db, "guest@shop.example") {
		t.Error("the wrong ones are silenced")
	}
	if got, err := db.Erase(t.Context(), "+8613800138007"); err != nil || got.Orders != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if o := get(t, db, order.Key{Shop: "a", ID: "G"}); o.Buyer.Phone != "+8613800138006" {
		t.Errorf("erased with another: %+v", o.Buyer.Phone.Reveal())
	}
}

// A token is in mailboxes for ever: it works when the person was found to be
// another one, and in a crowd it is that of one address.
func TestTokensOutliveWhatIsLearned(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""), of("a", "2", "", "+8613800138000"), of("a", "3", "", "+8613800138000"))
	if err := send(t, db, rkey("a", "1", "x"), at(-time.Hour), order.Sent, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	token := db.Token(order.Buyer{Email: "ann@example.com"})
	recordAllOf(t, db, of("a", "4", "ann@example.com", "+8613800138000")) // the one order goes to the person of two
	if got := back(t, db, order.Back{State: order.Replied, Ref: "1", Token: token}); got.Reminder != rkey("a", "1", "x") {
		t.Errorf("%+v", got)
	}
	for i := range 40 {
		recordAllOf(t, db, of("b", fmt.Sprint(i), fmt.Sprintf("guest%d@example.com", i), "+8613800138000"))
	}
	if got := back(t, db, order.Back{State: order.OptedOut, Ref: "2", Token: token}); !got.Suppressed || !suppressed(t, db, "ann@example.com") || suppressed(t, db, "guest7@example.com") {
		t.Errorf("%+v", got)
	}
}
