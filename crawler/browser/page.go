package browser

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

const (
	quietMoment = 60 * time.Millisecond // without a fetch: the page is at rest
	quietLimit  = 3 * time.Second       // for pages that never rest
	pollPause   = 25 * time.Millisecond
)

// Get opens an address, relative to the shop's, and returns the rendered page,
// or, with capture, the response that the page fetched. The page is there when
// wait holds; without wait, when it is loaded and has stopped fetching. Without
// wait the first response that fits is captured, with it the last one.
//
// The headers go with the page itself, and only to the shop's own origin. A page
// that is no HTML is returned as it came. A refusal (401, 403, 429, 5xx) is
// returned at once, whatever was waited for. Beside an error the page is what was
// shown instead, as far as there is one: often it is the sign-in form.
func (b *Browser) Get(ctx context.Context, address string, headers map[string]string, wait *recipe.Wait, capture *recipe.Capture) (recipe.Page, error) {
	full, err := b.resolve(address)
	if err != nil {
		return recipe.Page{}, fmt.Errorf("opening a page: %w", err)
	}
	var got recipe.Page
	err = b.use(ctx, func(ctx context.Context, t *tab) error {
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		t.startCatching(capture)
		t.listen()
		t.mu.Lock()
		t.headers = headers
		t.mu.Unlock()
		defer func() {
			t.mu.Lock()
			t.headers = nil
			t.mu.Unlock()
		}()
		if err := t.open(ctx, full); err != nil {
			return b.late(ctx, "it did not answer", err)
		}
		got, err = b.readAfter(ctx, t, wait, capture)
		return err
	})
	if err != nil {
		return got, fmt.Errorf("opening %s: %w", plain(full), err)
	}
	return got, nil
}

// readAfter waits and reads the page or the captured response.
func (b *Browser) readAfter(ctx context.Context, t *tab, wait *recipe.Wait, capture *recipe.Capture) (recipe.Page, error) {
	switch {
	case t.turnedAway(): // nothing that a recipe waits for comes on such a page
		wait, capture = nil, nil
	case wait != nil:
		if err := b.newStage(t).waitFor(ctx, wait); err != nil {
			return b.instead(ctx, t), b.late(ctx, waitWords(wait)+" did not come", err)
		}
		if capture != nil && !t.hasCaught() {
			t.quiet(ctx, quietMoment, quietLimit)
			if !t.hasCaught() {
				return b.instead(ctx, t), errors.New(captureWords(capture))
			}
		}
	case capture == nil:
		if err := t.load(ctx); err != nil {
			return recipe.Page{}, b.late(ctx, "it did not finish loading", err)
		}
		t.quiet(ctx, quietMoment, quietLimit)
	}
	if capture != nil {
		p, err := b.caught(ctx, t, wait != nil)
		if err != nil {
			p = b.instead(ctx, t)
		}
		return p, b.late(ctx, captureWords(capture), err)
	}
	p, err := b.read(ctx, t)
	return p, b.late(ctx, "it could not be read", err)
}

// turnedAway reports whether the shop answered with a refusal or a failure of
// its own instead of the page.
func (t *tab) turnedAway() bool {
	_, doc := t.shown()
	if doc == nil {
		return false
	}
	switch status := int(doc.answer.Status); status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return true
	default:
		return status >= http.StatusInternalServerError
	}
}

func (t *tab) hasCaught() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.catch != nil && (len(t.catch.whole) > 0 || len(t.catch.open) > 0)
}

// instead returns what is shown where something else was waited for: often it is
// the sign-in form. The caller's deadline has passed, so it has a short one of
// its own.
func (b *Browser) instead(ctx context.Context, t *tab) recipe.Page {
	if errors.Is(ctx.Err(), context.Canceled) {
		return recipe.Page{}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	p, err := b.readOnce(ctx, t)
	if err != nil {
		return recipe.Page{}
	}
	return p
}

// late puts a deadline of ours into words.
func (b *Browser) late(ctx context.Context, what string, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) {
		return &lateError{what, b.opts.StepTimeout}
	}
	return err
}

// open navigates, and ends when the new document is there.
func (t *tab) open(ctx context.Context, address string) error {
	if err := t.leaveForFragment(ctx, address); err != nil {
		return err
	}
	t.stopped(nil)
	res, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: address})
	if err != nil {
		return err
	}
	t.mu.Lock()
	stop := t.stop
	t.mu.Unlock()
	switch {
	case stop != nil:
		return stop
	case res.IsDownload:
		return errors.New("it is a download, not a page")
	case res.ErrorText != "":
		return fmt.Errorf("chrome says %s", clip(strings.TrimPrefix(res.ErrorText, "net::"), 80))
	}
	return t.await(ctx, func() bool {
		return t.loader == res.LoaderID || t.answers[t.loader] != nil && t.loader != "" && !t.leaving
	})
}

// leaveForFragment goes to an empty page first where Chrome would only scroll
// the old one: what is read has to be what the shop answers now.
func (t *tab) leaveForFragment(ctx context.Context, address string) error {
	now, _ := t.shown()
	a, _, has := strings.Cut(address, "#")
	if n, _, _ := strings.Cut(now, "#"); !has || a != n {
		return nil
	}
	res, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: "about:blank"})
	if err != nil {
		return err
	}
	return t.await(ctx, func() bool { return t.loader == res.LoaderID })
}

// captureWords says what was not fetched.
func captureWords(c *recipe.Capture) string {
	s := "the page fetched no complete response"
	if c.URL != nil {
		s += " like " + c.URL.String()
	}
	if c.Operation != "" {
		s += " of the operation " + c.Operation
	}
	return s
}

// read returns the page that the tab shows.
func (b *Browser) read(ctx context.Context, t *tab) (recipe.Page, error) {
	for {
		p, err := b.readOnce(ctx, t)
		if !errors.Is(err, errNoDocument) {
			return p, err
		}
		if pause(ctx, pollPause); ctx.Err() != nil {
			return recipe.Page{}, ctx.Err()
		}
	}
}

func (b *Browser) readOnce(ctx context.Context, t *tab) (recipe.Page, error) {
	url, doc := t.shown()
	p := recipe.Page{URL: url, Type: "text/html", At: time.Now()}
	if doc != nil {
		p.Status, p.Header = int(doc.answer.Status), header(doc.answer.Headers)
		if media := doc.answer.MimeType; media != "" && media != "text/html" && media != "application/xhtml+xml" {
			var err error
			p.Type = media
			p.Body, err = b.body(ctx, doc.request)
			return p, err
		}
	}
	s, err := ask[struct{ HTML, URL string }](ctx, t, "snapshot", maxBody)
	if err != nil {
		return recipe.Page{}, err
	}
	if s.HTML == "" || len(s.HTML) > maxBody {
		return recipe.Page{}, errTooLarge
	}
	p.URL, p.Body = s.URL, []byte(s.HTML)
	return p, nil
}

// body returns a response as text in UTF-8, as Chrome decoded it.
func (b *Browser) body(ctx context.Context, id network.RequestID) ([]byte, error) {
	res, err := chromedp.Call(ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	if err != nil {
		return nil, fmt.Errorf("reading the response: %w", err)
	}
	if len(res.Body) > maxBody {
		return nil, errTooLarge
	}
	return res.Body, nil
}

func header(h network.Headers) http.Header {
	out := http.Header{}
	for name, value := range h {
		for line := range strings.SplitSeq(fmt.Sprint(value), "\n") { // Chrome joins repeated ones so
			out.Add(name, line)
		}
	}
	return out
}

// mediaType is the type without parameters.
func mediaType(s string) string {
	if media, _, err := mime.ParseMediaType(s); err == nil {
		return media
	}
	return s
}
