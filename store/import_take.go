package store

import (
	"bytes"
	"cmp"
	"errors"
	"strings"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// statusTaken stands in created for an imported order whose place the shop's own
// has taken: there it waits to be forgotten with its contact.
const statusTaken = "taken"

// importKey is the key of an order that a list calls by a number.
func importKey(shop, number string) order.Key {
	return order.Key{Shop: shop, ID: order.Imported + normalNumber(number)}
}

func anyImported(tx *bolt.Tx) bool { return open(tx, bucketMeta).Get([]byte(keyImported)) != nil }

// filled is a contact with what another one knows besides.
func (c contactRecord) filled(other contactRecord) contactRecord {
	c.Name, c.Email, c.Phone = cmp.Or(c.Name, other.Name), cmp.Or(c.Email, other.Email), cmp.Or(c.Phone, other.Phone)
	c.Gone = c.Gone || other.Gone
	return c
}

// takePlace lets an order that the shop shows take the place of the one that a
// list of the seller's has brought, and gives whom that one was for: a shop may
// hide what its own export tells. It is asked when an order, its number or its
// total is new.
func (r *recorder) takePlace(o order.Order, old orderRecord, known bool) (who contactRecord, err error) {
	if !r.anyListed {
		return who, nil
	}
	number, total := normalNumber(o.Number), moneyRecord(o.Total)
	var names []string
	if !known || number != normalNumber(old.Number) {
		names = append(names, number)
	}
	if id := normalNumber(o.ID); id != number && (!known || old.Total.Minor == 0) {
		names = append(names, id)
	}
	for _, name := range names {
		k := importKey(o.Shop, name)
		if name == "" || checkKey(k) != nil {
			continue
		}
		rec, whose, found, err := r.load(orderKey(k))
		if err = unlessBad(err); err != nil {
			return who, err
		}
		if !found || rec.Taken != "" || name != number && !sameSum(rec.Total, total) {
			continue
		}
		if err := r.taken(k, rec, o.ID); err != nil {
			return who, err
		}
		who = who.filled(whose)
		who.Buyer = cmp.Or(who.Buyer, whose.Buyer)
	}
	return who, nil
}

// sameSum tells two orders apart where the number of one is the id of the other:
// in some shops both run through the same range. What is not known, or nothing, is
// like no other sum.
func sameSum(a, b moneyRecord) bool {
	return a.Minor != 0 && a.Minor == b.Minor && (a.Currency == b.Currency || a.Currency == "" || b.Currency == "")
}

// taken takes an imported order out of the lists. Its contact stays with the
// person, so that messages about it are theirs.
func (r *recorder) taken(k order.Key, rec orderRecord, by string) error {
	rec.Taken = by
	value, err := encode(rec)
	if err != nil {
		return err
	}
	r.orders.put(orderKey(k), value)
	r.created.put(placeKey(k, rec.Created), []byte(statusTaken))
	if number := normalNumber(rec.Number); indexed(number, k) {
		r.numbers.remove(numberKey(number, k))
	}
	return nil
}

// shown reports whether the shop's own pages show an order of this number or id.
func (r *recorder) shown(o order.Order) (bool, error) {
	number := normalNumber(o.Number)
	prefix := append(shopKey(number), shopKey(o.Shop)...)
	c := r.numbers.bucket.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		key, _, err := parseOrderKey(k[2+len(number):])
		if err != nil || !key.Imported() {
			return err == nil, err
		}
	}
	for _, id := range []string{strings.TrimSpace(o.Number), number} {
		rec, _, found, err := r.load(orderKey(order.Key{Shop: o.Shop, ID: id}))
		switch {
		case errors.Is(err, errBadRecord):
			return true, nil // nobody can tell; it is there
		case err != nil:
			return false, err
		case !found:
		case normalNumber(rec.Number) == number, sameSum(rec.Total, moneyRecord(o.Total)):
			return true, nil
		}
	}
	return false, nil
}
