package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/intake"
	"nudged/crawler"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitNeeds  = 3
	exitPartly = 4
)

// usageError is a command line or config that cannot be followed.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// partlyError says that a part was done; the errors of the rest are inside.
type partlyError struct{ err error }

func (e *partlyError) Error() string { return e.err.Error() }
func (e *partlyError) Unwrap() error { return e.err }

// doneError carries the exit code of a command that has said all there is to
// say: it ran in the daemon, or its output is its answer.
type doneError struct{ status int }

func (e *doneError) Error() string { return fmt.Sprintf("exit code %d", e.status) }

// failedError is a command whose parts have told their errors already.
type failedError struct{ err error }

func (e *failedError) Error() string { return "not everything works; see above" }
func (e *failedError) Unwrap() error { return e.err }

// code maps an error to the exit code; the only place that does.
func code(err error) int {
	var (
		done     *doneError
		usage    *usageError
		option   *intake.OptionError
		problems config.Problems
		partly   *partlyError
		refused  *crawler.RefusedError
		needs    *crawler.NeedsYouError
		trial    *trialError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &done):
		return done.status
	case errors.As(err, &usage), errors.As(err, &option), errors.As(err, &problems):
		return exitUsage
	case errors.As(err, &partly):
		return exitPartly
	case errors.As(err, &refused), errors.As(err, &needs), errors.As(err, &trial):
		return exitNeeds
	}
	return exitFailed
}

// finish says what is left to say about an error, and gives the exit code.
func finish(err error, stderr io.Writer) int {
	var done *doneError
	var problems config.Problems
	switch {
	case err == nil, errors.As(err, &done):
	case errors.As(err, &problems):
		_, _ = fmt.Fprintf(stderr, "%s\n", problems)
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(stderr, "nudged: stopped")
	default:
		_, _ = fmt.Fprintf(stderr, "nudged: %s\n", err)
	}
	return code(err)
}
