package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// How many orders of a shop are held at a time while all are gone through: a few
// at first, since most lists are short.
const (
	eachFirst = 64
	eachMost  = 512
)

// EachOrder gives the orders that the filter lets through, newest first, until fn
// has enough or fails. It holds a few of them at a time, however many there are,
// and fn may use the database: between two orders nothing is open.
func (db *DB) EachOrder(ctx context.Context, f Filter, fn func(order.Order) (more bool, err error)) error {
	if len(f.Shop) > maxName {
		return nil
	}
	names := []string{f.Shop}
	if f.Shop == "" {
		var err error
		if names, err = db.Shops(); err != nil {
			return err
		}
	}
	var shops []*orderPage
	for _, name := range names {
		p := &orderPage{db: db, shop: name, filter: f, span: f.span(name)}
		if err := p.fill(ctx); err != nil {
			return err
		}
		shops = append(shops, p)
	}
	for n := 1; ; n++ {
		next := newestOf(shops)
		if next == nil {
			return nil
		}
		if more, err := fn(next.orders[0]); err != nil || !more || n == f.Limit {
			return err
		}
		if err := next.drop(ctx); err != nil {
			return err
		}
	}
}

// newestOf is the shop whose next order is the newest; nil at the end of all.
func newestOf(shops []*orderPage) *orderPage {
	var best *orderPage
	for _, p := range shops {
		if len(p.orders) > 0 && (best == nil || p.orders[0].Created.After(best.orders[0].Created)) {
			best = p
		}
	}
	return best
}

// orderPage is a part of a shop's orders, newest first.
type orderPage struct {
	db     *DB
	shop   string
	filter Filter
	span   span
	size   int
	orders []order.Order // read and not yet given
	end    bool          // there are no more behind them
}

// drop takes off the first order.
func (p *orderPage) drop(ctx context.Context) error {
	if p.orders = p.orders[1:]; len(p.orders) > 0 {
		return nil
	}
	return p.fill(ctx)
}

// fill reads on, until there is an order or the end.
func (p *orderPage) fill(ctx context.Context) error {
	what := fmt.Sprintf("read the orders of shop %q", p.shop)
	p.orders, p.size = nil, min(max(2*p.size, eachFirst), eachMost)
	if p.filter.Limit > 0 {
		p.size = min(p.size, p.filter.Limit)
	}
	for len(p.orders) == 0 && !p.end {
		if err := p.db.view(ctx, what, p.read); err != nil {
			return err
		}
	}
	return nil
}

// read takes one look at the index. It ends after many entries also where none of
// them is wanted: writers wait for nobody, but may not use the pages of a read.
func (p *orderPage) read(tx *bolt.Tx) error {
	c := open(tx, p.span.bucket).Cursor()
	var last []byte
	entries := 0
	k, status := p.span.first(c)
	for ; p.span.holds(k) && len(p.orders) < p.size && entries < 20*eachMost; k, status = p.span.next(c) {
		last = k
		entries++
		if p.span.bucket == bucketCreated && !p.filter.wants(order.Status(status)) {
			continue
		}
		key, err := parsePlaceKey(k)
		if err != nil {
			return err
		}
		if o, found := p.db.listed(tx, key); found {
			p.orders = append(p.orders, o)
		}
	}
	p.end = !p.span.holds(k)
	p.span.resume(last)
	return nil
}

func (f Filter) wants(s order.Status) bool {
	return s != statusTaken && (len(f.Status) == 0 || slices.Contains(f.Status, s))
}

// onlyUnpaid reports whether the index of the open orders says all.
func (f Filter) onlyUnpaid() bool {
	return len(f.Status) > 0 && !slices.ContainsFunc(f.Status, func(s order.Status) bool { return s != order.Unpaid })
}

// span of the index that a filter asks, of one shop, newest first.
func (f Filter) span(shop string) span {
	bucket := bucketCreated
	if f.onlyUnpaid() {
		bucket = bucketUnpaid
	}
	s := timeSpan(bucket, shopKey(shop), f.Since, f.Until)
	s.reverse = true
	return s
}

// CountOrders says how many orders of a shop are on record, by status. It reads
// an index only.
func (db *DB) CountOrders(ctx context.Context, shop string) (map[order.Status]int, error) {
	out := map[order.Status]int{}
	if len(shop) > maxName {
		return out, nil
	}
	var same []byte // neighbours are mostly alike: the map is asked where they are not
	n := 0
	what := fmt.Sprintf("count the orders of shop %q", shop)
	err := db.walk(ctx, what, Filter{}.span(shop), func(_ *bolt.Tx, _, status []byte) (bool, error) {
		if !bytes.Equal(status, same) {
			out[order.Status(same)] += n
			same, n = append(same[:0], status...), 0
		}
		n++
		return true, nil
	})
	out[order.Status(same)] += n
	delete(out, "")          // before the first
	delete(out, statusTaken) // imported ones that stand there as the shop's own
	return out, err
}
