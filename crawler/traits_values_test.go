package crawler_test

import (
	"fmt"
	"html"
	"strings"
	"time"

	"nudged/store/order"
)

// valuesTrait is how amounts, times and texts are written.
type valuesTrait struct {
	name, currency    string
	date, money, text string // beside the place in the recipe, with a comma before
	created           func(s *traitShop, i int) (time.Time, string)
	total             func(cents int64) string
	shown             func(name string) string
}

func valueTraits() []valuesTrait {
	plain := func(name string) string { return name }
	at := func(format func(s *traitShop, at time.Time) string, unit time.Duration) func(s *traitShop, i int) (time.Time, string) {
		return func(s *traitShop, i int) (time.Time, string) {
			made := s.now.Add(-time.Duration(i) * 37 * time.Minute).Truncate(unit)
			return made, format(s, made)
		}
	}
	layout := func(text string, unit time.Duration) func(s *traitShop, i int) (time.Time, string) {
		return at(func(s *traitShop, at time.Time) string { return at.In(s.zone).Format(text) }, unit)
	}
	return []valuesTrait{
		{
			name: "ISO dates, $1,234.50", currency: "USD", created: layout(time.RFC3339, time.Second), shown: plain,
			total: func(c int64) string { return "$" + grouped(c, ",", ".") },
		},
		{
			name: "22.11.2026, 1.234,50 €", currency: "EUR", date: ", date: '02.01.2006 15:04'", created: layout("02.01.2006 15:04", time.Minute), shown: plain,
			total: func(c int64) string { return grouped(c, ".", ",") + " €" },
		},
		{
			name: "epoch seconds, minor units", currency: "CNY", date: ", date: epoch", money: ", money: minor", shown: plain,
			created: at(func(_ *traitShop, at time.Time) string { return fmt.Sprint(at.Unix()) }, time.Second),
			total:   func(c int64) string { return fmt.Sprint(c) },
		},
		{
			name: "epoch milliseconds, hundred thousandths", currency: "CNY", date: ", date: epoch_ms", money: ", money: {divide: 100000}", shown: plain,
			created: at(func(_ *traitShop, at time.Time) string { return fmt.Sprint(at.UnixMilli()) }, time.Millisecond),
			total:   func(c int64) string { return fmt.Sprint(c * 1000) },
		},
		{
			name: "fraction of seconds, entities twice", currency: "CHF", date: ", date: epoch", text: ", filters: [decode]",
			created: func(s *traitShop, i int) (time.Time, string) {
				at := s.now.Truncate(time.Second).Add(250*time.Millisecond - time.Duration(i)*37*time.Minute)
				return at, fmt.Sprintf("%d.250", at.Unix())
			},
			total: func(c int64) string { return "CHF " + grouped(c, "’", ".") }, shown: html.EscapeString,
		},
		{
			name: "words for times, 1 234,50", currency: "PLN", created: relative, shown: plain,
			date:  `, date: {words: [{match: '(\d+) minutes? ago', unit: 1m}, {match: '(\d+) hours? ago', unit: 1h}, {match: yesterday, unit: 24h}, {match: today}], layouts: ['15:04', '2 Jan 2006, 15:04']}`,
			total: func(c int64) string { return grouped(c, "\u00a0", ",") + " zł" },
		},
		{
			name: "day, month and year in Chinese", currency: "CNY", date: ", date: '2006年01月02日 15:04:05'", created: layout("2006年01月02日 15:04:05", time.Second), shown: plain,
			total: func(c int64) string { return "￥" + grouped(c, "", ".") },
		},
	}
}

// relative writes some times in words.
func relative(s *traitShop, i int) (time.Time, string) {
	ago := time.Duration(i) * 37 * time.Minute
	made := s.now.Add(-ago).Truncate(time.Minute)
	here := made.In(s.zone)
	switch {
	case i < 2:
		return s.now.Add(-ago), fmt.Sprintf("%d minutes ago", int(ago.Minutes()))
	case i < 4:
		hours := time.Duration(i) * time.Hour
		return s.now.Add(-hours), fmt.Sprintf("%d hours ago", i)
	case here.Day() == s.now.In(s.zone).Day():
		return made, here.Format("today, 15:04")
	case here.Day() == s.now.In(s.zone).AddDate(0, 0, -1).Day():
		return made, here.Format("yesterday 15:04")
	}
	return made, here.Format("2 Jan 2006, 15:04")
}

// grouped writes cents with separators.
func grouped(cents int64, group, decimal string) string {
	whole := fmt.Sprint(cents / 100)
	var parts []string
	for len(whole) > 3 {
		parts = append([]string{whole[len(whole)-3:]}, parts...)
		whole = whole[:len(whole)-3]
	}
	return fmt.Sprintf("%s%s%02d", strings.Join(append([]string{whole}, parts...), group), decimal, cents%100)
}

// statusTrait is what tells the status.
type statusTrait struct {
	name   string
	views  []string
	fields func(line func(string, ...any), at locate)
	rules  string
	cells  func(s order.Status) map[string]string // of a row
	page   func(s order.Status) map[string]string // of the order's own page
}

// five are the statuses of the test shops, in an order that the traits share.
func five() []order.Status {
	return []order.Status{order.Unpaid, order.Paid, order.ClosedUnpaid, order.ClosedRefunded, order.Other}
}

func indexOf(s order.Status) int {
	for i, known := range five() {
		if s == known {
			return i
		}
	}
	return -1
}

func tabOf(s order.Status) string { return fmt.Sprint("t", indexOf(s)) }

func statusTraits() []statusTrait {
	words := func(name string, words ...string) statusTrait {
		cells := func(s order.Status) map[string]string { return map[string]string{"status": words[indexOf(s)]} }
		return statusTrait{
			name: name, cells: cells, page: cells, fields: func(line func(string, ...any), at locate) { line("    status: {%s}", at("status")) },
			rules: ruleLines(func(i int) string { return "text: '" + words[i] + "'" }),
		}
	}
	coded := func(name, cell, more, format string) statusTrait {
		cells := func(s order.Status) map[string]string {
			return map[string]string{"status": "Order", cell: fmt.Sprintf(format, indexOf(s))}
		}
		return statusTrait{
			name: name, cells: cells, page: cells, rules: ruleLines(func(i int) string { return fmt.Sprintf("code: '%d'", i) }),
			fields: func(line func(string, ...any), at locate) {
				line("    status: {%s}\n    code: {%s%s}", at("status"), at(cell), more)
			},
		}
	}
	return []statusTrait{
		words("words", "Awaiting payment", "Paid", "Cancelled", "Refunded", "Draft"),
		words("words in Chinese", "待付款", "已付款", "已关闭", "已退款", "草稿"),
		words("words in German", "Zahlung offen", "Bezahlt", "Storniert", "Erstattet", "Entwurf"),
		coded("code", "code", "", "%d"),
		coded("class", "class", ", match: 'st-(\\d)'", "badge st-%d big"),
		byTab(),
		bySeveral(),
	}
}

func ruleLines(rule func(i int) string) string {
	var out []string
	for i, s := range five() {
		out = append(out, fmt.Sprintf("  - {%s, is: %s}", rule(i), s))
	}
	return strings.Join(out, "\n")
}

// byTab tells the status of a row by the tab that it stands in, and that of a
// page by words.
func byTab() statusTrait {
	x := statusTrait{
		name:   "tab",
		cells:  func(order.Status) map[string]string { return map[string]string{"status": "Order"} },
		page:   func(s order.Status) map[string]string { return map[string]string{"status": "is " + string(s)} },
		fields: func(line func(string, ...any), at locate) { line("    status: {%s}", at("status")) },
		rules:  ruleLines(func(i int) string { return fmt.Sprintf("text: is %s", five()[i]) }) + "\n" + ruleLines(func(i int) string { return fmt.Sprintf("view: v%d", i) }),
	}
	for i, s := range five() {
		x.views = append(x.views, fmt.Sprintf("v%d: {tab: %s}", i, tabOf(s)))
	}
	return x
}

// bySeveral tells the status by two fields together.
func bySeveral() statusTrait {
	cells := func(s order.Status) map[string]string {
		pair := [][2]string{{"1", "0"}, {"2", "0"}, {"3", "0"}, {"2", "2"}, {"9", "0"}}[indexOf(s)]
		return map[string]string{"status": "Order", "pay": pair[0], "refund": pair[1]}
	}
	return statusTrait{
		name: "several fields", cells: cells, page: cells,
		fields: func(line func(string, ...any), at locate) {
			line("    status: {%s}\n    vars: {pay: {%s}, refund: {%s}}", at("status"), at("pay"), at("refund"))
		},
		rules: "  - {vars: {refund: ['2', '3']}, is: closed_refunded}\n  - {vars: {pay: '1'}, is: unpaid}\n  - {vars: {pay: ['2', '4']}, is: paid}\n  - {vars: {pay: '3'}, is: closed_unpaid}\n  - {vars: {pay: '9'}, is: other}",
	}
}
