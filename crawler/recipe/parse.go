package recipe

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// maxSize bounds a recipe file; the longest built-in has some 8 KB.
const maxSize = 1 << 20

var errBadPath = errors.New("it does not parse")

// Parse reads a recipe. The error is [Problems]: every mistake at once, each
// with its place and the mend. The name is the file's, for the problems.
func Parse(name string, src []byte) (*Recipe, error) {
	d := &decoder{file: name}
	r := &Recipe{}
	if root := d.document(src); root != nil {
		d.recipe(root, r)
		d.check(r)
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, d.problems
	}
	return r, nil
}

// document parses the YAML itself; nil if there is nothing to go on with.
func (d *decoder) document(src []byte) *yaml.Node {
	if len(src) > maxSize {
		d.problems = append(d.problems, Problem{File: d.file, Message: "is larger than 1 MiB; this is not a recipe"})
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		d.problems = append(d.problems, syntaxProblem(d.file, err))
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		d.problems = append(d.problems, Problem{File: d.file, Message: "is empty; a recipe begins with schema: 1"})
		return nil
	}
	return doc.Content[0]
}

func (d *decoder) recipe(n *yaml.Node, r *Recipe) {
	d.mapping(n, "",
		key{"schema", true, func(n *yaml.Node, p string) { r.Schema = d.number(n, p, 1, 1) }},
		key{"name", true, func(n *yaml.Node, p string) { r.Name, _ = d.word(n, p) }},
		key{"title", false, func(n *yaml.Node, p string) { r.Title, _ = d.word(n, p) }},
		key{"about", false, func(n *yaml.Node, p string) { r.About, _ = d.text(n, p) }},
		key{"proven", false, func(n *yaml.Node, p string) { r.Proven, _ = d.text(n, p) }},
		key{"marks", false, func(n *yaml.Node, p string) { r.Marks, _ = d.text(n, p) }},
		key{"charset", false, func(n *yaml.Node, p string) { r.Charset = d.charset(n, p) }},
		key{"delay", false, func(n *yaml.Node, p string) { r.Delay = d.duration(n, p, time.Minute) }},
		key{"sign_in", true, func(n *yaml.Node, p string) { d.signIn(n, p, &r.SignIn) }},
		key{"signed_out", true, func(n *yaml.Node, p string) { r.SignedOut = d.signs(n, p) }},
		key{"list", true, func(n *yaml.Node, p string) { d.list(n, p, &r.List) }},
		key{"detail", false, func(n *yaml.Node, p string) { r.Detail = d.detail(n, p) }},
		key{"statuses", true, func(n *yaml.Node, p string) { r.Statuses = d.statuses(n, p) }},
		key{"allow", false, func(n *yaml.Node, p string) { r.Allow = d.allow(n, p) }},
		key{"deny", false, func(n *yaml.Node, p string) {
			d.each(n, p, func(n *yaml.Node, p string) {
				if re := d.regexp(n, p); re != nil {
					r.Deny = append(r.Deny, re)
				}
			})
		}},
	)
}

// list reads how the order list is read.
func (d *decoder) list(n *yaml.Node, path string, l *List) {
	d.mapping(n, path,
		key{"request", true, func(n *yaml.Node, p string) { l.Request = d.request(n, p) }},
		key{"rows", true, func(n *yaml.Node, p string) { l.Rows = d.rows(n, p) }},
		key{"exclude", false, func(n *yaml.Node, p string) { l.Exclude = d.signs(n, p) }},
		key{"empty", false, func(n *yaml.Node, p string) { s := d.sign(n, p); l.Empty = &s }},
		key{"sorted", false, func(n *yaml.Node, p string) { l.Sorted = d.flag(n, p) }},
		key{"next", false, func(n *yaml.Node, p string) { l.Next = d.next(n, p) }},
		key{"total", false, func(n *yaml.Node, p string) { l.Total = d.value(n, p) }},
		key{"vars", false, func(n *yaml.Node, p string) { l.Vars = d.vars(n, p) }},
		key{"fields", true, func(n *yaml.Node, p string) { d.fields(n, p, &l.Fields, "id", "status") }},
	)
}

// next reads how the following page is reached; exactly one way.
func (d *decoder) next(n *yaml.Node, path string) Next {
	var next Next
	d.mapping(n, path,
		key{"link", false, func(n *yaml.Node, p string) { next.Link = d.address(n, p) }},
		key{"page", false, func(n *yaml.Node, p string) { next.Page = &PageNumber{First: d.number(n, p, 0, 1)} }},
		key{"offset", false, func(n *yaml.Node, p string) { next.Offset = &Offset{Size: d.number(n, p, 1, 1000)} }},
		key{"click", false, func(n *yaml.Node, p string) { next.Click = d.selector(n, p) }},
	)
	if n.Kind == yaml.MappingNode {
		if c := count(next.Link != nil, next.Page != nil, next.Offset != nil, next.Click != nil); c > 1 {
			d.fail(n, path, "link, page, offset and click exclude each other; keep one")
		} else if c == 0 && len(n.Content) == 0 {
			d.fail(n, path, "is empty; write link, page, offset or click, or drop next for a list of one page")
		}
	}
	return next
}

// address reads a value that is an address: of an element, its href.
func (d *decoder) address(n *yaml.Node, path string) *Value {
	v := d.value(n, path)
	for _, each := range append([]*Value{v}, pointers(v.Or)...) {
		if each.Select != nil && each.Attr == "" && !each.Live && !each.Own {
			each.Attr = "href"
		}
	}
	return v
}

func pointers(values []Value) []*Value {
	out := make([]*Value, len(values))
	for i := range values {
		out[i] = &values[i]
	}
	return out
}

// detail reads how an order's own page is read.
func (d *decoder) detail(n *yaml.Node, path string) *Detail {
	detail := &Detail{}
	d.mapping(n, path,
		key{"request", true, func(n *yaml.Node, p string) { detail.Request = d.request(n, p) }},
		key{"found", true, func(n *yaml.Node, p string) { detail.Found = d.sign(n, p) }},
		key{"missing", false, func(n *yaml.Node, p string) { s := d.sign(n, p); detail.Missing = &s }},
		key{"fields", true, func(n *yaml.Node, p string) { d.fields(n, p, &detail.Fields, "status") }},
	)
	return detail
}

// fields reads the facts of an order; those named must be there.
func (d *decoder) fields(n *yaml.Node, path string, f *Fields, needed ...string) {
	into := func(name string, target **Value) key {
		return key{name, slices.Contains(needed, name), func(n *yaml.Node, p string) { *target = d.value(n, p) }}
	}
	d.mapping(n, path,
		into("id", &f.ID), into("number", &f.Number), into("status", &f.Status), into("code", &f.Code),
		into("created", &f.Created), into("updated", &f.Updated), into("closes", &f.Closes),
		into("total", &f.Total), into("currency", &f.Currency),
		into("name", &f.Name), into("email", &f.Email), into("phone", &f.Phone),
		into("payment", &f.Payment), into("refunded", &f.Refunded),
		key{"link", false, func(n *yaml.Node, p string) { f.Link = d.address(n, p) }},
		key{"lines", false, func(n *yaml.Node, p string) { f.Lines = d.lines(n, p) }},
		key{"vars", false, func(n *yaml.Node, p string) { f.Vars = d.vars(n, p) }},
	)
}

func (d *decoder) lines(n *yaml.Node, path string) *Lines {
	l := &Lines{}
	d.mapping(n, path,
		key{"from", false, func(n *yaml.Node, p string) { l.From = d.value(n, p) }},
		key{"rows", true, func(n *yaml.Node, p string) { l.Rows = d.rows(n, p) }},
		key{"exclude", false, func(n *yaml.Node, p string) { l.Exclude = d.signs(n, p) }},
		key{"title", true, func(n *yaml.Node, p string) { l.Title = d.value(n, p) }},
		key{"sku", false, func(n *yaml.Node, p string) { l.SKU = d.value(n, p) }},
		key{"quantity", false, func(n *yaml.Node, p string) { l.Quantity = d.value(n, p) }},
		key{"total", false, func(n *yaml.Node, p string) { l.Total = d.value(n, p) }},
	)
	return l
}

// vars reads named values, in their order.
func (d *decoder) vars(n *yaml.Node, path string) []Var {
	var vars []Var
	d.pairs(n, path, func(name string, at, value *yaml.Node, p string) {
		if !validName(name) {
			d.fail(at, p, "is not a name; names are lower case letters, digits and _")
		} else if slices.Contains(reserved(), name) {
			d.fail(at, p, "is a name that every template knows already; choose another")
		}
		vars = append(vars, Var{Name: name, Value: *d.value(value, p)})
	})
	return vars
}
