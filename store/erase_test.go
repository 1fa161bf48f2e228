package store_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// canaries are the spellings of the person of canaryDB that must be nowhere.
var canaries = []string{"canary.bird", "canary bird", "13712345678", "12345678", "canary%2ebird"}

func canaryOrder(shop, id string) order.Order {
	o := of(shop, id, "canary.bird@example.com", "+8613712345678")
	o.Buyer.Name = "Canary Bird"
	o.Link = "https://shop.example/pay/" + id
	o.Chat = "https://shop.example/chat?to=canary%2Ebird%40example.com"
	o.StatusText = "Waiting for Canary.Bird@example.com"
	o.Lines = []order.Line{{Title: "Buckle for +8613712345678", Quantity: 1}}
	return o
}

// canaryDB holds a person in every place where one can stand.
func canaryDB(t testing.TB, path string) *store.DB {
	t.Helper()
	db := openAt(t, path, options())
	record(t, db, batch(0, 300)) // so that there are pages to be freed
	a, b, c := canaryOrder("s", "1"), canaryOrder("t", "2"), of("t", "3", "", "+8613712345678")
	b.Buyer.Phone = ""
	recordAllOf(t, db, b, c)
	v := scanOf("s", at(0), a)
	v.Words = "No access for Canary Bird"
	v.Problems = []order.Problem{{Order: "1", Found: "Canary Bird, tel +8613712345678", Good: "Canary Bird", Text: "x"}}
	record(t, db, v)
	record(t, db, look(as(a, order.ClosedUnpaid, "Closed for Canary Bird"), at(time.Minute)))
	k := rkey("s", "1", "x")
	if err := send(t, db, k, at(0), order.Sent, two); err != nil {
		t.Fatal(err)
	}
	plan(t, db, planned(rkey("s", "1", "y"), at(0)))
	settle(t, db, rkey("s", "1", "y"), order.Held, at(0), "Canary Bird asked")
	back(t, db, order.Back{State: order.Replied, Ref: "1", Message: mailID, Email: "canary.bird@example.com", Words: "I am Canary Bird, 13712345678"})
	back(t, db, order.Back{State: order.Replied, Ref: "2", Phone: "+8613712345678", Words: "call me"})
	for _, err := range []error{
		db.KeepSamples(t.Context(), "s", map[string]store.Sample{"name": {Value: "Canary Bird", At: at(0)}}),
		db.SetAlert(t.Context(), store.Alert{Key: "x", At: at(0), Words: "Canary Bird could not be written to"}),
		db.SetConsent(t.Context(), "canary.bird@example.com", order.Consent{At: at(0), Source: "form", Wording: "yes"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// standing tells where a canary stands among what is on record.
func standing(db *store.DB) (found []string) {
	for _, e := range db.Dump() {
		all := strings.ToLower(string(e.Key) + " " + string(e.Value))
		for _, c := range canaries {
			if strings.Contains(all, c) {
				found = append(found, fmt.Sprintf("%s: %.300s", e.Bucket, all))
				break
			}
		}
	}
	return found
}

func inFile(t *testing.T, path string) (found []string) {
	t.Helper()
	body := bytes.ToLower(mustRead(t, path))
	for _, c := range canaries {
		if bytes.Contains(body, []byte(c)) {
			found = append(found, c)
		}
	}
	return found
}

func TestErasedIsNowhere(t *testing.T) {
	path := tempPath(t)
	db := canaryDB(t, path)
	if len(standing(db)) < 8 || len(inFile(t, path)) == 0 {
		t.Fatalf("the canary stands in %q: the test looks at too little", standing(db))
	}
	before := get(t, db, order.Key{Shop: "s", ID: "1"})
	got, err := db.Erase(t.Context(), "+86 137 1234 5678")
	if err != nil || got != (store.Erased{Orders: 3, Replies: 2, Contacts: 2}) {
		t.Fatalf("%+v %v", got, err)
	}
	for _, where := range standing(db) {
		t.Errorf("still on record: %s", where)
	}
	for _, c := range []string{"canary.bird@example.com", "+8613712345678"} {
		sum := sha256.Sum256([]byte(c))
		for _, e := range db.Dump() {
			if bytes.Equal(e.Key, sum[:]) {
				t.Errorf("%s holds the plain sum of %s, which can be guessed", e.Bucket, c)
			}
		}
	}
	for i, page := range db.LivePages(mustRead(t, path)) {
		for _, c := range canaries {
			if bytes.Contains(bytes.ToLower(page), []byte(c)) {
				t.Errorf("page in use %d holds %q", i, c)
			}
		}
	}
	t.Logf("until it is compacted the file holds %q in pages that are not in use", inFile(t, path))
	o := get(t, db, order.Key{Shop: "s", ID: "1"})
	if o.Buyer != (order.Buyer{}) || o.Chat != "" || o.Link != before.Link || o.Total != before.Total || o.Status != before.Status || len(o.Lines) != 1 || !o.Created.Equal(before.Created) {
		t.Errorf("%+v", o)
	}
	if others, err := db.Others(o.Key()); err != nil || len(others) != 2 {
		t.Errorf("the orders are not one person's any more: %d, %v", len(others), err)
	}
	if n := ids(must(db.Unpaid(t.Context(), "t"))); n != "2 3" && n != "3 2" {
		t.Errorf("orders of t: %s", n)
	}
	if _, ok, err := db.Consent(order.Buyer{Email: "canary.bird@example.com"}); ok || err != nil {
		t.Error("the consent is there still", err)
	}
	if err := db.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := inFile(t, path); found != nil {
		t.Errorf("the compacted file holds %q", found)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if found := inFile(t, copied); found != nil {
		t.Errorf("a backup holds %q", found)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// The shop's page shows an erased person still, and the person may order again.
func TestErasedStayErased(t *testing.T) {
	path := tempPath(t)
	db := canaryDB(t, path)
	token := db.Token(order.Buyer{Email: "canary.bird@example.com"})
	if _, err := db.Erase(t.Context(), "canary.bird@example.com"); err != nil {
		t.Fatal(err)
	}
	again := canaryOrder("s", "1")
	again.Seen = at(time.Hour)
	fresh := canaryOrder("u", "77")
	byPhone := of("u", "78", "other@example.com", "+8613712345678")
	for range 2 {
		for _, v := range []order.Visit{look(again, at(time.Hour)), scanOf("s", at(time.Hour), again), look(fresh, at(time.Hour)), look(byPhone, at(time.Hour))} {
			v.Full = false
			record(t, db, v)
		}
	}
	for _, where := range standing(db) {
		t.Errorf("back on record: %s", where)
	}
	if got := record(t, db, look(fresh, at(time.Hour))); len(got.News) != 0 {
		t.Errorf("read again, and news: %s", kinds(got))
	}
	for _, id := range []string{"77", "78"} {
		o := get(t, db, order.Key{Shop: "u", ID: id})
		if others, err := db.Others(o.Key()); err != nil || len(others) != 4 || o.Buyer != (order.Buyer{}) {
			t.Errorf("%s: %d others, %v, %+v", id, len(others), err, o.Buyer)
		}
	}
	// The budget is the same person's as before.
	wantLimit(t, send(t, db, rkey("u", "77", "x"), at(0), order.Sent, order.Limit{Count: 1, Per: time.Hour}), at(time.Hour))
	for _, c := range []string{"canary.bird@example.com", "+8613712345678"} {
		if !suppressed(t, db, c) {
			t.Errorf("%s may be written to", c)
		}
		if ok, err := db.Unsuppress(t.Context(), c); !ok || err != nil {
			t.Errorf("%v %v", ok, err)
		}
	}
	got := back(t, db, order.Back{State: order.OptedOut, Ref: "3", Token: token, Email: "canary.bird@example.com", Words: "I said it: canary.bird@example.com"})
	if !got.Suppressed || got.Reminder != rkey("s", "1", "x") || !suppressed(t, db, "canary.bird@example.com") || !suppressed(t, db, "+8613712345678") {
		t.Errorf("the token does not work any more: %+v", got)
	}
	for _, where := range standing(db) {
		t.Errorf("on record by an answer: %s", where)
	}
	if n, err := db.Erase(t.Context(), "canary.bird@example.com"); err != nil || n.Orders != 0 || n.Contacts != 2 {
		t.Errorf("erased again: %+v %v", n, err)
	}
}

// Without its key nobody can tell who was erased: then no contact is taken in.
func TestWithAnotherKeyNoContactIsStored(t *testing.T) {
	path := tempPath(t)
	db := canaryDB(t, path)
	if _, err := db.Erase(t.Context(), "canary.bird@example.com"); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	for _, k := range []byte{0, 9} {
		o := options()
		o.Key = key(k)
		db = openAt(t, path, o)
		recordAllOf(t, db, canaryOrder("s", "1"), canaryOrder("u", fmt.Sprint(k)))
		for _, where := range standing(db) {
			t.Errorf("back on record with key %d: %s", k, where)
		}
		_, err := db.Erase(t.Context(), "ann@example.com")
		wantError(t, err, "key")
		_ = db.Close()
	}
	db = openAt(t, path, options())
	recordAllOf(t, db, of("u", "9", "eve@example.com", ""))
	if o := get(t, db, order.Key{Shop: "u", ID: "9"}); o.Buyer.Email != "eve@example.com" {
		t.Errorf("with the key: %+v", o)
	}
}

func TestEraseOfSomebodyUnknown(t *testing.T) {
	db := openNew(t)
	back(t, db, order.Back{State: order.Replied, Ref: "1", Email: "eve@example.com", Words: "who are you?"})
	if got, err := db.Erase(t.Context(), "EVE@example.com"); err != nil || got != (store.Erased{Replies: 1, Contacts: 1}) {
		t.Errorf("%+v %v", got, err)
	}
	recordAllOf(t, db, of("s", "1", "eve@example.com", ""))
	if o := get(t, db, order.Key{Shop: "s", ID: "1"}); o.Buyer.Email != "" {
		t.Errorf("%+v", o.Buyer)
	}
	if _, err := db.Erase(t.Context(), "eve"); err == nil {
		t.Error("erased by half an address")
	}
}
