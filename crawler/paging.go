package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// listPage reads the page at a place; more is false when there is none.
func (v *visit) listPage(ctx context.Context, place *place) (extract.Listing, recipe.Page, bool, error) {
	if place.click {
		p, there, err := v.clicked(ctx)
		if err != nil || !there {
			return extract.Listing{}, p, false, err
		}
		listing, err := v.read(p)
		return listing, p, true, err
	}
	p, listing, err := v.listing(ctx, place)
	return listing, p, true, err
}

// listing asks for a list page. A recipe may know several addresses of the
// first one; which it is, is kept with the session.
func (t *trip) listing(ctx context.Context, place *place) (recipe.Page, extract.Listing, error) {
	list := &t.shop.Recipe.List
	c := call{what: "list", req: &list.Request, url: place.url, vars: place.vars()}
	gets := max(1, len(list.Request.Get))
	for try := 0; ; try++ {
		if t.session != nil {
			c.get = (t.session.Get + try) % gets
		}
		p, err := t.page(ctx, c)
		if err != nil {
			return p, extract.Listing{}, err
		}
		listing, err := t.read(p)
		if err != nil && place.url == "" && place.start && try+1 < gets {
			continue
		}
		if err == nil && place.url == "" && place.start {
			t.session.Get = c.get
		}
		return p, listing, err
	}
}

// read extracts a list page.
func (t *trip) read(p recipe.Page) (extract.Listing, error) {
	if p.Status >= http.StatusBadRequest { // whatever it shows: it may look like an empty list
		return extract.Listing{}, &LayoutError{Shop: t.shop.Name, Page: "list", Saved: t.savePage("list", p), Err: fmt.Errorf("it answered %d", p.Status)}
	}
	listing, err := extract.List(t.shop.Recipe, t.shop.Shop, p)
	if err != nil {
		return listing, &LayoutError{Shop: t.shop.Name, Page: "list", Saved: t.savePage("list", p), Err: err}
	}
	t.session.List = listing.Vars
	return listing, nil
}

// clicked presses the button to the next page. The click itself is a request
// like any other: it is paid for and keeps its distance.
func (v *visit) clicked(ctx context.Context) (recipe.Page, bool, error) {
	if err := v.d.pace.page(v.shop.Name, v.leave); err != nil {
		return recipe.Page{}, false, err
	}
	if err := v.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, false, v.gone(err)
	}
	list := &v.shop.Recipe.List
	p, there, err := v.d.browser.Click(ctx, list.Next.Click, list.Request.Wait)
	c := call{what: "list", req: &list.Request}
	if err != nil {
		return p, false, v.judged(ctx, c, p, err)
	}
	if !there {
		return p, false, nil
	}
	v.pages++
	p = extract.Prepare(p)
	switch extract.SignedIn(v.shop.Recipe, p) {
	case extract.Uncertain:
		return p, false, v.unavailable(p, nil)
	case extract.No:
		return p, false, &UnavailableError{Shop: v.shop.Name, Err: errors.New("the session ended between two list pages that are only reached by clicking; the next visit begins anew")}
	}
	return p, true, nil
}

// place is where in the list a scan stands.
type place struct {
	start         bool
	page, offset  int
	from          int // number of the first page
	size          int
	url           string // a link to follow
	click         bool   // press the button
	foreign       bool   // the link would leave the shop
	counts, jumps bool
}

func first(list *recipe.List) place {
	p := place{start: true}
	if list.Next.Page != nil {
		p.counts, p.page, p.from = true, list.Next.Page.First, list.Next.Page.First
	}
	if list.Next.Offset != nil {
		p.jumps, p.size = true, list.Next.Offset.Size
	}
	return p
}

func (p *place) vars() map[string]string {
	vars := map[string]string{}
	if p.counts {
		vars["page"] = strconv.Itoa(p.page)
	}
	if p.jumps {
		vars["offset"], vars["size"] = strconv.Itoa(p.offset), strconv.Itoa(p.size)
	}
	return vars
}

// last reports whether a list of so many orders, so many on a page, ends here.
func (p *place) last(total, size int, listing extract.Listing) bool {
	switch {
	case total < 0:
		return false
	case p.counts:
		return size > 0 && (p.page-p.from+1)*size >= total
	case p.jumps:
		return p.offset+p.size >= total
	}
	return listing.NextURL == ""
}

// advance goes to the next page; false if the list has none.
func (p *place) advance(list *recipe.List, listing extract.Listing, from recipe.Page) bool {
	p.start = false
	switch {
	case list.Next.Page != nil:
		p.page++
	case list.Next.Offset != nil:
		p.offset += list.Next.Offset.Size
	case list.Next.Click != nil:
		p.click = true
	case listing.NextURL != "":
		p.url, p.foreign = follow(listing.NextURL, from.URL)
		return !p.foreign
	default:
		return false
	}
	return true
}

// follow judges a link to the next page: it stays on the page's host, and on its
// scheme too (behind a proxy many shops write http where they are asked by https).
func follow(link, page string) (address string, foreign bool) {
	next, err1 := url.Parse(link)
	here, err2 := url.Parse(page)
	if err1 != nil || err2 != nil || next.Host != here.Host || (next.Scheme != "http" && next.Scheme != "https") {
		return "", true
	}
	next.Scheme = here.Scheme
	return next.String(), false
}
