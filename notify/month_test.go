package notify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

const monthRound = 20 * time.Minute // the daemon wakes up when something is due

// life is what becomes of an order of the month.
type life struct {
	o     order.Order
	pays  time.Time // zero: never
	leave bool      // opts out after the first message
}

// month is a shop with its orders of thirty days, by the clock of the bubble.
type month struct {
	t     *testing.T
	m     *memory
	s     notify.Settings
	lives []*life
	of    map[order.Key]*life
	next  int // of lives that have not come yet
	open  map[order.Key]bool
	sent  map[order.ReminderKey]time.Time
	by    map[string][]time.Time // messages to a person
	most  time.Duration
}

// A month of a busy shop passes in seconds, and every promise holds in it.
func TestMonth(t *testing.T) {
	began := time.Now()
	var sent, looks int
	synctest.Test(t, func(t *testing.T) {
		mo := newMonth(t)
		d, err := notify.New(mo.options())
		if err != nil {
			t.Fatal(err)
		}
		for range 33 * 24 * int(time.Hour/monthRound) {
			if time.Now().UTC().Minute() == 0 {
				mo.visit()
			}
			tally, err := d.Flush(t.Context(), "buckles", time.Now)
			if err != nil {
				t.Fatal(err)
			}
			looks += tally.Looks
			time.Sleep(monthRound)
		}
		mo.check()
		sent = len(mo.sent)
	})
	t.Logf("%d orders, %d looks, %d messages in %s", monthOrders, looks, sent, time.Since(began).Round(time.Millisecond))
	if sent < monthOrders/2 {
		t.Errorf("only %d messages went out", sent)
	}
}

func newMonth(t *testing.T) *month {
	mo := &month{t: t, m: newMemory(), s: settings(), of: map[order.Key]*life{}, open: map[order.Key]bool{}, sent: map[order.ReminderKey]time.Time{}, by: map[string][]time.Time{}}
	mo.m.enabled["buckles"] = time.Now()
	mo.s.Limit = order.Limit{Count: 2, Per: 24 * time.Hour}
	mo.s.Zones = zonesOf
	for i := range mo.s.Steps {
		mo.s.Steps[i].By = []order.Channel{order.BySMS, order.ByEmail}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range monthOrders {
		o := anOrder()
		o.ID, o.Number = fmt.Sprint(i), fmt.Sprint(i)
		o.Created = time.Now().Add(time.Duration(i) * (30 * 24 * time.Hour / monthOrders))
		o.Closes = o.Created.Add(48 * time.Hour)
		o.Lines = []order.Line{{Title: fmt.Sprint("Belt ", i), Quantity: 1}}
		who := rng.IntN(monthOrders * 4 / 5) // some come back
		o.Buyer = order.Buyer{Name: "Ann", Email: order.Email(fmt.Sprintf("b%d@example.com", who))}
		if who%3 == 0 {
			o.Buyer.Phone = order.Phone([]string{"+8613", "+1212"}[who%2] + fmt.Sprintf("%07d", who))
		}
		l := &life{o: o, leave: rng.IntN(50) == 0}
		if rng.IntN(3) > 0 {
			l.pays = o.Created.Add(time.Duration(rng.ExpFloat64() * float64(10*time.Hour)))
		}
		mo.lives = append(mo.lives, l)
		mo.of[o.Key()] = l
	}
	return mo
}

func (mo *month) options() notify.Options {
	return notify.Options{
		Settings: mo.s, Outbox: mo.m, Register: mo.m, People: mo.m, Looker: mo, Texts: builtIn(),
		Senders: map[order.Channel]notify.Sender{order.ByEmail: mo, order.BySMS: mo},
	}
}

// now is the order as the shop shows it at this moment.
func (l *life) now() order.Order {
	o, now := l.o, time.Now()
	switch {
	case !l.pays.IsZero() && !now.Before(l.pays) && l.pays.Before(o.Closes):
		o.Status = order.Paid
	case !now.Before(o.Closes):
		o.Status = order.ClosedUnpaid
	}
	o.Seen, o.Looked = now, now
	return o
}

// visit reads what is new, and once a day all that is open.
func (mo *month) visit() {
	now := time.Now().UTC()
	for ; mo.next < len(mo.lives) && !mo.lives[mo.next].o.Created.After(now); mo.next++ {
		o := mo.lives[mo.next].now()
		mo.m.put(o)
		mo.open[o.Key()] = true
		mo.plan(o)
	}
	if now.Hour() != 3 {
		return
	}
	for key := range mo.open {
		o := mo.of[key].now()
		mo.m.put(o)
		if o.Status != order.Unpaid {
			delete(mo.open, key)
			continue
		}
		mo.plan(o)
	}
}

func (mo *month) plan(o order.Order) {
	mo.m.plan(notify.Plan(mo.s, o, mo.person(o.Key()), mo.m.enabled["buckles"], time.Now()))
}

func (mo *month) Look(_ context.Context, shop, id string) (order.Order, error) {
	o := mo.of[order.Key{Shop: shop, ID: id}].now()
	mo.m.put(o)
	return o, nil
}

func (mo *month) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	l, now := mo.of[m.Key.Order], time.Now()
	o := l.now()
	if _, ok := mo.sent[m.Key]; ok {
		mo.t.Errorf("%s went out twice", m.Key)
	}
	mo.sent[m.Key] = now
	if o.Status != order.Unpaid {
		mo.t.Errorf("%s went out, and it is %s", m.Key, o.Status)
	}
	zones := append(zonesOf(o.Buyer.Phone), shanghai)
	if mo.s.Quiet.In(now, zones[0]) {
		mo.t.Errorf("%s went out in quiet hours", m.Key)
	}
	if mo.m.optedOut[o.Buyer.Email] {
		mo.t.Errorf("%s went out to one who had opted out", m.Key)
	}
	who := o.Buyer.Email.Reveal()
	if told := mo.by[who]; len(told) >= 2 && now.Sub(told[len(told)-2]) < 24*time.Hour {
		mo.t.Errorf("%s is the third message in a day", m.Key)
	}
	mo.by[who] = append(mo.by[who], now)
	if _, why := notify.Later(o, mo.person(o.Key())); why != nil {
		mo.t.Errorf("%s went out: %s", m.Key, why.Reason)
	}
	if late := now.Sub(mo.m.reminders[m.Key].Planned); late > mo.most {
		mo.most = late
	}
	if l.leave {
		mo.m.optedOut[o.Buyer.Email] = true
	}
	return notify.Receipt{MessageID: m.MessageID}, nil
}

func (mo *month) person(key order.Key) notify.Person {
	others, _ := mo.m.Others(key)
	return notify.Person{Orders: others}
}

// check holds in the end: all came to an end, and who never paid, and placed no
// other order, was reminded by every step.
func (mo *month) check() {
	for key, r := range mo.m.reminders {
		if !r.State.Final() {
			mo.t.Errorf("%s is still %s: %s", key, r.State, r.Reason)
		}
	}
	alone, replaced := 0, 0
	for _, l := range mo.lives {
		others, _ := mo.m.Others(l.o.Key())
		if !l.pays.IsZero() || l.leave || len(others) > 0 || l.o.Buyer.Phone != "" {
			continue
		}
		alone++
		for _, st := range mo.s.Steps {
			if _, ok := mo.sent[keyOf(l.o, st.Name)]; ok {
				continue
			}
			r := mo.m.reminders[keyOf(l.o, st.Name)]
			if r.Cause == order.CauseTogether { // by the quiet hours it fell together with the next one
				replaced++
				continue
			}
			mo.t.Errorf("step %s of %s, placed %s, did not go out: %s (%s)", st.Name, l.o.ID, l.o.Created.In(shanghai), r.State, r.Reason)
		}
	}
	if alone < monthOrders/20 || replaced > alone {
		mo.t.Errorf("%d orders must have had all steps; %d of their steps were replaced by another", alone, replaced)
	}
}
