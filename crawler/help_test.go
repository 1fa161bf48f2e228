package crawler_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// Canaries must turn up in no log, error or saved page.
const (
	canaryPassword = "canary-Pa55-word"
	canaryPhone    = "+1 202 555 0199"
	canaryEmail    = "canary.bird@example.test"
)

// rig is a demo shop, a spider that visits it, and a memory as short as the
// store's index: what was seen, and the session.
type rig struct {
	t      *testing.T
	demo   *demoshop.Shop
	spider *crawler.Spider
	shop   crawler.Shop
	saved  string
	log    *safeBuffer

	known   map[string]crawler.Seen
	session []byte
	skew    atomic.Int64 // how much later it is for the spider
}

// later lets time pass for the spider.
func (r *rig) later(d time.Duration) { r.skew.Add(int64(d)) }

func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.skew.Load())) }

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newRig(t *testing.T, o demoshop.Options, text []byte) *rig {
	t.Helper()
	if o.Password == "" {
		o.Password = canaryPassword
	}
	demo, err := demoshop.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = demo.Close() })
	rec, err := recipe.Parse("recipe.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, demo: demo, saved: t.TempDir(), log: &safeBuffer{}, known: map[string]crawler.Seen{}}
	r.shop = crawler.Shop{
		Shop: extract.Shop{Name: "demo", URL: demo.URL, Zone: time.UTC, Region: "US", Currency: "USD"},
		User: demo.User(), Password: order.Secret(demo.Password()), Recipe: rec, PagesPerHour: 100_000,
	}
	r.spider = crawler.New(crawler.Options{
		Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true, StepTimeout: time.Minute},
		Now:     r.now, SaveDir: r.saved, Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	t.Cleanup(func() {
		if err := r.spider.Close(); err != nil {
			t.Error(err)
		}
		r.checkCanaries()
	})
	return r
}

// visit goes once and remembers what a store would.
func (r *rig) visit(full bool) (crawler.Result, error) {
	r.t.Helper()
	return r.visitWith(r.t.Context(), full)
}

func (r *rig) visitWith(ctx context.Context, full bool) (crawler.Result, error) {
	r.t.Helper()
	result, err := r.spider.Visit(ctx, r.shop, crawler.Known{
		Full: full, Session: r.session,
		Seen: func(id string) (crawler.Seen, bool) { s, ok := r.known[id]; return s, ok },
	})
	r.session = result.Session
	for _, o := range result.Orders {
		looked := !o.Looked.IsZero() || r.known[o.ID].Looked
		r.known[o.ID] = crawler.Seen{StatusText: o.StatusText, Status: o.Status, Looked: looked}
	}
	if err != nil {
		r.leak("an error", err.Error())
	}
	r.leak("the words", result.Words)
	for _, p := range result.Problems {
		r.leak("a problem", p.Text+p.Found+p.Good)
	}
	return result, err
}

func (r *rig) must(full bool) crawler.Result {
	r.t.Helper()
	result, err := r.visit(full)
	if err != nil || result.Outcome != order.OK {
		r.t.Fatalf("visit: outcome %q, %v\nproblems %+v\nthe shop saw %v", result.Outcome, err, result.Problems, r.demo.Counts())
	}
	return result
}

func (r *rig) leak(where, text string) {
	r.t.Helper()
	digits := strings.NewReplacer(" ", "", "+", "").Replace(canaryPhone)
	for _, canary := range []string{canaryPassword, canaryPhone, digits, canaryEmail} {
		if strings.Contains(text, canary) {
			r.t.Errorf("%s holds %q", where, canary)
		}
	}
}

func (r *rig) checkCanaries() {
	r.leak("the log", r.log.String())
	files, _ := filepath.Glob(filepath.Join(r.saved, "*"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			r.t.Error(err)
		}
		r.leak("the saved page "+filepath.Base(name), string(text))
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			r.t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

// pages counts what was read of lists and orders, however it was served.
func (r *rig) pages() (lists, details int) {
	for path, n := range r.demo.Counts() {
		switch {
		case path == "/admin/orders" || path == "/admin/orders/plain":
			lists += n
		case strings.HasPrefix(path, "/admin/orders/"):
			details += n
		}
	}
	return lists, details
}

// wantStatus is what the shop's words mean.
func wantStatus(text string) order.Status {
	switch text {
	case demoshop.Awaiting:
		return order.Unpaid
	case demoshop.Paid, demoshop.Shipped:
		return order.Paid
	case demoshop.Cancelled:
		return order.ClosedUnpaid
	case demoshop.Refunded:
		return order.ClosedRefunded
	case demoshop.Draft:
		return order.Other
	}
	return order.Unknown
}

// compare holds what was read against what the shop has.
func (r *rig) compare(got []order.Order) {
	r.t.Helper()
	want := r.demo.Orders()
	if len(got) != len(want) {
		r.t.Fatalf("read %d orders, the shop has %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.ID != w.ID || g.Number != w.Number || g.Status != wantStatus(w.Status) || g.StatusText != w.Status || !g.Created.Equal(w.Created) || g.Total != (order.Money{Minor: w.Minor, Currency: w.Code}) {
			r.t.Errorf("row %d: read %+v, the shop has %+v", i, g, w)
		}
		if !g.Status.WantsDetail() {
			continue
		}
		if g.Looked.IsZero() || string(g.Buyer.Email) != strings.ToLower(w.Email) || g.Payment != w.Payment || g.Coupon != w.Coupon || g.PayFailed != w.PayFailed || len(g.Lines) != len(w.Lines) {
			r.t.Errorf("order %s: read %+v, the shop has %+v", g.ID, g, w)
			continue
		}
		for k, line := range w.Lines {
			if g.Lines[k].SKU != line.SKU || g.Lines[k].Quantity != line.Quantity || g.Lines[k].Total.Minor != line.Minor || g.Lines[k].SoldOut != line.SoldOut {
				r.t.Errorf("order %s line %d: read %+v, the shop has %+v", g.ID, k, g.Lines[k], line)
			}
		}
	}
}

func needChrome(t *testing.T) {
	t.Helper()
	if _, err := browser.Find(""); err != nil {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "chrome") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}
