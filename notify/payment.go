package notify

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nudged/store/order"
)

// payment says how an order is to be paid, as far as its reminders care. Of
// several that are found, the greatest counts.
type payment int

const (
	payOnline     payment = iota // in the shop, at once; also what is not known
	payOffline                   // by the buyer's own hand and days: bank transfer, cheque, invoice
	payInstant                   // words that make a bank transfer one that is there at once
	payOnDelivery                // nothing to do before the goods are there
)

// paymentOf reads the payment method of an order. listed are the methods that
// the seller says are settled outside the shop. A shop that takes an order's
// money in parts shows several methods, with a bare comma between: one on
// delivery is enough, and all must be offline.
func paymentOf(o order.Order, listed []string) payment {
	method := clean(o.Payment, maxLine)
	if method == "" {
		return payOnline
	}
	onlyOffline, parts := true, strings.Split(strings.ReplaceAll(method, ", ", " "), ",")
	for _, part := range parts {
		switch kind := methodKind(foldMethod(part)); {
		case kind == payOnDelivery:
			return payOnDelivery
		case kind != payOffline && !isListed(part, listed):
			onlyOffline = false
		}
	}
	if onlyOffline || isListed(method, listed) {
		return payOffline
	}
	return payOnline
}

func isListed(method string, listed []string) bool {
	return slices.ContainsFunc(listed, func(l string) bool { return strings.EqualFold(strings.TrimSpace(l), strings.TrimSpace(method)) })
}

// longestMethod is how many words the longest known method has.
const longestMethod = 5

// methodKind looks for known words in a folded method: the words of people and
// the codes of modules (cod, bacs), whole words only, but for languages that make
// compounds or write no blanks.
func methodKind(folded string) payment {
	if wholeMethod(folded) {
		return payOnDelivery
	}
	folded = notDelivery(folded)
	found := partOfMethod(folded)
	for start := 0; start < len(folded) && found != payOnDelivery; {
		end := start
		for range longestMethod {
			size := strings.IndexByte(folded[end:]+" ", ' ')
			found = max(found, knownMethod(folded[start:end+size]))
			if end += size + 1; end >= len(folded) {
				break
			}
		}
		start += strings.IndexByte(folded[start:]+" ", ' ') + 1
	}
	if found == payInstant {
		return payOnline
	}
	return found
}

// foldMethod brings the spellings of a method together: full-width letters,
// case, accents, and whatever stands between words.
func foldMethod(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(foldLetter(unicode.ToLower(r)))
	}
	return norm.NFC.String(b.String()) // Hangul was taken apart
}

// foldLetter gives letters that are no accented ones to Unicode their plain form.
func foldLetter(r rune) rune {
	switch r {
	case 'ł':
		return 'l'
	case 'đ':
		return 'd'
	case 'ø':
		return 'o'
	case 'ı':
		return 'i'
	}
	return r
}
