package intake

import (
	"cmp"
	"fmt"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// Column is how one is understood.
type Column struct {
	Title  string
	Field  string   // what it holds, of [Kind.Fields]; "" for nothing that is taken
	Sample []string // its cells in the first rows, contacts masked; "?" for what cannot be read
}

// Columns shows how the first rows are understood, so that a wrong guess is seen;
// rows are the numbers of those.
func (p *Plan) Columns(most int) (columns []Column, rows []int) {
	first := p.first(most)
	for _, r := range first {
		rows = append(rows, r.Number)
	}
	for c, title := range p.titles {
		column := Column{Title: title, Field: string(p.fields[c])}
		for _, r := range first {
			column.Sample = append(column.Sample, p.understood(c, r))
		}
		columns = append(columns, column)
	}
	return columns, rows
}

// understood is a cell as it is read.
func (p *Plan) understood(column int, row sheet.Row) string {
	v := row.Cell(column)
	if v.Kind == sheet.Empty {
		return ""
	}
	r := &reader{Plan: p, row: row}
	or := func(s string) string { return cmp.Or(s, "?") }
	f, _ := p.vocabulary.find(string(p.fields[column]))
	switch {
	case (f.field == fieldEmail || f.field == fieldPhone) && starred(v.Text):
		return "masked"
	case f.field == fieldEmail:
		return or(extract.Email(v.Text).String())
	case f.field == fieldPhone:
		return or(r.phone(v).String())
	case f.field == fieldStatus:
		status, _ := p.status(v.Text)
		if status == order.Unpaid {
			status = "unpaid, kept as history"
		}
		return fmt.Sprintf("%s = %s", extract.Clean(v.Text, 30), or(string(status)))
	case f.shape == shapeDate:
		return or(r.moment(f.field).String())
	case f.shape == shapeAmount:
		if m := r.amount(f.field); m != (order.Money{}) {
			return m.String()
		}
		return "?"
	}
	return extract.Clean(legible(v.Text, f.shape), 40)
}
