package store

import (
	"bytes"
	"cmp"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// stage gathers the writes of one transaction to a bucket and makes them in the
// order of their keys. A shop lists its newest order first and hashes come in no
// order at all: put one by one, each would push aside what the leaf holds, and
// the time of a visit would grow with the square of its orders.
type stage struct {
	bucket *bolt.Bucket
	writes []write
	latest map[string]int // key: its last write; nil for buckets that are not read
}

type write struct {
	key, value []byte
	turn       int // its place among the writes
	remove     bool
}

// staged is a stage, for about n writes, to a bucket that is read in the same
// transaction.
func staged(b *bolt.Bucket, n int) *stage {
	return &stage{bucket: b, writes: make([]write, 0, n), latest: make(map[string]int, n)}
}

// blind is a stage for a bucket that is not read.
func blind(b *bolt.Bucket, n int) *stage { return &stage{bucket: b, writes: make([]write, 0, n)} }

// get sees the staged writes.
func (s *stage) get(key []byte) []byte {
	if i, ok := s.latest[string(key)]; ok {
		return s.writes[i].value
	}
	return s.bucket.Get(key)
}

// put keeps key and value until flush; the caller must not change them.
func (s *stage) put(key, value []byte) { s.add(write{key: key, value: value}) }

func (s *stage) remove(key []byte) { s.add(write{key: key, remove: true}) }

func (s *stage) add(w write) {
	w.turn = len(s.writes)
	if s.latest != nil {
		s.latest[string(w.key)] = len(s.writes)
	}
	s.writes = append(s.writes, w)
}

// flush writes to the bucket. Writes of one key keep their order.
func (s *stage) flush() error {
	slices.SortFunc(s.writes, func(a, b write) int { return cmp.Or(bytes.Compare(a.key, b.key), a.turn-b.turn) })
	for i, w := range s.writes {
		if i+1 < len(s.writes) && bytes.Equal(w.key, s.writes[i+1].key) {
			continue // a later one holds
		}
		var err error
		if w.remove {
			err = s.bucket.Delete(w.key)
		} else {
			err = s.bucket.Put(w.key, w.value)
		}
		if err != nil {
			return err
		}
	}
	s.writes = s.writes[:0]
	clear(s.latest)
	return nil
}
