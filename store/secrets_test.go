package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func TestSessions(t *testing.T) {
	path := tempPath(t)
	var log strings.Builder
	o := options()
	o.Log = logTo(&log)
	db := openAt(t, path, o)
	const secret = `{"cookie":"canary-session-1234"}`
	if got, err := db.Session("s"); got != nil || err != nil {
		t.Errorf("none: %q %v", got, err)
	}
	if err := db.SetSession(t.Context(), "s", []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Session("s"); string(got) != secret || err != nil {
		t.Errorf("%q %v", got, err)
	}
	var sealed []byte
	for _, e := range db.Dump() {
		if e.Bucket == "sessions" {
			sealed = e.Value
		}
		if bytes.Contains(e.Value, []byte("canary")) {
			t.Errorf("%s holds the session in clear", e.Bucket)
		}
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
	// Moved to another shop it does not open; nor does a changed one.
	for name, value := range map[string][]byte{"\x00\x01t": sealed, "\x00\x01u": append(bytes.Clone(sealed[:len(sealed)-1]), 0), "\x00\x01v": {}, "\x00\x01w": {1}, "\x00\x01x": {9, 9}} {
		if err := db.PutRaw("sessions", []byte(name), value); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Session(name[2:]); got != nil || err != nil {
			t.Errorf("shop %s: %q %v", name[2:], got, err)
		}
	}
	if err := db.ForgetSession(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Session("s"); got != nil || err != nil {
		t.Errorf("forgotten: %q %v", got, err)
	}
}

func TestSessionOfAnotherKeyIsNone(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	if err := db.SetSession(t.Context(), "s", []byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	for _, k := range []byte{8, 0} {
		var log strings.Builder
		o := options()
		o.Key, o.Log = key(k), logTo(&log)
		db = openAt(t, path, o)
		if got, err := db.Session("s"); got != nil || err != nil || !strings.Contains(log.String(), "shop=s") {
			t.Errorf("key %d: %q %v, log %s", k, got, err, &log)
		}
		_ = db.Close()
	}
	if _, err := db.Fingerprint("a"); !errors.Is(err, store.ErrNoKey) {
		t.Errorf("fingerprint without a key: %v", err)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "nudged.key")
	first, err := store.KeyFile(path)
	if err != nil || first == ([32]byte{}) {
		t.Fatal(first, err)
	}
	if again, err := store.KeyFile(path); err != nil || again != first {
		t.Errorf("read again: %v", err)
	}
	for _, body := range []string{"", "\n", strings.Repeat("00", 32), strings.Repeat("ab", 31), strings.Repeat("zz", 32), strings.Repeat("ab", 9000)} {
		mustWrite(t, path, []byte(body))
		_, err := store.KeyFile(path)
		wantError(t, err, path, "backup")
	}
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory %v %v", info.Mode(), err)
	}
	_ = os.Remove(path)
	if _, err = store.KeyFile(path); err != nil {
		t.Fatal(err)
	}
	if info, err = os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file %v %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = store.KeyFile(path)
	wantError(t, err, "can be read by others", "chmod 600")
	if _, err = store.KeyFile(t.TempDir()); err == nil {
		t.Error("a directory is taken for a key file")
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "nudged.key")
	var got [8][32]byte
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = store.KeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range got {
		if k != got[0] {
			t.Error("two keys were made")
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestSuppress(t *testing.T) {
	path := tempPath(t)
	db := openAt(t, path, options())
	suppressed := func(email, phone string) bool {
		t.Helper()
		yes, _, err := db.Suppressed(order.Buyer{Email: order.Email(email), Phone: order.Phone(phone)})
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	if suppressed("ann@example.com", "+8613800138000") || suppressed("", "") {
		t.Error("suppressed before anybody was")
	}
	for _, c := range []string{" Ann@Example.com", "+86 138-0013-8000"} {
		if err := db.Suppress(t.Context(), c, "asked by "+strings.TrimSpace(c), at(0)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		email, phone string
		want         bool
	}{
		{"ann@example.com", "", true}, {"ANN@example.com ", "+1", true}, {"bob@example.com", "+8613800138000", true},
		{"", "008613800138000", true}, {"bob@example.com", "+8613800138001", false}, {"", "", false},
	} {
		if got := suppressed(tc.email, tc.phone); got != tc.want {
			t.Errorf("%q %q: %v", tc.email, tc.phone, got)
		}
	}
	list, err := db.Suppressions()
	if err != nil || len(list) != 2 || list[0].ID == list[1].ID {
		t.Fatalf("%+v %v", list, err)
	}
	for _, s := range list {
		if strings.Contains(s.Reason, "nn@") || strings.Contains(s.Reason, "8000") || !s.At.Equal(at(0)) {
			t.Errorf("%+v", s)
		}
	}
	for _, bad := range []string{"", "ann", "13800138000", "+1"} {
		wantError(t, db.Suppress(t.Context(), bad, "", at(0)), "country code")
	}
	if ok, err := db.Unsuppress(t.Context(), "ann@EXAMPLE.com"); !ok || err != nil || suppressed("ann@example.com", "") {
		t.Errorf("unsuppress: %v %v", ok, err)
	}
	if ok, err := db.Unsuppress(t.Context(), "ann@example.com"); ok || err != nil {
		t.Errorf("unsuppress again: %v %v", ok, err)
	}
	_ = db.Close()

	// A lost key file must not turn the list into an empty one.
	var log strings.Builder
	o := options()
	o.Key, o.Log = key(9), logTo(&log)
	db = openAt(t, path, o)
	_, _, err = db.Suppressed(order.Buyer{Email: "x@example.com"})
	wantError(t, err, "put the old key file back")
	wantError(t, db.Suppress(t.Context(), "x@example.com", "", at(0)), "put the old key file back")
	if !strings.Contains(log.String(), "key file") {
		t.Errorf("log %q", &log)
	}
	_ = db.Close()
	o.Key = [32]byte{}
	db = openAt(t, path, o)
	if _, _, err = db.Suppressed(order.Buyer{Email: "x@example.com"}); !errors.Is(err, store.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}

func TestShopsMarksAndCounters(t *testing.T) {
	db := openNew(t)
	if _, ok, err := db.Enabled("s"); ok || err != nil {
		t.Error(ok, err)
	}
	record(t, db, scanOf("s", at(0)))
	if _, ok, err := db.Enabled("s"); ok || err != nil {
		t.Error("a visit enabled the shop", err)
	}
	for _, when := range []time.Time{at(time.Hour), at(2 * time.Hour)} {
		if got, err := db.Enable(t.Context(), "s", when); err != nil || !got.Equal(at(time.Hour)) {
			t.Errorf("%s %v", got, err)
		}
	}
	if _, err := db.Enable(t.Context(), "s2", time.Time{}); err == nil {
		t.Error("enabled at no time")
	}
	if shops, err := db.Shops(); err != nil || len(shops) != 1 || shops[0] != "s" {
		t.Error(shops, err)
	}
	if _, ok, err := db.Marked("visit:s"); ok || err != nil {
		t.Error(ok, err)
	}
	if err := db.Mark(t.Context(), "visit:s", at(0)); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := db.Marked("visit:s"); !ok || err != nil || !got.Equal(at(0)) {
		t.Error(got, ok, err)
	}
	for want := range uint64(3) {
		if got, err := db.Counter(t.Context(), "n"); err != nil || got != want+1 {
			t.Error(got, err)
		}
	}
	if _, err := db.Counter(t.Context(), ""); err == nil {
		t.Error("a counter without a name")
	}
	if err := db.SetRefusal(t.Context(), "s", "f", "Wrong password"); err != nil {
		t.Fatal(err)
	}
	if r, ok, err := db.Refusal("s"); !ok || err != nil || r != (store.Refusal{Fingerprint: "f", Words: "Wrong password", At: r.At}) || !r.At.Equal(noon) {
		t.Error(r, ok, err)
	}
	if err := db.ClearRefusal(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := db.Refusal("s"); ok || err != nil {
		t.Error(ok, err)
	}
	a, _ := db.Fingerprint("ab", "c")
	b, _ := db.Fingerprint("a", "bc")
	if a == b || len(a) != 64 {
		t.Errorf("fingerprints %s %s", a, b)
	}
}
