package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Check follows every page of the file, as bbolt's own checker does.
func (db *DB) Check(ctx context.Context) error { return db.view(ctx, "check", checkPages) }

// WithStep adds a migration to the real ones.
func (o Options) WithStep(name string, do func(*bolt.Tx) error) Options {
	o.steps = append(steps(), step{name, do})
	return o
}

// WithoutSync leaves out waiting for the disk.
func (o Options) WithoutSync() Options {
	o.noSync = true
	return o
}

// SetVersion writes a schema version, as a newer program would.
func (db *DB) SetVersion(v uint64) error {
	return db.bolt.Update(func(tx *bolt.Tx) error { return open(tx, bucketMeta).Put([]byte(keyVersion), seqKey(nil, v)) })
}

// Entry is a key and value of the file, with the path of its bucket.
type Entry struct {
	Bucket     string
	Key, Value []byte
}

// Dump copies out the whole file.
func (db *DB) Dump() (out []Entry) {
	var walk func(path string, b *bolt.Bucket) error
	walk = func(path string, b *bolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				if sub := b.Bucket(k); sub != nil {
					return walk(path+"/"+string(k), sub)
				}
			}
			out = append(out, Entry{path, bytes.Clone(k), bytes.Clone(v)})
			return nil
		})
	}
	err := db.bolt.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return walk(string(name), b) })
	})
	if err != nil {
		panic(err)
	}
	return out
}

// LivePages are the pages of the file that are in use, with their overflow.
func (db *DB) LivePages(file []byte) (pages [][]byte) {
	size := db.bolt.Info().PageSize
	err := db.bolt.View(func(tx *bolt.Tx) error {
		for id := 0; (id+1)*size <= len(file); {
			info, err := tx.Page(id)
			if err != nil || info == nil {
				return err
			}
			n := 1
			if info.Type != "free" {
				n += info.OverflowCount
				pages = append(pages, file[id*size:min((id+n)*size, len(file))])
			}
			id += n
		}
		return nil
	})
	if err != nil || len(pages) < 10 {
		panic(fmt.Sprint(len(pages), err))
	}
	return pages
}

// PutRaw plants a value, as a damaged disk would.
func (db *DB) PutRaw(bucket string, key, value []byte) error {
	return db.bolt.Update(func(tx *bolt.Tx) error { return open(tx, bucket).Put(key, value) })
}

// The parsers of what a file may hold, for the fuzzers. Each gives back the key
// that it would be written as.
func ReparseKeys(key []byte) (all [][]byte) {
	if k, rest, err := parseOrderKey(key); err == nil {
		all = append(all, append(orderKey(k), rest...))
	}
	if k, err := parseReminderKey(key); err == nil {
		all = append(all, reminderKey(k))
	}
	if k, due, err := parseDueKey(key); err == nil {
		all = append(all, dueKey(k, due))
	}
	if when, k, err := parseToldKey(key); err == nil {
		all = append(all, toldKey(number(key[:8]), when, k))
	}
	return all
}

// ParsePlace is the parser of keys in created and unpaid.
func ParsePlace(key []byte) (order.Key, error) { return parsePlaceKey(key) }

// TimeKey and CutTime are the coding of times in keys.
func TimeKey(t time.Time) []byte                      { return timeKey(nil, t) }
func CutTime(key []byte) (time.Time, []byte, error)   { return cutTime(key) }
func OrderKey(k order.Key) []byte                     { return orderKey(k) }
func CleanTime(t time.Time) time.Time                 { return cleanTime(t) }
func Scrub(text string, buyers ...order.Buyer) string { return scrub(text, buyers...) }
func KnownSteps() int                                 { return len(steps()) }

// DecodeAll tries a value as every kind of record.
func DecodeAll(value []byte) (order.Order, error) {
	var (
		o   orderRecord
		who contactRecord
		err error
	)
	for _, rec := range []any{
		&o, &who, &shopRecord{}, &changeRecord{}, &visitRecord{}, &reminderRecord{}, &eventRecord{}, &refusalRecord{}, &suppressionRecord{}, &time.Time{},
		&backRecord{}, &wordsRecord{}, &goneRecord{}, &consentRecord{}, &cursorRecord{}, &alertRecord{}, &listedRecord{}, &campaignRecord{},
	} {
		if e := decode(value, rec); e != nil {
			err = e
		}
	}
	return o.order(order.Key{}, who), err
}

// DecodeOrder reads the record of an order.
func DecodeOrder(value []byte) (order.Order, error) {
	var rec orderRecord
	err := decode(value, &rec)
	return rec.order(order.Key{Shop: "s", ID: "7"}, contactRecord{}), err
}

// EncodeOrder gives a record's bytes as Record would write them, and what
// reading them gives.
func EncodeOrder(o order.Order) ([]byte, order.Order, error) {
	o = cleanOrder(o)
	rec, who, _ := merge(orderRecord{}, contactRecord{}, o, true, time.Now())
	value, err := encode(rec)
	if err != nil {
		return nil, order.Order{}, err
	}
	var back orderRecord
	err = decode(value, &back)
	return value, back.order(o.Key(), who), err
}
