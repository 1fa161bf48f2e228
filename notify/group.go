package notify

import (
	"iter"
	"math"
	"slices"
	"time"

	"nudged/store/order"
)

// Level is a kind of buyer that the seller has named: whoever paid at least
// Orders orders and at least Spent. What is zero is not asked for.
type Level struct {
	Name   string
	Orders int
	Spent  order.Money
}

// Groups of buyers beside the levels of the config. Whoever is not new is known,
// and most of them are potential or a customer.
const (
	KindNew       = "new"       // nothing else is on record
	KindKnown     = "known"     // something is
	KindPotential = "potential" // has ordered and never paid
	KindCustomer  = "customer"  // has paid at least once, and not had it all back
	KindLapsed    = "lapsed"    // a customer whose last paid order is long ago
)

// Kinds lists the groups that nudged itself knows, the narrowest first.
func Kinds() []string {
	return []string{KindLapsed, KindCustomer, KindPotential, KindKnown, KindNew}
}

// DefaultLapsed is how long ago the last paid order of a lapsed customer is,
// unless the config says otherwise.
const DefaultLapsed = 180 * 24 * time.Hour

// Kind of the buyer: "new" if nothing else of theirs is on record, else the
// highest level that fits, else "known". The record begins when nudged was set
// up, so an old customer may be new to it, unless a list of the seller's tells. A
// level is higher than another if it asks for more and in nothing for less; of
// two that cannot be compared so, the later one in levels is the higher.
//
// It is what a text and a condition know as the one kind; all that fits is told
// by [Person.Groups].
func (p Person) Kind(levels []Level) string {
	if len(p.Orders) == 0 && p.Past.IsZero() {
		return KindNew
	}
	paid := p.payments()
	var fit []Level
	for _, l := range levels {
		if paid >= l.Orders && (l.Spent.IsZero() || p.spent(l.Spent.Currency) >= l.Spent.Minor) {
			fit = append(fit, l)
		}
	}
	for _, l := range slices.Backward(fit) {
		if !slices.ContainsFunc(fit, func(other Level) bool { return other.above(l) }) {
			return l.Name
		}
	}
	return KindKnown
}

// Groups are all that a buyer belongs to, the narrowest first, so that the first
// one is the best single word for them: their level, then lapsed, customer,
// potential, known or new. lapsed is the time after which a customer is one who
// has gone; zero is [DefaultLapsed].
func (p Person) Groups(levels []Level, lapsed time.Duration, now time.Time) []string {
	kind := p.Kind(levels)
	if kind == KindNew {
		return []string{KindNew}
	}
	var out []string
	if kind != KindKnown {
		out = append(out, kind)
	}
	if p.Lapsed(lapsed, now) {
		out = append(out, KindLapsed)
	}
	if p.Customer() {
		out = append(out, KindCustomer)
	}
	if p.Potential() {
		out = append(out, KindPotential)
	}
	return append(out, KindKnown)
}

// Customer reports whether the buyer has paid an order and not had the money
// back.
func (p Person) Customer() bool {
	return p.payments() > 0 || slices.ContainsFunc(p.Past.Spent, func(m order.Money) bool { return m.Minor > 0 })
}

// Potential reports whether the buyer has ordered and never paid, not even an
// order whose money went back. Orders in a status that says neither tell
// nothing.
func (p Person) Potential() bool {
	if p.Customer() || slices.ContainsFunc(p.Orders, settled) {
		return false
	}
	return slices.ContainsFunc(p.Orders, func(o order.Order) bool {
		return o.Status == order.Unpaid || o.Status == order.ClosedUnpaid
	})
}

// Lapsed reports whether the buyer is a customer whose last paid order was
// placed longer ago than that; zero is [DefaultLapsed]. Where no date is known,
// nobody is called so.
func (p Person) Lapsed(after time.Duration, now time.Time) bool {
	if after <= 0 {
		after = DefaultLapsed
	}
	last := p.LastPaid()
	return p.Customer() && !last.IsZero() && now.Sub(last) > after
}

// LastPaid is when the last order that was paid was placed; zero if none was, or
// no date is known.
func (p Person) LastPaid() time.Time {
	last := time.Time{}
	if p.Customer() {
		last = p.Past.Last
	}
	for o := range p.paid() {
		last = latest(last, placed(*o))
	}
	return last
}

// above reports whether a level asks for more than another one, and in nothing
// for less.
func (l Level) above(other Level) bool {
	money := other.Spent.IsZero() || (l.Spent.Currency == other.Spent.Currency && l.Spent.Minor >= other.Spent.Minor)
	more := l.Orders > other.Orders || (!l.Spent.IsZero() && (other.Spent.IsZero() || l.Spent.Minor > other.Spent.Minor))
	return l.Orders >= other.Orders && money && more
}

// paid goes through the orders on record that were paid and not given back.
func (p Person) paid() iter.Seq[*order.Order] {
	return func(yield func(*order.Order) bool) {
		for i := range p.Orders {
			if p.Orders[i].Status == order.Paid && !yield(&p.Orders[i]) {
				return
			}
		}
	}
}

// listed is how many paid orders a list of the seller's tells of.
func (p Person) listed() int { return min(max(p.Past.Orders, 0), math.MaxInt32) }

// payments is how many orders were paid and not given back, those on a list
// among them.
func (p Person) payments() int {
	n := p.listed()
	for range p.paid() {
		n++
	}
	return n
}

// spent is what the person paid in one currency, in its minor unit. Other
// currencies do not count: they are not changed into each other.
func (p Person) spent(currency string) int64 {
	var sum int64
	add := func(m order.Money) {
		if m.Currency == currency && m.Minor > 0 {
			sum += min(m.Minor, math.MaxInt64-sum)
		}
	}
	for _, m := range p.Past.Spent {
		add(m)
	}
	for o := range p.paid() {
		add(o.Total)
	}
	return sum
}
