package store

import (
	"context"
	"encoding/binary"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Buyer is a person with all that is on record of them, over all shops. Where a
// placeholder of a shop has joined a crowd, each with contacts of their own is a
// person; they share the ID.
type Buyer struct {
	ID      uint64
	Contact order.Buyer   // the newest name, e-mail and phone; empty if the person was erased
	Orders  []order.Order // newest first, at most 1000; none for somebody known from a list only
	Past    order.Past    // what lists of the seller's say beyond the orders on record
	// Key is by what messages reach the person: the newest order with a contact,
	// else the row of a list; zero if there is neither.
	Key order.Key
}

// Buyers gives everybody whose ID is greater than after, by ID, until fn has
// enough or fails. It holds some of them at a time, and fn may use the database:
// nothing is open then. Who is found to be another while it goes on may be given
// twice or not at all.
func (db *DB) Buyers(ctx context.Context, after uint64, fn func(Buyer) (more bool, err error)) error {
	for after < math.MaxUint64 {
		var some []Buyer
		var end bool
		err := db.view(ctx, "read the buyers", func(tx *bolt.Tx) (err error) {
			some, end, err = db.buyersFrom(tx, &after)
			return err
		})
		if err != nil {
			return err
		}
		for _, b := range some {
			if more, err := fn(b); err != nil || !more {
				return err
			}
		}
		if end {
			return nil
		}
	}
	return nil
}

// buyersFrom reads the buyers behind one, as many as have about a chunk of orders,
// and moves it to the last of them.
func (db *DB) buyersFrom(tx *bolt.Tx, id *uint64) (out []Buyer, end bool, err error) {
	c := open(tx, bucketBuyers).Cursor()
	for n := 0; n < chunk && *id < math.MaxUint64; {
		k, _ := c.Seek(seqKey(nil, *id+1))
		if k == nil {
			return out, true, nil
		}
		if len(k) < 8 {
			return out, true, errBadKey
		}
		*id = binary.BigEndian.Uint64(k)
		all, err := db.peopleOf(tx, *id)
		if err != nil {
			return out, false, err
		}
		for _, p := range all {
			if b, ok := p.buyer(); ok {
				out = append(out, b)
			}
			n += len(p.orders) + 1
		}
	}
	return out, false, nil
}

// BuyersOf are the people who have, or had, an e-mail address or a phone number:
// one at most, but for a placeholder, which a whole crowd has.
func (db *DB) BuyersOf(contact string) ([]Buyer, error) {
	kind, normal, err := normalContact(contact)
	if err != nil {
		return nil, err
	}
	var out []Buyer
	err = db.read("read a buyer", func(tx *bolt.Tx) (err error) {
		out, err = db.buyersOf(tx, kind, normal)
		return err
	})
	return out, err
}

func (db *DB) buyersOf(tx *bolt.Tx, kind, normal string) (out []Buyer, err error) {
	c := contact{kind, normal}
	id, err := db.buyerOf(tx, c)
	if err != nil || id == 0 {
		return nil, err
	}
	all, err := db.peopleOf(tx, id)
	for _, p := range all {
		if b, ok := p.buyer(); ok && (len(all) == 1 || p.has(c)) {
			out = append(out, b)
		}
	}
	return out, err
}

// BuyerOf is the person of an order or of a list's row; false if nobody is known
// by it, since it says no contact.
func (db *DB) BuyerOf(key order.Key) (Buyer, bool, error) {
	if err := checkKey(key); err != nil {
		return Buyer{}, false, err
	}
	var out Buyer
	var found bool
	err := db.read("read the buyer of "+key.String(), func(tx *bolt.Tx) error {
		p, err := db.personOf(tx, key)
		if err != nil || p == nil {
			return err
		}
		out, found = p.buyer()
		return nil
	})
	return out, found, err
}

// Past is that of the person of an order or of a list's row: what lists of the
// seller's say beyond the orders on record.
func (db *DB) Past(key order.Key) (order.Past, error) {
	if err := checkKey(key); err != nil {
		return order.Past{}, err
	}
	var out order.Past
	err := db.read("read the past of the buyer of "+key.String(), func(tx *bolt.Tx) error {
		if first, _ := open(tx, bucketListed).Cursor().First(); first == nil {
			return nil
		}
		p, err := db.personOf(tx, key)
		if err != nil || p == nil || len(p.rows) == 0 {
			return err
		}
		out = p.past()
		return nil
	})
	return out, err
}

// LastTold is the last message that went out to a person, or may have, and when;
// false if none did.
func (db *DB) LastTold(id uint64) (key order.ReminderKey, at time.Time, found bool, err error) {
	err = db.read("read the last message to a buyer", func(tx *bolt.Tx) error {
		return backwards(open(tx, bucketTold), seqKey(nil, resolveIn(tx, id)), func(k, how []byte) (bool, error) {
			if !counts(how, false) {
				return true, nil
			}
			at, key, err = parseToldKey(k)
			found = err == nil
			return false, err
		})
	})
	return key, at, found, err
}
