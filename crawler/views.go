package crawler

import (
	"context"
	"fmt"
	"strconv"

	"nudged/crawler/extract"
	"nudged/store/order"
)

// strand is one view of the order list as it is read, or the whole list where a
// recipe has no views. Each is counted for itself: its total, its end.
type strand struct {
	view  string
	ids   map[string]bool // seen in it
	pass  map[string]bool // since it began, or went on at a bookmark
	bad   int             // rows that could not be read
	total int             // what the shop says, -1 if nothing
	size  int             // rows of a page
	pages int
	ended bool // it came to the end

	moved  bool // the total changed while it was read
	gap    bool // rows slipped past between two pages, and could not be caught
	jumped bool // it went on at a bookmark

	trail  []place // of the last pages
	reread bool    // the page that comes was read before
	backs  int     // steps back
}

func newStrand(view string) *strand {
	return &strand{view: view, ids: map[string]bool{}, pass: map[string]bool{}, total: -1}
}

// maxTrail is how far back rows that slipped past are looked for, and how often.
const maxTrail = 10

// openView begins a view. What lies before it is done with, its orders too.
func (v *visit) openView(ctx context.Context, i int) error {
	list := &v.shop.Recipe.List
	name := ""
	if len(list.Views) > 0 {
		name = list.Views[i].Name
	}
	if i > 0 && v.want == "" {
		if err := v.details(ctx); err != nil {
			return err
		}
		v.moveMark(first(list, i))
	}
	v.in, v.index = newStrand(name), i
	v.strands = append(v.strands, v.in)
	if i > 0 {
		v.patience = 0
	}
	if v.ahead != nil && i > v.ahead.view && !v.waits {
		v.ahead = nil // its view was read to the end
	}
	switch {
	case v.ahead != nil:
		v.toEnd = false
	case v.beyond >= 0 && i > v.beyond:
		v.toEnd = v.resumed.ToEnd
	}
	return nil
}

// follows notes a page, and whether it lies beside the one before: when an order
// is taken off the list, all later ones move up, and one may pass from the page
// that comes to the page that was read. Where the total became smaller, or a
// page is read again, the scan steps back until it meets what it knows.
func (v *visit) follows(listing extract.Listing, at place) (back place, ok bool) {
	w := v.in
	w.pages++
	w.trail = append(w.trail, at)
	if len(w.trail) > maxTrail {
		w.trail = w.trail[1:]
	}
	slipped := w.says(listing) && w.total > listing.Total && at.shifts()
	lost := w.reread && !w.meets(listing)
	if !slipped && !lost {
		return back, false
	}
	if len(w.trail) < 2 || w.backs >= maxTrail || !at.fixed() {
		w.gap = w.gap || !at.start
		return back, false
	}
	w.backs++
	back = w.trail[len(w.trail)-2]
	w.trail = w.trail[:len(w.trail)-2]
	return back, true
}

// says reports whether a page tells the total. Behind the end some say that there
// are no orders.
func (w *strand) says(listing extract.Listing) bool {
	return listing.HasTotal && (listing.Rows > 0 || listing.Total > 0 || w.pages <= 1)
}

// meets reports whether something on a page was seen before.
func (w *strand) meets(listing extract.Listing) bool {
	for _, o := range listing.Orders {
		if w.pass[o.ID] {
			return true
		}
	}
	return false
}

// atEnd knows a last page that says so: empty, seen before, or the total
// reached. A total that is less than what was seen says nothing.
func (w *strand) atEnd(listing extract.Listing, repeats int, at place) bool {
	switch {
	case listing.Rows == 0, repeats >= maxRepeats+w.backs:
		return true
	case w.backs > 0 && w.total >= 0: // what was taken off the list was seen too
		return at.last(w.total, w.size, listing)
	case repeats > 0:
		return w.jumped || w.total < 0 || len(w.ids) >= w.total
	case w.jumped:
		return at.last(w.total, w.size, listing)
	}
	return w.total >= 0 && len(w.ids)+w.bad == w.total && listing.NextURL == ""
}

// whole reports whether every row of a view was read and the shop's own total is
// reached.
func (w *strand) whole() (bool, *order.Problem) {
	short := w.total >= 0 && len(w.ids) < w.total
	more := w.total >= 0 && len(w.ids) > w.total && !w.moved // then the total counts something else
	if short && w.bad == 0 && !w.moved {
		what := "its list"
		if w.view != "" {
			what = fmt.Sprintf("its list (%s)", w.view)
		}
		return false, &order.Problem{
			Kind: order.BadRow, Field: "list.total", Found: strconv.Itoa(w.total),
			Text: fmt.Sprintf("the shop says that it has %d orders, %s shows %d; nothing is concluded from orders that are not listed", w.total, what, len(w.ids)),
		}
	}
	return w.ended && w.bad == 0 && !short && !more && !w.gap, nil
}

// pagesAhead guesses how many list pages there are, 0 if nothing tells.
func (v *visit) pagesAhead() int {
	if w := v.in; len(v.shop.Recipe.List.Views) == 0 && w.total > 0 && w.size > 0 {
		return (w.total + w.size - 1) / w.size
	}
	return 0
}

// finish judges a scan. It is complete if it came to the end of every view, and
// saw all of each. One that went on in a later view has the earlier ones behind
// it, but is complete no more.
func (v *visit) finish() {
	v.ended = true
	complete, all := !v.narrowed, !v.jumped
	for i, w := range v.strands {
		v.ended = v.ended && (w.ended || i < v.beyond)
		all = all && w.ended
		whole, problem := w.whole()
		complete = complete && whole
		if problem != nil && !v.jumped && w.ended {
			v.tell(*problem)
		}
	}
	if all {
		v.out.Full, v.out.Complete = true, complete
	}
}

// tell adds a problem once.
func (v *visit) tell(p order.Problem) {
	if !v.told[p] {
		v.told[p] = true
		v.out.Problems = append(v.out.Problems, p)
	}
}

// hides tells the seller of a filter that the shop remembers.
func (v *visit) hides() {
	v.narrowed = true
	v.tell(order.Problem{
		Kind: order.BadRow, Field: "list.narrowed",
		Text: "the shop's order list has a filter on, which it remembers from the last time somebody used it, so that not all orders are shown; open the list in your browser as the same user and reset the filter; until then nothing is concluded from orders that are not listed",
	})
}
