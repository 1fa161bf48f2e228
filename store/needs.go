package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxSamples are kept of a shop, far more than a recipe has fields.
const maxSamples = 200

// Need is a shop that waits for a person.
type Need struct {
	Why         string    // the shop's words, or ours; without contacts
	Picture     string    // a file with what the shop showed; "" if there is none
	Fingerprint string    // of the sign-in that it came of, see [DB.Fingerprint]
	At          time.Time // since when
	Told        time.Time // when the seller was mailed; zero if not yet
	Until       time.Time // of a locked account: when it ends by itself; zero if it does not
	Met         time.Time // when it was over; zero while it stands
}

// Standing reports whether the shop waits still.
func (n Need) Standing() bool { return !n.At.IsZero() && n.Met.IsZero() }

// Need is the last one of a shop, also one that was met; false if there was none.
func (db *DB) Need(shop string) (Need, bool, error) {
	var rec shopRecord
	_, err := db.get(fmt.Sprintf("read what shop %q needs", shop), bucketShops, shop, &rec)
	return Need(rec.Need), !rec.Need.At.IsZero(), err
}

// SetNeed keeps it. The words are masked as those of a visit are.
func (db *DB) SetNeed(ctx context.Context, shop string, n Need) error {
	n.Why, n.Picture, n.Fingerprint = scrub(n.Why), clip(n.Picture, maxWords), clip(n.Fingerprint, maxName)
	n.At, n.Told, n.Until, n.Met = cleanTime(n.At), cleanTime(n.Told), cleanTime(n.Until), cleanTime(n.Met)
	return db.amendShop(ctx, fmt.Sprintf("keep what shop %q needs", shop), shop, func(rec *shopRecord) { rec.Need = needRecord(n) })
}

// Sample is a value of a recipe's field that was fine.
type Sample struct {
	Value string
	At    time.Time // when it was read
}

// Samples are the last good values of a shop's fields, by the field's name. They
// hold no contacts.
func (db *DB) Samples(shop string) (map[string]Sample, error) {
	var rec shopRecord
	_, err := db.get(fmt.Sprintf("read the samples of shop %q", shop), bucketShops, shop, &rec)
	out := make(map[string]Sample, len(rec.Samples))
	for field, s := range rec.Samples {
		out[field] = Sample(s)
	}
	return out, err
}

// KeepSamples replaces those that are given; the others stay.
func (db *DB) KeepSamples(ctx context.Context, shop string, samples map[string]Sample) error {
	if len(samples) == 0 {
		return nil
	}
	return db.amendShop(ctx, fmt.Sprintf("keep the samples of shop %q", shop), shop, func(rec *shopRecord) {
		if rec.Samples == nil {
			rec.Samples = map[string]sampleRecord{}
		}
		for field, s := range samples {
			field = clip(field, maxName)
			if _, known := rec.Samples[field]; !known && len(rec.Samples) >= maxSamples {
				continue
			}
			rec.Samples[field] = sampleRecord{Value: scrub(clip(s.Value, maxSample)), At: cleanTime(s.At)}
		}
	})
}

// maxSample bounds one value: it stands in a line of a message.
const maxSample = 200

// amendShop changes what is kept of a shop.
func (db *DB) amendShop(ctx context.Context, what, shop string, change func(*shopRecord)) error {
	if err := checkName("shop name", shop); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error {
		var rec shopRecord
		shops := open(tx, bucketShops)
		if value := shops.Get(shopKey(shop)); value != nil {
			if err := decode(value, &rec); err != nil {
				return err
			}
		}
		change(&rec)
		value, err := encode(rec)
		if err != nil {
			return err
		}
		return shops.Put(shopKey(shop), value)
	})
}
