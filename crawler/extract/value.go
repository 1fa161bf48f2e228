package extract

import (
	"html"
	"regexp"
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
	body   bool // it is the whole page, as it was sent
}

// scope resolves names in templates, and values that are not in the body.
type scope struct {
	lookup func(name string) (string, bool)
	env    Env
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

func (s scope) readOne(p place, v *recipe.Value, most int) reading {
	raws, ok := s.raw(p, v)
	if !ok || len(raws) == 0 {
		return reading{}
	}
	if v.Join == nil {
		raws = raws[:1]
	}
	out := reading{found: true, number: raws[0].number && v.Match == nil && len(v.Filters) == 0}
	var texts []string
	for _, raw := range raws {
		if t, ok := refine(raw, v, most); ok {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		return reading{found: v.Match == nil}
	}
	if v.Join != nil {
		texts = nonEmpty(texts)
		out.text = clean(strings.Join(texts, *v.Join), most)
		return out
	}
	out.text = texts[0]
	return out
}

func nonEmpty(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// raw finds the texts before they are refined.
func (s scope) raw(p place, v *recipe.Value) ([]reading, bool) {
	switch {
	case v.Text != nil:
		t, err := v.Text.Expand(s.lookup, nil)
		return []reading{{text: t}}, err == nil
	case v.Source != recipe.FromBody:
		t, ok := s.outside(p, v)
		return []reading{{text: t}}, ok
	case v.Path != nil:
		return s.fromJSON(p, v)
	case v.Select != nil:
		sel, err := p.selection()
		if err != nil {
			return nil, false
		}
		if v.Join == nil {
			if first, ok := elements(findFirst(sel, v.Select), v); ok {
				return first, true
			}
		}
		return elements(find(sel, v.Select), v)
	case p.json:
		t, number := scalar(p.value)
		return []reading{{text: t, number: number}}, p.value != nil && (v.Match != nil || !compound(p.value))
	case p.sel != nil:
		return elements(p.sel, v)
	}
	return []reading{{text: string(p.doc.page.Body), body: true}}, true
}

func (s scope) fromJSON(p place, v *recipe.Value) ([]reading, bool) {
	root, err := p.root()
	if err != nil {
		return nil, false
	}
	var out []reading
	for _, found := range get(v.Path, root) {
		t, number := scalar(found)
		if compound(found) && v.Match == nil {
			continue // the path leads to more than a text
		}
		if v.Select == nil {
			out = append(out, reading{text: t, number: number})
			continue
		}
		inner, err := fragment(p.doc, t)
		if err != nil {
			continue
		}
		if inside, ok := elements(find(inner.sel, v.Select), v); ok {
			out = append(out, inside...)
		}
	}
	return out, len(out) > 0
}

func (s scope) outside(p place, v *recipe.Value) (string, bool) {
	switch v.Source {
	case recipe.FromURL:
		return p.doc.page.URL, p.doc.page.URL != ""
	case recipe.FromHeader:
		t := p.doc.page.Header.Get(v.Key)
		return t, t != ""
	case recipe.FromCookie:
		if s.env.Cookie != nil {
			return s.env.Cookie(v.Key)
		}
	case recipe.FromStorage:
		if s.env.Storage != nil {
			return s.env.Storage(v.Key)
		}
	}
	return "", false
}

// elements takes the wanted text of each element; those without the attribute
// are not found.
func elements(sel *goquery.Selection, v *recipe.Value) ([]reading, bool) {
	var out []reading
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
	if t, ok := s.Attr("value"); ok {
		return t, true
	}
	if goquery.NodeName(s) == "textarea" {
		return text(s), true
	}
	return "", false
}

// refine applies match and filters; false if match does not fit. People write
// an expression for the text as they see it, so it is tidied first; only a whole
// page stays as it was sent.
func refine(raw reading, v *recipe.Value, most int) (string, bool) {
	t := raw.text
	if v.Match != nil {
		if !raw.body {
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
	for _, f := range v.Filters {
		t = apply(f, clean(t, maxVar))
	}
	return clean(t, most), true
}

var notDigit = regexp.MustCompile(`\P{Nd}+`)

func apply(f recipe.Filter, t string) string {
	switch f.Name {
	case recipe.FilterLower:
		return strings.ToLower(t)
	case recipe.FilterDecode:
		return html.UnescapeString(t)
	case recipe.FilterDigits:
		return notDigit.ReplaceAllString(t, "")
	case recipe.FilterReplace:
		return f.Regexp.ReplaceAllString(t, f.With)
	case recipe.FilterSplit:
		parts := strings.Split(t, f.With)
		i := f.Nth - 1
		if f.Nth < 0 {
			i = len(parts) + f.Nth
		}
		if i < 0 || i >= len(parts) {
			return ""
		}
		return parts[i]
	}
	return t
}

// where names what a value looks for, as the recipe says it.
func where(v *recipe.Value) string {
	switch {
	case v == nil:
		return ""
	case v.Path != nil && v.Select != nil:
		return v.Path.Source + " " + v.Select.Source
	case v.Path != nil:
		return v.Path.Source
	case v.Attr != "" && v.Select != nil:
		return v.Select.Source + " @" + v.Attr
	case v.Attr != "":
		return "@" + v.Attr
	case v.Select != nil:
		return v.Select.Source
	case v.Text != nil:
		return v.Text.String()
	case v.Source != recipe.FromBody:
		return strings.TrimSpace(string(v.Source) + " " + v.Key)
	case v.Match != nil:
		return v.Match.String()
	}
	return ""
}
