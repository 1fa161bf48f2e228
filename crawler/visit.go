package crawler

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"nudged/crawler/extract"
	"nudged/store/order"
)

// maxListPages ends a list that never ends.
const maxListPages = 10_000

// Seen is what is known of an order already.
type Seen struct {
	StatusText string
	Status     order.Status
	Looked     bool // its own page was read once
}

// Known is what a visit need not find out again.
type Known struct {
	Full    bool                         // read all list pages, also those with nothing new
	Seen    func(id string) (Seen, bool) // nil: nothing is known
	Session []byte                       // of the last Result
}

// Result of a visit.
type Result struct {
	order.Visit
	// Session is to be kept, encrypted, and given to the next visit or look;
	// nil if the shop's session is known to be over: forget the kept one. It
	// also says where a scan that was cut goes on.
	Session []byte
	// Done says that a full scan has come to its end, in this visit alone or in
	// several of which this is the last; only the first kind is Complete.
	Done bool
}

// Visit reads what is new in a shop. The result is good also beside an error:
// it holds what was read before, and its Outcome and Words say what went wrong.
func (s *Spider) Visit(ctx context.Context, shop Shop, known Known) (Result, error) {
	result := Result{Visit: order.Visit{Shop: shop.Name, Kind: order.Scan, At: s.o.Now()}, Session: known.Session}
	t, err := s.trip(ctx, shop, known.Session)
	if err != nil {
		err = fmt.Errorf("visit: %w", err)
		result.Outcome, result.Words = outcome(err)
		result.Ended = s.o.Now()
		return result, err
	}
	defer t.end()
	result.At = t.at
	v := newVisit(t, known, &result.Visit)
	err = v.run(ctx)
	v.settle(err)
	var spent *BudgetError
	result.Complete = result.Complete && (err == nil || errors.As(err, &spent))
	result.Done = err == nil && v.ended && (!v.jumped || v.resumed.ToEnd)
	result.Pages, result.Blocked, result.Ended = t.pages, t.stopped(), s.o.Now()
	result.Session = t.blob()
	result.Outcome, result.Words = outcome(err)
	t.log.Info("visited", "orders", len(result.Orders), "pages", result.Pages, "complete", result.Complete, "blocked", result.Blocked,
		"dur", result.Ended.Sub(result.At), "outcome", result.Outcome)
	return result, err
}

// visit is a trip through the order list.
type visit struct {
	*trip
	known   Known
	out     *order.Visit
	ids     map[string]bool              // seen in this visit
	pass    map[string]bool              // seen since the scan began, or went on at a bookmark
	rowVars map[string]map[string]string // of each row, for its detail request
	bad     int                          // rows that could not be read
	total   int                          // what the shop says, -1 if nothing
	size    int                          // rows of a page
	moved   bool                         // the total changed while the list was read
	shrunk  bool                         // it became smaller: rows may have slipped past between two pages
	want    string                       // a look: the scan ends when it has this order

	toEnd   bool      // all pages, also those with nothing new
	ended   bool      // it came to the end of the list
	resumed *bookmark // what the visit began with
	ahead   *place    // where to go on after the newest pages
	jumped  bool      // it went on there
	waits   bool      // it did not, for want of budget
	mark    place     // the last page that is done, its orders too
	got     bool      // the mark has moved

	opened  int   // orders of out whose own pages are done with
	wanted  int   // order pages that were asked for
	strange int   // that the recipe does not fit, in a row
	misfit  error // the last one's
}

func newVisit(t *trip, known Known, out *order.Visit) *visit {
	return &visit{trip: t, known: known, out: out, ids: map[string]bool{}, pass: map[string]bool{}, rowVars: map[string]map[string]string{}, total: -1}
}

func (v *visit) run(ctx context.Context) (err error) {
	defer v.rescue(&err)
	if err := v.scan(ctx); err != nil {
		return v.spent(err)
	}
	if err := v.details(ctx); err != nil {
		return v.spent(err)
	}
	if v.strange > 0 && v.strange == v.wanted {
		return v.misfit
	}
	return nil
}

// spent notes a spent budget among the problems: it is no failure of the shop.
func (v *visit) spent(err error) error {
	var spent *BudgetError
	if errors.As(err, &spent) {
		v.out.Problems = append(v.out.Problems, order.Problem{Kind: order.Budget, Text: err.Error()})
	}
	return err
}

// scan reads list pages until one brings nothing new, or to the end.
func (v *visit) scan(ctx context.Context) error {
	v.begin()
	place, repeats := first(&v.shop.Recipe.List), 0
	for n := 1; n <= maxListPages; n++ {
		if ended, err := v.page(ctx, n, &place, &repeats); ended || err != nil {
			return err
		}
	}
	return &LayoutError{Shop: v.shop.Name, Page: "list", Err: fmt.Errorf("it has more than %d pages, or paging does not end", maxListPages)}
}

// page reads the n-th page of a scan, and moves on to the next place unless the
// scan has ended. repeats counts pages in a row that were seen in it before.
func (v *visit) page(ctx context.Context, n int, place *place, repeats *int) (ended bool, err error) {
	v.progress(n, v.pagesAhead(len(v.ids), n), "order list")
	at := *place
	listing, from, more, err := v.listPage(ctx, place)
	if err != nil {
		return false, err
	}
	if !more {
		return true, v.finish()
	}
	fresh, again := v.keep(listing)
	if v.want != "" && v.ids[v.want] {
		return true, nil
	}
	if *repeats++; !again {
		*repeats = 0
	}
	if v.atEnd(listing, *repeats, at) {
		return true, v.finish()
	}
	if !v.toEnd && !fresh {
		on, err := v.goOn(ctx, place)
		return !on, err
	}
	if err := v.chunk(ctx, n, at); err != nil {
		return false, err
	}
	if v.toEnd && v.want == "" {
		v.leave = v.d.pace.reserve()
	}
	if place.advance(&v.shop.Recipe.List, listing, from) {
		return false, nil
	}
	if place.foreign {
		return false, &LayoutError{Shop: v.shop.Name, Page: "list", Err: errors.New("its link to the next page leads to another host")}
	}
	return true, v.finish()
}

// keep takes over the orders of a page. fresh says that it brings something new,
// again that all of it was seen in this scan already.
func (v *visit) keep(listing extract.Listing) (fresh, again bool) {
	again = len(listing.Orders) > 0
	for _, o := range listing.Orders {
		again = again && v.pass[o.ID]
		v.pass[o.ID] = true
		if v.ids[o.ID] {
			continue
		}
		v.ids[o.ID] = true
		v.rowVars[o.ID] = listing.RowVars[o.ID]
		// Where a scan was cut, rows may be known whose own pages are not.
		fresh = fresh || v.isNew(o) || v.resumed != nil && v.ahead == nil && v.wants(o)
		o = v.seen(o)
		if v.shop.Recipe.Detail == nil {
			o.Looked = v.at // the row is all there is
		}
		v.out.Orders = append(v.out.Orders, o)
	}
	if again {
		return false, true
	}
	v.out.Problems = append(v.out.Problems, listing.Problems...)
	v.bad += listing.Rows - len(listing.Orders)
	v.size = max(v.size, listing.Rows)
	if listing.HasTotal {
		v.moved = v.moved || (v.total >= 0 && v.total != listing.Total)
		v.shrunk = v.shrunk || v.total > listing.Total
		v.total = listing.Total
	}
	return fresh, false
}

func (v *visit) isNew(o order.Order) bool {
	if v.known.Seen == nil {
		return true
	}
	before, ok := v.known.Seen(o.ID)
	return !ok || before.StatusText != o.StatusText
}

// maxRepeats is how many pages of seen ids end a list whose total says that
// there are more: when a page full of orders arrives between two requests, the
// next page is the one before, once.
const maxRepeats = 3

// atEnd knows a last page that says so: empty, seen before, or the total
// reached. A total that is less than what was seen says nothing.
func (v *visit) atEnd(listing extract.Listing, repeats int, at place) bool {
	switch {
	case listing.Rows == 0, repeats >= maxRepeats:
		return true
	case repeats > 0:
		return v.jumped || v.total < 0 || len(v.ids) >= v.total
	case v.jumped:
		return at.last(v.total, v.size, listing)
	}
	return v.total >= 0 && len(v.ids)+v.bad == v.total && listing.NextURL == ""
}

// finish judges a scan that came to the end of the list. It is complete if every
// row could be read and the shop's own total is reached.
func (v *visit) finish() error {
	v.ended = true
	if v.jumped {
		return nil
	}
	v.out.Full = true
	short := v.total >= 0 && len(v.ids) < v.total
	more := v.total >= 0 && len(v.ids) > v.total && !v.moved // then the total counts something else
	v.out.Complete = v.bad == 0 && !short && !more && !v.shrunk
	if short && v.bad == 0 && !v.moved {
		v.out.Problems = append(v.out.Problems, order.Problem{
			Kind: order.BadRow, Field: "list.total", Found: strconv.Itoa(v.total),
			Text: fmt.Sprintf("the shop says that it has %d orders, its list shows %d; nothing is concluded from orders that are not listed", v.total, len(v.ids)),
		})
	}
	return nil
}

// pagesAhead guesses how many list pages there are, 0 if nothing tells.
func (v *visit) pagesAhead(read, page int) int {
	if v.total <= 0 || read == 0 || page < 2 {
		return 0
	}
	size := (read + page - 2) / (page - 1)
	return (v.total + size - 1) / size
}
