package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// answerTimeout is how long Chrome may take to say its version before it is held
// for dead. On a very busy machine it takes seconds.
const answerTimeout = 10 * time.Second

// use lends a tab to f: the one used last if it is free, so that calls one after
// the other share a tab.
func (b *Browser) use(ctx context.Context, f func(context.Context, *tab) error) error {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-b.slots }()
	t, err := b.freeTab()
	if err != nil {
		return b.cause(ctx, nil, fmt.Errorf("opening a tab: %w", err))
	}
	return b.lend(ctx, t, f)
}

// useLast lends the tab whose page the last call returned.
func (b *Browser) useLast(ctx context.Context, f func(context.Context, *tab) error) error {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-b.slots }()
	b.mu.Lock()
	var t *tab
	for i, free := range b.idle {
		if free == b.last {
			t = free
			b.idle = append(b.idle[:i:i], b.idle[i+1:]...)
			break
		}
	}
	b.mu.Unlock()
	if !b.Alive() {
		return ErrGone
	}
	if t == nil {
		return errors.New("the page is no longer open, or another call uses it")
	}
	return b.lend(ctx, t, f)
}

// useOther lends a tab of its own, which is closed afterwards.
func (b *Browser) useOther(ctx context.Context, f func(context.Context, *tab) error) error {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-b.slots }()
	t, err := b.newTab()
	if err != nil {
		return b.cause(ctx, nil, fmt.Errorf("opening a tab: %w", err))
	}
	defer b.drop(t)
	tctx, done := withCaller(ctx, t)
	defer done()
	return b.checked(ctx, t, f(tctx, t))
}

// checked is cause; where an error may mean that Chrome hangs, it finds out.
func (b *Browser) checked(ctx context.Context, t *tab, err error) error {
	if err = b.cause(ctx, t, err); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !b.answers() {
		return ErrGone
	}
	return err
}

// withCaller is the tab's context, ended by the caller's too.
func withCaller(ctx context.Context, t *tab) (context.Context, func()) {
	tctx, cancel := context.WithCancelCause(t.ctx)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return tctx, func() { stop(); cancel(nil) }
}

func (b *Browser) lend(ctx context.Context, t *tab, f func(context.Context, *tab) error) error {
	tctx, done := withCaller(ctx, t)
	defer done()
	err := b.cause(ctx, t, f(tctx, t))
	if t.heir != nil {
		b.drop(t)
		t = t.heir
	}
	b.giveBack(t, err)
	if err != nil && ctx.Err() == nil && !b.Alive() {
		return ErrGone
	}
	return err
}

// giveBack keeps a tab that still answers.
func (b *Browser) giveBack(t *tab, err error) {
	if t.lost() || err != nil && !b.revive(t) {
		b.drop(t)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle, b.last = append(b.idle, t), t
}

// revive stops what a page may still be doing, and tells whether it answers.
func (b *Browser) revive(t *tab) bool {
	if !b.Alive() {
		return false
	}
	answers := make(chan bool, 1)
	go func() { answers <- b.answers() }()
	ok := t.calm(t.stopLoading) // while a navigation hangs, no question is passed on
	if alive := ok || <-answers; !alive {
		return false
	}
	return ok || t.calm(t.interrupt)
}

func (t *tab) calm(stop func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(t.ctx, 2*time.Second)
	defer cancel()
	if stop(ctx) != nil {
		return false
	}
	_, err := chromedp.Run(ctx, chromedp.Evaluate[int]("1"))
	return err == nil
}

// answers finds out whether Chrome itself still answers. One that does not is
// killed: it would hold up every visit to come.
func (b *Browser) answers() bool {
	ctx, cancel := context.WithTimeout(b.ctx, answerTimeout)
	defer cancel()
	_, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	if err != nil && b.ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		if b.hung.CompareAndSwap(false, true) {
			b.log.Warn("chrome answers no more and is killed", "dur", answerTimeout)
			killTree(b.pid)
		}
		return false
	}
	return err == nil
}

func (t *tab) stopLoading(ctx context.Context) error {
	_, err := chromedp.Call(ctx, page.StopLoading, cdp.Empty{})
	return err
}

func (b *Browser) drop(t *tab) {
	b.mu.Lock()
	delete(b.tabs, t.id)
	b.mu.Unlock()
	b.work.Go(t.cancel) // takes seconds where the page hangs
}

func (b *Browser) freeTab() (*tab, error) {
	b.mu.Lock()
	for n := len(b.idle); n > 0; n = len(b.idle) {
		t := b.idle[n-1]
		b.idle = b.idle[:n-1]
		if !t.lost() && !t.clings() {
			b.mu.Unlock()
			return t, nil
		}
		delete(b.tabs, t.id)
		b.work.Go(t.cancel)
	}
	b.mu.Unlock()
	return b.newTab()
}

// firstTab takes over the page that Chrome starts with.
func (b *Browser) firstTab() (*tab, error) {
	infos, err := chromedp.Targets(b.ctx)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		if info.Type == "page" {
			return b.attach(info.TargetID)
		}
	}
	return b.newTab()
}

func (b *Browser) newTab() (*tab, error) {
	b.making.Lock()
	defer b.making.Unlock()
	// A window of its own: a page that is not in front gets no animation frames.
	ctx, cancel := context.WithTimeout(b.ctx, b.opts.StepTimeout)
	defer cancel()
	made, err := chromedp.CallBrowser(ctx, target.CreateTarget, target.CreateTargetParams{URL: "about:blank", NewWindow: new(true)})
	if err == nil {
		var t *tab
		if t, err = b.attach(made.TargetID); err == nil {
			return t, nil
		}
	}
	b.answers()
	return nil, err
}

func (b *Browser) tabOf(ev *fetch.EventRequestPaused) *tab {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tabs[target.ID(ev.FrameID)]
}
