package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// contain ends the whole tree when Chrome is cancelled. When we die, Chrome
// ends because the pipe to it closes.
func contain(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		killTree(cmd.Process.Pid)
		return nil
	}
	cmd.WaitDelay = 2 * time.Second
}

// killTree leaves it to taskkill, which every Windows has, to find the children.
func killTree(pid int) {
	if pid > 0 {
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
	}
}

// treeEnded has nothing to do: taskkill waits.
func treeEnded(int) {}

// chromeHolds tells whether a Chrome has a profile open: it lets nobody remove its
// lock file.
func chromeHolds(_ context.Context, data string) bool {
	err := os.Remove(filepath.Join(data, "lockfile"))
	return err != nil && !errors.Is(err, os.ErrNotExist)
}

// takeLock relies on Windows refusing to remove a file that a process has open.
func takeLock(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
