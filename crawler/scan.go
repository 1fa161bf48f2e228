package crawler

import (
	"context"
	"errors"
	"fmt"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// scan reads the views of the list one after the other, each until a page brings
// nothing new, or to its end.
func (v *visit) scan(ctx context.Context) error {
	v.begin()
	n := 0
	for i := range max(1, len(v.shop.Recipe.List.Views)) {
		if err := v.openView(ctx, i); err != nil {
			return err
		}
		place, repeats := first(&v.shop.Recipe.List, i), 0
		for ended := false; !ended; {
			if n++; n > maxListPages {
				return &LayoutError{Shop: v.shop.Name, Page: "list", Err: fmt.Errorf("it has more than %d pages, or paging does not end", maxListPages)}
			}
			var err error
			if ended, err = v.page(ctx, n, &place, &repeats); err != nil {
				return err
			}
		}
		if v.found() {
			return nil
		}
	}
	v.finish()
	return nil
}

func (v *visit) found() bool {
	_, ok := v.rows[v.want]
	return v.want != "" && ok
}

// page reads the n-th page of a scan, and moves on to the next place unless the
// view has ended. repeats counts pages in a row that were seen in it before.
func (v *visit) page(ctx context.Context, n int, place *place, repeats *int) (ended bool, err error) {
	v.progress(n, v.pagesAhead(), "order list")
	at := *place
	listing, from, more, err := v.listPage(ctx, place)
	if err != nil {
		return false, err
	}
	if !more {
		v.in.ended = true
		return true, nil
	}
	back, slipped := v.follows(listing, at)
	fresh, again := v.keep(listing)
	if err := v.part(ctx); err != nil || v.found() {
		return true, err
	}
	again, reread := again && !v.in.reread, v.in.reread
	v.in.reread = slipped
	if slipped {
		*place = back
		return false, nil
	}
	if *repeats++; !again {
		*repeats = 0
	}
	if (!reread || listing.Rows == 0) && v.in.atEnd(listing, *repeats, at) {
		v.in.ended = true
		return true, nil
	}
	if !v.toEnd && !fresh && !reread {
		if on, err := v.goOn(ctx, place); on || err != nil || v.patience == 0 {
			return !on, err
		}
		v.patience--
	}
	return v.turn(ctx, n, place, listing, from, at)
}

// turn goes from a page that is not the last one to the next.
func (v *visit) turn(ctx context.Context, n int, place *place, listing extract.Listing, from recipe.Page, at place) (ended bool, err error) {
	v.since++
	asked := v.pages
	if err := v.chunk(ctx, n, at); err != nil {
		return false, err
	}
	if v.toEnd && v.want == "" {
		v.leave = v.d.pace.reserve()
	}
	if v.pages > asked && !listing.HasTotal && at.fixed() {
		// Time has passed while orders were opened, and no total will tell that
		// some were taken off the list: the page is read again.
		*place, v.in.reread = at, true
		v.in.trail = v.in.trail[:len(v.in.trail)-1]
		return false, nil
	}
	if place.advance(&v.shop.Recipe.List, listing, from) {
		return false, nil
	}
	if place.foreign {
		return false, &LayoutError{Shop: v.shop.Name, Page: "list", Err: errors.New("its link to the next page leads to another host")}
	}
	v.in.ended = true
	return true, nil
}

// keep takes over the orders of a page. fresh says that it brings something new,
// again that all of it was seen in this view already.
func (v *visit) keep(listing extract.Listing) (fresh, again bool) {
	w := v.in
	again = len(listing.Orders) > 0
	for _, o := range listing.Orders {
		again = again && w.pass[o.ID]
		w.pass[o.ID], w.ids[o.ID] = true, true
		fresh = v.take(o, listing.RowVars[o.ID]) || fresh
	}
	if listing.Narrowed {
		v.hides()
	}
	if w.says(listing) {
		w.moved = w.moved || (w.total >= 0 && w.total != listing.Total)
		w.total = listing.Total
	}
	if again {
		return false, true
	}
	for _, p := range listing.Problems {
		v.tell(p)
	}
	w.bad += listing.Bad
	w.size = max(w.size, listing.Rows)
	return fresh, false
}

// take takes over an order, and says whether it is new. One that was read in
// this visit before, on another page or in another view, has lived on meanwhile:
// what its row says now counts.
func (v *visit) take(o order.Order, vars map[string]string) bool {
	before, again := v.rows[o.ID]
	if again {
		if o.Status != before.status && o.Status != order.Unknown {
			old := &v.out.Orders[before.at]
			old.Status, old.StatusText = o.Status, o.StatusText
			v.rows[o.ID] = row{at: before.at, status: o.Status, vars: before.vars}
			v.parts.changed[before.at] = true
		}
		return false
	}
	// Where a scan was cut, rows may be known whose own pages are not.
	fresh := v.isNew(o) || v.resumed != nil && v.ahead == nil && v.wants(o)
	o = v.seen(o)
	if v.shop.Recipe.Detail == nil {
		o.Looked = v.at // the row is all there is
	}
	v.rows[o.ID] = row{at: len(v.out.Orders), status: o.Status, vars: vars}
	v.out.Orders = append(v.out.Orders, o)
	return fresh
}

func (v *visit) isNew(o order.Order) bool {
	if v.known.Seen == nil {
		return true
	}
	before, ok := v.known.Seen(o.ID)
	return !ok || v.differs(before, o)
}

// differs reports whether an order's row says another status than before: in
// other words, or by something beside the words.
func (v *visit) differs(before Seen, o order.Order) bool {
	return before.StatusText != o.StatusText || before.Status != o.Status && v.rowJudges
}

// rowJudges reports whether a row tells the status by more than words, and all
// that its order's own page would judge it by.
func rowJudges(r *recipe.Recipe) bool {
	var judges bool
	row, page := &r.List.Fields, &recipe.Fields{}
	if r.Detail != nil {
		page = &r.Detail.Fields
	}
	for _, rule := range r.Statuses {
		judges = judges || rule.View != ""
		for _, by := range []struct{ asked, row, page bool }{
			{rule.Code != nil, row.Code != nil, page.Code != nil},
			{rule.Refunded != nil, row.Refunded != nil, page.Refunded != nil},
			{rule.Payment != recipe.AnyPayment, row.Payment != nil, page.Payment != nil},
			{len(rule.Vars) > 0, len(row.Vars) > 0, len(page.Vars) > 0},
		} {
			if by.asked && by.page && !by.row {
				return false
			}
			judges = judges || by.asked && by.row
		}
	}
	return judges
}

// maxRepeats is how many pages of seen ids end a list whose total says that
// there are more: when a page full of orders arrives between two requests, the
// next page is the one before, once.
const maxRepeats = 3
