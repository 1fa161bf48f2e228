package store

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Changed is an entry of the status history with the order it belongs to.
type Changed struct {
	Key order.Key
	order.Change
}

// History is how an order's status went, oldest first.
func (db *DB) History(key order.Key) ([]order.Change, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Change
	err := db.read("read the history of "+key.String(), func(tx *bolt.Tx) error {
		return newJournal(tx, bucketChanges, bucketHistory).of(orderKey(key), func(v []byte) error {
			var rec changeRecord
			if err := decode(v, &rec); err != nil {
				return err
			}
			out = append(out, rec.change().Change)
			return nil
		})
	})
	return out, err
}

// ChangesBetween are the status changes of all orders that were noticed in
// from <= time < to, oldest first. One without From is an order's first.
func (db *DB) ChangesBetween(ctx context.Context, from, to time.Time) ([]Changed, error) {
	var out []Changed
	err := db.walk(ctx, "read the changes", timeSpan(bucketChanges, nil, from, to), func(_ *bolt.Tx, _, v []byte) (bool, error) {
		var rec changeRecord
		if err := decode(v, &rec); err != nil {
			db.log.Error("a change in the database cannot be read", "err", err)
			return true, nil
		}
		out = append(out, rec.change())
		return true, nil
	})
	return out, err
}
