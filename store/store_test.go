package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// noon is the day on which all tests play.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 8*3600))

func at(d time.Duration) time.Time { return noon.Add(d) }

func key(b byte) (k [32]byte) {
	for i := range k {
		k[i] = b
	}
	return k
}

func options() store.Options {
	return store.Options{Key: key(7), Now: func() time.Time { return noon }}.WithoutSync()
}

func tempPath(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "nudged.db") }

// openAt opens a database and, when the test ends, checks every page of it.
func openAt(t testing.TB, path string, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(context.Background()); err != nil && !strings.Contains(err.Error(), store.ErrClosed.Error()) {
			t.Errorf("the file does not hold together: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openNew(t testing.TB) *store.DB { return openAt(t, tempPath(t), options()) }

func record(t testing.TB, db *store.DB, v order.Visit) order.Recorded {
	t.Helper()
	got, err := db.Record(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func scanOf(shop string, when time.Time, orders ...order.Order) order.Visit {
	return order.Visit{Shop: shop, Kind: order.Scan, At: when, Ended: when, Outcome: order.OK, Orders: orders, Complete: true, Full: true}
}

func look(o order.Order, when time.Time) order.Visit {
	o.Looked = when
	return order.Visit{Shop: o.Shop, Kind: order.Look, At: when, Outcome: order.OK, Orders: []order.Order{o}}
}

func unpaid(shop, id string, created time.Time) order.Order {
	return order.Order{
		Shop: shop, ID: id, Number: "N" + id, Status: order.Unpaid, StatusText: "Pending payment", Created: created,
		Total: order.Money{Minor: 1999, Currency: "USD"},
		Buyer: order.Buyer{Name: "Ann " + id, Email: order.Email("ann" + id + "@example.com"), Phone: order.Phone("+861380013" + id)},
	}
}

func as(o order.Order, s order.Status, text string) order.Order {
	o.Status, o.StatusText = s, text
	return o
}

func get(t testing.TB, db *store.DB, k order.Key) order.Order {
	t.Helper()
	o, ok, err := db.Order(k)
	if err != nil || !ok {
		t.Fatalf("order %s: found %v, err %v", k, ok, err)
	}
	return o
}

func kinds(r order.Recorded) string {
	var out []string
	for _, n := range r.News {
		out = append(out, fmt.Sprintf("%s %s", n.Kind, n.Order.ID))
	}
	return strings.Join(out, ", ")
}

func ids(orders []order.Order) string {
	var out []string
	for _, o := range orders {
		out = append(out, o.ID)
	}
	return strings.Join(out, " ")
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q lacks %q", err, p)
		}
	}
}

func mustWrite(t testing.TB, path string, body []byte) {
	t.Helper()
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func logTo(w *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
