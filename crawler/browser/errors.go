package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
)

// ErrGone says that Chrome died or was closed from outside. A new Browser has
// to be opened; this one is of no more use.
var ErrGone = errors.New("chrome is gone")

// errTab says that a tab is of no more use: its page crashed or closed itself.
var errTab = errors.New("the page crashed or closed itself")

// errTooLarge says that an answer is larger than any page of orders.
var errTooLarge = fmt.Errorf("it is larger than the %d MB that are read", maxBody>>20)

// StepError says which step of a sign-in could not be done.
type StepError struct {
	Step  int    // counted from 1
	Act   string // in words: `wait for "#orders"`
	Title string // of the page that was shown instead
	URL   string // of that page, without the values of its query
	Err   error
}

func (e *StepError) Error() string {
	s := fmt.Sprintf("step %d (%s): %v", e.Step, e.Act, e.Err)
	switch {
	case strings.HasPrefix(e.URL, "chrome-error:"): // Chrome's own page about a page that did not come
		s += "; the page before it could not be opened"
	case e.URL != "":
		s += fmt.Sprintf("; the page shown is %q at %s", e.Title, e.URL)
	}
	return s
}

func (e *StepError) Unwrap() error { return e.Err }

// lateError is a deadline in words; it is context.DeadlineExceeded.
type lateError struct {
	what  string
	after time.Duration
}

func (e *lateError) Error() string { return fmt.Sprintf("%s within %s", e.what, e.after) }
func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

// cause finds out what an error of chromedp really means: the caller's own
// context, the end of Chrome, a tab that crashed, or what it says.
func (b *Browser) cause(ctx context.Context, t *tab, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !b.Alive():
		return ErrGone
	case t != nil && t.lost():
		return errTab
	}
	return err
}

// clip cuts foreign text for a message, and takes control characters out.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// tail keeps the end of what Chrome prints, to explain a start that failed.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - 2000; extra > 0 {
		t.buf = t.buf[extra:]
	}
	return len(p), nil
}

func (t *tail) explain(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if said := strings.TrimSpace(string(t.buf)); said != "" {
		return fmt.Errorf("%w; it said: %s", err, clip(said, 1000))
	}
	return err
}
