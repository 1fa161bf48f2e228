package extract_test

import (
	"testing"

	"nudged/crawler/extract"
	"nudged/store/order"
)

func TestAmountsOfLists(t *testing.T) {
	for _, c := range []struct {
		text, decimal, iso, home string
		want                     order.Money // none: it cannot be read
	}{
		{"1234.5", "", "", "EUR", order.Money{Minor: 123450, Currency: "EUR"}},
		{"1.234", "", "", "EUR", order.Money{}},
		{"1.234", ",", "", "EUR", order.Money{Minor: 123400, Currency: "EUR"}},
		{"1.234", ".", "", "EUR", order.Money{Minor: 123, Currency: "EUR"}},
		{"¥1,299.00", "", "", "CNY", order.Money{Minor: 129900, Currency: "CNY"}},
		{"12,50 €", "", "", "CNY", order.Money{Minor: 1250, Currency: "EUR"}},
		{"12.50", "", "USD", "CNY", order.Money{Minor: 1250, Currency: "USD"}},
		{"19.989999999999998", "", "USD", "", order.Money{Minor: 1999, Currency: "USD"}},
		{"gratis", "", "", "EUR", order.Money{}},
	} {
		got, err := extract.Amount(c.text, c.decimal, c.iso, c.home)
		if (err != nil) != (c.want == order.Money{}) || err == nil && got != c.want {
			t.Errorf("%q with %q: %v, %v, want %v", c.text, c.decimal, got, err, c.want)
		}
	}
}

func TestDecimalSigns(t *testing.T) {
	for text, want := range map[string]struct {
		sign string
		sure bool
	}{
		"1.234,50 €": {",", true}, "1,234.50": {".", true}, "12,5": {",", true}, "12.5": {".", true}, "12": {"", true}, "1.234": {"", false}, "1'234.50": {".", true}, "": {"", true},
	} {
		if sign, sure := extract.Decimal(text, ""); sign != want.sign && want.sure || sure != want.sure {
			t.Errorf("%q: %q, %v", text, sign, sure)
		}
	}
}

// Three digits behind the sign may be decimals where the currency has three, and
// are none where it has none.
func TestDecimalSignsByCurrency(t *testing.T) {
	for _, c := range []struct {
		text, home string
		sure       bool
	}{{"1,234", "USD", true}, {"1,234", "KWD", false}, {"1.234", "EUR", false}, {"1.234", "VND", true}} {
		if sign, sure := extract.Decimal(c.text, c.home); sign != "" || sure != c.sure {
			t.Errorf("%s in %s: %q, %v", c.text, c.home, sign, sure)
		}
	}
}

func TestCurrenciesOfLists(t *testing.T) {
	for text, want := range map[string]string{
		"EUR": "EUR", " usd ": "USD", "€": "EUR", "人民币": "CNY", "RMB": "CNY", "¥": "CNY", "￥": "CNY", "$": "", "": "", "Taler": "",
	} {
		got, err := extract.Currency(text, "CNY")
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}
