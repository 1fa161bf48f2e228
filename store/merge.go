package store

import (
	"slices"
	"time"

	"nudged/store/order"
)

// fact is a set of facts of an order.
type fact uint16

const (
	factNumber fact = 1 << iota
	factCreated
	factCloses
	factLines
	factName
	factEmail
	factPhone
	factPayment
	factLink
	factTotal
	factUpdated
	factChat
)

// merge lays a reading over what is known, and reports whether a fact changed
// (the times of reading are none). The rules:
//
//   - What the reading does not show changes nothing.
//   - A reading that is older than the last one only fills what is missing.
//   - Status, status text, total and the shop's time of change follow the newest
//     reading, whatever it was of.
//   - The other facts, once given by the order's own page, are only replaced by
//     another reading of that page: rows shorten names and round times.
//   - An unused coupon and a failed payment are as the newest reading of the
//     order's own page has them, also where it shows them no more.
//   - Seen and Looked are those of the newest reading.
func merge(rec orderRecord, who contactRecord, o order.Order, page bool, now time.Time) (orderRecord, contactRecord, bool) {
	m := merger{rec: rec, page: page, newer: newest(rec.Seen, o.Seen, now)}
	m.status(o)
	m.rec.Number = mergeFact(&m, factNumber, m.rec.Number, o.Number)
	m.rec.Payment = mergeFact(&m, factPayment, m.rec.Payment, o.Payment)
	m.rec.Link = mergeFact(&m, factLink, m.rec.Link, o.Link)
	m.rec.Chat = mergeFact(&m, factChat, m.rec.Chat, o.Chat)
	if !o.Created.IsZero() && m.takes(factCreated, !m.rec.Created.IsZero()) {
		m.rec.DayOnly = o.DayOnly
	}
	m.rec.Created = m.time(factCreated, m.rec.Created, o.Created)
	m.rec.Updated = m.time(factUpdated, m.rec.Updated, o.Updated)
	m.rec.Closes = m.time(factCloses, m.rec.Closes, o.Closes)
	m.total(o.Total)
	m.lines(o.Lines)
	m.offers(o)
	who.Name = mergeFact(&m, factName, who.Name, o.Buyer.Name)
	who.Email = mergeFact(&m, factEmail, who.Email, o.Buyer.Email.Reveal())
	who.Phone = mergeFact(&m, factPhone, who.Phone, o.Buyer.Phone.Reveal())
	if m.newer {
		m.rec.Seen = o.Seen
	}
	if page && newest(m.rec.Looked, o.Looked, now) {
		m.rec.Looked = o.Looked
	}
	return m.rec, who, m.changed
}

// newest reports whether a reading is not older than the stored one. A stored
// time that lies in the future was written with a wrong clock: it must not keep
// all later readings out.
func newest(stored, reading, now time.Time) bool {
	return !stored.After(reading) || stored.After(now.Add(time.Hour))
}

type merger struct {
	rec                  orderRecord
	page, newer, changed bool
}

// takes decides whether the reading's value replaces the known one. It is asked
// only for values that the reading shows.
func (m *merger) takes(f fact, known bool) bool {
	const byNewest = factTotal | factUpdated
	switch {
	case !known:
	case !m.newer:
		return false
	case !m.page && m.rec.Page&f != 0 && f&byNewest == 0:
		return false
	}
	if m.page {
		m.rec.Page |= f
	}
	return true
}

func mergeFact(m *merger, f fact, known, read string) string {
	if read == "" || !m.takes(f, known != "") {
		return known
	}
	m.changed = m.changed || read != known
	return read
}

func (m *merger) time(f fact, known, read time.Time) time.Time {
	if read.IsZero() || !m.takes(f, !known.IsZero()) {
		return known
	}
	if read.Equal(known) {
		return known // the same moment in another zone is not a change
	}
	m.changed = true
	return read
}

func (m *merger) status(o order.Order) {
	if o.Status == "" && m.rec.Status != "" || m.rec.Status != "" && !m.newer {
		return
	}
	if o.Status == "" {
		o.Status = order.Unknown
	}
	if o.StatusText == "" && o.Status == m.rec.Status {
		return
	}
	if o.Status != m.rec.Status || o.StatusText != m.rec.Text {
		m.rec.Status, m.rec.Text, m.changed = o.Status, o.StatusText, true
	}
}

func (m *merger) total(read order.Money) {
	known := m.rec.Total
	if read == (order.Money{}) || !m.takes(factTotal, known != (moneyRecord{})) {
		return
	}
	if read.Currency == "" {
		read.Currency = known.Currency // an order does not change its currency
	}
	if moneyRecord(read) != known {
		m.rec.Total, m.changed = moneyRecord(read), true
	}
}

func (m *merger) lines(read []order.Line) {
	if len(read) == 0 || !m.takes(factLines, len(m.rec.Lines) > 0) {
		return
	}
	if lines := lineRecords(read); !slices.Equal(lines, m.rec.Lines) {
		m.rec.Lines, m.changed = lines, true
	}
}

// offers takes over what comes and goes: a coupon is used, a payment goes through.
func (m *merger) offers(o order.Order) {
	coupon, failed := m.rec.Coupon, m.rec.Failed
	if !m.newer {
		return
	}
	if m.page || o.Coupon != "" {
		m.rec.Coupon = o.Coupon
	}
	m.rec.Failed = o.PayFailed || m.rec.Failed && !m.page
	m.changed = m.changed || coupon != m.rec.Coupon || failed != m.rec.Failed
}
