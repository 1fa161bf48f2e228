package crawler

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Pace is pace for tests.
type Pace struct{ pace }

// NewPace makes one that never ran.
func NewPace(delay time.Duration) *Pace { return &Pace{pace{now: time.Now, delay: delay}} }

// Wait for the next request.
func (p *Pace) Wait(ctx context.Context) error { return p.wait(ctx) }

// DelayOf a shop at an address.
func DelayOf(address string, own time.Duration) time.Duration {
	base, err := url.Parse(address)
	if err != nil {
		return -1
	}
	var p pace
	p.set(Shop{Recipe: &recipe.Recipe{Delay: own}}, base)
	return p.delay
}

// Codes makes one-time codes as a sign-in does.
type Codes struct{ t *trip }

// NewCodes makes one with a clock.
func NewCodes(now func() time.Time) *Codes {
	return &Codes{&trip{s: New(Options{Now: now}), d: &desk{}, log: slog.New(slog.DiscardHandler)}}
}

// Code of a secret.
func (c *Codes) Code(ctx context.Context, secret order.Secret) (string, error) {
	c.t.shop.TOTP = secret
	return c.t.code(ctx)
}

// LockTime is duration for tests.
func LockTime(text string) time.Duration {
	d, _ := duration(text)
	return d
}

// Glance is what a window of a test shows.
type Glance struct {
	Page    recipe.Page
	Cookies []browser.Cookie
	Storage map[string]string
	Agent   string
	Err     error
}

// WithWindow lets a login look at a window that is none.
func WithWindow(o LoginOptions, opened func(address string, qr bool), look func() Glance) LoginOptions {
	o.open = func(_ context.Context, p browser.PersonOptions, _ string) (window, error) {
		opened(p.URL, p.QR != nil)
		return &fakeWindow{look}, nil
	}
	return o
}

type fakeWindow struct{ look func() Glance }

func (w *fakeWindow) Look(context.Context) (glance, error) {
	g := w.look()
	return glance{page: g.Page, cookies: g.Cookies, storage: g.Storage, agent: g.Agent}, g.Err
}

func (w *fakeWindow) Close() error { return nil }

// TakeUp a kept session and write it again.
func TakeUp(blob []byte) []byte {
	s := New(Options{})
	t := &trip{s: s, d: s.newDesk(), shop: Shop{Recipe: &recipe.Recipe{}}, log: slog.New(slog.DiscardHandler)}
	t.takeUp(blob)
	return t.blob()
}

// ContactErrorOf an error of a request.
func ContactErrorOf(ctx context.Context, err error) error {
	return contactError(ctx, "https://shop.example/", err)
}

// Addresses that a typed one may mean.
func Addresses(typed string) ([]string, error) {
	found, err := addresses(typed)
	var out []string
	for _, u := range found {
		out = append(out, u.String())
	}
	return out, err
}
