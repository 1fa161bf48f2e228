package intake

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"nudged/cmd/nudged/sheet"
)

// dayOrder says which of two numbers is the day.
type dayOrder string

// Orders of day and month.
const (
	daysUnknown dayOrder = ""
	daysFirst   dayOrder = "dmy"
	monthsFirst dayOrder = "mdy"
)

// Parts of a date: year first, or year last, or with the month's name. What
// follows is the time of day and the zone.
var (
	yearFirst = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(.*)$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})\b(.*)$`)
	dayNamed  = regexp.MustCompile(`^(?:\pL{3,9},? )?(\d{1,2})[. -]+(\pL{3,9})\.?,?[ -]+(\d{4})\b(.*)$`)
	monNamed  = regexp.MustCompile(`^(?:\pL{3,9},? )?(\pL{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b(.*)$`)
	clockPart = regexp.MustCompile(`(?i)^[T,]? *(上午|下午|AM|PM)? *(\d{1,2})[:时](\d{2})(?:[:分](\d{2}))?(?:[.,]\d+)?秒? *(AM|PM|上午|下午)? *(Z|UTC|[+-]\d{2}:?\d{2})?$`)
)

var (
	errNoDate  = errors.New("is no date that can be read")
	errWhich   = errors.New("can be two dates")
	errFarDate = errors.New("is a date that no order can have")
)

func tidyDate(s string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

// dateLike reports whether a text looks like a date, read in any order.
func dateLike(s string) bool {
	s = tidyDate(s)
	return len(s) <= 60 && (yearFirst.MatchString(s) || yearLast.MatchString(s) || dayNamed.MatchString(s) || monNamed.MatchString(s))
}

// serial reports whether a number is a day as Excel counts them, in a cell that
// does not say so: 1990 to 2100.
func serial(v sheet.Value) bool {
	f, err := strconv.ParseFloat(v.Text, 64)
	return v.Kind == sheet.Number && err == nil && f >= 32874 && f < 73416
}

// daysOf finds out of a whole column which of two numbers is the day: the one that
// is beyond 12 somewhere. Dots are only written after the day. It is unknown if
// nothing says it, and example is then a date that could be two; none says that
// there is no such date.
func daysOf(values []sheet.Value) (found dayOrder, example string) {
	for _, v := range values {
		m := yearLast.FindStringSubmatch(tidyDate(v.Text))
		if v.Kind != sheet.Text || m == nil {
			continue
		}
		a, b := atoi(m[1]), atoi(m[3])
		switch {
		case a > 12 && b <= 12, m[2] == ".":
			if found == monthsFirst {
				return daysUnknown, v.Text // both ways in one column
			}
			found = daysFirst
		case b > 12 && a <= 12:
			if found == daysFirst {
				return daysUnknown, v.Text
			}
			found = monthsFirst
		case a != b && example == "":
			example = v.Text
		}
	}
	if found != daysUnknown {
		return found, ""
	}
	return found, example
}

// atoi is a number of digits that a pattern has found; 0 where it found none.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// moment is a date as it was read; zero for none.
type moment struct {
	at      time.Time
	dayOnly bool
}

// String shows it as it was understood.
func (m moment) String() string {
	switch {
	case m.at.IsZero():
		return ""
	case m.dayOnly:
		return m.at.Format("2006-01-02")
	}
	return m.at.Format("2006-01-02 15:04")
}

// dateOf reads a cell as a moment on the clock of a zone; dayOnly tells that it
// holds no time.
func dateOf(v sheet.Value, days dayOrder, zone *time.Location) (at time.Time, dayOnly bool, err error) {
	switch {
	case v.Kind == sheet.Time:
		at, err = time.ParseInLocation("2006-01-02 15:04:05", v.Text, zone)
		if err != nil {
			return time.Time{}, false, errNoDate
		}
	case serial(v):
		f, _ := strconv.ParseFloat(v.Text, 64) // serial has read it
		whole := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(f))
		left := time.Duration((f - float64(int(f))) * float64(24*time.Hour)).Round(time.Second)
		at = time.Date(whole.Year(), whole.Month(), whole.Day(), 0, 0, int(left/time.Second), 0, zone)
	case v.Kind == sheet.Text:
		if at, dayOnly, err = dateText(tidyDate(v.Text), days, zone); err != nil {
			return time.Time{}, false, err
		}
	default:
		return time.Time{}, false, errNoDate
	}
	if at.Year() < 1990 || at.Year() > 2100 {
		return time.Time{}, false, errFarDate
	}
	h, m, s := at.Clock()
	return at, dayOnly || h+m+s == 0, nil // a file has no other way to write a day
}

func dateText(s string, days dayOrder, zone *time.Location) (time.Time, bool, error) {
	if len(s) > 60 {
		return time.Time{}, false, errNoDate
	}
	var y, m, d int
	var rest string
	if p := yearFirst.FindStringSubmatch(s); p != nil {
		y, m, d, rest = atoi(p[1]), atoi(p[2]), atoi(p[3]), p[4]
	} else if p := yearLast.FindStringSubmatch(s); p != nil {
		y, rest = atoi(p[4]), p[5]
		if len(p[4]) == 2 {
			y += 2000
		}
		switch a, b := atoi(p[1]), atoi(p[3]); {
		case p[2] == ".", days == daysFirst, a == b:
			d, m = a, b
		case days == monthsFirst:
			m, d = a, b
		default:
			return time.Time{}, false, errWhich
		}
	} else if p := dayNamed.FindStringSubmatch(s); p != nil {
		y, m, d, rest = atoi(p[3]), monthOf(p[2]), atoi(p[1]), p[4]
	} else if p := monNamed.FindStringSubmatch(s); p != nil {
		y, m, d, rest = atoi(p[3]), monthOf(p[1]), atoi(p[2]), p[4]
	} else {
		return time.Time{}, false, errNoDate
	}
	return moreOf(time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone), y, m, d, rest)
}

// moreOf adds the time of day to a day, if that exists.
func moreOf(day time.Time, y, m, d int, rest string) (time.Time, bool, error) {
	if day.Year() != y || int(day.Month()) != m || day.Day() != d {
		return time.Time{}, false, fmt.Errorf("%w: there is no such day", errNoDate)
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return day, true, nil
	}
	p := clockPart.FindStringSubmatch(rest)
	if p == nil {
		return time.Time{}, false, errNoDate
	}
	h, minute, sec := atoi(p[2]), atoi(p[3]), atoi(p[4])
	switch half := strings.ToUpper(p[1] + p[5]); {
	case h > 23 || minute > 59 || sec > 60:
		return time.Time{}, false, errNoDate
	case (half == "PM" || half == "下午") && h < 12:
		h += 12
	case (half == "AM" || half == "上午") && h == 12:
		h = 0
	}
	zone := day.Location()
	if p[6] != "" {
		offset := 0
		if p[6][0] == '+' || p[6][0] == '-' {
			digits := strings.ReplaceAll(p[6][1:], ":", "")
			if offset = atoi(digits[:2])*3600 + atoi(digits[2:])*60; p[6][0] == '-' {
				offset = -offset
			}
		}
		return time.Date(y, time.Month(m), d, h, minute, sec, 0, time.FixedZone("", offset)).In(zone), false, nil
	}
	return time.Date(y, time.Month(m), d, h, minute, sec, 0, zone), false, nil
}

// monthOf reads the name of a month, in English or German, whole or its first
// three letters; 0 for none.
func monthOf(s string) int {
	s = strings.ToLower(s)
	for i, names := range [...]string{"january januar", "february februar", "march märz mrz", "april", "may mai", "june juni", "july juli",
		"august", "september", "october oktober", "november", "december dezember"} {
		for _, name := range strings.Fields(names) {
			if s == name || len(s) >= 3 && s == string([]rune(name)[:min(3, len([]rune(name)))]) || s == "sept" && name == "september" {
				return i + 1
			}
		}
	}
	return 0
}
