package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads all sheets of an Excel file. The library unzips it within bounds
// and knows its styles. The cells are read here: its own reader says neither
// whether a cell is a text or a number, nor whether a number is a date, and makes
// room for cells that are not there.
func readXLSX(data []byte) (book *Book, err error) {
	defer func() {
		// A file from anywhere goes through a library with many parts; what it
		// stumbles over is the file's fault, and no reason to end.
		if r := recover(); r != nil {
			book, err = nil, errBroken
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		// Equal limits: nothing is unzipped into temporary files.
		UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped,
	})
	if f != nil {
		defer func() { err = errors.Join(err, f.Close()) }()
	}
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, fmt.Errorf("unpacked it is larger than %d MB; split it", maxUnzipped>>20)
		}
		return nil, errBroken
	}
	p := &pack{file: f}
	if err := p.open(); err != nil {
		return nil, err
	}
	book = &Book{}
	for _, s := range p.sheets {
		rows, err := p.rows(s.part)
		if err != nil {
			return nil, fmt.Errorf("sheet %q: %w", fit(s.name), err)
		}
		if len(rows) > 0 {
			book.Sheets = append(book.Sheets, Sheet{Name: fit(s.name), Rows: rows})
		}
	}
	return book, nil
}

var errBroken = errors.New("this Excel file cannot be read: it is damaged, or no .xlsx; open it in a spreadsheet and save it as .xlsx again")

// pack is what stands in an Excel file besides the cells.
type pack struct {
	file   *excelize.File
	sheets []struct{ name, part string }
	shared []string // texts that cells name by their number
	dates  []bool   // by style: whether a number in it is a date
	mac    bool     // dates count from 1904
	count  tally
}

func (p *pack) open() error {
	var book struct {
		Pr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			// The id stands in the namespace of relationships, of which there are
			// two: that of the standard and that of its strict form.
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	main, parts, err := p.relations()
	if err != nil {
		return err
	}
	if err := p.decode(main, &book); err != nil {
		return err
	}
	p.mac = book.Pr.Date1904 == "1" || book.Pr.Date1904 == "true"
	for _, s := range book.Sheets {
		i := slices.IndexFunc(s.Attrs, func(a xml.Attr) bool { return a.Name.Local == "id" && a.Name.Space != "" })
		if i < 0 {
			continue
		}
		// Charts have sheets of their own.
		if part := parts[s.Attrs[i].Value]; part.kind == "worksheet" {
			p.sheets = append(p.sheets, struct{ name, part string }{s.Name, part.target})
		}
	}
	p.dates = dateStyles(p.file)
	for _, part := range parts {
		if part.kind == "sharedStrings" {
			if p.shared, err = p.texts(part.target); err != nil {
				return err
			}
		}
	}
	return nil
}

type part struct{ kind, target string }

// relations gives the name of the workbook, and what belongs to it by id.
func (p *pack) relations() (main string, parts map[string]part, err error) {
	main = "xl/workbook.xml"
	root, err := p.related("_rels/.rels", "")
	if err != nil {
		return "", nil, err
	}
	for _, r := range root {
		if r.kind == "officeDocument" {
			main = r.target
		}
	}
	dir, file := path.Split(main)
	parts, err = p.related(dir+"_rels/"+file+".rels", dir)
	return main, parts, err
}

func (p *pack) related(name, dir string) (map[string]part, error) {
	var list struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := p.decode(name, &list); err != nil {
		return nil, err
	}
	out := make(map[string]part, len(list.All))
	for _, r := range list.All {
		target := strings.ReplaceAll(r.Target, "\\", "/")
		if rest, ok := strings.CutPrefix(target, "/"); ok {
			target = rest
		} else {
			target = path.Join(dir, target)
		}
		out[r.ID] = part{kind: path.Base(r.Type), target: target}
	}
	return out, nil
}

func (p *pack) part(name string) ([]byte, error) {
	if name == "xl/SharedStrings.xml" { // the library has given it its usual name
		name = "xl/sharedStrings.xml"
	}
	v, ok := p.file.Pkg.Load(name)
	data, isBytes := v.([]byte)
	if !ok || !isBytes {
		return nil, errBroken
	}
	return data, nil
}

func (p *pack) decoder(name string) (*xml.Decoder, error) {
	data, err := p.part(name)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = p.file.CharsetReader
	return d, nil
}

func (p *pack) decode(name string, into any) error {
	d, err := p.decoder(name)
	if err != nil {
		return err
	}
	if err := d.Decode(into); err != nil {
		return errBroken
	}
	return nil
}

// dateStyles tells of each style of cells whether a number in it is a date.
func dateStyles(f *excelize.File) []bool {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return nil
	}
	formats := map[int]string{}
	if f.Styles.NumFmts != nil {
		for _, n := range f.Styles.NumFmts.NumFmt {
			if n != nil {
				formats[n.NumFmtID] = n.FormatCode
			}
		}
	}
	out := make([]bool, len(f.Styles.CellXfs.Xf))
	for i, x := range f.Styles.CellXfs.Xf {
		if x.NumFmtID == nil {
			continue
		}
		code, own := formats[*x.NumFmtID]
		out[i] = own && dateFormat(code) || !own && dateID(*x.NumFmtID)
	}
	return out
}

// dateID reports whether a built-in format shows a day (ECMA-376, 18.8.30; from
// 27 on those of Chinese, Japanese and Korean editions).
func dateID(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 50 && id <= 58
}

// dateFormat reports whether a format shows a day or a time: one of its letters
// stands outside of quotes, escapes and brackets.
func dateFormat(code string) bool {
	code, _, _ = strings.Cut(code, ";") // that of positive numbers
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := strings.IndexByte(code[i+1:], map[byte]byte{'"': '"', '[': ']'}[c])
			if end < 0 {
				return false
			}
			if inner := code[i+1 : i+1+end]; c == '[' && inner != "" && strings.Trim(strings.ToLower(inner), "hms") == "" {
				return false // [h]:mm is how long something took
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		case 'y', 'Y', 'd', 'D', 'm', 'M', 'h', 'H', 's', 'S':
			return true
		}
	}
	return false
}
