package notify

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// How near two orders of one person must be.
const (
	againWithin    = 14 * 24 * time.Hour // a later order makes the earlier one needless
	twiceWithin    = 48 * time.Hour      // two open orders for the same thing look like a mistake
	accidentWithin = 12 * time.Hour      // of two equal orders, one of them paid, the other was an accident
)

// Person is what is known of a buyer besides the order at hand.
type Person struct {
	Orders []order.Order // all other orders of theirs, in every shop, newest first
	Past   order.Past    // what a list of the seller's says of them beyond these
}

// Later finds an order that makes a reminder of o needless, because the person
// has ordered again:
//
//   - a later one, of the next 14 days, that was paid, in any shop: final;
//   - one of the same things, placed within 12 hours before or after, that was
//     paid: o was ordered by accident; final;
//   - a later one, of the next 14 days, that is still open: o waits, and the
//     latest order gets the reminder for all of them.
//
// Later is by the day and time of the order as the shop shows it; where two are
// equal, by shop and id, so that of two orders never both wait for each other.
// nil: nothing speaks against a reminder.
func Later(o order.Order, p Person) (order.Order, *Refusal) {
	var open *order.Order
	for i, other := range p.Orders {
		switch {
		case other.Key() == o.Key() || apart(o, other) > againWithin:
		case settled(other) && (younger(other, o) || (apart(o, other) <= accidentWithin && sameThings(o, other))):
			return other, &Refusal{Cause: order.CauseTwice, Reason: "the buyer has paid another order instead: " + called(other)}
		case waiting(other) && younger(other, o) && (open == nil || younger(other, *open)):
			open = &p.Orders[i]
		}
	}
	if open == nil {
		return order.Order{}, nil
	}
	return *open, &Refusal{
		Cause: order.CauseTwice, Hold: true,
		Reason: "the buyer has ordered again, and gets the reminders of that order: " + called(*open),
	}
}

// settled reports whether the buyer has paid, even if the money went back later.
func settled(o order.Order) bool {
	return o.Status == order.Paid || o.Status == order.ClosedRefunded
}

// waiting reports whether an order may still be paid. A status that is not
// understood may mean that.
func waiting(o order.Order) bool { return o.Status == order.Unpaid || o.Status == order.Unknown }

func called(o order.Order) string {
	number := o.Number
	if number == "" {
		number = o.ID
	}
	return fmt.Sprintf("%s in shop %s", clean(number, maxNumber), o.Shop)
}

// placed is when an order was placed, as the shop shows it. It is not
// [order.Order.Began], which an order fresh from its page does not know as the
// stored one does.
func placed(o order.Order) time.Time {
	if o.Created.IsZero() {
		return o.First
	}
	return o.Created
}

// apart is the time between two orders, for ever if one of them has no date.
func apart(a, b order.Order) time.Duration {
	if placed(a).IsZero() || placed(b).IsZero() {
		return math.MaxInt64
	}
	return placed(a).Sub(placed(b)).Abs()
}

// younger reports whether a is the later order. Of two different orders exactly
// one is.
func younger(a, b order.Order) bool {
	if n := placed(a).Compare(placed(b)); n != 0 {
		return n > 0
	}
	if n := strings.Compare(a.Shop, b.Shop); n != 0 {
		return n > 0
	}
	if len(a.ID) != len(b.ID) { // ids that count up: 10 comes after 9
		return len(a.ID) > len(b.ID)
	}
	return a.ID > b.ID
}

// sameThings reports whether two orders are over the same items, whatever the
// quantity; where items are not known, over the same amount.
func sameThings(a, b order.Order) bool {
	mine, theirs := things(a), things(b)
	if mine == nil || theirs == nil {
		return sameAmount(a, b)
	}
	return slices.Equal(mine, theirs)
}

// shareThing reports whether two orders have an item in common; where items are
// not known, whether they are over the same amount.
func shareThing(a, b order.Order) bool {
	mine, theirs := things(a), things(b)
	if mine == nil || theirs == nil {
		return sameAmount(a, b)
	}
	return slices.ContainsFunc(mine, func(t string) bool { return slices.Contains(theirs, t) })
}

func sameAmount(a, b order.Order) bool {
	return !a.Total.IsZero() && a.Total.Minor == b.Total.Minor && sameCurrency(a, b)
}

// sameCurrency reports whether two amounts can be compared. A shop that shows
// no currency has one of its own.
func sameCurrency(a, b order.Order) bool {
	return a.Total.Currency == b.Total.Currency && (a.Total.Currency != "" || a.Shop == b.Shop)
}

// things names the items of an order, sorted, each once; nil if they are not
// known. Titles, since every shop has them: an SKU need not be shown, and need
// not mean the same in two shops.
func things(o order.Order) []string {
	var out []string
	for _, l := range o.Lines {
		if t := strings.ToLower(clean(l.Title, maxTitle)); t != "" {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
