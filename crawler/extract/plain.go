package extract

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// The same readings as of pages, for texts that stand on none: a list of the
// seller's own.

// Clean makes a foreign text harmless: one line, at most so many characters,
// nothing that is not seen.
func Clean(t string, most int) string { return clean(t, most) }

// Email is the address if it can receive mail; "" for all that says nothing.
func Email(t string) order.Email { return parseEmail(t) }

// Phone is the number in E.164; "" for masked ones and garbage. The region ("CN")
// is for numbers without a country code.
func Phone(t, region string) order.Phone { return parsePhone(t, region) }

// Amount reads an amount with the decimal sign given, or found out if that is "".
// The currency is iso, or what stands beside the number, or home.
func Amount(t, decimal, iso, home string) (order.Money, error) {
	return parseMoney(t, false, &recipe.Money{Decimal: decimal}, iso, home)
}

// Decimal is the decimal sign of an amount, "" if it has none; not sure for
// 1.234, which can be read in two ways. home is the seller's own currency.
func Decimal(t, home string) (sign string, sure bool) {
	digits := amount.FindString(norm.NFKC.String(t))
	sign, err := guessDecimal(strings.NewReplacer("'", " ", "’", " ").Replace(digits), home)
	return sign, err == nil
}

// Currency reads what stands in a column of currencies: a code or a sign; home is
// for signs that several share.
func Currency(t, home string) (string, error) {
	t = strings.TrimSpace(norm.NFKC.String(t))
	if code := strings.ToUpper(t); isISO(code) {
		return code, nil
	}
	found, err := currencyOf(t, "", home, false)
	if err != nil || found == "" || symbol(t) == "" {
		return "", fmt.Errorf("%q is no currency that is known", ellipsis(clean(t, maxFound), 12))
	}
	return found, nil
}
