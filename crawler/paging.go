package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// listPage reads the page at a place; more is false when there is none.
func (v *visit) listPage(ctx context.Context, place *place) (extract.Listing, recipe.Page, bool, error) {
	if place.click {
		p, there, err := v.further(ctx)
		if err != nil || !there {
			return extract.Listing{}, p, false, err
		}
		listing, err := v.read(place.name, p)
		return listing, p, true, err
	}
	p, listing, err := v.listing(ctx, place)
	return listing, p, true, err
}

// listing asks for a list page. A recipe may know several addresses of the
// first one; which it is, is kept with the session.
func (t *trip) listing(ctx context.Context, place *place) (recipe.Page, extract.Listing, error) {
	list := &t.shop.Recipe.List
	c := call{what: listPage, req: &list.Request, url: place.url, vars: place.vars()}
	gets := max(1, len(list.Request.Get))
	for try := 0; ; try++ {
		if t.session != nil {
			c.get = (t.session.Get + try) % gets
		}
		p, err := t.page(ctx, c)
		if err != nil {
			return p, extract.Listing{}, err
		}
		listing, err := t.read(place.name, p)
		if err != nil && place.url == "" && place.start && try+1 < gets {
			continue
		}
		if err == nil && place.url == "" && place.start {
			t.session.Get = c.get
		}
		return p, listing, err
	}
}

// read extracts a list page of a view.
func (t *trip) read(view string, p recipe.Page) (extract.Listing, error) {
	if p.Status >= http.StatusBadRequest { // whatever it shows: it may look like an empty list
		return extract.Listing{}, &LayoutError{Shop: t.shop.Name, Page: "list", Saved: t.savePage("list", p), Err: fmt.Errorf("it answered %d", p.Status)}
	}
	listing, err := extract.List(t.shop.Recipe, t.shop.Shop, p, view)
	if err != nil {
		return listing, &LayoutError{Shop: t.shop.Name, Page: "list", Saved: t.savePage("list", p), Err: err}
	}
	t.session.keepList(listing.Vars)
	return listing, nil
}

// further presses the button to the next page, or scrolls to the end of the list.
// That is a request like any other: it is paid for and keeps its distance.
func (v *visit) further(ctx context.Context) (recipe.Page, bool, error) {
	if v.s.o.Replay != nil {
		p, there, err := v.s.o.Replay.next()
		if there {
			v.pages++
		}
		return extract.Prepare(p), there, err
	}
	if err := v.pay(); err != nil {
		return recipe.Page{}, false, err
	}
	if err := v.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, false, v.gone(err)
	}
	p, there, err := v.press(ctx)
	c := call{what: listPage, req: &v.shop.Recipe.List.Request}
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
		return p, false, &UnavailableError{Shop: v.shop.Name, Err: errors.New("the session ended between two list pages that are only reached one after the other; the next visit begins anew")}
	}
	v.keepOnTape(listPage, fetch.Request{Method: clickedTo}, p)
	return p, true, nil
}

// press clicks or scrolls.
func (v *visit) press(ctx context.Context) (recipe.Page, bool, error) {
	list := &v.shop.Recipe.List
	if list.Next.Scroll != nil {
		return v.d.browser.Scroll(ctx, list.Next.Scroll, list.Request.Wait, list.Request.Capture)
	}
	return v.d.browser.Click(ctx, list.Next.Click, list.Request.Wait, list.Request.Capture)
}

// listPage is what a call for a page of the list is called.
const listPage = "list"

// place is where in the list a scan stands.
type place struct {
	view          int    // which
	name          string // of the view
	values        map[string]string
	start         bool // the view's first page
	page, offset  int
	from          int // number of the first page
	size          int
	cursor        string
	url           string // a link to follow
	click         bool   // press the button, or scroll
	foreign       bool   // the link would leave the shop
	counts, jumps bool
	points        bool // by cursor
}

// first is where a view begins.
func first(list *recipe.List, view int) place {
	p := place{start: true, view: view, points: list.Next.Cursor != nil, values: map[string]string{}}
	if view < len(list.Views) {
		p.name = list.Views[view].Name
		for _, pair := range list.Views[view].Values {
			// Such a template has no names, so nothing can go wrong.
			p.values[pair.Name], _ = pair.Value.Expand(func(string) (string, bool) { return "", false }, nil)
		}
	}
	if list.Next.Page != nil {
		p.counts, p.page, p.from = true, list.Next.Page.First, list.Next.Page.First
	}
	if list.Next.Offset != nil {
		p.jumps, p.size = true, list.Next.Offset.Size
	}
	return p
}

func (p *place) vars() map[string]string {
	vars := maps.Clone(p.values)
	if p.name != "" {
		vars["view"] = p.name
	}
	if p.counts {
		vars["page"] = strconv.Itoa(p.page)
	}
	if p.jumps {
		vars["offset"], vars["size"] = strconv.Itoa(p.offset), strconv.Itoa(p.size)
	}
	if p.points {
		vars["cursor"] = p.cursor
	}
	return vars
}

// shifts reports whether rows move to another page when one before them is taken
// off the list. A cursor stays where it is.
func (p *place) shifts() bool { return !p.points }

// fixed reports whether the page can be asked for again.
func (p *place) fixed() bool { return !p.click && !p.points }

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
	case list.Next.Click != nil, list.Next.Scroll != nil:
		p.click = true
	case list.Next.Cursor != nil:
		if !listing.HasCursor || listing.Cursor == "" || listing.Cursor == p.cursor {
			return false
		}
		p.cursor = listing.Cursor
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
