package crawler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// trip is one visit or look: who goes, with which session, and what it has cost.
type trip struct {
	s       *Spider
	d       *desk
	shop    Shop
	log     *slog.Logger
	at      time.Time                             // read once; every order of the trip is seen at this time
	session *session                              // nil: not signed in
	proven  bool                                  // the session was seen to be good in this trip
	renewed bool                                  // it has ended once since
	asked   string                                // the last address, before redirects
	sent    bool                                  // a sign-in of this trip came to where the password is typed
	who     string                                // the identity that the kept session had
	last    recipe.Page                           // what page got last
	left    *session                              // that has ended in this trip
	signing bool                                  // under way
	drawn   bool                                  // Chrome showed a page of the shop in this trip
	ask     func(question string) (string, error) // of the person who waits; nil: nobody does
	codeErr error                                 // why there is no one-time code
	resume  *bookmark                             // of a scan that was cut
	leave   int                                   // pages of the hour that are not for what is read now
	pages   int
	given   []byte        // of a replay: the session, which it leaves alone
	request fetch.Request // the last one
	early   *early        // the page that comes next was asked for already
	climbed bool          // the shop gave no useful answer in this trip
	blocked int           // by the guard, before the trip
}

// trip waits for the shop's turn and sets out with a kept session.
func (s *Spider) trip(ctx context.Context, shop Shop, kept []byte) (*trip, error) {
	d, err := s.desk(ctx, shop)
	if err != nil {
		return nil, err
	}
	t := &trip{s: s, d: d, shop: shop, at: s.o.Now(), log: s.o.Log.With("shop", shop.Name)}
	t.takeUp(kept)
	t.blocked, _ = d.guard.Blocked()
	d.guard.Lock()
	if s.o.Replay != nil {
		t.given = kept
		t.pretend()
	}
	if err := t.mayAsk(); err != nil {
		t.end()
		return nil, err
	}
	return t, nil
}

// end gives the shop's turn back.
func (t *trip) end() { <-t.d.turn }

func (t *trip) stopped() int {
	n, _ := t.d.guard.Blocked()
	return n - t.blocked
}

// rescue turns a panic into an error, so that the other shops go on. The text of
// a panic may hold what stood on a page: only the runtime's own goes further.
func (t *trip) rescue(err *error) {
	what := recover()
	if what == nil {
		return
	}
	text := fmt.Sprintf("panic: %T", what)
	if fault, ok := what.(runtime.Error); ok {
		text = fault.Error()
	}
	t.log.Error("panic while reading the shop", "err", text, "stack", lines(debug.Stack()))
	if closing := t.d.close(); closing != nil {
		t.log.Warn("chrome did not close well", "err", closing)
	}
	*err = &brokenError{shop: t.shop.Name, what: text}
}

// lines keeps those of a stack that name a file: the others hold arguments.
func lines(stack []byte) string {
	var files []string
	for line := range strings.Lines(string(stack)) {
		if strings.HasPrefix(line, "\t") {
			files = append(files, strings.TrimSpace(line))
		}
	}
	return strings.Join(files[:min(len(files), 12)], " < ")
}

// lookup gives the values that a template may ask for: those of the request,
// then those of the list and of the sign-in, then the shop itself.
func (t *trip) lookup(vars map[string]string) func(string) (string, bool) {
	known := map[string]string{"url": t.shop.URL, "origin": t.d.base.Scheme + "://" + t.d.base.Host}
	if t.session != nil {
		maps.Copy(known, t.session.Vars)
		maps.Copy(known, t.changing())
		maps.Copy(known, t.session.List)
	}
	maps.Copy(known, vars)
	return func(name string) (string, bool) {
		value, ok := known[name]
		return value, ok
	}
}

func (t *trip) progress(done, total int, what string) {
	t.s.o.Progress(t.shop.Name, done, total, what)
}

// seen stamps orders with the time of the trip.
func (t *trip) seen(o order.Order) order.Order {
	o.Shop, o.Seen = t.shop.Name, t.at
	return o
}
