package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// get reads a record by a single name; false if there is none.
func (db *DB) get(what, bucket, name string, rec any) (bool, error) {
	if err := checkName("name", name); err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	found := false
	err := db.read(what, func(tx *bolt.Tx) error {
		value := open(tx, bucket).Get(shopKey(name))
		if found = value != nil; !found {
			return nil
		}
		return decode(value, rec)
	})
	return found, err
}

// put writes a record by a single name.
func (db *DB) put(ctx context.Context, what, bucket, name string, rec any) error {
	if err := checkName("name", name); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	value, err := encode(rec)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error { return open(tx, bucket).Put(shopKey(name), value) })
}

func (db *DB) remove(ctx context.Context, what, bucket, name string) error {
	if err := checkName("name", name); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error { return open(tx, bucket).Delete(shopKey(name)) })
}

// putShop makes a shop known.
func putShop(tx *bolt.Tx, shop string) error {
	shops := open(tx, bucketShops)
	if shops.Get(shopKey(shop)) != nil {
		return nil
	}
	value, err := encode(shopRecord{})
	if err != nil {
		return err
	}
	return shops.Put(shopKey(shop), value)
}

func shopNames(tx *bolt.Tx) []string {
	var out []string
	_ = scan(open(tx, bucketShops), nil, func(k, _ []byte) error {
		if shop, _, err := cutPart(k); err == nil {
			out = append(out, shop)
		}
		return nil
	})
	return out
}

// Shops are the names of all shops that were ever enabled or visited, also those
// that have gone from the config.
func (db *DB) Shops() (names []string, err error) {
	err = db.read("read the shops", func(tx *bolt.Tx) error {
		names = shopNames(tx)
		return nil
	})
	return names, err
}

// Enable notes when a shop was enabled, once for ever, and returns that time: it
// is at only for the first call.
func (db *DB) Enable(ctx context.Context, shop string, at time.Time) (time.Time, error) {
	what := fmt.Sprintf("enable shop %q", shop)
	if at = cleanTime(at); at.IsZero() {
		return at, fmt.Errorf("%s: no time given", what)
	}
	var rec shopRecord
	if _, err := db.get(what, bucketShops, shop, &rec); err != nil || !rec.Enabled.IsZero() {
		return rec.Enabled, err
	}
	err := db.amendShop(ctx, what, shop, func(kept *shopRecord) {
		if kept.Enabled.IsZero() {
			kept.Enabled = at
		}
		rec = *kept
	})
	return rec.Enabled, err
}

// Enabled is when the shop was enabled; false if it never was.
func (db *DB) Enabled(shop string) (time.Time, bool, error) {
	var rec shopRecord
	_, err := db.get(fmt.Sprintf("read when shop %q was enabled", shop), bucketShops, shop, &rec)
	return rec.Enabled, !rec.Enabled.IsZero(), err
}

// Mark notes when a job, such as "digest", ran last.
func (db *DB) Mark(ctx context.Context, name string, at time.Time) error {
	return db.put(ctx, fmt.Sprintf("mark %q", name), bucketMarks, name, cleanTime(at))
}

// Marked is the time last given to Mark; false if there was none.
func (db *DB) Marked(name string) (time.Time, bool, error) {
	var at time.Time
	found, err := db.get(fmt.Sprintf("read mark %q", name), bucketMarks, name, &at)
	return at, found, err
}

// Counter returns the next number of a name: 1, 2, 3. None is given out twice.
func (db *DB) Counter(ctx context.Context, name string) (uint64, error) {
	what := fmt.Sprintf("count %q", name)
	if err := checkName("name", name); err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	var n uint64
	err := db.update(ctx, what, func(tx *bolt.Tx) error {
		counters := open(tx, bucketCounters)
		n = number(counters.Get(shopKey(name))) + 1
		return counters.Put(shopKey(name), seqKey(nil, n))
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Refusal is a shop's answer to a user and password that it did not take.
type Refusal struct {
	Fingerprint string // of user and password, see [DB.Fingerprint]
	Words       string // the shop's own
	At          time.Time
}

// Refusal is the one that stands for a shop; false if none does.
func (db *DB) Refusal(shop string) (Refusal, bool, error) {
	var rec refusalRecord
	found, err := db.get(fmt.Sprintf("read the refusal of shop %q", shop), bucketRefusals, shop, &rec)
	return Refusal(rec), found, err
}

// SetRefusal keeps a refusal, so that the same password is not tried again.
func (db *DB) SetRefusal(ctx context.Context, shop, fingerprint, words string) error {
	rec := refusalRecord{Fingerprint: clip(fingerprint, maxName), Words: clip(words, maxWords), At: cleanTime(db.now())}
	return db.put(ctx, fmt.Sprintf("keep the refusal of shop %q", shop), bucketRefusals, shop, rec)
}

// ClearRefusal forgets it.
func (db *DB) ClearRefusal(ctx context.Context, shop string) error {
	return db.remove(ctx, fmt.Sprintf("forget the refusal of shop %q", shop), bucketRefusals, shop)
}
