package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store"
	"nudged/store/order"
)

func TestFilesAreTheOwnersOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the user's profile protects files there")
	}
	path := tempPath(t)
	db := openAt(t, path, options())
	mode := func(path string) os.FileMode {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if err := db.Backup(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{path, path + ".lock-info", path + ".copy"} {
		if mode(f) != 0o600 {
			t.Errorf("%s has mode %o", f, mode(f))
		}
	}
	if mode(filepath.Dir(path)) != 0o700 {
		t.Errorf("the directory has mode %o", mode(filepath.Dir(path)))
	}
	_ = db.Close()
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	openAt(t, path, options())
	if mode(path) != 0o600 {
		t.Errorf("opened with mode %o", mode(path))
	}
}

func TestOpenTwiceSaysWhoHasIt(t *testing.T) {
	t.Parallel() // it waits more than it works
	path := tempPath(t)
	db := openAt(t, path, options())
	begun := time.Now()
	_, err := store.Open(t.Context(), path, options())
	var in *store.InUseError
	if !errors.As(err, &in) {
		t.Fatalf("err %v", err)
	}
	if in.PID != os.Getpid() || !in.Since.Equal(noon) || in.Command == "" || time.Since(begun) > time.Minute {
		t.Errorf("%+v", in)
	}
	wantError(t, err, path, "in use by", "stop it", "process")

	// A note of a process that is gone says nothing.
	mustWrite(t, path+".lock-info", []byte(`{"pid":2147483646,"since":"2026-01-01T00:00:00Z","command":"ghost"}`))
	if _, err = store.Open(t.Context(), path, options()); !errors.As(err, &in) || in.PID != 0 {
		t.Errorf("stale note: %v", err)
	}
	wantError(t, err, "another program")
	mustWrite(t, path+".lock-info", []byte(`{`))
	if _, err = store.Open(t.Context(), path, options()); !errors.As(err, &in) {
		t.Errorf("broken note: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".lock-info"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note stays: %v", err)
	}
	// Nor does one keep a free database closed.
	mustWrite(t, path+".lock-info", []byte(`{"pid":1,"since":"2026-01-01T00:00:00Z","command":"ghost"}`))
	openAt(t, path, options())
}

func TestDamagedFilesAreLeftAlone(t *testing.T) {
	good := tempPath(t)
	db := openAt(t, good, options())
	for i := range 50 {
		record(t, db, scanOf("s", at(0), unpaid("s", string(rune('a'+i)), at(0))))
	}
	if err := db.Backup(t.Context(), good+".copy"); err != nil { // without the room to grow at its end
		t.Fatal(err)
	}
	body := mustRead(t, good+".copy")
	spoil := func(from, to int) []byte {
		b := bytes.Clone(body)
		for i := from; i < to; i++ {
			b[i] = 0xa5
		}
		return b
	}
	page := os.Getpagesize()
	foreign := func() []byte {
		p := filepath.Join(t.TempDir(), "x.db")
		b, err := bolt.Open(p, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = b.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err })
		_ = b.Close()
		return mustRead(t, p)
	}()
	for name, tc := range map[string]struct {
		body []byte
		want string
	}{
		"empty":              {nil, "empty"},
		"text":               {[]byte("hello"), "not a database of nudged"},
		"a long text":        {bytes.Repeat([]byte("hello "), 10_000), "not a database of nudged"},
		"cut to a stump":     {body[:20], "newest backup"},
		"cut in the middle":  {body[:len(body)/2], "was cut"},
		"cut at the end":     {body[:4*page], "was cut"},
		"both metas broken":  {spoil(20, 2*page), "damaged"},
		"pages broken":       {spoil(2*page, len(body)), "damaged"},
		"another bbolt file": {foreign, "not a database of nudged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nudged.db")
			mustWrite(t, path, tc.body)
			_, err := store.Open(t.Context(), path, options())
			wantError(t, err, tc.want, "Nothing was changed")
			if !bytes.Equal(mustRead(t, path), tc.body) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a directory", func(t *testing.T) {
		_, err := store.Open(t.Context(), t.TempDir(), options())
		wantError(t, err, "directory")
	})
	t.Run("one meta broken", func(t *testing.T) { // as by a power cut: the other one is whole
		path := filepath.Join(t.TempDir(), "nudged.db")
		mustWrite(t, path, spoil(20, 60))
		openAt(t, path, options())
	})
}

// Whatever single page is broken, the answer is an answer or an error, not a crash.
func TestBrokenPagesDoNotCrash(t *testing.T) {
	good := tempPath(t)
	db := openAt(t, good, options())
	var many []order.Order
	for i := range 300 {
		many = append(many, unpaid("s", string(rune(0x4e00+i)), at(0)))
	}
	record(t, db, scanOf("s", at(0), many...))
	if err := db.Backup(t.Context(), good+".copy"); err != nil {
		t.Fatal(err)
	}
	body, page := mustRead(t, good+".copy"), os.Getpagesize()
	path := filepath.Join(t.TempDir(), "nudged.db")
	failed := 0
	for p := 2; p < len(body)/page; p += max(1, len(body)/page/12) {
		bad := bytes.Clone(body)
		for i := 8; i < 200; i++ {
			bad[p*page+i] = byte(i * 7)
		}
		_ = os.Remove(path)
		mustWrite(t, path, bad)
		db, err := store.Open(t.Context(), path, options())
		if err == nil {
			_, e1 := db.Unpaid(t.Context(), "s")
			_, e2 := db.Record(t.Context(), scanOf("s", at(time.Minute), many[:5]...))
			_, e3 := db.ChangesBetween(t.Context(), time.Time{}, time.Time{})
			err = errors.Join(e1, e2, e3)
			_ = db.Close()
		}
		if err != nil {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no broken page was noticed")
	}
}

func TestFullDisk(t *testing.T) {
	o := options()
	o.MaxSize = 1 << 20
	if runtime.GOOS == "windows" {
		o.MaxSize = 4 << 20
	}
	path := tempPath(t)
	db := openAt(t, path, o)
	kept := 0
	var full error
	for i := 0; full == nil && i < 10_000; i++ {
		v := unpaid("s", string(rune(0x4e00+i)), at(0))
		v.Lines = []order.Line{{Title: strings.Repeat("x", 50_000)}}
		if _, full = db.Record(t.Context(), scanOf("s", at(0), v)); full == nil {
			kept++
		}
	}
	if !errors.Is(full, store.ErrFull) {
		t.Fatalf("after %d orders: %v", kept, full)
	}
	wantError(t, full, "free some disk space", "record visit")
	for _, reopened := range []bool{false, true} {
		if reopened {
			_ = db.Close()
			db = openAt(t, path, options())
			record(t, db, scanOf("s", at(0), unpaid("s", "after", at(0))))
			kept++
		}
		if got, err := db.Unpaid(t.Context(), "s"); err != nil || len(got) != kept {
			t.Errorf("%d orders of %d, %v", len(got), kept, err)
		}
		if err := db.Check(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestBackup(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	o := unpaid("s", "0001", at(0))
	record(t, db, scanOf("s", at(0), o))
	to := filepath.Join(t.TempDir(), "copy.db")
	mustWrite(t, to, []byte("an older one"))
	if err := db.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	get(t, openAt(t, to, options()), o.Key())

	wantError(t, db.Backup(t.Context(), path), "the database itself")
	wantError(t, db.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "x.db")), "back up")
	ctx, cancel := contextOf(t)
	cancel()
	if err := db.Backup(ctx, filepath.Join(filepath.Dir(to), "y.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(to))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.Contains(e.Name(), ".new-") || e.Name() == "y.db" {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

func TestKilledInTheMakingIsSweptUp(t *testing.T) {
	path := tempPath(t)
	openAt(t, path, options()).Close()
	for _, name := range []string{path + ".new-123", path + ".lock-info.new-7"} {
		mustWrite(t, name, []byte("half"))
	}
	openAt(t, path, options()).Close()
	left, _ := filepath.Glob(path + "*")
	if len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

func TestClosed(t *testing.T) {
	db := openNew(t)
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Order(order.Key{Shop: "s", ID: "1"}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if _, err := db.Record(t.Context(), scanOf("s", at(0))); !errors.Is(err, store.ErrClosed) {
		t.Errorf("write: %v", err)
	}
}
