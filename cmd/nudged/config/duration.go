package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var (
	durationShape = regexp.MustCompile(`^(\d{1,6}(\.\d{1,3})?(d|h|m|s))+$`)
	durationPart  = regexp.MustCompile(`(\d+(?:\.\d+)?)([dhms])`)
	bareNumber    = regexp.MustCompile(`^\d+(\.\d+)?$`)
)

// ParseDuration reads "48h", "2d", "1h30m", "90s". A number needs its unit.
func ParseDuration(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	if bareNumber.MatchString(s) {
		return 0, fmt.Errorf("%s has no unit; write %sm", quote(s), s)
	}
	if !durationShape.MatchString(s) {
		return 0, fmt.Errorf("%s is not a length of time; write for example 90s, 15m, 48h or 2d", quote(s))
	}
	units := map[string]time.Duration{"d": day, "h": time.Hour, "m": time.Minute, "s": time.Second}
	var sum float64
	for _, part := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil {
			return 0, fmt.Errorf("%s is not a length of time", quote(s))
		}
		sum += n * float64(units[part[2]])
	}
	if sum > float64(366*day) {
		return 0, fmt.Errorf("%s is longer than a year; write less", quote(s))
	}
	return time.Duration(sum), nil
}

// duration reads a length of time above zero.
func (v value) duration() (time.Duration, bool) { return v.durationIn("m", "h") }

// durationIn is duration, with the units that are likely meant where none is
// written.
func (v value) durationIn(units ...string) (time.Duration, bool) {
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	if bareNumber.MatchString(s) {
		v.problem("%s has no unit; write %s", quote(s), s+strings.Join(units, " or "+s))
		return 0, false
	}
	d, err := ParseDuration(s)
	if err != nil {
		v.problem("%s", err)
		return 0, false
	}
	if d <= 0 {
		v.problem("%s is no time at all; write for example 1h", quote(s))
		return 0, false
	}
	return d, true
}

// human prints a duration as the seller would write it: "1h30m", "2d".
func human(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	s = strings.Replace(s, "m0s", "m", 1)
	return strings.Replace(s, "h0m", "h", 1)
}

// clock reads "21:00" as minutes since midnight; "24:00" is the end of the day.
func (v value) clock() (int, bool) {
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	h, m, found := strings.Cut(s, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	minutes := hour*60 + minute
	if !found || err1 != nil || err2 != nil || len(m) != 2 || hour < 0 || minute < 0 || minute > 59 || minutes > 24*60 {
		v.problem("%s is not a time of day; write for example \"21:00\", in quotes", quote(s))
		return 0, false
	}
	return minutes, true
}

// Age is a length of time by the calendar.
type Age struct{ Years, Months, Days int }

// IsZero reports whether no age is set.
func (a Age) IsZero() bool { return a == Age{} }

// Before gives the moment that is the age before t.
func (a Age) Before(t time.Time) time.Time { return t.AddDate(-a.Years, -a.Months, -a.Days) }

var ageShape = regexp.MustCompile(`^(\d{1,4})\s*(day|month|year)s?$`)

// shortestAge of kept contacts: reminders and what comes back need them.
const shortestAge = 30

// age reads "24 months", "2 years" or "90 days".
func (v value) age() (Age, bool) {
	s, ok := v.text()
	if !ok {
		return Age{}, false
	}
	m := ageShape.FindStringSubmatch(s)
	if m == nil {
		v.problem("%s is no age; write for example 24 months, 2 years or 90 days", quote(s))
		return Age{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Age{}, false
	}
	a := map[string]Age{"day": {Days: n}, "month": {Months: n}, "year": {Years: n}}[m[2]]
	if days := a.Days + 30*a.Months + 365*a.Years; days < shortestAge || days > 100*366 {
		v.problem("%s is not from 30 days to 100 years; open orders need their contacts, and leaving the key out keeps them", quote(s))
		return Age{}, false
	}
	return a, true
}
