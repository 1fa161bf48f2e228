package store

import (
	"bytes"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// hashed is a contact by its HMAC.
type hashed struct {
	mac  []byte
	kind string
}

// silence puts on the list of the suppressed whoever must not be written to any
// more because of what came back. own are the contacts that it names.
func (db *DB) silence(tx *bolt.Tx, rec backRecord, a about, own []contact, now time.Time) (bool, error) {
	whole, reason := a.sure(), "asked for no more messages"
	switch {
	case rec.State == order.OptedOut:
		if len(own) > 0 && own[0].kind == kindPhone { // a gateway's numbers are not forged by a mail
			whole = true
		}
	case rec.State == order.Bounced && rec.Final && a.message != "" && a.reached(rec.Whom):
		reason = "does not take messages: one came back for good"
	default:
		return false, nil
	}
	if db.keys.none() {
		return false, ErrNoKey
	}
	var all []hashed
	if whole {
		var err error
		if all, err = db.hashesOf(tx, a); err != nil {
			return false, err
		}
	}
	if !a.sure() {
		for _, c := range own {
			all = append(all, hashed{db.keys.mac(c), c.kind})
		}
	}
	return len(all) > 0, db.silenceAll(tx, all, suppressionRecord{Reason: reason, At: now}, rec.State == order.OptedOut)
}

// reached reports whether the contacts that a bounce names are the one that the
// message went to. A gateway's report may leave that out; a mail always says it,
// and may be forged by somebody who guesses the id but not the address.
func (a about) reached(whom [][]byte) bool {
	return len(whom) == 0 && a.reminder.Channel != order.ByEmail || among(whom, a.to)
}

func among(whom [][]byte, mac []byte) bool {
	return slices.ContainsFunc(whom, func(w []byte) bool { return len(mac) > 0 && bytes.Equal(w, mac) })
}

// hashesOf are all contacts of a person, also those that were erased or
// forgotten. Of a crowd it is those of the order and message at hand.
func (db *DB) hashesOf(tx *bolt.Tx, a about) ([]hashed, error) {
	contacts, crowd, err := contactsOf(tx, a.buyer)
	if err != nil {
		return nil, err
	}
	if crowd || a.buyer == 0 {
		contacts = nil
		if a.message != "" {
			who, err := getContact(tx, orderKey(a.order))
			if err != nil {
				return nil, err
			}
			contacts = who.contacts()
		}
	}
	var all []hashed
	for _, c := range contacts {
		all = append(all, hashed{db.keys.mac(c), c.kind})
	}
	if a.token != nil {
		all = append(all, hashed{a.token, kindEmail})
	}
	if a.to != nil && a.reminder.Channel == order.BySMS {
		all = append(all, hashed{a.to, kindPhone})
	} else if a.to != nil {
		all = append(all, hashed{a.to, kindEmail})
	}
	if crowd {
		return all, nil
	}
	gone, err := goneHashes(tx, a.buyer)
	return append(all, gone...), err
}

// silenceAll keeps the reason of those who are on the list already.
func (db *DB) silenceAll(tx *bolt.Tx, all []hashed, rec suppressionRecord, withdraw bool) error {
	if len(all) == 0 {
		return nil
	}
	if err := db.keys.claim(tx); err != nil {
		return err
	}
	list, consents := open(tx, bucketSuppressed), open(tx, bucketConsents)
	for _, h := range all {
		if withdraw {
			if err := consents.Delete(h.mac); err != nil {
				return err
			}
		}
		if list.Get(h.mac) != nil {
			continue
		}
		rec.Kind = h.kind
		value, err := encode(rec)
		if err != nil {
			return err
		}
		if err := list.Put(h.mac, value); err != nil {
			return err
		}
	}
	return nil
}
