package intake

import (
	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
)

// values are those of one column.
func (p *Plan) values(column int) []sheet.Value {
	var out []sheet.Value
	for _, r := range p.all() {
		out = append(out, r.Cell(column))
	}
	return out
}

// decide finds out of each column as a whole what one cell of it does not say:
// which of two numbers is the day, which sign stands before the cents. What the
// seller said goes first.
func (p *Plan) decide() error {
	p.days, p.decimal = map[int]dayOrder{}, map[int]string{}
	var asked dayOrder // one answer for all columns
	for c, name := range p.fields {
		f, ok := p.vocabulary.find(string(name))
		if !ok {
			continue
		}
		switch f.shape {
		case shapeDate:
			if err := p.decideDays(c, &asked); err != nil {
				return err
			}
		case shapeAmount:
			if err := p.decideSign(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Plan) decideDays(column int, asked *dayOrder) error {
	found, example := daysOf(p.values(column))
	switch {
	case p.opts.Days != "":
		found = dayOrder(p.opts.Days)
	case example != "":
		if *asked == daysUnknown {
			var err error
			if *asked, err = p.askDays(column, example); err != nil {
				return err
			}
		}
		found = *asked
	}
	p.days[column] = found
	return nil
}

// askDays asks which of two numbers is the day, where somebody is there to answer.
func (p *Plan) askDays(column int, example string) (dayOrder, error) {
	name := p.columnName(column)
	if p.opts.AskDays != nil {
		answer, err := p.opts.AskDays(name, example)
		if err != nil {
			return "", err
		}
		if d := dayOrder(answer); d == daysFirst || d == monthsFirst {
			return d, nil
		}
	}
	return "", optionError("column %s: %q can be two dates; say with --dates whether the day comes first (dmy) or the month (mdy)", name, example)
}

func (p *Plan) decideSign(column int) error {
	found, example := decimalOf(p.values(column), p.opts.Currency)
	if p.opts.Decimal != "" {
		found, example = p.opts.Decimal, ""
	}
	if example != "" {
		return optionError("%s, column %s: %q can be read in two ways; say which sign stands before the cents: --decimal . or --decimal ,", p.opts.File, p.columnName(column), example)
	}
	p.decimal[column] = found
	return nil
}

// decimalOf finds the decimal sign of a column of texts; example is an amount that
// can be read in two ways where nothing decides. A cell with a number needs none.
func decimalOf(values []sheet.Value, currency string) (sign, example string) {
	both := false
	for _, v := range values {
		if v.Kind != sheet.Text {
			continue
		}
		switch found, sure := extract.Decimal(v.Text, currency); {
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
