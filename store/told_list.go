package store

import (
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// maxTold bounds one answer: to a crowd there may have been many messages.
const maxTold = 1000

// Told are the messages that went out to the person of an order or of a list's
// row after a time, or may have, by whatever order and contact, the newest first.
// At most 1000. In a crowd that a placeholder has joined they are those to the
// contacts at hand.
func (db *DB) Told(key order.Key, since time.Time) ([]order.Reminder, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Reminder
	err := db.read("list the messages to the buyer of "+key.String(), func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key))
		if err != nil || who.Buyer == 0 {
			return err
		}
		crowd, err := isCrowd(tx, who.Buyer)
		if err != nil {
			return err
		}
		whom := db.whom(who.contacts())
		b := openOutbox(tx)
		return backwards(b.told, seqKey(nil, who.Buyer), func(k, how []byte) (bool, error) {
			at, rk, err := parseToldKey(k)
			if err != nil || !at.After(since) {
				return false, err
			}
			rec, _, err := b.get(rk)
			if err != nil { // it went out, whatever else its record says
				rec, err = reminderRecord{State: order.Lost, Out: at}, unlessBad(err)
			}
			if counts(how, false) && (!crowd || rec.To == nil || among(whom, rec.To)) {
				out = append(out, order.Reminder{Key: rk, State: rec.State, Changed: rec.Changed, Out: at})
			}
			return len(out) < maxTold, err
		})
	})
	return out, err
}

// Contacts are all addresses and numbers of the person of an order or of a list's
// row, each by itself. Of a crowd that a placeholder has joined they are those at
// hand.
func (db *DB) Contacts(key order.Key) ([]order.Buyer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Buyer
	err := db.read("list the contacts of the buyer of "+key.String(), func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key))
		if err != nil {
			return err
		}
		all, crowd, err := contactsOf(tx, who.Buyer)
		if crowd || who.Buyer == 0 {
			all = who.contacts()
		}
		out = alone(all)
		return err
	})
	return out, err
}

// Contact is the one of an order or of a list's row itself, whatever else is known
// of its person; zero if it has none, or none any more.
func (db *DB) Contact(key order.Key) (out order.Buyer, err error) {
	if err := checkKey(key); err != nil {
		return out, err
	}
	err = db.read("read the contact of "+key.String(), func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key))
		if err == nil {
			out = who.person()
		}
		return err
	})
	return out, err
}
