package browser

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// attachAtLeast is what a tab may take to be there: Chrome starts a process for it.
const attachAtLeast = 30 * time.Second

func (b *Browser) attach(id target.ID) (*tab, error) {
	t := newTab(id)
	life, leave := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithListener(t.see))
	t.ctx, t.end = context.WithCancel(life)
	t.cancel = func() { t.end(); leave() }
	b.mu.Lock()
	b.tabs[id] = t
	b.mu.Unlock()
	// The first call binds the life of the tab to its context, so it gets none
	// with a deadline.
	limit := max(b.opts.StepTimeout, attachAtLeast)
	late := time.AfterFunc(limit, t.cancel)
	err := b.prepareTab(t)
	if !late.Stop() && b.ctx.Err() == nil {
		err = &lateError{"a tab did not answer", limit}
	}
	if err != nil {
		b.drop(t)
		return nil, err
	}
	return t, nil
}

// prepareTab attaches to a tab, and turns off what chromedp turns on for
// queries of its own: a page's every change would be told.
func (b *Browser) prepareTab(t *tab) error {
	return chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, c *chromedp.Target) error {
		for _, off := range []string{dom.Disable.Method, css.Disable.Method, log.Disable.Method, runtime.Disable.Method} {
			if err := c.Call(ctx, off, nil, nil); err != nil {
				return fmt.Errorf("%s: %w", off, err)
			}
		}
		if b.person {
			return nil
		}
		for method, params := range map[string]any{
			network.SetBypassServiceWorker.Method:        network.SetBypassServiceWorkerParams{Bypass: true},
			emulation.SetFocusEmulationEnabled.Method:    emulation.SetFocusEmulationEnabledParams{Enabled: true},
			page.AddScriptToEvaluateOnNewDocument.Method: page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete globalThis.WebTransport"},
		} {
			if err := c.Call(ctx, method, params, nil); err != nil {
				return fmt.Errorf("%s: %w", method, err)
			}
		}
		b.work.Go(b.dismissDialogs(t))
		return nil
	}))
}

// dismissDialogs answers no to what a page asks, but lets it be left.
func (b *Browser) dismissDialogs(t *tab) func() {
	opening := chromedp.Events(t.ctx, page.JavascriptDialogOpening)
	return func() {
		for ev, err := range opening {
			if err != nil {
				return // the tab is gone
			}
			if err := t.dismiss(ev.Type == page.DialogTypeBeforeunload); err != nil && t.ctx.Err() == nil {
				b.log.Debug("a dialog of a page could not be dismissed", "err", err)
			}
		}
	}
}

// dismiss answers the dialog that is open. It waits no longer than a moment: the
// next dialog may be the one that Chrome is waiting for.
func (t *tab) dismiss(accept bool) error {
	ctx, cancel := context.WithTimeout(t.ctx, 2*time.Second)
	defer cancel()
	_, err := chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept})
	return err
}

// closePopups closes the windows that pages open: nothing here looks at them,
// and they are one more place for a page to act from. Those that a sign-in opens
// are followed instead.
func (b *Browser) closePopups() func() {
	created := chromedp.BrowserEvents(b.ctx, target.TargetCreated)
	return func() {
		for ev, err := range created {
			if err != nil {
				return // Chrome is gone
			}
			if ev.TargetInfo.Type == "page" {
				b.closeForeign(ev.TargetInfo)
			}
		}
	}
}

// noteCrashes ends what waits for a tab whose process died before the tab could
// say so itself: it may get one that is dead already.
func (b *Browser) noteCrashes() func() {
	crashes := chromedp.BrowserEvents(b.ctx, target.TargetCrashed)
	return func() {
		for ev, err := range crashes {
			if err != nil {
				return // Chrome is gone
			}
			b.mu.Lock()
			t := b.tabs[ev.TargetID]
			b.mu.Unlock()
			if t != nil {
				t.see(&inspector.EventTargetCrashed{})
			}
		}
	}
}

func (b *Browser) closeForeign(info *target.Info) {
	id := info.TargetID
	b.making.Lock() // the news of a tab of ours comes before we know its name
	b.mu.Lock()
	_, ours := b.tabs[id]
	first := len(b.tabs) == 0 // Chrome's own page, before firstTab
	b.mu.Unlock()
	b.making.Unlock()
	if ours || first {
		return
	}
	if s := b.stageOf(info); s != nil && s.expect(id) {
		b.work.Go(func() { s.takeOver(id) })
		return
	}
	b.log.Debug("a window that a page opened is closed")
	if _, err := chromedp.CallBrowser(b.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id}); err != nil && b.Alive() {
		b.log.Debug("a window that a page opened does not close", "err", err)
	}
}
