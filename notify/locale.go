package notify

import (
	"fmt"
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
}

// localeOf knows English and Chinese; a language that a seller adds gets dates
// that are read alike everywhere.
func localeOf(language string) locale {
	switch localeLanguage(language) {
	case "en":
		return locale{moment: moment, short: layout("Mon 2 Jan, 15:04"), day: layout("Mon 2 Jan"), money: amount, goods: goods("%s and %d more")}
	case "zh":
		return locale{moment: momentZH, short: shortZH, day: dayZH, money: amountZH, goods: goods("%s等%d种商品")}
	}
	return locale{moment: momentISO, short: layout("2006-01-02 15:04"), day: layout("2006-01-02"), money: amount, goods: goods("%s +%d")}
}

// localeLanguage is zh for zh, zh-CN and the like.
func localeLanguage(language string) string {
	base, _, _ := strings.Cut(language, "-")
	return base
}

func layout(format string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(format) }
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
