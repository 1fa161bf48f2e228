package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
)

// timeWord is a day, a moment or an age, as people type it after --since and
// --until. A day is meant on the clock of the shop whose order is at hand.
type timeWord struct {
	said             bool                      // anything at all was typed
	ago              func(time.Time) time.Time // an age; nil for what the calendar says
	today            bool                      // the day of now, less daysBack
	daysBack         int
	year, month, day int
	hour, minute     int
	span             func(time.Time) time.Time // from the beginning of a day, month or minute to its end
}

var (
	agoShape = regexp.MustCompile(`^(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?|months?|y|years?)$`)
	dayShape = regexp.MustCompile(`^(\d{4})-(\d{1,2})(?:-(\d{1,2})(?:[ t](\d{1,2}):(\d{2}))?)?$`)
)

const whenSample = "write for example 7d, 12h, 3 months, yesterday or 2026-11-01"

// parseWhen reads "7d", "12h", "2 weeks", "today", "yesterday", "2026-11-01",
// "2026-11" or "2026-11-01 15:00".
func parseWhen(flag, s string) (timeWord, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "":
		return timeWord{}, nil
	case "today", "yesterday":
		w := timeWord{said: true, today: true, span: func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }}
		if s == "yesterday" {
			w.daysBack = 1
		}
		return w, nil
	}
	if m := agoShape.FindStringSubmatch(s); m != nil {
		return timeWord{said: true, ago: before(m[1], m[2])}, nil
	}
	if m := dayShape.FindStringSubmatch(s); m != nil {
		if w, ok := calendar(m); ok {
			return w, nil
		}
	}
	if _, err := strconv.Atoi(s); err == nil {
		return timeWord{}, &usageError{fmt.Errorf("--%s %s: days or hours? %s", flag, s, whenSample)}
	}
	return timeWord{}, &usageError{fmt.Errorf("--%s %q is neither a day nor an age; %s", flag, s, whenSample)}
}

// before goes back by the clock for hours, by the calendar for the rest.
func before(count, unit string) func(time.Time) time.Time {
	n := atoi(count)
	switch {
	case strings.HasPrefix(unit, "month"):
		return config.Age{Months: n}.Before
	case strings.HasPrefix(unit, "m"):
		return func(t time.Time) time.Time { return t.Add(-time.Duration(n) * time.Minute) }
	case strings.HasPrefix(unit, "h"):
		return func(t time.Time) time.Time { return t.Add(-time.Duration(n) * time.Hour) }
	case strings.HasPrefix(unit, "w"):
		return config.Age{Days: 7 * n}.Before
	case strings.HasPrefix(unit, "y"):
		return config.Age{Years: n}.Before
	}
	return config.Age{Days: n}.Before
}

// atoi is a number of digits that a pattern has found; 0 where it found none.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func calendar(m []string) (timeWord, bool) {
	w := timeWord{said: true, year: atoi(m[1]), month: atoi(m[2]), day: atoi(m[3]), hour: atoi(m[4]), minute: atoi(m[5])}
	switch {
	case m[3] == "":
		w.day = 1
		w.span = func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	case m[4] == "":
		w.span = func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	default:
		w.span = func(t time.Time) time.Time { return t.Add(time.Minute) }
	}
	t := time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, 0, 0, time.UTC)
	fits := t.Month() == time.Month(w.month) && t.Day() == w.day && t.Hour() == w.hour && t.Minute() == w.minute
	return w, fits
}

// begin is its first moment on the clock of a place.
func (w timeWord) begin(now time.Time, zone *time.Location) time.Time {
	switch {
	case !w.said:
		return time.Time{}
	case w.ago != nil:
		return w.ago(now.In(zone))
	case w.today:
		y, m, d := now.In(zone).Date()
		return time.Date(y, m, d-w.daysBack, 0, 0, 0, 0, zone)
	}
	return time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, 0, 0, zone)
}

// end is the first moment after it: of "until 1 November" that day is part.
func (w timeWord) end(now time.Time, zone *time.Location) time.Time {
	t := w.begin(now, zone)
	if w.span == nil || t.IsZero() {
		return t
	}
	return w.span(t)
}

// period is what lies between --since and --until.
type period struct {
	since, until timeWord
	now          time.Time
}

func parsePeriod(since, until string, now time.Time) (period, error) {
	p := period{now: now}
	var err error
	if p.since, err = parseWhen("since", since); err != nil {
		return p, err
	}
	if p.until, err = parseWhen("until", until); err != nil {
		return p, err
	}
	if p.since.said && p.until.said && !p.since.begin(now, time.UTC).Before(p.until.end(now, time.UTC)) {
		return p, &usageError{fmt.Errorf("--since %s is not before --until %s; an age counts back from now: --since 30d --until 7d is what is 7 to 30 days old", since, until)}
	}
	return p, nil
}

// holds reports whether a moment lies in it, on the clock of a place. What has no
// date lies in no period.
func (p period) holds(t time.Time, zone *time.Location) bool {
	if !p.since.said && !p.until.said {
		return true
	}
	return !t.IsZero() && (!p.since.said || !t.Before(p.since.begin(p.now, zone))) && (!p.until.said || t.Before(p.until.end(p.now, zone)))
}

// widest is the period as it is anywhere on earth: for an index that knows no
// zones.
func (p period) widest() (since, until time.Time) {
	const around = 15 * time.Hour
	if p.since.said {
		since = p.since.begin(p.now, time.UTC).Add(-around)
	}
	if p.until.said {
		until = p.until.end(p.now, time.UTC).Add(around)
	}
	return since, until
}
