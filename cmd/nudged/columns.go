package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/sheet"
	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

// column is one thing that a list tells of a row. The terminal, CSV, Excel and
// JSON are all made of it, so that they call it by one name and say the same.
type column[T any] struct {
	name  string // as --columns and --sort take it; the key in JSON
	title string // what stands over it
	help  string // what it says
	kind  sheet.Kind
	cell  func(T) sheet.Cell

	day  func(T) bool   // a moment of which only the day is known
	show func(T) string // on a terminal, where a person reads it otherwise
	json func(T) any    // for programs, where they need it otherwise
	max  int            // widest on a terminal; 0 for no limit
	min  int            // what it may be cut to where the terminal is narrow; 0: it is not cut
}

// columnsOf a list, and which of them it shows where nobody has chosen.
type columnsOf[T any] struct {
	all               []column[T]
	screen, file, api []string // on a terminal; in CSV and Excel; in JSON
}

// find gives the column of a name, or of the title that stands over it.
func (c columnsOf[T]) find(name string) (column[T], error) {
	want := strings.ToLower(strings.TrimSpace(name))
	for _, col := range c.all {
		if want == col.name || want == strings.ToLower(col.title) {
			return col, nil
		}
	}
	hint := ""
	if near := config.Nearest(want, c.names()); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return column[T]{}, &usageError{fmt.Errorf("there is no column %q%s There are %s", name, cmp.Or(hint, "."), strings.Join(c.names(), ", "))}
}

func (c columnsOf[T]) names() []string {
	out := make([]string, len(c.all))
	for i, col := range c.all {
		out[i] = col.name
	}
	return out
}

// pick reads what stands after --columns: a list of names, "all", or a list that
// begins with + and adds to the usual ones.
func (c columnsOf[T]) pick(said string, usual []string) ([]column[T], error) {
	said = strings.TrimSpace(said)
	var names []string
	switch more, plus := strings.CutPrefix(said, "+"); {
	case said == "":
		names = usual
	case said == "all":
		names = c.names()
	case plus:
		names = append(slices.Clone(usual), strings.Split(more, ",")...)
	default:
		names = strings.Split(said, ",")
	}
	var out []column[T]
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			continue
		}
		col, err := c.find(name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(have column[T]) bool { return have.name == col.name }) {
			out = append(out, col)
		}
	}
	if len(out) == 0 {
		return nil, &usageError{fmt.Errorf("--columns names none; there are %s", strings.Join(c.names(), ", "))}
	}
	return out, nil
}

// must gives columns that are known to be there.
func (c columnsOf[T]) must(names []string) []column[T] {
	out, err := c.pick(strings.Join(names, ","), nil)
	if err != nil {
		panic(err) // a name in this program that it does not know itself
	}
	return out
}

// helpOf lists the columns for --help.
func (c columnsOf[T]) helpOf() string {
	var b strings.Builder
	for _, col := range c.all {
		fmt.Fprintf(&b, "  %-14s%s\n", col.name, col.help)
	}
	return b.String()
}

// titlesAbove are what stands over the columns.
func titlesAbove[T any](columns []column[T]) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.title
	}
	return out
}

// sheetCells are a row as a file has it.
func sheetCells[T any](columns []column[T], row T) []sheet.Cell {
	out := make([]sheet.Cell, len(columns))
	for i, c := range columns {
		out[i] = c.cell(row)
		out[i].Day = c.day != nil && c.day(row)
	}
	return out
}

// Forms of a moment on a terminal.
const (
	wideMoment   = "2006-01-02 15:04"
	narrowMoment = "01-02 15:04"
)

// text is what a person reads in a cell. In the narrow form a moment of another
// year than now's has its year, and no time.
func (c column[T]) text(row T, form string, now time.Time) string {
	if c.show != nil {
		return c.show(row)
	}
	cell := c.cell(row)
	if form == narrowMoment && cell.Time.Year() != now.Year() {
		form = "2006-01-02"
	}
	if c.day != nil && c.day(row) {
		form = strings.TrimSuffix(form, " 15:04")
	}
	return cellText(cell, form)
}

func cellText(v sheet.Cell, form string) string {
	switch v.Kind {
	case sheet.Whole:
		return strconv.FormatInt(v.Whole, 10)
	case sheet.Number:
		return strconv.FormatFloat(v.Number, 'f', -1, 64)
	case sheet.Money:
		return v.Money.String()
	case sheet.Time:
		return v.Time.Format(form)
	case sheet.Text:
		return v.Text
	}
	return "-"
}

// value is what a program reads. What is not known is null, or the empty text.
func (c column[T]) value(row T) any {
	if c.json != nil {
		return c.json(row)
	}
	v := c.cell(row)
	switch v.Kind {
	case sheet.Whole:
		return v.Whole
	case sheet.Number:
		return v.Number
	case sheet.Money:
		return v.Money.Decimal()
	case sheet.Time:
		return v.Time.Format(time.RFC3339)
	case sheet.Text:
		return v.Text
	}
	if c.kind == sheet.Text {
		return ""
	}
	return nil
}

// object is a row as JSON, its keys in the order of the columns.
func object[T any](columns []column[T], row T) ([]byte, error) {
	out := []byte{'{'}
	for i, c := range columns {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(c.name)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		value, err := marshal(c.value(row))
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// marshal leaves <, > and & as they are: no browser reads this.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

// layOut makes a table of rows, for a terminal.
func layOut[T any](columns []column[T], rows []T, width int, now time.Time) *table.Table {
	form := wideMoment
	if width > 0 && width < 120 {
		form = narrowMoment
	}
	t := &table.Table{}
	for _, c := range columns {
		right := c.kind == sheet.Money || c.kind == sheet.Whole || c.kind == sheet.Number
		t.Columns = append(t.Columns, table.Column{Title: c.title, Right: right, Max: c.max, Min: c.min})
	}
	for _, row := range rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.text(row, form, now)
		}
		t.Add(cells...)
	}
	return t
}

// showRows writes rows on the terminal. What finds no room there is named.
func showRows[T any](s *session, columns []column[T], rows []T) error {
	t := layOut(columns, rows, s.width, s.now())
	left := t.Narrow(s.width)
	if err := t.Write(s.stdout, s.width); err != nil {
		return err
	}
	if len(left) > 0 {
		s.sayf("No room for: %s. A wider window shows it, and --columns chooses.\n", strings.Join(left, ", "))
	}
	return nil
}

// compareCells puts small before large. What is not known comes last in either
// direction, which the caller sees to.
func compareCells(a, b sheet.Cell) int {
	switch a.Kind {
	case sheet.Whole:
		return cmp.Compare(a.Whole, b.Whole)
	case sheet.Number:
		return cmp.Compare(a.Number, b.Number)
	case sheet.Money: // amounts of different currencies cannot be compared: each currency for itself
		return cmp.Or(strings.Compare(b.Money.Currency, a.Money.Currency), cmp.Compare(a.Money.Minor, b.Money.Minor))
	case sheet.Time:
		return a.Time.Compare(b.Time)
	case sheet.Text:
		return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
	}
	return 0
}

func textCell[T any](get func(T) string) func(T) sheet.Cell {
	return func(row T) sheet.Cell { return sheet.OfText(get(row)) }
}

// moneyCell is empty where no amount is known: nothing is owed is known.
func moneyCell(m order.Money) sheet.Cell {
	if m == (order.Money{}) {
		return sheet.Cell{}
	}
	return sheet.OfMoney(m)
}
