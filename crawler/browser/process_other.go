//go:build !windows && !linux

package browser

import "syscall"

// dieWithParent has nothing to do: Chrome ends when the pipe to it closes.
func dieWithParent(*syscall.SysProcAttr) {}

// groupRuns can not be told from here.
func groupRuns(int) bool { return true }
