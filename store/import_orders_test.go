package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func TestImportedOrdersAreHistory(t *testing.T) {
	db := openNew(t)
	record(t, db, scanOf("a", at(-time.Hour), unpaid("a", "7", at(-2*time.Hour))))
	o := sold("a", "100", "ann@example.com", order.Unpaid, at(-time.Hour))
	o.ID, o.Link, o.Closes, o.Looked, o.PayFailed = "8", "https://evil.example", at(time.Hour), at(0), true
	odd := sold("a", "101", "ann@example.com", order.Unknown, at(-time.Hour))
	odd.StatusText = "Verschickt"
	wantImported(t, importOrders(t, db, o, odd, order.Order{Shop: "a"}), store.Imported{New: 2, Bad: []store.BadRow{{Row: 2, Why: "the order has no number"}}})
	k := order.Key{Shop: "a", ID: "import:100"}
	got := get(t, db, k)
	if got.Status != order.Other || got.StatusText != "unpaid" || got.Number != "100" || got.Link != "" || !got.Closes.IsZero() || !got.Looked.IsZero() || got.PayFailed {
		t.Errorf("%+v", got)
	}
	if got := get(t, db, order.Key{Shop: "a", ID: "import:101"}); got.Status != order.Other || got.StatusText != "Verschickt" {
		t.Errorf("%+v", got)
	}
	if open := must(db.Unpaid(t.Context(), "")); ids(open) != "7" {
		t.Errorf("unpaid: %s", ids(open))
	}
	if all := must(db.Orders(t.Context(), store.Filter{})); ids(all) != "import:101 import:100 7" && ids(all) != "import:100 import:101 7" {
		t.Errorf("orders: %s", ids(all))
	}
	if found := must(db.Find("#100")); len(found) != 1 || found[0] != k {
		t.Errorf("%v", found)
	}
	if h := must(db.History(k)); len(h) != 0 {
		t.Errorf("%v", h)
	}
	if _, known := db.Seen("a")("100"); known {
		t.Error("a visit takes it for an order that it has read")
	}
	if got := record(t, db, scanOf("a", at(0))); len(got.Unlisted) != 1 || got.Unlisted[0] != "7" || len(got.News) != 0 {
		t.Errorf("%+v", got)
	}
	// No shop can give such an id.
	got2 := record(t, db, scanOf("a", at(0), unpaid("a", "import:100", at(0)), unpaid("a", "person:1", at(0))))
	if len(got2.Problems) != 2 || len(got2.News) != 0 {
		t.Errorf("%+v", got2)
	}
}

func TestWhatTheShopShowsItselfGoesBeforeALists(t *testing.T) {
	db := openNew(t)
	shown := of("a", "7", "ann@example.com", "")
	shown.Number, shown.Status = "A-100", order.Paid
	recordAllOf(t, db, shown, of("b", "55", "", ""))
	other := sold("a", "7", "bob@example.com", order.Paid, at(0)) // the number is another order's id
	byID := sold("b", "55", "bob@example.com", order.Paid, at(0))
	wantImported(t, importOrders(t, db, sold("a", "#a-100", "cat@example.com", order.Paid, at(0)), other, byID), store.Imported{New: 2, Crossed: 1})
	if got := buyersOf(t, db, "cat@example.com"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	same := get(t, db, shown.Key())
	if same.Total != shown.Total || same.Buyer != shown.Buyer {
		t.Errorf("%+v", same)
	}
}

func TestTheShopsReadingTakesTheImportedOnesPlace(t *testing.T) {
	db := openNew(t)
	wantImported(t, importOrders(t, db, sold("a", "100", "ann@example.com", order.Paid, at(-50*time.Hour)),
		sold("a", "200", "ann@example.com", order.Paid, at(-60*time.Hour)), sold("a", "77", "bob@example.com", order.Paid, at(0))), store.Imported{New: 3})
	before := oneBuyer(t, db, "ann@example.com")
	byNumber := as(of("a", "7", "", ""), order.Paid, "Paid") // the shop hides who it is
	byNumber.Number = "#100"
	byID := as(of("a", "200", "", ""), order.Paid, "Paid")
	byID.Number, byID.Buyer, byID.Total = "", order.Buyer{}, order.Money{Minor: 500, Currency: "USD"}
	foreign := as(of("a", "77", "eve@example.com", ""), order.Paid, "Paid") // its number is another
	foreign.Number = "9"
	got := record(t, db, scanOf("a", at(0), byNumber, byID, foreign))
	if kinds(got) != "appeared 7, appeared 200, appeared 77" {
		t.Error(kinds(got))
	}
	ann := oneBuyer(t, db, "ann@example.com")
	if ann.ID != before.ID || ids(ann.Orders) != "7 200" && ids(ann.Orders) != "200 7" || ann.Key.Imported() {
		t.Errorf("%+v: %s", ann, ids(ann.Orders))
	}
	if o := get(t, db, byNumber.Key()); o.Buyer.Email != "ann@example.com" || o.Buyer.Name != "Ann Lee" {
		t.Errorf("%+v", o.Buyer)
	}
	if all := must(db.Orders(t.Context(), store.Filter{})); strings.Count(ids(all), "import:") != 1 || !strings.Contains(ids(all), "import:77") {
		t.Errorf("orders: %s", ids(all))
	}
	if others := must(db.Others(byNumber.Key())); ids(others) != "200" {
		t.Errorf("others: %s", ids(others))
	}
	if found := must(db.Find("100")); len(found) != 1 || found[0] != byNumber.Key() {
		t.Errorf("%v", found)
	}
	if n := must(db.CountOrders(t.Context(), "a")); n[order.Paid] != 4 || len(n) != 1 {
		t.Errorf("%v", n)
	}
	wantImported(t, importOrders(t, db, sold("a", "100", "ann@example.com", order.ClosedUnpaid, at(-50*time.Hour))), store.Imported{Crossed: 1})
	if n, err := db.ForgetContacts(t.Context(), at(time.Hour)); err != nil || n != 6 {
		t.Errorf("%d %v", n, err)
	}
	if leak := holds(db, "ann@example.com"); leak != "" {
		t.Errorf("an address is left in %s", leak)
	}
}

// An order whose number comes later than itself takes the place then.
func TestANumberThatComesLater(t *testing.T) {
	db := openNew(t)
	row := as(of("a", "7", "", ""), order.Paid, "Paid")
	row.Number, row.Buyer = "", order.Buyer{}
	importOrders(t, db, sold("a", "100", "ann@example.com", order.Paid, at(-50*time.Hour)))
	recordAllOf(t, db, row)
	row.Number = "100"
	recordAllOf(t, db, row)
	if ann := oneBuyer(t, db, "ann@example.com"); ids(ann.Orders) != "7" || ann.Key.ID != "7" {
		t.Errorf("%+v", ann)
	}
}

// The number on a list may be the id of quite another order, whose number the
// shop does not show yet.
func TestANumberThatIsAnotherOrdersID(t *testing.T) {
	for name, total := range map[string]order.Money{"another total": {Minor: 123456, Currency: "USD"}, "no total": {}} {
		t.Run(name, func(t *testing.T) {
			db := openNew(t)
			importOrders(t, db, sold("a", "77", "bob@example.com", order.Paid, at(-5000*time.Hour)))
			o := of("a", "77", "", "")
			o.Buyer, o.Number, o.Total = order.Buyer{Name: "Eve"}, "", total
			recordAllOf(t, db, o)
			if got := get(t, db, o.Key()); got.Buyer.Email != "" {
				t.Error("a stranger's order has the address of the list")
			}
			o.Number, o.Buyer = "9077", order.Buyer{Name: "Eve", Email: "eve@example.com"}
			record(t, db, look(o, at(time.Minute)))
			if bob, eve := oneBuyer(t, db, "bob@example.com"), oneBuyer(t, db, "eve@example.com"); bob.ID == eve.ID {
				t.Error("the two are one person")
			}
			if all := must(db.Orders(t.Context(), store.Filter{})); len(all) != 2 {
				t.Errorf("%s", ids(all))
			}
		})
	}
}

func TestAListAfterAnOrderWithoutANumber(t *testing.T) {
	db := openNew(t)
	other, same, unsaid := of("a", "77", "", ""), of("a", "78", "", ""), of("a", "79", "", "")
	same.Total, unsaid.Total = order.Money{Minor: 500, Currency: "USD"}, order.Money{}
	other.Number, same.Number, unsaid.Number = "", "", ""
	recordAllOf(t, db, other, same, unsaid)
	wantImported(t, importOrders(t, db, sold("a", "77", "bob@example.com", order.Paid, at(0)),
		sold("a", "78", "bob@example.com", order.Paid, at(0)), sold("a", "79", "bob@example.com", order.Paid, at(0))), store.Imported{New: 2, Crossed: 1})
	unsaid.Total = same.Total // its page tells, which the row did not
	record(t, db, look(unsaid, at(time.Minute)))
	if all := must(db.Orders(t.Context(), store.Filter{})); len(all) != 4 || strings.Contains(ids(all), "import:79") {
		t.Errorf("%s", ids(all))
	}
}

// A message may have been planned by an imported order before the shop showed it.
func TestThePersonOfAnOrderWhosePlaceWasTaken(t *testing.T) {
	db := openNew(t)
	importOrders(t, db, sold("a", "100", "ann@example.com", order.Paid, at(-50*time.Hour)))
	imported := order.Key{Shop: "a", ID: "import:100"}
	own := of("a", "7", "", "+8613800138000")
	own.Number = "#100"
	check := func(what string) {
		t.Helper()
		b, ok, err := db.BuyerOf(imported)
		if err != nil || !ok || ids(b.Orders) != "7" || b.Key != own.Key() || b.Contact.Email != "ann@example.com" {
			t.Errorf("%s: %+v %v %v", what, b, ok, err)
		}
		if others := must(db.Others(imported)); ids(others) != "7" {
			t.Errorf("%s: others: %s", what, ids(others))
		}
	}
	recordAllOf(t, db, own)
	check("shown")
	for i := range 40 {
		importBuyers(t, db, on("b", "X", fmt.Sprintf("x%d@example.com", i), "+8613800138000"))
	}
	check("in a crowd")
	if o, ok, err := db.Order(imported); err != nil || !ok || o.ID != imported.ID {
		t.Errorf("%+v %v %v", o, ok, err)
	}
}
