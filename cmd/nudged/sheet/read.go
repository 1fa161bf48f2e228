package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Bounds of a file that is read. A shop of ten years fits; what does not comes in
// parts.
const (
	MaxFile = 64 << 20 // bytes

	maxUnzipped = 512 << 20 // bytes
	maxRows     = 200_000   // of all sheets
	maxColumns  = 200
	maxText     = 256 << 20 // bytes of all cells
)

// Book is a file that was read.
type Book struct {
	Sheets []Sheet
	// Encoding and Comma are what was found out about a CSV; "" and 0 for Excel.
	Encoding string
	Comma    rune
}

// Sheet is one table of a book.
type Sheet struct {
	Name string // "" in a CSV
	Rows []Row  // those in which something stands
}

// Row of a sheet.
type Row struct {
	Number int // as the program that shows it counts: the first is 1; in a CSV the line
	Cells  []Value
}

// Cell gives a value by the column, counted from 0; empty beyond the last.
func (r Row) Cell(i int) Value {
	if i < 0 || i >= len(r.Cells) {
		return Value{}
	}
	return r.Cells[i]
}

// Value is one cell as it was read: Text, Number, Time, Fault, or Empty.
type Value struct {
	Kind Kind
	// Text is what stands there. A number has a point before its decimals and
	// neither groups nor an exponent; a time reads 2006-01-02 15:04:05.
	Text string
}

// Fault is a formula that came to nothing, as #REF!; its Text says what.
const Fault Kind = -1

// Letters names a column, counted from 0, as spreadsheets do.
func Letters(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// Read reads an Excel file or a CSV, told apart by what is in it; name is for
// errors.
func Read(name string, r io.ReaderAt, size int64) (*Book, error) {
	if size > MaxFile {
		return nil, fmt.Errorf("%s has %d MB, at most %d can be read; split it", name, size>>20, MaxFile>>20)
	}
	data := make([]byte, size)
	if n, err := r.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	book, err := read(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(book.Sheets) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	return book, nil
}

func read(name string, data []byte) (*Book, error) {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, errors.New("this is an Excel file of the old kind (.xls), or one with a password; save it as .xlsx without a password")
	case bytes.HasPrefix(data, []byte("%PDF")):
		return nil, errors.New("this is a PDF; save the table as .xlsx or .csv")
	case bytes.HasPrefix(bytes.TrimSpace(data[:min(len(data), 512)]), []byte("<")):
		return nil, errors.New("this is a page of HTML or XML, as some shops call an Excel file; open it in a spreadsheet and save it as .xlsx")
	case len(data) > 0 && strings.EqualFold(filepath.Ext(name), ".xlsx"):
		return nil, errors.New("its name ends in .xlsx, but it is no Excel file; if it is a text with commas or tabs, name it .csv, else save it as .xlsx from a spreadsheet")
	}
	return readCSV(data)
}

// tally counts what was taken in against the bounds.
type tally struct{ rows, text int }

func (t *tally) row(cells []Value) error {
	if t.rows++; t.rows > maxRows {
		return fmt.Errorf("it has more than %d rows; split it", maxRows)
	}
	for _, c := range cells {
		t.text += len(c.Text)
	}
	if t.text > maxText {
		return fmt.Errorf("it holds more than %d MB of text; split it", maxText>>20)
	}
	return nil
}

// trim drops the empty cells at the end.
func trim(cells []Value) []Value {
	for len(cells) > 0 && cells[len(cells)-1].Kind == Empty {
		cells = cells[:len(cells)-1]
	}
	return cells
}

var errWide = fmt.Errorf("it has more than %d columns", maxColumns)
