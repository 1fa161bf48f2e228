package main

import (
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// members is what the database knows of campaigns and of the people whom they are
// for, as the dispatcher asks for it.
type members struct{ *store.DB }

// Member implements [notify.Campaigns].
func (m members) Member(key order.Key) (notify.Member, bool, error) {
	b, ok, err := m.BuyerOf(key)
	if err != nil || !ok {
		return notify.Member{}, false, err
	}
	out, err := m.memberOf(b)
	if err == nil && key.ListRow() {
		out.Row, err = m.Contact(key)
	}
	return out, true, err
}

// memberOf makes of a buyer what a campaign wants to know of them.
func (m members) memberOf(b store.Buyer) (notify.Member, error) {
	out := notify.Member{Key: b.Key, Contact: b.Contact, Person: notify.Person{Orders: b.Orders, Past: b.Past}}
	var err error
	if out.Key == (order.Key{}) { // nothing reaches them
		return out, nil
	}
	if out.Told, err = m.Told(out.Key, time.Time{}); err != nil {
		return out, err
	}
	if out.Contacts, err = m.Contacts(out.Key); err != nil {
		return out, err
	}
	if out.Key.ListRow() {
		if out.Row, err = m.Contact(out.Key); err != nil {
			return out, err
		}
	}
	for _, o := range b.Orders {
		if o.Status != order.Paid && o.Status != order.ClosedRefunded {
			continue
		}
		history, err := m.History(o.Key())
		if err != nil {
			return out, err
		}
		for _, c := range history { // what was paid when it was first read says nothing of when
			if c.From != "" && c.To == order.Paid && c.At.After(out.Paid) {
				out.Paid = c.At
			}
		}
	}
	return out, nil
}
