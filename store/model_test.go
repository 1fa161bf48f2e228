package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nudged/store"
	"nudged/store/order"
)

// machine drives a database and a map with the same random calls.
type machine struct {
	t      *testing.T
	path   string
	db     *store.DB
	model  map[order.ReminderKey]order.Reminder
	ledger map[order.ReminderKey][]order.State
	clock  time.Time
}

func (m *machine) key(r *rapid.T) order.ReminderKey {
	return rkey(rapid.SampledFrom([]string{"a", "a\x00", "ab"}).Draw(r, "shop"), rapid.SampledFrom([]string{"1", "\x001"}).Draw(r, "id"),
		rapid.SampledFrom([]string{"x", "y"}).Draw(r, "step"))
}

func (m *machine) time(r *rapid.T) time.Time {
	return m.clock.Add(time.Duration(rapid.IntRange(-3, 5).Draw(r, "minutes")) * time.Minute)
}

func waiting(s order.State) bool { return s == order.Planned || s == order.Held || s == order.Failed }

func (m *machine) plan(r *rapid.T) {
	k, when := m.key(r), m.time(r)
	if err := m.db.Plan(m.t.Context(), []order.Reminder{planned(k, when)}); err != nil {
		r.Fatal(err)
	}
	old, known := m.model[k]
	switch {
	case !known:
		m.model[k] = planned(k, when)
	case waiting(old.State) && !old.Planned.Equal(when) || old.State == order.Planned:
		old.Planned, old.Due = when, when
		m.model[k] = old
	}
}

func (m *machine) begin(r *rapid.T) {
	k := m.key(r)
	old, known := m.model[k]
	err := m.db.Begin(m.t.Context(), k, "", m.clock, order.Limit{})
	if may := known && waiting(old.State) && !old.Due.After(m.clock); may != (err == nil) {
		r.Fatalf("begin of %+v: %v", old, err)
	}
	if err == nil {
		old.State, old.Attempts = order.Sending, old.Attempts+1
		m.model[k] = old
	} else if !errors.Is(err, store.ErrNotDue) {
		r.Fatal(err)
	}
}

func (m *machine) settle(r *rapid.T) {
	k, due := m.key(r), m.time(r)
	to := rapid.SampledFrom([]order.State{order.Sent, order.Lost, order.Failed, order.Parked, order.Held, order.Skipped, order.Shown, order.Planned, order.Sending}).Draw(r, "state")
	old := m.model[k]
	may := old.State == order.Sending || waiting(old.State) && to != order.Sent && to != order.Lost
	may = may && to != order.Planned && to != order.Sending
	err := m.db.Settle(m.t.Context(), order.Reminder{Key: k, State: to, Due: due}, order.Event{})
	if may != (err == nil) {
		r.Fatalf("settle from %q to %q: %v", old.State, to, err)
	}
	if !may {
		return
	}
	if old.State != order.Held || to != order.Held {
		m.ledger[k] = append(m.ledger[k], to)
	}
	old.State, old.Due = to, due
	m.model[k] = old
}

func (m *machine) recover(r *rapid.T) {
	got, err := m.db.Recover(m.t.Context(), m.clock)
	if err != nil {
		r.Fatal(err)
	}
	n := 0
	for k, v := range m.model {
		if v.State == order.Sending {
			v.State, n = order.Lost, n+1
			m.model[k] = v
			m.ledger[k] = append(m.ledger[k], order.Lost)
		}
	}
	if len(got) != n {
		r.Fatalf("recovered %d of %d", len(got), n)
	}
}

func (m *machine) reopen(r *rapid.T) {
	if m.db != nil {
		if err := m.db.Close(); err != nil {
			r.Fatal(err)
		}
	}
	var err error
	if m.db, err = store.Open(m.t.Context(), m.path, options()); err != nil {
		r.Fatal(err)
	}
}

// check compares all that can be asked with the model.
func (m *machine) check(r *rapid.T) {
	stored := map[order.ReminderKey]order.Reminder{}
	for k := range m.model {
		rs, err := m.db.Reminders(k.Order)
		if err != nil {
			r.Fatal(err)
		}
		for _, s := range rs {
			if out := s.State.Out() || s.State == order.Shown; out == s.Out.IsZero() {
				r.Fatalf("%s is %s, and went out %s", s.Key, s.State, s.Out)
			}
			s.Changed, s.Out, s.Reason, s.Cause = time.Time{}, time.Time{}, "", ""
			stored[s.Key] = s
		}
		events, err := m.db.LedgerOf(k.Order)
		if err != nil {
			r.Fatal(err)
		}
		var states []order.State
		for _, e := range events {
			if e.Key == k {
				states = append(states, e.State)
			}
		}
		if !slices.Equal(states, m.ledger[k]) {
			r.Fatalf("ledger of %s: %v, want %v", k, states, m.ledger[k])
		}
	}
	if d := cmp.Diff(m.model, stored); d != "" {
		r.Fatal(d)
	}
	m.checkDue(r)
}

func (m *machine) checkDue(r *rapid.T) {
	due, err := m.db.Due(m.t.Context(), "", m.clock, 0)
	if err != nil {
		r.Fatal(err)
	}
	want := maps.Clone(m.model)
	maps.DeleteFunc(want, func(_ order.ReminderKey, v order.Reminder) bool { return !waiting(v.State) || v.Due.After(m.clock) })
	if len(due) != len(want) || !slices.IsSortedFunc(due, func(a, b order.Reminder) int { return a.Due.Compare(b.Due) }) {
		r.Fatalf("due %v, want %v", due, want)
	}
	for _, d := range due {
		if _, ok := want[d.Key]; !ok {
			r.Fatalf("%s is due and should not be", d.Key)
		}
	}
}

// No sequence of calls and restarts begins a reminder twice, leaves a final
// state, or lets the index, the ledger and the reminders drift apart.
func TestRemindersAgainstAModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &machine{
			t: t, path: fmt.Sprintf("%s/%d.db", dir, n), clock: noon,
			model: map[order.ReminderKey]order.Reminder{}, ledger: map[order.ReminderKey][]order.State{},
		}
		m.reopen(r)
		defer func() { _ = m.db.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"plan": m.plan, "begin": m.begin, "begin again": m.begin, "settle": m.settle, "recover": m.recover, "reopen": m.reopen,
			"wait": func(*rapid.T) { m.clock = m.clock.Add(time.Minute) },
			"":     m.check,
		})
	})
}
