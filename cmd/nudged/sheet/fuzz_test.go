package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"nudged/cmd/nudged/sheet"
)

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("sep=;\na;b\n'=1;\"2\n"))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Add([]byte("\xd6\xd0\xce\xc4,\xfc\n"))
	f.Add(packed(f, `<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>1</v></c></row></sheetData></worksheet>`, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := sheet.Read("x", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if book != nil {
				t.Error("a book beside an error")
			}
			return
		}
		for _, s := range book.Sheets {
			last := 0
			for _, r := range s.Rows {
				if r.Number <= last || len(r.Cells) == 0 || r.Cells[len(r.Cells)-1].Kind == sheet.Empty {
					t.Errorf("row %d after %d with %d cells", r.Number, last, len(r.Cells))
				}
				last = r.Number
				for _, c := range r.Cells {
					if (c.Kind == sheet.Empty) != (c.Text == "") || strings.ContainsAny(c.Text, "\x00\x1b\r") {
						t.Errorf("cell %+v", c)
					}
				}
			}
		}
	})
}

// FuzzSheet takes XML as the sheet of an Excel file that is sound otherwise: as
// zips, hardly any would be.
func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>`)
	f.Add(`<row/><c/><v>1</v><row r="-1"><c r="A1048577"><f/><v>2</v></c></row>`)
	f.Fuzz(func(t *testing.T, text string) {
		data := packed(t, text, nil)
		book, err := sheet.Read("x", bytes.NewReader(data), int64(len(data)))
		if err == nil && (len(book.Sheets) != 1 || len(book.Sheets[0].Rows) == 0) {
			t.Errorf("%d sheets", len(book.Sheets))
		}
	})
}

func BenchmarkRead20000(b *testing.B) {
	r := row("100234567", "2 × 茶壶, 青花", 123450, "CNY")
	seq := func(yield func([]sheet.Cell) bool) {
		for range 20_000 {
			if !yield(r) {
				return
			}
		}
	}
	data := written(b, seq)
	b.ReportAllocs()
	for b.Loop() {
		if n := len(reading(b, data).Sheets[0].Rows); n != 20_001 {
			b.Fatal(n)
		}
	}
}
