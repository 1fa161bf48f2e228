package notify_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// memory models the store: its states, its rules, and that what it answered is
// durable.
type memory struct {
	orders    map[order.Key]order.Order
	reminders map[order.ReminderKey]order.Reminder
	byOrder   map[order.Key][]order.ReminderKey
	byPerson  map[string]map[order.Key]bool // of each address and number
	waiting   map[order.ReminderKey]bool
	ledger    []order.Event
	enabled   map[string]time.Time
	optedOut  map[order.Email]bool
	barred    map[order.Phone]bool
	consents  map[string]order.Consent
	begun     map[order.ReminderKey]string // the ids of messages written ahead
	rows      map[order.Key]order.Buyer    // of the seller's lists
	pasts     map[order.Key]order.Past
	paid      map[order.Key]time.Time // when an order was seen to become paid
	campaigns map[string]order.Campaign
	crash     func(point string) bool               // before and after each write
	settling  func(r order.Reminder, e order.Event) // sees each settlement
	faulty    error
}

func newMemory() *memory {
	return &memory{
		orders: map[order.Key]order.Order{}, reminders: map[order.ReminderKey]order.Reminder{},
		byOrder: map[order.Key][]order.ReminderKey{}, byPerson: map[string]map[order.Key]bool{}, waiting: map[order.ReminderKey]bool{},
		enabled: map[string]time.Time{"buckles": enabled}, optedOut: map[order.Email]bool{}, barred: map[order.Phone]bool{}, consents: map[string]order.Consent{}, begun: map[order.ReminderKey]string{},
		rows: map[order.Key]order.Buyer{}, pasts: map[order.Key]order.Past{}, paid: map[order.Key]time.Time{}, campaigns: map[string]order.Campaign{},
	}
}

func (m *memory) at(point string) {
	if m.crash != nil && m.crash(point) {
		panic(errCrash)
	}
}

// contacts of a buyer, by which orders belong together.
func contacts(b order.Buyer) (out []string) {
	if b.Email != "" {
		out = append(out, b.Email.Reveal())
	}
	if b.Phone != "" {
		out = append(out, b.Phone.Reveal())
	}
	return out
}

// put records an order as it was read.
func (m *memory) put(o order.Order) {
	old, ok := m.orders[o.Key()]
	if o.First = old.First; !ok {
		o.First = o.Seen
	}
	if ok && old.Status != order.Paid && o.Status == order.Paid {
		m.paid[o.Key()] = o.Seen
	}
	m.orders[o.Key()] = o
	m.join(o.Key(), o.Buyer)
}

// list takes over a row of the seller's list.
func (m *memory) list(key order.Key, b order.Buyer, past order.Past) {
	m.rows[key], m.pasts[key] = b, past
	m.join(key, b)
}

func (m *memory) join(key order.Key, b order.Buyer) {
	for _, c := range contacts(b) {
		if m.byPerson[c] == nil {
			m.byPerson[c] = map[order.Key]bool{}
		}
		m.byPerson[c][key] = true
	}
}

func (m *memory) buyerOf(key order.Key) order.Buyer {
	if key.ListRow() {
		return m.rows[key]
	}
	return m.orders[key].Buyer
}

// keep writes a reminder.
func (m *memory) keep(r order.Reminder) {
	if _, ok := m.reminders[r.Key]; !ok {
		m.byOrder[r.Key.Order] = append(m.byOrder[r.Key.Order], r.Key)
	}
	m.reminders[r.Key] = r
	if waiting(r.State) {
		m.waiting[r.Key] = true
	} else {
		delete(m.waiting, r.Key)
	}
}

func (m *memory) Order(key order.Key) (order.Order, bool, error) {
	o, ok := m.orders[key]
	return o, ok, m.faulty
}

func (m *memory) Reminders(key order.Key) ([]order.Reminder, error) {
	var out []order.Reminder
	for _, k := range m.byOrder[key] {
		out = append(out, m.reminders[k])
	}
	return out, nil
}

func (m *memory) Suppressed(b order.Buyer) (bool, string, error) {
	return m.optedOut[b.Email] || m.barred[b.Phone], "opted out", nil
}

func (m *memory) Enabled(shop string) (time.Time, bool, error) {
	t, ok := m.enabled[shop]
	return t, ok, nil
}

// same are the orders of the person who placed one, and their rows on lists.
func (m *memory) same(key order.Key) map[order.Key]bool {
	out := map[order.Key]bool{key: true}
	for next := []order.Key{key}; len(next) > 0; next = next[1:] {
		for _, c := range contacts(m.buyerOf(next[0])) {
			for k := range m.byPerson[c] {
				if !out[k] {
					out[k] = true
					next = append(next, k)
				}
			}
		}
	}
	return out
}

func (m *memory) Others(key order.Key) ([]order.Order, error) {
	var out []order.Order
	for k := range m.same(key) {
		if k != key && !k.ListRow() {
			out = append(out, m.orders[k])
		}
	}
	slices.SortFunc(out, func(a, b order.Order) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.Key().String(), b.Key().String()))
	})
	return out, nil
}

// Consent is the last word by either contact, as in the store.
func (m *memory) Consent(b order.Buyer) (last order.Consent, yes bool, _ error) {
	for _, c := range contacts(b) {
		if got, ok := m.consents[c]; ok && (last == (order.Consent{}) || got.At.After(last.At)) {
			last, yes = got, !got.Withdrawn
		}
	}
	return last, yes, nil
}

func (m *memory) Plan(_ context.Context, rs []order.Reminder) error {
	m.at("plan")
	m.plan(rs)
	m.at("planned")
	return nil
}

func (m *memory) plan(rs []order.Reminder) {
	for _, r := range rs {
		old, ok := m.reminders[r.Key]
		switch {
		case !ok:
			m.keep(r)
			if r.State != order.Planned {
				m.ledger = append(m.ledger, order.Event{At: r.Changed, Key: r.Key, State: r.State, Cause: r.Cause, Reason: r.Reason})
			}
		case !waiting(old.State) || (old.Planned.Equal(r.Planned) && (old.State != order.Planned || old.Due.Equal(r.Due))):
		default:
			old.Planned, old.Due = r.Planned, r.Due
			m.keep(old)
		}
	}
}

func waiting(s order.State) bool {
	return s == order.Planned || s == order.Held || s == order.Failed
}

func (m *memory) DueOf(_ context.Context, shop string, campaigns bool, now time.Time, limit int) ([]order.Reminder, error) {
	var out []order.Reminder
	for k := range m.waiting {
		_, campaign := k.Campaign()
		if r := m.reminders[k]; campaign == campaigns && k.Order.Shop == shop && !r.Due.After(now) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b order.Reminder) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Key.String(), b.Key.String()))
	})
	return out[:min(len(out), limit)], m.faulty
}

// told is when messages to the person of an order went out, the latest first.
func (m *memory) told(key order.Key, shown bool) []time.Time {
	var out []time.Time
	for k := range m.same(key) {
		for _, rk := range m.byOrder[k] {
			if r := m.reminders[rk]; r.State.Out() || (shown && r.State == order.Shown) {
				out = append(out, r.Out)
			}
		}
	}
	slices.SortFunc(out, func(a, b time.Time) int { return b.Compare(a) })
	return out
}

func (m *memory) Spent(key order.ReminderKey, at time.Time, limit order.Limit) error {
	if limit.Count <= 0 {
		return nil
	}
	if told := m.told(key.Order, limit.Shown); len(told) >= limit.Count && told[limit.Count-1].After(at.Add(-limit.Per)) {
		return &order.LimitError{Until: told[limit.Count-1].Add(limit.Per)}
	}
	return nil
}

func (m *memory) Begin(ctx context.Context, key order.ReminderKey, message string, at time.Time, limit order.Limit) error {
	m.at("begin")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r, ok := m.reminders[key]
	if had, _ := m.HadCampaign(key); had || !ok || !waiting(r.State) || r.Due.After(at) {
		return order.ErrNotDue
	}
	if err := m.Spent(key, at, limit); err != nil {
		return err
	}
	r.State, r.Changed, r.Out = order.Sending, at, at
	r.Attempts++
	m.keep(r)
	m.begun[key] = message
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
	if old.State != order.Sending && (r.State == order.Sent || r.State == order.Lost) {
		return fmt.Errorf("settle %s: from %s to %s", r.Key, old.State, r.State)
	}
	if m.settling != nil {
		m.settling(r, e)
	}
	switch {
	case r.State.Out():
		r.Out = old.Out
	case r.State == order.Shown:
		r.Out = r.Changed
	default:
		r.Out = time.Time{}
	}
	r.Planned, r.Attempts = old.Planned, max(old.Attempts, r.Attempts)
	m.keep(r)
	if old.State != order.Held || r.State != order.Held || old.Cause != r.Cause || old.Reason != r.Reason {
		m.ledger = append(m.ledger, e)
	}
	m.at("settled")
	return nil
}

// recover is what the store does at start: what was in flight is unknown.
func (m *memory) recover(at time.Time) {
	for k, r := range m.reminders {
		if r.State == order.Sending {
			r.State, r.Cause, r.Changed = order.Lost, order.CauseCrash, at
			m.keep(r)
			m.ledger = append(m.ledger, order.Event{At: at, Key: k, State: order.Lost, Cause: order.CauseCrash})
		}
	}
}
