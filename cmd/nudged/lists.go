package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
)

// usualLimit is how many rows a list shows where nobody says.
const usualLimit = 50

// listFlags are what all lists take.
type listFlags struct {
	Columns string `help:"Which columns, as --columns number,total; +payment adds one to the usual, all shows all. The names stand above." placeholder:"NAMES"`
	Sort    string `help:"By this column: the newest and largest first, names from A to Z." placeholder:"NAME"`
	Reverse bool   `help:"The other way round."`
	Limit   *int   `help:"At most so many rows; 0 for all." placeholder:"N"`
	JSON    bool   `name:"json" help:"As JSON, for other programs." xor:"form"`
	CSV     bool   `name:"csv" help:"As CSV, for a spreadsheet." xor:"form"`
	XLSX    string `name:"xlsx" help:"Write an Excel file." placeholder:"FILE" xor:"form"`
}

// list is what one of them shows, and how.
type list[T any] struct {
	s        *session
	flags    listFlags
	columns  columnsOf[T]
	what     string // "order"
	none     string // what is said where there is nothing to show
	contacts bool   // they are shown in clear
	// all gives the rows in their natural order until fn has enough.
	all func(fn func(T) (more bool, err error)) error
	// begins says what the natural order is, for the note at the end: "newest".
	begins string

	chosen  []column[T]
	purses  currencies // of the rows, where they are sorted by an amount
	by      *column[T]
	natural bool // by is the natural order, which nobody has asked for
	limit   int
}

// sortBy gives a list that comes in no order one of its own.
func (l *list[T]) sortBy(name string) {
	by := l.columns.must([]string{name})[0]
	l.by, l.natural = &by, true
}

// check reads the flags: what cannot be followed is said before anything is
// opened.
func (l *list[T]) check() error {
	if f := l.flags.XLSX; f != "" && !strings.EqualFold(filepath.Ext(f), ".xlsx") {
		return &usageError{fmt.Errorf("--xlsx %s: the name must end in .xlsx, as --xlsx %ss.xlsx", f, l.what)}
	}
	var err error
	if l.chosen, err = l.columns.pick(l.flags.Columns, l.usual()); err != nil {
		return err
	}
	if l.flags.Sort != "" {
		by, err := l.columns.find(l.flags.Sort)
		if err != nil {
			return err
		}
		l.by = &by
	}
	l.limit = usualLimit
	if l.flags.CSV || l.flags.XLSX != "" {
		l.limit = 0
	}
	if n := l.flags.Limit; n != nil {
		if l.limit = *n; *n < 0 {
			return &usageError{fmt.Errorf("--limit %d is below zero; 0 shows all", *n)}
		}
	}
	return nil
}

// usual are the columns where nobody has chosen. A file that may go elsewhere
// holds no contacts, masked ones neither, unless they were asked for.
func (l *list[T]) usual() []string {
	var names []string
	switch {
	case l.flags.JSON:
		return l.columns.api
	case l.flags.CSV || l.flags.XLSX != "":
		names = l.columns.file
		if l.contacts {
			return names
		}
		return slices.DeleteFunc(slices.Clone(names), isContact)
	case l.contacts:
		for _, name := range l.columns.screen {
			if name == "contact" {
				names = append(names, "email", "phone")
				continue
			}
			names = append(names, name)
		}
		return names
	}
	return l.columns.screen
}

func isContact(column string) bool { return column == "email" || column == "phone" }

// streams reports whether everything goes into a form that takes row by row, in
// which others sort more easily than we do.
func (l *list[T]) streams() bool {
	return l.limit == 0 && !l.flags.Reverse && (l.flags.CSV || l.flags.JSON || l.flags.XLSX != "")
}

// write shows the list.
func (l *list[T]) write() error {
	n, cut := 0, false
	rows, failure := l.rows(&n, &cut)
	if err := errors.Join(l.put(rows), *failure); err != nil {
		return err
	}
	switch {
	case n == 0:
		l.s.sayf("%s\n", l.none)
	case cut:
		l.s.sayf("%s\n", l.cutWords(n))
	}
	if words := l.purses.words(); n > 0 && words != "" {
		l.s.sayf("%s\n", words)
	}
	if l.flags.XLSX != "" {
		l.s.printf("Wrote %s: %s.\n", l.flags.XLSX, counted(n, l.what))
	}
	if l.contacts && n > 0 {
		l.s.sayf("This shows addresses and numbers in clear. Keep it where only you can read it.\n")
	}
	return nil
}

func (l *list[T]) cutWords(n int) string {
	switch {
	case l.by != nil && !l.natural:
		return fmt.Sprintf("The first %d by %s; --limit 0 shows all.", n, l.by.name)
	case l.flags.Reverse:
		return fmt.Sprintf("The first %d, the other way round; --limit 0 shows all.", n)
	}
	return fmt.Sprintf("The %s %d; --limit 0 shows all.", l.begins, n)
}

// put writes the rows in the form that was asked for.
func (l *list[T]) put(rows iter.Seq[T]) error {
	switch {
	case l.flags.JSON:
		return l.writeJSON(rows)
	case l.flags.CSV:
		return sheet.WriteCSV(l.s.stdout, titlesAbove(l.chosen), l.cells(rows))
	case l.flags.XLSX != "":
		var b bytes.Buffer
		if err := sheet.WriteXLSX(&b, l.what+"s", titlesAbove(l.chosen), l.cells(rows)); err != nil {
			return err
		}
		return l.file(b.Bytes())
	}
	all := slices.Collect(rows)
	if len(all) == 0 {
		return nil
	}
	return showRows(l.s, l.chosen, all)
}

// file hands the Excel file over. What is made in the daemon is not so large.
func (l *list[T]) file(data []byte) error {
	const large = 8 << 20
	err := l.s.file(l.flags.XLSX, data)
	if err != nil && len(data) > large {
		return fmt.Errorf("%w; nudged export %ss %s takes lists of any length, --limit and the filters make this one shorter", err, l.what, l.flags.XLSX)
	}
	return err
}

func (l *list[T]) cells(rows iter.Seq[T]) iter.Seq[[]sheet.Cell] {
	return func(yield func([]sheet.Cell) bool) {
		for row := range rows {
			if !yield(sheetCells(l.chosen, row)) {
				return
			}
		}
	}
}

// writeJSON writes a list of objects, each as it comes.
func (l *list[T]) writeJSON(rows iter.Seq[T]) error {
	var b bytes.Buffer
	b.WriteString("[")
	first := true
	for row := range rows {
		one, err := object(l.chosen, row)
		if err != nil {
			return err
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.WriteString("\n  ")
		if err := indent(&b, one); err != nil {
			return err
		}
		if err := flush(l.s.stdout, &b); err != nil {
			return err
		}
	}
	if !first {
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	return flush(l.s.stdout, &b)
}

func flush(w io.Writer, b *bytes.Buffer) error {
	_, err := b.WriteTo(w)
	if err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// counted is "1 order", "2 orders".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
