package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nudged/store/order"
)

// The last day of the picture is the day that the lists are about; the others are
// counted by the same rules.
func TestThePicture(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		var old []order.Order // what the first visit finds is not new
		for i := range 30 {
			old = append(old, l.open(fmt.Sprint("old", i), "2026-04-30 10:00"))
		}
		l.reads("2026-05-01 12:01", old...)
		for day := 2; day <= 20; day++ {
			date := fmt.Sprintf("2026-05-%02d ", day)
			var all []order.Order
			for i := range day { // as many new ones as the date says
				all = append(all, l.open(fmt.Sprintf("%d-%d", day, i), date+"10:00"))
			}
			l.reads(date+"12:00", all...)
			l.sends(l.step(all[0].ID, "first"), date+"13:00", order.Sent, "")
			l.reads(date+"14:00", as(all[0], order.Paid), as(all[1], order.Paid))
			l.reads(date+"22:00", l.open("night"+date, date+"21:30")) // belongs to the next one
		}
		f := l.tells("2026-05-19 21:00", "2026-05-20 21:00")
		if len(f.Days) != 14 || f.WeekAgo == nil {
			t.Fatalf("%d days, %+v", len(f.Days), f.WeekAgo)
		}
		for i, d := range f.Days {
			date := 7 + i
			if want := time.Date(2026, 5, date, 0, 0, 0, 0, time.UTC); !d.Day.Equal(want) || d.New != date+1 || d.Paid != 1 || d.Recovered != 1 || !slices.Equal(d.Sum, euros(1200)) {
				t.Errorf("%s: %+v", want.Format(time.DateOnly), d)
			}
		}
		if told := f.Days[13]; told.New != f.NewCount || told.Paid != f.Paid || told.Recovered != len(f.Recovered) || told.Closed != len(f.Closed) {
			t.Errorf("the picture has %+v, the lists %d, %d, %d, %d", told, f.NewCount, f.Paid, len(f.Recovered), len(f.Closed))
		}
		if !f.WeekAgo.Day.Equal(l.at("2026-05-13 00:00")) || f.WeekAgo.New != 14 {
			t.Errorf("a week ago: %+v", f.WeekAgo)
		}
		f = l.tells("2026-05-02 21:00", "2026-05-03 21:00")
		if len(f.Days) != 3 || f.WeekAgo != nil || f.Days[0].New != 0 || f.Days[1].New != 2 || f.Days[2].New != 4 {
			t.Errorf("of the first days: %+v, %+v", f.Days, f.WeekAgo)
		}
	})
}

// Days go from one hour of the digest to the next, whatever clocks do; none is
// missing, none is there twice.
func TestDaysOfThePicture(t *testing.T) {
	const zone = "America/New_York" // 8 March has 23 hours, 1 November 25
	for name, c := range map[string]struct {
		to, hour    string
		first, last string
		length      time.Duration // of the day whose clocks change
	}{
		"spring, told at night":      {"2026-03-12 21:00", "2026-03-12 21:00", "2026-02-27", "2026-03-12", 23 * time.Hour},
		"autumn, told at night":      {"2026-11-05 21:00", "2026-11-05 21:00", "2026-10-23", "2026-11-05", 25 * time.Hour},
		"told in the morning":        {"2026-11-05 08:00", "2026-11-05 08:00", "2026-10-22", "2026-11-04", 25 * time.Hour},
		"told at midnight":           {"2026-11-06 00:00", "2026-11-06 00:00", "2026-10-23", "2026-11-05", 25 * time.Hour},
		"told in the missing hour":   {"2026-03-12 02:30", "2026-03-12 02:30", "2026-02-26", "2026-03-11", 23 * time.Hour},
		"asked for in the afternoon": {"2026-11-05 15:10", "2026-11-04 21:00", "2026-10-23", "2026-11-05", 25 * time.Hour},
		"once a week":                {"2026-11-05 15:10", "2026-11-01 21:00", "2026-10-23", "2026-11-05", 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			to := when(t, c.to, zone)
			got := daysUpTo(to, when(t, c.hour, zone), to.Location(), 14)
			if len(got) != 14 || !got[13].to.Equal(to) {
				t.Fatalf("%d days up to %s", len(got), got[13].to)
			}
			changed := false
			for i, s := range got {
				if i > 0 && (!s.from.Equal(got[i-1].to) || !s.day.Equal(got[i-1].day.AddDate(0, 0, 1))) {
					t.Errorf("%s..%s follows %s..%s", s.from, s.to, got[i-1].from, got[i-1].to)
				}
				changed = changed || s.to.Sub(s.from) == c.length
			}
			if first, last := got[0].day.Format(time.DateOnly), got[13].day.Format(time.DateOnly); first != c.first || last != c.last {
				t.Errorf("days from %s to %s, want %s to %s", first, last, c.first, c.last)
			}
			if !changed {
				t.Errorf("no day is %s long: %v", c.length, got)
			}
		})
	}
}
