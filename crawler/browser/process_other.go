//go:build !windows && !linux

package browser

import "syscall"

// dieWithParent has nothing to do: Chrome ends when the pipe to it closes.
func dieWithParent(*syscall.SysProcAttr) {}
