package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// keepVisits is how long visits stay in the log. The digest reads a day of them.
const keepVisits = 14 * 24 * time.Hour

// log keeps the visit without its orders. Looks are no visits: what they found
// is in the orders.
func (r *recorder) log() error {
	v := r.visit
	if v.Kind != order.Scan {
		return nil
	}
	value, err := encode(visitOf(v, r.out.Problems))
	if err != nil {
		return err
	}
	shop := shopKey(v.Shop)
	if err := open(r.tx, bucketLastVisits).Put(shop, value); err != nil {
		return err
	}
	visits := open(r.tx, bucketVisits)
	if err := visits.Put(timeKey(bytes.Clone(shop), v.Ended), value); err != nil {
		return err
	}
	return forgetVisits(visits, shop, v.Ended.Add(-keepVisits))
}

// forgetVisits drops what is older, a little at a time.
func forgetVisits(visits *bolt.Bucket, shop []byte, before time.Time) error {
	var old [][]byte
	end := timeKey(bytes.Clone(shop), before)
	c := visits.Cursor()
	for k, _ := c.Seek(shop); bytes.HasPrefix(k, shop) && bytes.Compare(k, end) < 0 && len(old) < 100; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old { // not while the cursor walks: it would skip some
		if err := visits.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// visitOf masks the contacts of the visit's orders in what it says.
func visitOf(v order.Visit, more []order.Problem) visitRecord {
	rec := visitRecord{
		Kind: v.Kind, At: v.At, Ended: v.Ended, Complete: v.Complete, Full: v.Full,
		Pages: v.Pages, Orders: len(v.Orders), Blocked: v.Blocked, Outcome: clip(v.Outcome, maxWords),
	}
	if repeats(v.Words) {
		v.Words = scrubKnown(v.Words, people(v, "")...)
	}
	rec.Words = clip(v.Words, maxWords)
	for _, p := range append(v.Problems[:len(v.Problems):len(v.Problems)], more...) {
		if len(rec.Problems) == maxProblems {
			break
		}
		var known []order.Buyer
		if repeats(p.Found + p.Good + p.Text) {
			known = people(v, p.Order)
		}
		rec.Problems = append(rec.Problems, problemRecord{
			Kind: p.Kind, Order: []byte(clip(p.Order, maxName)), Field: clip(p.Field, maxWords), Select: clip(p.Select, maxWords),
			Found: scrub(p.Found, known...), Good: scrub(p.Good, known...), Text: scrub(p.Text, known...),
		})
	}
	return rec
}

// people are the buyers whose contacts a text of the visit may repeat: that of
// the order it speaks of, or some of them all.
func people(v order.Visit, id string) []order.Buyer {
	var out []order.Buyer
	for _, o := range v.Orders {
		if (id == "" || o.ID == id) && o.Buyer.Reachable() && len(out) < 1000 {
			out = append(out, cleanOrder(o).Buyer)
		}
	}
	return out
}

// LastVisit is the shop's last visit, also a failed one, without its orders.
// False if there was none.
func (db *DB) LastVisit(shop string) (order.Visit, bool, error) {
	var rec visitRecord
	found, err := db.get(fmt.Sprintf("read the last visit of shop %q", shop), bucketLastVisits, shop, &rec)
	return rec.visit(shop), found, err
}

// Visits are those of a shop that ended in from <= time < to, without their
// orders, oldest first. They are kept for two weeks.
func (db *DB) Visits(ctx context.Context, shop string, from, to time.Time) ([]order.Visit, error) {
	if err := checkName("shop name", shop); err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	var out []order.Visit
	what := fmt.Sprintf("read the visits of shop %q", shop)
	err := db.walk(ctx, what, timeSpan(bucketVisits, shopKey(shop), from, to), func(_ *bolt.Tx, _, v []byte) (bool, error) {
		var rec visitRecord
		if err := decode(v, &rec); err != nil {
			db.log.Error(what, "shop", shop, "err", err)
			return true, nil
		}
		out = append(out, rec.visit(shop))
		return true, nil
	})
	return out, err
}
