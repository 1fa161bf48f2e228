package recipe

import (
	"fmt"
	"slices"
)

// names is a set of names that have a value somewhere. with never changes it.
type names []string

func (n names) with(more ...string) names { return append(slices.Clone(n), more...) }

// site is known everywhere, but for values that are read while signing in: those
// know the origin alone; person while signing in.
func site() names    { return names{"url", "origin"} }
func outside() names { return names{"origin"} }
func person() names  { return names{"user", "password", "totp"} }

// checkNames holds every template against the names that have a value where it
// is used.
func (d *decoder) checkNames(r *Recipe) {
	session := d.stepNames(r.SignIn.Steps)
	if p := r.SignIn.Person; p != nil {
		d.names("sign_in.person.open", site(), &p.Open)
	}
	d.varNames("sign_in.vars", outside(), r.SignIn.Vars)
	session = session.with(varNames(r.SignIn.Vars)...)
	d.requestNames("sign_in.proof.request", session, &r.SignIn.Proof.Request)
	d.valueNames("sign_in.proof.identity", outside(), r.SignIn.Proof.Identity)
	if r.Heartbeat != nil {
		d.requestNames("heartbeat.request", session, &r.Heartbeat.Request)
	}
	d.listNames(&r.List, session)
	if r.Detail != nil {
		d.detailNames(r, session)
	}
}

// stepNames follows the sign-in: the vars of a step are known from the next.
func (d *decoder) stepNames(steps []Step) names {
	known := site()
	for i := range steps {
		s, path := &steps[i], fmt.Sprintf("sign_in.steps[%d]", i)
		acting := known.with(person()...)
		d.names(path, known, s.Open)
		d.names(path, known.with("user"), s.Get)
		if s.Fill != nil {
			d.names(path+".fill.with", acting, &s.Fill.With)
		}
		if s.Choose != nil {
			d.names(path+".choose.option", acting, &s.Choose.Option)
		}
		if f := s.Submit; f != nil {
			d.names(path+".submit.action", known, f.Action)
			d.pairNames(path+".submit.fields", acting, f.Fields)
		}
		if s.Post != nil {
			d.names(path, known, s.Post.Post)
			d.bodyNames(path, acting, s.Post)
		}
		d.varNames(path+".vars", outside(), s.Vars)
		known = known.with(varNames(s.Vars)...)
	}
	return known
}

func (d *decoder) listNames(l *List, session names) {
	known := session
	if l.Views != nil {
		known = known.with("view").with(viewNames(l.Views)...)
	}
	if l.Next.Page != nil {
		known = known.with("page")
	}
	if l.Next.Offset != nil {
		known = known.with("offset", "size")
	}
	if l.Next.Cursor != nil {
		known = known.with("cursor")
	}
	if !d.failedAt("list.next") && !d.failedAt("list.views") {
		d.requestNames("list.request", known, &l.Request)
	}
	d.valueNames("list.rows.in", site(), l.Rows.In)
	d.valueNames("list.rows.each", site(), l.Rows.Each)
	d.valueNames("list.total", site(), l.Total)
	d.valueNames("list.next.link", site(), l.Next.Link)
	d.valueNames("list.next.cursor", site(), l.Next.Cursor)
	d.varNames("list.vars", site(), l.Vars)
	for i := range l.Joins {
		path := "list.joins." + l.Joins[i].Name
		d.valueNames(path+".key", site(), &l.Joins[i].Key)
		d.valueNames(path+".by", site(), &l.Joins[i].By)
	}
	row := site().with(varNames(l.Vars)...)
	if l.Views != nil {
		row = row.with("view")
	}
	d.fieldNames("list.fields", row, &l.Fields)
}

func (d *decoder) detailNames(r *Recipe, session names) {
	known := session.with("id", "number").with(varNames(r.List.Vars)...).with(varNames(r.List.Fields.Vars)...)
	d.requestNames("detail.request", known, &r.Detail.Request)
	if own := known[len(session):]; !d.failedAt("detail.request") && !slices.ContainsFunc(own, r.Detail.Request.uses) {
		d.say("detail.request", "is the same for every order; write {id} or {number} where it says which")
	}
	d.fieldNames("detail.fields", site(), &r.Detail.Fields)
	known = known.with(varNames(r.Detail.Fields.Vars)...)
	for i := range r.Detail.More {
		m, path := &r.Detail.More[i], morePath(i)
		d.requestNames(path+".request", known, &m.Request)
		d.fieldNames(path+".fields", site(), &m.Fields)
		known = known.with(varNames(m.Fields.Vars)...)
	}
}

func varNames(vars []Var) []string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = v.Name
	}
	return names
}

func (d *decoder) names(path string, known names, templates ...*Template) {
	for _, t := range templates {
		if t == nil {
			continue
		}
		for _, name := range t.Names() {
			if !slices.Contains(known, name) {
				d.failAt(t.line, t.col, path, "{"+name+"} has no value here; "+whence(name, known))
			}
		}
	}
}

// whence says where a name that is not known here has its value, or which name
// was probably meant.
func whence(name string, known names) string {
	switch name {
	case "page", "offset", "cursor":
		return "it is for the list's request, if that is how next counts: next: {" + name + ": …}"
	case "user", "password", "totp":
		return "it is for the steps of the sign-in alone"
	case "id", "number":
		return "it is for the fields and for detail, where there is an order"
	}
	return suggest(name, known)
}

func (d *decoder) failAt(line, col int, path, message string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Col: col, Path: path, Message: message})
}

func (d *decoder) pairNames(path string, known names, pairs []Pair) {
	for i := range pairs {
		d.names(join(path, pairs[i].Name), known, &pairs[i].Value)
	}
}

func (d *decoder) requestNames(path string, known names, r *Request) {
	for i := range r.Get {
		d.names(path, known, &r.Get[i])
	}
	d.names(path, known, r.Post)
	d.bodyNames(path, known, r)
}

func (d *decoder) bodyNames(path string, known names, r *Request) {
	d.names(join(path, "json"), known, r.JSON)
	d.pairNames(join(path, "headers"), known, r.Headers)
	d.pairNames(join(path, "form"), known, r.Form)
	if r.GraphQL != nil {
		d.names(join(path, "graphql.variables"), known, r.GraphQL.Variables)
	}
}

// varNames checks the texts of vars, of which none can be made of another.
func (d *decoder) varNames(path string, known names, vars []Var) {
	for i := range vars {
		d.valueNames(join(path, vars[i].Name), known, &vars[i].Value)
	}
}

func (d *decoder) valueNames(path string, known names, v *Value) {
	if v == nil {
		return
	}
	d.names(path, known, v.Text)
	d.valueNames(path, known, v.In)
	for i := range v.Or {
		d.valueNames(path, known, &v.Or[i])
	}
}

// fieldNames follows the order in which fields are read: the id, the number, the
// vars, all others.
func (d *decoder) fieldNames(path string, known names, f *Fields) {
	d.valueNames(join(path, "id"), known, f.ID)
	known = known.with("id")
	d.valueNames(join(path, "number"), known, f.Number)
	known = known.with("number")
	d.varNames(join(path, "vars"), known, f.Vars)
	known = known.with(varNames(f.Vars)...)
	for _, v := range f.all() {
		if v.value != f.ID && v.value != f.Number {
			d.valueNames(join(path, v.name), known, v.value)
		}
	}
	if f.Lines != nil {
		d.valueNames(join(path, "lines.rows.in"), known, f.Lines.Rows.In)
		for _, v := range f.Lines.all() {
			d.valueNames(join(path, "lines."+v.name), known, v.value)
		}
	}
}
