package main

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// orderRow is an order as a list tells it.
type orderRow struct {
	order.Order
	zone     *time.Location // of the shop: times are told on its clock; nil: as they are
	now      time.Time
	contacts bool // e-mail and phone in clear
	// next is the order's next message, asked only where a column shows it; nil
	// where there is no database to ask.
	next func() (string, error)
	// failed keeps what went wrong while a column was asked.
	failed *error
}

// orderColumns are everything that a list can tell of an order.
func orderColumns() columnsOf[*orderRow] {
	return columnsOf[*orderRow]{
		all:    append(orderFacts(), orderMore()...),
		screen: []string{"order", "status", "total", "name", "contact", "created", "closes"},
		file: []string{
			"shop", "number", "status", "status_text", "created", "closes", "total", "currency", "name", "email", "phone", "contact",
			"lines", "pieces", "payment", "coupon", "link", "seen", "id",
		},
		api: []string{
			"shop", "id", "number", "status", "status_text", "created", "closes", "total", "currency", "total_minor",
			"name", "email", "phone", "payment", "coupon", "link", "lines", "seen", "looked",
		},
	}
}

// orderFacts are what nearly every list shows.
func orderFacts() []column[*orderRow] {
	return []column[*orderRow]{
		{name: "order", title: "Order", help: "shop and number, the way nudged why takes it", kind: sheet.Text, max: 40, min: 12,
			cell: textCell(func(r *orderRow) string { return label(r.Order) })},
		{name: "shop", title: "Shop", help: "its name in the config", kind: sheet.Text,
			cell: textCell(func(r *orderRow) string { return r.Shop })},
		{name: "number", title: "Number", help: "what buyer and seller call the order", kind: sheet.Text,
			cell: textCell(func(r *orderRow) string { return cmp.Or(r.Number, r.ID) }), json: func(r *orderRow) any { return r.Number }},
		{name: "status", title: "Status", help: "unpaid, paid, closed_unpaid, closed_refunded, other or unknown", kind: sheet.Text, max: 34, min: 13,
			cell: textCell(func(r *orderRow) string { return string(r.Status) }), show: func(r *orderRow) string { return statusWords(r.Order) }},
		{name: "total", title: "Total", help: "what it costs", kind: sheet.Money,
			cell: func(r *orderRow) sheet.Cell { return moneyCell(r.Total) }, json: func(r *orderRow) any { return r.Total.Decimal() }},
		{name: "currency", title: "Currency", help: "of the total, as USD", kind: sheet.Text,
			cell: textCell(func(r *orderRow) string { return r.Total.Currency })},
		{name: "name", title: "Buyer", help: "the buyer's name", kind: sheet.Text, max: 24, min: 8,
			cell: textCell(func(r *orderRow) string { return r.Buyer.Name }), show: func(r *orderRow) string { return r.Buyer.Name }},
		{name: "contact", title: "Contact", help: "how the buyer can be reached: email, phone, both or none; - while nobody has looked", kind: sheet.Text,
			cell: textCell((*orderRow).reach)},
		{name: "email", title: "E-mail", help: "masked; in clear with --contacts", kind: sheet.Text, max: 40, min: 12,
			cell: textCell(func(r *orderRow) string { return contactText(r.Buyer.Email, r.contacts) })},
		{name: "phone", title: "Phone", help: "masked; in clear with --contacts", kind: sheet.Text,
			cell: textCell(func(r *orderRow) string { return contactText(r.Buyer.Phone, r.contacts) })},
		{name: "created", title: "Placed", help: "when it was placed, on the shop's clock", kind: sheet.Time, day: func(r *orderRow) bool { return r.DayOnly },
			cell: func(r *orderRow) sheet.Cell { return r.at(r.Created) }},
		{name: "closes", title: "Closes", help: "when the shop closes it unpaid", kind: sheet.Time,
			cell: func(r *orderRow) sheet.Cell { return r.at(r.Closes) }},
		{name: "age", title: "Age", help: "days since it was placed", kind: sheet.Number,
			cell: func(r *orderRow) sheet.Cell { return r.days() }, show: func(r *orderRow) string { return r.age() }},
	}
}

// orderMore are what is shown where it is asked for.
func orderMore() []column[*orderRow] {
	return []column[*orderRow]{
		{name: "lines", title: "Items", help: "what was ordered", kind: sheet.Text, max: 48, min: 12,
			cell: textCell(func(r *orderRow) string { return linesText(r.Lines) }), json: func(r *orderRow) any { return linesJSON(r.Lines) }},
		{name: "pieces", title: "Pieces", help: "how many pieces", kind: sheet.Whole, cell: func(r *orderRow) sheet.Cell { return pieces(r.Lines) }},
		{name: "payment", title: "Payment", help: "how the buyer wants to pay, in the shop's words", kind: sheet.Text, max: 28, min: 8,
			cell: textCell(func(r *orderRow) string { return r.Payment })},
		{name: "coupon", title: "Coupon", help: "one that was not used", kind: sheet.Text, max: 20, min: 8,
			cell: textCell(func(r *orderRow) string { return r.Coupon })},
		{name: "next", title: "Next message", help: "the reminder that goes out next, and when; or why none will", kind: sheet.Text, max: 40, min: 12,
			cell: textCell((*orderRow).nextMessage)},
		{name: "status_text", title: "In the shop's words", help: "the status as the shop writes it", kind: sheet.Text, max: 28, min: 8,
			cell: textCell(func(r *orderRow) string { return r.StatusText })},
		{name: "link", title: "Where to pay", help: "the page on which the buyer pays", kind: sheet.Text, max: 60, min: 20,
			cell: textCell(func(r *orderRow) string { return r.Link })},
		{name: "chat", title: "Chat", help: "where you write to the buyer in the shop", kind: sheet.Text, max: 60, min: 20,
			cell: textCell(func(r *orderRow) string { return r.Chat })},
		{name: "seen", title: "Last read", help: "when it was last read, on a list or its own page", kind: sheet.Time,
			cell: func(r *orderRow) sheet.Cell { return r.at(r.Seen) }},
		{name: "looked", title: "Last opened", help: "when its own page was last read", kind: sheet.Time,
			cell: func(r *orderRow) sheet.Cell { return r.at(r.Looked) }},
		{name: "id", title: "Id", help: "the shop's own key for the order", kind: sheet.Text, max: 40, min: 12,
			cell: textCell(func(r *orderRow) string { return r.ID })},
		{name: "total_minor", title: "Total in cents", help: "the total in the smallest unit of its currency, for programs", kind: sheet.Whole,
			cell: func(r *orderRow) sheet.Cell { return sheet.OfWhole(r.Total.Minor) }},
	}
}

// reach is "" while nobody has looked: a list rarely tells.
func (r *orderRow) reach() string {
	if r.Looked.IsZero() && !r.Buyer.Reachable() {
		return ""
	}
	return ways(r.Buyer)
}

func (r *orderRow) at(t time.Time) sheet.Cell {
	if r.zone != nil {
		t = t.In(r.zone)
	}
	return sheet.OfTime(t)
}

func (r *orderRow) days() sheet.Cell {
	if r.Created.IsZero() || r.now.IsZero() {
		return sheet.Cell{}
	}
	return sheet.OfNumber(math.Round(r.now.Sub(r.Created).Hours()/24*10) / 10)
}

func (r *orderRow) age() string {
	if r.Created.IsZero() || r.now.IsZero() {
		return "-"
	}
	return spanWords(r.now.Sub(r.Created))
}

// spanWords is a length of time as short as a list needs it.
func spanWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func (r *orderRow) nextMessage() string {
	if r.next == nil {
		return ""
	}
	text, err := r.next()
	if err != nil && r.failed != nil && *r.failed == nil {
		*r.failed = err
	}
	return text
}

func linesText(lines []order.Line) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = fmt.Sprintf("%d × %s", l.Quantity, l.Title)
	}
	return strings.Join(out, "; ")
}

func pieces(lines []order.Line) sheet.Cell {
	if len(lines) == 0 {
		return sheet.Cell{}
	}
	n := int64(0)
	for _, l := range lines {
		n += int64(min(max(l.Quantity, 0), math.MaxInt32))
	}
	return sheet.OfWhole(n)
}
