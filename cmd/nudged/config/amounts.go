package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nudged/store/order"
)

var (
	limitShape = regexp.MustCompile(`^(\d{1,6})\s+per\s+(.+)$`)
	moneyShape = regexp.MustCompile(`^(\d{1,12})(?:\.(\d{1,6}))?\s*([A-Z]{3})$`)
)

// limit reads "2 per 24h". The example is what a message offers instead.
func (v value) limit(example string, longest time.Duration) (order.Limit, bool) {
	s, ok := v.text()
	if !ok {
		return order.Limit{}, false
	}
	m := limitShape.FindStringSubmatch(s)
	if m == nil {
		v.problem("%s is not so many in a time; write for example %s", quote(s), example)
		return order.Limit{}, false
	}
	n, err := strconv.Atoi(m[1])
	per, perErr := limitTime(m[2])
	switch {
	case err != nil || n == 0:
		v.problem("%s lets nothing through, ever; write for example %s", quote(s), example)
	case perErr != nil:
		v.problem("%s", perErr)
	case per < time.Minute || per > longest:
		v.problem("%s is not from 1m to %s; write for example %s", quote(m[2]), human(longest), example)
	default:
		return order.Limit{Count: n, Per: per}, true
	}
	return order.Limit{}, false
}

// limitTime takes a word where people write one.
func limitTime(s string) (time.Duration, error) {
	switch strings.TrimSpace(s) {
	case "minute":
		return time.Minute, nil
	case "hour":
		return time.Hour, nil
	case "day":
		return day, nil
	case "week":
		return 7 * day, nil
	}
	return ParseDuration(s)
}

// perLimit prints a limit as the seller would write it.
func perLimit(l order.Limit) string {
	if l.Per%time.Hour == 0 && l.Per <= 2*day {
		return fmt.Sprintf("%d per %dh", l.Count, l.Per/time.Hour)
	}
	return fmt.Sprintf("%d per %s", l.Count, human(l.Per))
}

// money reads "1000 CNY". What is finer than the currency's smallest unit is
// rounded up, and exact is false.
func (v value) money(example string) (m order.Money, exact, ok bool) {
	s, ok := v.text()
	if !ok {
		return order.Money{}, false, false
	}
	parts := moneyShape.FindStringSubmatch(s)
	if parts == nil {
		v.problem("%s is no amount of money; write for example %s", quote(s), example)
		return order.Money{}, false, false
	}
	exp := order.Exponent(parts[3])
	digits := parts[2] + strings.Repeat("0", max(0, exp-len(parts[2])))
	minor, err := strconv.ParseInt(parts[1]+digits[:exp], 10, 64)
	if err != nil || minor > math.MaxInt64/1000 {
		v.problem("%s is too much; write for example %s", quote(s), example)
		return order.Money{}, false, false
	}
	exact = strings.Trim(digits[exp:], "0") == ""
	if !exact {
		minor++
	}
	return order.Money{Minor: minor, Currency: parts[3]}, exact, true
}
