package main

import (
	"cmp"
	"math"
	"slices"

	"nudged/store/order"
)

// sums adds up amounts, each currency by itself.
type sums []purse

type purse struct {
	order.Money
	times int
}

// add an amount; one without a currency cannot be added to anything.
func (s *sums) add(m order.Money) {
	if m.Currency == "" || m.Minor == 0 {
		return
	}
	i := slices.IndexFunc(*s, func(p purse) bool { return p.Currency == m.Currency })
	if i < 0 {
		i = len(*s)
		*s = append(*s, purse{Money: order.Money{Currency: m.Currency}})
	}
	p := &(*s)[i]
	p.times++
	switch sum := p.Minor + m.Minor; { // pages may say anything: a sum stays at the end of what a number holds
	case m.Minor > 0 && sum < p.Minor:
		p.Minor = math.MaxInt64
	case m.Minor < 0 && sum > p.Minor:
		p.Minor = math.MinInt64
	default:
		p.Minor = sum
	}
}

// money gives the sums, the currency of most amounts first.
func (s sums) money() []order.Money {
	byTimes := slices.Clone(s)
	slices.SortFunc(byTimes, func(a, b purse) int { return cmp.Or(b.times-a.times, cmp.Compare(a.Currency, b.Currency)) })
	var out []order.Money
	for _, p := range byTimes {
		out = append(out, p.Money)
	}
	return out
}
