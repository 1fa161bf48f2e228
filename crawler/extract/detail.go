package extract

import (
	"fmt"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Detail completes an order from its own page. What the page does not say stays
// as it was in base. Besides the order come the vars that its page gives, for the
// requests of further pages. The error is
//   - [ErrNoOrder] if the shop says that there is no such order,
//   - a [LayoutError] if the page is no order's page at all,
//   - a [FieldError] if a field could not be read; then base comes back as it
//     was, and the problem is also among the problems.
func Detail(r *recipe.Recipe, shop Shop, p recipe.Page, base order.Order) (order.Order, map[string]string, []order.Problem, error) {
	page := place{doc: newDocument(p)}
	if r.Detail.Missing != nil {
		if _, gone := signText(r.Detail.Missing, page); gone {
			return base, nil, nil, ErrNoOrder
		}
	}
	part := part{section: "detail", found: &r.Detail.Found, fields: &r.Detail.Fields}
	o, vars, problems, err := part.read(r, shop, page, base)
	if err == nil {
		o.Seen, o.Looked = p.At, p.At
	}
	return o, vars, problems, err
}

// More completes an order from a further page of it, the i-th of the recipe. It
// answers as [Detail] does.
func More(r *recipe.Recipe, i int, shop Shop, p recipe.Page, base order.Order) (order.Order, map[string]string, []order.Problem, error) {
	m := &r.Detail.More[i]
	part := part{section: fmt.Sprintf("detail.more[%d]", i), found: &m.Found, fields: &m.Fields}
	return part.read(r, shop, place{doc: newDocument(p)}, base)
}

// part is a page of an order.
type part struct {
	section string
	found   *recipe.Sign
	fields  *recipe.Fields
}

func (d part) read(r *recipe.Recipe, shop Shop, page place, base order.Order) (order.Order, map[string]string, []order.Problem, error) {
	if _, ok := signText(d.found, page); !ok {
		err := layoutError(r, shop.Name, page.doc.page.URL, d.section+".found", signWhere(d.found), "")
		err.Near = nearest(page, &recipe.Value{Path: d.found.Path, Select: d.found.Select})
		return base, nil, nil, err
	}
	x := newReader(r, shop, page.doc, d.section+".fields")
	x.page = page
	w := x.row(page, base)
	w.order.Shop = shop.Name
	w.fields(d.fields)
	if w.err != nil {
		return base, nil, append(x.problems, w.err.problem(order.BadDetail, r.Name, "")), w.err
	}
	return w.order, rowVars(d.fields.Vars, w.vars), x.problems, nil
}

func signWhere(s *recipe.Sign) string {
	switch {
	case s.Select != nil:
		return s.Select.Source
	case s.Path != nil:
		return s.Path.Source
	case s.Match != nil:
		return s.Match.String()
	}
	return ""
}

// Vars reads named texts from a page and its surroundings. One that is not
// there and not optional is a [LayoutError].
func Vars(vs []recipe.Var, p recipe.Page, env Env) (map[string]string, error) {
	out := map[string]string{}
	page := place{doc: newDocument(p)}
	s := around(p, env)
	for _, v := range vs {
		found := s.read(page, &v.Value, maxVar)
		if found.text == "" && !v.Value.Optional {
			return nil, &LayoutError{URL: bare(p.URL), Field: "vars." + v.Name, Want: where(&v.Value), Near: nearest(page, &v.Value)}
		}
		out[v.Name] = found.text
	}
	return out, nil
}

// Text reads one text from a page and its surroundings; false if it is not
// there or empty.
func Text(v *recipe.Value, p recipe.Page, env Env) (string, bool) {
	t := around(p, env).read(place{doc: newDocument(p)}, v, maxText).text
	return t, t != ""
}

func around(p recipe.Page, env Env) scope {
	return scope{env: env, lookup: func(name string) (string, bool) {
		if name == "origin" {
			return origin(p.URL), true
		}
		return "", false
	}}
}

// Detect gives the first of the recipes that knows the page at a shop's address
// as that of its kind of back-office; nil if none does.
func Detect(recipes []*recipe.Recipe, p recipe.Page) *recipe.Recipe {
	page := place{doc: newDocument(p)}
	for _, r := range recipes {
		if anySign(r.Detect, page) {
			return r
		}
	}
	return nil
}
