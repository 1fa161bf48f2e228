package order

import (
	"fmt"
	"strconv"
)

// Money is an amount in the minor unit of its currency: cents, fen, and whole
// yen or pesos where the currency has no smaller unit.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case; "" when the shop does not say
}

// Exponent is the number of decimals that ISO 4217 gives a currency; 2 for one
// that is not listed here. Source: ISO 4217 list one (SIX), column "Minor unit".
func Exponent(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// IsZero reports whether nothing is owed.
func (m Money) IsZero() bool { return m.Minor == 0 }

// String prints "1234.50 USD": exact, without a locale, for logs and tables.
func (m Money) String() string {
	if m.Currency == "" {
		return m.Decimal()
	}
	return m.Decimal() + " " + m.Currency
}

// Decimal prints the amount alone, with the decimals of its currency.
func (m Money) Decimal() string {
	exp := Exponent(m.Currency)
	if exp == 0 {
		return strconv.FormatInt(m.Minor, 10)
	}
	sign, abs := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, abs = "-", uint64(-m.Minor)
	}
	div := uint64(1)
	for range exp {
		div *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, abs/div, exp, abs%div)
}
