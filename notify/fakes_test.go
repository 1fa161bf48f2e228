package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) forward(d time.Duration) { c.at = c.at.Add(d) }

// errCrash stands for kill -9: the call did what it did before it, and nothing
// after it happens.
var errCrash = errors.New("crash")

// memory models the store: its states, its rules, and that what it answered is
// durable.
type memory struct {
	orders    map[order.Key]order.Order
	reminders map[order.ReminderKey]order.Reminder
	ledger    []order.Event
	enabled   map[string]time.Time
	optedOut  map[order.Email]bool
	crash     func(point string) bool // before and after each write
	faulty    error
}

func newMemory() *memory {
	return &memory{
		orders: map[order.Key]order.Order{}, reminders: map[order.ReminderKey]order.Reminder{},
		enabled: map[string]time.Time{"buckles": enabled}, optedOut: map[order.Email]bool{},
	}
}

func (m *memory) at(point string) {
	if m.crash != nil && m.crash(point) {
		panic(errCrash)
	}
}

func (m *memory) Order(key order.Key) (order.Order, bool, error) {
	o, ok := m.orders[key]
	return o, ok, m.faulty
}

func (m *memory) Reminders(key order.Key) ([]order.Reminder, error) {
	var out []order.Reminder
	for k, r := range m.reminders {
		if k.Order == key {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) Suppressed(b order.Buyer) (bool, string, error) {
	return m.optedOut[b.Email], "opted out by mail", nil
}

func (m *memory) Enabled(shop string) (time.Time, bool, error) {
	t, ok := m.enabled[shop]
	return t, ok, nil
}

func (m *memory) plan(rs []order.Reminder) {
	for _, r := range rs {
		old, ok := m.reminders[r.Key]
		switch {
		case !ok:
			m.reminders[r.Key] = r
		case old.State == order.Planned || old.State == order.Held:
			old.Planned = r.Planned
			if r.State == order.Planned && old.State == order.Planned {
				old.Due = r.Due
			}
			m.reminders[r.Key] = old
		}
	}
}

func waiting(s order.State) bool {
	return s == order.Planned || s == order.Held || s == order.Failed
}

func (m *memory) Due(_ context.Context, shop string, now time.Time, limit int) ([]order.Reminder, error) {
	var out []order.Reminder
	for k, r := range m.reminders {
		if k.Order.Shop == shop && waiting(r.State) && !r.Due.After(now) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b order.Reminder) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return compareText(a.Key.String(), b.Key.String())
	})
	return out[:min(len(out), limit)], m.faulty
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (m *memory) Reschedule(_ context.Context, key order.ReminderKey, planned, due time.Time) error {
	m.at("reschedule")
	r, ok := m.reminders[key]
	if !ok || !waiting(r.State) {
		return order.ErrNotDue
	}
	r.State, r.Planned, r.Due = order.Planned, planned, due
	m.reminders[key] = r
	return nil
}

func (m *memory) Begin(ctx context.Context, key order.ReminderKey, at time.Time) error {
	m.at("begin")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r, ok := m.reminders[key]
	if !ok || !waiting(r.State) {
		return order.ErrNotDue
	}
	r.State, r.Changed = order.Sending, at
	m.reminders[key] = r
	m.at("begun")
	return nil
}

func (m *memory) Settle(ctx context.Context, r order.Reminder, e order.Event) error {
	m.at("settle")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	old, ok := m.reminders[r.Key]
	if !ok || old.State.Final() {
		return fmt.Errorf("settle %s: it is %s", r.Key, old.State)
	}
	m.reminders[r.Key] = r
	m.ledger = append(m.ledger, e)
	m.at("settled")
	return nil
}

// recover is what the store does at start: what was in flight is unknown.
func (m *memory) recover(at time.Time) {
	for k, r := range m.reminders {
		if r.State == order.Sending {
			r.State, r.Cause, r.Changed = order.Lost, order.CauseCrash, at
			m.reminders[k] = r
			m.ledger = append(m.ledger, order.Event{At: at, Key: k, State: order.Lost, Cause: order.CauseCrash})
		}
	}
}

// shop is the back-office as it really is.
type shop struct {
	m     *memory
	clock *clock
	real  map[order.Key]order.Order
	takes time.Duration
	fail  func(key order.Key) error
	looks []look
}

type look struct {
	key    order.Key
	at     time.Time
	status order.Status
}

func (s *shop) Look(ctx context.Context, name, id string) (order.Order, error) {
	if ctx.Err() != nil {
		return order.Order{}, ctx.Err()
	}
	key := order.Key{Shop: name, ID: id}
	if s.fail != nil {
		if err := s.fail(key); err != nil {
			return order.Order{}, err
		}
	}
	o := s.real[key]
	o.Looked, o.Seen = s.clock.now(), s.clock.now()
	s.clock.forward(s.takes)
	s.looks = append(s.looks, look{key, o.Looked, o.Status})
	s.m.orders[key] = o
	return o, nil
}

// post is the mail server: it notes what it took.
type post struct {
	clock  *clock
	answer func(m notify.Message) error // nil is taken
	taken  []taken
	before func()
}

type taken struct {
	m  notify.Message
	at time.Time
}

func (p *post) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if p.before != nil {
		p.before()
	}
	if ctx.Err() != nil {
		return notify.Receipt{}, &notify.SendError{Kind: notify.Temporary, Err: ctx.Err()}
	}
	var err error
	if p.answer != nil {
		err = p.answer(m)
	}
	var se *notify.SendError
	if err == nil || (errors.As(err, &se) && se.Kind == notify.Unknown) {
		p.taken = append(p.taken, taken{m, p.clock.now()})
	}
	if err != nil {
		return notify.Receipt{}, err
	}
	return notify.Receipt{MessageID: m.MessageID, Provider: "queued as 4F2A"}, nil
}

// world is a shop, its memory, the post and a dispatcher over them.
type world struct {
	*clock
	m    *memory
	shop *shop
	post *post
	s    notify.Settings
	o    notify.Options
}

func newWorld(at time.Time) *world {
	c := &clock{at: at}
	m := newMemory()
	w := &world{clock: c, m: m, shop: &shop{m: m, clock: c, real: map[order.Key]order.Order{}, takes: 2 * time.Second}, post: &post{clock: c}, s: settings()}
	w.o = notify.Options{Outbox: m, Register: m, Looker: w.shop, Senders: map[order.Channel]notify.Sender{order.ByEmail: w.post}, Token: func(order.Buyer) string { return "tok3n" }}
	return w
}

// visit records the orders as the shop shows them and plans their steps.
func (w *world) visit(orders ...order.Order) {
	for _, o := range orders {
		w.shop.real[o.Key()] = o
	}
	for key, o := range w.shop.real {
		o.Seen = w.now()
		if stored, ok := w.m.orders[key]; ok {
			o.Looked = stored.Looked
		}
		w.m.orders[key] = o
		w.m.plan(notify.Plan(w.s, o, enabled, w.now()))
	}
}
