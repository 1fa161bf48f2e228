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
	Min   int  // what it may be cut to where the terminal is too narrow for all; 0: it is not cut
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
	widths := t.fit(width)
	for i, c := range t.Columns {
		header[i] = snip(c.Title, max(widths[i], 1))
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: max(widths[i], 1), WidthMaxEnforcer: snip}
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
	s.Box.PaddingLeft, s.Box.PaddingRight = "", gap
	s.Format.Header = text.FormatDefault
	return s
}

// gap stands between two columns.
const gap = "  "

// fit says how wide each column may be on a terminal: as wide as what stands in
// it, and where that is too much for all, the widest of those that may be cut
// give way.
func (t *Table) fit(width int) []int {
	widths := make([]int, len(t.Columns))
	sum := len(gap) * len(widths)
	for i, c := range t.Columns {
		widths[i] = Width(c.Title)
		for _, r := range t.Rows {
			if i < len(r) {
				widths[i] = max(widths[i], Width(r[i]))
			}
		}
		if c.Max > 0 {
			widths[i] = min(widths[i], max(c.Max, Width(c.Title)))
		}
		sum += widths[i]
	}
	for ; sum > width; sum-- {
		widest := -1
		for i, c := range t.Columns {
			if c.Min > 0 && widths[i] > c.Min && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// Narrow takes columns off the end until the rest has room on a terminal of that
// width, and gives their titles.
func (t *Table) Narrow(width int) (left []string) {
	for width > 0 && len(t.Columns) > 1 {
		sum := 0
		for _, w := range t.fit(width) {
			sum += w + len(gap)
		}
		if sum <= width {
			break
		}
		last := len(t.Columns) - 1
		left = append([]string{t.Columns[last].Title}, left...)
		t.Columns = t.Columns[:last]
		for i, r := range t.Rows {
			t.Rows[i] = r[:min(last, len(r))]
		}
	}
	return left
}

// Width is how many columns of a terminal a text takes: wide characters take two.
func Width(s string) int {
	if plainASCII(s) {
		return len(s)
	}
	return text.StringWidth(s)
}

// plainASCII reports whether a text is what most cells are: printed as it is, a
// column a byte.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
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
	if plainASCII(s) && !strings.Contains(s, "  ") {
		return strings.Trim(s, " ")
	}
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
