package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/store"
	"nudged/store/order"
)

// persons drives a database and a model with the same random messages to a few
// people, and with what comes back.
type persons struct {
	t      *testing.T
	db     *store.DB
	clock  time.Time
	who    map[order.Key]int // the order's person
	erased map[int]bool
	out    map[order.ReminderKey]*message
	refs   map[string]bool
	barred map[string]bool // contacts
}

type message struct {
	state       order.State
	begun, said time.Time
}

const (
	people = 3
	most   = 2
	per    = 10 * time.Minute
)

func personMail(n int) string  { return fmt.Sprintf("ann%d@example.com", n) }
func personPhone(n int) string { return fmt.Sprintf("+86138001380%02d", n) }

func (m *persons) drawOrder(r *rapid.T) order.Key {
	return order.Key{Shop: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "shop"), ID: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(r, "id")}
}

func (m *persons) draw(r *rapid.T) order.ReminderKey {
	k := m.drawOrder(r)
	return rkey(k.Shop, k.ID, rapid.SampledFrom([]string{"x", "y", "z"}).Draw(r, "step"))
}

// order reads an order: the mail on its row, the number on its page. Whose it is
// was drawn once.
func (m *persons) order(r *rapid.T) {
	k := m.drawOrder(r)
	n, known := m.who[k]
	if !known {
		n = rapid.IntRange(0, people-1).Draw(r, "person")
		m.who[k] = n
	}
	o := unpaid(k.Shop, k.ID, m.clock)
	o.Buyer = order.Buyer{Name: "Somebody", Email: order.Email(personMail(n)), Phone: order.Phone(personPhone(n))}
	v := look(o, m.clock)
	v.Orders[0].Seen = m.clock
	if _, err := m.db.Record(m.t.Context(), v); err != nil {
		r.Fatal(err)
	}
	want := o.Buyer
	if m.erased[n] {
		want = order.Buyer{}
	}
	if got := get(m.t, m.db, k); got.Buyer != want {
		r.Fatalf("%s of person %d: %+v", k, n, got.Buyer)
	}
}

// recent counts what a person has had.
func (m *persons) recent(k order.Key) (n int) {
	who, known := m.who[k]
	if !known {
		return -1
	}
	for key, msg := range m.out {
		if w, ok := m.who[key.Order]; ok && w == who && msg.state.Out() && msg.begun.After(m.clock.Add(-per)) {
			n++
		}
	}
	return n
}

func (m *persons) begin(r *rapid.T) {
	k := m.draw(r)
	if _, known := m.who[k.Order]; !known { // a message goes to somebody who was read
		return
	}
	if m.out[k] == nil {
		plan(m.t, m.db, planned(k, m.clock))
		m.out[k] = &message{state: order.Planned}
	}
	msg := m.out[k]
	err := m.db.Begin(m.t.Context(), k, "", m.clock, order.Limit{Count: most, Per: per})
	var full *order.LimitError
	switch {
	case !waiting(msg.state):
		if !errors.Is(err, store.ErrNotDue) {
			r.Fatalf("begun from %s: %v", msg.state, err)
		}
	case m.barred[personMail(m.who[k.Order])] && !m.erased[m.who[k.Order]]: // of who is erased no contact is left to ask about
		if !errors.Is(err, store.ErrNotDue) {
			r.Fatalf("begun to somebody who has opted out: %v", err)
		}
	case m.recent(k.Order) >= most:
		if !errors.As(err, &full) || !full.Until.After(m.clock) {
			r.Fatalf("%d messages, and %v", m.recent(k.Order), err)
		}
	case err != nil:
		r.Fatalf("%d messages: %v", m.recent(k.Order), err)
	default:
		msg.state, msg.begun = order.Sending, m.clock
	}
}

func messageID(k order.ReminderKey) string { return k.Order.Shop + k.Order.ID + k.Step + "@shop" }

func (m *persons) settle(r *rapid.T) {
	k := m.draw(r)
	msg := m.out[k]
	if msg == nil || msg.state != order.Sending {
		return
	}
	msg.state = rapid.SampledFrom([]order.State{order.Sent, order.Lost, order.Failed, order.Parked}).Draw(r, "to")
	err := m.db.Settle(m.t.Context(), order.Reminder{Key: k, State: msg.state, Due: m.clock}, order.Event{At: m.clock, Message: messageID(k)})
	if err != nil {
		r.Fatal(err)
	}
	if !msg.state.Out() {
		msg.begun = time.Time{}
	}
}

// back reports on a message that was settled at least once.
func (m *persons) back(r *rapid.T) {
	k := m.draw(r)
	msg := m.out[k]
	if msg == nil || msg.state == order.Planned || msg.state == order.Sending {
		return
	}
	s := rapid.SampledFrom([]order.State{order.Delivered, order.Bounced, order.Replied, order.OptedOut}).Draw(r, "state")
	ref := rapid.StringN(1, 1, 1).Draw(r, "ref") + messageID(k)
	when := m.clock.Add(-time.Duration(rapid.IntRange(0, 5).Draw(r, "ago")) * time.Minute)
	got, err := m.db.Back(m.t.Context(), order.Back{State: s, Ref: ref, Message: messageID(k), At: when, Channel: order.ByEmail})
	if err != nil || got.New == m.refs[ref] || got.Reminder != k {
		r.Fatalf("%+v %v", got, err)
	}
	if m.refs[ref] {
		return
	}
	m.refs[ref] = true
	if s == order.OptedOut {
		if !got.Suppressed {
			r.Fatal("not suppressed")
		}
		m.barred[personMail(m.who[k.Order])], m.barred[personPhone(m.who[k.Order])] = true, true
	}
	if !m.moves(msg, s, when) {
		return
	}
	if !msg.state.Out() {
		msg.begun = m.clock
	}
	msg.state, msg.said = s, when
}

// moves says it in another way than the store does: an answer outranks reports, of
// those the later one holds, and a bounce outranks a delivery of the same moment.
func (m *persons) moves(msg *message, s order.State, when time.Time) bool {
	rank := map[order.State]int{order.Replied: 1, order.OptedOut: 2}
	switch {
	case waiting(msg.state) || msg.state == order.Parked:
		return s != order.Bounced
	case rank[s] != rank[msg.state]:
		return rank[s] > rank[msg.state]
	case rank[s] > 0:
		return false
	case msg.state == order.Sent || msg.state == order.Lost:
		return true
	case s == order.Bounced:
		return msg.state == order.Delivered && !when.Before(msg.said)
	}
	return msg.state == order.Bounced && when.After(msg.said)
}

func (m *persons) erase(r *rapid.T) {
	n := rapid.IntRange(0, people-1).Draw(r, "person")
	by := rapid.SampledFrom([]string{personMail(n), personPhone(n)}).Draw(r, "by")
	read := false
	for _, w := range m.who {
		read = read || w == n
	}
	if !read { // by one contact of somebody unknown nobody can tell the other
		return
	}
	if _, err := m.db.Erase(m.t.Context(), by); err != nil {
		r.Fatal(err)
	}
	m.erased[n], m.barred[personMail(n)], m.barred[personPhone(n)] = true, true, true
}

func (m *persons) check(r *rapid.T) {
	for k, msg := range m.out {
		if got := one(m.t, m.db, k); got.State != msg.state {
			r.Fatalf("%s is %s, want %s", k, got.State, msg.state)
		}
	}
	for n := range people {
		for _, c := range []string{personMail(n), personPhone(n)} {
			if got := suppressed(m.t, m.db, c); got != m.barred[c] {
				r.Fatalf("%s suppressed: %v", c, got)
			}
		}
	}
	for k, n := range m.who {
		others, err := m.db.Others(k)
		if err != nil {
			r.Fatal(err)
		}
		want := -1
		for _, w := range m.who {
			if w == n {
				want++
			}
		}
		if len(others) != want {
			r.Fatalf("%s has %d other orders, want %d", k, len(others), want)
		}
	}
}

// No sequence of messages, reports, answers and erasures exceeds a person's limit,
// undoes an answer, loses an opt-out, brings back who was erased, or tears a
// person's orders apart.
func TestPersonsAgainstAModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &persons{
			t: t, clock: noon, who: map[order.Key]int{}, erased: map[int]bool{}, out: map[order.ReminderKey]*message{},
			refs: map[string]bool{}, barred: map[string]bool{},
		}
		o := options()
		o.Now = func() time.Time { return m.clock }
		var err error
		if m.db, err = store.Open(t.Context(), fmt.Sprintf("%s/%d.db", dir, n), o); err != nil {
			r.Fatal(err)
		}
		defer func() { _ = m.db.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"order": m.order, "begin": m.begin, "begin again": m.begin, "settle": m.settle, "back": m.back, "erase": m.erase,
			"wait": func(*rapid.T) { m.clock = m.clock.Add(time.Minute) },
			"":     m.check,
		})
	})
}
