package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

// saysNo is a row of somebody who said no.
func saysNo(email, phone string, when time.Time) store.ListRow {
	row := on("a", "Ann", email, phone)
	row.Consent = order.Consent{At: when, Withdrawn: true}
	return row
}

func TestANoOfAList(t *testing.T) {
	yes := func(when time.Time) order.Consent { return order.Consent{At: when, Source: "fair", Wording: "news"} }
	set := func(who string, c order.Consent) func(t *testing.T, db *store.DB) {
		return func(t *testing.T, db *store.DB) {
			t.Helper()
			if err := db.SetConsent(t.Context(), who, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		before    func(t *testing.T, db *store.DB)
		since     time.Time
		withdrawn bool
		first     store.Imported
	}{
		"of nobody known":             {func(*testing.T, *store.DB) {}, at(-2 * time.Hour), true, store.Imported{New: 1}},
		"without a date":              {set("ann@example.com", yes(at(-time.Second))), time.Time{}, true, store.Imported{New: 1}},
		"after the yes":               {set("ann@example.com", yes(at(-3*time.Hour))), at(-2 * time.Hour), true, store.Imported{New: 1}},
		"with the yes":                {set("ann@example.com", yes(at(-2*time.Hour))), at(-2 * time.Hour), true, store.Imported{New: 1}},
		"of a day that is not over":   {set("ann@example.com", yes(at(-time.Hour))), at(9 * time.Hour), true, store.Imported{New: 1}},
		"before the yes":              {set("ann@example.com", yes(at(-time.Hour))), at(-2 * time.Hour), false, store.Imported{New: 1, Outdated: 1}},
		"taken back already":          {set("ann@example.com", order.Consent{}), at(-2 * time.Hour), true, store.Imported{New: 1}},
		"agreed by the other contact": {set("+8613800138000", yes(at(-3*time.Hour))), at(-2 * time.Hour), true, store.Imported{New: 1}},
		"agreed by the contact of old": {func(t *testing.T, db *store.DB) {
			t.Helper()
			recordAllOf(t, db, of("a", "1", "old@example.com", "+8613800138000"))
			set("old@example.com", yes(at(-3*time.Hour)))(t, db)
		}, at(-2 * time.Hour), true, store.Imported{New: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			db := openNew(t)
			c.before(t, db)
			row := saysNo("ann@example.com", "+8613800138000", c.since)
			wantImported(t, importBuyers(t, db, row), c.first)
			for _, who := range []order.Buyer{row.Buyer, {Email: "ann@example.com"}, {Email: "old@example.com"}} {
				if got, ok, err := db.Consent(who); err != nil || got.Withdrawn != c.withdrawn && who.Email != "old@example.com" || ok == c.withdrawn {
					if ok || who.Email != "old@example.com" {
						t.Errorf("%s: %+v %v %v", who.Email.Reveal(), got, ok, err)
					}
				}
			}
			before := dump(db)
			again := c.first
			again.New, again.Same = 0, 1
			wantImported(t, importBuyers(t, db, row), again)
			if d := cmp.Diff(before, dump(db)); d != "" {
				t.Errorf("twice changes:\n%s", d)
			}
		})
	}
}

// The rows of a list that are one person by a number: the no of one of them counts
// for all, whichever stands first, and the same list again changes nothing.
func TestANoAmongTheRowsOfOnePerson(t *testing.T) {
	yes := on("a", "Ann", "ann@example.com", "+8613800138000")
	yes.Consent = order.Consent{At: at(-9 * time.Hour), Source: "fair", Wording: "news"}
	no := saysNo("else@example.com", "+8613800138000", time.Time{})
	for name, rows := range map[string][]store.ListRow{"yes first": {yes, no}, "no first": {no, yes}} {
		db := openNew(t)
		importBuyers(t, db, rows...)
		for _, who := range []order.Buyer{yes.Buyer, no.Buyer, {Email: "ann@example.com"}} {
			if _, ok, err := db.Consent(who); err != nil || ok {
				t.Errorf("%s: %s may get offers: %v", name, who.Email.Reveal(), err)
			}
		}
		before := dump(db)
		wantImported(t, importBuyers(t, db, rows...), store.Imported{Same: 2, Refused: 1})
		if d := cmp.Diff(before, dump(db)); d != "" {
			t.Errorf("%s: twice changes:\n%s", name, d)
		}
	}
}
