package extract

import (
	"net/mail"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// contact reads a way to reach the buyer. One that says nothing, a masked one or
// the "-" that many shops write, is passed over for the next fallback.
func (w *row) contact(field string, v *recipe.Value, take func(text string) bool) {
	t, ok := w.text(field, v, maxText)
	if !ok || take(t) {
		return
	}
	for i := range v.Or {
		if r := w.read(&v.Or[i], maxText); take(r.text) {
			w.samples[field] = r.text
			return
		}
	}
}

// masked reports whether a text is one that a platform has made unreadable:
// 138****8000, b***@example.com.
func masked(t string) bool { return strings.ContainsAny(t, "*•●") }

// parseEmail gives the address if it can receive mail; "" for all that says
// nothing.
func parseEmail(t string) order.Email {
	t = strings.TrimPrefix(strings.TrimSpace(norm.NFKC.String(t)), "mailto:")
	const longest = 254 // RFC 5321, 4.5.3.1.3, less the brackets
	if masked(t) || len(t) > longest {
		return ""
	}
	a, err := mail.ParseAddress(t)
	if err != nil || a.Address != t || strings.ContainsAny(t, " \"") {
		return ""
	}
	at := strings.LastIndexByte(t, '@')
	domain := t[at+1:]
	if !strings.Contains(domain, ".") || strings.HasPrefix(domain, "[") {
		return ""
	}
	return order.NormalEmail(t)
}

// parsePhone gives the number in E.164; "" for masked and virtual ones and for
// garbage. The region ("CN") is for numbers without a country code; without it
// such numbers say nothing.
//
// A number need not be in the library's table of ranges in use: tables age. It
// must have a length that is possible.
func parsePhone(t, region string) order.Phone {
	t = norm.NFKC.String(t)
	// 13800138000转1234 is how marketplaces write a number of their own that is
	// switched to the buyer for some days.
	if masked(t) || strings.ContainsAny(t, "转轉") || len(t) > 100 {
		return ""
	}
	n, err := phonenumbers.Parse(t, region)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return ""
	}
	if !phonenumbers.IsValidNumber(n) && garbage(phonenumbers.GetNationalSignificantNumber(n)) {
		return ""
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	const longest = len("+") + 15 // ITU-T E.164, 6; the library's plans of some countries allow more
	if len(e164) > longest {
		return ""
	}
	return order.Phone(e164)
}

// garbage is what people type where a form wants a number: one digit repeated,
// or the digits in their order.
func garbage(digits string) bool {
	return digits == strings.Repeat(digits[:1], len(digits)) ||
		strings.HasPrefix("123456789012345", digits) || strings.HasPrefix("0123456789012345", digits)
}
