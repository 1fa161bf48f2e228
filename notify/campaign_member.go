package notify

import (
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// justPaid is how long somebody who has paid is left alone.
const justPaid = 72 * time.Hour

// Members reports whether a campaign is for a person by what is on record; else
// why not. cond is the campaign's segment, compiled; nil is everybody.
//
// Beside the segment it asks what no campaign may do: nobody gets an offer who has
// an order that is still to be paid, or who has just paid one, or has bought since
// the campaign began. A segment that asks about the last order is for who can be
// reached by that very order, since the text may speak of it.
//
// It is the part that needs nobody else's word. Consent, suppression, the messages
// of late and the text are for [Dispatcher.Consider], which asks this first.
func (s Settings) Members(c order.Campaign, cond *Condition, m Member, now time.Time) (bool, *Refusal) {
	why := s.means(c, cond, m, now)
	if why == nil {
		_, _, why = s.way(c, c.By, cond, m)
	}
	return why == nil, why
}

// means is Members but for how the person is reached.
func (s Settings) means(c order.Campaign, cond *Condition, m Member, now time.Time) *Refusal {
	if cond != nil {
		switch ok, err := cond.Fits(NewSegmentEnv(s, m, now)); {
		case err != nil:
			return &Refusal{Cause: order.CauseCondition, Reason: fmt.Sprintf("whether the campaign is for this person cannot be judged: %v", err)}
		case !ok:
			return &Refusal{Cause: order.CauseCampaign, Reason: "the campaign is not for this person: " + cond.String()}
		}
	}
	if why := paidOf(c, m, now); why != nil {
		return why
	}
	return openOf(m, now)
}

// paidOf refuses who has just paid, or has bought since the campaign began.
func paidOf(c order.Campaign, m Member, now time.Time) *Refusal {
	since := func(t time.Time) bool { return !c.Created.IsZero() && t.After(c.Created) }
	for _, paid := range []time.Time{m.Paid, m.Person.Past.Last} {
		if lately(paid, now, justPaid) || since(paid) {
			return &Refusal{Cause: order.CausePaid, Reason: "this person has just paid an order"}
		}
	}
	for _, o := range m.Person.Orders {
		if !settled(o) {
			continue
		}
		// One that was placed shortly before and read since was not known when the
		// campaign began.
		read := since(o.First) && placed(o).After(c.Created.Add(-justPaid))
		if lately(o.Began(), now, justPaid) || since(o.Began()) || read {
			return &Refusal{Cause: order.CausePaid, Reason: "this person has just bought: " + called(o)}
		}
	}
	return nil
}

// lately reports whether something was less than d ago. What a wrong clock put
// into the future was.
func lately(t, now time.Time, d time.Duration) bool { return !t.IsZero() && now.Sub(t) < d }

// openOf refuses who has an order that may still be paid: it has reminders of its
// own. An order that the shop keeps open for ever counts for 14 days.
func openOf(m Member, now time.Time) *Refusal {
	for _, o := range m.Person.Orders {
		fresh := placed(o).IsZero() || lately(placed(o), now, againWithin)
		if waiting(o) && (fresh || o.Closes.After(now)) || openOnList(o, now) {
			return &Refusal{Cause: order.CauseOpen, Hold: true, Reason: "an order of this person is still open: " + called(o)}
		}
	}
	return nil
}

// listFresh is for how long an order of the seller's list that is neither paid nor
// closed may still be paid. Nobody reads it again, so it gets longer than others.
const listFresh = 30 * 24 * time.Hour

// openOnList reports whether an imported order may be open: the store keeps one
// that the list calls unpaid as [order.Other], with the list's own word.
func openOnList(o order.Order, now time.Time) bool {
	return o.Key().Imported() && o.Status == order.Other && lately(placed(o), now, listFresh)
}

// way finds the order or row, and which of some channels, by which a campaign
// reaches a person.
func (s Settings) way(c order.Campaign, by []order.Channel, cond *Condition, m Member) (order.Key, order.Channel, *Refusal) {
	keys := m.keys()
	if last, ok := m.last(); ok && cond.asksLast() {
		keys = []order.Key{last.Key()}
	}
	known := false
	for _, key := range keys {
		if _, ok := s.Shops[key.Shop]; !ok || (len(c.Shops) > 0 && !slices.Contains(c.Shops, key.Shop)) {
			continue
		}
		known = true
		b := m.orderOf(key).Buyer
		for _, channel := range by {
			if Usable(b, channel) {
				return key, channel, nil
			}
		}
	}
	if !known {
		return order.Key{}, "", &Refusal{Cause: order.CauseCampaign, Reason: "this person is not known in a shop of the campaign"}
	}
	return order.Key{}, "", &Refusal{Cause: order.CauseNoContact, Reason: fmt.Sprintf("no usable %s contact of this person is known there", Step{By: by}.by())}
}

// keys are all by which a person is known, the best first.
func (m Member) keys() []order.Key {
	var out []order.Key
	if m.Key != (order.Key{}) {
		out = append(out, m.Key)
	}
	orders := slices.Clone(m.Person.Orders)
	slices.SortStableFunc(orders, func(a, b order.Order) int {
		if younger(a, b) {
			return -1
		}
		return 1
	})
	for _, o := range orders {
		if o.Key() != m.Key {
			out = append(out, o.Key())
		}
	}
	return out
}

// orderOf a key as far as it is on record: of a list's row the contact alone.
// Messages about an order go to its own contacts, and by a row to the row's.
func (m Member) orderOf(key order.Key) order.Order {
	if n := m.placeOf(key); n >= 0 {
		return m.Person.Orders[n]
	}
	return order.Order{Shop: key.Shop, ID: key.ID, Buyer: m.Row}
}

// placeOf an order among the person's; -1 if it is none of them.
func (m Member) placeOf(key order.Key) int {
	return slices.IndexFunc(m.Person.Orders, func(o order.Order) bool { return o.Key() == key })
}
