package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// journal is an append-only bucket by time, with an index by order.
type journal struct{ main, index *bolt.Bucket }

func newJournal(tx *bolt.Tx, main, index string) journal {
	return journal{main: open(tx, main), index: open(tx, index)}
}

func (j journal) add(at time.Time, orderKey, value []byte) error {
	main, index, err := j.keys(at, orderKey)
	if err != nil {
		return err
	}
	if err := j.main.Put(main, value); err != nil {
		return err
	}
	return j.index.Put(index, main[:timeLen])
}

// keys of the next entry, in the journal and in its index.
func (j journal) keys(at time.Time, orderKey []byte) (main, index []byte, err error) {
	seq, err := j.main.NextSequence()
	if err != nil {
		return nil, nil, err
	}
	main = seqKey(timeKey(make([]byte, 0, timeLen+8), at), seq)
	index = make([]byte, 0, len(orderKey)+8)
	return main, seqKey(append(index, orderKey...), seq), nil
}

// of reads the entries of one order, in the order in which they were written.
func (j journal) of(orderKey []byte, fn func(value []byte) error) error {
	return j.eachOf(orderKey, func(_, value []byte) error { return fn(value) })
}

// eachOf is of, with the keys of the entries.
func (j journal) eachOf(orderKey []byte, fn func(main, value []byte) error) error {
	return scan(j.index, orderKey, func(k, when []byte) error {
		if len(k) != len(orderKey)+8 || len(when) != timeLen {
			return errBadKey
		}
		main := slices.Concat(when, k[len(orderKey):])
		value := j.main.Get(main)
		if value == nil {
			return fmt.Errorf("entry %d: %w", binary.BigEndian.Uint64(main[timeLen:]), errBadRecord)
		}
		return fn(main, value)
	})
}

// scan reads all keys that begin with prefix. fn must not change the bucket, and
// what it is given is gone with the transaction.
func scan(b *bolt.Bucket, prefix []byte, fn func(k, v []byte) error) error {
	c := b.Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && k != nil; k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// span is a range of keys in a bucket, from lower up to but not including upper.
type span struct {
	bucket       string
	contacts     bool   // it is one of those within contacts
	lower, upper []byte // nil upper: to the end
	reverse      bool
}

func (s *span) open(tx *bolt.Tx) *bolt.Bucket {
	if s.contacts {
		return openContacts(tx, s.bucket)
	}
	return open(tx, s.bucket)
}

func prefixSpan(bucket string, prefix []byte) span {
	return span{bucket: bucket, lower: prefix, upper: after(prefix)}
}

// timeSpan is the part of a bucket of prefix+time keys with from <= time < to. A
// zero time leaves that side open.
func timeSpan(bucket string, prefix []byte, from, to time.Time) span {
	s := prefixSpan(bucket, prefix)
	if !from.IsZero() {
		s.lower = timeKey(bytes.Clone(prefix), from)
	}
	if !to.IsZero() {
		s.upper = timeKey(bytes.Clone(prefix), to)
	}
	return s
}

// chunk is how many entries one read transaction hands out. In between, writers
// may free the pages that a long read would hold.
const chunk = 1000

// walk reads a span in chunks, each in a transaction of its own, until fn says
// that it has enough. What fn is given is gone when it returns.
func (db *DB) walk(ctx context.Context, what string, s span, fn func(tx *bolt.Tx, k, v []byte) (more bool, err error)) error {
	for {
		n, done := 0, false
		err := db.view(ctx, what, func(tx *bolt.Tx) error {
			c := s.open(tx).Cursor()
			var last []byte
			for k, v := s.first(c); s.holds(k) && n < chunk; k, v = s.next(c) {
				more, err := fn(tx, k, v)
				if err != nil {
					return err
				}
				if last, n = k, n+1; !more {
					done = true
					return nil
				}
			}
			s.resume(last)
			return nil
		})
		if err != nil || done || n < chunk {
			return err
		}
	}
}

func (s *span) first(c *bolt.Cursor) (k, v []byte) {
	if !s.reverse {
		return c.Seek(s.lower)
	}
	if s.upper == nil {
		return c.Last()
	}
	if k, _ := c.Seek(s.upper); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (s *span) next(c *bolt.Cursor) (k, v []byte) {
	if s.reverse {
		return c.Prev()
	}
	return c.Next()
}

func (s *span) holds(k []byte) bool {
	return k != nil && bytes.Compare(k, s.lower) >= 0 && (s.upper == nil || bytes.Compare(k, s.upper) < 0)
}

// resume cuts off what was read.
func (s *span) resume(last []byte) {
	switch {
	case last == nil:
	case s.reverse:
		s.upper = bytes.Clone(last)
	default:
		s.lower = append(bytes.Clone(last), 0) // the next possible key
	}
}
