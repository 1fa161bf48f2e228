package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
	"nudged/notify"
	"nudged/store/order"
)

// fakeShops stands in for the crawler: shops whose orders a test moves.
type fakeShops struct {
	t   *testing.T
	now func() time.Time

	mu     sync.Mutex
	orders map[string][]order.Order // by shop, newest first
	fail   map[string]func(ctx context.Context) error
	busy   map[string]bool
	visits map[string][]crawler.Known
	looks  []order.Key
	gone   map[order.Key]bool

	brokenList error                       // of visits alone: looks go on
	beat       func(session []byte) []byte // heartbeats, if the test wants them
}

func newFakeShops(t *testing.T) *fakeShops {
	return &fakeShops{
		t: t, now: time.Now, orders: map[string][]order.Order{}, fail: map[string]func(context.Context) error{},
		busy: map[string]bool{}, visits: map[string][]crawler.Known{}, gone: map[order.Key]bool{},
	}
}

func (f *fakeShops) add(shop, id string, made time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders[shop] = append([]order.Order{{
		Shop: shop, ID: id, Number: id, Status: order.Unpaid, StatusText: "open", Created: made,
		Total: order.Money{Minor: 1200, Currency: "EUR"}, Lines: []order.Line{{Title: "Mug", Quantity: 1}},
		Buyer: order.Buyer{Name: "Buyer " + id, Email: order.Email("buyer" + id + "@example.test")},
	}}, f.orders[shop]...)
}

func (f *fakeShops) change(shop, id string, do func(*order.Order)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.orders[shop] {
		if f.orders[shop][i].ID == id {
			do(&f.orders[shop][i])
		}
	}
}

func (f *fakeShops) pay(shop, id string) {
	f.change(shop, id, func(o *order.Order) { o.Status, o.StatusText = order.Paid, "paid" })
}

func (f *fakeShops) remove(shop, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders[shop] = slices.DeleteFunc(f.orders[shop], func(o order.Order) bool { return o.ID == id })
}

func (f *fakeShops) count(shop string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.visits[shop])
}

// turn checks that a shop is read by one at a time.
func (f *fakeShops) turn(shop string) (leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy[shop] {
		f.t.Errorf("shop %s is read twice at a time", shop)
	}
	f.busy[shop] = true
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.busy[shop] = false
	}
}

func (f *fakeShops) Visit(ctx context.Context, shop crawler.Shop, known crawler.Known) (crawler.Result, error) {
	defer f.turn(shop.Name)()
	at := f.now()
	f.mu.Lock()
	f.visits[shop.Name] = append(f.visits[shop.Name], known)
	fail := f.fail[shop.Name]
	f.mu.Unlock()
	time.Sleep(2 * time.Second)
	f.mu.Lock()
	read := slices.Clone(f.orders[shop.Name])
	f.mu.Unlock()
	for i := range read {
		read[i].Seen, read[i].Looked = at, at
	}
	v := order.Visit{Shop: shop.Name, Kind: order.Scan, At: at, Ended: f.now(), Orders: read, Complete: true, Full: known.Full, Pages: 1, Outcome: order.OK}
	var err error
	if fail != nil {
		if err = fail(ctx); err != nil {
			v.Outcome, v.Words, v.Complete = order.Unavailable, err.Error(), false
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.brokenList != nil {
		err = f.brokenList
		v.Outcome, v.Words, v.Complete, v.Orders = order.LayoutChanged, err.Error(), false, nil
	}
	return crawler.Result{Visit: v, Session: []byte("session"), Done: known.Full && err == nil}, err
}

func (f *fakeShops) Look(ctx context.Context, shop crawler.Shop, id string, session []byte) (order.Order, []byte, error) {
	defer f.turn(shop.Name)()
	at := f.now()
	f.mu.Lock()
	f.looks = append(f.looks, order.Key{Shop: shop.Name, ID: id})
	fail := f.fail[shop.Name]
	f.mu.Unlock()
	if fail != nil { // not under the lock: it may take its time
		if err := fail(ctx); err != nil {
			return order.Order{}, session, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.orders[shop.Name] {
		if o.ID == id {
			o.Seen, o.Looked = at, at
			return o, session, nil
		}
	}
	return order.Order{}, session, fmt.Errorf("shop %s: %w", shop.Name, crawler.ErrNoOrder)
}

func (f *fakeShops) Beat(_ context.Context, shop crawler.Shop, session []byte) ([]byte, error) {
	defer f.turn(shop.Name)()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.beat(session), nil
}

func mustRecipe(t *testing.T, text string) *recipe.Recipe {
	t.Helper()
	r, err := recipe.Parse("shop.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (f *fakeShops) Idle(string)  {}
func (f *fakeShops) Close() error { return nil }

// fakeMail stands in for the mail server.
type fakeMail struct {
	mu   sync.Mutex
	sent []notify.Message
	fail func(notify.Message) error
}

func (f *fakeMail) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(m); err != nil {
			return notify.Receipt{}, err
		}
	}
	f.sent = append(f.sent, m)
	return notify.Receipt{MessageID: m.MessageID, Provider: "250 taken"}, nil
}

// to lists the subjects that went to an address.
func (f *fakeMail) to(addr string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, m := range f.sent {
		if m.To.Reveal() == addr {
			out = append(out, m.Subject)
		}
	}
	return out
}

const (
	seller = "me@example.test"
	tail   = `
reminders:
  mode: live
  steps:
    - {step: first, after: 1h, by: [email], template: gentle}
email: {host: 127.0.0.1, security: none, from: Shop <shop@example.test>}
digest: {at: "0 21 * * *", to: [` + seller + `]}
`
)

// testConfig has one entry for each name; password is that of all of them.
func testConfig(t *testing.T, dir, password, rest string, shops ...string) *config.Config {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), demoshop.FormRecipe(), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "data: data\nkey_file: keys/key\nshops:\n"
	for _, name := range shops {
		text += fmt.Sprintf("  - {name: %s, recipe: ./shop.yaml, url: 'http://127.0.0.1:9/', user: u, password: {env: PASSWORD}, zone: UTC, visit: 10m}\n", name)
	}
	cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(text+rest), config.Options{
		Secrets: true, LookupEnv: func(n string) (string, bool) { return password, n == "PASSWORD" }, Texts: notify.LoadTexts,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// bench is an app on fakes.
type bench struct {
	*app
	t     *testing.T
	shops *fakeShops
	mail  *fakeMail
	log   *bytes.Buffer
}

// newBench opens an app in dir; close it with stop or Close.
func newBench(t *testing.T, dir string, cfg *config.Config, shops *fakeShops, mail *fakeMail) *bench {
	t.Helper()
	b := &bench{t: t, shops: shops, mail: mail, log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(&lockedWriter{w: b.log}, nil))
	var err error
	b.app, err = openApp(t.Context(), cfg, appOptions{Now: time.Now, Log: log, Spider: shops, Sender: mail})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

type noServer struct{}

func (noServer) Close() error { return nil }

// serveFor runs the daemon for a while and stops it. There is no socket: one
// would freeze the fake clock.
func (b *bench) serveFor(d time.Duration, meanwhile func()) error {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.serve(ctx, func() (io.Closer, error) { return noServer{}, nil }) }()
	timer := time.After(d)
	if meanwhile != nil {
		meanwhile()
	}
	<-timer
	synctest.Wait() // what begins at the moment of the stop ends before it, not now and then
	cancel()
	return <-done
}

func (b *bench) state(shop, id, step string) order.Reminder {
	b.t.Helper()
	rs, err := b.db.Reminders(order.Key{Shop: shop, ID: id})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range rs {
		if r.Key.Step == step {
			return r
		}
	}
	return order.Reminder{}
}
