package demoshop

import (
	"fmt"
	"strings"
	"time"
)

// Order as this shop keeps it. Its words are the shop's own, not those of
// store/order: a recipe has to translate them.
type Order struct {
	ID      string // digits; may be beyond 2^53
	Number  string // what people call it: "DS-1042"
	Created time.Time
	Status  string // one of the words below, or any other text
	Name    string
	Email   string
	Phone   string
	Payment string
	Minor   int64  // of Currency, always two decimals in this shop
	Code    string // ISO 4217
	Lines   []Line

	Coupon    string // of this customer, not used for the order
	PayFailed bool   // an attempt to pay did not go through
}

// Line is one position.
type Line struct {
	Title    string
	SKU      string
	Quantity int
	Minor    int64 // of the whole line
	SoldOut  bool  // since the order
}

// Status words of the shop. InReview is the one that its recipe does not map.
const (
	Awaiting  = "Awaiting payment"
	Paid      = "Paid"
	Shipped   = "Shipped"
	Cancelled = "Cancelled"
	Refunded  = "Refunded"
	Draft     = "Draft"
	InReview  = "In review"
)

// closesAfter is how long the shop waits for a payment.
const closesAfter = 48 * time.Hour

// Closes is when the shop gives an unpaid order up.
func (o Order) Closes() time.Time { return o.Created.Add(closesAfter) }

// Total prints "1,234.50 USD".
func (o Order) Total() string { return grouped(o.Minor) + " " + o.Code }

func grouped(minor int64) string {
	whole, rest := fmt.Sprint(minor/100), fmt.Sprintf("%02d", minor%100)
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String() + "." + rest
}

// Sample is the stock of a young shop: 42 orders in every status, the newest
// some minutes old, among them buyers without an e-mail, masked phones, an id
// beyond 2^53, names that no page should trust, and one each with a payment that
// failed, a coupon that was not used and an item that is sold out.
func Sample(now time.Time) []Order {
	names := []string{
		"Ada Lindqvist", "Jean-Luc Moreau", "王小明", "Priya Raman", "Tom <script>alert('x')</script> Baker",
		"Søren Østergård", "María José Ñuñez", "O'Neill \"Paddy\" & Sons", "שלום כהן", "Zoë 🎈 Party",
		"Line\r\nBcc: everyone@example.test", "Lê Thị Hương",
	}
	statuses := []string{
		Awaiting, Paid, Awaiting, Shipped, Cancelled, Awaiting, Paid, Refunded, Awaiting, Shipped, Cancelled, Paid, Draft, Awaiting,
	}
	orders := make([]Order, 0, 42)
	for i := range 42 {
		o := Order{
			ID: fmt.Sprint(1042 - i), Number: fmt.Sprintf("DS-%d", 1042-i),
			Created: now.Add(-time.Duration(12+i*i*3+i*17) * time.Minute).Truncate(time.Second),
			Status:  statuses[i%len(statuses)], Name: names[i%len(names)],
			Email: fmt.Sprintf("buyer%d@example.test", 1042-i), Phone: fmt.Sprintf("+1 202 555 %04d", 100+i),
			Payment: []string{"Card", "Bank transfer", "Wallet"}[i%3], Code: []string{"USD", "EUR"}[i%7/6],
		}
		fillLines(&o, i)
		orders = append(orders, o)
	}
	orders[5].Email, orders[5].Phone = "", "+1 202 *** **05"
	orders[8].Email = ""
	orders[13].ID = "9007199254740995"
	orders[27].Status = InReview
	orders[2].PayFailed = true
	orders[14].Coupon = "WELCOME5"
	orders[16].Lines[0].SoldOut = true
	return orders
}

func fillLines(o *Order, i int) {
	goods := []Line{
		{Title: "Brass belt buckle", SKU: "BB-01", Quantity: 1, Minor: 2490}, {Title: "Oak desk lamp", SKU: "OL-07", Quantity: 1, Minor: 8900},
		{Title: "Linen apron, navy", SKU: "LA-12", Quantity: 2, Minor: 5980}, {Title: "Enamel mug \"Fjord\"", SKU: "EM-03", Quantity: 4, Minor: 4760},
		{Title: "Wool blanket <XL>", SKU: "WB-22", Quantity: 1, Minor: 129900},
	}
	o.Lines, o.Minor = nil, 0
	for k := range 1 + i%3 {
		line := goods[(i+k*2)%len(goods)]
		o.Lines = append(o.Lines, line)
		o.Minor += line.Minor
	}
}

// Hostile is a set of orders that tries to break whoever reads it.
func Hostile(now time.Time) []Order {
	names := []string{
		"<script>fetch('/write/script',{method:'POST'})</script>", "A\r\nBcc: victim@example.test\r\n\r\nbody", `"><img src=x onerror=alert(1)>`,
		"🎁🎁🎁", "\u202egnp.exe", strings.Repeat("x", 100<<10), "{{.Secret}} ${HOME} %s %n", "'; DROP TABLE orders; --", "   ", "",
	}
	orders := make([]Order, 0, len(names)+3)
	for i, name := range names {
		o := Order{
			ID: fmt.Sprint(9007199254740993 + int64(i)*2), Number: fmt.Sprintf("H-%d", i), Created: now.Add(-time.Duration(i+1) * time.Minute).Truncate(time.Second),
			Status: Awaiting, Name: name, Email: fmt.Sprintf("hostile%d@example.test", i), Phone: "138****8000", Payment: "Card", Code: "USD",
		}
		fillLines(&o, i)
		orders = append(orders, o)
	}
	return orders
}

// Many makes n plain orders, one a minute, newest first: for measuring.
func Many(n int, now time.Time) []Order {
	orders := make([]Order, n)
	for i := range orders {
		o := Order{
			ID: fmt.Sprint(100000 + n - i), Number: fmt.Sprintf("M-%d", 100000+n-i), Created: now.Add(-time.Duration(i+1) * time.Minute).Truncate(time.Second),
			Status: []string{Awaiting, Paid, Shipped, Cancelled}[i%4], Name: fmt.Sprintf("Buyer %d", i),
			Email: fmt.Sprintf("b%d@example.test", i), Phone: fmt.Sprintf("+1 202 555 %04d", i%10000), Payment: "Card", Code: "USD",
		}
		fillLines(&o, i)
		orders[i] = o
	}
	return orders
}
