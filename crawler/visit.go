package crawler

import (
	"context"
	"errors"
	"fmt"

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
	// Part is given, every few pages, what a long visit has read since the last
	// part, and the session with the place where the scan would go on: so that a
	// program that is killed does not lose what it has read. An error ends the
	// visit. May be nil.
	Part func(ctx context.Context, part Result) error
}

// Result of a visit.
type Result struct {
	order.Visit
	// Session is to be kept, encrypted, and given to the next visit or look;
	// nil if the shop's session is known to be over: forget the kept one. It
	// also says where a scan that was cut goes on, who has to be signed in, and
	// why no password is sent for now.
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
		err = fmt.Errorf("visit: %w", onClock(err, shop.Zone))
		result.Outcome, result.Words = outcome(err)
		result.Ended = s.o.Now()
		var spent *BudgetError
		if errors.As(err, &spent) {
			result.Problems = []order.Problem{{Kind: order.Budget, Text: spent.Error()}}
		}
		return result, err
	}
	defer t.end()
	result.At = t.at
	v := newVisit(t, known, &result.Visit)
	err = onClock(v.orPerson(ctx, v.run(ctx)), shop.Zone)
	v.keepPlace(err)
	var spent *BudgetError
	result.Complete = result.Complete && (err == nil || errors.As(err, &spent))
	result.Done = err == nil && v.ended && (result.Full || v.beyond < 0 || v.resumed.ToEnd)
	result.Pages, result.Blocked, result.Ended = t.pages, t.stopped(), s.o.Now()
	t.settle(ctx)
	result.Session = t.blob()
	result.Outcome, result.Words = outcome(err)
	t.log.Info("visited", "orders", len(result.Orders), "pages", result.Pages, "complete", result.Complete, "blocked", result.Blocked,
		"dur", result.Ended.Sub(result.At), "outcome", result.Outcome)
	return result, err
}

// visit is a trip through the order list.
type visit struct {
	*trip
	known     Known
	out       *order.Visit
	rows      map[string]row // of this visit, by id
	in        *strand        // the view that is being read
	index     int            // its place in the recipe
	strands   []*strand
	told      map[order.Problem]bool
	narrowed  bool   // a filter hides orders
	rowJudges bool   // see there
	want      string // a look: the scan ends when it has this order

	toEnd    bool      // all pages, also those with nothing new
	ended    bool      // it came to the end of the list
	resumed  *bookmark // what the visit began with
	ahead    *place    // where to go on after the newest pages
	beyond   int       // the view in which that is, -1 without a bookmark
	jumped   bool      // it went on there
	waits    bool      // it did not, for want of budget
	mark     place     // the last page that is done, its orders too
	got      bool      // the mark has moved
	since    int       // pages that were read since
	patience int       // pages with nothing new that do not end the scan

	opened  int   // orders of out whose own pages are done with
	wanted  int   // order pages that were asked for
	strange int   // that the recipe does not fit, or the shop failed at, in a row
	misfit  error // the last one's

	parts parts
}

// row is what the visit must remember of an order's list row.
type row struct {
	at     int // its place in out
	status order.Status
	vars   map[string]string // for its detail request
}

func newVisit(t *trip, known Known, out *order.Visit) *visit {
	return &visit{
		trip: t, known: known, out: out, rows: map[string]row{}, told: map[order.Problem]bool{}, rowJudges: rowJudges(t.shop.Recipe),
		beyond: -1, parts: parts{at: t.at, changed: map[int]bool{}},
	}
}

func (v *visit) run(ctx context.Context) (err error) {
	defer v.rescue(&err)
	if err := v.scan(ctx); err != nil {
		return v.spent(err)
	}
	if err := v.details(ctx); err != nil {
		return v.spent(err)
	}
	var failed *FailedPageError
	few := errors.As(v.misfit, &failed) && v.strange < strangeDetails // one that fails alone is no shop that fails
	if v.strange > 0 && v.strange == v.wanted && !few {
		return v.misfit
	}
	return nil
}

// spent notes a spent budget among the problems: it is no failure of the shop.
func (v *visit) spent(err error) error {
	var spent *BudgetError
	if errors.As(err, &spent) {
		v.tell(order.Problem{Kind: order.Budget, Text: err.Error()})
	}
	return err
}
