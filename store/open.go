package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockWait is how long Open waits for another program to let the file go.
const lockWait = time.Second

// Open opens the database at path, and makes it, with its directory, if there is
// none. A file that is damaged, of another program or of a newer nudged
// ([TooNewError]) is left as it is. While it is open nobody else can open it
// ([InUseError]).
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	db := &DB{path: path, opts: opts, now: opts.Now, log: opts.Log}
	if db.now == nil {
		db.now = time.Now
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if opts.steps == nil {
		opts.steps = steps()
	}
	var err error
	if db.keys, err = deriveKeys(opts.Key); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open database: make its directory: %w", err)
	}
	if err := create(ctx, path, opts); err != nil {
		return nil, fmt.Errorf("make database %s: %w", path, err)
	}
	if err := checkFile(path); err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open database: make it readable by its owner only: %w", err)
	}
	if db.bolt, err = openBolt(path, opts, lockWait); err != nil {
		return nil, err
	}
	if err := db.prepare(ctx, opts.steps); err != nil {
		return nil, errors.Join(err, db.bolt.Close())
	}
	return db, nil
}

// prepare brings a file that is ours alone up to date.
func (db *DB) prepare(ctx context.Context, steps []step) error {
	if err := db.migrate(ctx, steps); err != nil {
		return err
	}
	sweep(db.path)
	if err := db.fillTokens(ctx); err != nil {
		return err
	}
	if err := noteHolder(db.path, db.now()); err != nil {
		db.log.Warn("could not note who has the database open", "err", err)
	}
	if other, err := db.otherKey(ctx); err != nil {
		return err
	} else if other {
		db.log.Warn("the key file is not the one that the list of suppressed buyers was made with: restore it from a backup", "err", errOtherKey)
	}
	return nil
}

func openBolt(path string, opts Options, wait time.Duration) (*bolt.DB, error) {
	o := &bolt.Options{Timeout: wait, MaxSize: int(opts.MaxSize), NoStatistics: true, NoSync: opts.noSync}
	if !onWindows && strconv.IntSize == 64 {
		// A write that grows the map waits for every reader. Address space is
		// free, except on Windows, where the file would grow to this at once.
		o.InitialMmapSize = 1 << 30
	}
	var b *bolt.DB
	err := guarded(func() (err error) {
		b, err = bolt.Open(path, 0o600, o)
		return err
	})
	switch {
	case err == nil:
		b.AllocSize = 4 << 20 // a small shop's file need not be 16 MB
		return b, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, inUse(path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open database %s: %w: it belongs to another user; run nudged as that user", path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, ErrDamaged):
		return nil, damaged(path, err.Error())
	}
	return nil, fmt.Errorf("open database %s: %w", path, err)
}

// create makes a new database under another name and gives it its own when it is
// whole, so that a kill in between leaves no half database behind.
func create(ctx context.Context, path string, opts Options) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // there, or not to be seen: opening it tells
	}
	f, err := temp(path)
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() { _ = os.Remove(name) }()
	if err := f.Close(); err != nil {
		return err
	}
	b, err := openBolt(name, Options{noSync: opts.noSync}, lockWait)
	if err != nil {
		return err
	}
	err = applyAll(ctx, b, opts.steps, 0)
	if err = errors.Join(err, b.Close()); err != nil {
		return err
	}
	if err := settle(name, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func damaged(path, why string) error {
	return fmt.Errorf("open database %s: %w (%s). Nothing was changed", path, ErrDamaged, why)
}

// checkFile looks at a file before bbolt maps it: of one that is shorter than it
// says, bbolt would read memory that is not there, and an empty one it would
// take for new. The layout of the two meta pages is bbolt's file format 2.
func checkFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	switch {
	case info.IsDir():
		return fmt.Errorf("open database %s: it is a directory; name a file in it", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("open database %s: it is not a file", path)
	case info.Size() == 0:
		return damaged(path, "the file is empty; if there is no backup, remove it to start anew")
	}
	return checkMeta(path, f, info.Size())
}

func checkMeta(path string, f io.ReaderAt, size int64) error {
	var best *metaPage
	foreign := true
	for _, offset := range []int64{0, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10} { // second meta page: one page on
		m, ours := readMeta(f, offset)
		foreign = foreign && !ours
		if m != nil && (offset == 0 || offset == int64(m.pageSize)) && (best == nil || m.txid > best.txid) {
			best = m
		}
	}
	switch {
	case best == nil && foreign:
		return fmt.Errorf("open database %s: it is not a database of nudged, or its beginning is lost. Nothing was changed: "+
			"give another path, or put the newest backup in its place", path)
	case best == nil:
		return damaged(path, "both of its first pages are broken")
	case best.pages > uint64(size)/uint64(best.pageSize):
		return damaged(path, fmt.Sprintf("the file was cut: it has %d bytes of at least %d", size, best.pages*uint64(best.pageSize)))
	}
	return nil
}

type metaPage struct {
	pageSize    uint32
	pages, txid uint64
}

// readMeta reads a meta page: ours says that it looks like one, m is nil when it
// does not add up.
func readMeta(f io.ReaderAt, offset int64) (m *metaPage, ours bool) {
	const header, sum = 16, 56 // page header; offset of the checksum in the meta
	var page [header + sum + 8]byte
	if _, err := f.ReadAt(page[:], offset); err != nil {
		return nil, false
	}
	meta, e := page[header:], binary.NativeEndian
	if e.Uint32(meta) != 0xED0CDAED {
		return nil, false
	}
	h := fnv.New64a()
	_, _ = h.Write(meta[:sum])
	m = &metaPage{pageSize: e.Uint32(meta[8:]), pages: e.Uint64(meta[40:]), txid: e.Uint64(meta[48:])}
	if e.Uint32(meta[4:]) != 2 || h.Sum64() != e.Uint64(meta[sum:]) || m.pageSize < 1<<10 || m.pages > 1<<40 {
		return nil, true
	}
	return m, true
}
