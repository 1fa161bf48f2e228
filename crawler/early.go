package crawler

import (
	"context"
	"fmt"
	"sync"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// maxAtOnce bounds what a recipe may allow.
const maxAtOnce = 8

// early is an order's page that was asked for before its turn, where a recipe
// allows several requests at once. It only ever saves time: unless it is a good
// page it is thrown away, and asked for again when its turn comes, so that
// retries, sign-ins and errors happen one by one, in the visit's own order.
type early struct {
	line    *line
	request fetch.Request
	page    recipe.Page
	err     error
	done    chan struct{}
}

// line are the orders whose pages are wanted, some of them asked for already.
type line struct {
	v      *visit
	ctx    context.Context
	end    context.CancelFunc
	wanted []int
	asked  int // so many of them
	atOnce int
	under  map[int]*early
	way    sync.WaitGroup
	stop   bool // something is not as it should be: no more is asked early
}

// lineUp is nil where pages are asked for one by one.
func (v *visit) lineUp(ctx context.Context, wanted []int) *line {
	r := v.shop.Recipe
	if r.AtOnce < 2 || len(wanted) < 2 || r.Detail.Request.Engine != recipe.EngineFetch || v.s.o.Replay != nil {
		return nil
	}
	l := &line{v: v, wanted: wanted, atOnce: min(r.AtOnce, maxAtOnce), under: map[int]*early{}}
	l.ctx, l.end = context.WithCancel(ctx)
	return l
}

// next gives the n-th page, and asks for those that follow; nil if it was not
// asked for.
func (l *line) next(n int) *early {
	if l == nil {
		return nil
	}
	l.asked = max(l.asked, n)
	for !l.stop && l.asked < min(n+l.atOnce, len(l.wanted)) {
		l.ask(l.asked)
		l.asked++
	}
	e := l.under[n]
	delete(l.under, n)
	return e
}

// ask sends a request, paid for and at its distance from the one before, and
// does not wait for the answer.
func (l *line) ask(n int) {
	v := l.v
	if v.session == nil {
		return
	}
	base := v.out.Orders[l.wanted[n]]
	request, err := v.prepare(v.detailCall(base, v.rows[base.ID].vars))
	if err == nil {
		err = v.pay()
	}
	if err == nil {
		err = v.d.pace.wait(l.ctx)
	}
	client, failed := v.client()
	if err != nil || failed != nil {
		l.stop = true // the same comes up again in its turn
		return
	}
	e := &early{line: l, request: request, done: make(chan struct{})}
	l.under[n] = e
	l.way.Go(func() {
		defer close(e.done)
		defer func() {
			if what := recover(); what != nil {
				e.err = fmt.Errorf("panic: %T", what)
			}
		}()
		e.page, e.err = client.Do(l.ctx, request)
		e.page = extract.Prepare(e.page)
	})
}

// close waits for what is under way.
func (l *line) close() {
	if l == nil {
		return
	}
	l.v.early = nil
	l.end()
	l.way.Wait()
}

// takeEarly gives the page that was asked for early, if it is a good one.
func (t *trip) takeEarly() (recipe.Page, bool) {
	e := t.early
	t.early = nil
	if e == nil {
		return recipe.Page{}, false
	}
	<-e.done
	if e.page.Status != 0 {
		t.pages++
	}
	if e.err != nil || extract.SignedIn(t.shop.Recipe, e.page) != extract.Yes {
		// What else is under way ends first: it was sent by the same session.
		e.line.stop = true
		e.line.way.Wait()
		return recipe.Page{}, false
	}
	t.asked, t.request, t.last = e.request.URL, e.request, e.page
	t.keepOnTape("page of an order", e.request, e.page)
	return e.page, true
}
