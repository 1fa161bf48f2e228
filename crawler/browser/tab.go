package browser

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
)

const (
	heardAtMost   = 5000 // addresses that a page can make us remember
	dialogsAtMost = 3    // of a page whose tab is used again
)

// tab is one page of Chrome, and what its events tell: which document it shows,
// whether that is loaded, and what its scripts fetch.
type tab struct {
	id     target.ID
	ctx    context.Context
	cancel func()
	end    func() // of ctx alone, when the page crashes: nothing that was asked is answered any more

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew with every event that counts
	frame    cdp.FrameID   // the main one
	url      string
	loader   cdp.LoaderID // of the document that is shown
	loaded   bool         // it has had its load event
	leaving  bool         // a navigation to another document is under way
	answers  map[cdp.LoaderID]*document
	fetching map[network.RequestID]*asked
	apart    map[string]time.Time // addresses of fetches that are no part of an act, and when the last one ended
	fetches  int                  // how many began since the document came
	fetched  time.Time            // when the last one began or ended
	crashed  bool
	dialogs  int   // that the document has opened
	stop     error // of the guard, for a document
	headers  map[string]string
	world    runtime.ExecutionContextID // our isolated one; 0: to be made
	catch    *catch
	answered map[network.RequestID]string // addresses of responses that are not whole yet
	heard    []string                     // addresses of the whole ones, since listen
	heir     *tab                         // a window that takes its place
}

// document is the response that a page came with.
type document struct {
	request network.RequestID
	answer  *network.Response
	size    int64 // bytes so far
}

func newTab(id target.ID) *tab {
	return &tab{
		id: id, frame: cdp.FrameID(id), changed: make(chan struct{}),
		answers: map[cdp.LoaderID]*document{}, fetching: map[network.RequestID]*asked{},
		answered: map[network.RequestID]string{}, apart: map[string]time.Time{},
	}
}

func (t *tab) session(ctx context.Context) (context.Context, func(), error) {
	tctx, done := within(ctx, t.ctx)
	return tctx, done, nil
}

func (t *tab) isolated(ctx context.Context) (world runtime.ExecutionContextID, fresh bool, err error) {
	t.mu.Lock()
	world, frame, loader := t.world, t.frame, t.loader
	t.mu.Unlock()
	if world != 0 {
		return world, false, nil
	}
	if world, err = makeWorld(ctx, frame); err != nil {
		return 0, false, err
	}
	t.mu.Lock()
	if t.loader == loader {
		t.world = world
	}
	t.mu.Unlock()
	return world, true, nil
}

func (t *tab) forget(world runtime.ExecutionContextID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.world == world {
		t.world = 0
	}
}

func (t *tab) onTab(_ context.Context, x, y float64) (spot, error) {
	return spot{X: x, Y: y, Free: true}, nil
}

// news wakes whoever waits for the tab; t.mu is held.
func (t *tab) news() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// see follows the events of the tab, in their order. It must be quick and ask
// Chrome nothing.
func (t *tab) see(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch ev := ev.(type) {
	case *page.EventFrameNavigated:
		if ev.Frame.ParentID == "" {
			t.arrive(ev.Frame)
		}
	case *page.EventFrameRequestedNavigation:
		if ev.FrameID == t.frame && ev.Disposition == page.ClientNavigationDispositionCurrentTab {
			t.leaving = true
		}
	case *page.EventFrameStartedNavigating:
		if ev.FrameID == t.frame && !sameDocument(ev.NavigationType) {
			t.leaving = true
		}
	case *page.EventNavigatedWithinDocument:
		if ev.FrameID == t.frame {
			t.url, t.leaving = ev.URL, false
		}
	case *page.EventFrameStoppedLoading:
		if ev.FrameID == t.frame {
			t.leaving = false
		}
	case *page.EventLifecycleEvent:
		if ev.FrameID == t.frame && ev.Name == "load" && ev.LoaderID == t.loader {
			t.loaded = true
		}
	case *page.EventJavascriptDialogOpening:
		t.dialogs++
	case *inspector.EventTargetCrashed, *inspector.EventDetached:
		t.crashed = true
		t.end()
	default:
		if !t.seeRequest(ev) {
			return
		}
	}
	t.news()
}

func (t *tab) arrive(f *cdp.Frame) {
	t.frame, t.url, t.loader = f.ID, f.URL+f.URLFragment, f.LoaderID
	t.loaded, t.leaving, t.world = false, false, 0
	maps.DeleteFunc(t.answers, func(l cdp.LoaderID, _ *document) bool { return l != f.LoaderID })
	clear(t.fetching)
	clear(t.apart)
	t.fetches, t.dialogs = 0, 0
}

func sameDocument(n page.FrameStartedNavigatingNavigationType) bool {
	return n == page.FrameStartedNavigatingNavigationTypeSameDocument || n == page.FrameStartedNavigatingNavigationTypeHistorySameDocument
}

// await ends when cond holds; cond is called with t.mu held.
func (t *tab) await(ctx context.Context, cond func() bool) error {
	for {
		t.mu.Lock()
		ok, changed, crashed := cond(), t.changed, t.crashed
		t.mu.Unlock()
		switch {
		case ok:
			return nil
		case crashed:
			return errTab
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// load waits until the document is loaded and no other one is under way. It does
// not wait for one that is too large to be read.
func (t *tab) load(ctx context.Context) error {
	large := false
	err := t.await(ctx, func() bool {
		doc := t.answers[t.loader]
		large = doc != nil && doc.size > maxBody
		return large || t.settled()
	})
	if err == nil && large {
		return errTooLarge
	}
	return err
}

// settled: the document is loaded and no other one is under way.
func (t *tab) settled() bool { return t.loaded && !t.leaving }

// quiet waits until nothing has been fetched for a moment, but no longer than
// limit: some pages never stop asking.
func (t *tab) quiet(ctx context.Context, moment, limit time.Duration) {
	end := time.Now().Add(limit)
	for time.Now().Before(end) && ctx.Err() == nil {
		t.mu.Lock()
		calm := t.fetches == 0 || len(t.fetching) == 0 && time.Since(t.fetched) >= moment
		t.mu.Unlock()
		if calm {
			return
		}
		pause(ctx, moment/4)
	}
}

func (t *tab) lost() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.crashed || t.ctx.Err() != nil
}

// clings tells of a page that opens one dialog after the other: as long as one is
// open, Chrome does not leave it.
func (t *tab) clings() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dialogs > dialogsAtMost
}

// stopped keeps the guard's word on a document, for whoever asked for it.
func (t *tab) stopped(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop = err
}

// extraHeaders are those that Get gave.
func (t *tab) extraHeaders() map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.headers)
}

// shown returns the address and the response of the document that is shown.
func (t *tab) shown() (string, *document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.url, t.answers[t.loader]
}

// pause waits a little, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
