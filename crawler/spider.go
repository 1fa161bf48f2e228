package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Shop is one back-office and how to get into it.
type Shop struct {
	extract.Shop
	User         string
	Password     order.Secret
	TOTP         order.Secret // base32, of one-time codes (RFC 6238); "" if the shop wants none
	Recipe       *recipe.Recipe
	PagesPerHour int // list and order pages in any hour; 300 if zero
}

// Options of a Spider.
type Options struct {
	Browser  browser.Options
	Log      *slog.Logger     // nil: nothing is logged
	Now      func() time.Time // time.Now if nil
	SaveDir  string           // for pages that could not be read (redacted) and screenshots; "" saves none
	Progress func(shop string, done, total int, what string)
	Record   *Recorder // keeps every page that is read, redacted; nil: none
	Replay   *Replayer // answers instead of the shops; nil: they are asked
}

// Spider visits shops. Its methods may be called from several goroutines.
type Spider struct {
	o     Options
	mu    sync.Mutex
	desks map[string]*desk
}

// New makes a spider. It opens nothing yet.
func New(o Options) *Spider {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Browser.Log == nil {
		o.Browser.Log = o.Log
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int, string) {}
	}
	return &Spider{o: o, desks: map[string]*desk{}}
}

// Close ends every Chrome and connection. It waits for running visits: cancel
// their contexts first.
func (s *Spider) Close() error {
	var errs []error
	for _, d := range s.all() {
		d.turn <- struct{}{}
		errs = append(errs, d.close())
		<-d.turn
	}
	return errors.Join(errs...)
}

// Idle closes the Chrome of a shop, unless a visit is using it.
func (s *Spider) Idle(shop string) {
	s.mu.Lock()
	d := s.desks[shop]
	s.mu.Unlock()
	if d == nil {
		return
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
		if err := d.close(); err != nil {
			s.o.Log.Warn("chrome did not close well", "shop", shop, "err", err)
		}
	default: // a visit runs; whoever called will call again
	}
}

func (s *Spider) all() []*desk {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*desk, 0, len(s.desks))
	for _, d := range s.desks {
		out = append(out, d)
	}
	return out
}

// desk is what the spider keeps of a shop between visits: connections, Chrome,
// the guard, and how much was asked lately. Whoever holds its turn may use it.
type desk struct {
	turn   chan struct{}
	pace   *pace
	rests  ladder
	failed int // looks that failed at their order's page alone, in a row: see FailedPageError
	door   door
	who    string // whom everything below belongs to: see identity
	base   *url.URL
	guard  *recipe.Guard

	client  *fetch.Client
	holds   string // id of the session whose cookies the client has
	browser *browser.Browser
	end     context.CancelFunc // of the browser's life
	codes   codes              // one-time codes that were used
	shown   string             // fingerprint of the cookies that client and browser agree on
}

// desk waits for the shop's turn. The caller gives it back by <-d.turn.
func (s *Spider) desk(ctx context.Context, shop Shop) (*desk, error) {
	d := s.deskOf(shop.Name)
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if err := s.furnish(d, shop); err != nil {
		<-d.turn
		return nil, err
	}
	return d, nil
}

func (s *Spider) deskOf(shop string) *desk {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desks[shop]
	if d == nil {
		d = s.newDesk()
		s.desks[shop] = d
	}
	return d
}

func (s *Spider) newDesk() *desk {
	return &desk{turn: make(chan struct{}, 1), pace: &pace{now: s.o.Now}}
}

// furnish makes a desk fit for a shop; one that has changed in the config starts
// anew.
func (s *Spider) furnish(d *desk, shop Shop) error {
	base, err := url.Parse(shop.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return fmt.Errorf("shop %s: its url is not an http address; mend url: in the config", shop.Name)
	}
	if shop.Recipe == nil {
		return fmt.Errorf("shop %s: it has no recipe", shop.Name)
	}
	d.pace.set(shop, base)
	if d.who == identity(shop) {
		return nil
	}
	if err := d.close(); err != nil {
		s.o.Log.Warn("chrome did not close well", "shop", shop.Name, "err", err)
	}
	if d.who != "" {
		d.rests.reset()
	}
	d.who, d.base = identity(shop), base
	d.guard = recipe.NewGuard(base, shop.Recipe.Allow, shop.Recipe.Deny, s.o.Log.With("shop", shop.Name))
	return nil
}

// identity tells shops apart, and shops whose entry in the config has changed.
func identity(shop Shop) string {
	return fmt.Sprintf("%s\n%s\n%s\n%p", shop.URL, shop.User, shop.Recipe.Name, shop.Recipe)
}

func (d *desk) close() error {
	if d.client != nil {
		d.client.Close()
	}
	d.client, d.holds, d.shown = nil, "", ""
	return d.closeBrowser()
}

func (d *desk) closeBrowser() error {
	if d.browser == nil {
		return nil
	}
	err := d.browser.Close()
	d.end()
	d.browser, d.end, d.shown = nil, nil, ""
	return err
}

func loopback(base *url.URL) bool {
	host := strings.ToLower(base.Hostname())
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
