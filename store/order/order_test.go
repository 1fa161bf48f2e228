package order_test

import (
	"slices"
	"strings"
	"testing"

	"nudged/store/order"
)

func TestKeys(t *testing.T) {
	for in, want := range map[string]order.Key{
		"shop/17": {Shop: "shop", ID: "17"}, "shop/a/b": {Shop: "shop", ID: "a/b"}, "17": {ID: "17"}, "/17": {ID: "17"}, "shop/": {Shop: "shop"}, "": {},
	} {
		if got := order.ParseKey(in); got != want {
			t.Errorf("%q is %+v, want %+v", in, got, want)
		}
	}
	k := order.Key{Shop: "shop", ID: "a/b"}
	if got := order.ParseKey(k.String()); got != k {
		t.Errorf("%+v", got)
	}
	if got := (order.Order{Shop: "shop", ID: "a/b"}).Key(); got != k {
		t.Errorf("%+v", got)
	}
	r := order.ReminderKey{Order: k, Step: "first", Channel: order.BySMS}
	if r.String() != "shop/a/b first sms" {
		t.Errorf("%s", r)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("shop/17")
	f.Add("//")
	f.Fuzz(func(t *testing.T, s string) {
		if k := order.ParseKey(s); strings.Contains(s, "/") && k.String() != s || !strings.Contains(s, "/") && k.ID != s {
			t.Errorf("%q became %+v", s, k)
		}
	})
}

func TestStatuses(t *testing.T) {
	all := order.Statuses()
	if len(all) != 6 {
		t.Errorf("%d statuses", len(all))
	}
	for _, s := range all {
		if got, err := order.ParseStatus(string(s)); err != nil || got != s {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "Paid", "closed", " unpaid"} {
		_, err := order.ParseStatus(bad)
		if err == nil {
			t.Errorf("%q is a status", bad)
			continue
		}
		for _, s := range all {
			if !strings.Contains(err.Error(), string(s)) {
				t.Errorf("the message for %q does not name %s", bad, s)
			}
		}
	}
	closed := []order.Status{order.ClosedUnpaid, order.ClosedRefunded}
	for _, s := range append(all, "") {
		if s.Closed() != slices.Contains(closed, s) {
			t.Errorf("%s closed: %v", s, s.Closed())
		}
		if s.WantsDetail() != (s == order.Unpaid || slices.Contains(closed, s)) {
			t.Errorf("%s wants its page: %v", s, s.WantsDetail())
		}
	}
}

func TestFinalStates(t *testing.T) {
	final := map[order.State]bool{
		order.Planned: false, order.Held: false, order.Sending: false, order.Failed: false,
		order.Skipped: true, order.Sent: true, order.Lost: true, order.Parked: true, order.Shown: true, "": false,
	}
	for s, want := range final {
		if s.Final() != want {
			t.Errorf("%q final: %v", s, s.Final())
		}
	}
}

func TestReachable(t *testing.T) {
	for _, tc := range []struct {
		b    order.Buyer
		want bool
	}{
		{order.Buyer{Name: "Ann"}, false}, {order.Buyer{Email: "a@b"}, true}, {order.Buyer{Phone: "+1"}, true},
	} {
		if tc.b.Reachable() != tc.want {
			t.Errorf("%+v", tc.b)
		}
	}
}
