package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// listed reads orders with the values of one more column.
func listed(t *testing.T, o intake.Options, title string, column ...sheet.Value) (*intake.Reading, error) {
	t.Helper()
	rows := []sheet.Row{{Number: 1, Cells: []sheet.Value{written("Order"), written("Placed"), written(title)}}}
	for i, v := range column {
		placed := sheet.Value{Kind: sheet.Time, Text: "2026-11-22 00:00:00"}
		rows = append(rows, sheet.Row{Number: i + 2, Cells: []sheet.Value{written(fmt.Sprintf("no. %d", i)), placed, v}})
	}
	o.Statuses = []string{"*=paid"}
	p, err := intake.Orders.Plan(&sheet.Book{Sheets: []sheet.Sheet{{Rows: rows}}}, o)
	if err != nil {
		return nil, err
	}
	return p.Read()
}

// dated reads orders that were placed on the dates of a column.
func dated(t *testing.T, o intake.Options, column ...sheet.Value) (*intake.Reading, error) {
	t.Helper()
	o.Columns = []string{"Placed=-", "Date=created"}
	return listed(t, o, "Date", column...)
}

func TestDatesOfLists(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value sheet.Value
		days  string
		want  string // "" if it cannot be read
		day   bool
	}{
		{sheet.Value{Kind: sheet.Time, Text: "2026-11-22 08:30:15"}, "", "2026-11-22T08:30:15+08:00", false},
		{sheet.Value{Kind: sheet.Time, Text: "2026-11-22 00:00:00"}, "", "2026-11-22T00:00:00+08:00", true},
		{sheet.Value{Kind: sheet.Number, Text: "46348.3541666667"}, "", "2026-11-22T08:30:00+08:00", false},
		{sheet.Value{Kind: sheet.Number, Text: "46348"}, "", "2026-11-22T00:00:00+08:00", true},
		{sheet.Value{Kind: sheet.Number, Text: "12"}, "", "", false},
		{written("2026-11-22"), "", "2026-11-22T00:00:00+08:00", true},
		{written("2026/3/4 8:05"), "", "2026-03-04T08:05:00+08:00", false},
		{written("2026年3月4日 下午3:05"), "", "2026-03-04T15:05:00+08:00", false},
		{written("2026-11-22T08:30:15Z"), "", "2026-11-22T16:30:15+08:00", false},
		{written("2026-11-22 08:30:15 -0500"), "", "2026-11-22T21:30:15+08:00", false},
		{written("2026-11-22 08:30:15.123+08:00"), "", "2026-11-22T08:30:15+08:00", false},
		{written("03/04/2026"), "dmy", "2026-04-03T00:00:00+08:00", true},
		{written("03/04/2026 11:30 pm"), "mdy", "2026-03-04T23:30:00+08:00", false},
		{written("03/04/2026"), "", "", false},
		{written("04/04/2026"), "", "2026-04-04T00:00:00+08:00", true},
		{written("3.4.26"), "", "2026-04-03T00:00:00+08:00", true},
		{written("22 Nov 2026"), "", "2026-11-22T00:00:00+08:00", true},
		{written("Nov 22nd, 2026 12:05 AM"), "", "2026-11-22T00:05:00+08:00", false},
		{written("Sun, 22 November 2026 08:30"), "", "2026-11-22T08:30:00+08:00", false},
		{written("5. März 2026"), "", "2026-03-05T00:00:00+08:00", true},
		{written("2026-02-30"), "", "", false},
		{written("2026-13-01"), "", "", false},
		{written("2026-11-22 25:00"), "", "", false},
		{written("0026-11-22"), "", "", false},
		{written("yesterday"), "", "", false},
		{written("22 Foo 2026"), "", "", false},
		{written(""), "", "", false},
	} {
		got, day := "", false
		r, err := dated(t, intake.Options{Zone: zone, Days: c.days}, c.value)
		if err == nil && len(r.Orders) == 1 {
			got, day = r.Orders[0].Created.Format(time.RFC3339), r.Orders[0].DayOnly
		}
		if got != c.want || day != c.day {
			t.Errorf("%+v %s: %s, day %v, %v; want %s", c.value, c.days, got, day, err, c.want)
		}
	}
}

func TestDaysAreDecidedOverAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		column  []string
		want    string
		example string
	}{
		"a day beyond 12":           {[]string{"03/04/2026", "13/04/2026"}, "2026-04-03 2026-04-13", ""},
		"a day beyond 12, second":   {[]string{"03/04/2026", "03/14/2026"}, "2026-03-04 2026-03-14", ""},
		"nothing tells":             {[]string{"04/04/2026", "03/04/2026"}, "", "03/04/2026"},
		"the same in both":          {[]string{"04/04/2026"}, "2026-04-04", ""},
		"dots":                      {[]string{"03.04.2026", "05/06/2026"}, "2026-04-03 2026-06-05", ""},
		"dots alone":                {[]string{"03.04.2026"}, "2026-04-03", ""},
		"year first":                {[]string{"2026-03-04"}, "2026-03-04", ""},
		"both in one column, asked": {[]string{"13/04/2026", "04/13/2026"}, "", "04/13/2026"},
	} {
		asked := ""
		r, err := dated(t, intake.Options{AskDays: func(column, example string) (string, error) {
			asked += column + " " + example
			return "", nil // nobody answers
		}}, texts(c.column)...)
		if c.example != "" {
			if said := asks(t, err); asked != "C (Date) "+c.example || !strings.Contains(said, fmt.Sprintf("column C (Date): %q can be two dates", c.example)) {
				t.Errorf("%s: asked for %q, then %q", name, asked, said)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, o := range r.Orders {
			got = append(got, o.Created.Format("2006-01-02"))
		}
		if strings.Join(got, " ") != c.want || asked != "" {
			t.Errorf("%s: %s, asked for %q", name, got, asked)
		}
	}
}

// One answer is for all columns that do not tell; those that do go by themselves.
func TestDaysAreAskedForOnce(t *testing.T) {
	const list = "Email,First order,Last order,Consent date\na@example.com,01/02/2025,03/04/2025,12/31/2025\n"
	asked := 0
	p := planned(t, intake.Buyers, intake.Options{Consent: order.Consent{Source: "till", Wording: "offers"}, AskDays: func(string, string) (string, error) {
		asked++
		return "dmy", nil
	}}, list)
	r := readAll(t, p)
	if asked != 1 || len(r.People) != 1 {
		t.Fatalf("asked %d times; %v", asked, r.Complaints())
	}
	got := r.People[0]
	if s := got.Past.First.Format("01-02 ") + got.Past.Last.Format("01-02 ") + got.Consent.At.Format("01-02"); s != "02-01 04-03 12-31" {
		t.Error(s)
	}
	gone := errors.New("gone")
	if _, err := intake.Buyers.Plan(book(t, list), intake.Options{AskDays: func(string, string) (string, error) { return "", gone }}); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestDecimalsAreDecidedOverAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		column        []string
		want, example string
	}{
		"a comma that may be one": {[]string{"12", "1,234"}, "", "1,234"},
		"a comma elsewhere":       {[]string{"1.234", "12,50"}, "1234.000 KWD, 12.500 KWD", ""},
		"a point elsewhere":       {[]string{"1.234", "12.5"}, "1.234 KWD, 12.500 KWD", ""},
		"nothing tells":           {[]string{"1.234", "12"}, "", "1.234"},
		"whole":                   {[]string{"12", "1,234,567"}, "12.000 KWD, 1234567.000 KWD", ""},
		"both":                    {[]string{"1.234,50", "1,234.50"}, "1234.500 KWD, 1234.500 KWD", ""},
	} {
		r, err := listed(t, intake.Options{Currency: "KWD"}, "Total", texts(c.column)...)
		if said := asks(t, err); c.example != "" || said != "" {
			if !strings.Contains(said, fmt.Sprintf("column C (Total): %q can be read in two ways", c.example)) {
				t.Errorf("%s: %q", name, said)
			}
			continue
		}
		var got []string
		for _, o := range r.Orders {
			got = append(got, o.Total.String())
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// FuzzDate reads any text as a date: what is read is one that an order can have,
// and reads again as itself.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-11-22 08:30:15 -0500", "3.4.26", "Nov 22nd, 2026 12:05 AM", "2026年3月4日 下午3:05", "12/31/1999"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, first bool) {
		days := "mdy"
		if first {
			days = "dmy"
		}
		o := intake.Options{Days: days}
		at, err := o.Day(s)
		if err != nil {
			return
		}
		if at.Year() < 1990 || at.Year() > 2100 {
			t.Errorf("%q is %s", s, at)
		}
		again, err := o.Day(at.Format("2006-01-02 15:04:05"))
		if err != nil || !again.Equal(at.Truncate(time.Second)) {
			t.Errorf("%q is %s, then %s, %v", s, at, again, err)
		}
	})
}
