package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads a text of which nobody says how it is written.
func readCSV(data []byte) (*Book, error) {
	text, encoding, err := decode(data)
	if err != nil {
		return nil, err
	}
	text, comma := declared(text)
	if comma == 0 {
		comma = guessComma(text)
	}
	rows, err := records(text, comma)
	if err != nil {
		return nil, err
	}
	book := &Book{Encoding: encoding, Comma: comma}
	if len(rows) > 0 {
		book.Sheets = []Sheet{{Rows: rows}}
	}
	return book, nil
}

func newReader(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	return r
}

func records(text string, comma rune) ([]Row, error) {
	r := newReader(text, comma)
	var rows []Row
	var count tally
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read it as CSV: %w", err)
		}
		line, _ := r.FieldPos(0)
		cells := make([]Value, 0, min(len(record), maxColumns))
		for i, field := range record {
			v, err := typed(field)
			if err != nil {
				return nil, fmt.Errorf("line %d, column %s: %w", line, Letters(i), err)
			}
			if v.Kind == Empty && i >= maxColumns {
				continue
			}
			cells = append(cells, v)
		}
		if cells = trim(cells); len(cells) == 0 {
			continue
		}
		if len(cells) > maxColumns {
			return nil, fmt.Errorf("line %d: %w", line, errWide)
		}
		if err := count.row(cells); err != nil {
			return nil, err
		}
		rows = append(rows, Row{Number: line, Cells: cells})
	}
}

// typed is a field of a CSV. All of them are texts: that 0123 is no number only
// the column can tell.
func typed(field string) (Value, error) {
	if len(field) > 4*maxCell {
		return Value{}, errors.New("the text is longer than any cell; perhaps a quotation mark is opened and not closed")
	}
	field = strings.TrimSpace(field)
	// ="00123" is how programs keep Excel from making a number of a text.
	if inner, ok := strings.CutPrefix(field, `="`); ok && strings.HasSuffix(inner, `"`) && !strings.Contains(inner[:len(inner)-1], `"`) {
		field = inner[:len(inner)-1]
	}
	field = strings.Clone(strings.TrimSpace(bare(fit(field)))) // or the whole record would stay in memory
	switch {
	case field == "":
		return Value{}, nil
	case fault(field):
		return Value{Kind: Fault, Text: field}, nil
	}
	return Value{Kind: Text, Text: field}, nil
}

// fault reports whether a text is what Excel writes for a formula that came to
// nothing (ECMA-376, 18.17.3).
func fault(s string) bool {
	switch s {
	case "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A":
		return true
	}
	return false
}

// declared reads the line by which some programs tell Excel the separator.
func declared(text string) (string, rune) {
	line, rest, _ := strings.Cut(text, "\n")
	line = strings.TrimRight(line, "\r")
	if said, ok := strings.CutPrefix(line, "sep="); ok && len(said) == 1 && strings.Contains(",;\t|", said) {
		// The line stays as an empty one, so that the others keep their numbers.
		return "\n" + rest, rune(said[0])
	}
	return text, 0
}

// guessComma takes the separator that parts the first lines into the most
// columns of which every line has the same number.
func guessComma(text string) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t', '|'} {
		if n := evenly(text, comma); n > most {
			best, most = comma, n
		}
	}
	return best
}

// evenly weighs a separator: columns of the first line with more than one, times
// the lines that have as many.
func evenly(text string, comma rune) int {
	const lines = 50
	r := newReader(head(text), comma)
	counts := map[int]int{}
	for range lines {
		record, err := r.Read()
		if err != nil {
			break
		}
		if len(record) > 1 && len(record) <= maxColumns {
			counts[len(record)]++
		}
	}
	weight := 0
	for columns, n := range counts {
		weight = max(weight, n*n*10+columns)
	}
	return weight
}

// head is enough of a text to judge it by.
func head(text string) string {
	const enough = 64 << 10
	if len(text) <= enough {
		return text
	}
	if end := strings.LastIndexByte(text[:enough], '\n'); end > 0 {
		return text[:end]
	}
	return text[:enough]
}
