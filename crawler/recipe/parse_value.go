package recipe

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"github.com/ohler55/ojg/jp"
	"go.yaml.in/yaml/v4"
)

func (d *decoder) selector(n *yaml.Node, path string) *Selector {
	s, ok := d.word(n, path)
	if !ok {
		return nil
	}
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("“”„‘’«", first) {
		d.fail(n, path, "begins with a curly quote; write a plain \" or '")
		return nil
	}
	group, err := cascadia.ParseGroup(s)
	if err != nil {
		d.fail(n, path, "%q is not a CSS selector: %v", short(s), err)
		return nil
	}
	return &Selector{Source: s, Group: group}
}

func (d *decoder) path(n *yaml.Node, path string) *Path {
	s, ok := d.word(n, path)
	if !ok {
		return nil
	}
	if !strings.HasPrefix(s, "$") {
		d.fail(n, path, "%q is not a JSON path; it begins with $, as in $.data.orders[*]", short(s))
		return nil
	}
	expr, err := parsePath(s)
	if err != nil {
		d.fail(n, path, "%q is not a JSON path: %v", short(s), err)
		return nil
	}
	return &Path{Source: s, Expr: expr}
}

// parsePath keeps a panic of the library from ending the program: the text may
// be anything.
func parsePath(s string) (expr jp.Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			expr, err = nil, errBadPath
		}
	}()
	return jp.ParseString(s)
}

func (d *decoder) regexp(n *yaml.Node, path string) *Regexp {
	s, ok := d.word(n, path)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		d.fail(n, path, "%v; the syntax is Go's (RE2)", err)
		return nil
	}
	return &Regexp{re}
}

func (d *decoder) template(n *yaml.Node, path string) *Template {
	s, ok := d.text(n, path)
	if !ok {
		return nil
	}
	t, err := ParseTemplate(s)
	if err != nil {
		d.fail(n, path, "%v", err)
		return nil
	}
	t.line, t.col = n.Line, n.Column
	return &t
}

func rowsKeys(r *Rows) object {
	return object{
		keys: []key{
			may("in", "the text to look in, instead of the page: JSON in a script, HTML in JSON", asValue(&r.In)),
			may("select", "HTML: the rows", asSelector(&r.Select)),
			may("path", "JSON: the rows", asPath(&r.Path)),
			may("each", "in what was found: the text that is the row, as JSON or HTML", asValue(&r.Each)),
		},
		groups: []group{{need: true, names: []string{"select", "path"}}},
	}
}

// rows reads where rows stand: a plain text that begins with $ is a path, any
// other a selector.
func (d *decoder) rows(n *yaml.Node, path string) Rows {
	var r Rows
	switch {
	case isPath(n):
		r.Path = d.path(n, path)
	case n.Kind == yaml.ScalarNode:
		r.Select = d.selector(n, path)
	default:
		d.object(n, path, rowsKeys(&r))
	}
	return r
}

func isPath(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && strings.HasPrefix(n.Value, "$")
}

// deepest is how far texts in texts go: JSON in an attribute of HTML in JSON.
const deepest = 5

// value reads how one text is taken. A plain text is a selector, or a path if
// it begins with $.
func (d *decoder) value(n *yaml.Node, path string) *Value {
	v := &Value{line: n.Line, col: n.Column}
	switch {
	case isPath(n):
		v.Path = d.path(n, path)
		return v
	case n.Kind == yaml.ScalarNode:
		v.Select = d.selector(n, path)
		return v
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > deepest {
		d.fail(n, path, "is nested more than %d deep", deepest)
		return v
	}
	d.object(n, path, valueKeys(v))
	return v
}

func valueKeys(v *Value) object {
	or := kind{either(ref("value"), listOf(ref("value"))), func(d *decoder, n *yaml.Node, path string) { d.fallbacks(n, path, v) }}
	return object{
		keys: []key{
			may("in", "the text to look in, instead of the row or page: JSON in a script or attribute, HTML in JSON", asValue(&v.In)),
			may("of", "the joined row to look in, by the name of its join", asWord(&v.Of)),
			may("select", "HTML: an element", asSelector(&v.Select)),
			may("path", "JSON: a place", asPath(&v.Path)),
			may("column", "HTML: the row's cell under the header with this text, or one of these", asWords(&v.Column)),
			may("label", "HTML: what stands beside or below this text, or one of these", asWords(&v.Label)),
			may("text", "a text made of other values", asTemplate(&v.Text)),
			may("from", "somewhere else than in the body", as(&v.Source, sourceShape, func(d *decoder, n *yaml.Node, p string) Source { return d.source(n, p, v) })),
			may("attr", "an attribute instead of the text", asWord(&v.Attr)),
			may("live", "what was typed or chosen in the field; engine browser", asFlag(&v.Live)),
			may("own", "the element's own text, without its children's", asFlag(&v.Own)),
			may("join", "all that was found, with this between; otherwise the first", asSome(&v.Join)),
			may("match", "the first group, or the whole match", asRegexp(&v.Match)),
			may("filters", "what is done to the text, in order", items(&v.Filters, ref("filter"), (*decoder).filter)),
			may("date", "how a time is written; otherwise ISO 8601", as(&v.Date, ref("date"), (*decoder).date)),
			may("money", "how an amount is written, where it does not show", as(&v.Money, ref("money"), (*decoder).money)),
			may("or", "what is tried when nothing was found", or),
			may("optional", "nothing found is no error", asFlag(&v.Optional)),
			may("default", "what an optional value is when nothing was found", asText(&v.Default)).beside("optional: true"),
		},
		groups: []group{
			{names: []string{"select", "path", "column", "label", "text", "from"}},
			{names: []string{"in", "of", "text", "from"}},
			{names: []string{"attr", "live", "own", "path", "text", "from"}},
		},
	}
}

// asWords reads a text or several, none of them empty.
func asWords(into *[]string) kind { return oneOrMore(into, filled, word) }

func (d *decoder) fallbacks(n *yaml.Node, path string, v *Value) {
	d.oneOrEach(n, path, func(n *yaml.Node, p string) {
		or := d.value(n, p)
		if len(or.Or) > 0 {
			d.fail(n, p, "a fallback has no fallbacks of its own; list them all in one or")
		}
		v.Or = append(v.Or, *or)
	})
}

func sourceKeys(v *Value) object {
	return object{
		keys: []key{
			may("header", "of the answer", asWord(&v.Key)),
			may("cookie", "", asWord(&v.Key)),
			may("storage", "localStorage of the browser", asWord(&v.Key)),
		},
		groups: []group{{need: true, names: []string{"header", "cookie", "storage"}}},
	}
}

func sourceShape() shape { return either(choice(string(FromURL)), keysOf(sourceKeys))() }

// source reads "url", or a mapping with the name of the header, cookie or key.
func (d *decoder) source(n *yaml.Node, path string, v *Value) Source {
	if n.Kind == yaml.ScalarNode {
		s, _ := d.oneOf(n, path, string(FromURL))
		return Source(s)
	}
	if !d.object(n, path, sourceKeys(v)) || len(n.Content) == 0 {
		return FromBody
	}
	return Source(n.Content[0].Value)
}
