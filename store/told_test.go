package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// of makes an order of a person.
func of(shop, id, email, phone string) order.Order {
	o := unpaid(shop, id, at(-time.Hour))
	o.Buyer = order.Buyer{Name: "Ann Lee", Email: order.Email(email), Phone: order.Phone(phone)}
	return o
}

func recordAllOf(t testing.TB, db *store.DB, orders ...order.Order) {
	t.Helper()
	for _, o := range orders {
		v := scanOf(o.Shop, at(0), o)
		v.Full = false
		record(t, db, v)
	}
}

var two = order.Limit{Count: 2, Per: 24 * time.Hour}

// send plans a step and brings it to a state.
func send(t testing.TB, db *store.DB, k order.ReminderKey, when time.Time, s order.State, limit order.Limit) error {
	t.Helper()
	plan(t, db, planned(k, when))
	if s != order.Shown {
		if err := db.Begin(t.Context(), k, "", when, limit); err != nil {
			return err
		}
	}
	if s != order.Sending {
		r := order.Reminder{Key: k, State: s, Due: when, Changed: when}
		if err := db.Settle(t.Context(), r, order.Event{Message: k.Order.ID + "." + k.Step + "@shop.example"}); err != nil {
			t.Fatal(err)
		}
	}
	return nil
}

func wantLimit(t testing.TB, err error, until time.Time) {
	t.Helper()
	var full *order.LimitError
	if !errors.As(err, &full) || !full.Until.Equal(until) {
		t.Errorf("%v (%+v), want a limit until %s", err, full, until)
	}
}

func TestThePersonsBudgetIsOneOverShopsAndChannels(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""), of("b", "2", "ann@example.com", "+8613800138000"), of("c", "3", "", "+8613800138000"),
		of("a", "4", "bob@example.com", ""))
	sms := rkey("c", "3", "x")
	sms.Channel = order.BySMS
	for _, tc := range []struct {
		k     order.ReminderKey
		state order.State
	}{
		{rkey("a", "1", "x"), order.Sent}, {rkey("b", "2", "failed"), order.Failed}, {rkey("b", "2", "parked"), order.Parked},
		{rkey("b", "2", "shown"), order.Shown}, {rkey("b", "2", "held"), order.Held},
	} {
		if err := send(t, db, tc.k, at(0), tc.state, two); err != nil {
			t.Fatalf("%s: %v", tc.k, err)
		}
	}
	if err := send(t, db, sms, at(time.Hour), order.Lost, two); err != nil {
		t.Fatalf("what did not go out was counted: %v", err)
	}
	wantLimit(t, send(t, db, rkey("b", "2", "y"), at(2*time.Hour), order.Sent, two), at(24*time.Hour))
	wantLimit(t, db.Spent(rkey("b", "2", "y"), at(2*time.Hour), two), at(24*time.Hour))
	if err := db.Spent(rkey("b", "2", "y"), at(24*time.Hour), two); err != nil {
		t.Errorf("spent beyond the time: %v", err)
	}
	if r := one(t, db, rkey("b", "2", "y")); r.State != order.Planned || r.Attempts != 0 {
		t.Errorf("the limit changed the reminder: %+v", r)
	}
	shown := order.Limit{Count: 3, Per: 24 * time.Hour, Shown: true}
	wantLimit(t, send(t, db, rkey("b", "2", "y"), at(2*time.Hour), order.Sent, shown), at(24*time.Hour))
	if err := send(t, db, rkey("a", "4", "x"), at(2*time.Hour), order.Sent, two); err != nil {
		t.Errorf("another person is held: %v", err)
	}
	if err := db.Begin(t.Context(), rkey("b", "2", "y"), "", at(24*time.Hour), two); err != nil {
		t.Errorf("held beyond the time: %v", err)
	}
	wantLimit(t, send(t, db, rkey("a", "1", "z"), at(24*time.Hour), order.Sent, two), at(25*time.Hour))
	if err := send(t, db, rkey("a", "1", "z"), at(24*time.Hour), order.Sent, order.Limit{}); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}

// What came back later does not make the message a later one.
func TestTheBudgetCountsFromTheHandOver(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""))
	k := rkey("a", "1", "x")
	if err := send(t, db, k, at(-23*time.Hour), order.Sent, two); err != nil {
		t.Fatal(err)
	}
	back(t, db, order.Back{State: order.Delivered, Ref: "r", Message: "1.x@shop.example"})
	day := order.Limit{Count: 1, Per: 24 * time.Hour}
	wantLimit(t, send(t, db, rkey("a", "1", "y"), at(0), order.Sent, day), at(time.Hour))
}

func TestNobodyKnownHasNoLimit(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "", ""))
	for i := range 5 {
		for _, id := range []string{"1", "never recorded"} {
			if err := send(t, db, rkey("a", id, fmt.Sprint(i)), at(0), order.Sent, two); err != nil {
				t.Error(err)
			}
		}
	}
}

// Two who turn out to be one have had the messages of both.
func TestTheBudgetFollowsAJoin(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""), of("b", "2", "", "+8613800138000"), of("b", "3", "", "+8613800138000"))
	for _, k := range []order.ReminderKey{rkey("a", "1", "x"), rkey("b", "2", "x")} {
		if err := send(t, db, k, at(0), order.Sent, two); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(t, db, rkey("a", "1", "begun"), at(0), order.Sending, two); err != nil {
		t.Fatal(err)
	}
	recordAllOf(t, db, of("c", "4", "ann@example.com", "+8613800138000"))
	wantLimit(t, send(t, db, rkey("c", "4", "x"), at(0), order.Sent, order.Limit{Count: 3, Per: time.Hour}), at(time.Hour))
	settle(t, db, rkey("a", "1", "begun"), order.Failed, at(time.Hour), "") // begun before the join, settled after it
	if err := send(t, db, rkey("c", "4", "x"), at(0), order.Sent, order.Limit{Count: 3, Per: time.Hour}); err != nil {
		t.Errorf("the failed one is counted still: %v", err)
	}
}

func TestShopsThatFlushAtOnceKeepTheLimit(t *testing.T) {
	db := openNew(t)
	const shops, each, most = 4, 10, 7
	limit := order.Limit{Count: most, Per: time.Hour}
	var keys []order.ReminderKey
	for s := range shops {
		for i := range each {
			o := of(fmt.Sprint("shop", s), fmt.Sprint(i), "ann@example.com", "")
			recordAllOf(t, db, o)
			keys = append(keys, rkey(o.Shop, o.ID, "x"))
			plan(t, db, planned(keys[len(keys)-1], at(0)))
		}
	}
	var begun, held atomic.Int32
	var wg sync.WaitGroup
	for _, k := range keys {
		wg.Go(func() {
			err := db.Begin(t.Context(), k, "", at(0), limit)
			var full *order.LimitError
			switch {
			case err == nil:
				begun.Add(1)
			case errors.As(err, &full):
				held.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if begun.Load() != most || held.Load() != shops*each-most {
		t.Errorf("%d begun, %d held", begun.Load(), held.Load())
	}
}

// BenchmarkBegin hands over to a person of one order among a thousand of others,
// and to one of a thousand, with a message each.
func BenchmarkBegin(b *testing.B) {
	for name, email := range map[string]string{"1_order": "ann%d@example.com", "1000_orders": "ann@example.com%.0d"} {
		b.Run(name, func(b *testing.B) {
			const n = 1000
			db := openAt(b, tempPath(b), options())
			v := scanOf("s", at(0))
			v.Full = false
			for i := range n {
				v.Orders = append(v.Orders, of("s", fmt.Sprint(i), fmt.Sprintf(email, i), ""))
			}
			record(b, db, v)
			for i := range n {
				if err := send(b, db, rkey("s", fmt.Sprint(i), "x"), at(-time.Duration(i+1)*time.Hour), order.Sent, order.Limit{}); err != nil {
					b.Fatal(err)
				}
			}
			limit := order.Limit{Count: 3, Per: 2 * time.Hour}
			k := rkey("s", "0", "y")
			plan(b, db, planned(k, at(0)))
			for b.Loop() {
				if err := db.Begin(b.Context(), k, "", at(0), limit); err != nil {
					b.Fatal(err)
				}
				settle(b, db, k, order.Failed, at(0), "")
			}
			begun := time.Now()
			for range 100 { // held: it is looked whether the person is a crowd
				wantLimit(b, db.Begin(b.Context(), k, "", at(0), order.Limit{Count: 1, Per: 2 * time.Hour}), at(time.Hour))
			}
			b.ReportMetric(float64(time.Since(begun).Microseconds())/100, "µs/held")
		})
	}
}
