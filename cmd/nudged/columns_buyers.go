package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// buyerRow is a person as a list tells it. What the person's record does not hold
// is asked for where a column shows it.
type buyerRow struct {
	store.Buyer
	a        *app
	zone     *time.Location // of the shop of the newest order
	now      time.Time
	contacts bool
	failed   *error
}

// buyerColumns are everything that a list can tell of a person.
func buyerColumns() columnsOf[*buyerRow] {
	return columnsOf[*buyerRow]{
		all:    slices.Concat(buyerWho(), buyerOrders(), buyerMessages()),
		screen: []string{"name", "contact", "kind", "orders", "paid", "spent", "last_order", "told"},
		file: []string{
			"name", "email", "phone", "contact", "kind", "groups", "orders", "open", "paid", "spent", "currency", "spent_other",
			"first_order", "last_order", "last_paid", "told", "told_by", "messages", "offers", "shops", "latest",
		},
		api: []string{
			"id", "name", "email", "phone", "kind", "groups", "orders", "open", "paid", "spent", "first_order", "last_order", "last_paid",
			"told", "told_by", "messages", "offers", "shops", "latest",
		},
	}
}

func buyerWho() []column[*buyerRow] {
	return []column[*buyerRow]{
		{name: "name", title: "Buyer", help: "the newest name", kind: sheet.Text, max: 28, min: 8,
			cell: textCell(func(r *buyerRow) string { return r.Contact.Name })},
		{name: "contact", title: "Contact", help: "how the person can be reached: email, phone, both or none", kind: sheet.Text,
			cell: textCell(func(r *buyerRow) string { return ways(r.Contact) })},
		{name: "email", title: "E-mail", help: "the newest one, masked; in clear with --contacts", kind: sheet.Text, max: 40, min: 12,
			cell: textCell(func(r *buyerRow) string { return contactText(r.Contact.Email, r.contacts) })},
		{name: "phone", title: "Phone", help: "the newest one, masked; in clear with --contacts", kind: sheet.Text,
			cell: textCell(func(r *buyerRow) string { return contactText(r.Contact.Phone, r.contacts) })},
		{name: "kind", title: "Kind", help: "the one word that says most: one of your levels, lapsed, customer, potential, known or new", kind: sheet.Text, max: 20,
			cell: textCell(func(r *buyerRow) string { return r.groups()[0] })},
		{name: "groups", title: "Groups", help: "all that the person belongs to", kind: sheet.Text, max: 40, min: 8,
			cell: textCell(func(r *buyerRow) string { return strings.Join(r.groups(), ", ") }), json: func(r *buyerRow) any { return r.groups() }},
		{name: "shops", title: "Shops", help: "in which the person has ordered", kind: sheet.Text, max: 30, min: 8,
			cell: textCell(func(r *buyerRow) string { return strings.Join(r.shops(), ", ") }), json: func(r *buyerRow) any { return r.shops() }},
		{name: "id", title: "Id", help: "the number of the person in this file", kind: sheet.Whole,
			cell: func(r *buyerRow) sheet.Cell { return sheet.OfWhole(int64(min(r.ID, 1<<62))) }},
	}
}

func buyerOrders() []column[*buyerRow] {
	return []column[*buyerRow]{
		{name: "orders", title: "Orders", help: "how many orders are known, those on your own lists among them", kind: sheet.Whole,
			cell: func(r *buyerRow) sheet.Cell { return sheet.OfWhole(len(r.Orders) + max(r.Past.Orders, 0)) }},
		{name: "open", title: "Open", help: "how many of them are unpaid now", kind: sheet.Whole,
			cell: func(r *buyerRow) sheet.Cell { return sheet.OfWhole(r.count(order.Unpaid)) }},
		{name: "paid", title: "Paid", help: "how many were paid and not given back", kind: sheet.Whole,
			cell: func(r *buyerRow) sheet.Cell { return sheet.OfWhole(r.paid()) }},
		{name: "spent", title: "Paid in all", help: "what was paid for those; in a file, in the currency of most of them", kind: sheet.Money, max: 40, min: 12,
			cell: func(r *buyerRow) sheet.Cell { return r.mainSum() }, show: func(r *buyerRow) string { return sumWords(r.sums()) },
			json: func(r *buyerRow) any { return moneyJSON(r.sums()) }},
		{name: "currency", title: "Currency", help: "of what was paid", kind: sheet.Text,
			cell: textCell(func(r *buyerRow) string { return r.mainSum().Money.Currency })},
		{name: "spent_other", title: "Paid in other currencies", help: "what was paid in other currencies", kind: sheet.Text,
			cell: textCell(func(r *buyerRow) string { return r.otherSums() })},
		{name: "first_order", title: "First order", help: "when the oldest known order was placed", kind: sheet.Time, day: func(r *buyerRow) bool { return r.dayOnly(r.first()) },
			cell: func(r *buyerRow) sheet.Cell { return r.at(r.first()) }},
		{name: "last_order", title: "Last order", help: "when the newest one was placed", kind: sheet.Time, day: func(r *buyerRow) bool { return r.dayOnly(r.Last()) },
			cell: func(r *buyerRow) sheet.Cell { return r.at(r.Last()) }},
		{name: "last_paid", title: "Last paid", help: "when the newest paid one was placed", kind: sheet.Time,
			cell: func(r *buyerRow) sheet.Cell { return r.at(r.person().LastPaid()) }},
		{name: "latest", title: "Latest order", help: "shop and number of the newest order", kind: sheet.Text, max: 40, min: 12,
			cell: textCell(func(r *buyerRow) string { return r.latest() })},
	}
}

func buyerMessages() []column[*buyerRow] {
	return []column[*buyerRow]{
		{name: "told", title: "Last message", help: "when the last message went out to the person", kind: sheet.Time,
			cell: func(r *buyerRow) sheet.Cell { _, at := r.told(); return r.at(at) }},
		{name: "told_by", title: "Which message", help: "which one that was", kind: sheet.Text, max: 30, min: 8,
			cell: textCell(func(r *buyerRow) string { what, _ := r.told(); return what })},
		{name: "messages", title: "Written to", help: "yes; or no, and why nothing is sent to this person", kind: sheet.Text, max: 40, min: 8,
			cell: textCell(func(r *buyerRow) string { return r.silence() })},
		{name: "offers", title: "Offers", help: "yes, if the person has agreed to offers; no, if that was taken back; not asked", kind: sheet.Text,
			cell: textCell(func(r *buyerRow) string { return r.offers() })},
	}
}

func (r *buyerRow) at(t time.Time) sheet.Cell { return sheet.OfTime(t.In(r.zone)) }

func (r *buyerRow) person() notify.Person { return notify.Person{Orders: r.Orders, Past: r.Past} }

func (r *buyerRow) groups() []string {
	return r.person().Groups(r.a.settings.Levels, r.a.settings.Lapsed, r.now)
}

func (r *buyerRow) shops() []string {
	in := map[string]bool{}
	for _, o := range r.Orders {
		in[o.Shop] = true
	}
	if len(in) == 0 && r.Key.Shop != "" {
		in[r.Key.Shop] = true
	}
	return slices.Sorted(maps.Keys(in))
}

func (r *buyerRow) count(s order.Status) (n int) {
	for _, o := range r.Orders {
		if o.Status == s {
			n++
		}
	}
	return n
}

func (r *buyerRow) paid() int { return r.count(order.Paid) + max(r.Past.Orders, 0) }

func (r *buyerRow) first() time.Time {
	first := r.Past.First
	for _, o := range r.Orders {
		if t := cmp.Or(o.Created, o.First); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// dayOnly reports whether of the time of an order only the day is known: lists
// mostly give no more.
func (r *buyerRow) dayOnly(t time.Time) bool {
	if t.IsZero() {
		return false
	}
	for _, o := range r.Orders {
		if o.Created.Equal(t) {
			return o.DayOnly
		}
	}
	clock := t.In(r.zone)
	return (t.Equal(r.Past.First) || t.Equal(r.Past.Last)) && clock.Hour() == 0 && clock.Minute() == 0 && clock.Second() == 0
}

func (r *buyerRow) latest() string {
	if len(r.Orders) == 0 {
		return ""
	}
	return label(r.Orders[0])
}

// note keeps the first thing that went wrong.
func (r *buyerRow) note(err error) {
	if err != nil && *r.failed == nil {
		*r.failed = err
	}
}

// told is the last message that went out, or may have.
func (r *buyerRow) told() (what string, at time.Time) {
	key, at, ok, err := r.a.db.LastTold(r.ID)
	r.note(err)
	if err != nil || !ok {
		return "", time.Time{}
	}
	return stepName(key) + " by " + string(key.Channel), at
}

// silence says whether messages go to the person at all.
func (r *buyerRow) silence() string {
	if !r.Contact.Reachable() {
		return "no: no contact is known"
	}
	yes, why, err := r.a.db.Suppressed(r.Contact)
	r.note(err)
	if yes {
		return "no: " + cmp.Or(why, "on the list of those who get nothing")
	}
	return "yes"
}

// offers says whether the person has agreed to messages that advertise something.
func (r *buyerRow) offers() string {
	consent, yes, err := r.a.db.Consent(r.Contact)
	r.note(err)
	switch {
	case yes:
		return "yes"
	case consent.Withdrawn:
		return "no"
	}
	return "not asked"
}
