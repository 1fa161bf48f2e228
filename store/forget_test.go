package store_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func TestForgetContacts(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	old, young, other := canaryOrder("s", "1"), of("t", "2", "canary.bird@example.com", ""), of("s", "3", "bob@example.com", "")
	old.Created, young.Created, other.Created = at(-1000*time.Hour), at(-time.Hour), at(-1000*time.Hour)
	undated := of("s", "4", "ann@example.com", "")
	undated.Created = time.Time{}
	recordAllOf(t, db, old, young, other, undated)
	back(t, db, order.Back{State: order.Replied, Ref: "1", Email: "canary.bird@example.com", Words: "new words"})
	token := db.Token(other.Buyer)
	if err := send(t, db, rkey("s", "3", "x"), at(-999*time.Hour), order.Sent, two); err != nil {
		t.Fatal(err)
	}
	if n, err := db.ForgetContacts(t.Context(), at(-100*time.Hour)); err != nil || n != 2 {
		t.Fatalf("%d %v", n, err)
	}
	for id, want := range map[order.Key]order.Email{old.Key(): "", young.Key(): "canary.bird@example.com", other.Key(): "", undated.Key(): "ann@example.com"} {
		if o := get(t, db, id); o.Buyer.Email != want || want == "" && o.Buyer != (order.Buyer{}) {
			t.Errorf("%s: %+v", id, o.Buyer)
		}
	}
	if n, err := db.ForgetContacts(t.Context(), at(-100*time.Hour)); err != nil || n != 0 {
		t.Errorf("again: %d %v", n, err)
	}
	old.Seen = at(time.Hour)
	recordAllOf(t, db, old, other)
	if o := get(t, db, old.Key()); o.Buyer != (order.Buyer{}) || o.Chat != "" {
		t.Errorf("the page brought it back: %+v", o)
	}
	// Somebody who comes back is known, as the person who ordered then.
	recordAllOf(t, db, of("u", "5", "bob@example.com", ""))
	if o := get(t, db, order.Key{Shop: "u", ID: "5"}); o.Buyer.Email != "bob@example.com" {
		t.Errorf("%+v", o.Buyer)
	}
	if others := must(db.Others(order.Key{Shop: "u", ID: "5"})); ids(others) != "3" {
		t.Errorf("others of 5: %s", ids(others))
	}
	if others := must(db.Others(young.Key())); ids(others) != "1" {
		t.Errorf("others of 2: %s", ids(others))
	}
	if got := back(t, db, order.Back{State: order.OptedOut, Ref: "2", Token: token}); !got.Suppressed || !suppressed(t, db, "bob@example.com") {
		t.Errorf("%+v", got)
	}
	if suppressed(t, db, "canary.bird@example.com") {
		t.Error("forgotten, and suppressed")
	}
	if n, err := db.ForgetContacts(t.Context(), at(time.Hour)); err != nil || n != 3 {
		t.Errorf("all: %d %v", n, err)
	}
	for _, e := range db.Dump() {
		if e.Bucket == "contacts/email" || e.Bucket == "contacts/phone" || e.Bucket == "contacts/words" && bytes.Contains(e.Value, []byte("canary")) {
			t.Errorf("%s holds %q", e.Bucket, e.Value)
		}
	}
	for _, where := range standing(db) {
		t.Errorf("still on record: %s", where)
	}
	if _, err := db.ForgetContacts(t.Context(), time.Time{}); err == nil {
		t.Error("before no time")
	}
}

func TestExport(t *testing.T) {
	db := canaryDB(t, tempPath(t))
	got, err := db.Export(t.Context(), "canary.bird@example.com")
	if err != nil {
		t.Fatal(err)
	}
	text := string(must(json.Marshal(got)))
	for _, want := range []string{`"canary.bird@example.com"`, `"+8613712345678"`, `"Canary Bird"`, `"s"`, `"t"`, "call me", "I am Canary Bird", `"yes"`, `"sent"`, "Closed for", mailID, `"replied"`} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(text, "ann1") || len(got.Orders) != 3 || len(got.Contacts) != 2 {
		t.Errorf("%s", text)
	}
	if _, err := db.Erase(t.Context(), "canary.bird@example.com"); err != nil {
		t.Fatal(err)
	}
	got, err = db.Export(t.Context(), "canary.bird@example.com")
	text = strings.ToLower(string(must(json.Marshal(got))))
	if err != nil || len(got.Orders) != 3 || !got.Contacts[0].Suppressed || strings.Count(text, "canary") != 1 || strings.Contains(text, "1371234") {
		t.Errorf("%s %v", text, err)
	}
	if got, err := db.Export(t.Context(), "nobody@example.com"); err != nil || len(got.Orders) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// Calls go on while the file is exchanged, and find what was written before.
func TestCompactUnderUse(t *testing.T) {
	path := tempPath(t)
	db := canaryDB(t, path)
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			if _, err := db.Counter(t.Context(), "n"); err != nil {
				done <- err
				return
			}
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
		}
	}()
	for range 5 {
		if err := db.Compact(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := store.Open(t.Context(), path, options()); err == nil {
		t.Error("the new file is not locked")
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
	n := must(db.Counter(t.Context(), "n"))
	_ = db.Close()
	db = openAt(t, path, options())
	if again := must(db.Counter(t.Context(), "n")); again != n+1 {
		t.Errorf("%d after %d", again, n)
	}
	_ = db.Close()
	if err := db.Compact(t.Context()); err == nil {
		t.Error("compacted a closed database")
	}
}
