package extract

import (
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Detail completes an order from its own page. What the page does not say stays
// as it was in base. The error is
//   - [ErrNoOrder] if the shop says that there is no such order,
//   - a [LayoutError] if the page is no order's page at all,
//   - a [FieldError] if a field could not be read; then base comes back as it
//     was, and the problem is also among the problems.
func Detail(r *recipe.Recipe, shop Shop, p recipe.Page, base order.Order) (order.Order, []order.Problem, error) {
	doc := newDocument(p)
	page := place{doc: doc}
	if r.Detail.Missing != nil {
		if _, gone := signText(r.Detail.Missing, page); gone {
			return base, nil, ErrNoOrder
		}
	}
	if _, ok := signText(&r.Detail.Found, page); !ok {
		return base, nil, layoutError(r, shop.Name, p.URL, "detail.found", signWhere(&r.Detail.Found), "")
	}
	x := newReader(r, shop, doc, "detail.fields")
	w := x.row(page, base)
	w.order.Shop = shop.Name
	w.fields(&r.Detail.Fields)
	if w.err != nil {
		return base, append(x.problems, w.err.problem(order.BadDetail, r.Name, "")), w.err
	}
	w.order.Seen, w.order.Looked = p.At, p.At
	return w.order, x.problems, nil
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
	s := scope{env: env, lookup: func(name string) (string, bool) {
		if name == "origin" {
			return origin(p.URL), true
		}
		return "", false
	}}
	for _, v := range vs {
		found := s.read(page, &v.Value, maxVar)
		if found.text == "" && !v.Value.Optional {
			return nil, &LayoutError{URL: bare(p.URL), Field: "vars." + v.Name, Want: where(&v.Value)}
		}
		out[v.Name] = found.text
	}
	return out, nil
}
