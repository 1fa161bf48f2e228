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

// tab is one page of Chrome, and what its events tell: which document it shows,
// whether that is loaded, and what its scripts fetch.
type tab struct {
	id     target.ID
	ctx    context.Context
	cancel func()

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew with every event that counts
	frame    cdp.FrameID   // the main one
	url      string
	loader   cdp.LoaderID // of the document that is shown
	loaded   bool         // it has had its load event
	leaving  bool         // a navigation to another document is under way
	answers  map[cdp.LoaderID]*document
	fetching map[network.RequestID]struct{}
	fetches  int       // how many began since the document came
	fetched  time.Time // when the last one began or ended
	crashed  bool
	stop     error // of the guard, for a document
	headers  map[string]string
	world    runtime.ExecutionContextID // our isolated one; 0: to be made
	catch    *catch
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
		answers: map[cdp.LoaderID]*document{}, fetching: map[network.RequestID]struct{}{},
	}
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
	case *inspector.EventTargetCrashed, *inspector.EventDetached:
		t.crashed = true
	default:
		if !t.seeRequest(ev) {
			return
		}
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// seeRequest is false for an event that is no news.
func (t *tab) seeRequest(ev any) bool {
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		t.beginRequest(ev)
	case *network.EventResponseReceived:
		if ev.Type == network.ResourceTypeDocument && ev.FrameID == t.frame {
			t.answers[ev.LoaderID] = &document{request: ev.RequestID, answer: ev.Response}
		}
		t.catch.response(ev)
	case *network.EventDataReceived:
		doc := t.answers[cdp.LoaderID(ev.RequestID)] // the two are equal for a document
		if doc == nil {
			return false
		}
		doc.size += ev.DataLength
	case *network.EventLoadingFinished:
		t.endRequest(ev.RequestID, true)
	case *network.EventLoadingFailed:
		t.endRequest(ev.RequestID, false)
	default:
		return false
	}
	return true
}

func (t *tab) arrive(f *cdp.Frame) {
	t.frame, t.url, t.loader = f.ID, f.URL+f.URLFragment, f.LoaderID
	t.loaded, t.leaving, t.world = false, false, 0
	maps.DeleteFunc(t.answers, func(l cdp.LoaderID, _ *document) bool { return l != f.LoaderID })
	clear(t.fetching)
	t.fetches = 0
}

func (t *tab) beginRequest(ev *network.EventRequestWillBeSent) {
	t.catch.request(ev)
	if ev.Type == network.ResourceTypeXHR || ev.Type == network.ResourceTypeFetch {
		t.fetching[ev.RequestID] = struct{}{}
		t.fetches++
		t.fetched = time.Now()
	}
}

func (t *tab) endRequest(id network.RequestID, whole bool) {
	t.catch.end(id, whole)
	if _, ok := t.fetching[id]; ok {
		delete(t.fetching, id)
		t.fetched = time.Now()
	}
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
