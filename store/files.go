package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const onWindows = runtime.GOOS == "windows"

// private makes a file readable by its owner only, whatever umask or an earlier
// program made of it.
func private(path string) error {
	if onWindows { // there the user's profile protects it
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm() == 0o600 {
		return nil
	}
	return os.Chmod(path, 0o600)
}

// temp makes an empty file beside path, readable by its owner only.
func temp(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
}

// replace writes a small file so that a reader finds the old text or the new one.
// It may be lost in a power cut.
func replace(path string, body []byte) error {
	f, err := temp(path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// settle gives a finished file its name, without taking it from another one that
// came first.
func settle(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		_ = os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return err
	default: // a file system without links
		if _, statErr := os.Lstat(to); statErr == nil {
			return fmt.Errorf("%s: %w", to, fs.ErrExist)
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(to))
}

// syncDir makes a new name in a directory last through a power cut.
func syncDir(dir string) error {
	if onWindows {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// sweep removes what a killed program left of files in the making. Only the one
// who holds the database may call it.
func sweep(path string) {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base+".") && strings.Contains(e.Name(), ".new-") {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
