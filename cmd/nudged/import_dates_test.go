package main

import (
	"testing"
	"time"

	"nudged/cmd/nudged/sheet"
)

func utc() *time.Location { return time.UTC }

func TestDatesOfLists(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value sheet.Value
		days  dayOrder
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
		{written("03/04/2026"), daysFirst, "2026-04-03T00:00:00+08:00", true},
		{written("03/04/2026 11:30 pm"), monthsFirst, "2026-03-04T23:30:00+08:00", false},
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
		at, day, err := dateOf(c.value, c.days, zone)
		got := ""
		if err == nil {
			got = at.Format(time.RFC3339)
		}
		if got != c.want || day != c.day {
			t.Errorf("%+v %s: %s, day %v, %v; want %s", c.value, c.days, got, day, err, c.want)
		}
	}
}

func written(s string) sheet.Value { return sheet.Value{Kind: sheet.Text, Text: s} }

func TestDaysAreDecidedOverAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		column  []string
		want    dayOrder
		example string
	}{
		"a day beyond 12":           {[]string{"03/04/2026", "13/04/2026"}, daysFirst, ""},
		"a day beyond 12, second":   {[]string{"03/04/2026", "03/14/2026"}, monthsFirst, ""},
		"nothing tells":             {[]string{"04/04/2026", "03/04/2026"}, "", "03/04/2026"},
		"the same in both":          {[]string{"04/04/2026"}, "", ""},
		"dots":                      {[]string{"03.04.2026"}, daysFirst, ""},
		"year first":                {[]string{"2026-03-04"}, "", ""},
		"both in one column, asked": {[]string{"13/04/2026", "04/13/2026"}, "", "04/13/2026"},
	} {
		var values []sheet.Value
		for _, s := range c.column {
			values = append(values, written(s))
		}
		if got, example := daysOf(values); got != c.want || example != c.example {
			t.Errorf("%s: %q, %q", name, got, example)
		}
	}
}

func TestDecimalsAreDecidedOverAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		column        []string
		sign, example string
	}{
		"a comma elsewhere": {[]string{"1.234", "12,50"}, ",", ""},
		"a point elsewhere": {[]string{"1.234", "12.5"}, ".", ""},
		"nothing tells":     {[]string{"1.234", "12"}, "", "1.234"},
		"whole":             {[]string{"12", "1,234"}, "", ""},
		"both":              {[]string{"1.234,50", "1,234.50"}, "", ""},
	} {
		var values []sheet.Value
		for _, s := range c.column {
			values = append(values, written(s))
		}
		if sign, example := decimalOf(values); sign != c.sign || example != c.example {
			t.Errorf("%s: %q, %q", name, sign, example)
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
		days := monthsFirst
		if first {
			days = daysFirst
		}
		at, _, err := dateOf(written(s), days, time.UTC)
		if err != nil {
			return
		}
		if at.Year() < 1990 || at.Year() > 2100 {
			t.Errorf("%q is %s", s, at)
		}
		again, _, err := dateOf(written(at.Format("2006-01-02 15:04:05")), days, time.UTC)
		if err != nil || !again.Equal(at.Truncate(time.Second)) {
			t.Errorf("%q is %s, then %s, %v", s, at, again, err)
		}
	})
}
