package store

import (
	"bytes"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// getGone reads what is known of an erased or forgotten contact.
func getGone(tx *bolt.Tx, mac []byte) (rec goneRecord, found bool, err error) {
	value := open(tx, bucketGone).Get(mac)
	if value == nil {
		return rec, false, nil
	}
	return rec, true, decode(value, &rec)
}

// erased reports whether one of the contacts must not be stored again. Without
// the right key nobody can tell, and it is taken for erased.
func (db *DB) erased(tx *bolt.Tx, contacts []contact) (bool, error) {
	_, yes, err := db.goneBuyer(tx, contacts)
	return yes, err
}

// goneBuyer finds the person of erased or forgotten contacts, 0 if there is none,
// and tells whether one was erased.
func (db *DB) goneBuyer(tx *bolt.Tx, contacts []contact) (buyer uint64, erased bool, err error) {
	if len(contacts) == 0 || !anyGone(tx) {
		return 0, false, nil
	}
	if db.keys.none() || db.keys.check(tx) != nil {
		return 0, true, nil
	}
	for _, c := range contacts {
		rec, found, err := getGone(tx, db.keys.mac(c))
		if err != nil {
			return 0, false, err
		}
		if found && rec.Buyer != 0 && buyer == 0 {
			buyer = rec.Buyer
		}
		erased = erased || rec.Erased
	}
	return buyer, erased, nil
}

func anyGone(tx *bolt.Tx) bool {
	first, _ := open(tx, bucketGone).Cursor().First()
	return first != nil
}

// Erased reports whether the buyer of an order was erased, or the contact of this
// order forgotten: nobody is to be reminded of it, by hand either.
func (db *DB) Erased(key order.Key) (bool, error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	yes := false
	err := db.read("look whether the buyer of "+key.String()+" was erased", func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key))
		if yes = who.Gone; err != nil || yes || who.person() != (order.Buyer{}) {
			return err
		}
		all, err := goneHashes(tx, who.Buyer)
		for _, h := range all { // it is a new order, whose contact was not stored
			rec, _, err := getGone(tx, h.mac)
			if err != nil {
				return err
			}
			yes = yes || rec.Erased
		}
		return err
	})
	return yes, err
}

// goneHashes are the erased and forgotten contacts of a person.
func goneHashes(tx *bolt.Tx, buyer uint64) (all []hashed, err error) {
	if buyer == 0 {
		return nil, nil
	}
	err = scan(open(tx, bucketHashes), seqKey(nil, buyer), func(k, kind []byte) error {
		all = append(all, hashed{bytes.Clone(k[8:]), string(kind)})
		return nil
	})
	return all, err
}

// putGone notes that a contact of a person was erased or forgotten. What was
// erased stays erased.
func putGone(tx *bolt.Tx, h hashed, rec goneRecord) error {
	old, found, err := getGone(tx, h.mac)
	if err != nil {
		return err
	}
	if found && old.Erased {
		rec.Erased = true
	}
	value, err := encode(rec)
	if err != nil {
		return err
	}
	if err := open(tx, bucketGone).Put(h.mac, value); err != nil || rec.Buyer == 0 {
		return err
	}
	return open(tx, bucketHashes).Put(slices.Concat(seqKey(nil, rec.Buyer), h.mac), []byte(h.kind))
}

// admit takes out of a reading the person who was erased, or whose contact of
// this order was forgotten: the shop's page shows them still. known is the buyer
// that a gone contact had, 0 for none.
func (r *recorder) admit(was contactRecord, o order.Order) (known uint64, admitted order.Order, err error) {
	b := o.Buyer
	erased := was.Gone
	if !erased && (!r.anyGone || was.Email == b.Email.Reveal() && was.Phone == b.Phone.Reveal()) {
		return 0, o, nil
	}
	if !erased {
		known, erased, err = r.db.goneBuyer(r.tx, contactRecordOf(b).contacts())
	}
	if err != nil {
		return 0, o, fmt.Errorf("look whether the buyer was erased: %w", err)
	}
	if erased {
		o = masker{b}.order(o)
		o.Buyer = order.Buyer{}
	}
	return known, o, nil
}
