package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"

	"nudged/crawler/recipe"
)

// document is a page that is parsed when it is first asked for, once.
type document struct {
	page recipe.Page

	root    *goquery.Document
	rootErr error
	value   any
	valErr  error
	parsed  bool // value was tried
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

func (d *document) html() (*goquery.Selection, error) {
	if d.root == nil && d.rootErr == nil {
		d.root, d.rootErr = goquery.NewDocumentFromReader(bytes.NewReader(d.page.Body))
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

// place is where a value is looked for: a whole page, an element or a JSON
// value.
type place struct {
	doc   *document
	sel   *goquery.Selection // an element; nil for the whole page
	value any                // a JSON value, if isJSON
	json  bool
}

func (p place) selection() (*goquery.Selection, error) {
	if p.sel != nil {
		return p.sel, nil
	}
	if p.json {
		return nil, errors.New("this is JSON, in which a selector finds nothing")
	}
	return p.doc.html()
}

func (p place) root() (any, error) {
	if p.json {
		return p.value, nil
	}
	if p.sel != nil {
		return nil, errors.New("this is HTML, in which a JSON path finds nothing")
	}
	return p.doc.json()
}

// rows finds the parts of a place that a recipe calls its rows.
func (p place) rows(r recipe.Rows) ([]place, error) {
	if r.Path != nil {
		root, err := p.root()
		if err != nil {
			return nil, err
		}
		var out []place
		for _, v := range get(r.Path, root) {
			out = append(out, place{doc: p.doc, value: v, json: true})
		}
		return out, nil
	}
	sel, err := p.selection()
	if err != nil {
		return nil, err
	}
	var out []place
	find(sel, r.Select).Each(func(_ int, s *goquery.Selection) {
		out = append(out, place{doc: p.doc, sel: s})
	})
	return out, nil
}

// matcher lets goquery use a selector that was compiled with the recipe.
func matcher(s *recipe.Selector) goquery.Matcher {
	if len(s.Group) == 1 {
		return cascadia.Selector(s.Group[0].Match)
	}
	return cascadia.Selector(s.Group.Match)
}

func find(in *goquery.Selection, s *recipe.Selector) *goquery.Selection {
	return in.FindMatcher(matcher(s))
}

// findFirst ends at the first match: pages are long and most fields stand there
// once.
func findFirst(in *goquery.Selection, s *recipe.Selector) *goquery.Selection {
	return in.FindMatcher(goquery.SingleMatcher(matcher(s)))
}

// fragment is a place in a text that is HTML.
func fragment(doc *document, text string) (place, error) {
	root, err := goquery.NewDocumentFromReader(strings.NewReader(fixTable(text)))
	if err != nil {
		return place{}, err
	}
	return place{doc: doc, sel: root.Selection}, nil
}

// fixTable wraps rows that come without their table: an HTML parser drops <tr>
// and <td> that stand alone.
func fixTable(s string) string {
	lead := strings.ToLower(strings.TrimSpace(s))
	for _, tag := range []string{"<tr", "<td", "<th", "<tbody", "<thead"} {
		if rest, ok := strings.CutPrefix(lead, tag); ok && rest != "" && !('a' <= rest[0] && rest[0] <= 'z') {
			return "<table>" + s + "</table>"
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
