package store_test

import (
	"strings"
	"testing"
	"time"

	"nudged/store"
)

func TestANeedStandsUntilItIsMet(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	if _, ok, err := db.Need("s"); ok || err != nil {
		t.Fatalf("a shop that nobody knows has a need: %v", err)
	}
	n := store.Need{Why: "a code was sent to ann@example.com", Picture: "/p.png", Fingerprint: "f", At: at(0)}
	if err := db.SetNeed(t.Context(), "s", n); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Enable(t.Context(), "s", at(time.Hour)); err != nil { // what else is kept of the shop
		t.Fatal(err)
	}
	_ = db.Close()

	db = openAt(t, path, options())
	got, ok, err := db.Need("s")
	if err != nil || !ok || !got.Standing() {
		t.Fatalf("%+v, %v, %v", got, ok, err)
	}
	if strings.Contains(got.Why, "ann@") || !strings.Contains(got.Why, "a code was sent to") {
		t.Errorf("kept words: %q", got.Why)
	}
	if got.Picture != "/p.png" || got.Fingerprint != "f" || !got.At.Equal(at(0)) || !got.Told.IsZero() {
		t.Errorf("%+v", got)
	}
	got.Told, got.Met = at(time.Minute), at(2*time.Hour)
	if err := db.SetNeed(t.Context(), "s", got); err != nil {
		t.Fatal(err)
	}
	got, ok, err = db.Need("s")
	if err != nil || !ok || got.Standing() || !got.Met.Equal(at(2*time.Hour)) {
		t.Errorf("a met need: %+v, %v, %v", got, ok, err)
	}
	if enabled, ok, err := db.Enabled("s"); err != nil || !ok || !enabled.Equal(at(time.Hour)) {
		t.Errorf("the need took away when the shop was enabled: %v, %v, %v", enabled, ok, err)
	}
}

func TestSamplesAreTheLastGoodValuesWithoutContacts(t *testing.T) {
	db := openAt(t, tempPath(t), options())
	keep := func(value string, when time.Time, field string) {
		t.Helper()
		if err := db.KeepSamples(t.Context(), "s", map[string]store.Sample{field: {Value: value, At: when}}); err != nil {
			t.Fatal(err)
		}
	}
	keep("$1.00", at(0), "list.fields.total")
	keep("A…", at(0), "list.fields.name")
	keep("$2.00", at(time.Hour), "list.fields.total")
	keep("ann@example.com", at(0), "detail.fields.email")
	keep(strings.Repeat("x", 9000), at(0), "detail.fields.lines")
	got, err := db.Samples("s")
	if err != nil || len(got) != 4 {
		t.Fatalf("%d samples, %v", len(got), err)
	}
	if s := got["list.fields.total"]; s.Value != "$2.00" || !s.At.Equal(at(time.Hour)) {
		t.Errorf("total: %+v", s)
	}
	if s := got["list.fields.name"]; s.Value != "A…" {
		t.Errorf("name: %+v", s)
	}
	if s := got["detail.fields.email"].Value; strings.Contains(s, "ann@") || s == "" {
		t.Errorf("email: %q", s)
	}
	if n := len(got["detail.fields.lines"].Value); n != 200 {
		t.Errorf("a sample of %d bytes", n)
	}
	if others, err := db.Samples("other"); err != nil || len(others) != 0 {
		t.Errorf("another shop has %v, %v", others, err)
	}
}

func TestTheChatOfAnOrderIsKept(t *testing.T) {
	db := openAt(t, tempPath(t), options())
	o := unpaid("s", "1", at(0))
	o.Chat = "https://s.example/chat/1"
	record(t, db, scanOf("s", at(0), o))
	again := unpaid("s", "1", at(0))
	again.Seen = at(time.Hour)
	record(t, db, scanOf("s", at(time.Hour), again)) // a row that does not show it
	if got := get(t, db, o.Key()); got.Chat != o.Chat {
		t.Errorf("chat %q", got.Chat)
	}
}
