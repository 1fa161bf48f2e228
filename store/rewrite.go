package store

import (
	"bytes"
	"errors"

	bolt "go.etcd.io/bbolt"
)

// rewrite changes a record in its place. One that is not there, or cannot be
// read, is left alone.
func rewrite[T any](b *bolt.Bucket, key []byte, change func(*T)) error {
	value := b.Get(key)
	var rec T
	if value == nil || decode(value, &rec) != nil {
		return nil
	}
	change(&rec)
	changed, err := encode(rec)
	if err != nil || bytes.Equal(changed, value) {
		return err
	}
	return b.Put(key, changed)
}

// rewriteAll changes the records whose keys begin with prefix.
func rewriteAll[T any](b *bolt.Bucket, prefix []byte, change func(*T)) error {
	var keys [][]byte
	err := scan(b, prefix, func(k, _ []byte) error {
		keys = append(keys, bytes.Clone(k))
		return nil
	})
	for i := 0; err == nil && i < len(keys); i++ {
		err = rewrite(b, keys[i], change)
	}
	return err
}

// rewriteJournal changes the entries of one order.
func rewriteJournal[T any](j journal, orderKey []byte, change func(*T)) error {
	var keys [][]byte
	err := j.eachOf(orderKey, func(main, _ []byte) error {
		keys = append(keys, main)
		return nil
	})
	if errors.Is(err, errBadRecord) {
		err = nil // an index without its entry: that holds nobody
	}
	for i := 0; err == nil && i < len(keys); i++ {
		err = rewrite(j.main, keys[i], change)
	}
	return err
}
