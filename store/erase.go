package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Erased is what an erasure did.
type Erased struct {
	Orders   int // orders whose contact went
	Lists    int // rows of lists of the seller's that went
	Replies  int // answers, and other words that came back, that went
	Contacts int // addresses and numbers that are not stored again
}

// Erase takes a person out of the database: name, contacts and words of all the
// orders that are joined to this e-mail address or phone number, wherever they
// stand, and what lists of the seller's say of them. The facts of the orders stay,
// and so does that one person made them.
//
// The contacts are suppressed, and noted as keyed hashes, so that none is stored
// again when a shop's page shows it still. What bbolt keeps of it in pages that
// are not in use goes with [DB.Compact].
func (db *DB) Erase(ctx context.Context, who string) (Erased, error) {
	const what = "erase a buyer"
	kind, normal, err := normalContact(who)
	if err == nil && db.keys.none() {
		err = ErrNoKey
	}
	if err != nil {
		return Erased{}, fmt.Errorf("%s: %w", what, err)
	}
	var out Erased
	err = db.update(ctx, what, func(tx *bolt.Tx) error {
		if err := db.keys.claim(tx); err != nil {
			return err
		}
		e, err := db.newErasure(tx, contact{kind, normal})
		if err != nil {
			return err
		}
		out, err = e.all()
		return err
	})
	if err != nil {
		return Erased{}, err
	}
	return out, nil
}

// erasure is one call of Erase.
type erasure struct {
	db       *DB
	tx       *bolt.Tx
	now      time.Time
	buyer    uint64
	crowd    bool // many people under one placeholder: only the contact at hand goes
	orders   [][]byte
	contacts []contact
	people   masker
}

// newErasure gathers what is known of a person.
func (db *DB) newErasure(tx *bolt.Tx, c contact) (*erasure, error) {
	e := &erasure{db: db, tx: tx, now: cleanTime(db.now()), contacts: []contact{c}, people: masker{c.buyer()}}
	var err error
	if e.buyer, err = db.buyerOf(tx, c); err != nil {
		return nil, err
	}
	if _, e.crowd, err = contactsOf(tx, e.buyer); err != nil {
		return nil, err
	}
	return e, eachOrder(tx, e.buyer, func(k []byte) (bool, error) {
		who, err := getContact(tx, k)
		if err != nil && !errors.Is(err, errBadRecord) {
			return false, err
		}
		if e.crowd && !slices.Contains(who.contacts(), c) {
			return true, nil
		}
		e.orders = append(e.orders, bytes.Clone(k))
		for _, c := range who.contacts() {
			if !e.crowd && !slices.Contains(e.contacts, c) {
				e.contacts = append(e.contacts, c)
			}
		}
		if p := who.person(); !slices.Contains(e.people, p) && p != (order.Buyer{}) {
			e.people = append(e.people, p)
		}
		return true, nil
	})
}

func (e *erasure) all() (out Erased, err error) {
	shops := map[string]bool{}
	for _, k := range e.orders {
		had, err := e.db.dropContact(e.tx, k, e.people)
		if err != nil {
			return out, err
		}
		key, _, err := parseOrderKey(k)
		if err != nil {
			return out, err
		}
		if had && key.ListRow() {
			out.Lists++
		} else if had {
			out.Orders++
		}
		shops[key.Shop] = true
	}
	for _, shop := range slices.Sorted(maps.Keys(shops)) {
		if err := e.shop(shop); err != nil {
			return out, err
		}
	}
	if err := rewriteAll(open(e.tx, bucketAlerts), nil, func(rec *alertRecord) { rec.Words = e.people.text(rec.Words) }); err != nil {
		return out, err
	}
	if err := e.unjoin(); err != nil {
		return out, err
	}
	if out.Replies, err = dropWords(e.tx, e.said); err != nil {
		return out, err
	}
	out.Contacts, err = e.bar()
	return out, err
}

// shop masks what is kept of the visits of a shop.
func (e *erasure) shop(shop string) error {
	k := shopKey(shop)
	if err := rewriteAll(open(e.tx, bucketVisits), k, e.people.visit); err != nil {
		return err
	}
	if err := rewrite(open(e.tx, bucketLastVisits), k, e.people.visit); err != nil {
		return err
	}
	return rewrite(open(e.tx, bucketShops), k, e.people.shop)
}

// unjoin drops the sums by which orders found the person, also those of contacts
// that an order had before.
func (e *erasure) unjoin() error {
	if e.crowd || e.buyer == 0 {
		return openContacts(e.tx, e.contacts[0].bucket()).Delete(e.contacts[0].sum())
	}
	for _, name := range []string{contactEmail, contactPhone} {
		b := openContacts(e.tx, name)
		var keys [][]byte
		err := scan(b, nil, func(k, v []byte) error {
			if resolveIn(e.tx, number(v)) == e.buyer {
				keys = append(keys, bytes.Clone(k))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// said reports whether words are the person's.
func (e *erasure) said(w wordsRecord) bool {
	if !e.crowd && w.Buyer != 0 && resolveIn(e.tx, w.Buyer) == e.buyer {
		return true
	}
	return slices.ContainsFunc(contactRecord{Email: w.Email, Phone: w.Phone}.contacts(), func(c contact) bool {
		return slices.Contains(e.contacts, c)
	})
}

// bar keeps the contacts from being stored and written to again.
func (e *erasure) bar() (int, error) {
	var all []hashed
	for _, c := range e.contacts {
		all = append(all, hashed{e.db.keys.mac(c), c.kind})
	}
	if !e.crowd {
		gone, err := goneHashes(e.tx, e.buyer)
		if err != nil {
			return 0, err
		}
		for _, h := range gone {
			if !slices.ContainsFunc(all, func(o hashed) bool { return bytes.Equal(o.mac, h.mac) }) {
				all = append(all, h)
			}
		}
	}
	for _, h := range all {
		if err := putGone(e.tx, h, goneRecord{Buyer: e.buyer, At: e.now, Erased: true}); err != nil {
			return 0, err
		}
	}
	return len(all), e.db.silenceAll(e.tx, all, suppressionRecord{Reason: "erased", At: e.now}, true)
}

// dropContact takes the person out of one order and of what is kept about it; had
// is false if there was none.
func (db *DB) dropContact(tx *bolt.Tx, k []byte, people masker) (had bool, err error) {
	contacts := openContacts(tx, contactRecords)
	who, err := getContact(tx, k)
	if err != nil && !errors.Is(err, errBadRecord) {
		return false, err
	}
	had = err != nil || who.person() != (order.Buyer{})
	value, err := encode(contactRecord{Buyer: who.Buyer, Gone: true})
	if err != nil {
		return had, err
	}
	if err := contacts.Put(k, value); err != nil {
		return had, err
	}
	if err := rewrite(open(tx, bucketOrders), k, people.record); err != nil {
		return had, err
	}
	if err := open(tx, bucketListed).Delete(k); err != nil { // there is no fact of an order in it
		return had, err
	}
	if err := rewriteAll(open(tx, bucketReminders), k, func(rec *reminderRecord) { rec.Reason = people.text(rec.Reason) }); err != nil {
		return had, err
	}
	changes := newJournal(tx, bucketChanges, bucketHistory)
	if err := rewriteJournal(changes, k, func(rec *changeRecord) { rec.Text = people.text(rec.Text) }); err != nil {
		return had, err
	}
	return had, rewriteJournal(newJournal(tx, bucketLedger, bucketLedgerOf), k, people.event)
}

// dropWords removes the words that are chosen, and counts them.
func dropWords(tx *bolt.Tx, choose func(wordsRecord) bool) (n int, err error) {
	b := openContacts(tx, contactWords)
	var keys [][]byte
	err = scan(b, nil, func(k, v []byte) error {
		var rec wordsRecord
		if err := decode(v, &rec); err != nil || choose(rec) { // what nobody can read goes too
			keys = append(keys, bytes.Clone(k))
			if rec.Words != "" {
				n++
			}
		}
		return nil
	})
	for i := 0; err == nil && i < len(keys); i++ {
		err = b.Delete(keys[i])
	}
	return n, err
}
