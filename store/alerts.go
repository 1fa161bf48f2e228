package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Alert is a trouble that the seller is told of once, and once more when it is
// over.
type Alert struct {
	Key      string // names the trouble, such as "shop buckles failing"
	Words    string // what the seller reads; without contacts
	At       time.Time
	Told     time.Time // when the seller was told; zero if not yet
	Over     time.Time // when it ended; zero while it lasts
	OverTold time.Time // when the seller was told of that; zero if not yet
	Count    int       // how often it was seen
}

// Alert is the last one of a key, also one that is over; false if there was none.
func (db *DB) Alert(key string) (Alert, bool, error) {
	var rec alertRecord
	found, err := db.get(fmt.Sprintf("read alert %q", key), bucketAlerts, key, &rec)
	return rec.alert(key), found, err
}

// Alerts are all, also those that are over, by key.
func (db *DB) Alerts() ([]Alert, error) {
	var out []Alert
	err := db.read("read the alerts", func(tx *bolt.Tx) error {
		return scan(open(tx, bucketAlerts), nil, func(k, v []byte) error {
			key, _, err := cutPart(k)
			if err != nil {
				return err
			}
			var rec alertRecord
			if err := decode(v, &rec); err != nil {
				return err
			}
			out = append(out, rec.alert(key))
			return nil
		})
	})
	return out, err
}

// SetAlert keeps it in place of the one of its key; a zero At removes that. The
// words are masked as those of a visit are.
func (db *DB) SetAlert(ctx context.Context, a Alert) error {
	what := fmt.Sprintf("keep alert %q", a.Key)
	if a.At = cleanTime(a.At); a.At.IsZero() {
		return db.remove(ctx, what, bucketAlerts, a.Key)
	}
	return db.put(ctx, what, bucketAlerts, a.Key, alertRecord{
		Words: scrub(a.Words), At: a.At, Told: cleanTime(a.Told), Over: cleanTime(a.Over), OverTold: cleanTime(a.OverTold), Count: a.Count,
	})
}
