package browser

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"nudged/crawler/recipe"
)

const (
	allMoment = 600 * time.Millisecond // pages fetch one after the other, and think in between
	allLimit  = 8 * time.Second
)

// caughtAll returns every response that fits as one JSON array, in the order of
// their requests, once the page has stopped fetching. One among them that is a
// refusal, or no JSON, is returned instead and alone: it says why.
func (b *Browser) caughtAll(ctx context.Context, t *tab) (recipe.Page, error) {
	var all []*exchange
	for len(all) == 0 {
		if err := t.await(ctx, func() bool { return len(t.catch.whole) > t.catch.seen }); err != nil {
			return recipe.Page{}, err
		}
		t.quiet(ctx, allMoment, allLimit)
		if err := t.await(ctx, func() bool { return !t.catch.isOpen() }); err != nil {
			return recipe.Page{}, err
		}
		t.mu.Lock()
		whole := slices.Clone(t.catch.whole)
		t.catch.seen = len(whole)
		t.mu.Unlock()
		var err error
		if all, err = t.fitting(ctx, whole); err != nil {
			return recipe.Page{}, err
		}
	}
	slices.SortFunc(all, func(a, b *exchange) int { return cmp.Compare(a.n, b.n) })
	return b.joined(ctx, all)
}

func (b *Browser) joined(ctx context.Context, all []*exchange) (recipe.Page, error) {
	var out recipe.Page
	var parts [][]byte
	size := 0
	for i, x := range all {
		p, err := b.exchanged(ctx, x)
		if err != nil {
			return recipe.Page{}, err
		}
		if p.Status >= http.StatusBadRequest || !json.Valid(p.Body) {
			return p, nil
		}
		if size += len(p.Body) + 1; size > maxBody {
			return recipe.Page{}, errTooLarge
		}
		if i == 0 {
			out = p
		}
		parts = append(parts, p.Body)
	}
	out.Type = "application/json"
	out.Body = slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
	return out, nil
}

// isOpen: a request of an address that fits is still under way.
func (c *catch) isOpen() bool {
	for _, x := range c.open {
		if c.want.URL == nil || c.want.URL.MatchString(x.request.URL) {
			return true
		}
	}
	return false
}
