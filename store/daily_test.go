package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

func usd(minor int64) []order.Money { return []order.Money{{Minor: minor, Currency: "USD"}} }

func TestDaysAreCounted(t *testing.T) {
	db := openNew(t)
	zone := noon.Location()
	day := func(n int, hour int) time.Time { return time.Date(2026, 2, n, hour, 0, 0, 0, zone) }
	see := func(when time.Time, orders ...order.Order) {
		t.Helper()
		for i := range orders {
			orders[i].Seen = when
		}
		v := scanOf("s", when, orders...)
		v.Full = false
		record(t, db, v)
	}
	one, two, three, old := unpaid("s", "1", day(10, 0)), unpaid("s", "2", day(10, 0)), unpaid("s", "3", day(10, 0)), as(unpaid("s", "4", day(1, 0)), order.Paid, "Paid")
	three.Total = order.Money{Minor: 7, Currency: "EUR"}
	see(day(10, 23), one, two, three, old)
	if err := send(t, db, rkey("s", "1", "x"), day(11, 9), order.Sent, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := send(t, db, rkey("s", "2", "x"), day(11, 9), order.Shown, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	see(day(12, 1), as(one, order.Paid, "Paid"), as(two, order.Paid, "Paid"), as(three, order.ClosedUnpaid, "Gone"))
	see(day(12, 2), as(one, order.Unknown, "?"))
	see(day(12, 3), as(one, order.Paid, "Paid")) // counted once
	see(day(13, 1), as(two, order.ClosedRefunded, "Back"))
	see(day(13, 2), as(two, order.Paid, "Paid")) // it was paid before
	if err := send(t, db, rkey("s", "3", "late"), day(13, 9), order.Sent, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	see(day(13, 1), as(three, order.Paid, "Paid")) // paid before the message
	wide := must(db.Daily(t.Context(), day(10, 12), day(14, 0), zone))
	both := []order.Money{{Minor: 7, Currency: "EUR"}, {Minor: 3998, Currency: "USD"}}
	want := []store.Daily{
		{Day: day(10, 0), New: store.Count{Orders: 3, Sum: both}},
		{Day: day(11, 0)},
		{Day: day(12, 0), Paid: store.Count{Orders: 2, Sum: usd(3998)}, Recovered: store.Count{Orders: 1, Sum: usd(1999)}, Closed: store.Count{Orders: 1, Sum: both[:1]}},
		{Day: day(13, 0), Paid: store.Count{Orders: 1, Sum: both[:1]}},
	}
	if d := cmp.Diff(want, wide); d != "" {
		t.Error(d)
	}
	// In another zone the evening is the next day; the bounds hold.
	east := must(db.Daily(t.Context(), day(10, 12), day(12, 1), time.FixedZone("", 14*3600)))
	if len(east) != 3 || east[0].New.Orders != 0 || east[1].New.Orders != 3 || east[2].Paid.Orders != 0 {
		t.Errorf("%+v", east)
	}
	for _, empty := range [][2]time.Time{{day(10, 0), day(10, 0)}, {day(11, 0), day(10, 0)}, {{}, day(10, 0)}} {
		if got, err := db.Daily(t.Context(), empty[0], empty[1], zone); err != nil || len(got) != 0 {
			t.Errorf("%v: %+v %v", empty, got, err)
		}
	}
	see(day(15, 1), unpaid("s", "8", day(15, 0)), func() order.Order {
		o := unpaid("r", "8", day(15, 0))
		o.Shop = "s"
		o.ID = "9"
		o.Total = three.Total
		return o
	}())
	last, err := db.Daily(t.Context(), day(15, 0), day(15, 2), zone)
	if err != nil || len(last) != 1 || cmp.Diff(last[0].New, store.Count{Orders: 2, Sum: []order.Money{three.Total, {Minor: 1999, Currency: "USD"}}}) != "" {
		t.Errorf("%+v %v", last, err)
	}
}

// Days of 23 and 25 hours, and one that begins at one o'clock, are one entry each.
func TestDaysWhenTheClockIsSet(t *testing.T) {
	for zoneName, days := range map[string][]string{
		"Europe/Berlin":    {"2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"America/Havana":   {"2026-03-07T00:00:00-05:00", "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"},
		"Pacific/Apia":     {"2011-12-29T00:00:00-10:00", "", "2011-12-31T00:00:00+14:00"},
		"America/New_York": {"2026-10-31T00:00:00-04:00", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
	} {
		zone, err := time.LoadLocation(zoneName)
		if err != nil {
			t.Fatal(err)
		}
		o := options()
		db := openAt(t, tempPath(t), o)
		first, _ := time.Parse(time.RFC3339, days[0])
		last, _ := time.Parse(time.RFC3339, days[2])
		begin, end := first, last.Add(24*time.Hour)
		hours := 0
		v := scanOf("s", first)
		for at := begin; at.Before(end); at = at.Add(time.Hour) {
			v.At, v.Ended = at, at
			v.Orders = []order.Order{unpaid("s", at.Format(time.RFC3339), at)}
			record(t, db, v)
			hours++
		}
		got := must(db.Daily(t.Context(), begin, end, zone))
		if len(got) != 3 {
			t.Fatalf("%s: %+v", zoneName, got)
		}
		sum := 0
		for i, d := range got {
			sum += d.New.Orders
			if days[i] != "" && d.Day.Format(time.RFC3339) != days[i] {
				t.Errorf("%s: %s, want %s", zoneName, d.Day, days[i])
			}
		}
		if sum != hours || got[0].New.Orders != 24 || got[2].New.Orders != 24 {
			t.Errorf("%s: %d of %d, %+v", zoneName, sum, hours, got)
		}
	}
}
