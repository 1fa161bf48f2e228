package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// What went out to a person is told by each of their orders, also after two have
// turned out to be one.
func TestToldAndContactsOfAPerson(t *testing.T) {
	db := openNew(t)
	a, b := of("a", "1", "ann@shop.example", ""), of("b", "2", "", "+8613800138000")
	recordAllOf(t, db, a, b, of("a", "9", "other@shop.example", ""))
	mail := func(o order.Order, step string) order.ReminderKey {
		return order.ReminderKey{Order: o.Key(), Step: step, Channel: order.ByEmail}
	}
	for _, k := range []order.ReminderKey{mail(a, "first"), mail(b, "second")} {
		if err := send(t, db, k, at(time.Duration(len(k.Step))*time.Hour), order.Sent, order.Limit{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(t, db, mail(a, "shown"), at(9*time.Hour), order.Shown, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := send(t, db, mail(b, "lost"), at(10*time.Hour), order.Lost, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	wantTold(t, db, a, time.Time{}, "first sent")
	wantTold(t, db, b, time.Time{}, "lost unknown", "second sent")
	wantContacts(t, db, a, "ann@shop.example")

	recordAllOf(t, db, of("a", "3", "ANN@shop.example", "+86 138 0013 8000")) // Ann has that number
	for _, o := range []order.Order{a, b} {
		wantTold(t, db, o, time.Time{}, "lost unknown", "second sent", "first sent")
		wantTold(t, db, o, at(6*time.Hour), "lost unknown")
		wantContacts(t, db, o, "+8613800138000", "ann@shop.example")
	}
	wantTold(t, db, of("a", "9", "", ""), time.Time{})
	wantContacts(t, db, of("a", "none", "", ""))
}

func wantTold(t *testing.T, db *store.DB, o order.Order, since time.Time, want ...string) {
	t.Helper()
	told, err := db.Told(o.Key(), since)
	var got []string
	for _, r := range told {
		got = append(got, fmt.Sprint(r.Key.Step, " ", r.State))
		if r.Out.IsZero() {
			t.Errorf("%s went out at no time", r.Key)
		}
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("told of %s: %q, %v; want %q", o.Key(), got, err, want)
	}
}

func wantContacts(t *testing.T, db *store.DB, o order.Order, want ...string) {
	t.Helper()
	all, err := db.Contacts(o.Key())
	var got []string
	for _, b := range all {
		got = append(got, b.Email.Reveal()+b.Phone.Reveal())
	}
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("contacts of %s: %q, %v; want %q", o.Key(), got, err, want)
	}
}

// In a crowd that a placeholder has joined, only what went to the contact at hand
// is told.
func TestToldOfACrowd(t *testing.T) {
	db := openNew(t)
	var all []order.Order
	for i := range 40 {
		all = append(all, of("a", fmt.Sprint(i), fmt.Sprintf("b%d@shop.example", i), "+8613800138000"))
	}
	recordAllOf(t, db, all...)
	for i, o := range all[:5] {
		k := order.ReminderKey{Order: o.Key(), Step: fmt.Sprint("s", i), Channel: order.ByEmail}
		if err := send(t, db, k, at(time.Duration(i)*time.Hour), order.Sent, order.Limit{}); err != nil {
			t.Fatal(err)
		}
	}
	wantTold(t, db, all[2], time.Time{}, "s2 sent")
	wantTold(t, db, all[7], time.Time{})
	wantContacts(t, db, all[2], "+8613800138000", "b2@shop.example")
}
