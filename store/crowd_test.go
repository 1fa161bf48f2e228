package store_test

import (
	"fmt"
	"testing"
	"time"

	"nudged/store"
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

// A list that gives many people one number must not part a person from the order
// that they have paid.
func TestAFillerNumberOnAListPartsNobody(t *testing.T) {
	db := openNew(t)
	open := of("a", "1", "ann@example.com", "+8613800138001")
	paid := as(of("a", "2", "ann@example.com", "+8613800138002"), order.Paid, "Paid")
	byPhone := as(of("b", "3", "ann@work.example", "+8613800138002"), order.Paid, "Paid")
	recordAllOf(t, db, open, paid, byPhone)
	rows := []store.ListRow{on("a", "Ann Lee", "ann@example.com", "+4930123456")}
	for i := range 35 {
		rows = append(rows, on("a", "X", fmt.Sprintf("x%d@example.com", i), "+4930123456"))
	}
	importBuyers(t, db, rows...)
	strangers := as(of("c", "4", "x7@example.com", ""), order.Paid, "Paid")
	recordAllOf(t, db, strangers)
	if others := must(db.Others(open.Key())); ids(others) != "2 3" && ids(others) != "3 2" {
		t.Errorf("others: %s", ids(others))
	}
	b, ok, err := db.BuyerOf(open.Key())
	if err != nil || !ok || len(b.Orders) != 3 {
		t.Errorf("%s %v %v", ids(b.Orders), ok, err)
	}
	if all := everybody(t, db); len(all) != 36 {
		t.Errorf("%d people", len(all))
	}
	if all := must(db.LatestBuyers(t.Context(), 50)); len(all) != 36 {
		t.Errorf("%d latest", len(all))
	}
	if all := must(db.FindBuyers(t.Context(), "ann@", 0)); len(all) != 1 {
		t.Errorf("%d found", len(all))
	}
	if all := buyersOf(t, db, "+4930123456"); len(all) != 36 {
		t.Errorf("%d have the filler", len(all))
	}
}

// Of a crowd that is not read whole, a paid order counts wherever it stands.
func TestAPaidOrderFarDownInACrowd(t *testing.T) {
	db := openNew(t)
	open := of("a", "1", "ann@example.com", "+4930123456")
	paid := as(of("z", "2", "ann@example.com", "+8613800138002"), order.Paid, "Paid")
	recordAllOf(t, db, open, paid)
	var rows []store.ListRow
	for i := range 3000 {
		rows = append(rows, on("b", "X", fmt.Sprintf("x%d@example.com", i), "+4930123456"))
	}
	importBuyers(t, db, rows...)
	if others := must(db.Others(open.Key())); ids(others) != "2" {
		t.Errorf("others: %s", ids(others))
	}
	began := time.Now()
	for range 20 {
		must(db.Others(open.Key()))
	}
	t.Log(time.Since(began) / 20)
}
