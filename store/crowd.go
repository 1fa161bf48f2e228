package store

import (
	"bytes"
	"encoding/json"
	"slices"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// crowd is what stands under one ID, and tells whether that is one person. It is
// not when there are more than maxContacts contacts: then a placeholder of a shop,
// or a filler on a list, has joined strangers.
type crowd struct {
	all    []entry
	beside map[contact][]contact // every contact: those that stand beside it in an order or row, up to one more than maxContacts
}

func (c *crowd) add(e entry) {
	if c.beside == nil {
		c.beside = map[contact][]contact{}
	}
	c.all = append(c.all, e)
	own := e.who.contacts()
	for _, one := range own {
		with := c.beside[one]
		for _, other := range own {
			if other != one && len(with) <= maxContacts && !slices.Contains(with, other) {
				with = append(with, other)
			}
		}
		c.beside[one] = with
	}
}

// meet adds the order or row of a key. One whose contact cannot be read is logged
// and left out.
func (db *DB) meet(tx *bolt.Tx, c *crowd, k []byte) error {
	key, _, err := parseOrderKey(k)
	if err != nil {
		return err
	}
	who, err := getContact(tx, k)
	if err != nil {
		db.log.Error("a contact in the database cannot be read", "shop", key.Shop, "order", key.ID, "err", err)
		return nil
	}
	c.add(entry{key, who})
	return nil
}

func (c *crowd) many() bool { return len(c.beside) > maxContacts }

// placeholder reports whether a contact stands beside so many others that it is
// nobody's own.
func (c *crowd) placeholder(one contact) bool { return len(c.beside[one]) > maxContacts }

// people divides a crowd: one person are those orders and rows that share a
// contact which is no placeholder, or that have the very same two, and whatever
// is joined to those in the same way.
func (c *crowd) people() [][]entry {
	next := make([]int, len(c.all)) // towards the first of the same person
	first := func(i int) int {
		for next[i] != i {
			next[i] = next[next[i]]
			i = next[i]
		}
		return i
	}
	own, pairs := map[contact]int{}, map[contactRecord]int{}
	for i, e := range c.all {
		next[i] = i
		pair := contactRecord{Email: e.who.Email, Phone: e.who.Phone}
		at, known := pairs[pair]
		if known {
			next[i] = first(at)
			continue // its contacts have been looked at
		}
		pairs[pair] = i
		for _, one := range e.who.contacts() {
			if c.placeholder(one) {
				continue
			}
			at, known := own[one]
			if !known {
				own[one] = i
				continue
			}
			a, b := first(at), first(i)
			next[max(a, b)] = min(a, b)
		}
	}
	return c.gather(first)
}

func (c *crowd) gather(first func(int) int) (groups [][]entry) {
	place := make([]int, len(c.all))
	for i, e := range c.all {
		f := first(i)
		if f == i {
			place[i] = len(groups)
			groups = append(groups, nil)
		}
		groups[place[f]] = append(groups[place[f]], e)
	}
	return groups
}

// personOf are the orders and rows of the person of a key.
func (c *crowd) personOf(key order.Key) []entry {
	if !c.many() {
		return c.all
	}
	for _, g := range c.people() {
		if slices.ContainsFunc(g, func(e entry) bool { return e.key == key }) {
			return g
		}
	}
	return nil
}

// texts are the contacts of a person that are no placeholder, as they stand in a
// record: of a crowd too large to be read whole, only what holds one of them
// matters, and it is found before it is decoded.
func (c *crowd) texts(who contactRecord) (out [][]byte) {
	for _, one := range who.contacts() {
		if c.placeholder(one) {
			continue
		}
		text := who.Email
		if one.kind == kindPhone {
			text = who.Phone
		}
		if b, err := json.Marshal(text); err == nil {
			out = append(out, b)
		}
	}
	return out
}

func holdsAny(value []byte, texts [][]byte) bool {
	return slices.ContainsFunc(texts, func(t []byte) bool { return bytes.Contains(value, t) })
}
