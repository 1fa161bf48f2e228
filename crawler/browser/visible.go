package browser

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nudged/crawler/recipe"
)

const (
	lookEvery  = 700 * time.Millisecond // at the page, for a code or a question
	askedMost  = 5                      // times for a one-time code
	qrMargin   = 12                     // pixels around the code, which readers need
	answerTime = 3 * time.Second
)

// Alive is false once the person has closed the browser.
func (v *Visible) Alive() bool { return v.b.Alive() }

// Page returns the page that the person looks at. ErrGone says that they closed
// the browser.
func (v *Visible) Page(ctx context.Context) (recipe.Page, error) {
	var p recipe.Page
	err := v.look(ctx, func(ctx context.Context, t *tab) error {
		var err error
		p, err = v.b.read(ctx, t)
		return err
	})
	if err != nil {
		return recipe.Page{}, fmt.Errorf("reading the page: %w", err)
	}
	if p.Status == 0 { // it was there before we looked
		p.Status = http.StatusOK
	}
	return p, nil
}

// Cookies returns all cookies, those of the session too.
func (v *Visible) Cookies(ctx context.Context) ([]Cookie, error) { return v.b.Cookies(ctx) }

// Storage returns the localStorage of an address's origin, as far as a page of it
// is open; nothing is opened for it.
func (v *Visible) Storage(ctx context.Context, address string) (map[string]string, error) {
	tabs, err := v.tabs()
	if err != nil {
		return nil, fmt.Errorf("reading the storage: %w", err)
	}
	for _, t := range tabs {
		if at, _ := t.shown(); origin(at) != origin(address) {
			continue
		}
		tctx, done := withCaller(ctx, t)
		items, err := ask[map[string]string](tctx, t, "storage")
		done()
		if err == nil || ctx.Err() != nil {
			return items, err
		}
	}
	return nil, nil
}

// UserAgent returns what the browser says that it is.
func (v *Visible) UserAgent(ctx context.Context) (string, error) { return v.b.UserAgent(ctx) }

// Screenshot returns what the person sees, as PNG.
func (v *Visible) Screenshot(ctx context.Context) ([]byte, error) {
	var png []byte
	err := v.look(ctx, func(ctx context.Context, _ *tab) error {
		res, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
		png = res.Data
		return err
	})
	return png, err
}

// QR returns a picture of the code on the page, as PNG; nil if there is none now.
func (v *Visible) QR(ctx context.Context) ([]byte, error) {
	if v.opts.QR == nil {
		return nil, nil
	}
	var png []byte
	err := v.look(ctx, func(ctx context.Context, t *tab) error {
		box, err := ask[struct {
			Found         bool
			X, Y          float64
			Width, Height float64
		}](ctx, t, "box", v.opts.QR.Source)
		if err != nil || !box.Found {
			return err
		}
		res, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
			CaptureBeyondViewport: new(true),
			Clip: &page.Viewport{
				X: max(0, box.X-qrMargin), Y: max(0, box.Y-qrMargin),
				Width: box.Width + 2*qrMargin, Height: box.Height + 2*qrMargin, Scale: 2,
			},
		})
		png = res.Data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("taking a picture of the code: %w", err)
	}
	return png, nil
}

// look lends the page that the person looks at: the one in front that has the
// focus, or any in front.
func (v *Visible) look(ctx context.Context, f func(context.Context, *tab) error) error {
	ctx, cancel := context.WithTimeout(ctx, v.b.opts.StepTimeout)
	defer cancel()
	tabs, err := v.tabs()
	if err != nil {
		return err
	}
	best, most := tabs[0], -1
	for _, t := range tabs {
		if len(tabs) == 1 {
			break
		}
		soon, cancel := context.WithTimeout(ctx, answerTime)
		front, err := ask[int](soon, t, "front")
		cancel()
		if err == nil && front > most {
			best, most = t, front
		}
	}
	tctx, done := within(ctx, best.ctx)
	defer done()
	return v.b.cause(ctx, best, f(tctx, best))
}

// tabs are the pages that are open; at least one.
func (v *Visible) tabs() ([]*tab, error) {
	b := v.b
	if !b.Alive() {
		return nil, ErrGone
	}
	infos, err := chromedp.Targets(b.ctx)
	if err != nil {
		return nil, b.cause(b.ctx, nil, err)
	}
	b.making.Lock()
	defer b.making.Unlock()
	var open []*tab
	for _, info := range infos {
		if info.Type != "page" {
			continue
		}
		b.mu.Lock()
		t := b.tabs[info.TargetID]
		b.mu.Unlock()
		if t == nil {
			if t, err = b.attach(info.TargetID); err != nil || t.catchUp() != nil {
				continue // it closed again, or does not answer
			}
		}
		open = append(open, t)
	}
	if len(open) == 0 {
		return nil, ErrGone
	}
	return open, nil
}

// watch shows the codes that come up on the page, and asks for those that it
// wants.
func (v *Visible) watch(ctx context.Context) {
	shown, asked := [sha256.Size]byte{}, 0
	for ctx.Err() == nil && v.Alive() {
		if v.opts.QR != nil && v.opts.ShowQR != nil {
			shown = v.showNew(ctx, shown)
		}
		if v.opts.Ask != nil && !v.opts.Headed && asked < askedMost {
			n, err := v.askCode(ctx, asked)
			if err != nil {
				v.b.log.Debug("no more one-time codes are asked for", "err", clip(err.Error(), 200))
				n = askedMost
			}
			asked = n
		}
		pause(ctx, lookEvery)
	}
}

// showNew shows a code that is not the one shown last.
func (v *Visible) showNew(ctx context.Context, last [sha256.Size]byte) [sha256.Size]byte {
	png, err := v.QR(ctx)
	if err != nil || png == nil {
		return last
	}
	text := readQR(png)
	sum := sha256.Sum256([]byte(text))
	if text == "" {
		sum = sha256.Sum256(png)
	}
	if sum != last {
		v.opts.ShowQR(png, text)
	}
	return sum
}

// askCode asks for a one-time code if the page has an empty field for one, types
// the answer there and presses Enter. It returns how often it has asked.
func (v *Visible) askCode(ctx context.Context, asked int) (int, error) {
	var question string
	err := v.look(ctx, func(ctx context.Context, t *tab) error {
		var err error
		question, err = ask[string](ctx, t, "codeField")
		return err
	})
	if err != nil || question == "" {
		return asked, nil // the page is on its way
	}
	if asked > 0 {
		question += " (again)"
	}
	code, err := v.opts.Ask(clip(question, 80))
	if err != nil {
		return asked, err
	}
	err = v.look(ctx, func(ctx context.Context, t *tab) error {
		// A page without a window has no focus either.
		if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
			return err
		}
		if ok, err := ask[bool](ctx, t, "focusCode"); err != nil || !ok {
			return cmp.Or(err, errors.New("the field is gone"))
		}
		return errors.Join(t.typeIn(ctx, code, true), chromedp.Do(ctx, chromedp.KeyEvent(kb.Enter)))
	})
	if err != nil {
		v.b.log.Debug("the one-time code could not be typed", "err", clip(err.Error(), 200))
	}
	pause(ctx, lookEvery)
	return asked + 1, nil
}
