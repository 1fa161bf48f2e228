package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// A big shop: so many orders on record, the last of them unpaid, and days of the
// picture on which everything that came was first seen unpaid. With -short it has
// a tenth of the orders.
const (
	bigOrders = 1_000_000
	bigBatch  = 2_000 // orders of a day, and those that are unpaid
	livelyFor = 15    // days
	sentADay  = 100
)

// big is a config with a database of many orders.
type big struct {
	b         *testing.B
	dir, conf string
	cfg       *config.Config
	n         int
	now       time.Time
}

const bigConfig = `
data: data
key_file: keys/key
shops:
  - {name: s0, recipe: ./shop.yaml, url: 'http://127.0.0.1:9/', user: u, password: {env: BIG_PASSWORD}, zone: UTC, visit: "0 3 1 1 *"}
  - {name: s1, recipe: ./shop.yaml, url: 'http://127.0.0.1:9/', user: u, password: {env: BIG_PASSWORD}, zone: UTC, visit: "0 3 1 1 *"}
reminders:
  mode: live
  steps:
    - {step: first, after: 1h, by: [email], template: gentle}
    - {step: last, before_close: 2h, by: [email], template: closing}
email: {host: 127.0.0.1, port: 9, security: none, from: Shop <shop@example.test>}
digest: {at: "0 21 * * *", to: [me@example.test]}
`

func newBig(b *testing.B) *big {
	b.Helper()
	w := &big{b: b, dir: b.TempDir(), n: bigOrders, now: time.Now()}
	if testing.Short() {
		w.n /= 10
	}
	w.conf = filepath.Join(w.dir, "config.yaml")
	for name, text := range map[string][]byte{"config.yaml": []byte(bigConfig), "shop.yaml": demoshop.FormRecipe()} {
		if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.Setenv("BIG_PASSWORD", "pw")
	var err error
	if w.cfg, err = config.Load(w.conf, config.Options{Secrets: true, LookupEnv: os.LookupEnv, Texts: notify.LoadTexts}); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	w.build()
	info, err := os.Stat(databasePath(w.cfg))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d orders, %d MB, written in %.0f s", w.n, info.Size()>>20, time.Since(began).Seconds())
	return w
}

// open gives the app on the file; it asks no shop.
func (w *big) open(b *testing.B) *app {
	b.Helper()
	a, err := openApp(b.Context(), w.cfg, appOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler), Spider: newFakeShops(nil), Sender: &fakeMail{}})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func (w *big) check(err error) {
	if err != nil {
		w.b.Helper()
		w.b.Fatal(err)
	}
}

// build writes a day after the other, a batch for each.
func (w *big) build() {
	a := w.open(w.b)
	defer func() { w.check(a.Close()) }()
	ctx, days := w.b.Context(), w.n/bigBatch
	for _, shop := range w.cfg.Shops {
		_, err := a.db.Enable(ctx, shop.Name, w.now.AddDate(0, 0, -days-1))
		w.check(err)
		w.check(a.db.Mark(ctx, markVisit+shop.Name, time.Now()))
	}
	w.check(a.db.Mark(ctx, markDigest, w.now.Add(-20*time.Hour)))
	for day := range days {
		left := days - 1 - day
		v := w.day(day, w.now.Add(-time.Hour).AddDate(0, 0, -left))
		if left >= livelyFor {
			w.record(ctx, a.db, closed(v))
			continue
		}
		w.record(ctx, a.db, v)
		w.remind(ctx, a, v, left == 0)
		if left > 0 {
			v.At, v.Ended = v.At.Add(20*time.Hour), v.Ended.Add(20*time.Hour)
			w.record(ctx, a.db, closed(v))
		}
	}
}

// record splits a visit, since a shop has the orders of an even or an odd number.
func (w *big) record(ctx context.Context, db *store.DB, v order.Visit) {
	for _, shop := range w.cfg.Shops {
		one := v
		one.Shop, one.Orders = shop.Name, nil
		for _, o := range v.Orders {
			if o.Shop == shop.Name {
				one.Orders = append(one.Orders, o)
			}
		}
		_, err := db.Record(ctx, one)
		w.check(err)
	}
}

// day is a visit that finds the orders of a day, all of them open. Buyers order
// three times in all.
func (w *big) day(day int, ended time.Time) order.Visit {
	v := order.Visit{Kind: order.Scan, At: ended.Add(-time.Minute), Ended: ended, Outcome: order.OK, Pages: 40}
	for i := day * bigBatch; i < (day+1)*bigBatch; i++ {
		id, who := strconv.Itoa(i), strconv.Itoa(i%max(1, w.n/3))
		made := ended.Add(-time.Duration(bigBatch-i%bigBatch) * 20 * time.Second)
		o := order.Order{
			Shop: "s" + strconv.Itoa(i%2), ID: id, Number: "#" + id, Status: order.Unpaid, StatusText: "Pending payment",
			Created: made, Closes: made.Add(48 * time.Hour), Seen: ended, Looked: ended, Payment: "Credit card",
			Total: order.Money{Minor: int64(900 + i%5000), Currency: "USD"},
			Lines: []order.Line{{Title: "Brass buckle, 40 mm", SKU: "BB-40", Quantity: 2}, {Title: "Belt strap, brown", SKU: "BS-BR", Quantity: 1}},
			Buyer: order.Buyer{Name: "Buyer " + who, Email: order.Email("buyer" + who + "@example.test")},
			Link:  "http://127.0.0.1:9/order/" + id,
		}
		if i%4 == 0 {
			o.Buyer.Phone = order.Phone(fmt.Sprintf("+86138%08d", i%max(1, w.n/3)))
		}
		v.Orders = append(v.Orders, o)
	}
	return v
}

// closed is the same day later: one order in eight was closed unpaid, one in fifty
// given back, the others paid.
func closed(v order.Visit) order.Visit {
	orders := v.Orders
	v.Orders = nil
	for i, o := range orders {
		switch {
		case i%50 == 0:
			o.Status, o.StatusText = order.ClosedRefunded, "Refunded"
		case i%8 == 0:
			o.Status, o.StatusText = order.ClosedUnpaid, "Cancelled"
		default:
			o.Status, o.StatusText = order.Paid, "Completed"
		}
		v.Orders = append(v.Orders, o)
	}
	return v
}

// remind sends the first step of some orders of a day; of the last day all others
// wait.
func (w *big) remind(ctx context.Context, a *app, v order.Visit, all bool) {
	var rs []order.Reminder
	for i, o := range v.Orders {
		if all || i < sentADay {
			rs = append(rs, notify.Plan(a.settings, o, notify.Person{}, time.Time{}.AddDate(1, 0, 0), v.Ended)...)
		}
	}
	w.check(a.db.Plan(ctx, rs))
	sent := 0
	for _, r := range rs {
		if r.Key.Step != "first" || sent == sentADay {
			continue
		}
		sent++
		at := v.Ended.Add(time.Minute)
		w.check(a.db.Begin(ctx, r.Key, "", at, order.Limit{}))
		r.State, r.Changed = order.Sent, at
		w.check(a.db.Settle(ctx, r, order.Event{At: at, Key: r.Key, State: order.Sent, Provider: "250 taken"}))
	}
}
