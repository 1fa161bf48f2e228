package recipe

import "slices"

// checkNames holds every template against the names that have a value where it
// is used.
func (d *decoder) checkNames(r *Recipe) {
	site := []string{"url", "origin"}
	person := []string{"url", "origin", "user", "password"}
	for _, s := range r.SignIn.Steps {
		d.names("sign_in.steps", site, s.Open)
		if s.Fill != nil {
			d.names("sign_in.steps", person, &s.Fill.With)
		}
	}
	if f := r.SignIn.Form; f != nil {
		d.names("sign_in.form", site, &f.Open, f.Action)
		d.pairNames("sign_in.form.fields", person, f.Fields)
	}
	d.varNames("sign_in.vars", site, r.SignIn.Vars)
	session := append(slices.Clone(site), varNames(r.SignIn.Vars)...)
	d.requestNames("sign_in.proof.request", session, &r.SignIn.Proof.Request)

	list := session
	if r.List.Next.Page != nil {
		list = append(slices.Clone(list), "page")
	}
	if r.List.Next.Offset != nil {
		list = append(slices.Clone(list), "offset", "size")
	}
	d.requestNames("list.request", list, &r.List.Request)
	d.varNames("list.vars", site, r.List.Vars)
	row := append([]string{"id", "number"}, append(slices.Clone(site), varNames(r.List.Vars)...)...)
	d.fieldNames("list.fields", row, &r.List.Fields)
	if r.Detail != nil {
		detail := append([]string{"id", "number"}, session...)
		detail = append(detail, varNames(r.List.Vars)...)
		detail = append(detail, varNames(r.List.Fields.Vars)...)
		d.requestNames("detail.request", detail, &r.Detail.Request)
		d.fieldNames("detail.fields", append([]string{"id", "number"}, site...), &r.Detail.Fields)
	}
}

func varNames(vars []Var) []string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = v.Name
	}
	return names
}

func (d *decoder) names(path string, known []string, templates ...*Template) {
	for _, t := range templates {
		if t == nil {
			continue
		}
		for _, name := range t.Names() {
			if !slices.Contains(known, name) {
				d.failAt(t.line, t.col, path, "{"+name+"} has no value here; "+suggest(name, known))
			}
		}
	}
}

func (d *decoder) pairNames(path string, known []string, pairs []Pair) {
	for i := range pairs {
		d.names(join(path, pairs[i].Name), known, &pairs[i].Value)
	}
}

func (d *decoder) requestNames(path string, known []string, r *Request) {
	for i := range r.Get {
		d.names(path, known, &r.Get[i])
	}
	d.names(path, known, r.Post, r.JSON)
	d.pairNames(join(path, "headers"), known, r.Headers)
	d.pairNames(join(path, "form"), known, r.Form)
	if r.GraphQL != nil {
		d.names(join(path, "graphql.variables"), known, r.GraphQL.Variables)
	}
}

func (d *decoder) varNames(path string, known []string, vars []Var) {
	for i := range vars {
		d.valueNames(join(path, vars[i].Name), known, &vars[i].Value)
	}
}

func (d *decoder) valueNames(path string, known []string, v *Value) {
	if v == nil {
		return
	}
	d.names(path, known, v.Text)
	for i := range v.Or {
		d.names(path, known, v.Or[i].Text)
	}
}

func (d *decoder) fieldNames(path string, known []string, f *Fields) {
	// The id comes first and number second: neither can be made of itself.
	d.valueNames(join(path, "id"), without(known, "id", "number"), f.ID)
	d.valueNames(join(path, "number"), without(known, "number"), f.Number)
	for _, v := range f.all() {
		if v.value != f.ID && v.value != f.Number {
			d.valueNames(join(path, v.name), known, v.value)
		}
	}
	d.varNames(join(path, "vars"), known, f.Vars)
}

func without(names []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(drop, n) })
}

// named is a field with its name in the YAML.
type named struct {
	name  string
	value *Value
}

// all lists the fields that are set, in the order of the language.
func (f *Fields) all() []named {
	every := []named{
		{"id", f.ID}, {"number", f.Number}, {"status", f.Status}, {"code", f.Code},
		{"created", f.Created}, {"updated", f.Updated}, {"closes", f.Closes},
		{"total", f.Total}, {"currency", f.Currency}, {"name", f.Name}, {"email", f.Email},
		{"phone", f.Phone}, {"payment", f.Payment}, {"refunded", f.Refunded}, {"link", f.Link},
	}
	return slices.DeleteFunc(every, func(n named) bool { return n.value == nil })
}
