package store_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
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
	before := path + ".before-v4"

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
		writeReleased(t, filepath.Join("testdata", fmt.Sprintf("v%d.db", store.KnownSteps())))
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
			if base := filepath.Base(name); base != "v1.db" && base != "v2.db" { // they had no lists yet
				checkLists(t, db)
			}
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
		db.Begin(t.Context(), k, "", at(0), order.Limit{}), db.SetSession(t.Context(), "s", []byte("cookies")), db.Mark(t.Context(), "digest", at(0)),
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
	importBuyers(t, db, on("s", "Cat", "cat@list.example", ""))
	importOrders(t, db, sold("s", "L-1", "cat@list.example", order.Paid, at(-time.Hour)))
	put(t, db, "again", order.CampaignRunning)
	planCampaign(t, db, 1, offer(oneBuyer(t, db, "cat@list.example").Key, order.ByEmail, at(0)))
	if err := db.PauseCampaign(t.Context(), "again"); err != nil {
		t.Fatal(err)
	}
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
	// The message that the old program sent counts for the limit, and its token works.
	again := rkey("s", "0002", "again")
	plan(t, db, planned(again, at(0)))
	var full *order.LimitError
	if err := db.Begin(t.Context(), again, "", at(time.Minute), order.Limit{Count: 1, Per: time.Hour}); !errors.As(err, &full) {
		t.Errorf("the limit does not know the message of before: %v", err)
	}
	token := db.Token(unpaid("s", "0002", at(0)).Buyer)
	if got, err := db.Back(t.Context(), order.Back{State: order.OptedOut, Ref: "1", Token: token}); err != nil || got.Reminder != rkey("s", "0002", "first") || !got.Suppressed {
		t.Errorf("the token of before: %+v, %v", got, err)
	}
}

func checkLists(t *testing.T, db *store.DB) {
	t.Helper()
	cat := oneBuyer(t, db, "cat@list.example")
	if cat.Contact.Name != "Cat" && cat.Contact.Name != "Ann Lee" || ids(cat.Orders) != "import:l-1" {
		t.Errorf("%+v", cat)
	}
	if c, ok, err := db.Campaign("again"); err != nil || !ok || c.State != order.CampaignStopped {
		t.Errorf("%+v %v %v", c, ok, err)
	}
	put(t, db, "again", order.CampaignRunning)
	planCampaign(t, db, 1, offer(cat.Key, order.ByEmail, at(0)))
	if all, err := db.CampaignReminders(t.Context(), "again"); err != nil || len(all) != 1 || all[0].Key.Order != cat.Key {
		t.Errorf("%+v %v", all, err)
	}
}

// A file of the first version, written with bbolt and JSON alone as that program
// did, with more in it than testdata/v1.db has.
func TestFileOfTheFirstVersion(t *testing.T) {
	path := tempPath(t)
	writeFirst(t, path)
	keyless := options()
	keyless.Key = [32]byte{}
	_ = openAt(t, path, keyless).Close() // brought up to date without the key: tokens wait for it
	db := openAt(t, path, options())
	if _, err := os.Stat(path + ".before-v2"); err != nil {
		t.Errorf("no copy was made: %v", err)
	}
	day := order.Limit{Count: 4, Per: 24 * time.Hour}
	// Out are: sent, unknown, begun; shown counts only if asked for. A record that
	// cannot be read holds up nothing.
	k := rkey("t", "2", "new")
	plan(t, db, planned(k, at(0)))
	shown := day
	shown.Shown = true
	wantLimit(t, db.Begin(t.Context(), k, "", at(0), shown), at(23*time.Hour))
	if err := db.Begin(t.Context(), k, "", at(0), day); err != nil {
		t.Error(err)
	}
	wantLimit(t, send(t, db, rkey("s", "1", "new"), at(0), order.Sent, day), at(23*time.Hour))
	if lost, err := db.Recover(t.Context(), at(0)); err != nil || len(lost) != 2 {
		t.Errorf("recovered %+v %v", lost, err)
	}
	if e, err := db.LedgerOf(order.Key{Shop: "s", ID: "1"}); err != nil || len(e) == 0 || e[0].Provider != "<m@x>" || e[0].Message != "" {
		t.Errorf("%+v %v", e, err)
	}
	got := back(t, db, order.Back{State: order.OptedOut, Ref: "1", Token: db.Token(order.Buyer{Email: "ann@example.com"})})
	if !got.Suppressed || !suppressed(t, db, "ann@example.com") || !suppressed(t, db, "+8613800138000") {
		t.Errorf("%+v", got)
	}
	if n, err := db.Erase(t.Context(), "+8613800138000"); err != nil || n.Orders != 2 || n.Contacts != 2 {
		t.Errorf("%+v %v", n, err)
	}
}

// writeFirst makes a file of schema version 1: one person's orders s/1 and t/2,
// with a reminder in every state.
func writeFirst(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	raw, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	err = raw.Update(func(tx *bolt.Tx) error {
		for _, name := range []string{
			"meta", "shops", "orders", "contacts", "buyers", "merged_buyers", "created", "unpaid", "numbers", "changes", "history", "visits", "last_visits",
			"reminders", "due", "sending", "ledger", "ledger_of", "sessions", "refusals", "suppressed", "marks", "counters",
		} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		for _, name := range []string{"records", "email", "phone"} {
			if _, err := tx.Bucket([]byte("contacts")).CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return fillFirst(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fillFirst(tx *bolt.Tx) error {
	text := func(s string) []byte { return append([]byte{0, byte(len(s))}, s...) }
	num := func(n byte) []byte { return []byte{0, 0, 0, 0, 0, 0, 0, n} }
	record := func(format string, args ...any) []byte { return append([]byte{1}, fmt.Sprintf(format, args...)...) }
	when := noon.Add(-time.Hour)
	stamp := when.Format(time.RFC3339)
	put := func(b *bolt.Bucket, value []byte, key ...[]byte) (err error) {
		return b.Put(bytes.Join(key, nil), value)
	}
	top := func(name string) *bolt.Bucket { return tx.Bucket([]byte(name)) }
	one, other := bytes.Join([][]byte{text("s"), text("1")}, nil), bytes.Join([][]byte{text("t"), text("2")}, nil)
	mail, phone := sha256.Sum256([]byte("ann@example.com")), sha256.Sum256([]byte("+8613800138000"))
	errs := []error{
		put(top("meta"), num(1), []byte("version")), put(top("shops"), record(`{}`), text("s")), put(top("shops"), record(`{}`), text("t")),
		put(top("contacts").Bucket([]byte("records")), record(`{"buyer":7,"name":"Ann","email":"ann@example.com"}`), one),
		put(top("contacts").Bucket([]byte("records")), record(`{"buyer":7,"email":"ann@example.com","phone":"+8613800138000"}`), other),
		put(top("contacts").Bucket([]byte("email")), num(7), mail[:]), put(top("contacts").Bucket([]byte("phone")), num(7), phone[:]),
		put(top("buyers"), nil, num(7), one), put(top("buyers"), nil, num(7), other), top("buyers").SetSequence(7),
		put(top("ledger"), record(`{"shop":"cw==","id":"MQ==","step":"eA==","channel":"email","at":%q,"state":"sent","provider":"<m@x>"}`, stamp), store.TimeKey(when), num(1)),
		put(top("ledger_of"), store.TimeKey(when), one, num(1)), top("ledger").SetSequence(1),
		put(top("reminders"), []byte("\x01{"), one, text("damaged"), text("email")),
		put(top("sending"), nil, one, text("sending"), text("email")),
	}
	for _, k := range [][]byte{one, other} {
		errs = append(errs, put(top("orders"), record(`{"status":"unpaid","text":"Pending","created":%q,"first":%q,"seen":%q}`, stamp, stamp, stamp), k),
			put(top("created"), []byte("unpaid"), k[:3], store.TimeKey(when), k[3:]), put(top("unpaid"), nil, k[:3], store.TimeKey(when), k[3:]))
	}
	for _, state := range []string{"sent", "unknown", "sending", "shown", "skipped", "parked"} {
		errs = append(errs, put(top("reminders"), record(`{"state":%q,"planned":%q,"due":%q,"attempts":1,"changed":%q}`, state, stamp, stamp, stamp), one, text(state), text("email")))
	}
	return errors.Join(errs...)
}
