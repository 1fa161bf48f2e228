package demoshop

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Customer is somebody who orders in a simulated life of the shop. Who does not
// pay unasked, and heeds no mail, never pays.
type Customer struct {
	Order               // Created says when they place it
	Pays  time.Duration // unasked, after the order; 0: not unasked
	Heeds int           // which mail about the order makes them pay; 0: none
	Then  time.Duration // how long after that mail
	Says  string        // what they answer to the first mail
	Stops bool          // the first mail is one too many: they unsubscribe
}

// Cast is who orders what in a shop's life. The same cast lives the same life
// every time.
type Cast struct {
	Prefix   string // of order numbers
	First    int    // id of the first order
	Code     string // ISO 4217
	Payments []string
	Goods    []Line
	People   []Person // in the order in which they come; the first comes again after the last
	Daily    []int    // orders of a day, from Monday to Sunday
	Seed     uint64
}

// Person is somebody who orders.
type Person struct{ Name, Email string }

// Backlog is what the shop had sold before: n orders, two a day, none of them
// younger than a day.
func (c Cast) Backlog(before time.Time, n int) []Order {
	dice := rand.New(rand.NewPCG(c.Seed, 1))
	out := make([]Order, n)
	for i := range out {
		o := c.Number(c.order(dice, len(c.People)-1-i%len(c.People)), i-n)
		o.Created = before.Add(-time.Duration(n-i)*12*time.Hour - 24*time.Hour)
		o.Status = []string{Shipped, Paid, Shipped, Cancelled, Shipped, Paid, Refunded}[i%7]
		out[i] = o
	}
	return out
}

// Life is who orders in so many days from a Monday's midnight on, in order of
// time. What more is told of single people is added to it, as they are. Their
// orders have no number yet: see [Cast.Number].
func (c Cast) Life(monday time.Time, days int, more ...Customer) []Customer {
	dice := rand.New(rand.NewPCG(c.Seed, 2))
	out := slices.Clone(more)
	who := 0
	for day := range days {
		for range c.Daily[day%7] + dice.IntN(3) - 1 {
			one := c.customer(dice, who)
			one.Created = monday.AddDate(0, 0, day).Add(7*time.Hour + time.Duration(dice.IntN(13*60))*time.Minute)
			out = append(out, one)
			who++
		}
	}
	slices.SortStableFunc(out, func(a, b Customer) int { return a.Created.Compare(b.Created) })
	for i := range out {
		if out[i].Code == "" {
			filled := c.order(dice, 0)
			out[i].Code, out[i].Lines, out[i].Minor = filled.Code, filled.Lines, filled.Minor
		}
	}
	return out
}

// Number is the nth order with the number that the shop gives it.
func (c Cast) Number(o Order, nth int) Order {
	o.ID = fmt.Sprint(c.First + nth)
	o.Number = c.Prefix + "-" + o.ID
	return o
}

// customer rolls the dice on somebody's mind: half of the people pay at once, a
// quarter once they are reminded, the others never.
func (c Cast) customer(dice *rand.Rand, who int) Customer {
	one := Customer{Order: c.order(dice, who%len(c.People)), Then: time.Duration(20+dice.IntN(160)) * time.Minute}
	switch mind := dice.IntN(100); {
	case mind < 30:
		one.Pays = time.Duration(2+dice.IntN(40)) * time.Minute
	case mind < 46: // they have seen something else in between
		one.Pays = time.Duration(45+dice.IntN(120)) * time.Minute
	case mind < 63:
		one.Heeds = 1
	case mind < 71:
		one.Heeds = 2
	case mind < 77:
		one.Heeds = 3
	}
	switch trouble := dice.IntN(7); {
	case one.Pays > 0:
	case trouble == 0:
		one.PayFailed = true
	case trouble == 1:
		one.Coupon = "WELCOME5"
	case trouble == 2:
		one.Lines[0].SoldOut = true
	}
	return one
}

func (c Cast) order(dice *rand.Rand, who int) Order {
	p := c.People[who]
	o := Order{Name: p.Name, Email: p.Email, Code: c.Code, Payment: c.Payments[dice.IntN(len(c.Payments))]}
	for _, i := range dice.Perm(len(c.Goods))[:1+dice.IntN(3)] {
		l := c.Goods[i]
		l.Quantity = 1 + dice.IntN(2)
		l.Minor *= int64(l.Quantity)
		o.Lines, o.Minor = append(o.Lines, l), o.Minor+l.Minor
	}
	return o
}

// CloseOverdue cancels what nobody has paid in time, as this shop does by itself,
// and says how many orders that were.
func (s *Shop) CloseOverdue() int {
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i, o := range s.orders {
		if o.Status == Awaiting && !now.Before(o.Closes()) {
			s.orders[i].Status = Cancelled
			n++
		}
	}
	return n
}
