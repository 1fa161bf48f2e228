package store

import (
	"context"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Order is what is known of one order; false if nothing is.
func (db *DB) Order(key order.Key) (order.Order, bool, error) {
	if err := checkKey(key); err != nil {
		return order.Order{}, false, err
	}
	var o order.Order
	var found bool
	err := db.read("read order "+key.String(), func(tx *bolt.Tx) (err error) {
		o, found, err = getOrder(tx, key)
		return err
	})
	return o, found, err
}

// OrdersOf reads many orders at once; those that are not known are left out.
func (db *DB) OrdersOf(ctx context.Context, keys []order.Key) ([]order.Order, error) {
	out := make([]order.Order, 0, len(keys))
	for some := range slices.Chunk(keys, chunk) {
		err := db.view(ctx, "read orders", func(tx *bolt.Tx) error {
			for _, k := range some {
				if o, found := db.listed(tx, k); found {
					out = append(out, o)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func getOrder(tx *bolt.Tx, key order.Key) (order.Order, bool, error) {
	rec, who, found, err := getWhole(tx, orderKey(key))
	if err != nil || !found {
		return order.Order{}, false, err
	}
	return rec.order(key, who), true, nil
}

// getWhole is a record with its contact.
func getWhole(tx *bolt.Tx, k []byte) (rec orderRecord, who contactRecord, found bool, err error) {
	if rec, found, err = getRecord(tx, k); found && err == nil {
		who, err = getContact(tx, k)
	}
	return rec, who, found, err
}

func getRecord(tx *bolt.Tx, k []byte) (rec orderRecord, found bool, err error) {
	value := open(tx, bucketOrders).Get(k)
	if value == nil {
		return rec, false, nil
	}
	return rec, true, decode(value, &rec)
}

// getContact is empty when the contact was erased or never known.
func getContact(tx *bolt.Tx, orderKey []byte) (who contactRecord, err error) {
	value := openContacts(tx, contactRecords).Get(orderKey)
	if value == nil {
		return who, nil
	}
	return who, decode(value, &who)
}

// listed reads an order for a list. One that cannot be read is logged and left
// out: it must not hide all the others. So is an imported one that the shop itself
// shows by now.
func (db *DB) listed(tx *bolt.Tx, key order.Key) (order.Order, bool) {
	who, err := getContact(tx, orderKey(key))
	if err != nil {
		db.log.Error("a contact in the database cannot be read", "shop", key.Shop, "order", key.ID, "err", err)
		return order.Order{}, false
	}
	return db.listedFor(tx, key, who)
}

// listedFor is listed for whoever knows the contact.
func (db *DB) listedFor(tx *bolt.Tx, key order.Key, who contactRecord) (order.Order, bool) {
	rec, found, err := getRecord(tx, orderKey(key))
	if err != nil {
		db.log.Error("an order in the database cannot be read", "shop", key.Shop, "order", key.ID, "err", err)
	}
	if !found || err != nil || rec.Taken != "" {
		return order.Order{}, false
	}
	return rec.order(key, who), true
}

// Find gives the orders that a person means by a text: an id, a number (also
// without its #), or shop/id.
func (db *DB) Find(text string) ([]order.Key, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 2*maxName {
		return nil, nil
	}
	var out []order.Key
	err := db.read("find an order", func(tx *bolt.Tx) error {
		orders := open(tx, bucketOrders)
		add := func(k order.Key) {
			if checkKey(k) == nil && orders.Get(orderKey(k)) != nil && !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
		for i := range len(text) { // a shop's name may hold a slash, and so may an id
			if text[i] == '/' {
				add(order.Key{Shop: text[:i], ID: text[i+1:]})
			}
		}
		number := normalNumber(text)
		for _, shop := range shopNames(tx) {
			add(order.Key{Shop: shop, ID: text})
			add(order.Key{Shop: shop, ID: number})
		}
		if number == "" || len(number) > maxName {
			return nil
		}
		prefix := shopKey(number)
		return scan(open(tx, bucketNumbers), prefix, func(k, _ []byte) error {
			key, _, err := parseOrderKey(k[len(prefix):])
			if err == nil {
				add(key)
			}
			return err
		})
	})
	return out, err
}

func normalNumber(s string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "#")))
}

// Filter chooses orders; a zero field does not.
type Filter struct {
	Shop         string
	Status       []order.Status
	Since, Until time.Time // created at Since or later, before Until
	Limit        int
}

// Orders are those that the filter lets through, newest first.
func (db *DB) Orders(ctx context.Context, f Filter) (out []order.Order, err error) {
	err = db.EachOrder(ctx, f, func(o order.Order) (bool, error) {
		out = append(out, o)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Unpaid are the open orders of a shop, of all shops if it is "", newest first.
func (db *DB) Unpaid(ctx context.Context, shop string) ([]order.Order, error) {
	return db.Orders(ctx, Filter{Shop: shop, Status: []order.Status{order.Unpaid}})
}

// Seen is what a visit must know of an order to tell whether its page is worth
// opening again.
type Seen struct {
	StatusText string
	Status     order.Status
	Looked     bool
}

// Seen gives a function that tells what is known of a shop's order. What cannot
// be read counts as not known, so that it is read anew.
func (db *DB) Seen(shop string) func(id string) (Seen, bool) {
	return func(id string) (Seen, bool) {
		if checkKey(order.Key{Shop: shop, ID: id}) != nil {
			return Seen{}, false
		}
		var rec orderRecord
		found := false
		err := db.read("read an order", func(tx *bolt.Tx) (err error) {
			rec, found, err = getRecord(tx, orderKey(order.Key{Shop: shop, ID: id}))
			return err
		})
		if err != nil {
			db.log.Error("an order in the database cannot be read", "shop", shop, "order", id, "err", err)
			return Seen{}, false
		}
		return Seen{StatusText: rec.Text, Status: rec.Status, Looked: !rec.Looked.IsZero()}, found
	}
}
