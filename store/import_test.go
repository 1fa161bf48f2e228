package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

// on is a row of a list.
func on(shop, name, email, phone string) store.ListRow {
	return store.ListRow{Shop: shop, Source: "fair.xlsx", Buyer: order.Buyer{Name: name, Email: order.Email(email), Phone: order.Phone(phone)}}
}

func importBuyers(t testing.TB, db *store.DB, rows ...store.ListRow) store.Imported {
	t.Helper()
	got, err := db.ImportBuyers(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func importOrders(t testing.TB, db *store.DB, orders ...order.Order) store.Imported {
	t.Helper()
	got, err := db.ImportOrders(t.Context(), "old.csv", orders)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantImported(t testing.TB, got, want store.Imported) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// sold is an order as a list has it.
func sold(shop, number, email string, s order.Status, created time.Time) order.Order {
	return order.Order{
		Shop: shop, Number: number, Status: s, Created: created, Total: order.Money{Minor: 500, Currency: "USD"},
		Buyer: order.Buyer{Name: "Ann Lee", Email: order.Email(email)},
	}
}

func past(orders int, minor int64, last time.Time) order.Past {
	return order.Past{Orders: orders, Spent: []order.Money{{Minor: minor, Currency: "USD"}}, First: at(-900 * time.Hour), Last: last}
}

func buyersOf(t testing.TB, db *store.DB, contact string) []store.Buyer {
	t.Helper()
	got, err := db.BuyersOf(contact)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func oneBuyer(t testing.TB, db *store.DB, contact string) store.Buyer {
	t.Helper()
	got := buyersOf(t, db, contact)
	if len(got) != 1 {
		t.Fatalf("%d buyers of %s", len(got), contact)
	}
	return got[0]
}

func everybody(t testing.TB, db *store.DB) (all []store.Buyer) {
	t.Helper()
	err := db.Buyers(t.Context(), 0, func(b store.Buyer) (bool, error) {
		all = append(all, b)
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// dump is all that stands in the file.
func dump(db *store.DB) map[string]string {
	out := map[string]string{}
	for _, e := range db.Dump() {
		out[e.Bucket+"/"+string(e.Key)] = string(e.Value)
	}
	return out
}

func TestAListBringsPeopleWithoutOrders(t *testing.T) {
	db := openNew(t)
	row := on("a", "Ann Lee", " Ann@Example.com", "+86 138 0013 8000")
	row.Past = past(3, 900, at(-100*time.Hour))
	bad := on("a", "Nobody", "", "0123")
	wantImported(t, importBuyers(t, db, row, bad, on("b", "Bob", "bob@example.com", "")), store.Imported{
		New: 2, Bad: []store.BadRow{{Row: 1, Why: "there is neither an e-mail address nor a phone number with its country code"}},
	})
	ann := oneBuyer(t, db, "+8613800138000")
	if ann.Contact != (order.Buyer{Name: "Ann Lee", Email: "ann@example.com", Phone: "+86 138 0013 8000"}) || len(ann.Orders) != 0 ||
		ann.Key.Shop != "a" || !ann.Key.ListRow() || cmp.Diff(ann.Past, row.Past) != "" {
		t.Errorf("%+v %+v", ann, ann.Past)
	}
	if got, err := db.Past(ann.Key); err != nil || cmp.Diff(got, row.Past) != "" {
		t.Errorf("%+v %v", got, err)
	}
	if strings.Contains(ann.Key.ID, "ann") || strings.Contains(ann.Key.ID, "138") {
		t.Errorf("the key tells who it is: %s", ann.Key)
	}
	for name, n := range map[string]func() (int, error){
		"orders":      func() (int, error) { o, err := db.Orders(t.Context(), store.Filter{}); return len(o), err },
		"others":      func() (int, error) { o, err := db.Others(ann.Key); return len(o), err },
		"found":       func() (int, error) { o, err := db.Find(ann.Key.ID); return len(o), err },
		"orders of":   func() (int, error) { o, err := db.OrdersOf(t.Context(), []order.Key{ann.Key}); return len(o), err },
		"not a buyer": func() (int, error) { o, err := db.BuyersOf("eve@example.com"); return len(o), err },
	} {
		if got, err := n(); err != nil || got != 0 {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
	if _, found, err := db.Order(ann.Key); err != nil || found {
		t.Errorf("a row is an order: %v %v", found, err)
	}
	if len(everybody(t, db)) != 2 {
		t.Errorf("%+v", everybody(t, db))
	}
}

func TestAListTakenInTwiceChangesNothing(t *testing.T) {
	db := openNew(t)
	row := on("a", "Ann Lee", "ann@example.com", "+8613800138000")
	row.Past, row.Consent = past(3, 900, at(-100*time.Hour)), order.Consent{At: at(-time.Hour), Source: "fair", Wording: "yes"}
	future := on("a", "Cat", "cat@example.com", "")
	future.Consent = order.Consent{At: at(99 * time.Hour), Source: "fair"}
	old := sold("a", "#100", "dan@example.com", order.Paid, at(-100*time.Hour))
	for i, want := range []store.Imported{{New: 2}, {Same: 2}, {Same: 2}} {
		before := dump(db)
		wantImported(t, importBuyers(t, db, row, future), want)
		wantImported(t, importOrders(t, db, old), store.Imported{New: want.New / 2, Same: want.Same / 2})
		if d := cmp.Diff(before, dump(db)); i > 0 && d != "" {
			t.Error(d)
		}
	}
	// A list that says less takes nothing away; one that says more adds it.
	wantImported(t, importBuyers(t, db, on("a", "", "ann@example.com", "")), store.Imported{Same: 1})
	more := on("a", "Ann M. Lee", "ann@example.com", "")
	more.Past = order.Past{Orders: 4}
	wantImported(t, importBuyers(t, db, more), store.Imported{Changed: 1})
	if got := oneBuyer(t, db, "ann@example.com"); got.Past.Orders != 4 || got.Past.Spent[0].Minor != 900 || got.Contact.Name != "Ann M. Lee" || got.Contact.Phone == "" {
		t.Errorf("%+v", got)
	}
	paid := old
	paid.Status, paid.Number = order.ClosedRefunded, "100"
	wantImported(t, importOrders(t, db, paid, paid), store.Imported{Changed: 1, Same: 1})
	if o := get(t, db, order.Key{Shop: "a", ID: "import:100"}); o.Status != order.ClosedRefunded {
		t.Errorf("%+v", o)
	}
}

func TestAConsentOfAList(t *testing.T) {
	yes := func(when time.Time) order.Consent { return order.Consent{At: when, Source: "fair", Wording: "news"} }
	ann := order.Buyer{Email: "ann@example.com", Phone: "+8613800138000"}
	for name, tc := range map[string]struct {
		before func(db *store.DB) error
		want   bool
		at     time.Time
	}{
		"alone": {func(*store.DB) error { return nil }, true, at(-2 * time.Hour)},
		"older": {func(db *store.DB) error { return db.SetConsent(t.Context(), "ann@example.com", yes(at(-9*time.Hour))) }, true, at(-2 * time.Hour)},
		"newer": {func(db *store.DB) error { return db.SetConsent(t.Context(), "ann@example.com", yes(at(-time.Hour))) }, true, at(-time.Hour)},
		"taken back": {func(db *store.DB) error {
			return db.SetConsent(t.Context(), "+8613800138000", order.Consent{})
		}, false, time.Time{}},
		"taken back long ago": {func(db *store.DB) error {
			row := on("a", "", "ann@example.com", "")
			row.Consent = order.Consent{At: at(-99 * time.Hour), Withdrawn: true}
			_, err := db.ImportBuyers(t.Context(), []store.ListRow{row})
			return err
		}, false, time.Time{}},
		"suppressed": {func(db *store.DB) error { return db.Suppress(t.Context(), "ann@example.com", "no", at(-99*time.Hour)) }, false, time.Time{}},
		"no by another contact": {func(db *store.DB) error {
			recordAllOf(t, db, of("a", "1", "else@example.com", "+8613800138000"))
			return db.Suppress(t.Context(), "else@example.com", "no", at(-99*time.Hour))
		}, false, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			db := openNew(t)
			if err := tc.before(db); err != nil {
				t.Fatal(err)
			}
			row := on("a", "Ann", "ann@example.com", "+8613800138000")
			row.Consent = yes(at(-2 * time.Hour))
			importBuyers(t, db, row)
			got, ok, err := db.Consent(ann)
			if err != nil || ok != tc.want || ok && !got.At.Equal(tc.at) {
				t.Errorf("%+v %v %v", got, ok, err)
			}
			if name == "suppressed" && !suppressed(t, db, "ann@example.com") {
				t.Error("an import takes somebody off the list")
			}
		})
	}
}

// A yes is for what its list gives, a no for all that is known of the person.
func TestAConsentIsForTheContactsOfItsList(t *testing.T) {
	db := openNew(t)
	phone, email := order.Buyer{Phone: "+8613800138000"}, order.Buyer{Email: "ann@example.com"}
	importBuyers(t, db, on("a", "Ann Lee", "ann@example.com", "+8613800138000"))
	row := on("a", "Ann Lee", "ann@example.com", "")
	row.Consent = order.Consent{At: at(-time.Hour), Source: "newsletter form", Wording: "e-mail news"}
	importBuyers(t, db, row)
	_, byEmail, err := db.Consent(email)
	_, byPhone, err2 := db.Consent(phone)
	if err != nil || err2 != nil || !byEmail || byPhone {
		t.Errorf("by e-mail %v, by phone %v; %v %v", byEmail, byPhone, err, err2)
	}
	if err := db.SetConsent(t.Context(), "+8613800138000", order.Consent{At: at(-time.Hour), Source: "shop"}); err != nil {
		t.Fatal(err)
	}
	row.Consent = order.Consent{At: at(-time.Minute), Withdrawn: true}
	importBuyers(t, db, row)
	for _, b := range []order.Buyer{phone, email} {
		if c, ok, err := db.Consent(b); err != nil || ok || !c.Withdrawn {
			t.Errorf("%+v %v %v", c, ok, err)
		}
	}
}

func TestTheErasedAreNotBroughtBackByAList(t *testing.T) {
	db := openNew(t)
	row := on("a", "Ann Leeward", "ann@example.com", "+8613800138000")
	row.Past = past(2, 100, at(-9*time.Hour))
	importBuyers(t, db, row)
	importOrders(t, db, sold("a", "100", "ann@example.com", order.Paid, at(-50*time.Hour)))
	key := oneBuyer(t, db, "ann@example.com")
	out, err := db.Export(t.Context(), "+8613800138000")
	if err != nil || len(out.Lists) != 1 || out.Lists[0].Source != "fair.xlsx" || out.Lists[0].Orders != 2 || len(out.Orders) != 1 || out.Orders[0].Source != "old.csv" {
		t.Errorf("%+v %v", out, err)
	}
	if body := must(json.Marshal(out)); !strings.Contains(string(body), `"spent":["1.00 USD"]`) {
		t.Errorf("%s", body)
	}
	if got, err := db.Erase(t.Context(), "ann@example.com"); err != nil || got.Orders != 1 || got.Lists != 1 || got.Contacts != 2 {
		t.Errorf("%+v %v", got, err)
	}
	for _, secret := range []string{"ann@example.com", "13800138000", "Leeward"} {
		if leak := holds(db, secret); leak != "" {
			t.Errorf("%s is left in %s", secret, leak)
		}
	}
	wantImported(t, importBuyers(t, db, row, on("b", "Ann", "", "+86 13800138000")), store.Imported{Erased: 2})
	importOrders(t, db, sold("a", "101", "ann@example.com", order.Paid, at(-50*time.Hour)))
	if leak := holds(db, "ann@example.com"); leak != "" {
		t.Errorf("brought back in %s", leak)
	}
	all := everybody(t, db)
	if len(all) != 1 || all[0].ID != key.ID || all[0].Contact != (order.Buyer{}) || all[0].Key != (order.Key{}) || len(all[0].Orders) != 2 || !all[0].Past.IsZero() {
		t.Errorf("%+v", all)
	}
}

// What was only forgotten is known again once a list says it anew.
func TestPeopleOnListsAreForgotten(t *testing.T) {
	now := noon
	o := options()
	o.Now = func() time.Time { return now }
	db := openAt(t, tempPath(t), o)
	importBuyers(t, db, on("a", "Ann", "ann@example.com", ""))
	now = at(100 * time.Hour)
	importBuyers(t, db, on("a", "Bob", "bob@example.com", ""))
	if n, err := db.ForgetContacts(t.Context(), at(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if all := everybody(t, db); len(all) != 1 || all[0].Contact.Name != "Bob" {
		t.Errorf("%+v", all)
	}
	wantImported(t, importBuyers(t, db, on("a", "Ann", "ann@example.com", "")), store.Imported{New: 1})
	if got := oneBuyer(t, db, "ann@example.com"); got.Contact.Name != "Ann" || !got.Key.ListRow() {
		t.Errorf("%+v", got)
	}
}

// What a list counts and what is on record are not counted twice.
func TestThePastIsBeyondTheOrdersOnRecord(t *testing.T) {
	db := openNew(t)
	paid := func(shop, id string, created time.Time) order.Order {
		o := as(of(shop, id, "ann@example.com", ""), order.Paid, "Paid")
		o.Created = created
		return o
	}
	open := of("a", "4", "ann@example.com", "")
	open.Created = at(-200 * time.Hour)
	recordAllOf(t, db, paid("a", "1", at(-200*time.Hour)), paid("a", "2", at(-99*time.Hour)), paid("a", "3", at(-time.Hour)), paid("b", "9", at(-200*time.Hour)), open)
	row := on("a", "Ann", "ann@example.com", "+8613800138000")
	row.Past = past(5, 5000, at(-100*time.Hour))
	byPhone := on("a", "Ann", "", "+8613800138000") // the same list says it twice
	byPhone.Past = past(4, 4000, at(-120*time.Hour))
	second := on("c", "Ann", "ann@example.com", "")
	second.Past = order.Past{Orders: 1, Spent: []order.Money{{Minor: 7, Currency: "EUR"}}, Last: at(-2 * time.Hour)}
	importBuyers(t, db, row, byPhone, second)
	want := order.Past{Orders: 4, Spent: []order.Money{{Minor: 7, Currency: "EUR"}, {Minor: 5000 - 2*1999, Currency: "USD"}}, First: at(-900 * time.Hour), Last: at(-2 * time.Hour)}
	ann := oneBuyer(t, db, "ann@example.com")
	if d := cmp.Diff(want, ann.Past); d != "" {
		t.Error(d)
	}
	if got, err := db.Past(order.Key{Shop: "b", ID: "9"}); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%+v %v", got, err)
	}
	if ids(ann.Orders) != "3 2 1 4 9" || ann.Key.ID != "3" {
		t.Errorf("%s %s", ids(ann.Orders), ann.Key)
	}
	if got, err := db.Past(order.Key{Shop: "a", ID: "none"}); err != nil || !got.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
}

func TestManyRowsGoInByTheThousand(t *testing.T) {
	db := openNew(t)
	var rows []store.ListRow
	for i := range 2500 {
		rows = append(rows, on("a", "Somebody", fmt.Sprintf("ann%d@example.com", i%2400), ""))
	}
	rows[1700].Buyer.Email = ""
	wantImported(t, importBuyers(t, db, rows...), store.Imported{New: 2399, Same: 100, Bad: []store.BadRow{{Row: 1700, Why: "there is neither an e-mail address nor a phone number with its country code"}}})
	if n := len(everybody(t, db)); n != 2399 {
		t.Errorf("%d people", n)
	}
	ctx, cancel := contextOf(t)
	cancel()
	if _, err := db.ImportBuyers(ctx, rows); err == nil {
		t.Error("went on")
	}
	keyless := options()
	keyless.Key = [32]byte{}
	if _, err := openAt(t, tempPath(t), keyless).ImportBuyers(t.Context(), rows); err == nil {
		t.Error("a list without a key")
	}
}

// holds names a bucket in which a text stands; "" if none does.
func holds(db *store.DB, secret string) string {
	for _, e := range db.Dump() {
		if strings.Contains(string(e.Key)+"\x00"+string(e.Value), secret) {
			return e.Bucket
		}
	}
	return ""
}
