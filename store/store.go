package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Options of [Open].
type Options struct {
	// Key seals sessions and suppressed contacts; see [KeyFile]. Without one,
	// the calls that need it answer [ErrNoKey].
	Key [32]byte
	// Now is the clock; nil for the system's.
	Now func() time.Time
	// Log gets what goes wrong without stopping anybody; nil for silence.
	Log *slog.Logger
	// MaxSize bounds the file in bytes; 0 for no bound. At the bound writes fail
	// with [ErrFull] and reads go on, as they do on a full disk.
	MaxSize int64

	steps  []step // migrations of a test; nil for the real ones
	noSync bool   // for tests that are not about crashes
}

// DB is an open database. It is safe for use by many goroutines; one writes at a
// time, reads do not wait.
type DB struct {
	path string
	opts Options
	gate sync.RWMutex // held for writing while the file is exchanged
	bolt *bolt.DB
	keys keys
	now  func() time.Time
	log  *slog.Logger

	closing sync.Once
	closed  error
}

var (
	// ErrFull says that the disk, or the bound given at Open, is full. The write
	// left no trace.
	ErrFull = errors.New("no space left for the database: free some disk space; nothing that was recorded is lost")
	// ErrNoKey says that Options.Key was not set.
	ErrNoKey = errors.New("the database was opened without a key")
	// ErrDamaged says that the file does not hold together.
	ErrDamaged = errors.New("database is damaged: stop nudged, keep the file, and put the newest backup in its place")
	// ErrClosed says that the database was closed.
	ErrClosed = errors.New("database is closed")
)

// Path of the file.
func (db *DB) Path() string { return db.path }

// Close ends the use of the file. It waits for transactions that run.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.gate.Lock()
		defer db.gate.Unlock()
		dropHolder(db.path)
		if err := db.bolt.Close(); err != nil {
			db.closed = fmt.Errorf("close database %s: %w", db.path, err)
		}
	})
	return db.closed
}

// read runs a read transaction of a few lookups. fn must not keep anything that
// bbolt gave it, nor call read, view or update: those might wait for [DB.Compact],
// and that for it.
func (db *DB) read(what string, fn func(*bolt.Tx) error) error {
	db.gate.RLock()
	defer db.gate.RUnlock()
	return explain(what, guarded(func() error { return db.bolt.View(fn) }))
}

// view is read for what may take longer.
func (db *DB) view(ctx context.Context, what string, fn func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.read(what, fn)
}

// update runs a write transaction; it is on the disk when update returns nil.
// It must not be called within read, view or update: bbolt would wait for ever.
func (db *DB) update(ctx context.Context, what string, fn func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	db.gate.RLock()
	defer db.gate.RUnlock()
	return explain(what, guarded(func() error { return db.bolt.Update(fn) }))
}

func explain(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrMaxSizeReached), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		err = fmt.Errorf("%w (%w)", ErrFull, err)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		err = ErrClosed
	}
	return fmt.Errorf("%s: %w", what, err)
}

// guarded turns what bbolt does on a damaged file, which is to panic or to touch
// memory beyond the end of the file, into an error.
func guarded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v, at %s)", ErrDamaged, p, panicSite())
		}
	}()
	return fn()
}
