package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store"
	"nudged/store/order"
)

func TestNewerFileIsRefused(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	if err := db.SetVersion(uint64(store.KnownSteps() + 2)); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	before := mustRead(t, path)
	_, err := store.Open(t.Context(), path, options())
	var newer *store.TooNewError
	if !errors.As(err, &newer) || newer.Found != store.KnownSteps()+2 || newer.Known != store.KnownSteps() {
		t.Fatalf("%v", err)
	}
	wantError(t, err, "newer nudged", "Nothing was changed", "Install that nudged again", ".before-v")
	if !bytes.Equal(before, mustRead(t, path)) {
		t.Error("the file was changed")
	}
}

func TestMigration(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	o := unpaid("s", "0001", at(0))
	record(t, db, scanOf("s", at(0), o))
	_ = db.Close()
	before := path + ".before-v2"

	_, err := store.Open(t.Context(), path, options().WithStep("breaks", func(tx *bolt.Tx) error {
		_ = tx.DeleteBucket([]byte("orders"))
		return errors.New("broken step")
	}))
	wantError(t, err, "broken step", "It is as it was", before)
	db = openAt(t, path, options())
	get(t, db, o.Key())
	_ = db.Close()

	_, err = store.Open(t.Context(), path, options().WithStep("panics", func(*bolt.Tx) error { panic("oops") }))
	wantError(t, err, "oops")

	step := options().WithStep("notes", func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("notes")); return err })
	db = openAt(t, path, step)
	get(t, db, o.Key())
	_ = db.Close()
	openAt(t, path, step).Close() // the step is not taken twice
	if _, err = store.Open(t.Context(), path, options()); err == nil {
		t.Error("the migrated file is taken for an old one")
	}
	wantError(t, err, before)
	get(t, openAt(t, before, options()), o.Key()) // the copy is a good database of the old version
}

// Every released version's file must open. To make one for a new version, run
// with NUDGED_WRITE_TESTDATA=1 before the next step is added.
func TestReleasedFilesOpen(t *testing.T) {
	if os.Getenv("NUDGED_WRITE_TESTDATA") != "" {
		writeReleased(t, filepath.Join("testdata", "v1.db"))
	}
	released, err := filepath.Glob("testdata/v*.db")
	if err != nil || len(released) != store.KnownSteps() {
		t.Fatalf("%d files for %d steps: each released version leaves one, %v", len(released), store.KnownSteps(), err)
	}
	for _, name := range released {
		t.Run(filepath.Base(name), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nudged.db")
			mustWrite(t, path, mustRead(t, name))
			db := openAt(t, path, options())
			checkReleased(t, db)
		})
	}
}

func writeReleased(t *testing.T, name string) {
	db := openNew(t)
	o := unpaid("s", "0001", at(-time.Hour))
	record(t, db, scanOf("s", at(0), o, unpaid("s", "0002", at(0))))
	record(t, db, look(as(o, order.Paid, "Paid"), at(time.Minute)))
	k := rkey("s", "0002", "first")
	plan(t, db, planned(k, at(0)), planned(rkey("s", "0002", "last"), at(time.Hour)))
	for _, err := range []error{
		db.Begin(t.Context(), k, at(0)), db.SetSession(t.Context(), "s", []byte("cookies")), db.Mark(t.Context(), "digest", at(0)),
		db.Suppress(t.Context(), "bob@example.com", "asked to", at(0)), db.SetRefusal(t.Context(), "s", "fp", "No"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Enable(t.Context(), "s", at(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Counter(t.Context(), "digest"); err != nil {
		t.Fatal(err)
	}
	settle(t, db, k, order.Sent, time.Time{}, "")
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), db.Backup(t.Context(), name)); err != nil {
		t.Fatal(err)
	}
}

func checkReleased(t *testing.T, db *store.DB) {
	t.Helper()
	if o := get(t, db, order.Key{Shop: "s", ID: "0001"}); o.Status != order.Paid || o.Buyer != unpaid("s", "0001", at(0)).Buyer || !o.Looked.Equal(at(time.Minute)) {
		t.Errorf("%+v", o)
	}
	if open, err := db.Unpaid(t.Context(), ""); err != nil || ids(open) != "0002" {
		t.Errorf("unpaid %s, %v", ids(open), err)
	}
	if h, err := db.History(order.Key{Shop: "s", ID: "0001"}); err != nil || len(h) != 2 {
		t.Errorf("history %+v, %v", h, err)
	}
	if got := dueSteps(t, db, "", at(time.Hour), 0); got != "s/last" {
		t.Errorf("due %s", got)
	}
	if e, err := db.Ledger(t.Context(), time.Time{}, time.Time{}); err != nil || len(e) != 1 || e[0].State != order.Sent {
		t.Errorf("ledger %+v, %v", e, err)
	}
	if s, err := db.Session("s"); err != nil || string(s) != "cookies" {
		t.Errorf("session %q, %v", s, err)
	}
	if yes, why, err := db.Suppressed(order.Buyer{Email: "bob@example.com"}); err != nil || !yes || why != "asked to" {
		t.Errorf("suppressed %v %q %v", yes, why, err)
	}
	if when, ok, err := db.Enabled("s"); err != nil || !ok || !when.Equal(at(0)) {
		t.Errorf("enabled %s %v %v", when, ok, err)
	}
	if r, ok, err := db.Refusal("s"); err != nil || !ok || r.Words != "No" {
		t.Errorf("refusal %+v %v %v", r, ok, err)
	}
	if when, ok, err := db.Marked("digest"); err != nil || !ok || !when.Equal(at(0)) {
		t.Errorf("mark %s %v %v", when, ok, err)
	}
	if n, err := db.Counter(t.Context(), "digest"); err != nil || n != 2 {
		t.Errorf("counter %d %v", n, err)
	}
}
