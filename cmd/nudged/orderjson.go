package main

import (
	"time"

	"nudged/store/order"
)

// orderJSON is an order for other programs. Contacts are masked, as everywhere
// outside the mails themselves.
type orderJSON struct {
	Shop       string      `json:"shop"`
	ID         string      `json:"id"`
	Number     string      `json:"number"`
	Status     string      `json:"status"`
	StatusText string      `json:"status_text"`
	Created    *time.Time  `json:"created"`
	Closes     *time.Time  `json:"closes,omitempty"`
	Total      string      `json:"total"`
	Currency   string      `json:"currency"`
	Minor      int64       `json:"total_minor"`
	Name       string      `json:"name"`
	Email      order.Email `json:"email"`
	Phone      order.Phone `json:"phone"`
	Payment    string      `json:"payment"`
	Link       string      `json:"link,omitempty"`
	Lines      []lineJSON  `json:"lines"`
	Seen       *time.Time  `json:"seen"`
	Looked     *time.Time  `json:"looked,omitempty"`
}

type lineJSON struct {
	Title    string `json:"title"`
	SKU      string `json:"sku,omitempty"`
	Quantity int    `json:"quantity"`
	Total    string `json:"total,omitempty"`
}

func jsonOf(o order.Order, zone *time.Location) orderJSON {
	return orderJSON{
		Shop: o.Shop, ID: o.ID, Number: o.Number, Status: string(o.Status), StatusText: o.StatusText,
		Created: known(o.Created, zone), Closes: known(o.Closes, zone), Seen: known(o.Seen, zone), Looked: known(o.Looked, zone),
		Total: o.Total.Decimal(), Currency: o.Total.Currency, Minor: o.Total.Minor,
		Name: o.Buyer.Name, Email: o.Buyer.Email, Phone: o.Buyer.Phone, Payment: o.Payment, Link: o.Link, Lines: linesJSON(o.Lines),
	}
}

func linesJSON(lines []order.Line) []lineJSON {
	out := make([]lineJSON, len(lines))
	for i, l := range lines {
		out[i] = lineJSON{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity}
		if l.Total.Currency != "" {
			out[i].Total = l.Total.String()
		}
	}
	return out
}

func known(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
