package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// cells reads the XML of a sheet, token by token, so that bounds hold at every
// point.
type cells struct {
	p *pack
	d *xml.Decoder

	row   Row
	at    int // column of the cell that is read, from 0
	kind  string
	style int

	text    strings.Builder
	collect bool // inside of what is the cell's text
	rows    []Row
}

// rows of a sheet in which something stands.
func (p *pack) rows(part string) ([]Row, error) {
	d, err := p.decoder(part)
	if err != nil {
		return nil, err
	}
	c := &cells{p: p, d: d}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return c.rows, c.endRow()
		}
		if err != nil {
			return nil, errBroken
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = c.start(t)
		case xml.CharData:
			err = c.chars(t)
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return c.rows, c.endRow()
			}
			err = c.end(t.Name.Local)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (c *cells) start(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		if err := c.endRow(); err != nil {
			return err
		}
		n := c.row.Number + 1
		if said, err := strconv.Atoi(attr(t, "r")); err == nil && said > c.row.Number && said <= maxSheetRows {
			n = said
		}
		c.row, c.at = Row{Number: n}, -1
	case "c":
		c.at++
		if ref := attr(t, "r"); ref != "" {
			col, _, err := excelize.CellNameToCoordinates(ref)
			if err != nil {
				return errBroken
			}
			c.at = col - 1
		}
		c.kind, c.style = attr(t, "t"), 0
		if s, err := strconv.Atoi(attr(t, "s")); err == nil {
			c.style = s
		}
		c.text.Reset()
	case "v", "t":
		c.collect = true
	case "rPh", "f": // how a text is pronounced; the formula
		return c.skip(t.Name.Local)
	}
	return nil
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// skip goes past the end of an element that does not hold itself.
func (c *cells) skip(name string) error {
	for {
		token, err := c.d.RawToken()
		if err != nil {
			return errBroken
		}
		if end, ok := token.(xml.EndElement); ok && end.Name.Local == name {
			return nil
		}
	}
}

var errLong = fmt.Errorf("a text is longer than the %d characters of a cell", maxCell)

func (c *cells) chars(t xml.CharData) error {
	if !c.collect {
		return nil
	}
	if c.text.Len()+len(t) > 4*maxCell {
		if c.row.Number == 0 { // a shared text, which may stand anywhere
			return errLong
		}
		return fmt.Errorf("row %d, column %s: %w", c.row.Number, Letters(max(c.at, 0)), errLong)
	}
	c.text.Write(t)
	return nil
}

func (c *cells) end(name string) error {
	switch name {
	case "v", "t":
		c.collect = false
	case "c":
		v := c.value(c.text.String())
		if v.Kind == Empty || c.row.Number == 0 {
			return nil
		}
		if c.at >= maxColumns {
			return fmt.Errorf("row %d: %w", c.row.Number, errWide)
		}
		for len(c.row.Cells) < c.at {
			c.row.Cells = append(c.row.Cells, Value{})
		}
		if c.at < len(c.row.Cells) { // the same cell twice
			c.row.Cells[c.at] = v
			return nil
		}
		c.row.Cells = append(c.row.Cells, v)
	}
	return nil
}

func (c *cells) endRow() error {
	if len(c.row.Cells) == 0 {
		return nil
	}
	if err := c.p.count.row(c.row.Cells); err != nil {
		return err
	}
	c.rows = append(c.rows, c.row)
	c.row.Cells = nil
	return nil
}

// value gives what stands in a cell its type (ECMA-376, 18.18.11).
func (c *cells) value(s string) Value {
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || i < 0 || i >= len(c.p.shared) {
			return Value{}
		}
		return text(c.p.shared[i])
	case "e":
		return Value{Kind: Fault, Text: fit(s)}
	case "b":
		return text(map[string]string{"1": "TRUE", "0": "FALSE"}[strings.TrimSpace(s)])
	case "str", "inlineStr":
		return text(unescape(s))
	case "d": // ISO 8601
		return text(strings.TrimSpace(s))
	}
	return c.number(strings.TrimSpace(s))
}

func text(s string) Value {
	if s = strings.TrimSpace(fit(s)); s == "" {
		return Value{}
	}
	return Value{Kind: Text, Text: s}
}

func (c *cells) number(s string) Value {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return text(s)
	}
	if c.style >= 0 && c.style < len(c.p.dates) && c.p.dates[c.style] {
		// Below 1 it is a time without a day.
		if at, err := excelize.ExcelDateToTime(f, c.p.mac); err == nil && f >= 1 && at.Year() <= 9999 {
			return Value{Kind: Time, Text: at.Round(time.Second).Format(clock)}
		}
	}
	if math.Abs(f) < 1e15 { // Excel keeps 15 digits; what is beyond comes of reckoning in binary
		if exact, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64); err == nil {
			f = exact
		}
	}
	return Value{Kind: Number, Text: strconv.FormatFloat(f, 'f', -1, 64)}
}

// escaped is a character that XML cannot hold (ECMA-376, 22.9.2.19).
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
}

// texts reads the list of shared texts.
func (p *pack) texts(name string) ([]string, error) {
	d, err := p.decoder(name)
	if err != nil {
		return nil, err
	}
	c := &cells{p: p, d: d}
	var out []string
	size := 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, errBroken
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = c.startText(t.Name.Local)
		case xml.CharData:
			err = c.chars(t)
		case xml.EndElement:
			c.collect = c.collect && t.Name.Local != "t"
			if t.Name.Local == "si" {
				out = append(out, unescape(c.text.String()))
				if size += len(out[len(out)-1]); size > maxText {
					return nil, errors.New("it holds too much text; split it")
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

func (c *cells) startText(name string) error {
	switch name {
	case "si":
		c.text.Reset()
	case "t":
		c.collect = true
	case "rPh":
		return c.skip(name)
	}
	return nil
}
