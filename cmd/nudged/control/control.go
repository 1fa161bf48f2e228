package control

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Bounds of what is believed.
const (
	maxRequest  = 4 << 20 // with its input: a session holds all that the shop keeps in the browser
	maxCommand  = 64 << 10
	maxArgs     = 100
	maxFrame    = 1 << 20
	maxFile     = 8 << 20
	maxCalls    = 16
	readTimeout = 10 * time.Second
	// maxPath of a socket: sun_path holds 104 bytes on macOS, 108 on Linux.
	maxPath = 103
)

// Errors of a call.
var (
	// ErrNoDaemon says that nobody listens: the command opens the database itself.
	ErrNoDaemon = errors.New("no daemon is running")
	// ErrRunning says that another daemon serves this data directory.
	ErrRunning = errors.New("a daemon is running already on this data directory; stop it first")
	// ErrCut says that the daemon went away before the command was done.
	ErrCut = errors.New("the daemon stopped before the command was done; try again")
)

// Request is a command as it was typed, with what stands on its standard input
// if it reads that.
type Request struct {
	Version int      `json:"v"`
	Args    []string `json:"args"`
	TTY     bool     `json:"tty"`   // the answer is for a terminal
	Width   int      `json:"width"` // of the terminal, in columns
	Input   []byte   `json:"input,omitempty"`
}

// version of the wire format.
const version = 1

// frame is one line of an answer; one of its fields is set.
type frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	File *part  `json:"file,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// part of a file that the command makes; Done with the last one.
type part struct {
	Name string `json:"name"`
	Data []byte `json:"data,omitempty"`
	Done bool   `json:"done,omitempty"`
}

// Path of the socket of a data directory.
func Path(data string) string { return filepath.Join(data, "nudged.sock") }

func (r Request) check() error {
	switch {
	case r.Version != version:
		return fmt.Errorf("this is another version of nudged (wire format %d, not %d); restart the daemon", r.Version, version)
	case len(strings.Join(r.Args, " ")) > maxCommand:
		return errors.New("the command was cut off, or is too long")
	case len(r.Args) > maxArgs:
		return fmt.Errorf("%d arguments are too many", len(r.Args))
	}
	return nil
}
