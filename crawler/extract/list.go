package extract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// maxRows bounds one page of a list: no shop shows more, and memory is finite.
const maxRows = 5000

// List reads one page of the order list, of a view if the recipe has some. Rows
// that cannot be read whole are problems; the good ones are kept. The error is a
// [LayoutError] if there are neither rows nor the recipe's sign of an empty list,
// or if no row at all can be read: then the page has changed, not a row.
func List(r *recipe.Recipe, shop Shop, p recipe.Page, view string) (Listing, error) {
	doc := newDocument(p)
	page := place{doc: doc}
	site := scope{lookup: siteLookup(shop)}
	out := Listing{RowVars: map[string]map[string]string{}, Vars: map[string]string{}}
	if err := pageVars(r, shop, page, &out); err != nil {
		return out, err
	}
	if r.List.Narrowed != nil {
		_, out.Narrowed = signText(r.List.Narrowed, page)
	}
	rows, err := site.rows(page, r.List.Rows, r.List.Exclude)
	if err != nil {
		// A list that is empty may come without the text that holds its rows.
		if r.List.Empty != nil {
			if _, out.Empty = signText(r.List.Empty, page); out.Empty {
				return out, nil
			}
		}
		found := shown(err.Error())
		if r.List.Rows.Path != nil && !errors.Is(err, errNoText) {
			found = cmp.Or(wrongKind(site.rowsText(page, r.List.Rows), true), found)
		}
		return out, layoutError(r, shop.Name, p.URL, "list.rows", rowsWhere(r.List.Rows), found)
	}
	x := newReader(r, shop, doc, "list.fields")
	x.view, x.page = view, page
	for _, at := range rows[:min(len(rows), maxRows)] {
		x.listed(at, p, &out)
	}
	x.parted(&out)
	out.Problems = x.problems
	out.NextURL = nextURL(r, shop, page)
	return out, x.judge(&out)
}

// listed reads a row into the listing.
func (x *reader) listed(at place, p recipe.Page, out *Listing) {
	out.Rows++
	w := x.row(at, order.Order{Shop: x.shop.Name, Seen: p.At})
	maps.Copy(w.vars, out.Vars)
	if at.err != nil {
		w.err = &FieldError{Field: "list.rows.each", Want: where(x.recipe.List.Rows.Each), Why: at.err.Error()}
	} else {
		w.fields(&x.recipe.List.Fields)
	}
	if w.err != nil {
		out.Bad++
		w.err.Rows, w.err.Hint = []int{out.Rows}, headingHint(at, w.err)
		x.bad(w.err)
		return
	}
	maps.Copy(x.good, w.samples)
	id := w.order.ID
	if _, again := out.RowVars[id]; again {
		x.again(w.order, out)
		return
	}
	x.rowNo[id] = out.Rows
	out.Orders = append(out.Orders, w.order)
	out.RowVars[id] = rowVars(x.recipe.List.Fields.Vars, w.vars)
}

// bad tells of a row that cannot be read. Rows without an id that lack the same
// are told of together.
func (x *reader) bad(e *FieldError) {
	x.first = cmp.Or(x.first, e)
	good := shown(x.good[short(e.Field, "list.fields.")])
	key := fmt.Sprint(e.Field, e.Found, e.Why)
	if e.Order == "" {
		if at, known := x.nameless[key]; known {
			at.err.Rows = append(at.err.Rows, e.Rows...)
			x.problems[at.place] = at.err.problem(order.BadRow, x.recipe.Name, good)
			return
		}
		x.nameless[key] = badRows{place: len(x.problems), err: e}
	}
	x.problems = append(x.problems, e.problem(order.BadRow, x.recipe.Name, good))
}

// badRows are rows that lack the same.
type badRows struct {
	place int // of their problem
	err   *FieldError
}

// headingHint says how a row that is no order, but a heading, is left out.
func headingHint(at place, e *FieldError) string {
	if e.Order != "" || at.sel == nil || at.sel.Find("th").Length() == 0 {
		return ""
	}
	if at.sel.Find("td").Length() == 0 {
		return "its cells are th: if it is a heading, leave such rows out with exclude: th, beside list.rows"
	}
	return "it has th cells: if it is a heading, leave it out with exclude, beside list.rows"
}

func short(field, prefix string) string { return field[min(len(prefix), len(field)):] }

// judge tells an empty list from a page that is none.
func (x *reader) judge(out *Listing) error {
	r, page := x.recipe, x.page
	url := page.doc.page.URL
	switch {
	case out.Rows == 0:
		if r.List.Empty != nil {
			_, out.Empty = signText(r.List.Empty, page)
		}
		if !out.Empty {
			found := ""
			if r.List.Rows.Select != nil {
				found = wrongKind(scope{lookup: siteLookup(x.shop)}.rowsText(page, r.List.Rows), false)
			}
			err := layoutError(r, x.shop.Name, url, "list.rows", rowsWhere(r.List.Rows), found)
			err.Near = nearest(page, &recipe.Value{Path: r.List.Rows.Path, Select: r.List.Rows.Select})
			return err
		}
	case len(out.Orders) == 0:
		first := x.first
		err := layoutError(r, x.shop.Name, url, first.Field, first.Want, first.nothingBetter())
		err.Near = first.Near
		return err
	}
	return nil
}

func pageVars(r *recipe.Recipe, shop Shop, page place, out *Listing) error {
	s := scope{lookup: siteLookup(shop)}
	for _, v := range r.List.Vars {
		found := s.read(page, &v.Value, maxVar)
		if found.text == "" && !v.Value.Optional {
			err := layoutError(r, shop.Name, page.doc.page.URL, "list.vars."+v.Name, where(&v.Value), s.instead(page, "vars."+v.Name, &v.Value))
			err.Near = nearest(page, &v.Value)
			return err
		}
		out.Vars[v.Name] = found.text
	}
	if r.List.Total != nil {
		t := s.read(page, r.List.Total, maxText)
		if n, err := strconv.Atoi(apply(recipe.Filter{Name: recipe.FilterDigits}, t.text)); err == nil {
			out.Total, out.HasTotal = n, true
		}
	}
	if r.List.Next.Cursor != nil {
		out.Cursor = s.read(page, r.List.Next.Cursor, maxVar).text
		out.HasCursor = out.Cursor != ""
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
