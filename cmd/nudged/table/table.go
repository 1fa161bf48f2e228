package table

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Column of a table.
type Column struct {
	Title string
	Right bool // numbers
	Max   int  // columns of the terminal that it may take; 0 for no limit
}

// Table is a list to be written.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// Add a row. Its cells may hold foreign text.
func (t *Table) Add(cells ...string) {
	for i, c := range cells {
		cells[i] = Clean(c)
	}
	t.Rows = append(t.Rows, cells)
}

// Write the table: aligned for a terminal of that many columns, tab-separated
// with width 0.
func (t *Table) Write(w io.Writer, width int) error {
	if width <= 0 {
		return t.plain(w)
	}
	p := table.NewWriter()
	p.SetStyle(style())
	p.SuppressTrailingSpaces()
	p.Style().Size.WidthMax = width
	header := make(table.Row, len(t.Columns))
	configs := make([]table.ColumnConfig, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = c.Title
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: c.Max, WidthMaxEnforcer: snip}
		if c.Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	p.AppendHeader(header)
	p.SetColumnConfigs(configs)
	for _, r := range t.Rows {
		row := make(table.Row, len(r))
		for i, c := range r {
			row[i] = c
		}
		p.AppendRow(row)
	}
	_, err := fmt.Fprintln(w, p.Render())
	if err != nil {
		return fmt.Errorf("cannot write the list: %w", err)
	}
	return nil
}

func style() table.Style {
	s := table.StyleLight
	s.Options = table.Options{SeparateHeader: true, SeparateColumns: false}
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	s.Format.Header = text.FormatDefault
	return s
}

func snip(s string, limit int) string { return text.Snip(s, limit, "…") }

func (t *Table) plain(w io.Writer) error {
	for _, r := range t.Rows {
		if _, err := fmt.Fprintln(w, strings.Join(r, "\t")); err != nil {
			return fmt.Errorf("cannot write the list: %w", err)
		}
	}
	return nil
}

// Clean makes foreign text fit for one cell of a terminal.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar, r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// JSON writes a value, indented, with one line end.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}
