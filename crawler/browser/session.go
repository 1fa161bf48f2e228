package browser

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// Cookie is one cookie, as it is kept over restarts of Chrome. It prints without
// its value.
type Cookie struct {
	Name     string    `json:"name"`
	Value    string    `json:"value"`
	Domain   string    `json:"domain"` // with a leading dot: subdomains too
	Path     string    `json:"path"`
	Expires  time.Time `json:"expires,omitzero"` // zero: ends with the session
	HTTPOnly bool      `json:"http_only,omitempty"`
	Secure   bool      `json:"secure,omitempty"`
	SameSite string    `json:"same_site,omitempty"` // "Strict", "Lax", "None" or ""
}

func (c Cookie) String() string { return c.Name + "=[redacted] for " + c.Domain + c.Path }

// GoString is String: %#v tells no more than %v.
func (c Cookie) GoString() string { return c.String() }

// LogValue is String.
func (c Cookie) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Cookies returns all cookies, those of the session too.
func (b *Browser) Cookies(ctx context.Context) ([]Cookie, error) {
	bctx, cancel := b.bound(ctx)
	defer cancel()
	res, err := chromedp.CallBrowser(bctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		return nil, fmt.Errorf("reading cookies: %w", b.checked(ctx, nil, err))
	}
	cookies := make([]Cookie, 0, len(res.Cookies))
	for _, c := range res.Cookies {
		cookie := Cookie{
			Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path,
			HTTPOnly: c.HTTPOnly, Secure: c.Secure, SameSite: string(c.SameSite),
		}
		if !c.Session && c.Expires > 0 {
			cookie.Expires = time.Unix(int64(c.Expires), 0).UTC()
		}
		cookies = append(cookies, cookie)
	}
	return cookies, nil
}

// SetCookies adds cookies. One without a leading dot in its domain stays with
// that host alone, as it was.
func (b *Browser) SetCookies(ctx context.Context, cookies []Cookie) error {
	params := make([]*network.CookieParam, 0, len(cookies))
	for _, c := range cookies {
		p := &network.CookieParam{
			Name: c.Name, Value: c.Value, Path: c.Path,
			HTTPOnly: c.HTTPOnly, Secure: c.Secure, SameSite: network.CookieSameSite(c.SameSite),
		}
		if strings.HasPrefix(c.Domain, ".") {
			p.Domain = c.Domain
		} else {
			p.URL = map[bool]string{true: "https://", false: "http://"}[c.Secure] + c.Domain + c.Path
		}
		if !c.Expires.IsZero() {
			p.Expires = cdp.TimeSinceEpoch(c.Expires.Unix())
		}
		params = append(params, p)
	}
	bctx, cancel := b.bound(ctx)
	defer cancel()
	if _, err := chromedp.CallBrowser(bctx, storage.SetCookies, storage.SetCookiesParams{Cookies: params}); err != nil {
		return fmt.Errorf("setting cookies: %w", b.checked(ctx, nil, err))
	}
	return nil
}

// bound is the browser's context with the end of the caller's and a deadline.
func (b *Browser) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	bctx, cancel := context.WithTimeout(b.ctx, b.opts.StepTimeout)
	stop := context.AfterFunc(ctx, cancel)
	return bctx, func() { stop(); cancel() }
}

// Storage returns the localStorage of the origin of an address.
func (b *Browser) Storage(ctx context.Context, address string) (map[string]string, error) {
	var items map[string]string
	err := b.atOrigin(ctx, address, func(ctx context.Context, t *tab) error {
		var err error
		items, err = ask[map[string]string](ctx, t, "storage")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the storage of %s: %w", plain(address), err)
	}
	return items, nil
}

// SetStorage adds to the localStorage of the origin of an address.
func (b *Browser) SetStorage(ctx context.Context, address string, items map[string]string) error {
	err := b.atOrigin(ctx, address, func(ctx context.Context, t *tab) error {
		_, err := ask[*struct{}](ctx, t, "store", items)
		return err
	})
	if err != nil {
		return fmt.Errorf("setting the storage of %s: %w", plain(address), err)
	}
	return nil
}

// atOrigin runs f in an empty page of an origin. The page is answered here: the
// shop is not asked for it.
func (b *Browser) atOrigin(ctx context.Context, address string, f func(context.Context, *tab) error) error {
	full, err := b.resolve(address)
	if err != nil {
		return err
	}
	b.storing.Lock()
	defer b.storing.Unlock()
	blank := origin(full) + "/" + rand.Text()
	b.setBlank(blank)
	defer b.setBlank("")
	return b.useOther(ctx, func(ctx context.Context, t *tab) error {
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		if err := t.open(ctx, blank); err != nil {
			return err
		}
		return f(ctx, t)
	})
}

func (b *Browser) setBlank(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blank = address
}

func (b *Browser) isBlank(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.blank != "" && address == b.blank
}

// Screenshot returns the page of the last call as PNG: what the window shows of
// it.
func (b *Browser) Screenshot(ctx context.Context) ([]byte, error) {
	var png []byte
	err := b.useLast(ctx, func(ctx context.Context, _ *tab) error {
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		res, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
		png = res.Data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("taking a screenshot: %w", err)
	}
	return png, nil
}
