package order

import (
	"strings"
	"time"
)

// Key names one order in the world: ids are only unique within a shop.
type Key struct{ Shop, ID string }

// String prints "shop/id", as the commands take it.
func (k Key) String() string { return k.Shop + "/" + k.ID }

// ParseKey reads "shop/id". Without a slash the shop is empty.
func ParseKey(s string) Key {
	shop, id, ok := strings.Cut(s, "/")
	if !ok {
		return Key{ID: s}
	}
	return Key{Shop: shop, ID: id}
}

// Order is what is known of one order. A list row fills some of it, the order's
// own page the rest; Looked tells whether that page was read.
type Order struct {
	Shop       string
	ID         string // the shop's key for the order, as text
	Number     string // what buyer and seller call it; the id where the shop has no other
	Status     Status
	StatusText string // the shop's own words, verbatim

	Created time.Time
	DayOnly bool      // the shop shows the day of Created and no time; Created is its beginning
	First   time.Time // when nudged read the order for the first time; the store keeps it
	Updated time.Time // zero if the shop does not show it
	Closes  time.Time // when the shop will close the order unpaid; zero if not known

	Total   Money
	Lines   []Line
	Buyer   Buyer
	Payment string // payment method in the shop's words
	// Coupon is one that the buyer has and that the order's page shows as not
	// used: its name or code; "" if the page shows none.
	Coupon string
	// PayFailed is true if the order's page says that an attempt to pay failed.
	PayFailed bool
	Link      string // where the buyer pays; https, allow-listed host, no token; "" if none
	Chat      string // where the seller writes to the buyer, in the back-office; the same rules; "" if none

	Seen   time.Time // last read, on a list or on its own page
	Looked time.Time // own page last read; zero if never
}

// Key of the order.
func (o Order) Key() Key { return Key{o.Shop, o.ID} }

// Began is the moment from which the buyer's time is counted: Created, or, where
// the shop shows only a day, the moment within that day at which the order was
// read for the first time.
func (o Order) Began() time.Time {
	if !o.DayOnly || !o.First.After(o.Created) {
		return o.Created
	}
	if end := o.Created.AddDate(0, 0, 1); o.First.After(end) {
		return end
	}
	return o.First
}

// Line is one position of an order.
type Line struct {
	Title    string
	SKU      string
	Quantity int
	Total    Money // of the line, not of one piece; zero Currency if not shown
	SoldOut  bool  // the order's page says that the shop cannot deliver it any more
}

// Buyer is the person as the shop shows them, hostile text included.
type Buyer struct {
	Name  string
	Email Email // "" when missing or masked
	Phone Phone // "" when missing, masked or virtual
}

// Reachable reports whether the buyer left an address or number that says something.
func (b Buyer) Reachable() bool { return b.Email != "" || b.Phone != "" }

// By is the buyer with nothing but the contact of a channel.
func (b Buyer) By(c Channel) Buyer {
	if c == BySMS {
		return Buyer{Phone: b.Phone}
	}
	return Buyer{Email: b.Email}
}
