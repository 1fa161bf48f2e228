package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"nudged/crawler/recipe"
)

// document is a page, or a text found in one, that is parsed when it is first
// asked for, once: as HTML, as JSON, or as both.
type document struct {
	page recipe.Page

	root    *goquery.Document
	rootErr error
	value   any
	valErr  error
	parsed  bool   // value was tried
	plain   string // see text
	inside  bool   // it is a text that was found in a page

	inner map[string]*document     // by their text
	heads map[*html.Node][]heading // of tables
}

// Prepare lets the page be parsed once, however many questions are asked of it.
// It copies nothing: the body must not change any more, and one goroutine may
// ask at a time.
func Prepare(p recipe.Page) recipe.Page {
	d := &document{page: p}
	d.page.Parsed = nil
	p.Parsed = d
	return p
}

func newDocument(p recipe.Page) *document {
	if d, ok := p.Parsed.(*document); ok {
		return d
	}
	return &document{page: p}
}

// within is the document that a text of this one is. The same text is the same
// document: fields that look into one attribute or script share the parsing.
func (d *document) within(text string) *document {
	if known, ok := d.inner[text]; ok {
		return known
	}
	p := d.page
	p.Body, p.Parsed = []byte(text), nil
	in := &document{page: p, inside: true}
	if d.inner == nil {
		d.inner = map[string]*document{}
	}
	d.inner[text] = in
	return in
}

func (d *document) html() (*goquery.Selection, error) {
	if d.root == nil && d.rootErr == nil {
		body := d.page.Body
		if d.inside {
			body = fixTable(body)
		}
		d.root, d.rootErr = goquery.NewDocumentFromReader(bytes.NewReader(body))
	}
	if d.rootErr != nil {
		return nil, d.rootErr
	}
	return d.root.Selection, nil
}

func (d *document) json() (any, error) {
	if !d.parsed {
		d.value, d.valErr = parseJSON(d.page.Body)
		d.parsed = true
	}
	return d.value, d.valErr
}

var noscript = regexp.MustCompile(`(?is)<noscript\b[^>]*>.*?</noscript\s*>`)

// text is the whole document as it was sent, but for what stands there only for
// browsers without scripts.
func (d *document) text() string {
	if d.plain == "" {
		d.plain = string(d.page.Body)
		if strings.Contains(d.plain, "</") {
			d.plain = noscript.ReplaceAllLiteralString(d.plain, " ")
		}
	}
	return d.plain
}

var errTrailing = errors.New("there is more after the JSON value")

// parseJSON keeps every number as it was written: ids beyond 2^53 would lose
// their last digits as floats.
func parseJSON(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return plainNumbers(v), nil
}

// plainNumbers turns the numbers that are written exactly like an int64 into
// one, so that filters of JSON paths can compare them; all others stay text.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil && strconv.FormatInt(n, 10) == v.String() {
			return n
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
}

// scalar is the text of a JSON value, and whether it was a number.
func scalar(v any) (text string, number bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, false
	case bool:
		return strconv.FormatBool(v), false
	case int64:
		return strconv.FormatInt(v, 10), true
	case json.Number:
		return v.String(), true
	}
	compact, err := json.Marshal(v)
	if err != nil {
		return "", false
	}
	return string(compact), false
}

// compound reports whether a JSON value is an object or an array.
func compound(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// fixTable wraps rows that come without their table: an HTML parser drops <tr>
// and <td> that stand alone.
func fixTable(s []byte) []byte {
	lead := bytes.TrimSpace(s)
	lead = bytes.ToLower(lead[:min(len(lead), 8)])
	for _, tag := range []string{"<tr", "<td", "<th", "<tbody", "<thead"} {
		if rest, ok := bytes.CutPrefix(lead, []byte(tag)); ok && len(rest) > 0 && !('a' <= rest[0] && rest[0] <= 'z') {
			return bytes.Join([][]byte{[]byte("<table>"), s, []byte("</table>")}, nil)
		}
	}
	return s
}

// get runs a JSON path. The library may panic on values that it does not
// expect; a page must not end the program.
func get(path *recipe.Path, root any) (found []any) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	return path.Expr.Get(root)
}
