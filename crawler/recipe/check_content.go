package recipe

import "slices"

// content is what a value looks in.
type content string

const (
	anyContent content = ""
	inHTML     content = "HTML"
	inJSON     content = "JSON"
)

// spot is where values are read: what is there, and what may be said of it.
type spot struct {
	what  string // that finds it, for the message: "list.rows"
	kind  content
	row   bool // a row has columns
	joins []Join
}

// checkContent finds paths into HTML and selectors into JSON: they would find
// nothing, for ever.
func (d *decoder) checkContent(r *Recipe) {
	if d.failedAt("list.rows") {
		return
	}
	page := spot{what: "list.rows", kind: r.List.Rows.page()}
	row := spot{what: "list.rows", kind: r.List.Rows.kind(), row: true, joins: r.List.Joins}
	d.content("list.rows.in", r.List.Rows.In, spot{what: "the answer"})
	d.content("list.total", r.List.Total, page)
	d.content("list.next.link", r.List.Next.Link, page)
	d.content("list.next.cursor", r.List.Next.Cursor, page)
	d.varContent("list.vars", r.List.Vars, page)
	d.signContent("list.exclude", r.List.Exclude, row)
	d.fieldContent("list.fields", &r.List.Fields, row)
	for i := range r.List.Joins {
		j := &r.List.Joins[i]
		d.content("list.joins."+j.Name+".key", &j.Key, spot{what: "its rows", kind: j.Rows.kind(), row: true})
		d.content("list.joins."+j.Name+".by", &j.By, spot{what: "list.rows", kind: row.kind, row: true})
	}
	d.content("sign_in.proof.identity", r.SignIn.Proof.Identity, spot{what: "sign_in.proof.sign", kind: r.SignIn.Proof.Sign.kind()})
	if r.Detail == nil {
		return
	}
	d.fieldContent("detail.fields", &r.Detail.Fields, spot{what: "detail.found", kind: r.Detail.Found.kind()})
	for i := range r.Detail.More {
		m := &r.Detail.More[i]
		d.fieldContent(morePath(i)+".fields", &m.Fields, spot{what: morePath(i) + ".found", kind: m.Found.kind()})
	}
}

// page is what the answer is that rows stand in.
func (r *Rows) page() content {
	if r.In != nil {
		return r.In.kind()
	}
	return (&Rows{Select: r.Select, Path: r.Path}).kind()
}

// kind is what each row is.
func (r *Rows) kind() content {
	switch {
	case r.Each != nil:
		return anyContent
	case r.Path != nil:
		return inJSON
	case r.Select != nil:
		return inHTML
	}
	return anyContent
}

// kind is what a value has to look in.
func (v *Value) kind() content {
	switch {
	case v.In != nil:
		return v.In.kind()
	case v.Path != nil:
		return inJSON
	case v.Select != nil || v.Column != nil || v.Label != nil || v.Attr != "" || v.Own || v.Live:
		return inHTML
	}
	return anyContent
}

func (s *Sign) kind() content {
	switch {
	case s.Path != nil:
		return inJSON
	case s.Select != nil:
		return inHTML
	}
	return anyContent
}

func (d *decoder) content(path string, v *Value, at spot) {
	if v == nil {
		return
	}
	outer := at
	if v.Of != "" {
		i := slices.IndexFunc(at.joins, func(j Join) bool { return j.Name == v.Of })
		if i < 0 {
			d.failAt(v.line, v.col, path, "of names the join "+short(v.Of)+", which is not known here; list.joins names them, for list.fields")
			return
		}
		at = spot{what: "list.joins." + v.Of + ".rows", kind: at.joins[i].Rows.kind(), row: true}
	}
	switch kind := v.kind(); {
	case kind == inJSON && at.kind == inHTML:
		d.failAt(v.line, v.col, path, "is a JSON path, but "+at.what+" finds HTML; write a selector, or {in: …, path: …} for JSON that stands there")
	case kind == inHTML && at.kind == inJSON:
		d.failAt(v.line, v.col, path, "looks in HTML, but "+at.what+" finds JSON; write a path that begins with $, {in: $.…, select: …} for HTML that stands there, or {text: …} for what is always the same")
	case v.Column != nil && v.In == nil && !at.row:
		d.failAt(v.line, v.col, path, "a column is one of a row; write a label or a selector here")
	}
	d.content(path, v.In, at)
	for i := range v.Or {
		d.content(path, &v.Or[i], outer)
	}
}

func (d *decoder) varContent(path string, vars []Var, at spot) {
	for i := range vars {
		d.content(join(path, vars[i].Name), &vars[i].Value, at)
	}
}

func (d *decoder) signContent(path string, signs []Sign, at spot) {
	for i := range signs {
		if kind := signs[i].kind(); kind != anyContent && at.kind != anyContent && kind != at.kind {
			d.say(path, "looks in %s, but %s finds %s", kind, at.what, at.kind)
		}
	}
}

func (d *decoder) fieldContent(path string, f *Fields, at spot) {
	for _, v := range f.all() {
		d.content(join(path, v.name), v.value, at)
	}
	d.varContent(join(path, "vars"), f.Vars, at)
	l := f.Lines
	if l == nil {
		return
	}
	d.content(join(path, "lines.rows.in"), l.Rows.In, at)
	if kind := l.Rows.kind(); l.Rows.In == nil && l.Rows.Each == nil && kind != at.kind && kind != anyContent && at.kind != anyContent {
		d.say(join(path, "lines.rows"), "looks in %s, but %s finds %s; write {in: …} for what stands there", kind, at.what, at.kind)
	}
	in := spot{what: join(path, "lines.rows"), kind: l.Rows.kind(), row: true}
	d.signContent(join(path, "lines.exclude"), l.Exclude, in)
	for _, v := range l.all() {
		d.content(join(path, "lines."+v.name), v.value, in)
	}
}
