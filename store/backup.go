package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a copy of the database to path while it is in use: first under
// another name, then checked page by page, then renamed. A file that stands at
// path is only replaced by a good copy.
func (db *DB) Backup(ctx context.Context, path string) error {
	if sameFile(path, db.path) {
		return fmt.Errorf("back up %s: that is the database itself; give another path", path)
	}
	if err := db.backup(ctx, path); err != nil {
		return fmt.Errorf("back up %s to %s: %w", db.path, path, err)
	}
	return nil
}

func (db *DB) backup(ctx context.Context, path string) error {
	f, err := temp(path)
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() { _ = os.Remove(name) }()
	// To a file, never to a slow reader: the transaction lasts as long as this.
	err = db.view(ctx, "copy", func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(stoppable{ctx, f})
		return err
	})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := verify(name); err != nil {
		return fmt.Errorf("the copy is not good: %w", err)
	}
	if err := os.Rename(name, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func sameFile(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}

// verify opens a copy and follows every page of it.
func verify(path string) error {
	if err := checkFile(path); err != nil {
		return err
	}
	return guarded(func() (err error) {
		b, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second, NoStatistics: true})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Close()) }()
		return b.View(checkPages)
	})
}

func checkPages(tx *bolt.Tx) error {
	if _, err := version(tx); err != nil {
		return err
	}
	var first error
	for err := range tx.Check() { // to its end: the checker waits for its reader
		if first == nil {
			first = err
		}
	}
	return first
}

// stoppable is a writer that gives up with its context.
type stoppable struct {
	ctx context.Context // of one call of Backup
	w   io.Writer
}

func (s stoppable) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}
