package crawler

import (
	"context"

	"nudged/crawler/browser"
)

// person is the seller's own browser, as a window.
type person struct {
	*browser.Visible
	address string // of the shop, for its localStorage
}

func openWindow(ctx context.Context, o browser.PersonOptions, address string) (window, error) {
	v, err := browser.Person(ctx, o)
	if err != nil {
		return nil, err
	}
	return &person{v, address}, nil
}

// Look takes the page first: what it needs is in the cookies by then.
func (p *person) Look(ctx context.Context) (glance, error) {
	var g glance
	var err error
	if g.page, err = p.Page(ctx); err != nil {
		return g, err
	}
	if g.cookies, err = p.Cookies(ctx); err != nil {
		return g, err
	}
	if g.storage, err = p.Storage(ctx, p.address); err != nil {
		return g, err
	}
	g.agent, err = p.UserAgent(ctx)
	return g, err
}
