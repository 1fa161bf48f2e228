package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Bounds of one person. What stands under more orders than maxOrdersRead is a
// placeholder; the orders beyond are left out.
const (
	maxOrdersGiven = 1000
	maxOrdersRead  = 20_000
)

// person is what stands under one ID, or, in a crowd, the part of it that is
// joined without the placeholder.
type person struct {
	db     *DB
	tx     *bolt.Tx
	id     uint64
	orders []entry // of orders, and of the rows of lists
	rows   []entry

	read []order.Order // once it was asked for: the orders, newest first
}

// entry is an order or a row with its contact.
type entry struct {
	key order.Key
	who contactRecord
}

// peopleOf are those who stand under an ID: one, or a crowd.
func (db *DB) peopleOf(tx *bolt.Tx, id uint64) ([]*person, error) {
	c := &crowd{}
	err := eachOrder(tx, id, func(k []byte) (bool, error) {
		err := db.meet(tx, c, k)
		return len(c.all) < maxOrdersRead, err
	})
	if err != nil || len(c.all) == 0 {
		return nil, err
	}
	groups := [][]entry{c.all}
	if c.many() {
		groups = c.people()
	}
	var out []*person
	for _, g := range groups {
		p := &person{db: db, tx: tx, id: id}
		for _, e := range g {
			if e.key.ListRow() {
				p.rows = append(p.rows, e)
			} else {
				p.orders = append(p.orders, e)
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// personOf is the one who stands behind an order or row; nil if nobody is known.
func (db *DB) personOf(tx *bolt.Tx, key order.Key) (*person, error) {
	who, err := getContact(tx, orderKey(key))
	if err != nil || who.Buyer == 0 {
		return nil, err
	}
	all, err := db.peopleOf(tx, who.Buyer)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, p := range all {
		if len(all) == 1 || p.is(key) {
			return p, nil
		}
	}
	return nil, nil // one of a crowd so large that it is not read whole
}

func (p *person) has(c contact) bool {
	with := func(e entry) bool { return slices.Contains(e.who.contacts(), c) }
	return slices.ContainsFunc(p.orders, with) || slices.ContainsFunc(p.rows, with)
}

// known are the orders that are listed, newest first.
func (p *person) known() []order.Order {
	if p.read != nil {
		return p.read
	}
	p.read = make([]order.Order, 0, len(p.orders))
	for _, e := range p.orders {
		if o, found := p.db.listedFor(p.tx, e.key, e.who); found {
			p.read = append(p.read, o)
		}
	}
	slices.SortStableFunc(p.read, func(a, b order.Order) int { return b.Created.Compare(a.Created) })
	return p.read
}

// buyer puts together what is known; false if that is nothing.
func (p *person) buyer() (Buyer, bool) {
	orders := p.known()
	b := Buyer{ID: p.id, Orders: orders}
	for _, o := range orders {
		b.met(o.Key(), o.Buyer)
	}
	for _, e := range p.rows {
		b.met(e.key, e.who.person())
	}
	if len(orders) == 0 && b.Contact == (order.Buyer{}) {
		return b, false // a list's row whose person was erased
	}
	if len(p.rows) > 0 {
		b.Past = p.past()
	}
	if len(orders) > maxOrdersGiven {
		b.Orders = slices.Clone(orders[:maxOrdersGiven])
	}
	return b, true
}

// met takes in an order or row that is older than those before.
func (b *Buyer) met(key order.Key, who order.Buyer) {
	if b.Contact.Name == "" {
		b.Contact.Name = who.Name
	}
	if b.Contact.Email == "" {
		b.Contact.Email = who.Email
	}
	if b.Contact.Phone == "" {
		b.Contact.Phone = who.Phone
	}
	if b.Key == (order.Key{}) && len(contactRecordOf(who).contacts()) > 0 {
		b.Key = key
	}
}

// past adds up what the lists of the shops say beyond the orders on record. Of
// several rows of a shop, as a person has who stood on its lists under two
// contacts, the one with the most orders counts.
func (p *person) past() order.Past {
	best := map[string]listedRecord{}
	var shops []string
	for _, e := range p.rows {
		var rec listedRecord
		value := open(p.tx, bucketListed).Get(orderKey(e.key))
		if value == nil || decode(value, &rec) != nil {
			continue
		}
		old, ok := best[e.key.Shop]
		if !ok {
			shops = append(shops, e.key.Shop)
		}
		if !ok || rec.Orders > old.Orders || rec.Orders == old.Orders && rec.Last.After(old.Last) {
			best[e.key.Shop] = rec
		}
	}
	var out order.Past
	for _, shop := range shops {
		out = addPast(out, beyond(shop, best[shop], p.known()).past())
	}
	return out
}

// beyond leaves out of what a list says the paid orders that are on record: a
// list counts all until its day.
func beyond(shop string, rec listedRecord, orders []order.Order) listedRecord {
	rec.Spent = slices.Clone(rec.Spent)
	until := rec.asOf()
	for _, o := range orders {
		if o.Shop != shop || o.Status != order.Paid || !o.Created.Before(until) {
			continue
		}
		rec.Orders = max(0, rec.Orders-1)
		for i, m := range rec.Spent {
			if m.Currency == o.Total.Currency {
				rec.Spent[i].Minor = max(0, m.Minor-o.Total.Minor)
			}
		}
	}
	rec.Spent = slices.DeleteFunc(rec.Spent, func(m moneyRecord) bool { return m.Minor == 0 })
	return rec
}

func addPast(a, b order.Past) order.Past {
	out := order.Past{Orders: a.Orders + b.Orders, Spent: sumsOf(slices.Concat(a.Spent, b.Spent)), First: earlier(a.First, b.First), Last: a.Last}
	if b.Last.After(a.Last) {
		out.Last = b.Last
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// is reports whether a person stands behind a key.
func (p *person) is(key order.Key) bool {
	same := func(e entry) bool { return e.key == key }
	return slices.ContainsFunc(p.orders, same) || slices.ContainsFunc(p.rows, same)
}
