package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// compactTx bounds the memory of a compaction, in bytes.
const compactTx = 4 << 20

// Compact writes the file anew, with nothing in it but what is on record, and
// puts it in place of the old one, while the database is open: other calls wait
// for it. Without it, what was erased can stand in unused pages of the file, and
// in the backups made of it, until they are written over by chance. The blocks of
// the old file are given back to the disk, which may keep their content; backups
// and copies made before an erasure hold what it erased.
//
// There must be room for a second file. Killed in between, the old one stands.
func (db *DB) Compact(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("compact %s: %w", db.path, err)
	}
	db.gate.Lock()
	defer db.gate.Unlock()
	return explain("compact "+db.path, guarded(db.compact))
}

func (db *DB) compact() error {
	f, err := temp(db.path)
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() { _ = os.Remove(name) }()
	if err := f.Close(); err != nil {
		return err
	}
	fast := db.opts
	fast.noSync = true // it is made to last in one go
	anew, err := openBolt(name, fast, lockWait)
	if err != nil {
		return err
	}
	if err = bolt.Compact(anew, db.bolt, compactTx); err == nil {
		err = anew.View(checkPages)
	}
	if err == nil {
		err = anew.Sync()
	}
	if err != nil {
		return errors.Join(err, anew.Close())
	}
	anew.NoSync = db.opts.noSync
	return db.exchange(anew, name)
}

// exchange puts the new file in place of the old one. Both are locked until the
// name is given, so that nobody comes in between; Windows does not rename a file
// that is open.
func (db *DB) exchange(anew *bolt.DB, name string) error {
	old := db.bolt
	if onWindows {
		if err := errors.Join(anew.Close(), old.Close()); err != nil {
			return err
		}
		renamed := os.Rename(name, db.path)
		again, err := openBolt(db.path, db.opts, lockWait)
		if err == nil {
			db.bolt = again
		}
		return errors.Join(renamed, err)
	}
	if err := os.Rename(name, db.path); err != nil {
		return errors.Join(err, anew.Close())
	}
	db.bolt = anew
	return errors.Join(old.Close(), syncDir(filepath.Dir(db.path)))
}
