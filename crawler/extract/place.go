package extract

import (
	"errors"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"

	"nudged/crawler/recipe"
)

// place is where a value is looked for: a whole document, an element or a JSON
// value.
type place struct {
	doc   *document
	sel   *goquery.Selection // an element; nil for the whole document
	value any                // a JSON value, if json
	json  bool
	err   error // of a row: why it cannot be read
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

var (
	errNoText = errors.New("holds no text to look for rows in")
	errNoRow  = errors.New("holds no text that is the row")
)

// rows finds the parts of a place that a recipe calls its rows, without those
// that it excludes.
func (s scope) rows(p place, r recipe.Rows, exclude []recipe.Sign) ([]place, error) {
	if r.In != nil {
		var ok bool
		if p, ok = s.inside(p, r.In, r.Path != nil); !ok {
			return nil, errNoText
		}
	}
	found, err := elementsOrValues(p, r)
	if err != nil {
		return nil, err
	}
	var out []place
	for _, at := range found {
		if anySign(exclude, at) {
			continue
		}
		if r.Each != nil {
			if at = s.each(at, r.Each); at.err == nil && anySign(exclude, at) {
				continue
			}
		}
		out = append(out, at)
	}
	return out, nil
}

// each is the document that stands in a row. One that is not there makes a bad
// row, not none: an order would be lost without a word.
func (s scope) each(at place, v *recipe.Value) place {
	text := s.verbatim(at, v)
	if text == "" {
		at.err = errNoRow
		return at
	}
	return place{doc: at.doc.within(text)}
}

func elementsOrValues(p place, r recipe.Rows) ([]place, error) {
	switch {
	case r.Path != nil:
		root, err := p.root()
		if err != nil {
			return nil, err
		}
		var out []place
		for _, v := range get(r.Path, root) {
			out = append(out, place{doc: p.doc, value: v, json: true})
		}
		return out, nil
	case r.Select != nil:
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
	return []place{p}, nil
}

// rowsWhere names what rows are looked for by, as the recipe says it.
func rowsWhere(r recipe.Rows) string {
	switch {
	case r.Path != nil:
		return r.Path.Source
	case r.Select != nil:
		return r.Select.Source
	}
	return where(r.In)
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
