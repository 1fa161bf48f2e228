package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Record keeps what a visit or look has read, and says what of it is news: one
// transaction. Orders that cannot be kept come back as problems, the others are
// kept beside them; so are the good orders of a visit that failed. How a
// reading meets what is known stands at merge.
//
// Recording the same visit again changes nothing and is no news.
func (db *DB) Record(ctx context.Context, v order.Visit) (order.Recorded, error) {
	var out order.Recorded
	if err := checkName("shop name", v.Shop); err != nil {
		return out, fmt.Errorf("record visit: %w", err)
	}
	v = cleanVisit(v, db.now())
	what := fmt.Sprintf("record visit of shop %q", v.Shop)
	err := db.update(ctx, what, func(tx *bolt.Tx) error {
		r := db.newRecorder(ctx, tx, v, len(v.Orders))
		if err := r.all(); err != nil {
			return err
		}
		out = r.out
		return nil
	})
	if err != nil {
		return order.Recorded{}, err
	}
	return out, nil
}

func cleanVisit(v order.Visit, now time.Time) order.Visit {
	if v.At = cleanTime(v.At); v.At.IsZero() {
		v.At = cleanTime(now)
	}
	if v.Ended = cleanTime(v.Ended); v.Ended.Before(v.At) {
		v.Ended = v.At
	}
	if v.Kind == "" {
		v.Kind = order.Scan
	}
	if v.Outcome == "" {
		v.Outcome = order.OK
	}
	return v
}

type recorder struct {
	ctx   context.Context // of one call of Record
	db    *DB
	tx    *bolt.Tx
	visit order.Visit
	now   time.Time
	out   order.Recorded
	read  map[string]bool // ids that the visit brought, also unreadable ones

	orders, contacts, emails, phones, merged           *stage
	buyers, created, unpaid, numbers, changes, history *stage
	journal                                            journal // gives the keys of changes and history
	anyGone                                            bool    // contacts were erased or forgotten
	anyListed                                          bool    // orders were imported from lists
}

// newRecorder is one for about n orders.
func (db *DB) newRecorder(ctx context.Context, tx *bolt.Tx, v order.Visit, n int) *recorder {
	j := newJournal(tx, bucketChanges, bucketHistory)
	return &recorder{
		ctx: ctx, db: db, tx: tx, visit: v, now: db.now(), anyGone: anyGone(tx), anyListed: anyImported(tx), read: make(map[string]bool, n),
		orders: staged(open(tx, bucketOrders), n), contacts: staged(openContacts(tx, contactRecords), n),
		emails: staged(openContacts(tx, contactEmail), n), phones: staged(openContacts(tx, contactPhone), n),
		merged: staged(open(tx, bucketMerged), 0), buyers: blind(open(tx, bucketBuyers), n),
		created: blind(open(tx, bucketCreated), n), unpaid: blind(open(tx, bucketUnpaid), n), numbers: blind(open(tx, bucketNumbers), n),
		changes: blind(j.main, n), history: blind(j.index, n), journal: j,
	}
}

// flush makes the staged writes.
func (r *recorder) flush() error {
	for _, s := range []*stage{
		r.orders, r.contacts, r.emails, r.phones, r.merged, r.buyers, r.created, r.unpaid, r.numbers, r.changes, r.history,
	} {
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) all() error {
	if err := putShop(r.tx, r.visit.Shop); err != nil {
		return err
	}
	for i, o := range r.visit.Orders {
		if i%256 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if err := r.one(o); err != nil {
			return fmt.Errorf("order %q: %w", clip(o.ID, 80), err)
		}
	}
	if err := r.flush(); err != nil {
		return err
	}
	if err := r.unlisted(); err != nil {
		return err
	}
	return r.log()
}

// one keeps one reading.
func (r *recorder) one(o order.Order) error {
	if o.Shop == "" {
		o.Shop = r.visit.Shop
	}
	if !r.keepable(o) {
		return nil
	}
	r.read[o.ID] = true
	o = cleanOrder(o)
	if o.Seen.IsZero() {
		o.Seen = r.visit.At
	}
	if o.Looked.IsZero() && r.visit.Kind == order.Look {
		o.Looked = o.Seen
	}
	k := orderKey(o.Key())
	old, was, known, err := r.load(k)
	switch {
	case errors.Is(err, errBadRecord):
		r.damaged(o.ID, err)
		return nil
	case err != nil:
		return err
	}
	listed, err := r.takePlace(o, old, known)
	if err != nil {
		return err
	}
	base := was.filled(listed)
	gone, o, err := r.admit(base, o)
	if err != nil {
		return err
	}
	gone = cmp.Or(gone, listed.Buyer)
	rec, who, changed := merge(old, base, o, !o.Looked.IsZero(), r.now)
	if !known {
		rec.First = r.visit.At
	}
	if who != was || !known || gone != 0 {
		if who.Buyer, err = r.join(o.Key(), was, who, gone); err != nil {
			return err
		}
	}
	if err := r.save(k, rec, who, was, known); err != nil {
		return err
	}
	r.index(o.Key(), old, rec, known)
	return r.news(o.Key(), k, old, rec, who, known, changed)
}

// keepable notes a problem for an order that no key can be made for.
func (r *recorder) keepable(o order.Order) bool {
	err := checkKey(o.Key())
	if err == nil && (o.Key().ListRow() || o.Key().Imported()) {
		err = errors.New("its id is of a kind that only nudged gives")
	}
	if err == nil && o.Shop != r.visit.Shop {
		err = fmt.Errorf("it says that it belongs to shop %q", clip(o.Shop, 80))
	}
	if err == nil {
		return true
	}
	p := order.Problem{
		Kind: order.BadRow, Order: clip(o.ID, 80), Field: "id",
		Text: "An order was not recorded: " + err.Error() + ". Look at the field id of the recipe.",
	}
	r.out.Problems = append(r.out.Problems, p)
	return false
}

// damaged notes a problem for an order whose record cannot be read: it is not
// written over, and the others of the visit are kept.
func (r *recorder) damaged(id string, err error) {
	r.out.Problems = append(r.out.Problems, order.Problem{
		Kind: order.BadRow, Order: id,
		Text: fmt.Sprintf("What the database holds of order %.80q cannot be read (%v), so what was read of it now is not kept either. A backup of the database has it.", id, err),
	})
}

func (r *recorder) load(k []byte) (rec orderRecord, who contactRecord, known bool, err error) {
	value := r.orders.get(k)
	if value == nil {
		return rec, who, false, nil
	}
	if err = decode(value, &rec); err != nil {
		return rec, who, true, err
	}
	if value = r.contacts.get(k); value != nil {
		err = decode(value, &who)
	}
	return rec, who, true, err
}

func (r *recorder) save(k []byte, rec orderRecord, who, was contactRecord, known bool) error {
	value, err := encode(rec)
	if err != nil {
		return err
	}
	r.orders.put(k, value)
	if who == was && (known || who == contactRecord{}) {
		return nil
	}
	if value, err = encode(who); err != nil {
		return err
	}
	r.contacts.put(k, value)
	return nil
}

// index keeps created, unpaid and numbers in step with the record.
func (r *recorder) index(k order.Key, old, rec orderRecord, known bool) {
	was, place := placeKey(k, old.Created), placeKey(k, rec.Created)
	moved := known && !old.Created.Equal(rec.Created)
	if moved {
		r.created.remove(was)
	}
	if known && old.Status == order.Unpaid && (moved || rec.Status != order.Unpaid) {
		r.unpaid.remove(was)
	}
	if !known || moved || old.Status != rec.Status {
		r.created.put(place, []byte(rec.Status))
		if rec.Status == order.Unpaid {
			r.unpaid.put(place, nil)
		}
	}
	before, now := normalNumber(old.Number), normalNumber(rec.Number)
	if before == now {
		return
	}
	if indexed(before, k) {
		r.numbers.remove(numberKey(before, k))
	}
	if indexed(now, k) {
		r.numbers.put(numberKey(now, k), nil)
	}
}

func indexed(number string, k order.Key) bool {
	return number != "" && number != k.ID && len(number) <= maxName
}

func (r *recorder) news(key order.Key, k []byte, old, rec orderRecord, who contactRecord, known, changed bool) error {
	n := order.News{Kind: order.Filled}
	switch {
	case !known:
		n.Kind = order.Appeared
	case old.Status != rec.Status:
		n.Kind, n.Before = order.Moved, old.Status
	case !changed:
		return nil
	}
	n.Order = rec.order(key, who)
	r.out.News = append(r.out.News, n)
	if n.Kind == order.Filled {
		return nil
	}
	value, err := encode(changeRecord{
		Shop: []byte(key.Shop), ID: []byte(key.ID), At: r.visit.Ended, From: old.Status, To: rec.Status, Text: rec.Text,
		Total: rec.Total,
	})
	if err != nil {
		return err
	}
	main, index, err := r.journal.keys(r.visit.Ended, k)
	if err != nil {
		return err
	}
	r.changes.put(main, value)
	r.history.put(index, main[:timeLen])
	return nil
}
