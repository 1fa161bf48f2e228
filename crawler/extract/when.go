package extract

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"nudged/crawler/recipe"
)

var (
	errNoTime   = errors.New("is no time in the layout that the recipe gives")
	errFarTime  = errors.New("is a time far from now")
	errNoZone   = errors.New("names a time zone that the zone of the shop in config.yaml does not have")
	errNoNumber = errors.New("is no number")
)

// isoLayouts are the spellings of ISO 8601 that need no layout in the recipe.
// Go's parser takes a fraction of a second wherever it meets one.
func isoLayouts() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	}
}

// parseTime reads a time; one without a zone is in the shop's, and words count
// from now, the time of the page. dayOnly tells that the text holds a day and no
// time.
func parseTime(t string, how *recipe.Date, zone *time.Location, now time.Time) (at time.Time, dayOnly bool, err error) {
	if zone == nil {
		zone = time.UTC
	}
	layouts := isoLayouts()
	if how != nil {
		if how.Epoch != recipe.NoEpoch {
			at, err = epoch(t, how.Epoch, zone)
			return at, false, err
		}
		if at, dayOnly, ok := inWords(t, how, now.In(zone)); ok {
			at, err = near(at)
			return at, dayOnly, err
		}
		if len(how.Layouts) > 0 {
			layouts = how.Layouts
		}
	}
	why := errNoTime
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, t, zone); err == nil {
			if inNoZone(at, layout, zone) {
				why = errNoZone
				continue
			}
			at, err = near(at)
			return at, showsDayOnly(layout), err
		}
	}
	return time.Time{}, false, why
}

// inNoZone reports whether a time carries letters of a zone that Go's parser could
// not place (CET, in a shop of Chicago): it takes all such for UTC.
func inNoZone(at time.Time, layout string, zone *time.Location) bool {
	if !strings.Contains(layout, "MST") || strings.Contains(layout, "07") || at.Location() == zone {
		return false
	}
	name, _ := at.Zone()
	return name != "UTC" && name != "GMT" && name != "WET"
}

const day = 24 * time.Hour

// inWords reads "3 minutes ago", "yesterday 14:05". A day is one of the
// calendar: the night in which clocks change has 23 or 25 hours.
func inWords(t string, how *recipe.Date, now time.Time) (at time.Time, dayOnly, ok bool) {
	for _, word := range how.Words {
		m := word.Match.FindStringSubmatchIndex(t)
		if m == nil {
			continue
		}
		n, counted := 1.0, false
		if len(m) > 2 && m[2] >= 0 {
			var err error
			if n, err = strconv.ParseFloat(strings.TrimSpace(t[m[2]:m[3]]), 64); err != nil || n < 0 || n > 1e6 {
				continue
			}
			counted = true
		}
		if !word.In {
			n = -n
		}
		rest := strings.TrimFunc(t[:m[0]]+" "+t[m[1]:], notWord)
		if word.Unit%day != 0 {
			return now.Add(time.Duration(n * float64(word.Unit))), false, true
		}
		at = now.AddDate(0, 0, int(n)*int(word.Unit/day))
		if clock, ok := timeOfDay(rest, how.Layouts); ok {
			y, month, d := at.Date()
			return time.Date(y, month, d, clock.Hour(), clock.Minute(), clock.Second(), 0, now.Location()), false, true
		}
		switch {
		case word.In && counted:
			return at, false, true // "in 2 days": to the hour, as far as we know
		case rest != "" && !counted:
			continue // more than the recipe knows to read
		}
		y, month, d := at.Date()
		return time.Date(y, month, d, 0, 0, 0, 0, now.Location()), true, true
	}
	return time.Time{}, false, false
}

// timeOfDay reads a text in one of the layouts, if it holds no day.
func timeOfDay(t string, layouts []string) (time.Time, bool) {
	if len(layouts) == 0 {
		layouts = []string{"15:04:05", "15:04"}
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, t); err == nil && at.Year() == 0 && at.YearDay() == 1 {
			return at, true
		}
	}
	return time.Time{}, false
}

func showsDayOnly(layout string) bool {
	noon := time.Date(2001, 2, 3, 16, 5, 6, 7, time.UTC)
	return noon.Format(layout) == noon.Truncate(day).Format(layout)
}

// epoch reads a number since 1970. The fraction is read apart from the whole:
// as one float, microseconds would be lost.
func epoch(t string, unit recipe.Epoch, zone *time.Location) (time.Time, error) {
	whole, fraction, _ := strings.Cut(t, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		// 1.7952984e9, as some programs write numbers.
		f, err := strconv.ParseFloat(t, 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) > 1e15 {
			return time.Time{}, errNoNumber
		}
		n, fraction = int64(f), ""
	}
	var part float64
	if fraction != "" {
		if strings.Trim(fraction, "0123456789") != "" {
			f, err := strconv.ParseFloat(t, 64)
			if err != nil || math.Abs(f) > 1e15 {
				return time.Time{}, errNoNumber
			}
			n = int64(f)
		} else if part, err = strconv.ParseFloat("0."+fraction, 64); err != nil {
			return time.Time{}, errNoNumber
		}
	}
	if unit == recipe.EpochMilli {
		return near(time.UnixMilli(n).Add(time.Duration(part * float64(time.Millisecond))).In(zone))
	}
	return near(time.Unix(n, int64(part*float64(time.Second))).In(zone))
}

// near refuses times that no order can have: 0001, 1970, 9999.
func near(at time.Time) (time.Time, error) {
	if at.Year() < 1990 || at.Year() > 2200 {
		return time.Time{}, errFarTime
	}
	return at, nil
}

// noTime reports whether a text is how databases show that there is none.
func noTime(t string) bool {
	return t == "" || t == "0" || t == "-" || t == "—" || strings.HasPrefix(t, "0000-00-00") || strings.HasPrefix(t, "00/00/0000")
}
