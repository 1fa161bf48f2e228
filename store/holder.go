package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// InUseError says that another program has the database open.
type InUseError struct {
	Path    string
	PID     int       // 0 if not known
	Since   time.Time // zero if not known
	Command string    // "" if not known
}

func (e *InUseError) Error() string {
	who := "another program"
	if e.PID != 0 {
		who = fmt.Sprintf("%s (process %d, since %s)", e.Command, e.PID, e.Since.Local().Format("2006-01-02 15:04:05"))
	}
	return fmt.Sprintf("database %s is in use by %s: stop it, or ask it through its socket", e.Path, who)
}

// holder is the note beside the database on who has it open. The lock itself is
// bbolt's; the note only makes the message useful, so losing it is no harm.
type holder struct {
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

func holderPath(db string) string { return db + ".lock-info" }

func noteHolder(db string, now time.Time) error {
	body, err := json.Marshal(holder{PID: os.Getpid(), Since: now, Command: command()})
	if err != nil {
		return err
	}
	return replace(holderPath(db), body)
}

func dropHolder(db string) { _ = os.Remove(holderPath(db)) }

// command is the program and its first word: enough to know which one it is,
// and no argument that somebody may want to keep to themselves.
func command() string {
	if len(os.Args) == 0 {
		return "?"
	}
	name := filepath.Base(os.Args[0])
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		name += " " + clip(os.Args[1], 40)
	}
	return name
}

// inUse reads the note. One that a dead process left behind says nothing.
func inUse(db string) *InUseError {
	e := &InUseError{Path: db}
	body, err := os.ReadFile(holderPath(db))
	if err != nil || len(body) > 64<<10 {
		return e
	}
	var h holder
	if json.Unmarshal(body, &h) != nil || !alive(h.PID) {
		return e
	}
	e.PID, e.Since, e.Command = h.PID, h.Since, fmt.Sprintf("%q", clip(h.Command, 80))
	return e
}

func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = p.Release() }()
	if onWindows {
		return true // there FindProcess has opened the process
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
