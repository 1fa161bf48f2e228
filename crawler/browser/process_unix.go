//go:build !windows

package browser

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// contain puts Chrome into a process group of its own, so that all of it can be
// killed, and a Ctrl-C in the terminal reaches it only through us.
func contain(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error {
		killTree(cmd.Process.Pid)
		return nil
	}
	cmd.WaitDelay = 2 * time.Second
}

func killTree(pid int) {
	if pid > 0 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}

// treeEnded waits for what killTree killed: a process is there for a moment
// longer, for seconds on a very busy machine. In a container without an init its
// rest stays for ever; nobody waits for that.
func treeEnded(pid int) {
	for i := range 500 {
		if pid <= 0 || errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) || i%20 == 19 && !groupRuns(pid) {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

// chromeHolds tells whether a Chrome has a profile open: it listens on a socket
// there.
func chromeHolds(ctx context.Context, data string) bool {
	socket, err := os.Readlink(filepath.Join(data, "SingletonSocket"))
	if err != nil {
		return false
	}
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
