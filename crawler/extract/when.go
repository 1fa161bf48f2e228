package extract

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"nudged/crawler/recipe"
)

var (
	errNoTime   = errors.New("is no time in the layout that the recipe gives")
	errFarTime  = errors.New("is a time far from now")
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

// parseTime reads a time; one without a zone is in the shop's. dayOnly tells that
// the text holds a day and no time.
func parseTime(t string, how *recipe.Date, zone *time.Location) (at time.Time, dayOnly bool, err error) {
	if zone == nil {
		zone = time.UTC
	}
	if how != nil && how.Epoch != recipe.NoEpoch {
		at, err = epoch(t, how.Epoch, zone)
		return at, false, err
	}
	layouts := isoLayouts()
	if how != nil && len(how.Layouts) > 0 {
		layouts = how.Layouts
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, t, zone); err == nil {
			at, err = near(at)
			return at, showsDayOnly(layout), err
		}
	}
	return time.Time{}, false, errNoTime
}

func showsDayOnly(layout string) bool {
	noon := time.Date(2001, 2, 3, 16, 5, 6, 7, time.UTC)
	return noon.Format(layout) == noon.Truncate(24*time.Hour).Format(layout)
}

func epoch(t string, unit recipe.Epoch, zone *time.Location) (time.Time, error) {
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		return time.Time{}, errNoNumber
	}
	if unit == recipe.EpochMilli {
		return near(time.UnixMilli(n).In(zone))
	}
	return near(time.Unix(n, 0).In(zone))
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
