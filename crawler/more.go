package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// more reads the further pages of an order, such as its customer's. What was
// read before is vars, what each page gives is added to them.
func (t *trip) more(ctx context.Context, o order.Order, vars map[string]string) (order.Order, []order.Problem, error) {
	var all []order.Problem
	for i := range t.shop.Recipe.Detail.More {
		req := &t.shop.Recipe.Detail.More[i].Request
		if nobody(req, vars) {
			continue
		}
		what := fmt.Sprintf("page %d of order %s", i+2, o.ID)
		p, err := t.page(ctx, call{what: what, req: req, vars: vars, one: true})
		if err != nil {
			return o, all, err
		}
		if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
			all = append(all, order.Problem{
				Kind: order.BadDetail, Order: o.ID,
				Text: fmt.Sprintf("order %s: the shop does not have its further page (detail.more[%d]; it answered %d); the order is kept without what would stand there", o.ID, i, p.Status),
			})
			continue
		}
		if !t.sameOne(req, p, vars) {
			return o, all, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: errors.New("the shop leads to another page")}
		}
		full, found, problems, err := t.readMore(i, what, p, o)
		all = append(all, problems...)
		if err != nil {
			return o, all, err
		}
		o = full
		maps.Copy(vars, found)
	}
	return o, all, nil
}

// nobody reports whether a request asks for something that the order does not
// have: an order of a guest has no customer.
func nobody(req *recipe.Request, vars map[string]string) bool {
	for _, name := range requestNames(req) {
		if value, ok := vars[name]; ok && value == "" {
			return true
		}
	}
	return false
}

// sameOne reports whether the address that answered may still be of the customer
// that was asked for: nothing on such a page says whose order it was asked for.
func (t *trip) sameOne(req *recipe.Request, p recipe.Page, vars map[string]string) bool {
	if req.Capture != nil || req.Post != nil || p.URL == t.asked {
		return true
	}
	var asked []string
	for _, name := range requestNames(req) {
		if value := vars[name]; value != "" && holds(t.asked, value) {
			asked = append(asked, value)
		}
	}
	if u, err := url.Parse(t.asked); err == nil && asked == nil { // a link of the page
		asked = numbers.FindAllString(u.Path+"?"+u.RawQuery, -1)
	}
	return asked == nil || slices.ContainsFunc(asked, func(value string) bool { return holds(p.URL, value) })
}

var numbers = regexp.MustCompile(`\b\d+\b`)

func (t *trip) readMore(i int, what string, p recipe.Page, o order.Order) (order.Order, map[string]string, []order.Problem, error) {
	if p.Status >= http.StatusBadRequest {
		return o, nil, nil, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: fmt.Errorf("it answered %d", p.Status)}
	}
	full, found, problems, err := extract.More(t.shop.Recipe, i, t.shop.Shop, p, o)
	var layout *extract.LayoutError
	switch {
	case errors.As(err, &layout):
		return o, nil, problems, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: err}
	case err != nil:
		t.savePage("order", p)
		return o, nil, problems, fmt.Errorf("shop %s: %w", t.shop.Name, err)
	case full.ID != o.ID:
		return o, nil, nil, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: fmt.Errorf("it shows order %.40q instead", full.ID)}
	}
	return full, found, problems, nil
}
