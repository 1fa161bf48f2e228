package notify

import (
	"slices"

	"nudged/store/order"
)

// Reason is why a buyer may not have paid yet, as far as facts tell.
type Reason string

// Reasons.
const (
	SoldOut       Reason = "sold out"       // the page shows an item that the shop cannot deliver any more
	PaymentFailed Reason = "payment failed" // the page says that an attempt to pay failed
	OrderedTwice  Reason = "ordered twice"  // another open order in the shop has an item in common with this one
	CouponUnused  Reason = "coupon unused"  // the page shows a coupon that was not used
	HighAmount    Reason = "high amount"    // much more than this buyer's usual order
	FirstOrder    Reason = "first order"    // no other order of this buyer is on record or on a list of the seller's
)

// AllReasons are the reasons there are, the weightiest first.
func AllReasons() []Reason {
	return []Reason{SoldOut, PaymentFailed, OrderedTwice, CouponUnused, HighAmount, FirstOrder}
}

// An amount is high if it is more than twice the median of the buyer's paid
// orders in the same currency, and there are at least three of them. The median,
// so that one large order does not move what is usual; three, because of one or
// two orders nobody can say what is usual; twice, so that an order a little
// larger than the others is no reason to talk about money. What is high for all
// buyers is left to a condition: order.total > 500.
const (
	highFactor = 2
	highOrders = 3
)

// Reasons that the facts of an order and its buyer speak for, the weightiest
// first. They are likely reasons, not known ones: a text may use them to offer
// help, never to tell the buyer what they think.
func Reasons(o order.Order, p Person) []Reason {
	var out []Reason
	for _, r := range AllReasons() {
		if speaksFor(r, o, p) {
			out = append(out, r)
		}
	}
	return out
}

func speaksFor(r Reason, o order.Order, p Person) bool {
	switch r {
	case SoldOut:
		return slices.ContainsFunc(o.Lines, func(l order.Line) bool { return l.SoldOut })
	case PaymentFailed:
		return o.PayFailed
	case OrderedTwice:
		// Of one shop: a text that says so must not tell a buyer which shops are one seller's.
		return slices.ContainsFunc(p.Orders, func(other order.Order) bool { return other.Shop == o.Shop && twice(o, other) })
	case CouponUnused:
		return o.Coupon != ""
	case HighAmount:
		return highAmount(o, p)
	case FirstOrder: // an order that was made twice by mistake is still the first
		return p.Past.IsZero() && !slices.ContainsFunc(p.Orders, func(other order.Order) bool { return !twice(o, other) })
	}
	return false
}

// twice reports whether another order is open beside o, placed within two days
// of it, with an item in common.
func twice(o, other order.Order) bool {
	return other.Key() != o.Key() && waiting(other) && apart(o, other) <= twiceWithin && shareThing(o, other)
}

func highAmount(o order.Order, p Person) bool {
	var usual []int64
	for other := range p.paid() {
		if sameCurrency(o, *other) && other.Total.Minor > 0 {
			usual = append(usual, other.Total.Minor)
		}
	}
	if len(usual) < highOrders {
		return false
	}
	slices.Sort(usual)
	n := len(usual)
	median := float64(usual[n/2])
	if n%2 == 0 {
		median = (float64(usual[n/2-1]) + float64(usual[n/2])) / 2
	}
	return float64(o.Total.Minor) > highFactor*median
}
