package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// maxContacts is how many addresses and numbers one person may have. Beyond,
// it is many people whom a placeholder of the shop has joined: what one of them
// asks for is done for the contact at hand only.
const maxContacts = 30

// contact is an e-mail address or a phone number in the form in which it is
// compared.
type contact struct{ kind, normal string }

// contacts are those of an order that say something.
func (c contactRecord) contacts() []contact {
	var out []contact
	for _, s := range []string{c.Email, c.Phone} {
		if kind, normal, err := normalContact(s); err == nil && !strings.Contains(s, "*") {
			out = append(out, contact{kind, normal})
		}
	}
	return out
}

// sum is the key of a contact in contacts/email and contacts/phone.
func (c contact) sum() []byte {
	sum := sha256.Sum256([]byte(c.normal))
	return sum[:]
}

func (c contact) bucket() string {
	if c.kind == kindEmail {
		return contactEmail
	}
	return contactPhone
}

func (c contact) buyer() order.Buyer {
	if c.kind == kindEmail {
		return order.Buyer{Email: order.Email(c.normal)}
	}
	return order.Buyer{Phone: order.Phone(c.normal)}
}

// alone are contacts each as a buyer with nothing else.
func alone(contacts []contact) (out []order.Buyer) {
	for _, c := range contacts {
		out = append(out, c.buyer())
	}
	return out
}

// mac is the contact as it is known when it is not to be known.
func (k keys) mac(c contact) []byte { return k.suppressed(c.kind, c.normal) }

// sentTo names the contact of a channel; nil without a key or contact.
func (k keys) sentTo(channel order.Channel, who contactRecord) []byte {
	if k.none() {
		return nil
	}
	for _, c := range who.contacts() {
		if (channel == order.BySMS) == (c.kind == kindPhone) {
			return k.mac(c)
		}
	}
	return nil
}

// resolveIn follows a merged buyer to the one it is now.
func resolveIn(tx *bolt.Tx, id uint64) uint64 {
	return followBuyer(id, open(tx, bucketMerged).Get)
}

// followBuyer goes from buyer to buyer. Chains are short, since the smaller of
// two always joins the larger; the bound is for a damaged file.
func followBuyer(id uint64, next func(key []byte) []byte) uint64 {
	for range 64 {
		n := number(next(seqKey(nil, id)))
		if n == 0 {
			return id
		}
		id = n
	}
	return id
}

// buyerOf finds the person who has, or had, a contact; 0 if nobody.
func (db *DB) buyerOf(tx *bolt.Tx, c contact) (uint64, error) {
	id := number(openContacts(tx, c.bucket()).Get(c.sum()))
	if id == 0 && !db.keys.none() {
		gone, _, err := getGone(tx, db.keys.mac(c))
		if err != nil {
			return 0, err
		}
		id = gone.Buyer
	}
	if id == 0 {
		return 0, nil
	}
	return resolveIn(tx, id), nil
}

// eachOrder reads the keys of a person's orders until fn has enough. fn must not
// change the bucket buyers.
func eachOrder(tx *bolt.Tx, buyer uint64, fn func(k []byte) (more bool, err error)) error {
	if buyer == 0 {
		return nil
	}
	prefix := seqKey(nil, buyer)
	c := open(tx, bucketBuyers).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if more, err := fn(k[8:]); err != nil || !more {
			return err
		}
	}
	return nil
}

// contactsOf are the distinct contacts of a person's orders. One that joins too
// many is no person: crowd.
func contactsOf(tx *bolt.Tx, buyer uint64) (all []contact, crowd bool, err error) {
	return someContacts(tx, buyer, math.MaxInt)
}

// isCrowd looks at some of the orders only: in a crowd each has a contact of its own.
func isCrowd(tx *bolt.Tx, buyer uint64) (bool, error) {
	_, crowd, err := someContacts(tx, buyer, 2*maxContacts)
	return crowd, err
}

func someContacts(tx *bolt.Tx, buyer uint64, orders int) (all []contact, crowd bool, err error) {
	n := 0
	err = eachOrder(tx, buyer, func(k []byte) (bool, error) {
		who, err := getContact(tx, k)
		if err != nil {
			return true, unlessBad(err)
		}
		for _, c := range who.contacts() {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
		n++
		crowd = len(all) > maxContacts
		return !crowd && n < orders, nil
	})
	return all, crowd, err
}

// unlessBad leaves out what a damaged record says: it must not hold up the others.
func unlessBad(err error) error {
	if errors.Is(err, errBadRecord) {
		return nil
	}
	return err
}

// maxOthers bounds one answer: a placeholder address may stand in every order of
// a shop.
const maxOthers = 1000

// Others returns the other orders of the person who made this one, over all
// shops, newest first: those joined to it by e-mail or phone. At most 1000. Where
// a placeholder has joined a crowd, it is those that are joined without it.
func (db *DB) Others(key order.Key) ([]order.Order, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Order
	err := db.read("read the buyer of "+key.String(), func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key))
		if err != nil || who.Buyer == 0 {
			return err
		}
		keys, err := db.othersOf(tx, orderKey(key), who)
		for _, k := range keys {
			if o, found := db.listed(tx, k); found {
				out = append(out, o)
			}
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b order.Order) int { return b.Created.Compare(a.Created) })
	return out, err
}

func (db *DB) othersOf(tx *bolt.Tx, self []byte, who contactRecord) (keys []order.Key, err error) {
	own, _, err := parseOrderKey(self)
	if err != nil {
		return nil, err
	}
	c := &crowd{}
	c.add(entry{own, who})
	var texts [][]byte
	records, n := openContacts(tx, contactRecords), 0
	err = eachOrder(tx, who.Buyer, func(k []byte) (bool, error) {
		if bytes.Equal(k, self) {
			return true, nil
		}
		if n++; n > maxOthers && (!c.many() || n > maxOrdersRead) {
			return false, nil
		}
		if n == maxOthers+1 {
			texts = c.texts(who)
		}
		if n > maxOthers && (len(texts) == 0 || !holdsAny(records.Get(k), texts)) {
			return len(texts) > 0, nil
		}
		return true, db.meet(tx, c, k)
	})
	for _, e := range c.personOf(own) {
		if e.key != own && len(keys) < maxOthers {
			keys = append(keys, e.key)
		}
	}
	return keys, err
}

// newestOrder is the latest order of a person.
func (db *DB) newestOrder(tx *bolt.Tx, buyer uint64) (newest order.Key, err error) {
	var found order.Order
	n := 0
	err = eachOrder(tx, buyer, func(k []byte) (bool, error) {
		n++
		key, _, err := parseOrderKey(k)
		if err != nil {
			return false, err
		}
		if o, ok := db.listed(tx, key); ok && (newest == order.Key{} || o.Created.After(found.Created)) {
			found, newest = o, key
		}
		return n < maxOthers, nil
	})
	return newest, err
}

// lastOut is the last message to a person that left us, or may have: the last to
// one of the given contacts, else by the channel, else at all.
func (b outbox) lastOut(buyer uint64, channel order.Channel, whom [][]byte) (order.ReminderKey, error) {
	var last order.ReminderKey
	best, n := 0, 0
	if buyer == 0 {
		return last, nil
	}
	err := backwards(b.told, seqKey(nil, buyer), func(key, how []byte) (bool, error) {
		_, k, err := parseToldKey(key)
		if err != nil || !counts(how, false) {
			return true, err
		}
		fits := 1
		if k.Channel == channel {
			fits = 2
		}
		if rec, _, err := b.get(k); err == nil && among(whom, rec.To) {
			fits = 3
		}
		if n++; fits > best {
			best, last = fits, k
		}
		return best < 3 && n < maxLastOut, nil
	})
	return last, err
}

// maxLastOut bounds the search for the message that a reply without reference is
// about.
const maxLastOut = 100
