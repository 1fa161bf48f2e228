package main

import (
	"fmt"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
)

// currencies counts the rows of a list that is sorted by an amount. Amounts of
// different currencies are not compared, so that the largest of one stand below
// the smallest of another, or are cut off.
type currencies []currencyRows

type currencyRows struct {
	name       string
	all, shown int
}

func (c *currencies) of(v sheet.Cell) *currencyRows {
	if v.Kind != sheet.Money || v.Money.Currency == "" {
		return nil
	}
	name := v.Money.Currency
	i := slices.IndexFunc(*c, func(r currencyRows) bool { return r.name == name })
	if i < 0 {
		i = len(*c)
		*c = append(*c, currencyRows{name: name})
	}
	return &(*c)[i]
}

func (c *currencies) count(v sheet.Cell) {
	if r := c.of(v); r != nil {
		r.all++
	}
}

func (c *currencies) shown(v sheet.Cell) {
	if r := c.of(v); r != nil {
		r.shown++
	}
}

// words say what the order of the list does not; "" where there is one currency.
func (c currencies) words() string {
	if len(c) < 2 {
		return ""
	}
	slices.SortFunc(c, func(a, b currencyRows) int { return strings.Compare(a.name, b.name) })
	var left []string
	for _, r := range c {
		if n := r.all - r.shown; n > 0 {
			left = append(left, fmt.Sprintf("%d in %s", n, r.name))
		}
	}
	out := "Currencies are not compared: each stands by itself, one below the other."
	if len(left) > 0 {
		out += fmt.Sprintf(" Left out by the limit: %s. One currency alone: --min \"0 %s\".", strings.Join(left, ", "), lastLeft(c))
	}
	return out
}

// lastLeft is the currency of which the most was left out.
func lastLeft(c currencies) string {
	return slices.MaxFunc(c, func(a, b currencyRows) int { return (a.all - a.shown) - (b.all - b.shown) }).name
}
