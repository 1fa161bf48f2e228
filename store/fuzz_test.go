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

// Whatever comes back is recorded once or refused, and the words and contacts in it
// stand in one bucket only.
func FuzzBack(f *testing.F) {
	db := openNew(f)
	recordAllOf(f, db, of("a", "1", "ann@example.com", "+8613800138000"))
	if err := send(f, db, rkey("a", "1", "x"), at(-time.Hour), order.Sent, order.Limit{}); err != nil {
		f.Fatal(err)
	}
	token := db.Token(order.Buyer{Email: "ann@example.com"})
	f.Add("r", "replied", "email", mailID, token, "ann@example.com", "+8613800138000", "canary-words", int64(0), true)
	f.Add("\x00", "bounced", "", "<\xff>", "zz", "@", "00", "<b>\u2028", int64(1)<<60, false)
	f.Add("r", "opted out", "sms", "", "", "a*@b", "+1234567", "STOP", int64(-1), false)
	f.Fuzz(func(t *testing.T, ref, state, channel, id, token, email, phone, words string, sec int64, final bool) {
		b := order.Back{
			Ref: ref, State: order.State(state), Channel: order.Channel(channel), Message: id, Token: token, Email: order.Email("canary-from-" + email),
			Phone: order.Phone(phone), Words: "canary-words " + words, At: time.Unix(sec, 0), Final: final, Cost: order.Money{Minor: sec, Currency: words},
		}
		if _, err := db.Back(t.Context(), b); err != nil {
			return
		}
		if again, err := db.Back(t.Context(), b); err != nil || again.New {
			t.Errorf("%+v %v", again, err)
		}
		for _, e := range db.Dump() {
			if all := string(e.Key) + string(e.Value); e.Bucket != "contacts/words" && (bytes.Contains([]byte(all), []byte("canary-words")) || bytes.Contains([]byte(all), []byte("canary-from"))) {
				t.Errorf("%s holds %q", e.Bucket, all)
			}
		}
		if _, err := db.Backs(t.Context(), time.Time{}, time.Time{}); err != nil {
			t.Error(err)
		}
	})
}
