package store_test

import (
	"bytes"
	"strings"
	"testing"

	"nudged/store"
	"nudged/store/order"
)

// Contacts stand in the bucket contacts and nowhere else, whatever texts repeat
// them; passwords and sessions nowhere.
func TestContactsStandInOneBucketOnly(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	o := unpaid("s", "0001", at(0))
	o.Buyer = order.Buyer{Name: "Canary Bird", Email: "canary.bird@example.com", Phone: "+8613712345678"}
	v := scanOf("s", at(0), o, unpaid("s", "0002", at(0)))
	v.Words = "No access for CANARY.bird@example.com, 13712345678"
	v.Problems = []order.Problem{
		{Order: "0001", Found: "tel 137-1234-5678 +8613712345678", Good: "canary.bird@example.com", Text: "<Canary.Bird@example.com>"},
		{Found: "canary.bird@example.com", Text: "no order +8613712345678"},
	}
	record(t, db, v)
	k := rkey("s", "0001", "first")
	r := planned(k, at(0))
	plan(t, db, r)
	said := "550 5.1.1 <Canary.Bird@Example.com> unknown, 8613712345678 too, and 13712345678"
	settle(t, db, k, order.Held, at(0), said)
	if err := db.Begin(t.Context(), k, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Settle(t.Context(), order.Reminder{Key: k, State: order.Parked, Reason: said}, order.Event{Reason: said, Provider: "<id.canary.bird@example.com>"}); err != nil {
		t.Fatal(err)
	}
	fp, err := db.Fingerprint("boss", "canary-password")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		db.SetRefusal(t.Context(), "s", fp, "wrong"), db.SetSession(t.Context(), "s", []byte("canary-password")),
		db.Suppress(t.Context(), o.Buyer.Email.Reveal(), "he said canary.bird@example.com", at(0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	inContacts := 0
	for _, e := range db.Dump() {
		all := strings.ToLower(string(e.Key) + " " + string(e.Value))
		for _, canary := range []string{"canary.bird", "canary bird", "13712345678", "1371234567", "12345678", "canary-password"} {
			if !strings.Contains(all, canary) {
				continue
			}
			if !strings.HasPrefix(e.Bucket, "contacts/") || canary == "canary-password" {
				t.Errorf("%s holds %q: %q", e.Bucket, canary, all)
			}
			inContacts++
		}
	}
	if inContacts == 0 {
		t.Error("the canary is nowhere: the test looks at nothing")
	}
	_ = db.Close()
	if bytes.Contains(mustRead(t, path), []byte("canary-password")) {
		t.Error("the file holds the password")
	}
}

func TestErrorsNameNoContact(t *testing.T) {
	db := openNew(t)
	for _, err := range []error{
		db.Suppress(t.Context(), "13712345678", "", at(0)),
		func() error { _, err := db.Unsuppress(t.Context(), "13712345678"); return err }(),
	} {
		if err == nil || strings.Contains(err.Error(), "1371234") {
			t.Errorf("%v", err)
		}
	}
}

func TestScrub(t *testing.T) {
	ann := order.Buyer{Email: "ann@example.com", Phone: "+8613800138000"}
	for in, want := range map[string]string{
		"":                              "",
		"held until 2026-11-21 21:00":   "held until 2026-11-21 21:00",
		"order 1234567890123 is closed": "order 1234567890123 is closed",
		"<ANN@Example.com> full":        "<a***@example.com> full",
		"bob@example.org said no":       "b***@example.org said no",
		"call 13800138000 now":          "call 138******** now",
		"call +8613800138000":           "call +86*********00",
		"call +44 20 7946 0958.":        "call +44***********58.",
		"İ ann@example.com":             "İ a***@example.com",
	} {
		if got := store.Scrub(in, ann); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	if got := store.Scrub(strings.Repeat("x", 1<<20)); len(got) > 4<<10 {
		t.Errorf("%d bytes", len(got))
	}
}
