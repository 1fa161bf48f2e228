package store

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile reads the key of [Options] from a file, and makes one with a new key
// at the first run. Keep the file outside the directory of the database, so that
// a copy of the one does not open the other, and back it up apart: without it
// the list of suppressed buyers means nothing.
//
// The file must be readable by its owner only.
func KeyFile(path string) ([32]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return key, fmt.Errorf("make key file: %w", err)
	}
	return readKey(path) // ours, or that of a program that was faster
}

func readKey(path string) (key [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return key, fmt.Errorf("read key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return key, fmt.Errorf("read key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return key, fmt.Errorf("key file %s is not a file", path)
	}
	if !onWindows && info.Mode().Perm()&0o077 != 0 {
		return key, fmt.Errorf("key file %s can be read by others (mode %04o): run chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return key, fmt.Errorf("read key file: %w", err)
	}
	plain, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(plain) != len(key) || [32]byte(plain) == key {
		return key, fmt.Errorf("key file %s does not hold a key of 64 hexadecimal digits: put it back from a backup; "+
			"if there is none, remove it, and sign-ins and suppressed buyers have to be made anew", path)
	}
	return [32]byte(plain), nil
}

// makeKey writes the file under another name first: nobody ever reads half a key.
func makeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := temp(path)
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() { _ = os.Remove(name) }()
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails, see crypto/rand
	_, err = fmt.Fprintln(f, hex.EncodeToString(key[:]))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return settle(name, path)
}

// keys are made from the one key, each for one purpose.
type keys struct{ session, suppress, fingerprint []byte }

func (k keys) none() bool { return k.session == nil }

func deriveKeys(key [32]byte) (k keys, err error) {
	if key == ([32]byte{}) {
		return keys{}, nil
	}
	derive := func(purpose string) []byte {
		out, e := hkdf.Key(sha256.New, key[:], nil, "nudged "+purpose+" v1", 32)
		err = errors.Join(err, e)
		return out
	}
	k = keys{session: derive("session"), suppress: derive("suppress"), fingerprint: derive("fingerprint")}
	return k, err
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		_, _ = h.Write(seqKey(nil, uint64(len(p))))
		_, _ = io.WriteString(h, p)
	}
	return h.Sum(nil)
}

// Fingerprint names a combination of texts, such as user and password, without
// telling them: it takes the key file to make one.
func (db *DB) Fingerprint(parts ...string) (string, error) {
	if db.keys.none() {
		return "", ErrNoKey
	}
	return hex.EncodeToString(mac(db.keys.fingerprint, parts...)), nil
}
