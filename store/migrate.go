package store

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// step brings a file from one schema version to the next: the step at index i
// makes version i+1. Steps are never changed once released, and each leaves a
// file of the version before it in testdata.
type step struct {
	name string
	do   func(*bolt.Tx) error
}

func steps() []step {
	return []step{
		{"buckets", makeBuckets},
		{"what comes back", func(tx *bolt.Tx) error { return errors.Join(makeBuckets(tx), fillTold(tx)) }},
		{"lists and campaigns", makeBuckets},
	}
}

func makeBuckets(tx *bolt.Tx) error {
	for _, name := range topBuckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	for _, name := range contactBuckets() {
		if _, err := open(tx, bucketContacts).CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	return nil
}

// TooNewError says that a newer nudged has written the file.
type TooNewError struct {
	Path         string
	Found, Known int // schema versions
}

func (e *TooNewError) Error() string {
	return fmt.Sprintf("database %s was written by a newer nudged (schema version %d, this one knows %d). Nothing was changed. "+
		"Install that nudged again; or go back to the copy that it made, %s, which lacks what was recorded since",
		e.Path, e.Found, e.Known, beforePath(e.Path, e.Known+1))
}

// beforePath is the copy that is made before the step to a version.
func beforePath(path string, version int) string {
	return fmt.Sprintf("%s.before-v%d", path, version)
}

var errForeign = errors.New("it is not a database of nudged. Nothing was changed; give another path")

// migrate applies the steps that the file has not seen, after a copy of it.
func (db *DB) migrate(ctx context.Context, steps []step) error {
	var found int
	err := guarded(func() error {
		return db.bolt.View(func(tx *bolt.Tx) (err error) {
			found, err = version(tx)
			return err
		})
	})
	switch {
	case errors.Is(err, ErrDamaged):
		return damaged(db.path, err.Error())
	case err != nil:
		return fmt.Errorf("open database %s: %w", db.path, err)
	case found > len(steps):
		return &TooNewError{Path: db.path, Found: found, Known: len(steps)}
	case found == len(steps):
		return nil
	}
	copied := beforePath(db.path, found+1)
	if err := db.Backup(ctx, copied); err != nil {
		return fmt.Errorf("copy the database before it is brought to schema version %d: %w", len(steps), err)
	}
	db.log.Info("bringing the database up to date", "from", found, "to", len(steps), "copy", copied)
	if err := applyAll(ctx, db.bolt, steps, found); err != nil {
		return fmt.Errorf("bring database %s to schema version %d: %w. It is as it was; a copy stands at %s", db.path, len(steps), err, copied)
	}
	return nil
}

// version of the schema; an error when the file is not ours.
func version(tx *bolt.Tx) (int, error) {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		return 0, errForeign
	}
	v := number(meta.Get([]byte(keyVersion)))
	if v == 0 || v > 1<<20 {
		return 0, errForeign
	}
	return int(v), nil
}

// applyAll takes the steps in order, each with its version in one transaction: a
// kill in between leaves a file that the next start goes on with.
func applyAll(ctx context.Context, b *bolt.DB, steps []step, from int) error {
	for i := from; i < len(steps); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := guarded(func() error {
			return b.Update(func(tx *bolt.Tx) error {
				if err := steps[i].do(tx); err != nil {
					return err
				}
				return open(tx, bucketMeta).Put([]byte(keyVersion), seqKey(nil, uint64(i+1)))
			})
		})
		if err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, steps[i].name, err)
		}
	}
	return nil
}
