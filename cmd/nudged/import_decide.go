package main

import (
	"fmt"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
)

// values are those of one column.
func (p *importPlan) values(column int) []sheet.Value {
	var out []sheet.Value
	for _, r := range p.all() {
		out = append(out, r.Cell(column))
	}
	return out
}

// decide finds out of each column as a whole what one cell of it does not say:
// which of two numbers is the day, which sign stands before the cents. What the
// seller said goes first; ask gives the order of days, or an error where there is
// nobody to ask.
func (p *importPlan) decide(days dayOrder, decimal string, ask func(title, example string) (dayOrder, error)) error {
	p.days, p.decimal = map[int]dayOrder{}, map[int]string{}
	for c, name := range p.fields {
		f, ok := p.kind.find(string(name))
		if !ok {
			continue
		}
		switch f.shape {
		case shapeDate:
			found, example := daysOf(p.values(c))
			if days != daysUnknown {
				found, example = days, ""
			}
			if example != "" {
				var err error
				if found, err = ask(p.columnName(c), example); err != nil {
					return err
				}
			}
			p.days[c] = found
		case shapeAmount:
			if err := p.decideSign(c, decimal); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *importPlan) decideSign(column int, decimal string) error {
	found, example := decimalOf(p.values(column))
	if decimal != "" {
		found, example = decimal, ""
	}
	if example != "" {
		return &usageError{fmt.Errorf("%s, column %s: %q can be read in two ways; say which sign stands before the cents: --decimal . or --decimal ,", p.file, p.columnName(column), example)}
	}
	p.decimal[column] = found
	return nil
}

// decimalOf finds the decimal sign of a column of texts; example is an amount that
// can be read in two ways where nothing decides. A cell with a number needs none.
func decimalOf(values []sheet.Value) (sign, example string) {
	both := false
	for _, v := range values {
		if v.Kind != sheet.Text {
			continue
		}
		switch found, sure := extract.Decimal(v.Text); {
		case !sure:
			if example == "" {
				example = v.Text
			}
		case found != "" && sign != "" && found != sign:
			both = true
		case found != "":
			sign = found
		}
	}
	switch {
	case both:
		return "", example
	case sign != "":
		return sign, ""
	}
	return "", example
}
