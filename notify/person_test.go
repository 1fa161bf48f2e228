package notify_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

func usd(minor int64) order.Money { return order.Money{Minor: minor, Currency: "USD"} }

// placedAt is an order of some items, hours after a fixed moment.
func placedAt(shop, id string, status order.Status, hours int, total int64, titles ...string) order.Order {
	o := order.Order{Shop: shop, ID: id, Status: status, Created: asked.Add(time.Duration(hours) * time.Hour), Total: usd(total)}
	for _, t := range titles {
		o.Lines = append(o.Lines, order.Line{Title: t, Quantity: 1})
	}
	return o
}

func TestKind(t *testing.T) {
	levels := []notify.Level{
		{Name: "gold", Orders: 3, Spent: usd(10_000)},
		{Name: "regular", Orders: 2},
		{Name: "spender", Spent: usd(50_000)},
	}
	paid := func(minor ...int64) (p notify.Person) {
		for i, m := range minor {
			p.Orders = append(p.Orders, placedAt("b", fmt.Sprint(i), order.Paid, -i, m))
		}
		return p
	}
	foreign := paid(60_000)
	foreign.Orders[0].Total.Currency = "CNY"
	huge := paid(math.MaxInt64, math.MaxInt64)
	for name, tc := range map[string]struct {
		p    notify.Person
		want string
	}{
		"nobody knows them":                     {notify.Person{}, "new"},
		"never paid":                            {notify.Person{Orders: []order.Order{placedAt("b", "1", order.ClosedUnpaid, -5, 99_999)}}, "known"},
		"paid and given back":                   {notify.Person{Orders: []order.Order{placedAt("b", "1", order.ClosedRefunded, -5, 99_999)}}, "known"},
		"one order":                             {paid(4_000), "known"},
		"two orders":                            {paid(400, 400), "regular"},
		"highest that fits, wherever it stands": {paid(4_000, 4_000, 4_000), "gold"},
		"of two that cannot be compared, the later": {paid(40_000, 4_000, 20_000), "spender"},
		"money of another currency":                 {foreign, "known"},
		"more than a number holds":                  {huge, "spender"},
	} {
		if got := tc.p.Kind(levels); got != tc.want {
			t.Errorf("%s: %s; want %s", name, got, tc.want)
		}
	}
	// "loyal" asks for more than "regular", wherever the level between them stands.
	between := []notify.Level{{Name: "loyal", Orders: 3}, {Name: "spender", Spent: usd(1_000)}, {Name: "regular", Orders: 2}}
	if got := paid(4_000, 4_000, 4_000).Kind(between); got != "spender" {
		t.Errorf("of three levels: %s", got)
	}
	if got := paid(1).Kind(nil); got != notify.KindKnown {
		t.Errorf("without levels: %s", got)
	}
}

func TestLater(t *testing.T) {
	o := placedAt("b", "10", order.Unpaid, 0, 500, "Buckle", "Strap")
	for name, tc := range map[string]struct {
		others []order.Order
		want   string // id of the other order
		hold   bool
	}{
		"nothing else":              {nil, "", false},
		"the order itself":          {[]order.Order{o}, "", false},
		"a later one paid":          {[]order.Order{placedAt("c", "1", order.Paid, 3, 9, "Hat")}, "1", false},
		"a later one paid and back": {[]order.Order{placedAt("c", "1", order.ClosedRefunded, 3, 9, "Hat")}, "1", false},
		"a later one open":          {[]order.Order{placedAt("c", "1", order.Unpaid, 3, 9, "Hat")}, "1", true},
		"not understood is open":    {[]order.Order{placedAt("c", "1", order.Unknown, 3, 9, "Hat")}, "1", true},
		"a later one cancelled":     {[]order.Order{placedAt("c", "1", order.ClosedUnpaid, 3, 9, "Hat")}, "", false},
		"a later draft":             {[]order.Order{placedAt("c", "1", order.Other, 3, 9, "Hat")}, "", false},
		"too long after":            {[]order.Order{placedAt("c", "1", order.Paid, 15*24, 9, "Hat")}, "", false},
		"paid before all open":      {[]order.Order{placedAt("c", "2", order.Unpaid, 5, 9), placedAt("c", "1", order.Paid, 3, 9)}, "1", false},
		"the latest of the open":    {[]order.Order{placedAt("c", "2", order.Unpaid, 5, 9), placedAt("c", "3", order.Unpaid, 8, 9), placedAt("c", "1", order.Unpaid, 3, 9)}, "3", true},
		"an earlier one open":       {[]order.Order{placedAt("c", "1", order.Unpaid, -3, 9, "Buckle", "Strap")}, "", false},
		"an earlier one paid":       {[]order.Order{placedAt("c", "1", order.Paid, -3, 9, "Hat")}, "", false},
		"its twin paid":             {[]order.Order{placedAt("c", "1", order.Paid, -3, 9, "strap ", "BUCKLE")}, "1", false},
		"paid the same yesterday":   {[]order.Order{placedAt("c", "1", order.Paid, -24, 9, "Buckle", "Strap")}, "", false},
		"paid a part of it before":  {[]order.Order{placedAt("c", "1", order.Paid, -3, 9, "Buckle")}, "", false},
		"its twin by amount":        {[]order.Order{placedAt("c", "1", order.Paid, -3, 500)}, "1", false},
		"same moment, later number": {[]order.Order{placedAt("b", "11", order.Unpaid, 0, 9)}, "11", true},
		"same moment, before":       {[]order.Order{placedAt("b", "9", order.Unpaid, 0, 9)}, "", false},
		"no date but a first sight": {[]order.Order{{Shop: "c", ID: "1", Status: order.Paid, First: asked.Add(time.Hour)}}, "1", false},
		"no date at all":            {[]order.Order{{Shop: "c", ID: "1", Status: order.Paid}}, "", false},
	} {
		other, why := notify.Later(o, notify.Person{Orders: tc.others})
		if other.ID != tc.want || (why != nil) != (tc.want != "") {
			t.Errorf("%s: %s, %+v; want %s", name, other.ID, why, tc.want)
			continue
		}
		if why != nil && (why.Hold != tc.hold || why.Cause != order.CauseTwice || !strings.Contains(why.Reason, tc.want+" in shop "+other.Shop)) {
			t.Errorf("%s: %+v; want hold %t", name, why, tc.hold)
		}
	}
}

// Of the open orders of one person exactly one is reminded, whatever their dates
// and ids: none would be as wrong as two.
func TestLaterLeavesOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var group []order.Order
		for i := range rapid.IntRange(1, 6).Draw(t, "orders") {
			o := placedAt(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "shop"), fmt.Sprint(8+i), order.Unpaid, 24*rapid.IntRange(0, 3).Draw(t, "day"), 500, "Buckle")
			o.DayOnly = rapid.Bool().Draw(t, "day only")
			o.First = asked.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "first")) * time.Hour)
			group = append(group, o)
		}
		free := 0
		for i, o := range group {
			o.First = time.Time{} // as it comes from its page
			var p notify.Person
			p.Orders = append(append(p.Orders, group[:i]...), group[i+1:]...)
			other, why := notify.Later(o, p)
			if why == nil {
				free++
				continue
			}
			if back, _ := notify.Later(other, notify.Person{Orders: []order.Order{o}}); back.ID != "" || !why.Hold {
				t.Fatalf("%s and %s wait for each other", o.Key(), other.Key())
			}
		}
		if free != 1 {
			t.Fatalf("%d of %d orders are reminded", free, len(group))
		}
	})
}
