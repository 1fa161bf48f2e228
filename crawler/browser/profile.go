package browser

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// profile is the directory of one Chrome. Sessions are not kept in it but by
// the caller, so that it can go whenever Chrome does.
type profile struct {
	dir  string   // of lock and data
	data string   // Chrome's user-data-dir
	lock *os.File // held while this process lives: the number of a process says little in a container
}

const (
	profilePrefix = "chrome-"
	lockName      = "lock"
	youngProfile  = time.Minute // may still be without its lock
)

func newProfile(root string, log *slog.Logger) (*profile, error) {
	if root == "" {
		root = filepath.Join(os.TempDir(), fmt.Sprintf("nudged-%d", os.Getuid()))
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("profile directory: %w", err)
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("profile directory: %w", err)
	}
	sweep(root, log)
	dir, err := os.MkdirTemp(root, profilePrefix+"*") // 0700
	if err != nil {
		return nil, fmt.Errorf("profile directory: %w", err)
	}
	p := &profile{dir: dir, data: filepath.Join(dir, "data")}
	if p.lock, err = takeLock(filepath.Join(dir, lockName)); err != nil {
		return nil, errors.Join(fmt.Errorf("locking the profile directory: %w", err), os.RemoveAll(dir))
	}
	if err := p.fill(); err != nil {
		return nil, errors.Join(fmt.Errorf("profile directory: %w", err), p.remove())
	}
	return p, nil
}

func (p *profile) fill() error {
	defaults := filepath.Join(p.data, "Default")
	if err := os.MkdirAll(defaults, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(defaults, "Preferences"), []byte(preferences), 0o600)
}

// remove tries again: a process of Chrome may still be writing its last file.
func (p *profile) remove() error {
	_ = p.lock.Close()
	removeSocket(p.data)
	var err error
	for range 100 {
		if err = os.RemoveAll(p.dir); err == nil {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return err
}

// sweep removes the profiles that processes left which are no more.
func sweep(root string, log *slog.Logger) {
	entries, err := os.ReadDir(root)
	if err != nil {
		log.Warn("stale profiles of chrome can not be swept", "err", err)
		return
	}
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if !e.IsDir() || !strings.HasPrefix(e.Name(), profilePrefix) || !stale(dir) {
			continue
		}
		removeSocket(filepath.Join(dir, "data"))
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("a stale profile of chrome can not be removed", "dir", dir, "err", err)
		}
	}
}

func stale(dir string) bool {
	path := filepath.Join(dir, lockName)
	if _, err := os.Stat(path); err != nil {
		info, err := os.Stat(dir)
		return err == nil && time.Since(info.ModTime()) > youngProfile
	}
	lock, err := takeLock(path)
	if err != nil {
		return false
	}
	_ = lock.Close()
	return true
}

// socketDir is how Chrome names the directory of its socket in the temporary
// directory. A Chrome that is killed leaves it there.
var socketDir = regexp.MustCompile(`^\.?(org\.chromium\.Chromium|com\.google\.Chrome|com\.microsoft\.Edge)\.\w+$`)

func removeSocket(data string) {
	socket, err := os.Readlink(filepath.Join(data, "SingletonSocket"))
	if dir := filepath.Dir(socket); err == nil && socketDir.MatchString(filepath.Base(dir)) {
		_ = os.RemoveAll(dir)
	}
}
