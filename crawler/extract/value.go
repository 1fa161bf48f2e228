package extract

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/recipe"
)

// liveAttr is where the browser mirrors what was typed or chosen in a field.
const liveAttr = "data-nudged-value"

// reading is what a value found.
type reading struct {
	text   string
	found  bool // something is there, though its text may be empty
	number bool // it was a JSON number
	body   bool // it is the whole document, as it was sent
}

// scope resolves names in templates, and values that are not in the body.
type scope struct {
	lookup func(name string) (string, bool)
	joined func(name string) (place, bool) // the row of a join that belongs to this one
	env    Env
	exact  bool // texts stay as they are: they are documents themselves
}

// read takes a value from a place: the first of it and its fallbacks that finds
// a text.
func (s scope) read(p place, v *recipe.Value, most int) reading {
	r := s.readOne(p, v, most)
	for i := 0; i < len(v.Or) && r.text == ""; i++ {
		if or := s.readOne(p, &v.Or[i], most); or.text != "" || !r.found {
			r = or
		}
	}
	if r.text == "" && v.Optional {
		r.text = v.Default
	}
	return r
}

// verbatim reads a text that will be looked into: JSON or HTML. Its white space
// and its length count.
func (s scope) verbatim(p place, v *recipe.Value) string {
	s.exact = true
	return s.read(p, v, maxInner).text
}

// readOne reads without fallbacks. Of several texts the first counts to which
// match fits; with join, all of them.
func (s scope) readOne(p place, v *recipe.Value, most int) reading {
	raws, ok := s.raw(p, v)
	if !ok || len(raws) == 0 {
		return reading{}
	}
	out := reading{found: true, number: raws[0].number && v.Match == nil && len(v.Filters) == 0}
	if v.Join == nil && v.Match == nil {
		raws = raws[:1]
	}
	var texts []string
	for _, raw := range raws {
		t, ok := s.refine(raw, v, most)
		if !ok {
			continue
		}
		if v.Join == nil {
			out.text = t
			return out
		}
		if t != "" {
			texts = append(texts, t)
		}
	}
	if v.Join == nil {
		return reading{found: v.Match == nil}
	}
	if len(texts) == 0 {
		return reading{found: v.Match == nil}
	}
	out.text = s.tidy(strings.Join(texts, *v.Join), most)
	return out
}

// raw finds the texts before they are refined.
func (s scope) raw(p place, v *recipe.Value) ([]reading, bool) {
	switch {
	case v.Text != nil:
		t, err := v.Text.Expand(s.lookup, nil)
		return []reading{{text: t}}, err == nil
	case v.Source != recipe.FromBody:
		return s.outside(p, v)
	}
	p, ok := s.start(p, v)
	if !ok {
		return nil, false
	}
	switch {
	case v.Path != nil:
		return s.fromJSON(p, v)
	case v.Label != nil:
		return labelled(p, v)
	case v.Column != nil:
		return column(p, v)
	case v.Select != nil:
		return selected(p, v)
	case p.json:
		t, number := scalar(p.value)
		return []reading{{text: t, number: number}}, p.value != nil && (v.Match != nil || s.exact || !compound(p.value))
	case p.sel != nil:
		return elements(p.sel, v)
	}
	return []reading{{text: p.doc.text(), body: true}}, true
}

// start is the place that a value looks in: the row or page, the joined row, or
// a text in one of them.
func (s scope) start(p place, v *recipe.Value) (place, bool) {
	if v.Of != "" {
		if s.joined == nil {
			return p, false
		}
		joined, ok := s.joined(v.Of)
		if !ok {
			return p, false
		}
		p = joined
	}
	if v.In != nil {
		return s.inside(p, v.In, v.Path != nil)
	}
	return p, true
}

// inside is the place that a text of another place is, or, where HTML is looked
// for in an element as it stands, that element: its text would be all that is
// lost of it.
func (s scope) inside(p place, in *recipe.Value, json bool) (place, bool) {
	bare := in.Attr == "" && !in.Live && !in.Own && in.Match == nil && in.Filters == nil && in.In == nil && in.Of == "" && in.Or == nil
	if in.Select != nil && bare && !json {
		if sel, err := p.selection(); err == nil {
			first := findFirst(sel, in.Select)
			if name := goquery.NodeName(first); name != "" && !hidden(name) && name != "textarea" {
				return place{doc: p.doc, sel: first}, true
			}
		}
	}
	text := s.verbatim(p, in)
	return place{doc: p.doc.within(text)}, text != ""
}

func selected(p place, v *recipe.Value) ([]reading, bool) {
	sel, err := p.selection()
	if err != nil {
		return nil, false
	}
	if v.Join == nil && v.Match == nil {
		if first, ok := elements(findFirst(sel, v.Select), v); ok {
			return first, true
		}
	}
	return elements(find(sel, v.Select), v)
}

func (s scope) fromJSON(p place, v *recipe.Value) ([]reading, bool) {
	root, err := p.root()
	if err != nil {
		return nil, false
	}
	var out []reading
	for _, found := range get(v.Path, root) {
		if compound(found) && v.Match == nil && !s.exact {
			continue // the path leads to more than a text
		}
		t, number := scalar(found)
		out = append(out, reading{text: t, number: number})
	}
	return out, len(out) > 0
}

func (s scope) outside(p place, v *recipe.Value) ([]reading, bool) {
	var t string
	var ok bool
	switch v.Source {
	case recipe.FromURL:
		// The last address comes first; those on the way to it may hold a token
		// that it does not.
		out := []reading{{text: p.doc.page.URL}}
		for _, via := range slices.Backward(p.doc.page.Via) {
			out = append(out, reading{text: via})
		}
		return out, p.doc.page.URL != ""
	case recipe.FromHeader:
		t = p.doc.page.Header.Get(v.Key)
		if via := p.doc.page.Via; t == "" && len(via) > 0 && strings.EqualFold(v.Key, "Location") {
			t = via[len(via)-1] // the redirect was followed
		}
		ok = t != ""
	case recipe.FromCookie:
		if s.env.Cookie != nil {
			t, ok = s.env.Cookie(v.Key)
		}
	case recipe.FromStorage:
		if s.env.Storage != nil {
			t, ok = s.env.Storage(v.Key)
		}
	}
	return []reading{{text: t}}, ok
}

// elements takes the wanted text of each element; those without the attribute
// are not found.
func elements(sel *goquery.Selection, v *recipe.Value) ([]reading, bool) {
	var out []reading
	inLines := wantsLines(v.Filters)
	sel.Each(func(_ int, s *goquery.Selection) {
		switch {
		case v.Live:
			if t, ok := live(s); ok {
				out = append(out, reading{text: t})
			}
		case v.Attr != "":
			if t, ok := s.Attr(v.Attr); ok {
				out = append(out, reading{text: t})
			}
		case v.Own:
			out = append(out, reading{text: own(s)})
		case inLines:
			out = append(out, reading{text: textLines(s)})
		default:
			out = append(out, reading{text: text(s)})
		}
	})
	return out, len(out) > 0
}

// live is what stands in a field: as the browser mirrored it, or as the page
// was sent.
func live(s *goquery.Selection) (string, bool) {
	if t, ok := s.Attr(liveAttr); ok {
		return t, true
	}
	switch goquery.NodeName(s) {
	case "textarea":
		return text(s), true
	case "select":
		o := chosen(s).First()
		return o.AttrOr("value", text(o)), o.Length() > 0
	}
	return s.Attr("value")
}

// chosen are the options of a <select> that a browser would choose.
func chosen(s *goquery.Selection) *goquery.Selection {
	options := s.Find("option")
	marked := options.Filter("[selected]")
	if _, multiple := s.Attr("multiple"); marked.Length() > 0 || multiple {
		return marked
	}
	return options.First()
}

// refine applies match and filters; false if match does not fit. People write
// an expression for the text as they see it, so it is tidied first; only a whole
// document stays as it was sent.
func (s scope) refine(raw reading, v *recipe.Value, most int) (string, bool) {
	t, inLines := raw.text, wantsLines(v.Filters)
	if v.Match != nil {
		switch {
		case inLines:
			t = tidyLines(t)
		case !raw.body:
			t = clean(t, len(t))
		}
		m := v.Match.FindStringSubmatch(t)
		if m == nil {
			return "", false
		}
		t = m[0]
		if len(m) > 1 {
			t = m[1]
		}
	}
	for i, f := range v.Filters {
		if !wantsLines(v.Filters[i:]) {
			t = s.tidy(t, maxBetween)
		}
		if t = apply(f, t); len(t) > maxInner {
			return "", false
		}
	}
	return s.tidy(t, most), true
}

func (s scope) tidy(t string, most int) string {
	if s.exact {
		return t
	}
	return clean(t, most)
}

// wantsLines reports whether the lines of a text have yet to be told apart.
func wantsLines(filters []recipe.Filter) bool {
	return slices.ContainsFunc(filters, func(f recipe.Filter) bool { return f.Name == recipe.FilterLine })
}
