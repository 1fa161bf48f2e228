package main

import (
	"cmp"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/notify"
	"nudged/store/order"
)

// shopRow is how a shop stands.
type shopRow struct {
	notify.ShopDay
	need   *notify.Need // nil: it needs nobody
	gone   bool         // it is no more in the config
	recipe string
	url    string
	zone   *time.Location
	next   time.Time // zero: it is not visited by itself
	counts map[order.Status]int
}

// shopColumns are everything that a list can tell of a shop.
func shopColumns() columnsOf[*shopRow] {
	usual := []string{"shop", "state", "do", "last_visit", "last_good", "next_visit", "unpaid", "orders"}
	return columnsOf[*shopRow]{
		all: []column[*shopRow]{
			{name: "shop", title: "Shop", help: "its name in the config", kind: sheet.Text, cell: textCell(func(r *shopRow) string { return r.Name })},
			{name: "state", title: "State", help: "fine, or what stands in the way", kind: sheet.Text, cell: textCell((*shopRow).state)},
			{name: "last_visit", title: "Last visit", help: "when the last visit ended, on the shop's clock", kind: sheet.Time,
				cell: func(r *shopRow) sheet.Cell { return r.at(r.LastVisit) }},
			{name: "last_good", title: "Last good", help: "when the orders were last read, of the last two weeks", kind: sheet.Time,
				cell: func(r *shopRow) sheet.Cell { return r.at(r.LastGood) }},
			{name: "next_visit", title: "Next visit", help: "while nudged run runs; - where the shop waits for you", kind: sheet.Time,
				cell: func(r *shopRow) sheet.Cell { return r.at(r.next) }},
			{name: "unpaid", title: "Unpaid", help: "how many orders are open", kind: sheet.Whole,
				cell: func(r *shopRow) sheet.Cell { return sheet.OfWhole(r.counts[order.Unpaid]) }},
			{name: "orders", title: "Orders", help: "how many are on record", kind: sheet.Whole,
				cell: func(r *shopRow) sheet.Cell { return sheet.OfWhole(r.orders()) }},
			{name: "unknown", title: "Unknown", help: "how many of them are in a status that the recipe does not know", kind: sheet.Whole,
				cell: func(r *shopRow) sheet.Cell { return sheet.OfWhole(r.counts[order.Unknown]) }},
			{name: "do", title: "What to do", help: "the command that mends it", kind: sheet.Text, max: 80, min: 10, cell: textCell((*shopRow).toDo)},
			{name: "words", title: "In the shop's words", help: "what went wrong, as the shop says it", kind: sheet.Text, max: 80, min: 20,
				cell: textCell((*shopRow).words)},
			{name: "recipe", title: "Recipe", help: "how the shop is read", kind: sheet.Text, cell: textCell(func(r *shopRow) string { return r.recipe })},
			{name: "url", title: "Address", help: "of the back-office", kind: sheet.Text, max: 60, min: 20, cell: textCell(func(r *shopRow) string { return r.url })},
		},
		screen: usual,
		file:   append(usual[:len(usual):len(usual)], "unknown", "words", "recipe", "url"),
		api:    append(usual[:len(usual):len(usual)], "unknown", "words", "recipe", "url"),
	}
}

func (r *shopRow) at(t time.Time) sheet.Cell { return sheet.OfTime(t.In(r.zone)) }

func (r *shopRow) orders() (n int) {
	for _, some := range r.counts {
		n += some
	}
	return n
}

// state is one word or two on how the shop stands.
func (r *shopRow) state() string {
	if r.need != nil {
		switch r.need.Kind {
		case notify.NeedRefused:
			return "password refused"
		case notify.NeedTrial:
			return "off: on trial"
		case notify.NeedWaits:
			return "waits for you"
		case notify.NeedLocked:
			return "account locked"
		case notify.NeedLayout:
			return "pages changed"
		}
	}
	switch {
	case r.gone:
		return "not in the config"
	case r.LastVisit.IsZero():
		return "never visited"
	case r.Outcome == order.OK:
		return "fine"
	case r.Outcome == order.Unavailable:
		return "not reachable"
	}
	return cmp.Or(r.Outcome, "not known")
}

// toDo is the command that mends it; "" where nothing has to be done.
func (r *shopRow) toDo() string {
	switch {
	case r.need != nil:
		return r.need.Do
	case r.gone:
		return ""
	case r.LastVisit.IsZero():
		return "nudged crawl " + r.Name
	case r.counts[order.Unknown] > 0:
		return "nudged digest asks what its unknown statuses mean"
	}
	return ""
}

func (r *shopRow) words() string {
	if r.need != nil && r.need.Words != "" {
		return r.need.Words
	}
	if r.Outcome != order.OK {
		return r.Words
	}
	return ""
}
