package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"nudged/crawler/extract"
	"nudged/store/order"
)

// strangeDetails in a row mean that the recipe does not fit the order page any
// more; opening the others would only cost the shop.
const strangeDetails = 3

// details reads the own pages of the orders that are worth it, and completes
// them in place.
func (v *visit) details(ctx context.Context) error {
	if v.shop.Recipe.Detail == nil {
		return nil
	}
	var wanted []int
	for i, o := range v.out.Orders {
		if v.wants(o) {
			wanted = append(wanted, i)
		}
	}
	strange := 0
	for n, i := range wanted {
		v.progress(n+1, len(wanted), "orders")
		base := v.out.Orders[i]
		full, problems, err := v.detail(ctx, base, v.rowVars[base.ID])
		v.out.Problems = append(v.out.Problems, problems...)
		var layout *LayoutError
		var field *extract.FieldError
		switch {
		case err == nil:
			strange = 0
			v.out.Orders[i] = full
		case errors.As(err, &field): // about this order alone, and among the problems
		case errors.Is(err, ErrNoOrder):
			v.badDetail(base, "the list shows this order, its own page does not; it is kept as the list has it")
		case errors.As(err, &layout):
			v.badDetail(base, err.Error())
			if strange++; strange == strangeDetails || strange == len(wanted) {
				return err
			}
		default:
			return err
		}
	}
	return nil
}

// wants reports whether an order's own page is worth a request: it is unpaid or
// closed, and new, changed, or never looked at.
func (v *visit) wants(o order.Order) bool {
	if !o.Status.WantsDetail() {
		return false
	}
	if v.known.Seen == nil {
		return true
	}
	before, ok := v.known.Seen(o.ID)
	return !ok || !before.Looked || before.StatusText != o.StatusText
}

func (v *visit) badDetail(o order.Order, text string) {
	v.out.Problems = append(v.out.Problems, order.Problem{Kind: order.BadDetail, Order: o.ID, Text: fmt.Sprintf("order %s: %s", o.ID, text)})
}

// detail reads an order's own page on top of what is known of it.
func (t *trip) detail(ctx context.Context, base order.Order, row map[string]string) (order.Order, []order.Problem, error) {
	what := "page of order " + base.ID
	vars := maps.Clone(row)
	if vars == nil {
		vars = map[string]string{}
	}
	vars["id"], vars["number"] = base.ID, base.Number
	p, err := t.page(ctx, call{what: what, req: &t.shop.Recipe.Detail.Request, vars: vars})
	if err != nil {
		return base, nil, err
	}
	if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
		return base, nil, fmt.Errorf("shop %s, order %s: %w", t.shop.Name, base.ID, ErrNoOrder)
	}
	full, problems, err := extract.Detail(t.shop.Recipe, t.shop.Shop, p, base)
	var layout *extract.LayoutError
	switch {
	case errors.As(err, &layout):
		return base, problems, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: err}
	case err != nil:
		if !errors.Is(err, ErrNoOrder) {
			t.savePage("order", p)
		}
		return base, problems, fmt.Errorf("shop %s: %w", t.shop.Name, err)
	}
	if full.ID != base.ID {
		return base, nil, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: fmt.Errorf("it shows order %.40q instead", full.ID)}
	}
	full = t.seen(full)
	full.Looked = t.at
	return full, problems, nil
}
