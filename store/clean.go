package store

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"nudged/store/order"
)

// Bounds of what is kept of one text. The crawler bounds what it reads; these
// hold whoever calls.
const (
	maxText     = 64 << 10
	maxWords    = 4 << 10
	maxLines    = 10_000
	maxProblems = 200
)

// clip makes a text that JSON keeps as it is: valid UTF-8 of bounded length.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// cleanTime makes a time that RFC 3339 keeps as it is. A time beyond its years
// is none; an offset with seconds, as local mean times have, becomes UTC.
func cleanTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	t = t.Round(0)
	if y := t.UTC().Year(); y < 1 || y >= 9999 {
		return time.Time{}
	}
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 || t.Year() < 1 {
		return t.UTC()
	}
	return t
}

// cleanOrder is a reading as the file can keep it.
func cleanOrder(o order.Order) order.Order {
	o.Number = clip(o.Number, maxText)
	o.StatusText = clip(o.StatusText, maxText)
	o.Payment = clip(o.Payment, maxText)
	o.Link = clip(o.Link, maxText)
	o.Chat = clip(o.Chat, maxText)
	o.Coupon = clip(o.Coupon, maxText)
	o.Total.Currency = clip(o.Total.Currency, maxWords)
	o.Created, o.Updated, o.Closes = cleanTime(o.Created), cleanTime(o.Updated), cleanTime(o.Closes)
	o.Seen, o.Looked = cleanTime(o.Seen), cleanTime(o.Looked)
	o.Buyer.Name = clip(o.Buyer.Name, maxText)
	o.Buyer.Email = order.NormalEmail(clip(o.Buyer.Email.Reveal(), maxText))
	o.Buyer.Phone = order.Phone(strings.TrimSpace(clip(o.Buyer.Phone.Reveal(), maxText)))
	if len(o.Lines) > 0 {
		o.Lines = cleanLines(o.Lines)
	}
	if _, err := order.ParseStatus(string(o.Status)); err != nil && o.Status != "" {
		o.Status = order.Unknown
	}
	return o
}

func cleanLines(lines []order.Line) []order.Line {
	out := make([]order.Line, min(len(lines), maxLines))
	for i := range out {
		l := lines[i]
		l.Title, l.SKU = clip(l.Title, maxText), clip(l.SKU, maxText)
		l.Total.Currency = clip(l.Total.Currency, maxWords)
		out[i] = l
	}
	return out
}

var (
	anyEmail = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)
	anyPhone = regexp.MustCompile(`\+[0-9][0-9 ().-]{6,18}[0-9]`)
)

// repeats reports whether a text may hold a contact: an @ or seven digits.
func repeats(text string) bool {
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '@':
			return true
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return digits >= 7
}

// scrub masks the contacts in a text that is not stored with the contacts: those
// of the given buyers, and whatever looks like an address or a full number.
// Mail servers like to repeat the address that they refuse.
func scrub(text string, buyers ...order.Buyer) string {
	text = scrubKnown(text, buyers...)
	text = anyEmail.ReplaceAllStringFunc(text, func(s string) string { return order.Email(s).String() })
	return anyPhone.ReplaceAllStringFunc(text, func(s string) string { return order.Phone(s).String() })
}

// scrubKnown masks only the contacts of the given buyers: for texts such as
// message ids, which look like addresses and are none.
func scrubKnown(text string, buyers ...order.Buyer) string {
	if text == "" {
		return ""
	}
	text = clip(text, maxWords)
	for _, b := range buyers {
		text = maskContact(text, b)
	}
	return text
}

func maskContact(text string, b order.Buyer) string {
	text = maskFold(text, b.Email.Reveal(), b.Email.String())
	phone := b.Phone.Reveal()
	text = maskFold(text, phone, b.Phone.String())
	if len(phone) > 8 { // however the number is written, with a country code or without
		text = maskFold(text, phone[len(phone)-8:], "********")
	}
	return text
}

// maskFold replaces every spelling of secret, whatever its case.
func maskFold(text, secret, mask string) string {
	if len(secret) < 5 {
		return text
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // a letter whose lower case is longer or shorter
		return strings.ReplaceAll(text, secret, mask)
	}
	secret = strings.ToLower(secret)
	var out strings.Builder
	for {
		i := strings.Index(lower, secret)
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:i])
		out.WriteString(mask)
		text, lower = text[i+len(secret):], lower[i+len(secret):]
	}
}
