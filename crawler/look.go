package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Look reads one order again: its own page, or its list row where the recipe
// has no such page. It is what is believed before anything is sent. The second
// result is the session to be kept, as in [Result]. The error is [ErrNoOrder]
// if the shop does not show the order (any more).
func (s *Spider) Look(ctx context.Context, shop Shop, id string, kept []byte) (order.Order, []byte, error) {
	t, err := s.trip(ctx, shop, kept)
	if err != nil {
		return order.Order{}, kept, fmt.Errorf("look at order %s: %w", id, err)
	}
	defer t.end()
	t.progress(0, 0, "looking at order "+id)
	o, err := t.look(ctx, id)
	err = t.orPerson(ctx, err)
	var failed *FailedPageError
	if errors.As(err, &failed) {
		t.d.failed++
	}
	if err != nil {
		err = fmt.Errorf("look at order %s: %w", id, err)
	}
	t.log.Info("looked", "order", id, "status", o.Status, "dur", s.o.Now().Sub(t.at), "err", err)
	t.settle(ctx)
	return o, t.blob(), err
}

func (t *trip) look(ctx context.Context, id string) (o order.Order, err error) {
	defer t.rescue(&err)
	base := order.Order{Shop: t.shop.Name, ID: id, Number: id}
	var row map[string]string
	if t.needsRow() {
		if base, row, err = t.findRow(ctx, id); err != nil {
			return order.Order{}, err
		}
	}
	if t.shop.Recipe.Detail == nil {
		return base, nil
	}
	if t.needsList() {
		start := first(&t.shop.Recipe.List, 0)
		if _, _, err := t.listing(ctx, &start); err != nil {
			return order.Order{}, err
		}
	}
	o, problems, err := t.detail(ctx, base, row)
	for _, p := range problems {
		t.log.Warn("the order's page was not read whole", "order", id, "field", p.Field)
	}
	if err != nil {
		return order.Order{}, err
	}
	return o, nil
}

// needsRow reports whether an order cannot be asked for by its id alone.
func (t *trip) needsRow() bool {
	r := t.shop.Recipe
	if r.Detail == nil {
		return true
	}
	names := detailNames(r.Detail)
	return slices.Contains(requestNames(&r.Detail.Request), "number") || slices.ContainsFunc(r.List.Fields.Vars, func(v recipe.Var) bool { return slices.Contains(names, v.Name) })
}

// needsList reports whether the order's request uses something of the list page
// that is not in the session yet.
func (t *trip) needsList() bool {
	names := detailNames(t.shop.Recipe.Detail)
	for _, v := range t.shop.Recipe.List.Vars {
		if !slices.Contains(names, v.Name) {
			continue
		}
		if t.session == nil {
			return true
		}
		if _, ok := t.session.List[v.Name]; !ok {
			return true
		}
	}
	return false
}

// detailNames are the values that an order's own pages are asked for by.
func detailNames(d *recipe.Detail) []string {
	names := requestNames(&d.Request)
	for i := range d.More {
		names = append(names, requestNames(&d.More[i].Request)...)
	}
	return names
}

// requestNames are the values that a request asks for.
func requestNames(r *recipe.Request) []string {
	var names []string
	for _, t := range r.Get {
		names = append(names, t.Names()...)
	}
	for _, t := range []*recipe.Template{r.Post, r.JSON} {
		if t != nil {
			names = append(names, t.Names()...)
		}
	}
	if r.GraphQL != nil && r.GraphQL.Variables != nil {
		names = append(names, r.GraphQL.Variables.Names()...)
	}
	for _, pair := range slices.Concat(r.Headers, r.Form) {
		names = append(names, pair.Value.Names()...)
	}
	return names
}

// findRow reads the list until it shows an order.
func (t *trip) findRow(ctx context.Context, id string) (order.Order, map[string]string, error) {
	v := newVisit(t, Known{Full: true}, &order.Visit{})
	v.want = id
	if err := v.scan(ctx); err != nil {
		return order.Order{}, nil, err
	}
	for _, o := range v.out.Orders {
		if o.ID == id {
			return o, v.rows[id].vars, nil
		}
	}
	if !v.out.Complete {
		return order.Order{}, nil, &LayoutError{Shop: t.shop.Name, Page: "list", Err: fmt.Errorf("order %s is not on it, and not all of it could be read", id)}
	}
	return order.Order{}, nil, fmt.Errorf("shop %s, order %s: %w", t.shop.Name, id, ErrNoOrder)
}
