package recipe

import (
	"regexp"
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/ohler55/ojg/jp"
	"go.yaml.in/yaml/v4"
)

func (d *decoder) selector(n *yaml.Node, path string) *Selector {
	s, ok := d.word(n, path)
	if !ok {
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

// rows reads a selector or a JSON path: a text that begins with $ is a path.
func (d *decoder) rows(n *yaml.Node, path string) Rows {
	if isPath(n) {
		return Rows{Path: d.path(n, path)}
	}
	return Rows{Select: d.selector(n, path)}
}

func isPath(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && strings.HasPrefix(n.Value, "$")
}

// value reads how one text is taken. A plain text is a selector, or a path if
// it begins with $.
func (d *decoder) value(n *yaml.Node, path string) *Value { return d.valueAt(n, path, 0) }

func (d *decoder) valueAt(n *yaml.Node, path string, depth int) *Value {
	v := &Value{line: n.Line, col: n.Column}
	if n.Kind == yaml.ScalarNode {
		if isPath(n) {
			v.Path = d.path(n, path)
		} else {
			v.Select = d.selector(n, path)
		}
		return v
	}
	hasDefault := false
	ok := d.mapping(n, path,
		key{"select", false, func(n *yaml.Node, p string) { v.Select = d.selector(n, p) }},
		key{"path", false, func(n *yaml.Node, p string) { v.Path = d.path(n, p) }},
		key{"text", false, func(n *yaml.Node, p string) { v.Text = d.template(n, p) }},
		key{"from", false, func(n *yaml.Node, p string) { d.source(n, p, v) }},
		key{"attr", false, func(n *yaml.Node, p string) { v.Attr, _ = d.word(n, p) }},
		key{"live", false, func(n *yaml.Node, p string) { v.Live = d.flag(n, p) }},
		key{"own", false, func(n *yaml.Node, p string) { v.Own = d.flag(n, p) }},
		key{"join", false, func(n *yaml.Node, p string) {
			if s, ok := d.text(n, p); ok {
				v.Join = &s
			}
		}},
		key{"match", false, func(n *yaml.Node, p string) { v.Match = d.regexp(n, p) }},
		key{"filters", false, func(n *yaml.Node, p string) {
			d.each(n, p, func(n *yaml.Node, p string) { v.Filters = append(v.Filters, d.filter(n, p)) })
		}},
		key{"date", false, func(n *yaml.Node, p string) { v.Date = d.date(n, p) }},
		key{"money", false, func(n *yaml.Node, p string) { v.Money = d.money(n, p) }},
		key{"or", false, func(n *yaml.Node, p string) { d.fallbacks(n, p, v, depth) }},
		key{"optional", false, func(n *yaml.Node, p string) { v.Optional = d.flag(n, p) }},
		key{"default", false, func(n *yaml.Node, p string) { v.Default, _ = d.text(n, p); hasDefault = true }},
	)
	if ok {
		d.checkValue(n, path, v, hasDefault)
	}
	return v
}

func (d *decoder) fallbacks(n *yaml.Node, path string, v *Value, depth int) {
	if depth > 0 {
		d.fail(n, path, "a fallback has no fallbacks of its own; list them all in one or")
		return
	}
	d.oneOrEach(n, path, func(n *yaml.Node, p string) { v.Or = append(v.Or, *d.valueAt(n, p, depth+1)) })
}

func (d *decoder) checkValue(n *yaml.Node, path string, v *Value, hasDefault bool) {
	if hasDefault && !v.Optional {
		d.fail(n, join(path, "default"), "is never used without optional: true; add it, or drop the default")
	}
	body := v.Path != nil || v.Select != nil
	switch {
	case v.Text != nil && (body || v.Source != FromBody):
		d.fail(n, path, "text makes a text of its own; drop select, path and from")
	case v.Source != FromBody && body:
		d.fail(n, path, "from reads somewhere else than in the body; drop select and path")
	}
	if v.Select == nil && (v.Attr != "" || v.Live || v.Own) && v.Path != nil {
		d.fail(n, path, "attr, live and own need a select: JSON has none of them")
	}
	if count(v.Attr != "", v.Live, v.Own) > 1 {
		d.fail(n, path, "attr, live and own exclude each other; keep one")
	}
}

func count(flags ...bool) int {
	n := 0
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// source reads "url", or a mapping with the name of the header, cookie or key.
func (d *decoder) source(n *yaml.Node, path string, v *Value) {
	if n.Kind == yaml.ScalarNode {
		if _, ok := d.oneOf(n, path, string(FromURL)); ok {
			v.Source = FromURL
		}
		return
	}
	set := func(s Source) func(*yaml.Node, string) {
		return func(n *yaml.Node, p string) {
			if v.Source != FromBody {
				d.fail(n, p, "a value comes from one place; keep one")
			}
			v.Source = s
			v.Key, _ = d.word(n, p)
		}
	}
	d.mapping(n, path,
		key{"header", false, set(FromHeader)},
		key{"cookie", false, set(FromCookie)},
		key{"storage", false, set(FromStorage)},
	)
	if v.Source == FromBody {
		d.fail(n, path, "must be url, or one of header, cookie, storage with a name")
	}
}
