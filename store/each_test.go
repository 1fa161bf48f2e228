package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// crowded records n orders in each of two shops, one an hour, every tenth unpaid.
func crowded(t *testing.T, db *store.DB, n int) time.Time {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for s, shop := range []string{"one", "two"} {
		v := order.Visit{Shop: shop, Kind: order.Scan, At: start, Ended: start, Outcome: order.OK}
		for i := range n {
			o := order.Order{Shop: shop, ID: fmt.Sprint(i), Status: order.Paid, Created: start.Add(time.Duration(i)*time.Hour + time.Duration(s)*time.Minute)}
			if i%10 == 0 {
				o.Status = order.Unpaid
			}
			v.Orders = append(v.Orders, o)
		}
		if _, err := db.Record(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	return start
}

// All orders come one by one as Orders gives them at once, whatever is asked.
func TestEachOrderIsOrders(t *testing.T) {
	db := openNew(t)
	const n = 1300 // more than is held at a time
	start := crowded(t, db, n)
	for name, f := range map[string]store.Filter{
		"all":              {},
		"of one shop":      {Shop: "two"},
		"of no shop":       {Shop: "three"},
		"some":             {Limit: 70},
		"open ones":        {Status: []order.Status{order.Unpaid}},
		"open ones, twice": {Status: []order.Status{order.Unpaid, order.Unpaid}},
		"of two statuses":  {Status: []order.Status{order.Unpaid, order.ClosedUnpaid}},
		"of a status":      {Status: []order.Status{order.Paid}, Limit: 900},
		"of some days":     {Since: start.Add(100 * time.Hour), Until: start.Add(900 * time.Hour)},
	} {
		want, err := db.Orders(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var got []order.Order
		err = db.EachOrder(t.Context(), f, func(o order.Order) (bool, error) {
			if _, _, err := db.Order(o.Key()); err != nil { // the database can be used in between
				return false, err
			}
			got = append(got, o)
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		keys := func(all []order.Order) (out []order.Key) {
			for _, o := range all {
				out = append(out, o.Key())
			}
			return out
		}
		if !slices.Equal(keys(got), keys(want)) {
			t.Errorf("%s: %d orders, want %d", name, len(got), len(want))
		}
	}
}

func TestEachOrderEndsWhenItIsTold(t *testing.T) {
	db := openNew(t)
	crowded(t, db, 100)
	seen := 0
	if err := db.EachOrder(t.Context(), store.Filter{}, func(order.Order) (bool, error) { seen++; return seen < 3, nil }); err != nil || seen != 3 {
		t.Errorf("%d orders, %v", seen, err)
	}
	stop := errors.New("stop")
	if err := db.EachOrder(t.Context(), store.Filter{}, func(order.Order) (bool, error) { return true, stop }); !errors.Is(err, stop) {
		t.Errorf("the error is %v", err)
	}
}

func TestCountOrders(t *testing.T) {
	db := openNew(t)
	crowded(t, db, 1300)
	got, err := db.CountOrders(t.Context(), "one")
	if err != nil || got[order.Unpaid] != 130 || got[order.Paid] != 1170 || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := db.CountOrders(t.Context(), "nowhere"); err != nil || len(got) != 0 {
		t.Errorf("of no shop: %v, %v", got, err)
	}
}
