package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func names(all []store.Buyer) string {
	var out []string
	for _, b := range all {
		out = append(out, b.Contact.Name)
	}
	return strings.Join(out, " ")
}

func named(shop, id, name, email string, created time.Time) order.Order {
	o := unpaid(shop, id, created)
	o.Buyer = order.Buyer{Name: name, Email: order.Email(email)}
	return o
}

func TestTheLatestBuyers(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, named("a", "1", "Ann", "ann@example.com", at(-9*time.Hour)), named("b", "2", "Ann", "ann@example.com", at(-time.Hour)),
		named("a", "3", "Bob", "bob@example.com", at(-2*time.Hour)), named("b", "4", "Cat", "cat@example.com", at(-3*time.Hour)), named("a", "5", "Nobody", "", at(0)))
	importBuyers(t, db, on("a", "Dan", "dan@example.com", ""), on("b", "", "bob@example.com", ""))
	importOrders(t, db, sold("b", "900", "eve@example.com", order.Paid, at(-2*time.Hour-time.Minute)))
	for limit, want := range map[int]string{0: "", 1: "Ann", 2: "Ann Bob", 4: "Ann Bob Ann Lee Cat", 9: "Ann Bob Ann Lee Cat Dan"} {
		if got, err := db.LatestBuyers(t.Context(), limit); err != nil || names(got) != want {
			t.Errorf("%d: %q, %v", limit, names(got), err)
		}
	}
	ann := must(db.LatestBuyers(t.Context(), 1))[0]
	if ids(ann.Orders) != "2 1" || ann.Key != (order.Key{Shop: "b", ID: "2"}) {
		t.Errorf("%+v", ann)
	}
}

func TestBuyersAreFound(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, named("a", "1", "Ann Müller", "ann@example.com", at(0)), named("a", "2", `Bob "B" <Lee>`, "bob@leeds.example", at(0)),
		named("b", "3", "王小明", "wang@example.com", at(0)), of("b", "4", "", "+86 138 0013 8000"))
	importBuyers(t, db, on("a", "Dora MÜLLER", "dora@example.com", ""))
	for text, want := range map[string]string{
		" ANN@example.com ": "Ann Müller", "müller": "Ann Müller Dora MÜLLER", "小明": "王小明", `"b" <l`: `Bob "B" <Lee>`, "leeds": `Bob "B" <Lee>`,
		"@leeds": `Bob "B" <Lee>`, "+86 13800138000": "Ann Lee", "0013-80": "Ann Lee", "8613800": "Ann Lee", "": "", "nobody": "", "12": "", `\u`: "",
		strings.Repeat("x", 5000): "",
	} {
		got, err := db.FindBuyers(t.Context(), text, 0)
		if have := names(got); err != nil || have != want && have != "Dora MÜLLER Ann Müller" {
			t.Errorf("%.40q: %q, %v", text, have, err)
		}
	}
	if got, err := db.FindBuyers(t.Context(), "müller", 1); err != nil || len(got) != 1 {
		t.Errorf("%q %v", names(got), err)
	}
	if _, err := db.BuyersOf("12"); err == nil {
		t.Error("no contact at all is taken for one")
	}
}

func TestEverybodyByID(t *testing.T) {
	db := openNew(t)
	v := scanOf("s", at(0))
	for i := range 2300 {
		v.Orders = append(v.Orders, named("s", fmt.Sprint(i), fmt.Sprint("N", i), fmt.Sprintf("n%d@example.com", i), at(0)))
	}
	v.Orders = append(v.Orders, named("s", "x", "", "", at(0)))
	record(t, db, v)
	all := everybody(t, db)
	if len(all) != 2300 || !slices.IsSortedFunc(all, func(a, b store.Buyer) int { return int(a.ID) - int(b.ID) }) {
		t.Fatalf("%d people", len(all))
	}
	// In pieces, while orders come in between.
	var seen []uint64
	for after := uint64(0); ; {
		n := 0
		err := db.Buyers(t.Context(), after, func(b store.Buyer) (bool, error) {
			seen, after = append(seen, b.ID), b.ID
			n++
			if n == 1 {
				recordAllOf(t, db, as(b.Orders[0], order.Paid, "Paid"))
			}
			return n < 700, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if len(seen) != 2300 || !slices.IsSorted(seen) {
		t.Errorf("%d seen", len(seen))
	}
	stop := errors.New("stop")
	if err := db.Buyers(t.Context(), 0, func(store.Buyer) (bool, error) { return true, stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestABuyerHasAThousandOrdersAtMost(t *testing.T) {
	db := openNew(t)
	v := scanOf("s", at(0))
	for i := range 1200 {
		o := of("s", fmt.Sprintf("%05d", i), "ann@example.com", "")
		o.Created = at(time.Duration(i) * time.Minute)
		v.Orders = append(v.Orders, o)
	}
	record(t, db, v)
	b := oneBuyer(t, db, "ann@example.com")
	if len(b.Orders) != 1000 || b.Orders[0].ID != "01199" || b.Key.ID != "01199" {
		t.Errorf("%d, %s", len(b.Orders), b.Key)
	}
}

// The newest order has no contact that a message could go to: an older one has.
func TestByWhatMessagesReachAPerson(t *testing.T) {
	db := openNew(t)
	old, masked := named("a", "1", "Ann", "ann@example.com", at(-time.Hour)), named("a", "2", "A.", "ann@example.com", at(0))
	recordAllOf(t, db, old, masked)
	masked.Buyer.Email = "a***@example.com"
	recordAllOf(t, db, masked)
	b, ok, err := db.BuyerOf(masked.Key())
	if err != nil || !ok || b.Key != old.Key() || b.Contact.Name != "A." || len(b.Orders) != 2 {
		t.Errorf("%+v %v %v", b, ok, err)
	}
	if _, ok, err := db.BuyerOf(order.Key{Shop: "a", ID: "none"}); err != nil || ok {
		t.Errorf("%v %v", ok, err)
	}
}

// A record that cannot be read hides neither the others nor the rest of a person.
func TestADamagedRecordHidesNobodyElse(t *testing.T) {
	db := openNew(t)
	a, b := named("a", "1", "Ann", "ann@example.com", at(0)), named("a", "2", "Ann", "ann@example.com", at(-time.Hour))
	recordAllOf(t, db, a, b, named("a", "3", "Bob", "bob@example.com", at(0)))
	importBuyers(t, db, on("a", "Cat", "cat@example.com", ""))
	cat := oneBuyer(t, db, "cat@example.com").Key
	for bucket, k := range map[string]order.Key{"orders": a.Key(), "listed": cat} {
		if err := db.PutRaw(bucket, store.OrderKey(k), []byte{1, '{'}); err != nil {
			t.Fatal(err)
		}
	}
	if all := everybody(t, db); names(all) != "Ann Bob Cat" || ids(all[0].Orders) != "2" {
		t.Errorf("%q %+v", names(all), all)
	}
	if got := must(db.LatestBuyers(t.Context(), 9)); len(got) != 3 {
		t.Errorf("%q", names(got))
	}
	wantImported(t, importBuyers(t, db, on("a", "Cat", "cat@example.com", "")), store.Imported{Changed: 1})
}

// The latest are those whose last order is the newest, also where only a list of
// the seller's tells of it.
func TestTheLatestBuyersByLists(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, named("a", "1", "Ann", "ann@example.com", at(-9*time.Hour)), named("a", "2", "Bob", "bob@example.com", at(-2*time.Hour)),
		named("b", "3", "Cat", "cat@example.com", at(-3*time.Hour)))
	listed := func(shop, name, email string, orders int, last time.Time) store.ListRow {
		r := on(shop, name, email, "")
		r.Past = order.Past{Orders: orders, Last: last}
		return r
	}
	importBuyers(t, db, listed("a", "Ann", "ann@example.com", 2, at(-time.Hour)), listed("a", "Dan", "dan@example.com", 1, at(-150*time.Minute)),
		listed("b", "Bob", "bob@example.com", 3, at(-400*time.Hour)), on("a", "Eve", "eve@example.com", ""), listed("b", "Fay", "fay@example.com", 1, at(-500*time.Hour)))
	all := "Ann Bob Dan Cat Fay Eve"
	for limit := 1; limit < 8; limit++ {
		got, err := db.LatestBuyers(t.Context(), limit)
		if have := names(got); err != nil || have != strings.Join(strings.Fields(all)[:min(limit, 6)], " ") {
			t.Errorf("%d: %q, %v", limit, have, err)
		}
	}
	// A row may tell of a later order than the one of the shop that counts.
	importBuyers(t, db, listed("a", "Gus", "gus@example.com", 9, at(-450*time.Hour)), listed("a", "Gus", "gus2@example.com", 1, at(-time.Minute)))
	if got := names(must(db.LatestBuyers(t.Context(), 2))); !strings.Contains(got, "Ann") {
		t.Error(got)
	}
}
