package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/cmd/nudged/table"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// samples is how many rows are shown with the columns.
const samples = 3

// showColumns says how a list is read.
func (s *session) showColumns(book *sheet.Book, p *importPlan) {
	rows := 0
	for range p.all() {
		rows++
	}
	s.sayf("%s%s: %s, read like this:\n\n", p.file, p.readAs(book), counted(rows, "row"))
	width := cmp.Or(s.width, 120)
	if err := p.sampleTable().Write(s.stderr, width); err != nil {
		s.log.Error("the columns could not be shown", "err", err)
	}
	s.sayf("\n")
	for _, name := range p.left {
		s.sayf("Sheet %q has other columns and is not read; --sheet names the one to read.\n", name)
	}
	if p.kind.what == "order" && p.at(fieldTotal) < 0 {
		s.sayf("No column is taken for the totals, so the orders go in without an amount. If there is one: --map \"TITLE=%s\"\n", fieldTotal)
	}
}

// showTaken says what of a list can be taken in, and what not.
func (s *session) showTaken(r *reader, t takings) {
	if n := r.remarks.starred; n > 0 {
		s.sayf("%s masked and left out, the first in %s.\n", countOf(n, "contact is", "contacts are"), r.remarks.first)
	}
	sayBad(s.stderr, r.bad)
	if n := r.remarks.repeated; n > 0 {
		s.sayf("%s the same of a person as one before.\n", countOf(n, "row says", "rows say"))
	}
	if n := r.remarks.unpaid; n > 0 {
		s.sayf("%s unpaid on the list: kept as history, never reminded of. A campaign waits until such an order is 30 days old.\n", countOf(n, "order is", "orders are"))
	}
	s.sayf("%s can be taken in for shop %s", counted(t.len(), r.kind.what), r.shop.Name)
	if said := t.answers.String(); said != "" {
		s.sayf("; %s", said)
	}
	if n := r.lost(); n > 0 {
		s.sayf("; %s", countOf(n, "row cannot", "rows cannot"))
	}
	s.sayf(".\n")
}

func (p *importPlan) readAs(book *sheet.Book) string {
	if book.Encoding != "" {
		comma := map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}[book.Comma]
		return fmt.Sprintf(" (%s, %s)", book.Encoding, comma)
	}
	var names []string
	for _, s := range p.sheets {
		names = append(names, fmt.Sprintf("%q", s.name))
	}
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("%d more", len(names)-5))
	}
	return ", sheet " + strings.Join(names, ", ")
}

// sampleTable shows each column, what it is taken for, and how the first rows are
// understood.
func (p *importPlan) sampleTable() *table.Table {
	var rows []sheet.Row
	for _, r := range p.all() {
		if rows = append(rows, r); len(rows) == samples {
			break
		}
	}
	t := &table.Table{Columns: []table.Column{{Title: "Column"}, {Title: "Title", Max: 24}, {Title: "Holds"}}}
	for _, r := range rows {
		t.Columns = append(t.Columns, table.Column{Title: fmt.Sprintf("Row %d", r.Number), Max: 26})
	}
	for c, title := range p.titles {
		holds := string(p.fields[c])
		cells := []string{sheet.Letters(c), title, cmp.Or(holds, "-")}
		for _, r := range rows {
			cells = append(cells, p.understood(c, r))
		}
		t.Add(cells...)
	}
	return t
}

// understood is a cell as it is read: a wrong guess shows there. Contacts are
// masked.
func (p *importPlan) understood(column int, row sheet.Row) string {
	v := row.Cell(column)
	if v.Kind == sheet.Empty {
		return ""
	}
	r := &reader{importPlan: p, row: row}
	or := func(s string) string { return cmp.Or(s, "?") }
	f, _ := p.kind.find(string(p.fields[column]))
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
		return or(shownMoment(r.moment(f.field)))
	case f.shape == shapeAmount:
		if m := r.amount(f.field); m != (order.Money{}) {
			return m.String()
		}
		return "?"
	}
	return extract.Clean(legible(v.Text, f.shape), 40)
}

func shownMoment(m moments) string {
	switch {
	case m.at.IsZero():
		return ""
	case m.dayOnly:
		return m.at.Format("2006-01-02")
	}
	return m.at.Format("2006-01-02 15:04")
}

// lost is how many rows cannot be taken in.
func (r *reader) lost() int {
	rows := map[place]bool{}
	for _, b := range r.bad {
		if !b.kept {
			rows[b.place] = true
		}
	}
	return len(rows)
}

// sayBad names what cannot be read. The same complaint of many rows of a column is
// one line, with the rows.
func sayBad(w io.Writer, bad []badCell) {
	type same struct{ sheet, column, why string }
	var all []same
	rows := map[same][]badCell{}
	for _, b := range bad {
		k := same{b.sheet, b.column, b.why}
		if rows[k] == nil {
			all = append(all, k)
		}
		rows[k] = append(rows[k], b)
	}
	const most = 200
	for i, k := range all {
		if i == most {
			_, _ = fmt.Fprintf(w, "… and %d more of other kinds.\n", len(all)-most)
			return
		}
		_, _ = fmt.Fprintln(w, table.Clean(badLine(rows[k])))
	}
}

func badLine(cells []badCell) string {
	if len(cells) == 1 {
		return cells[0].String()
	}
	const most = 20
	var rows []string
	last := 0
	for _, c := range cells {
		if c.row == last {
			continue
		}
		if last = c.row; len(rows) == most {
			rows = append(rows, "…")
			break
		}
		rows = append(rows, fmt.Sprint(c.row))
	}
	first := cells[0]
	where := "lines "
	if first.sheet != "" {
		where = fmt.Sprintf("sheet %q, rows ", first.sheet)
	}
	where += strings.Join(rows, ", ")
	if len(cells) > most {
		where += fmt.Sprintf(" (%d in all)", len(cells))
	}
	if first.column != "" {
		where += ", column " + first.column
	}
	return where + ": " + first.why
}
