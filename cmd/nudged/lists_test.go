package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func TestWhenPeopleType(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 15, 30, 0, 0, berlin) // the clock went forward in the night
	for said, want := range map[string][2]string{
		"7d":               {"2026-03-22 15:30", "2026-03-22 15:30"},
		"1 day":            {"2026-03-28 15:30", "2026-03-28 15:30"}, // 23 hours
		"24h":              {"2026-03-28 14:30", "2026-03-28 14:30"},
		"90 min":           {"2026-03-29 14:00", "2026-03-29 14:00"},
		"2w":               {"2026-03-15 15:30", "2026-03-15 15:30"},
		"3 months":         {"2025-12-29 15:30", "2025-12-29 15:30"},
		"1y":               {"2025-03-29 15:30", "2025-03-29 15:30"},
		"today":            {"2026-03-29 00:00", "2026-03-30 00:00"},
		"Yesterday":        {"2026-03-28 00:00", "2026-03-29 00:00"},
		"2026-03-01":       {"2026-03-01 00:00", "2026-03-02 00:00"},
		"2026-3-1":         {"2026-03-01 00:00", "2026-03-02 00:00"},
		"2026-02":          {"2026-02-01 00:00", "2026-03-01 00:00"},
		"2026-03-01 08:05": {"2026-03-01 08:05", "2026-03-01 08:06"},
		"2026-03-01T08:05": {"2026-03-01 08:05", "2026-03-01 08:06"},
	} {
		w, err := parseWhen("since", said)
		if err != nil {
			t.Errorf("%s: %v", said, err)
			continue
		}
		got := [2]string{w.begin(now, berlin).Format(wideMoment), w.end(now, berlin).Format(wideMoment)}
		if got != want {
			t.Errorf("%s is %v, want %v", said, got, want)
		}
	}
	for _, said := range []string{"7", "soon", "2026-13-01", "2026-02-30", "2026-03-01 25:00", "-7d", "7d ago", "99999d", "0x1d"} {
		var usage *usageError
		if _, err := parseWhen("since", said); !errors.As(err, &usage) || !strings.Contains(err.Error(), "write for example") {
			t.Errorf("%q gives %v", said, err)
		}
	}
}

// A day is that of each shop: midnight in Shanghai is not midnight in Berlin, and
// the index, which knows no zones, must leave neither out.
func TestADayIsThatOfTheShop(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p, err := parsePeriod("2026-11-20", "2026-11-20", now)
	if err != nil {
		t.Fatal(err)
	}
	since, until := p.widest()
	for _, name := range []string{"Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		first := time.Date(2026, 11, 20, 0, 0, 0, 0, zone)
		last := first.Add(24*time.Hour - time.Second)
		for at, want := range map[time.Time]bool{first: true, last: true, first.Add(-time.Second): false, last.Add(time.Second): false} {
			if got := p.holds(at, zone); got != want {
				t.Errorf("%s: %s is in the day: %v", name, at, got)
			}
			if want && (at.Before(since) || !at.Before(until)) {
				t.Errorf("%s: the index leaves out %s", name, at)
			}
		}
	}
	if p.holds(time.Time{}, time.UTC) {
		t.Error("an order without a date was placed on that day")
	}
	if _, err := parsePeriod("7d", "30d", now); err == nil {
		t.Error("what is younger than 7 days and older than 30 is no mistake")
	}
}

func TestAmountsPeopleType(t *testing.T) {
	eur := func(minor int64) order.Money { return order.Money{Minor: minor, Currency: "EUR"} }
	for _, c := range []struct {
		min, max string
		m        order.Money
		want     bool
	}{
		{"19.90", "19.90", eur(1990), true}, {"19.91", "", eur(1990), false}, {"", "19.89", eur(1990), false}, {"20", "", eur(2000), true},
		{"20 EUR", "", eur(2000), true}, {"20USD", "", eur(2000), false}, {"", "20 usd", eur(10), false}, {"0.07", "0.07", eur(7), true},
		{"1500", "1500 jpy", order.Money{Minor: 1500, Currency: "JPY"}, true}, {"1.234", "1.234", order.Money{Minor: 1234, Currency: "BHD"}, true},
		{"0", "", order.Money{}, false}, {"", "", order.Money{}, true}, {"0", "0", eur(0), true},
	} {
		least, err1 := parseAmount("min", c.min)
		most, err2 := parseAmount("max", c.max)
		if err := errors.Join(err1, err2); err != nil {
			t.Errorf("%q to %q: %v", c.min, c.max, err)
		} else if got := between(c.m, least, most); got != c.want {
			t.Errorf("%s is from %q to %q: %v", c.m, c.min, c.max, got)
		}
	}
	for _, bad := range []string{"much", "-1", "1,000", "1e9", "10 EURO", "0x10", "."} {
		if _, err := parseAmount("min", bad); err == nil {
			t.Errorf("%q is an amount", bad)
		}
	}
}

func TestContactsPeopleType(t *testing.T) {
	both := order.Buyer{Email: "ann@example.com", Phone: "+8613800138000"}
	for said, want := range map[string][3]bool{ // both, a phone only, nothing
		"":                   {true, true, true},
		"email":              {true, false, false},
		"e-mail":             {true, false, false},
		"Phone":              {true, true, false},
		"both":               {true, false, false},
		"any":                {true, true, false},
		"none":               {false, false, true},
		"Ann@Example.com":    {true, false, false},
		"+86 138-0013-8000":  {true, true, false},
		"+86 138-0013-8001":  {false, false, false},
		"nobody@example.com": {false, false, false},
	} {
		c, err := parseContact(said)
		if err != nil {
			t.Errorf("%q: %v", said, err)
			continue
		}
		if got := [3]bool{c.fits(both), c.fits(order.Buyer{Phone: both.Phone}), c.fits(order.Buyer{})}; got != want {
			t.Errorf("%q fits %v, want %v", said, got, want)
		}
	}
	for _, bad := range []string{"letter", "138", "13800138000", "+1"} {
		if _, err := parseContact(bad); err == nil {
			t.Errorf("%q is a contact", bad)
		}
	}
}

// lot is a list of so many orders that come newest first.
func lot(n int, flags listFlags, into *bytes.Buffer, files map[string][]byte) *list[*orderRow] {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := &session{world: world{stdout: into, stderr: into, now: func() time.Time { return now }, file: func(name string, data []byte) error { files[name] = data; return nil }}}
	return &list[*orderRow]{
		s: s, flags: flags, columns: orderColumns(), what: "order", begins: "newest", none: "No orders.",
		all: func(fn func(*orderRow) (bool, error)) error {
			for i := range n {
				o := order.Order{
					Shop: "demo", ID: fmt.Sprint(n - i), Number: fmt.Sprintf("N%d", n-i), Status: order.Unpaid, Created: now.Add(-time.Duration(i) * time.Minute),
					Total: order.Money{Minor: int64(i * 7919 % n), Currency: "EUR"}, Buyer: order.Buyer{Name: fmt.Sprintf("Name %d", i%3)},
				}
				if i%10 == 3 {
					o.Total = order.Money{}
				}
				if more, err := fn(&orderRow{Order: o, zone: time.UTC, now: now}); err != nil || !more {
					return err
				}
			}
			return nil
		},
	}
}

// A list that is cut must show what the whole list would begin with, although it
// never holds the whole.
func TestACutListBeginsLikeTheWhole(t *testing.T) {
	const n = 5000
	whole, some := 0, 7
	for _, flags := range []listFlags{{}, {Sort: "total"}, {Sort: "total", Reverse: true}, {Sort: "name"}, {Sort: "Placed", Reverse: true}, {Reverse: true}} {
		flags.Columns = "number,total,name"
		written := func(limit *int) []string {
			var b bytes.Buffer
			flags.Limit = limit
			l := lot(n, flags, &b, nil)
			if err := errors.Join(l.check(), l.write()); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(b.String()), "\n")
			return slices.DeleteFunc(lines, func(s string) bool { return strings.Contains(s, "--limit 0") })
		}
		all, cut := written(&whole), written(&some)
		if len(all) != n || len(cut) != some || !slices.Equal(all[:some], cut) {
			t.Errorf("%+v: %d lines, cut %d: %q, want %q", flags, len(all), len(cut), cut, all[:some])
		}
		if flags.Sort == "total" && !strings.HasSuffix(all[n-1], "\t-\tName 0") && !strings.Contains(all[n-1], "\t-\t") {
			t.Errorf("what has no amount is not at the end but %q", all[n-1])
		}
	}
}

// All forms tell the same cells under the same names.
func TestOneDescriptionServesAllForms(t *testing.T) {
	limit := 3
	files := map[string][]byte{}
	form := func(f listFlags) string {
		var b bytes.Buffer
		f.Limit, f.Columns = &limit, "number,total,currency,name,created,age"
		l := lot(3, f, &b, files)
		if err := errors.Join(l.check(), l.write()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got, want := form(listFlags{}), "N3\t0.00 EUR\tEUR\tName 0\t2026-11-22 12:00\tnow\n"; !strings.HasPrefix(got, want) {
		t.Errorf("the terminal: %q", got)
	}
	told := func(name string, data []byte) string {
		book, err := sheet.Read(name, bytes.NewReader(data), int64(len(data)))
		if err != nil || len(book.Sheets) != 1 || len(book.Sheets[0].Rows) < 3 {
			t.Fatalf("%s: %+v, %v", name, book, err)
		}
		var out []string
		for _, r := range []int{0, 2} {
			for _, v := range book.Sheets[0].Rows[r].Cells {
				out = append(out, v.Text)
			}
		}
		return strings.Join(out, "|")
	}
	const want = "Number|Total|Currency|Buyer|Placed|Age|N2|0.02|EUR|Name 1|2026-11-22 11:59:00|0"
	if got := told("o.csv", []byte(form(listFlags{CSV: true}))); got != want {
		t.Errorf("CSV: %q, want %q", got, want)
	}
	if form(listFlags{XLSX: "o.xlsx"}); told("o.xlsx", files["o.xlsx"]) != want {
		t.Errorf("Excel: %q, want %q", told("o.xlsx", files["o.xlsx"]), want)
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(form(listFlags{JSON: true})), &objects); err != nil || len(objects) != 3 {
		t.Fatalf("JSON: %v, %v", objects, err)
	}
	if o := objects[1]; o["number"] != "N2" || o["total"] != "0.02" || o["created"] != "2026-11-22T11:59:00Z" || len(o) != 6 {
		t.Errorf("JSON: %v", o)
	}
}

// Columns have one name each, a title, a word of help, and what the usual lists
// name.
func TestColumnsAreWhole(t *testing.T) {
	describe(t, "orders", orderColumns())
	describe(t, "buyers", buyerColumns())
	describe(t, "shops", shopColumns())
}

func describe[T any](t *testing.T, list string, c columnsOf[T]) {
	t.Helper()
	seen := map[string]bool{}
	for _, col := range c.all {
		for _, word := range []string{col.name, strings.ToLower(col.title)} {
			if seen[word] && word != strings.ToLower(col.title) {
				t.Errorf("%s: two columns are called %s", list, word)
			}
		}
		seen[col.name] = true
		if col.title == "" || col.help == "" || col.cell == nil || col.kind == sheet.Empty {
			t.Errorf("%s: column %s is not described", list, col.name)
		}
		if found, err := c.find(col.title); err != nil || found.name != col.name {
			t.Errorf("%s: the title %q finds column %q, %v", list, col.title, found.name, err)
		}
	}
	for _, usual := range [][]string{c.screen, c.file, c.api} {
		if got := c.must(usual); len(got) != len(usual) {
			t.Errorf("%s: %d of %d columns", list, len(got), len(usual))
		}
	}
	if slices.ContainsFunc(c.screen, isContact) {
		t.Errorf("%s: a terminal shows contacts unasked", list)
	}
}

// An order that a list tells as JSON has the keys that why and crawl give it.
func TestJSONHasOneSetOfNames(t *testing.T) {
	raw, err := json.Marshal(orderJSON{Closes: &time.Time{}, Looked: &time.Time{}, Link: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	for key := range keys {
		if !slices.Contains(orderColumns().api, key) {
			t.Errorf("no column of orders --json is called %s", key)
		}
	}
}
