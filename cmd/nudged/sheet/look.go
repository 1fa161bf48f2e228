package sheet

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"nudged/store/order"
)

// moneyFormat shows an amount with the decimals of its currency and its code.
func moneyFormat(currency string) string {
	format := "#,##0"
	if n := order.Exponent(currency); n > 0 {
		format += "." + strings.Repeat("0", n)
	}
	if len(currency) == 3 && strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		format += ` "` + currency + `"`
	}
	return format
}

// Bounds of a column that is as wide as what stands in it.
const (
	narrowest = 6
	widest    = 60
)

// width of a column, in characters of Excel.
func (b *workbook) width(i int, head [][]Cell) float64 {
	need := columnsOf(b.titles[i]) + 3 // beside the arrow of the filter
	for _, row := range head {
		if i < len(row) {
			need = max(need, shown(row[i])+2)
		}
	}
	return float64(min(max(need, narrowest), widest))
}

// shown is how wide a cell is.
func shown(c Cell) int {
	switch c.Kind {
	case Time:
		return len("2006-01-02 15:04")
	case Money:
		n := len(c.Money.String())
		return n + n/4 // with the signs between thousands
	case Text:
		most := 0
		for line := range strings.Lines(fit(c.Text)) {
			most = max(most, columnsOf(line))
		}
		return most
	}
	return len(plain(c))
}

// columnsOf counts characters, those of Chinese, Japanese and Korean twice.
func columnsOf(s string) int {
	if len(s) > 4*widest { // wide enough as it is
		return widest
	}
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
