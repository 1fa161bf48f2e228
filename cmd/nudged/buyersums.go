package main

import (
	"math"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// paidSum is what a person has paid in one currency.
type paidSum struct {
	order.Money
	orders int
}

// sums are what was paid, on record and by the seller's lists, the currency of
// most orders first. Currencies are not changed into each other.
func (r *buyerRow) sums() []paidSum {
	var out []paidSum
	add := func(m order.Money, orders int) {
		if m.Minor <= 0 {
			return
		}
		i := slices.IndexFunc(out, func(s paidSum) bool { return s.Currency == m.Currency })
		if i < 0 {
			i = len(out)
			out = append(out, paidSum{Money: order.Money{Currency: m.Currency}})
		}
		out[i].Minor += min(m.Minor, math.MaxInt64-out[i].Minor)
		out[i].orders += orders
	}
	for _, o := range r.Orders {
		if o.Status == order.Paid {
			add(o.Total, 1)
		}
	}
	for _, m := range r.Past.Spent {
		add(m, max(r.Past.Orders, 1))
	}
	slices.SortStableFunc(out, func(a, b paidSum) int { return b.orders - a.orders })
	return out
}

// mainSum is what was paid in the currency of most orders.
func (r *buyerRow) mainSum() sheet.Cell {
	if sums := r.sums(); len(sums) > 0 {
		return sheet.OfMoney(sums[0].Money)
	}
	return sheet.Cell{}
}

func (r *buyerRow) otherSums() string {
	if sums := r.sums(); len(sums) > 1 {
		return sumWords(sums[1:])
	}
	return ""
}

func sumWords(sums []paidSum) string {
	if len(sums) == 0 {
		return "-"
	}
	out := make([]string, len(sums))
	for i, s := range sums {
		out[i] = s.String()
	}
	return strings.Join(out, " + ")
}

// sumJSON is an amount for other programs.
type sumJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

func sumsJSON(sums []paidSum) []sumJSON {
	out := make([]sumJSON, len(sums))
	for i, s := range sums {
		out[i] = sumJSON{s.Decimal(), s.Currency}
	}
	return out
}
