package store

import (
	"net/url"
	"strings"

	"nudged/store/order"
)

// masker takes known people out of texts.
type masker []order.Buyer

// fact masks the contacts.
func (m masker) fact(s string) string {
	if s == "" {
		return s
	}
	for _, b := range m {
		s = maskContact(s, b)
	}
	return s
}

// text masks the contacts and the names.
func (m masker) text(s string) string {
	s = m.fact(s)
	for _, b := range m {
		s = maskFold(s, strings.TrimSpace(b.Name), "***")
	}
	return s
}

// link is empty if the address holds a contact or a name, plain or escaped:
// masked it would lead nowhere.
func (m masker) link(s string) string {
	for _, form := range forms(s) {
		if m.text(form) != form || strings.Contains(form, "@") {
			return ""
		}
	}
	return s
}

func forms(s string) []string {
	out := []string{s}
	if plain, err := url.QueryUnescape(s); err == nil && plain != s {
		out = append(out, plain)
	}
	if plain, err := url.PathUnescape(s); err == nil && plain != s {
		out = append(out, plain)
	}
	return out
}

// record masks the facts of an order that may repeat who bought it. Its id and
// number stay.
func (m masker) record(rec *orderRecord) {
	rec.Text, rec.Payment, rec.Coupon = m.text(rec.Text), m.fact(rec.Payment), m.fact(rec.Coupon)
	rec.Link, rec.Chat = m.link(rec.Link), m.link(rec.Chat)
	for i := range rec.Lines {
		rec.Lines[i].Title, rec.Lines[i].SKU = m.fact(rec.Lines[i].Title), m.fact(rec.Lines[i].SKU)
	}
}

// order masks a reading in the same way.
func (m masker) order(o order.Order) order.Order {
	rec := orderRecord{Text: o.StatusText, Payment: o.Payment, Coupon: o.Coupon, Link: o.Link, Chat: o.Chat, Lines: lineRecords(o.Lines)}
	m.record(&rec)
	masked := rec.order(o.Key(), contactRecord{})
	o.StatusText, o.Payment, o.Coupon, o.Link, o.Chat, o.Lines = masked.StatusText, masked.Payment, masked.Coupon, masked.Link, masked.Chat, masked.Lines
	return o
}

func (m masker) visit(rec *visitRecord) {
	rec.Words = m.text(rec.Words)
	for i := range rec.Problems {
		p := &rec.Problems[i]
		p.Found, p.Good, p.Text = m.text(p.Found), m.text(p.Good), m.text(p.Text)
	}
}

func (m masker) shop(rec *shopRecord) {
	rec.Need.Why = m.text(rec.Need.Why)
	for field, s := range rec.Samples {
		s.Value = m.text(s.Value)
		rec.Samples[field] = s
	}
}

func (m masker) event(rec *eventRecord) {
	rec.Reason, rec.Provider, rec.Message = m.text(rec.Reason), m.fact(rec.Provider), m.fact(rec.Message)
}
