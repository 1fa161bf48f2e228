package notify_test

import (
	"slices"
	"testing"

	"nudged/notify"
	"nudged/store/order"
)

func TestReasons(t *testing.T) {
	plain := placedAt("b", "10", order.Unpaid, 0, 500, "Buckle", "Strap")
	with := func(change func(*order.Order)) order.Order {
		o := plain
		o.Lines = slices.Clone(plain.Lines)
		change(&o)
		return o
	}
	old := placedAt("b", "1", order.Paid, -24*90, 400, "Hat")
	usual := func(minor ...int64) (out []order.Order) {
		for i, m := range minor {
			out = append(out, placedAt("b", string(rune('a'+i)), order.Paid, -24*(30+i), m, "Hat"))
		}
		return out
	}
	yen := usual(100, 100, 100)
	for i := range yen {
		yen[i].Total.Currency = "JPY"
	}
	for name, tc := range map[string]struct {
		o      order.Order
		others []order.Order
		want   []notify.Reason
	}{
		"nothing speaks for any":   {plain, []order.Order{old}, nil},
		"first order":              {plain, nil, []notify.Reason{notify.FirstOrder}},
		"first, by mistake twice":  {plain, []order.Order{placedAt("b", "9", order.Unpaid, -1, 700, "buckle")}, []notify.Reason{notify.OrderedTwice, notify.FirstOrder}},
		"twice in another shop":    {plain, []order.Order{old, placedAt("c", "9", order.Unpaid, 30, 700, "Strap")}, nil},
		"twice by amount":          {plain, []order.Order{old, placedAt("b", "9", order.Unpaid, -1, 500)}, []notify.Reason{notify.OrderedTwice}},
		"other amount, no items":   {plain, []order.Order{old, placedAt("b", "9", order.Unpaid, -1, 501)}, nil},
		"other items":              {plain, []order.Order{old, placedAt("b", "9", order.Unpaid, -1, 500, "Hat")}, nil},
		"the other was cancelled":  {plain, []order.Order{placedAt("b", "9", order.ClosedUnpaid, -1, 500, "Buckle")}, nil},
		"the other was paid":       {plain, []order.Order{placedAt("b", "9", order.Paid, -1, 500, "Buckle")}, nil},
		"three days apart":         {plain, []order.Order{placedAt("b", "9", order.Unpaid, -72, 500, "Buckle")}, nil},
		"failed payment":           {with(func(o *order.Order) { o.PayFailed = true }), []order.Order{old}, []notify.Reason{notify.PaymentFailed}},
		"coupon":                   {with(func(o *order.Order) { o.Coupon = "SPRING" }), []order.Order{old}, []notify.Reason{notify.CouponUnused}},
		"sold out":                 {with(func(o *order.Order) { o.Lines[1].SoldOut = true }), []order.Order{old}, []notify.Reason{notify.SoldOut}},
		"high":                     {plain, usual(100, 9_000, 240), []notify.Reason{notify.HighAmount}},
		"not more than twice":      {plain, usual(100, 9_000, 250), nil},
		"high by an even number":   {plain, usual(100, 9_000, 200, 298), []notify.Reason{notify.HighAmount}},
		"two orders are no custom": {plain, usual(100, 100), nil},
		"another currency":         {plain, yen, nil},
		"free orders do not count": {plain, usual(0, 0, 100, 100), nil},
		"all at once": {with(func(o *order.Order) { o.PayFailed, o.Coupon, o.Lines[0].SoldOut = true, "X", true }),
			append(usual(100, 100, 100), placedAt("b", "9", order.Unpaid, -1, 1, "Buckle")),
			[]notify.Reason{notify.SoldOut, notify.PaymentFailed, notify.OrderedTwice, notify.CouponUnused, notify.HighAmount}},
	} {
		if got := notify.Reasons(tc.o, notify.Person{Orders: tc.others}); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q; want %q", name, got, tc.want)
		}
	}
}
