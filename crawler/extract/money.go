package extract

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

var (
	errNoAmount   = errors.New("holds no amount")
	errTwoAmounts = errors.New("holds more than one amount")
	errRange      = errors.New("is too large for an amount")
)

// amount is the number inside a text: digits with separators, "1 234,50".
var amount = regexp.MustCompile(`[0-9]+(?:[.,'’ ]?[0-9]+)*`)

// jsonAmount is a JSON number that can be an amount.
var jsonAmount = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,10})?$`)

// parseMoney reads an amount as shops write it: the symbol or ISO code on either
// side, any of the usual groupings, full-width digits, a minus or parentheses.
// iso is the currency if the shop says it elsewhere; home is the seller's own,
// for symbols that several currencies share and amounts without one.
func parseMoney(t string, number bool, how *recipe.Money, iso, home string) (order.Money, error) {
	if how == nil {
		how = &recipe.Money{}
	}
	t = norm.NFKC.String(t)
	spans := amount.FindAllStringIndex(t, -1)
	if len(spans) == 0 {
		return order.Money{}, errNoAmount
	}
	if len(spans) > 1 {
		return order.Money{}, errTwoAmounts
	}
	before, digits, after := t[:spans[0][0]], t[spans[0][0]:spans[0][1]], t[spans[0][1]:]
	if number && !jsonAmount.MatchString(strings.TrimSpace(t)) {
		return order.Money{}, errRange
	}
	currency := iso
	if currency == "" { // how many decimals there can be helps to read the number
		currency, _ = currencyOf(before, after, home, false) // an unknown symbol is told below
	}
	whole, fraction, err := splitAmount(digits, number, how.Decimal, currency)
	if err != nil {
		return order.Money{}, err
	}
	if currency == "" {
		if currency, err = currencyOf(before, after, home, fraction != ""); err != nil {
			return order.Money{}, err
		}
	}
	minor, err := toMinor(whole, fraction, how, order.Exponent(currency))
	if err != nil {
		return order.Money{}, err
	}
	if negative(before, after) {
		minor = -minor
	}
	return order.Money{Minor: minor, Currency: currency}, nil
}

func negative(before, after string) bool {
	isMinus := func(r rune) bool { return r == '-' || r == '−' || r == '–' }
	if strings.ContainsFunc(before, isMinus) {
		return true
	}
	after = strings.TrimSpace(after)
	return strings.Contains(before, "(") && strings.Contains(after, ")") || after == "-"
}

// splitAmount parts the whole from the fraction.
func splitAmount(digits string, number bool, decimal, iso string) (whole, fraction string, err error) {
	digits = strings.NewReplacer("'", " ", "’", " ").Replace(digits)
	if number {
		whole, fraction, _ = strings.Cut(digits, ".")
		return whole, fraction, nil
	}
	if decimal == "" {
		if decimal, err = guessDecimal(digits, iso); err != nil {
			return "", "", err
		}
	}
	if decimal != "" {
		if strings.Count(digits, decimal) > 1 {
			return "", "", fmt.Errorf("has the decimal sign %q twice", decimal)
		}
		whole, fraction, _ = strings.Cut(digits, decimal)
	} else {
		whole = digits
	}
	if strings.ContainsAny(fraction, "., ") {
		return "", "", fmt.Errorf("does not read with %q as the decimal sign", decimal)
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' || r == ' ' })
	for i, g := range groups {
		// Groups of two are Indian: 12,34,567. The last always has three.
		if i > 0 && len(g) != 3 && (len(g) != 2 || i == len(groups)-1) || i == 0 && len(groups) > 1 && len(g) > 3 {
			return "", "", errors.New("groups its digits in a way that cannot be read; say money: {decimal: …}")
		}
	}
	return strings.Join(groups, ""), fraction, nil
}

// guessDecimal finds the decimal sign where the text leaves no doubt: the last
// of two kinds; the only one of a kind with other than three digits behind it.
func guessDecimal(digits, iso string) (string, error) {
	dot, comma := strings.LastIndexByte(digits, '.'), strings.LastIndexByte(digits, ',')
	switch {
	case dot < 0 && comma < 0:
		return "", nil
	case dot >= 0 && comma >= 0:
		if dot > comma {
			return ".", nil
		}
		return ",", nil
	}
	sign, at := ".", dot
	if comma >= 0 {
		sign, at = ",", comma
	}
	tail := len(digits) - at - 1
	switch {
	case strings.Count(digits, sign) > 1:
		return "", nil
	case tail != 3 || digits[:at] == "0":
		return sign, nil
	case strings.Contains(digits[:at], " "):
		return sign, nil // 1 234,567: the blank groups
	case iso != "" && order.Exponent(iso) == 0:
		return "", nil
	case sign == "," && order.Exponent(iso) == 2:
		return "", nil // $1,234
	}
	return "", fmt.Errorf("can be read in two ways; say money: {decimal: %q} or the other sign", sign)
}

// toMinor makes minor units of a number, rounding half away from zero where the
// shop shows more decimals than the currency has.
func toMinor(whole, fraction string, how *recipe.Money, exp int) (int64, error) {
	const most = 15 // digits: far from the end of int64 in every currency
	if len(strings.TrimLeft(whole, "0")) > most {
		return 0, errRange
	}
	shift := exp
	if how.Minor {
		shift = 0
	}
	if how.Divide > 1 {
		shift -= int(math.Round(math.Log10(float64(how.Divide))))
	}
	digits := strings.TrimLeft(whole, "0") + strings.TrimRight(fraction, "0")
	shift -= len(strings.TrimRight(fraction, "0"))
	for ; shift > 0; shift-- {
		digits += "0"
	}
	up := false
	if cut := -shift; cut > 0 {
		digits = strings.Repeat("0", max(0, cut-len(digits))) + digits
		up = digits[len(digits)-cut] >= '5'
		digits = digits[:len(digits)-cut]
	}
	if digits == "" {
		digits = "0"
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64-1 {
		return 0, errRange
	}
	if up {
		n++
	}
	return n, nil
}

// currencyOf finds the currency in what stands beside the number.
func currencyOf(before, after, home string, decimals bool) (string, error) {
	sides := []string{symbol(before), symbol(after)}
	for _, s := range sides {
		if isISO(s) {
			return s, nil
		}
	}
	for _, s := range sides {
		if s == "" {
			continue
		}
		candidates := currenciesOf(s, home)
		if len(candidates) == 0 {
			return "", fmt.Errorf("holds %q, which is no known currency; take the number with match and the code with currency", ellipsis(s, 12))
		}
		return choose(candidates, home, decimals), nil
	}
	return home, nil
}

// symbol is what is left beside a number when blanks and signs are gone.
func symbol(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-−–—()[]:,;", r) })
	return strings.TrimFunc(strings.TrimLeft(s, "."), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-−–—,", r) })
}

// choose picks among the currencies of a symbol: the seller's own if it is one
// of them, the only one, the only one that fits the decimals; else none is said.
func choose(candidates []string, home string, decimals bool) string {
	if slices.Contains(candidates, home) {
		return home
	}
	var fitting []string
	for _, c := range candidates {
		if !decimals || order.Exponent(c) > 0 {
			fitting = append(fitting, c)
		}
	}
	if len(fitting) == 1 {
		return fitting[0]
	}
	return ""
}
