package main

import (
	"cmp"
	"fmt"
	"strings"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/cmd/nudged/table"
)

// showColumns says how a list is read.
func (s *session) showColumns(k intake.Kind, file string, book *sheet.Book, p *intake.Plan) {
	read, left := p.Sheets()
	s.sayf("%s%s: %s, read like this:\n\n", file, readAs(book, read), counted(p.Rows(), "row"))
	if err := sampleTable(p).Write(s.stderr, cmp.Or(s.width, 120)); err != nil {
		s.log.Error("the columns could not be shown", "err", err)
	}
	s.sayf("\n")
	for _, name := range left {
		s.sayf("Sheet %q has other columns and is not read; --sheet names the one to read.\n", name)
	}
	const total = "total"
	if k == intake.Orders && !p.Holds(total) {
		s.sayf("No column is taken for the totals, so the orders go in without an amount. If there is one: --map \"TITLE=%s\"\n", total)
	}
}

// showTaken says what of a list can be taken in, and what not.
func (s *session) showTaken(r *intake.Reading, t takings) {
	if n := r.Masked; n > 0 {
		s.sayf("%s masked and left out, the first in %s.\n", countOf(n, "contact is", "contacts are"), r.FirstMasked)
	}
	for _, line := range r.Complaints() {
		_, _ = fmt.Fprintln(s.stderr, table.Clean(line))
	}
	if n := r.Repeated; n > 0 {
		s.sayf("%s the same of a person as one before.\n", countOf(n, "row says", "rows say"))
	}
	if n := r.Unpaid; n > 0 {
		s.sayf("%s unpaid on the list: kept as history, never reminded of. A campaign waits until such an order is 30 days old.\n", countOf(n, "order is", "orders are"))
	}
	s.sayf("%s can be taken in for shop %s", counted(t.len(), string(t.kind)), t.shop)
	if said := t.answers.String(); said != "" {
		s.sayf("; %s", said)
	}
	if n := t.lost; n > 0 {
		s.sayf("; %s", countOf(n, "row cannot", "rows cannot"))
	}
	s.sayf(".\n")
}

// readAs says what was found out about the file.
func readAs(book *sheet.Book, sheets []string) string {
	if book.Encoding != "" {
		comma := map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}[book.Comma]
		return fmt.Sprintf(" (%s, %s)", book.Encoding, comma)
	}
	var names []string
	for _, name := range sheets {
		names = append(names, fmt.Sprintf("%q", name))
	}
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("%d more", len(names)-5))
	}
	return ", sheet " + strings.Join(names, ", ")
}

// sampleTable shows each column, what it is taken for, and how the first rows are
// understood.
func sampleTable(p *intake.Plan) *table.Table {
	columns, rows := p.Columns(3)
	t := &table.Table{Columns: []table.Column{{Title: "Column"}, {Title: "Title", Max: 24}, {Title: "Holds"}}}
	for _, n := range rows {
		t.Columns = append(t.Columns, table.Column{Title: fmt.Sprintf("Row %d", n), Max: 26})
	}
	for i, c := range columns {
		t.Add(append([]string{sheet.Letters(i), c.Title, cmp.Or(c.Field, "-")}, c.Sample...)...)
	}
	return t
}
