package extract

import (
	"maps"
	"net/url"
	"strconv"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// maxRows bounds one page of a list: no shop shows more, and memory is finite.
const maxRows = 5000

// List reads one page of the order list. Rows that cannot be read whole are
// problems; the good ones are kept. The error is a [LayoutError] if there are
// neither rows nor the recipe's sign of an empty list, or if no row at all can
// be read: then the page has changed, not a row.
func List(r *recipe.Recipe, shop Shop, p recipe.Page) (Listing, error) {
	doc := newDocument(p)
	page := place{doc: doc}
	out := Listing{RowVars: map[string]map[string]string{}, Vars: map[string]string{}}
	if err := pageVars(r, shop, page, &out); err != nil {
		return out, err
	}
	rows, err := page.rows(r.List.Rows)
	if err != nil {
		return out, layoutError(r, shop.Name, p.URL, "list.rows", rowsWhere(r.List.Rows), shown(err.Error()))
	}
	x := newReader(r, shop, doc, "list.fields")
	seen := map[string]bool{}
	for _, at := range rows {
		if anySign(r.List.Exclude, at) || out.Rows == maxRows {
			continue
		}
		out.Rows++
		w := x.row(at, order.Order{Shop: shop.Name, Seen: p.At})
		maps.Copy(w.vars, out.Vars)
		w.fields(&r.List.Fields)
		if w.err != nil {
			x.problems = append(x.problems, w.err.problem(order.BadRow, r.Name, shown(x.good[short(w.err.Field, "list.fields.")])))
			continue
		}
		maps.Copy(x.good, w.samples)
		if !seen[w.order.ID] {
			seen[w.order.ID] = true
			out.Orders = append(out.Orders, w.order)
			out.RowVars[w.order.ID] = rowVars(r.List.Fields.Vars, w.vars)
		}
	}
	out.Problems = x.problems
	out.NextURL = nextURL(r, shop, page)
	return out, judgeListing(r, shop, page, &out)
}

func short(field, prefix string) string { return field[min(len(prefix), len(field)):] }

// judgeListing tells an empty list from a page that is none.
func judgeListing(r *recipe.Recipe, shop Shop, page place, out *Listing) error {
	url := page.doc.page.URL
	switch {
	case out.Rows == 0:
		if r.List.Empty != nil {
			_, out.Empty = signText(r.List.Empty, page)
		}
		if !out.Empty {
			return layoutError(r, shop.Name, url, "list.rows", rowsWhere(r.List.Rows), "")
		}
	case len(out.Orders) == 0:
		first := out.Problems[0]
		found := "nothing of use in any row"
		if first.Found != "" {
			found = strconv.Quote(first.Found) + ", and nothing better in any row"
		}
		return layoutError(r, shop.Name, url, first.Field, first.Select, found)
	}
	return nil
}

func pageVars(r *recipe.Recipe, shop Shop, page place, out *Listing) error {
	s := scope{lookup: siteLookup(shop)}
	for _, v := range r.List.Vars {
		found := s.read(page, &v.Value, maxVar)
		if found.text == "" && !v.Value.Optional {
			return layoutError(r, shop.Name, page.doc.page.URL, "list.vars."+v.Name, where(&v.Value), "")
		}
		out.Vars[v.Name] = found.text
	}
	if r.List.Total != nil {
		t := s.read(page, r.List.Total, maxText)
		if n, err := strconv.Atoi(apply(recipe.Filter{Name: recipe.FilterDigits}, t.text)); err == nil {
			out.Total, out.HasTotal = n, true
		}
	}
	return nil
}

func siteLookup(shop Shop) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "url":
			return shop.URL, true
		case "origin":
			return origin(shop.URL), true
		}
		return "", false
	}
}

// origin is scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func rowVars(vars []recipe.Var, all map[string]string) map[string]string {
	out := map[string]string{}
	for _, v := range vars {
		out[v.Name] = all[v.Name]
	}
	return out
}

func rowsWhere(r recipe.Rows) string {
	if r.Path != nil {
		return r.Path.Source
	}
	return r.Select.Source
}

// nextURL is the address of the following page, "" if there is none.
func nextURL(r *recipe.Recipe, shop Shop, page place) string {
	if r.List.Next.Link == nil {
		return ""
	}
	found := scope{lookup: siteLookup(shop)}.read(page, r.List.Next.Link, maxVar)
	if found.text == "" || found.text == "#" {
		return ""
	}
	// A link to another host is for the caller to refuse: dropped here, the list
	// would seem to end.
	next, err := page.base().Parse(found.text)
	if err != nil || next.Scheme == "javascript" {
		return ""
	}
	next.Fragment = ""
	return next.String()
}

// base is the address that a page's relative links start from: its <base>, if
// it has one, else its own.
func (p place) base() *url.URL {
	here, err := url.Parse(p.doc.page.URL)
	if err != nil {
		return &url.URL{}
	}
	if root, err := p.doc.html(); err == nil {
		if href, ok := root.Find("base[href]").First().Attr("href"); ok {
			if b, err := here.Parse(href); err == nil {
				return b
			}
		}
	}
	return here
}
