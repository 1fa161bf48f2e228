package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"nudged/store/order"
)

// maxSheetRows is what one sheet of Excel holds, the header included.
const maxSheetRows = excelize.TotalRows

// WriteXLSX writes one table as an Excel file. What does not fit on one sheet
// goes on on a second. Nothing is held in memory: large tables pass through a
// temporary file that only its owner can read.
func WriteXLSX(w io.Writer, name string, titles []string, rows iter.Seq[[]Cell]) error {
	return writeXLSX(w, name, titles, rows, maxSheetRows)
}

func writeXLSX(w io.Writer, name string, titles []string, rows iter.Seq[[]Cell], most int) (err error) {
	f := excelize.NewFile()
	// The library gathers the file in memory, unless the zip goes where it shall.
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = fmt.Errorf("cannot write the Excel file: %w", err)
		}
	}()
	next, stop := iter.Pull(rows)
	defer stop()
	b := &workbook{file: f, titles: titles, name: sheetName(name), styles: map[string]int{}}
	for n := 1; ; n++ {
		more, err := b.sheet(n, next, most)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	_, err = f.WriteTo(w)
	return err
}

// workbook is a file that is being written.
type workbook struct {
	file   *excelize.File
	titles []string
	name   string
	styles map[string]int // by format; a text is "@"
	ahead  []Cell         // the first row of the next sheet
}

// measured is how many rows decide how wide a column gets.
const measured = 300

// sheet writes one sheet, and reports whether rows are left.
func (b *workbook) sheet(n int, next func() ([]Cell, bool), most int) (more bool, err error) {
	out, name, err := b.begin(n)
	if err != nil {
		return false, err
	}
	head, left := b.first(next, min(measured, most-1))
	if err := b.header(out, head); err != nil {
		return false, err
	}
	at := 1
	for _, row := range head {
		at++
		if err := b.row(out, at, row); err != nil {
			return false, err
		}
	}
	for left {
		row, ok := next()
		if !ok {
			break
		}
		if at == most {
			b.ahead = slices.Clone(row)
			break
		}
		at++
		if err := b.row(out, at, row); err != nil {
			return false, err
		}
	}
	return b.ahead != nil, b.end(out, name, at)
}

// first takes the rows by which the columns are measured; left is false if there
// are no more.
func (b *workbook) first(next func() ([]Cell, bool), most int) (head [][]Cell, left bool) {
	if b.ahead != nil {
		head, b.ahead = append(head, b.ahead), nil
	}
	for len(head) < most {
		row, ok := next()
		if !ok {
			return head, false
		}
		head = append(head, slices.Clone(row)) // the caller may use it again
	}
	return head, true
}

func (b *workbook) begin(n int) (*excelize.StreamWriter, string, error) {
	name := b.name
	if n == 1 {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return nil, "", err
		}
	} else {
		name = fmt.Sprintf("%.27s %d", b.name, n)
		if _, err := b.file.NewSheet(name); err != nil {
			return nil, "", err
		}
	}
	out, err := b.file.NewStreamWriter(name)
	return out, name, err
}

// header writes the first row, which stays in sight, and makes the columns as
// wide as the title and the first rows need.
func (b *workbook) header(out *excelize.StreamWriter, head [][]Cell) error {
	bold, err := b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, NumFmt: textFormat,
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECEF"}},
	})
	if err != nil {
		return err
	}
	titles := make([]any, len(b.titles))
	for i, title := range b.titles {
		titles[i] = excelize.Cell{StyleID: bold, Value: fit(title)}
		if err := out.SetColWidth(i+1, i+1, b.width(i, head)); err != nil {
			return err
		}
	}
	err = out.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	})
	if err != nil {
		return err
	}
	return out.SetRow("A1", titles)
}

// end closes a sheet of so many rows, and lets it be filtered.
func (b *workbook) end(out *excelize.StreamWriter, name string, rows int) error {
	if len(b.titles) > 0 {
		last, err := excelize.CoordinatesToCellName(len(b.titles), rows)
		if err != nil {
			return err
		}
		if err := b.file.AutoFilter(name, "A1:"+last, nil); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (b *workbook) row(out *excelize.StreamWriter, at int, row []Cell) error {
	cells := make([]any, min(len(row), len(b.titles)))
	for i := range cells {
		var err error
		if cells[i], err = b.cell(row[i]); err != nil {
			return err
		}
	}
	name, err := excelize.CoordinatesToCellName(1, at)
	if err != nil {
		return err
	}
	return out.SetRow(name, cells)
}

// textFormat is the built-in number format of cells that are text and nothing
// else: they stay that when somebody edits them (ECMA-376, 18.8.30).
const textFormat = 49

// cell gives a cell its type. A text is written as one, with the format of texts:
// what looks like a formula is shown, also after somebody has been in the cell.
func (b *workbook) cell(c Cell) (any, error) {
	const exact = 1 << 53 // beyond, a float has no cents
	switch c.Kind {
	case Text:
		return b.styled("@", fit(c.Text))
	case Number:
		if math.IsNaN(c.Number) || math.IsInf(c.Number, 0) {
			return nil, nil //nolint:nilnil // an empty cell
		}
		return b.styled("General", c.Number)
	case Whole:
		if c.Whole > exact || c.Whole < -exact {
			return b.styled("@", plain(c))
		}
		return b.styled("0", c.Whole)
	case Money:
		if c.Money.Minor > exact || c.Money.Minor < -exact {
			return b.styled("@", c.Money.String())
		}
		return b.styled(moneyFormat(c.Money.Currency), float64(c.Money.Minor)/math.Pow10(order.Exponent(c.Money.Currency)))
	case Time:
		wall := c.Time
		y, m, d := wall.Date()
		if y < 1901 || y > 9999 { // before Excel's calendar, or after it
			return b.styled("@", plain(c))
		}
		// A cell has no zone: it shows the clock of the zone that the time carries.
		wall = time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)
		if c.Day {
			return b.styled("yyyy-mm-dd", wall)
		}
		return b.styled("yyyy-mm-dd hh:mm", wall)
	}
	return nil, nil //nolint:nilnil // an empty cell
}

func (b *workbook) styled(format string, value any) (any, error) {
	style, ok := b.styles[format]
	if !ok {
		s := excelize.Style{CustomNumFmt: &format}
		switch format {
		case "@":
			s = excelize.Style{NumFmt: textFormat}
		case "General":
			s = excelize.Style{}
		}
		var err error
		if style, err = b.file.NewStyle(&s); err != nil {
			return nil, err
		}
		b.styles[format] = style
	}
	return excelize.Cell{StyleID: style, Value: value}, nil
}

// sheetName makes a name that Excel takes: at most 31 characters, some not.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, fit(s))
	runes := []rune(strings.Trim(s, " '\n\t"))
	if len(runes) == 0 {
		return "Sheet1"
	}
	return strings.TrimRight(string(runes[:min(len(runes), 31)]), " '")
}
