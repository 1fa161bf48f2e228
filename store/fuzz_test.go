package store_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

func FuzzDecode(f *testing.F) {
	good, _, err := store.EncodeOrder(unpaid("s", "0001", at(0)))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{good, good[:len(good)/2], nil, {1}, {2, '{', '}'}, []byte("\x01{\"seen\":\"12026-01-01T00:00:00Z\"}"), []byte("\x01[[[["), []byte("\x01{\"lines\":[{\"quantity\":1e99}]}")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		_, err := store.DecodeAll(value) // an error or not, never a panic
		if err == nil && (len(value) == 0 || value[0] != 1) {
			t.Errorf("a record of another version was read: %q", value)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(store.OrderKey(order.Key{Shop: "s", ID: "1"}), "s", "\x00id", int64(0), int64(0))
	f.Add([]byte{0xff, 0xff}, "", "", int64(-1), int64(1))
	f.Add(append(store.OrderKey(order.Key{Shop: "s", ID: "1"}), 0, 1, 'x', 0, 5, 'e', 'm', 'a', 'i', 'l'), "a", "b", int64(1)<<60, int64(-62135596800))
	f.Fuzz(func(t *testing.T, raw []byte, shop, id string, s1, s2 int64) {
		for _, again := range store.ReparseKeys(raw) {
			if !bytes.Equal(again, raw) {
				t.Errorf("%q was read as %q", raw, again)
			}
		}
		_, _ = store.ParsePlace(raw)
		a, b := time.Unix(s1, s2&0xfffff), time.Unix(s2, s1&0xfffff)
		if back, rest, err := store.CutTime(store.TimeKey(a)); err != nil || len(rest) > 0 || !back.Equal(a) {
			t.Errorf("%v became %v, %v", a, back, err)
		}
		if a.Unix() == s1 && b.Unix() == s2 && bytes.Compare(store.TimeKey(a), store.TimeKey(b)) != a.Compare(b) {
			t.Errorf("order of %v and %v is lost", a, b)
		}
		other := order.Key{Shop: shop + id, ID: ""}
		if k := (order.Key{Shop: shop, ID: id}); k != other && len(shop) < 1024 && len(id) < 1024 && bytes.Equal(store.OrderKey(k), store.OrderKey(other)) {
			t.Errorf("%q and %q have one key", k, other)
		}
	})
}

// What Record would write of any reading, reading gives back.
func FuzzOrderRecord(f *testing.F) {
	f.Add("N1", "Pending", "t", "ann@example.com", "+8613800138000", int64(5), "USD", int64(0), 0)
	f.Add("\xff\x00", "<b>\u2028", "\r\n", "@", "", int64(-1<<63), "", int64(1)<<40, -36_000_00)
	f.Fuzz(func(t *testing.T, number, text, title, email, phone string, minor int64, currency string, sec int64, offset int) {
		when := time.Unix(sec, 0).In(time.FixedZone("", offset%100_000))
		o := order.Order{
			Number: number, Status: order.Status(text), StatusText: text, Created: when, Closes: when, Total: order.Money{Minor: minor, Currency: currency},
			Lines: []order.Line{{Title: title, Quantity: int(minor), Total: order.Money{Minor: minor}}}, Buyer: order.Buyer{Name: title, Email: order.Email(email), Phone: order.Phone(phone)},
		}
		value, back, err := store.EncodeOrder(o)
		if err != nil {
			t.Fatal(err)
		}
		again, back2, err := store.EncodeOrder(back)
		if err != nil || !bytes.Equal(value, again) || cmp.Diff(back, back2) != "" {
			t.Errorf("%q, then %q, %v", value, again, err)
		}
	})
}
