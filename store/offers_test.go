package store_test

import (
	"testing"
	"time"

	"nudged/store/order"
)

// A coupon is used and a payment goes through: the page that shows them no more says
// so, a row does not.
func TestWhatComesAndGoesOnThePage(t *testing.T) {
	db := openNew(t)
	o := unpaid("s", "0001", at(0))
	o.Lines = []order.Line{{Title: "Buckle", Quantity: 1, SoldOut: true}}
	o.Coupon, o.PayFailed = "TEN", true
	check := func(what string, coupon string, failed, soldOut bool) {
		t.Helper()
		if got := get(t, db, o.Key()); got.Coupon != coupon || got.PayFailed != failed || got.Lines[0].SoldOut != soldOut {
			t.Errorf("%s: %+v", what, got)
		}
	}
	record(t, db, look(o, at(0)))
	check("the page", "TEN", true, true)
	row := unpaid("s", "0001", at(0))
	record(t, db, scanOf("s", at(time.Minute), row))
	check("a row without them", "TEN", true, true)
	o.Coupon, o.PayFailed, o.Lines[0].SoldOut = "", false, false
	old := o
	old.Seen, old.Looked = at(-time.Hour), at(-time.Hour)
	record(t, db, order.Visit{Shop: "s", Kind: order.Look, At: at(-time.Hour), Outcome: order.OK, Orders: []order.Order{old}})
	check("an older page", "TEN", true, true)
	if got := record(t, db, look(o, at(2*time.Minute))); kinds(got) != "filled 0001" {
		t.Errorf("news %s", kinds(got))
	}
	check("the page without them", "", false, false)
	row.PayFailed, row.Coupon = true, "FIVE"
	record(t, db, scanOf("s", at(3*time.Minute), row))
	check("a row with them", "FIVE", true, false)
}
