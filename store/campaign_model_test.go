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

// mailing drives one campaign over people who turn out to be one while it goes
// on, and over crashes and stops.
type mailing struct {
	t       *testing.T
	path    string
	db      *store.DB
	clock   time.Time
	running bool
	joined  map[string]string // contact or key: towards the person's
	mails   map[order.Key]string
	phones  map[order.Key]string
	out     map[order.ReminderKey]bool // what went out, or may have
	done    map[string]bool            // contacts whose message was given up
	open    []order.ReminderKey        // begun
}

func (m *mailing) person(s string) string {
	for m.joined[s] != "" {
		s = m.joined[s]
	}
	return s
}

func (m *mailing) join(a, b string) {
	if a, b = m.person(a), m.person(b); a != b {
		m.joined[a] = b
	}
}

// had tells which people have had a message.
func (m *mailing) had(but order.ReminderKey) map[string]bool {
	had := map[string]bool{}
	for k := range m.out {
		if k != but {
			had[m.person(k.Order.String())] = true
		}
	}
	return had
}

func drawContact(r *rapid.T, form string) string {
	n := rapid.IntRange(-2, 5).Draw(r, "contact")
	if n < 0 {
		return ""
	}
	return fmt.Sprintf(form, n)
}

// order reads an order. Its contacts were drawn when it was first read; a look
// may show one more.
func (m *mailing) order(r *rapid.T) {
	shop := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "shop")
	k := order.Key{Shop: shop, ID: rapid.StringMatching("[0-9]").Draw(r, "id")}
	if m.mails[k] == "" {
		m.mails[k] = drawContact(r, "ann%d@example.com")
	}
	if m.phones[k] == "" {
		m.phones[k] = drawContact(r, "+86138001380%02d")
	}
	o := as(of(k.Shop, k.ID, m.mails[k], m.phones[k]), order.ClosedUnpaid, "Cancelled")
	o.Seen = m.clock
	if _, err := m.db.Record(m.t.Context(), look(o, m.clock)); err != nil {
		r.Fatal(err)
	}
	m.knows(k, m.mails[k], m.phones[k])
}

func (m *mailing) knows(k order.Key, contacts ...string) {
	for _, c := range contacts {
		if c != "" {
			m.join(c, k.String())
		}
	}
}

func (m *mailing) list(r *rapid.T) {
	mail, phone := drawContact(r, "ann%d@example.com"), drawContact(r, "+86138001380%02d")
	got, err := m.db.ImportBuyers(m.t.Context(), []store.ListRow{on("c", "Ann", mail, phone)})
	if err != nil || (mail+phone == "") != (len(got.Bad) == 1) {
		r.Fatal(got, err)
	}
	if mail != "" && phone != "" {
		m.join(mail, phone)
	}
	m.rows(r)
}

// rows learns whose the keys of list rows are.
func (m *mailing) rows(r *rapid.T) {
	err := m.db.Buyers(m.t.Context(), 0, func(b store.Buyer) (bool, error) {
		for _, c := range []string{b.Contact.Email.Reveal(), b.Contact.Phone.Reveal()} {
			if c != "" && b.Key != (order.Key{}) {
				m.join(c, b.Key.String())
			}
		}
		return true, nil
	})
	if err != nil {
		r.Fatal(err)
	}
}

func (m *mailing) orderOfAList(r *rapid.T) {
	o := sold("a", rapid.StringMatching("[0-9]").Draw(r, "number"), drawContact(r, "ann%d@example.com"), order.Paid, m.clock)
	got, err := m.db.ImportOrders(m.t.Context(), "list", []order.Order{o})
	if err != nil {
		r.Fatal(err)
	}
	if got.Crossed == 0 {
		m.knows(order.Key{Shop: "a", ID: order.Imported + o.Number}, o.Buyer.Email.Reveal())
	}
}

// send starts the campaign, or starts it again, with all who are known.
func (m *mailing) send(r *rapid.T) {
	if !m.running {
		put(m.t, m.db, "again", order.CampaignRunning)
		m.running = true
	}
	var rs []order.Reminder
	err := m.db.Buyers(m.t.Context(), 0, func(b store.Buyer) (bool, error) {
		if b.Key != (order.Key{}) {
			by := order.ByEmail
			if b.Contact.Email == "" || rapid.Bool().Draw(r, "by SMS") {
				by = order.BySMS
			}
			rs = append(rs, offer(b.Key, by, m.clock))
		}
		return true, nil
	})
	if err != nil {
		r.Fatal(err)
	}
	if _, err := m.db.PlanCampaign(m.t.Context(), "again", rs); err != nil {
		r.Fatal(err)
	}
	m.complete(r, rs)
}

// complete checks that everybody who was planned for has had one, waits for one,
// or was given up.
func (m *mailing) complete(r *rapid.T, rs []order.Reminder) {
	due, err := m.db.Due(m.t.Context(), "", m.clock.Add(time.Hour), 0)
	if err != nil {
		r.Fatal(err)
	}
	settled := m.had(order.ReminderKey{})
	for _, d := range due {
		settled[m.person(d.Key.Order.String())] = true
	}
	for c := range m.done {
		settled[m.person(c)] = true
	}
	for _, p := range rs {
		if !settled[m.person(p.Key.Order.String())] {
			r.Fatalf("%s gets nothing", p.Key)
		}
	}
}

func (m *mailing) stop(r *rapid.T) {
	if m.running {
		if err := m.db.PauseCampaign(m.t.Context(), "again"); err != nil {
			r.Fatal(err)
		}
	}
	m.running = false
}

// flush begins something that is due, as the dispatcher would.
func (m *mailing) flush(r *rapid.T) {
	due, err := m.db.Due(m.t.Context(), "", m.clock, 0)
	if err != nil || !m.running && len(due) > 0 {
		r.Fatalf("%v %v", due, err)
	}
	if len(due) == 0 {
		return
	}
	k := rapid.SampledFrom(due).Draw(r, "due").Key
	who := m.person(k.Order.String())
	err = m.db.Begin(m.t.Context(), k, "", m.clock, order.Limit{})
	switch {
	case errors.Is(err, order.ErrHadCampaign):
		if !m.had(k)[who] {
			r.Fatalf("%s: %v, and nobody there has had one", k, err)
		}
		m.end(r, k, order.Skipped)
	case err != nil:
		r.Fatal(err)
	case m.had(k)[who]:
		r.Fatalf("%s is a second one", k)
	default:
		m.out[k] = true
		m.open = append(m.open, k)
	}
}

func (m *mailing) end(r *rapid.T, k order.ReminderKey, s order.State) {
	if err := m.db.Settle(m.t.Context(), order.Reminder{Key: k, State: s, Due: m.clock}, order.Event{At: m.clock, Message: messageID(k)}); err != nil {
		r.Fatal(err)
	}
	if !s.Out() {
		delete(m.out, k)
	}
	if s == order.Skipped || s == order.Parked {
		m.done[k.Order.String()] = true
	}
}

func (m *mailing) settle(r *rapid.T) {
	if len(m.open) == 0 {
		return
	}
	k := m.open[0]
	m.open = m.open[1:]
	m.end(r, k, rapid.SampledFrom([]order.State{order.Sent, order.Lost, order.Failed, order.Held, order.Parked}).Draw(r, "state"))
}

// crash ends the program between a hand-over and its answer.
func (m *mailing) crash(r *rapid.T) {
	if m.db != nil {
		if err := m.db.Close(); err != nil {
			r.Fatal(err)
		}
	}
	o := options()
	o.Now = func() time.Time { return m.clock }
	var err error
	if m.db, err = store.Open(m.t.Context(), m.path, o); err != nil {
		r.Fatal(err)
	}
	if lost, err := m.db.Recover(m.t.Context(), m.clock); err != nil || len(lost) != len(m.open) {
		r.Fatalf("%v %v", lost, err)
	}
	m.open = nil
}

func (m *mailing) check(r *rapid.T) {
	n, _, err := m.db.CampaignOut("again", time.Time{})
	if err != nil || n != len(m.out) {
		r.Fatalf("%d went out, want %d, %v", n, len(m.out), err)
	}
}

// No sequence of crashes, stops, second starts and people who turn out to be one
// writes to a person twice.
func TestACampaignNeverWritesTwice(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &mailing{
			t: t, path: fmt.Sprintf("%s/%d.db", dir, n), clock: noon, joined: map[string]string{}, mails: map[order.Key]string{},
			phones: map[order.Key]string{}, out: map[order.ReminderKey]bool{}, done: map[string]bool{},
		}
		m.crash(r)
		defer func() { _ = m.db.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"order": m.order, "list": m.list, "order of a list": m.orderOfAList, "send": m.send, "stop": m.stop,
			"flush": m.flush, "flush again": m.flush, "flush more": m.flush, "settle": m.settle, "settle again": m.settle, "crash": m.crash,
			"wait": func(*rapid.T) { m.clock = m.clock.Add(time.Minute) },
			"":     m.check,
		})
	})
}
