package main

import (
	"math"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// sums are what was paid, on record and by the seller's lists, the currency of
// most orders first. Currencies are not changed into each other.
func (r *buyerRow) sums() []order.Money {
	var all []purse
	add := func(m order.Money, orders int) {
		if m.Minor <= 0 {
			return
		}
		i := slices.IndexFunc(all, func(p purse) bool { return p.Currency == m.Currency })
		if i < 0 {
			i = len(all)
			all = append(all, purse{Money: order.Money{Currency: m.Currency}})
		}
		all[i].Minor += min(m.Minor, math.MaxInt64-all[i].Minor)
		all[i].times += orders
	}
	for _, o := range r.Orders {
		if o.Status == order.Paid {
			add(o.Total, 1)
		}
	}
	for _, m := range r.Past.Spent {
		add(m, max(r.Past.Orders, 1))
	}
	slices.SortStableFunc(all, func(a, b purse) int { return b.times - a.times })
	out := make([]order.Money, len(all))
	for i, s := range all {
		out[i] = s.Money
	}
	return out
}

// mainSum is what was paid in the currency of most orders.
func (r *buyerRow) mainSum() sheet.Cell {
	if sums := r.sums(); len(sums) > 0 {
		return sheet.OfMoney(sums[0])
	}
	return sheet.Cell{}
}

func (r *buyerRow) otherSums() string {
	if sums := r.sums(); len(sums) > 1 {
		return sumWords(sums[1:])
	}
	return ""
}

func sumWords(sums []order.Money) string {
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

func moneyJSON(all []order.Money) []sumJSON {
	out := make([]sumJSON, len(all))
	for i, m := range all {
		out[i] = sumJSON{m.Decimal(), m.Currency}
	}
	return out
}
