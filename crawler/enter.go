package crawler

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// enter sees to it that somebody is signed in before a page is asked for, and
// makes the request fit the session: the page that was wanted when the last one
// ended is then asked for again.
func (t *trip) enter(ctx context.Context, c *call) error {
	if t.session != nil && !t.proven {
		if err := t.same(ctx); err != nil {
			return err
		}
	}
	if t.session == nil {
		if err := t.signIn(ctx); err != nil {
			return err
		}
		t.readdress(c)
	}
	return t.refill(ctx, c)
}

// readdress puts the new session's tokens in the place of the old ones, where a
// link or a row of the old session holds them.
func (t *trip) readdress(c *call) {
	if t.left == nil {
		return
	}
	swap := strings.NewReplacer(swaps(t.left, t.session)...)
	c.url = swap.Replace(c.url)
	if c.vars == nil {
		return
	}
	c.vars = maps.Clone(c.vars)
	for name, value := range c.vars {
		c.vars[name] = swap.Replace(value)
	}
}

// tokenLength is the length from which a value is taken for a token: shorter
// ones turn up by chance.
const tokenLength = 8

func swaps(old, fresh *session) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(old.Vars)) {
		was, is := old.Vars[name], fresh.Vars[name]
		if len(was) >= tokenLength && is != "" && was != is {
			pairs = append(pairs, was, is)
		}
	}
	return pairs
}

// refill reads the first page of the list again, if the request needs something
// of it that went with the last session: a nonce.
func (t *trip) refill(ctx context.Context, c *call) error {
	if c.req == &t.shop.Recipe.List.Request || t.left == nil || len(t.left.List) == 0 {
		return nil
	}
	missing := func(name string) bool {
		_, had := t.left.List[name]
		_, has := t.session.List[name]
		_, own := c.vars[name]
		return had && !has && !own
	}
	if !slices.ContainsFunc(requestNames(c.req), missing) {
		return nil
	}
	start := first(&t.shop.Recipe.List, 0)
	_, _, err := t.listing(ctx, &start)
	return err
}
