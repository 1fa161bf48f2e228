package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"nudged/cmd/nudged/sheet"
)

func reading(t testing.TB, data []byte) *sheet.Book {
	t.Helper()
	book, err := sheet.Read("test", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// flat is a book as one text: values by |, rows with their numbers.
func flat(book *sheet.Book) string {
	var b strings.Builder
	for _, s := range book.Sheets {
		for _, r := range s.Rows {
			fmt.Fprintf(&b, "%s%d:", s.Name, r.Number)
			for i, c := range r.Cells {
				if i > 0 {
					b.WriteByte('|')
				}
				b.WriteString(c.Text)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestCSVIsReadAsItIsWritten(t *testing.T) {
	const table = "订单号,买家,金额\n1001,王小明,12.50\n\n1002,\"李, 四\",\"3\n\"\n"
	const read = "1:订单号|买家|金额\n2:1001|王小明|12.50\n4:1002|李, 四|3\n"
	western := "Number;Name;Straße\r\n1;Müller;Größe 5\r\n2;José Ñandú;élan – 5 €\r\n"
	german := "1:Number|Name|Straße\n2:1|Müller|Größe 5\n3:2|José Ñandú|élan – 5 €\n"
	encoded := func(e encoding.Encoding, s string) []byte {
		out, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, c := range map[string]struct {
		data     []byte
		encoding string
		comma    rune
		want     string
	}{
		"utf-8":                             {[]byte(table), "UTF-8", ',', read},
		"utf-8, mark":                       {[]byte(sheet.BOM + table), "UTF-8", ',', read},
		"gb18030":                           {encoded(simplifiedchinese.GB18030, table), "GB18030", ',', read},
		"gbk, tabs":                         {encoded(simplifiedchinese.GBK, "订单\t金额\n一\t二\n"), "GB18030", '\t', "1:订单|金额\n2:一|二\n"},
		"utf-16":                            {encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "订单\t金额\r\n一\t二\r\n"), "UTF-16", '\t', "1:订单|金额\n2:一|二\n"},
		"windows-1252":                      {encoded(charmap.Windows1252, western), "Windows-1252", ';', german},
		"semicolons":                        {[]byte("a;b;c\n1,5;2;3\n2,5;3;4\n"), "UTF-8", ';', "1:a|b|c\n2:1,5|2|3\n3:2,5|3|4\n"},
		"commas with a semicolon in a text": {[]byte("a,b\n\"x; y; z\",2\n\"p; q\",3\n"), "UTF-8", ',', "1:a|b\n2:x; y; z|2\n3:p; q|3\n"},
		"bars":                              {[]byte("a|b\n1|2\n"), "UTF-8", '|', "1:a|b\n2:1|2\n"},
		"sep line":                          {[]byte("sep=;\r\na;b,c,d\n1;2,3,4\n"), "UTF-8", ';', "2:a|b,c,d\n3:1|2,3,4\n"},
		"one column":                        {[]byte("email\na@b.example\n"), "UTF-8", ',', "1:email\n2:a@b.example\n"},
		"kept as text":                      {[]byte("id,phone\n=\"00123\",'+8613800138000\n"), "UTF-8", ',', "1:id|phone\n2:00123|+8613800138000\n"},
		"an open quote":                     {[]byte("a,b\n5\" pipe,2\n"), "UTF-8", ',', "1:a|b\n2:5\" pipe|2\n"},
		"ragged":                            {[]byte("a,b,c\n1\n2,3,4,,,\n,,\n"), "UTF-8", ',', "1:a|b|c\n2:1\n3:2|3|4\n"},
		"carriage feeds":                    {[]byte("a,b\r\n1,2\r\n"), "UTF-8", ',', "1:a|b\n2:1|2\n"},
	} {
		book := reading(t, c.data)
		if got := flat(book); got != c.want || book.Encoding != c.encoding || book.Comma != c.comma {
			t.Errorf("%s: read as %s with %q:\n%s\nwant\n%s", name, book.Encoding, book.Comma, got, c.want)
		}
	}
}

func TestExcelIsReadByItsTypes(t *testing.T) {
	f := excelize.NewFile()
	style := func(format string) int {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	set := func(cell string, v any, format string) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
		if format != "" {
			if err := f.SetCellStyle("Sheet1", cell, cell, style(format)); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := time.Date(2026, 3, 4, 8, 30, 15, 0, time.UTC)
	set("B3", "text", "yyyy-mm-dd")
	set("C3", at, "dd/mm/yyyy")
	set("D3", at, `yyyy"年"m"月"d"日"`)
	set("E3", 46085.25, "")
	set("F3", 46085.25, `#,##0.00 "dollars"`)
	set("G3", 46085.25, "[Red]0.00")
	set("H3", 46085.25, "[h]:mm")
	set("I3", 0.25, "h:mm")
	set("J3", 0.1+0.2, "0%")
	set("K3", "12", "")
	set("L3", 12, "@")
	set("M3", true, "")
	set("N3", 1.5e-7, "")
	set("O3", int64(13800138000), "")
	if err := f.SetCellFormula("Sheet1", "P3", "1/0"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	r := reading(t, out.Bytes()).Sheets[0].Rows[0]
	if r.Number != 3 {
		t.Errorf("row %d", r.Number)
	}
	for i, want := range []sheet.Value{
		{}, {sheet.Text, "text"}, {sheet.Time, "2026-03-04 08:30:15"}, {sheet.Time, "2026-03-04 08:30:15"}, {sheet.Number, "46085.25"},
		{sheet.Number, "46085.25"}, {sheet.Number, "46085.25"}, {sheet.Number, "46085.25"}, {sheet.Number, "0.25"}, {sheet.Number, "0.3"},
		{sheet.Text, "12"}, {sheet.Number, "12"}, {sheet.Text, "TRUE"}, {sheet.Number, "0.00000015"}, {sheet.Number, "13800138000"},
	} {
		if got := r.Cell(i); got != want {
			t.Errorf("column %s: %+v, want %+v", sheet.Letters(i), got, want)
		}
	}
}

// packed is a hand-made Excel file.
func packed(t testing.TB, sheetXML string, more map[string]string) []byte {
	t.Helper()
	parts := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="1"/><sheets><sheet name="订单" sheetId="1" r:id="rId1"/><sheet name="Chart" sheetId="2" r:id="rId9"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/other.xml"/>` +
			`<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/chartsheet" Target="chart.xml"/>` +
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml":    `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>plain</t></si><si><r><t xml:space="preserve">rich </t></r><r><t>text</t></r><rPh sb="0" eb="1"><t>よみ</t></rPh></si></sst>`,
		"xl/worksheets/other.xml": sheetXML,
	}
	for name, text := range more {
		parts[name] = text
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}) // deflating is slow, for a fuzzer
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFilesOfOtherPrograms(t *testing.T) {
	book := reading(t, packed(t, `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>`+
		`<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>99</x:v></x:c><x:c t="inlineStr"><x:is><x:t>a_x000A_b</x:t></x:is></x:c></x:row>`+
		`<x:row r="7"><x:c r="C7" t="str"><x:f>A1&amp;"x"</x:f><x:v>made</x:v></x:c><x:c r="D7" t="e"><x:v>#REF!</x:v></x:c><x:c r="E7"><x:v>1E3</x:v></x:c></x:row>`+
		`</x:sheetData><x:extLst><x:c><x:v>no cell</x:v></x:c></x:extLst></x:worksheet>`, nil))
	if got, want := flat(book), "订单1:plain|rich text||a\nb\n订单7:||made|#REF!|1000\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if k := book.Sheets[0].Rows[1].Cell(3).Kind; k != sheet.Fault {
		t.Errorf("#REF! is %v", k)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	rows := func(row string, n int) string {
		return `<worksheet><sheetData>` + strings.Repeat(row, n) + `</sheetData></worksheet>`
	}
	var empty bytes.Buffer
	if err := zip.NewWriter(&empty).Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":              {nil, "is empty"},
		"white space":          {[]byte(" \n\n , ,\n"), "is empty"},
		"old Excel":            {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "save it as .xlsx"},
		"HTML":                 {[]byte("\n <html><table>"), "save it as .xlsx"},
		"PDF":                  {[]byte("%PDF-1.7"), "PDF"},
		"an image":             {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "neither an Excel file nor a text"},
		"a cut zip":            {packed(t, "", nil)[:300], "damaged"},
		"another zip":          {append([]byte("PK\x03\x04"), empty.Bytes()...), "damaged"},
		"a sheet that is away": {packed(t, "", map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="gone.xml"/></Relationships>`}), "damaged"},
		"bad XML":              {packed(t, "<worksheet><sheetData><row><c", nil), "damaged"},
		"bad reference":        {packed(t, rows(`<row><c r="??"><v>1</v></c></row>`, 1), nil), "damaged"},
		"too many rows":        {packed(t, rows(`<row><c><v>1</v></c></row>`, 200_001), nil), "more than 200000 rows"},
		"too many columns":     {packed(t, rows(`<row><c r="XFD1"><v>1</v></c></row>`, 1), nil), "more than 200 columns"},
		"a long cell":          {packed(t, rows(`<row><c t="inlineStr"><is><t>`+strings.Repeat("x", 140_000)+`</t></is></c></row>`, 1), nil), "row 1, column A"},
		"a long shared text":   {packed(t, "", map[string]string{"xl/sharedStrings.xml": "<sst><si><t>" + strings.Repeat("x", 140_000) + "</t></si></sst>"}), "list: a text is longer"},
		"a quote never closed": {[]byte("a,b\n1,\"" + strings.Repeat("x,\n", 60_000)), "line 2, column B"},
		"csv, too many rows":   {bytes.Repeat([]byte("1\n"), 200_001), "more than 200000 rows"},
		"csv, columns":         {[]byte("a" + strings.Repeat(",a", 300)), "more than 200 columns"},
	} {
		_, err := sheet.Read("list", bytes.NewReader(c.data), int64(len(c.data)))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "list") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := sheet.Read("list.xlsx", bytes.NewReader(nil), sheet.MaxFile+1); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("too large: %v", err)
	}
	const text = "Name,E-Mail\nAnn,ann@example.com\n"
	if _, err := sheet.Read("list.XLSX", strings.NewReader(text), int64(len(text))); err == nil || !strings.Contains(err.Error(), "it is no Excel file") {
		t.Errorf("a text: %v", err)
	}
}

// bomb is an Excel file whose sheet unpacks to so many bytes, and says that it
// has so many.
func bomb(t *testing.T, bytesIn int, said uint64) []byte {
	t.Helper()
	var squeezed bytes.Buffer
	w, err := flate.NewWriter(&squeezed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(bytes.Repeat([]byte(" "), bytesIn))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	part, err := z.CreateRaw(&zip.FileHeader{
		Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate,
		CompressedSize64: uint64(squeezed.Len()), UncompressedSize64: said,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = part.Write(squeezed.Bytes())
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Files of some kilobytes that unpack to more than this machine has, whether they
// say so or not.
func TestABombIsNotUnpacked(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"honest": {bomb(t, 1<<20, 600<<20), "unpacked it is larger"},
		"lying":  {bomb(t, 64<<20, 10), "damaged"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := sheet.Read("b.xlsx", bytes.NewReader(c.data), int64(len(c.data)))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %d bytes: %v", name, len(c.data), err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
			t.Errorf("%s: %d MB were taken", name, used>>20)
		}
	}
}

func TestLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := sheet.Letters(i); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}
