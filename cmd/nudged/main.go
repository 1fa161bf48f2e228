package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a small server may have no zones of its own

	"golang.org/x/term"
)

func main() { os.Exit(mainCode()) }

func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	clearColly(os.Environ(), os.Unsetenv)
	w := world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		lookupEnv: os.LookupEnv, now: time.Now, file: writeFile,
		tty: term.IsTerminal(int(os.Stdout.Fd())), errTTY: term.IsTerminal(int(os.Stderr.Fd())),
		keys: systemKeyring{},
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		w.typed = os.Stdin
	}
	if w.tty {
		w.width, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	return run(ctx, os.Args[1:], w)
}

// clearColly removes the variables by which colly lets the environment override
// what the program has set.
func clearColly(environ []string, unset func(string) error) {
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "COLLY_") {
			_ = unset(name) // an error here means that there is no such variable
		}
	}
}

// world is what a command can see and touch, so that tests and the daemon can
// run one as well.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookupEnv      func(string) (string, bool)
	now            func() time.Time
	// file writes a file that the command was asked for, where its caller is.
	file        func(name string, data []byte) error
	tty, errTTY bool
	width       int      // of the terminal in columns; 0 if there is none
	typed       *os.File // standard input where a person types; nil elsewhere

	// keys is the keyring of the system, nil where there is none to ask.
	keys keyring
	// input is what a command hands to the daemon beside its arguments: a session.
	input []byte

	// app is the open database and all around it, inside the daemon; elsewhere
	// nil, and each command opens what it needs.
	app *app
}
