package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// LatestBuyers are those whose last order is the newest, on record or by a list of
// the seller's, the newest first; behind them those of whom none is known. It reads
// as many orders, from the newest on, as it takes to find them, and the times of all
// rows of lists.
func (db *DB) LatestBuyers(ctx context.Context, limit int) ([]Buyer, error) {
	if limit <= 0 {
		return nil, nil
	}
	shops, err := db.Shops()
	if err != nil {
		return nil, err
	}
	var all []latest
	for _, shop := range shops {
		some, err := db.latestOf(ctx, shop, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	rows, err := db.latestRows(ctx)
	if err != nil {
		return nil, err
	}
	all = append(all, rows...)
	slices.SortStableFunc(all, func(a, b latest) int { return b.at.Compare(a.at) })
	found := foundBuyers{db: db, ctx: ctx, seen: map[whose]bool{}}
	for _, l := range all {
		if found.ahead(limit, l.at) {
			break
		}
		if err := found.add(l.key); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found.all, func(a, b Buyer) int { return b.Last().Compare(a.Last()) })
	return found.all[:cutAt(len(found.all), limit)], nil
}

// ahead reports whether so many were found whose last order is no older than at. A
// row may say more than holds of its person, since another row of the same shop
// counts; what has still to come is never newer than its order or row says.
func (f *foundBuyers) ahead(limit int, at time.Time) bool {
	for _, b := range f.all[len(f.lasts):] {
		f.lasts = append(f.lasts, b.Last())
	}
	if len(f.lasts) < limit {
		return false
	}
	n := 0
	for _, last := range f.lasts {
		if !last.Before(at) {
			n++
		}
	}
	return n >= limit
}

// Last is when the newest order was placed, on record or by a list of the seller's;
// zero if that is not known.
func (b Buyer) Last() time.Time {
	last := b.Past.Last
	for _, o := range b.Orders {
		if t := cmp.Or(o.Created, o.First); t.After(last) {
			last = t
		}
	}
	return last
}

// latestRows are the rows of lists, each with its last order.
func (db *DB) latestRows(ctx context.Context) (out []latest, err error) {
	err = db.walk(ctx, "read the people on lists", prefixSpan(bucketListed, nil), func(_ *bolt.Tx, k, v []byte) (bool, error) {
		key, _, err := parseOrderKey(k)
		if err != nil {
			return false, err
		}
		var rec struct {
			Last time.Time `json:"last"`
		}
		if err := decode(v, &rec); err != nil {
			db.log.Error("a list's row in the database cannot be read", "shop", key.Shop, "order", key.ID, "err", err)
		}
		out = append(out, latest{key, rec.Last})
		return true, nil
	})
	return out, err
}

// latest is an order of somebody, newer than all others of theirs in its shop, or
// a row of a list with the last order that it tells of.
type latest struct {
	key order.Key
	at  time.Time
}

// latestOf finds as many people by the newest orders of a shop.
func (db *DB) latestOf(ctx context.Context, shop string, limit int) (out []latest, err error) {
	s := prefixSpan(bucketCreated, shopKey(shop))
	s.reverse = true
	seen := map[whose]bool{}
	what := fmt.Sprintf("read the latest buyers of shop %q", shop)
	err = db.walk(ctx, what, s, func(tx *bolt.Tx, k, status []byte) (bool, error) {
		key, err := parsePlaceKey(k)
		if err != nil || string(status) == statusTaken {
			return err == nil, err
		}
		who, ok, err := db.whose(tx, key)
		if err != nil || !ok || seen[who] {
			return true, err
		}
		at, _, err := cutTime(k[2+len(shop):])
		seen[who] = true
		out = append(out, latest{key, at})
		return len(out) < limit, err
	})
	return out, err
}

// whose tells people apart: by the ID, and in a crowd by the contacts.
type whose struct {
	id           uint64
	email, phone string
}

// whose is who stands behind an order or row; false if nobody is known.
func (db *DB) whose(tx *bolt.Tx, key order.Key) (w whose, known bool, err error) {
	who, err := getContact(tx, orderKey(key))
	if err != nil {
		db.log.Error("a contact in the database cannot be read", "shop", key.Shop, "order", key.ID, "err", err)
		return w, false, unlessBad(err)
	}
	if who.Buyer == 0 {
		return w, false, nil
	}
	w.id = who.Buyer
	crowd, err := isCrowd(tx, who.Buyer)
	if crowd {
		w.email, w.phone = who.Email, who.Phone
	}
	return w, true, err
}

// foundBuyers gathers people, each once.
type foundBuyers struct {
	db    *DB
	ctx   context.Context // of one search
	limit int
	seen  map[whose]bool
	all   []Buyer
	lasts []time.Time // of the first of them: when each had its last order
}

func (f *foundBuyers) full() bool { return f.limit > 0 && len(f.all) >= f.limit }

func (f *foundBuyers) add(key order.Key) error {
	return f.db.view(f.ctx, "read a buyer", func(tx *bolt.Tx) error { return f.in(tx, key) })
}

func (f *foundBuyers) in(tx *bolt.Tx, key order.Key) error {
	w, known, err := f.db.whose(tx, key)
	if err != nil || !known || f.seen[w] || f.full() {
		return err
	}
	f.seen[w] = true
	p, err := f.db.personOf(tx, key)
	if err != nil || p == nil {
		return err
	}
	if w.email != "" || w.phone != "" { // one of a crowd, who may have more contacts than these
		for _, e := range slices.Concat(p.orders, p.rows) {
			f.seen[whose{w.id, e.who.Email, e.who.Phone}] = true
		}
	}
	if b, ok := p.buyer(); ok {
		f.all = append(f.all, b)
	}
	return nil
}

// FindBuyers are the people that a text means: a whole contact, else a part of a
// name, address or number. For a part it reads all contacts on record. Limit 0
// means all.
func (db *DB) FindBuyers(ctx context.Context, text string, limit int) ([]Buyer, error) {
	needle := strings.ToLower(strings.TrimSpace(text))
	if needle == "" || len(needle) > maxName {
		return nil, nil
	}
	if _, _, err := normalContact(needle); err == nil {
		found, err := db.BuyersOf(needle)
		if err != nil || len(found) > 0 {
			return found[:cutAt(len(found), limit)], err
		}
	}
	found := foundBuyers{db: db, ctx: ctx, limit: limit, seen: map[whose]bool{}}
	digits := phonePart(needle)
	s := span{bucket: contactRecords, contacts: true}
	err := db.walk(ctx, "look for a buyer", s, func(tx *bolt.Tx, k, v []byte) (bool, error) {
		if !mayHold(v, needle, digits) {
			return true, nil
		}
		var who contactRecord
		if decode(v, &who) != nil || !who.holds(needle, digits) {
			return true, nil // one that cannot be read is told of elsewhere
		}
		key, _, err := parseOrderKey(k)
		if err == nil {
			err = found.in(tx, key)
		}
		return !found.full(), err
	})
	return found.all, err
}

func cutAt(n, limit int) int {
	if limit > 0 {
		return min(n, limit)
	}
	return n
}

// phonePart is the digits of a text that may be a part of a number, else "".
func phonePart(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if len(digits) < 4 || strings.Trim(text, "+0123456789 ()-./") != "" {
		return ""
	}
	return digits
}

// mayHold looks at a contact before it is decoded, which takes longer than all
// else. What JSON writes in another way is let through.
func mayHold(value []byte, needle, digits string) bool {
	return digits != "" || strings.ContainsAny(needle, "<>&\"\\\u2028\u2029\ufffd") || bytes.Contains(bytes.ToLower(value), []byte(needle))
}

func (c contactRecord) holds(needle, digits string) bool {
	return strings.Contains(strings.ToLower(c.Name), needle) || strings.Contains(c.Email, needle) ||
		digits != "" && strings.Contains(normalPhone(c.Phone), digits)
}
