package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// forgetChunk is how many orders one transaction forgets the contacts of.
const forgetChunk = 500

// ForgetContacts does for the contacts of orders made before a time, and for
// words that came back before it, what [DB.Erase] does for a person, with one
// difference: a later order of the same person is a reason to know them again.
// An order that does not say when it was made counts from when it was first read,
// a person on a list from when a list last had something new of them. It says of
// how many orders and rows the contacts went, also beside an error.
func (db *DB) ForgetContacts(ctx context.Context, before time.Time) (n int, err error) {
	const what = "forget old contacts"
	if before = cleanTime(before); before.IsZero() {
		return 0, fmt.Errorf("%s: no time given", what)
	}
	if db.keys.none() {
		return 0, fmt.Errorf("%s: %w", what, ErrNoKey)
	}
	keys, err := db.withContacts(ctx, what, before)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(keys, forgetChunk) {
		err := db.update(ctx, what, func(tx *bolt.Tx) error { return db.forget(tx, some) })
		if err != nil {
			return n, err
		}
		n += len(some)
	}
	return n, db.update(ctx, what, func(tx *bolt.Tx) error {
		_, err := dropWords(tx, func(w wordsRecord) bool { return w.At.Before(before) })
		return err
	})
}

// withContacts are the orders made before a time that still have one.
func (db *DB) withContacts(ctx context.Context, what string, before time.Time) (keys [][]byte, err error) {
	shops, err := db.Shops()
	if err != nil {
		return nil, err
	}
	for _, shop := range shops {
		err := db.walk(ctx, what, timeSpan(bucketCreated, shopKey(shop), time.Time{}, before), func(tx *bolt.Tx, place, _ []byte) (bool, error) {
			key, err := parsePlaceKey(place)
			if err != nil {
				return false, err
			}
			k := orderKey(key)
			who, err := getContact(tx, k)
			if err != nil {
				db.log.Error("a contact in the database cannot be read, and was not forgotten", "shop", shop, "order", key.ID, "err", err)
				return true, nil
			}
			if who.person() == (order.Buyer{}) {
				return true, nil
			}
			if o, found, err := getOrder(tx, key); err == nil && found && (!o.Created.IsZero() || o.First.Before(before)) {
				keys = append(keys, k)
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	rows, err := db.oldRows(ctx, what, before)
	return append(keys, rows...), err
}

// oldRows are the people on lists of whom nothing new was said since a time.
func (db *DB) oldRows(ctx context.Context, what string, before time.Time) (keys [][]byte, err error) {
	err = db.walk(ctx, what, prefixSpan(bucketListed, nil), func(tx *bolt.Tx, k, v []byte) (bool, error) {
		var rec listedRecord
		who, err := getContact(tx, k)
		if err = errors.Join(err, decode(v, &rec)); err != nil {
			db.log.Error("a person on a list cannot be read in the database, and was not forgotten", "err", err)
			return true, nil
		}
		if who.person() != (order.Buyer{}) && rec.Read.Before(before) && rec.Last.Before(before) {
			keys = append(keys, bytes.Clone(k))
		}
		return true, nil
	})
	return keys, err
}

// forget takes the contacts out of some orders, in one transaction.
func (db *DB) forget(tx *bolt.Tx, keys [][]byte) error {
	if err := db.keys.claim(tx); err != nil {
		return err
	}
	sums := map[uint64]joined{}
	now := cleanTime(db.now())
	for _, k := range keys {
		who, err := getContact(tx, k)
		if err != nil {
			return err
		}
		for _, c := range who.contacts() {
			if err := putGone(tx, hashed{db.keys.mac(c), c.kind}, goneRecord{Buyer: who.Buyer, At: now}); err != nil {
				return err
			}
		}
		if who.Buyer != 0 {
			sums[who.Buyer] = sums[who.Buyer].with(who)
		}
		if _, err := db.dropContact(tx, k, masker{who.person()}); err != nil {
			return err
		}
	}
	for buyer, j := range sums {
		if err := j.drop(tx, buyer); err != nil {
			return err
		}
	}
	return nil
}

// joined are sums by which orders found a person.
type joined struct{ email, phone [][]byte }

func (j joined) with(who contactRecord) joined {
	email, phone := joinKeys(who)
	if email != nil && !contains(j.email, email) {
		j.email = append(j.email, email)
	}
	if phone != nil && !contains(j.phone, phone) {
		j.phone = append(j.phone, phone)
	}
	return j
}

func contains(sums [][]byte, sum []byte) bool {
	return slices.ContainsFunc(sums, func(s []byte) bool { return bytes.Equal(s, sum) })
}

func without(sums [][]byte, sum []byte) [][]byte {
	return slices.DeleteFunc(sums, func(s []byte) bool { return sum != nil && bytes.Equal(s, sum) })
}

// drop removes the sums that no order of the person stands for any more.
func (j joined) drop(tx *bolt.Tx, buyer uint64) error {
	err := eachOrder(tx, buyer, func(k []byte) (bool, error) {
		who, err := getContact(tx, k)
		if err != nil {
			return false, err
		}
		email, phone := joinKeys(who)
		j.email, j.phone = without(j.email, email), without(j.phone, phone)
		return len(j.email)+len(j.phone) > 0, nil
	})
	for _, sum := range j.email {
		if err == nil {
			err = openContacts(tx, contactEmail).Delete(sum)
		}
	}
	for _, sum := range j.phone {
		if err == nil {
			err = openContacts(tx, contactPhone).Delete(sum)
		}
	}
	return err
}
