package crawler

import (
	"context"
	"errors"
	"slices"

	"nudged/crawler/recipe"
)

// chunkPages of the list are read before the orders on them are opened, fewer
// where a spent budget is likely to cut the scan. What it has behind it then is
// done for good, and the next one goes on from there.
const chunkPages = 10

func (v *visit) chunkSize() int {
	switch {
	case v.jumped:
		return 1
	case v.leave > 0:
		return min(max(v.d.pace.limit/20, 1), chunkPages)
	}
	return chunkPages
}

// bookmark is where a scan was cut: by a spent budget, a shop that went down, a
// daemon that was stopped. The next visit reads what is new and then goes on. It
// names the last page that was done, so that one page is read twice: when
// orders were taken off the list meanwhile, what follows has moved forward.
//
// A scan that went on from a bookmark never counts as complete: the shop lived
// on between its parts, and an order that was not seen may only have moved.
type bookmark struct {
	ToEnd  bool   `json:"to_end,omitempty"` // not only until nothing is new
	View   string `json:"view,omitempty"`
	Page   int    `json:"page,omitempty"`
	Offset int    `json:"offset,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	URL    string `json:"url,omitempty"`
	Read   int    `json:"read,omitempty"` // pages that were read from here on: what they hold is known, what follows is not
}

func (v *visit) bookmarkAt(p place, toEnd bool) *bookmark {
	return &bookmark{ToEnd: toEnd, View: p.name, Page: p.page, Offset: p.offset, Cursor: p.cursor, URL: p.url, Read: v.since + 1}
}

// place of the bookmark in a list.
func (b *bookmark) place(list *recipe.List) place {
	view := max(0, slices.IndexFunc(list.Views, func(w recipe.View) bool { return w.Name == b.View }))
	p := first(list, view)
	p.url = b.URL
	switch {
	case p.counts:
		p.start, p.page = b.Page <= p.page, max(b.Page, p.page)
	case p.jumps:
		p.start, p.offset = b.Offset <= 0, max(b.Offset, 0)
	case p.points:
		p.start, p.cursor = b.Cursor == "", b.Cursor
	default:
		p.start = b.URL == ""
	}
	return p
}

// begin decides how far the scan has to go, and whether it goes on somewhere
// after the newest pages.
func (v *visit) begin() {
	list := &v.shop.Recipe.List
	v.mark = first(list, 0)
	v.toEnd = v.known.Full || !list.Sorted
	if v.want != "" || v.resume == nil || v.known.Full && !v.resume.ToEnd {
		return
	}
	v.resumed = v.resume
	if at := v.resume.place(list); !at.start || at.view > 0 {
		v.toEnd, v.ahead, v.beyond = false, &at, at.view
		return
	}
	v.toEnd = v.toEnd || v.resume.ToEnd
	v.patience = v.resume.Read
}

// goOn jumps to the bookmark once the newest pages bring nothing new. It is
// false if there is none, or no room for older pages in this hour.
func (v *visit) goOn(ctx context.Context, at *place) (bool, error) {
	if v.ahead == nil || v.ahead.view != v.index {
		return false, nil
	}
	if err := v.details(ctx); err != nil {
		return false, err
	}
	reserve := v.d.pace.reserve()
	if v.d.pace.room(reserve) < min(reserve+2, v.d.pace.limit/2+1) { // not page by page: each time one is read twice
		v.waits = true
		return false, nil
	}
	*at, v.mark, v.ahead = *v.ahead, *v.ahead, nil
	v.jumped, v.toEnd, v.patience, v.since = true, v.resumed.ToEnd, v.resumed.Read, 0
	w := v.in
	w.jumped, w.pass, w.total, w.trail = true, map[string]bool{}, -1, nil
	v.leave = reserve
	return true, nil
}

// chunk opens the orders of the last pages, now and then, and moves the mark.
func (v *visit) chunk(ctx context.Context, n int, at place) error {
	if v.want != "" || v.stays() || n%v.chunkSize() != 0 {
		return nil
	}
	if err := v.details(ctx); err != nil {
		return err
	}
	v.moveMark(at)
	return nil
}

// stays reports whether the list's page may not be left: only clicks and
// scrolling lead on from it.
func (v *visit) stays() bool {
	next := &v.shop.Recipe.List.Next
	return next.Click != nil || next.Scroll != nil
}

// moveMark to a page that is done with.
func (v *visit) moveMark(at place) {
	v.mark, v.since = at, 0
	v.got = v.got || v.ahead == nil
}

// keepPlace decides what the next visit begins with.
func (v *visit) keepPlace(err error) {
	var layout *LayoutError
	var spent *BudgetError
	switch {
	case err == nil && v.waits:
	case err == nil:
		v.resume = nil
	case len(v.rows) == 0: // it did not get anywhere; what was waiting still does
	case errors.As(err, &layout), errors.As(err, &spent) && v.stays() && v.toEnd:
		v.resume = nil // nowhere to go on
	case v.resumed != nil && !v.got && !errors.As(err, &spent) && !errors.Is(err, context.Canceled):
		v.resume = nil // the same place again: the next scan begins anew
	default:
		v.resume = v.cut()
	}
}

// cut is where to go on if the scan ends here.
func (v *visit) cut() *bookmark {
	// Before it came to the bookmark: from here on all is read again.
	return v.bookmarkAt(v.mark, v.toEnd || v.ahead != nil)
}
