package main

import (
	"fmt"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/store"
	"nudged/store/order"
)

type ordersCmd struct {
	Shop   string   `help:"Only this shop."`
	Status []string `help:"Only these: unpaid, paid, closed_unpaid, closed_refunded, other, unknown." placeholder:"STATUS"`
	Limit  int      `default:"50" help:"At most so many, the newest first; 0 for all."`
	JSON   bool     `name:"json" help:"As JSON, with the items."`
}

func (ordersCmd) remote() {}

// Run lists what is on record.
func (c ordersCmd) Run(s *session) error {
	filter := store.Filter{Limit: c.Limit}
	if c.Limit < 0 {
		return &usageError{fmt.Errorf("--limit %d is below zero", c.Limit)}
	}
	for _, word := range c.Status {
		status, err := order.ParseStatus(word)
		if err != nil {
			return &usageError{err}
		}
		filter.Status = append(filter.Status, status)
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	if c.Shop != "" {
		filter.Shop = c.Shop
		if shop, ok := a.cfg.Shop(c.Shop); ok {
			filter.Shop = shop.Name
		}
	}
	orders, err := a.db.Orders(s.ctx, filter)
	if err != nil {
		return err
	}
	if c.JSON {
		out := make([]orderJSON, len(orders))
		for i, o := range orders {
			out[i] = jsonOf(o, zoneOf(a.cfg, o.Shop))
		}
		return table.JSON(s.stdout, out)
	}
	if len(orders) == 0 {
		s.sayf("No orders. nudged crawl reads the shops.\n")
		return nil
	}
	if err := writeOrders(s, inZones(a.cfg, orders)); err != nil {
		return err
	}
	if c.Limit > 0 && len(orders) == c.Limit {
		s.sayf("The newest %d; --limit 0 shows all.\n", c.Limit)
	}
	return nil
}

func writeOrders(s *session, orders []order.Order) error {
	form, name := "2006-01-02 15:04", 24
	if s.width > 0 && s.width < 120 { // a narrow terminal
		form, name = "01-02 15:04", 16
	}
	t := table.Table{Columns: []table.Column{
		{Title: "Order", Max: 28}, {Title: "Status", Max: 28}, {Title: "Total", Right: true}, {Title: "Buyer", Max: name},
		{Title: "Contact"}, {Title: "Placed"}, {Title: "Closes"},
	}}
	for _, o := range orders {
		t.Add(label(o), statusWords(o), o.Total.String(), o.Buyer.Name, ways(o), moment(o.Created, form), moment(o.Closes, form))
	}
	return t.Write(s.stdout, s.width)
}

// ways says how the buyer can be reached; "-" while nobody has looked: a list
// rarely tells.
func ways(o order.Order) string {
	var out []string
	if o.Buyer.Email != "" {
		out = append(out, "email")
	}
	if o.Buyer.Phone != "" {
		out = append(out, "phone")
	}
	switch {
	case len(out) > 0:
		return strings.Join(out, " ")
	case o.Looked.IsZero():
		return "-"
	}
	return "none"
}

// label names an order the way why takes it.
func label(o order.Order) string {
	number := o.Number
	if number == "" {
		number = o.ID
	}
	return o.Shop + "/" + number
}

func statusWords(o order.Order) string {
	if o.Status == order.Unknown {
		return "unknown: " + o.StatusText
	}
	return string(o.Status)
}

// contact shows which way there is to the buyer without giving it away.
func contact(b order.Buyer) string {
	var ways []string
	if b.Email != "" {
		ways = append(ways, b.Email.String())
	}
	if b.Phone != "" {
		ways = append(ways, b.Phone.String())
	}
	if len(ways) == 0 {
		return "none"
	}
	return strings.Join(ways, " ")
}

func minute(t time.Time) string { return moment(t, "2006-01-02 15:04") }

func moment(t time.Time, form string) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(form)
}

func zoneOf(cfg *config.Config, shop string) *time.Location {
	if s, ok := cfg.Shop(shop); ok && s.Zone != nil {
		return s.Zone
	}
	return time.UTC
}

// inZones shows the times of each order on its shop's clock.
func inZones(cfg *config.Config, orders []order.Order) []order.Order {
	out := make([]order.Order, len(orders))
	for i, o := range orders {
		zone := zoneOf(cfg, o.Shop)
		if !o.Created.IsZero() {
			o.Created = o.Created.In(zone)
		}
		if !o.Closes.IsZero() {
			o.Closes = o.Closes.In(zone)
		}
		out[i] = o
	}
	return out
}

func names(cfg *config.Config) string {
	var out []string
	for _, s := range cfg.Shops {
		out = append(out, s.Name)
	}
	return strings.Join(out, ", ")
}

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
	out := orderJSON{
		Shop: o.Shop, ID: o.ID, Number: o.Number, Status: string(o.Status), StatusText: o.StatusText,
		Created: known(o.Created, zone), Closes: known(o.Closes, zone), Seen: known(o.Seen, zone), Looked: known(o.Looked, zone),
		Total: o.Total.Decimal(), Currency: o.Total.Currency, Minor: o.Total.Minor,
		Name: o.Buyer.Name, Email: o.Buyer.Email, Phone: o.Buyer.Phone, Payment: o.Payment, Link: o.Link, Lines: []lineJSON{},
	}
	for _, l := range o.Lines {
		line := lineJSON{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity}
		if l.Total.Currency != "" {
			line.Total = l.Total.String()
		}
		out.Lines = append(out.Lines, line)
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

func orderFilter(limit int) store.Filter { return store.Filter{Limit: limit} }
