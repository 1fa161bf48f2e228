package store_test

import (
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func TestConsent(t *testing.T) {
	db, _, _ := sentOne(t)
	ann := order.Buyer{Email: "Ann@example.com", Phone: "+8613800138000"}
	want := order.Consent{At: at(-time.Hour), Source: "form", Wording: "yes, write to me"}
	if _, ok, err := db.Consent(ann); ok || err != nil {
		t.Error(ok, err)
	}
	c := want
	c.Source = "form of ann@example.com"
	if err := db.SetConsent(t.Context(), "ann@example.com", c); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := db.Consent(ann); !ok || err != nil || got.Wording != want.Wording || !got.At.Equal(want.At) || got.Source != "form of a***@example.com" {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	if _, ok, err := db.Consent(order.Buyer{Phone: ann.Phone}); ok || err != nil {
		t.Error("consent to mail is taken for one to SMS", err)
	}
	back(t, db, order.Back{State: order.OptedOut, Message: smsID, Ref: "1"})
	if _, ok, err := db.Consent(ann); ok || err != nil {
		t.Error("consent outlives the opt-out", err)
	}
	for _, err := range []error{db.SetConsent(t.Context(), "+8613800138000", want), db.SetConsent(t.Context(), "+8613800138000", order.Consent{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := db.Consent(ann); ok || err != nil {
		t.Error("consent was not withdrawn", err)
	}
	if err := db.SetConsent(t.Context(), "ann", want); err == nil {
		t.Error("consent of nobody")
	}
}

// Who took a consent back is told from who never gave one: a shop's soft opt-in
// does not count for them. The last word counts, by whichever contact it came.
func TestConsentThatWasTakenBackIsRemembered(t *testing.T) {
	now := noon
	o := options()
	o.Now = func() time.Time { return now }
	db := openAt(t, tempPath(t), o)
	ann := order.Buyer{Email: "ann@example.com", Phone: "+8613800138000"}
	set := func(who string, c order.Consent) {
		t.Helper()
		now = now.Add(time.Hour)
		if err := db.SetConsent(t.Context(), who, c); err != nil {
			t.Fatal(err)
		}
	}
	want := func(yes, withdrawn bool) {
		t.Helper()
		if c, ok, err := db.Consent(ann); err != nil || ok != yes || c.Withdrawn != withdrawn {
			t.Errorf("%+v %v %v, want %v, withdrawn %v", c, ok, err, yes, withdrawn)
		}
	}
	want(false, false)
	set("+8613800138000", order.Consent{})
	want(false, true)
	if all, err := db.Export(t.Context(), "+8613800138000"); err != nil || all.Contacts[0].Consent == nil || !all.Contacts[0].Consent.Withdrawn {
		t.Errorf("the export does not tell: %+v %v", all, err)
	}
	set("ann@example.com", order.Consent{At: now.Add(time.Minute), Source: "form", Wording: "yes"})
	want(true, false)
	set("ann@example.com", order.Consent{})
	want(false, true)
}

func TestCursorsAndAlerts(t *testing.T) {
	db := openNew(t)
	if _, ok, err := db.Cursor("inbox"); ok || err != nil {
		t.Error(ok, err)
	}
	if err := db.SetCursor(t.Context(), "inbox", []byte{0, 255}); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := db.Cursor("inbox"); !ok || err != nil || string(got) != "\x00\xff" {
		t.Errorf("%v %v %v", got, ok, err)
	}
	if err := db.SetCursor(t.Context(), "inbox", make([]byte, 1<<20)); err == nil {
		t.Error("a cursor of any size")
	}
	a := store.Alert{Key: "smtp", Words: "550 <ann@example.com>", At: at(0), Told: at(1), Count: 2}
	for _, err := range []error{db.SetAlert(t.Context(), a), db.SetAlert(t.Context(), store.Alert{Key: "b", At: at(0)})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, ok, err := db.Alert("smtp")
	if !ok || err != nil || got.Words != "550 <a***@example.com>" || !got.Told.Equal(at(1)) || got.Count != 2 {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	if err := db.SetAlert(t.Context(), store.Alert{Key: "b"}); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Alerts(); err != nil || len(all) != 1 || all[0].Key != "smtp" {
		t.Errorf("%+v %v", all, err)
	}
}
