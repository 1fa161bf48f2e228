package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nudged/store/order"
)

// locale is how a language writes what Go has to compute; its words stand in
// templates.
type locale struct {
	moment func(t time.Time, zone *time.Location) string // with weekday and zone
	short  func(local time.Time) string                  // for a subject or an SMS
	day    func(local time.Time) string
	money  func(m order.Money) string
	goods  func(items []letterItem, more int) string // what was ordered, in a few words; "" for nothing

	// What the seller reads. Times are in the seller's own zone, so it is not named.
	at    func(local time.Time) string // day and time
	clock func(local time.Time) string // weekday and time, of a day that is near
	date  func(local time.Time) string // with the year
	span  func(d time.Duration) string // roughly, never zero
}

// localeOf knows English and Chinese; a language that a seller adds gets dates
// that are read alike everywhere.
func localeOf(language string) locale {
	switch localeLanguage(language) {
	case "en":
		return locale{moment: moment, short: layout("Mon 2 Jan, 15:04"), day: layout("Mon 2 Jan"), money: amount, goods: goods("%s and %d more"),
			at: layout("Mon 2 Jan, 15:04"), clock: layout("Mon 15:04"), date: layout("Mon 2 Jan 2006"), span: spans(" min", " h", " days")}
	case "zh":
		return locale{moment: momentZH, short: shortZH, day: dayZH, money: amountZH, goods: goods("%s等%d种商品"),
			at: atZH, clock: clockZH, date: dateZH, span: spans("分钟", "小时", "天")}
	}
	return locale{moment: momentISO, short: layout("2006-01-02 15:04"), day: layout("2006-01-02"), money: amount, goods: goods("%s +%d"),
		at: layout("2006-01-02 15:04"), clock: layout("2006-01-02 15:04"), date: layout("2006-01-02"), span: spans(" min", " h", " d")}
}

// localeLanguage is zh for zh, zh-CN and the like.
func localeLanguage(language string) string {
	base, _, _ := strings.Cut(language, "-")
	return base
}

func layout(format string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(format) }
}

// spans writes a rough time span: "35 min", "5 h", "3 days".
func spans(minutes, hours, days string) func(time.Duration) string {
	return func(d time.Duration) string {
		switch {
		case d < time.Hour:
			return strconv.Itoa(max(1, int(d/time.Minute))) + minutes
		case d < 48*time.Hour:
			return strconv.Itoa(int(d/time.Hour)) + hours
		}
		return thousands(int(d/(24*time.Hour))) + days
	}
}

// thousands writes a number as people read it: 10,000.
func thousands(n int) string {
	sign, digits := grouped(order.Money{Minor: int64(n), Currency: "JPY"}) // a currency without decimals
	return sign + digits
}

func momentISO(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04") + " (UTC" + t.In(zone).Format("-07:00") + ")"
}

// maxGoods is the length of the first title that goods keeps: variables of a
// gateway are short. Source: help.aliyun.com/document_detail/463270.htm.
const maxGoods = 20

// goods names the first position. "%s等%d种商品" counts all of them in Chinese,
// "and %d more" those besides it.
func goods(format string) func([]letterItem, int) string {
	return func(items []letterItem, more int) string {
		if len(items) == 0 || items[0].Title == "" {
			return ""
		}
		first := clean(items[0].Title, maxGoods)
		rest := len(items) - 1 + more
		if rest == 0 {
			return first
		}
		if strings.Contains(format, "等") {
			rest++
		}
		return fmt.Sprintf(format, first, rest)
	}
}
