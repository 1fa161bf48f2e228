package store_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func TestOrders(t *testing.T) {
	db := openNew(t)
	var s []order.Order
	for i := range 2500 { // more than two chunks
		o := unpaid("s", fmt.Sprint(i), at(time.Duration(i)*time.Minute))
		if i%2 == 0 {
			o = as(o, order.Paid, "Paid")
		}
		s = append(s, o)
	}
	record(t, db, scanOf("s", at(0), s...))
	record(t, db, scanOf("t", at(0), as(unpaid("t", "x", at(90*time.Second)), order.ClosedUnpaid, "Cancelled"), unpaid("t", "y", time.Time{})))
	all := func(f store.Filter) []order.Order {
		t.Helper()
		got, err := db.Orders(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := all(store.Filter{}); len(got) != 2502 || got[0].ID != "2499" || got[2498].ID != "x" || got[2501].ID != "y" {
		t.Errorf("%d orders: %s … %s", len(got), ids(got[:3]), ids(got[2495:]))
	}
	for _, tc := range []struct {
		f    store.Filter
		want string
	}{
		{store.Filter{Shop: "s", Limit: 3}, "2499 2498 2497"},
		{store.Filter{Shop: "s", Status: []order.Status{order.Unpaid}, Limit: 3}, "2499 2497 2495"},
		{store.Filter{Status: []order.Status{order.ClosedUnpaid, order.ClosedRefunded}}, "x"},
		{store.Filter{Since: at(time.Minute), Until: at(3 * time.Minute)}, "2 x 1"},
		{store.Filter{Status: []order.Status{order.Unpaid}, Until: at(2 * time.Minute)}, "1 y"},
		{store.Filter{Shop: "none"}, ""},
		{store.Filter{Shop: strings.Repeat("x", 5000)}, ""},
	} {
		if got := ids(all(tc.f)); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.f, got, tc.want)
		}
	}
	if open, err := db.Unpaid(t.Context(), ""); err != nil || len(open) != 1251 {
		t.Errorf("%d unpaid, %v", len(open), err)
	}
	keys := []order.Key{{Shop: "t", ID: "x"}, {Shop: "t", ID: "none"}, {Shop: "s", ID: "7"}}
	if got, err := db.OrdersOf(t.Context(), keys); err != nil || ids(got) != "x 7" {
		t.Errorf("%s, %v", ids(got), err)
	}
	if got, err := db.ChangesBetween(t.Context(), at(0), at(1)); err != nil || len(got) != 2502 {
		t.Errorf("%d changes, %v", len(got), err)
	}
}

func TestIndexFollowsTheOrder(t *testing.T) {
	db := openNew(t)
	o := unpaid("s", "0001", at(0))
	record(t, db, scanOf("s", at(0), o))
	o.Created, o.Number = at(-time.Hour), "B-7"
	record(t, db, look(o, at(1)))
	for _, f := range []store.Filter{{}, {Status: []order.Status{order.Unpaid}}, {Until: at(-time.Minute)}} {
		if got, err := db.Orders(t.Context(), f); err != nil || ids(got) != "0001" {
			t.Errorf("%+v: %s, %v", f, ids(got), err)
		}
	}
	if got, err := db.Orders(t.Context(), store.Filter{Since: at(-time.Minute)}); err != nil || len(got) != 0 {
		t.Errorf("the old place stays: %s, %v", ids(got), err)
	}
	for text, want := range map[string]int{"N0001": 0, "b-7": 1, "#B-7": 1, "s/0001": 1, "0001": 1, "": 0} {
		if got, err := db.Find(text); err != nil || len(got) != want {
			t.Errorf("find %q: %v, %v", text, got, err)
		}
	}
	record(t, db, look(as(o, order.Paid, "Paid"), at(2)))
	if got, err := db.Unpaid(t.Context(), "s"); err != nil || len(got) != 0 {
		t.Errorf("paid and unpaid: %s, %v", ids(got), err)
	}
	record(t, db, look(as(o, order.Unpaid, "Bounced"), at(3)))
	if got, err := db.Unpaid(t.Context(), "s"); err != nil || len(got) != 1 {
		t.Errorf("unpaid again: %s, %v", ids(got), err)
	}
}

// One record that cannot be read hides no other, and is logged.
func TestOneBrokenRecordHidesNoOther(t *testing.T) {
	var log strings.Builder
	o := options()
	o.Log = logTo(&log)
	db := openAt(t, tempPath(t), o)
	a, b := unpaid("s", "0001", at(0)), unpaid("s", "0002", at(0))
	record(t, db, scanOf("s", at(0), a, b))
	for _, bad := range []string{"", "\x01{", "\x02{}", "\x00{}", `{"status":"paid"}`} {
		log.Reset()
		if err := db.PutRaw("orders", store.OrderKey(a.Key()), []byte(bad)); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Unpaid(t.Context(), "s"); err != nil || ids(got) != "0002" {
			t.Errorf("%q: %s, %v", bad, ids(got), err)
		}
		if !strings.Contains(log.String(), "order=0001") {
			t.Errorf("%q: log %s", bad, &log)
		}
		if _, _, err := db.Order(a.Key()); err == nil {
			t.Errorf("%q was read", bad)
		}
		b.Total.Minor++
		scan := scanOf("s", at(time.Minute), a, b)
		scan.Complete, scan.Full = true, true
		got, err := db.Record(t.Context(), scan)
		if err != nil || len(got.Problems) != 1 || got.Problems[0].Order != "0001" || len(got.News) != 1 || len(got.Unlisted) != 0 {
			t.Errorf("%q: the others of the visit: %+v, %v", bad, got, err)
		}
		for _, e := range db.Dump() {
			if e.Bucket == "orders" && bytes.Equal(e.Key, store.OrderKey(a.Key())) && string(e.Value) != bad {
				t.Errorf("%q was written over", bad)
			}
		}
	}
}

// Readers and a writer that makes the file grow do not wait for each other.
func TestReadingWhileWriting(t *testing.T) {
	db := openNew(t)
	done := make(chan error, 3)
	for range cap(done) {
		go func() {
			for range 30 {
				if _, err := db.Unpaid(t.Context(), ""); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for i := range 30 {
		record(t, db, scanOf("s", at(0), unpaid("s", fmt.Sprint(i), at(0))))
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
