package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// strangeDetails in a row mean that the recipe does not fit the order page any
// more, or that the shop fails; opening the others would only cost it.
const strangeDetails = 3

// details reads the own pages of the orders that are worth it, and completes
// them in place. Called again, it goes on with the orders that came since.
func (v *visit) details(ctx context.Context) error {
	from := v.opened
	v.opened = len(v.out.Orders)
	if v.shop.Recipe.Detail == nil || v.strange >= strangeDetails {
		return nil
	}
	var wanted []int
	for i := from; i < len(v.out.Orders); i++ {
		if v.wants(v.out.Orders[i]) {
			wanted = append(wanted, i)
		}
	}
	ahead := v.lineUp(ctx, wanted)
	defer ahead.close()
	for n, i := range wanted {
		v.progress(n+1, len(wanted), "orders")
		v.early = ahead.next(n)
		if err := v.open(ctx, i); err != nil {
			return err
		}
		if err := v.part(ctx); err != nil {
			return err
		}
		if v.strange == strangeDetails {
			break // the list is read on all the same
		}
	}
	return nil
}

// open reads one order's own page. The error is one that ends the visit.
func (v *visit) open(ctx context.Context, i int) error {
	base := v.out.Orders[i]
	full, problems, err := v.detail(ctx, base, v.rows[base.ID].vars)
	for _, p := range problems {
		v.tell(p)
	}
	v.wanted++
	err = v.orPerson(ctx, err)
	var layout *LayoutError
	var field *extract.FieldError
	var failed *FailedPageError
	switch {
	case err == nil:
		v.strange = 0
		v.out.Orders[i] = full
		v.parts.changed[i] = true
	case errors.As(err, &field): // about this order alone, and among the problems
	case errors.Is(err, ErrNoOrder):
		v.badDetail(base, "the list shows this order, its own page does not; it is kept as the list has it")
	case errors.As(err, &layout), errors.As(err, &failed):
		v.badDetail(base, err.Error())
		v.strange++
		v.misfit = err
	default:
		return err
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
	return !ok || !before.Looked || v.differs(before, o)
}

func (v *visit) badDetail(o order.Order, text string) {
	v.tell(order.Problem{Kind: order.BadDetail, Order: o.ID, Text: fmt.Sprintf("order %s: %s", o.ID, text)})
}

// detailCall asks for an order's own page.
func (t *trip) detailCall(base order.Order, row map[string]string) call {
	vars := maps.Clone(row)
	if vars == nil {
		vars = map[string]string{}
	}
	vars["id"], vars["number"] = base.ID, base.Number
	return call{what: "page of order " + base.ID, req: &t.shop.Recipe.Detail.Request, vars: vars, one: true}
}

// detail reads an order's own page, and its further ones, on top of what is
// known of it.
func (t *trip) detail(ctx context.Context, base order.Order, row map[string]string) (order.Order, []order.Problem, error) {
	c := t.detailCall(base, row)
	what := c.what
	p, err := t.page(ctx, c)
	if err != nil {
		return base, nil, err
	}
	if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
		return base, nil, fmt.Errorf("shop %s, order %s: %w", t.shop.Name, base.ID, ErrNoOrder)
	}
	if err := t.ofThis(p, base); err != nil {
		return base, nil, err
	}
	full, found, problems, err := extract.Detail(t.shop.Recipe, t.shop.Shop, p, base)
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
	if t.shop.Recipe.Detail.Fields.ID == nil && row != nil && base.Number != "" && full.Number != base.Number {
		return base, nil, &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: fmt.Errorf("it shows order %.40q instead", full.Number)}
	}
	if base.StatusText != "" && full.Status == base.Status && full.Status != order.Unknown {
		full.StatusText = base.StatusText // the list's words: the next visit compares them with the list
	}
	maps.Copy(c.vars, found)
	c.vars["number"] = full.Number
	full, more, err := t.more(ctx, full, c.vars)
	problems = append(problems, more...)
	if err != nil {
		return base, problems, err
	}
	full = t.seen(full)
	full.Looked = t.at
	return full, problems, nil
}

// holds reports whether an id stands in an address, whole.
func holds(address, id string) bool {
	words := strings.FieldsFunc(address, func(r rune) bool { return strings.ContainsRune("/?&=#;.,:", r) })
	return slices.Contains(words, id) || slices.Contains(words, url.QueryEscape(id))
}

// maxAge of an answer that a cache between the shop and here may give.
const maxAge = 30 * time.Second

// ofThis refuses what cannot be this order's page as it is now, before anything
// on it is believed.
func (t *trip) ofThis(p recipe.Page, base order.Order) error {
	what := "page of order " + base.ID
	if p.Status >= http.StatusBadRequest {
		return &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: fmt.Errorf("it answered %d", p.Status)}
	}
	if d := t.shop.Recipe.Detail; d.Fields.ID == nil && d.Request.Capture == nil && holds(t.asked, base.ID) && !holds(p.URL, base.ID) {
		return &LayoutError{Shop: t.shop.Name, Page: what, Saved: t.savePage("order", p), Err: errors.New("the shop leads to another page")}
	}
	if seconds, err := strconv.Atoi(strings.TrimSpace(p.Header.Get("Age"))); err == nil && seconds > int(maxAge/time.Second) {
		return &UnavailableError{Shop: t.shop.Name, Status: p.Status, Err: errStale}
	}
	return nil
}
