package sheet

import (
	"time"

	"nudged/store/order"
)

// Kind says what a column or a cell holds.
type Kind int

// The kinds. An Empty cell fits into every column.
const (
	Empty  Kind = iota
	Text        // ids, phones and everything else that must stay as it is
	Number      // a number with decimals
	Money       // an amount with the decimals of its currency
	Time        // a moment, shown as it is on the clock of its zone
	Whole       // a count
)

// Cell is one typed value. Make it by one of the functions below; the zero Cell
// is empty.
type Cell struct {
	Kind   Kind
	Text   string
	Number float64
	Whole  int64
	Money  order.Money
	Time   time.Time
	Day    bool // of the time only the day is known
}

// OfText is a cell of text, however much it looks like a number or a formula.
func OfText(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{Kind: Text, Text: s}
}

// OfNumber is a cell with a number.
func OfNumber(f float64) Cell { return Cell{Kind: Number, Number: f} }

// OfWhole is a cell with a count.
func OfWhole[N ~int | ~int64](n N) Cell { return Cell{Kind: Whole, Whole: int64(n)} }

// OfMoney is a cell with an amount. In CSV the currency is not in it: give it a
// column of its own.
func OfMoney(m order.Money) Cell { return Cell{Kind: Money, Money: m} }

// OfTime is a cell with a moment, shown in the zone that t carries; empty for
// the zero time.
func OfTime(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{Kind: Time, Time: t}
}
