package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"nudged/store/order"
)

// dialog asks a person. What is asked goes to standard error, so that a result
// can be piped on; the answers may be piped in.
type dialog struct {
	s  *session
	in *bufio.Reader
}

func newDialog(s *session) *dialog { return &dialog{s: s, in: bufio.NewReader(s.stdin)} }

// errNoAnswer says that standard input ended before an answer came.
var errNoAnswer = errors.New("no answer")

const maxAnswer = 8 << 10

// line asks for one line; empty is an answer.
func (d *dialog) line(question string) (string, error) {
	d.s.sayf("%s", question)
	answer, err := waitFor(d.s.ctx, func() (string, error) {
		text, err := d.in.ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		return text, err
	})
	switch {
	case errors.Is(err, io.EOF):
		return "", errNoAnswer
	case err != nil:
		return "", fmt.Errorf("read the answer: %w", err)
	case len(answer) > maxAnswer:
		return "", errors.New("the answer is too long")
	}
	if d.s.typed == nil {
		d.s.sayf("\n") // nobody has typed the line end that would stand here
	}
	return strings.TrimSpace(answer), nil
}

// secret asks for what must not be seen.
func (d *dialog) secret(question string) (order.Secret, error) {
	if d.s.typed == nil {
		s, err := d.line(question)
		return order.Secret(s), err
	}
	fd := int(d.s.typed.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read without showing: %w", err)
	}
	d.s.sayf("%s", question)
	answer, err := waitFor(d.s.ctx, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	if d.s.ctx.Err() != nil {
		_ = term.Restore(fd, before) // or nothing typed would be seen any more
	}
	d.s.sayf("\n")
	switch {
	case errors.Is(err, io.EOF):
		return "", errNoAnswer
	case err != nil:
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return order.Secret(strings.TrimRight(answer, "\r\n")), nil
}

// yes asks a question that is answered by yes or no; standard is the answer of
// an empty line.
func (d *dialog) yes(question string, standard bool) (bool, error) {
	hint := " [y/N] "
	if standard {
		hint = " [Y/n] "
	}
	for range 3 {
		answer, err := d.line(question + hint)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "":
			return standard, nil
		case "y", "yes", "j", "ja", "oui", "si", "sí", "是":
			return true, nil
		case "n", "no", "nein", "non", "否":
			return false, nil
		}
	}
	return false, nil
}

// sure asks before something is done for good; without an answer it is not done.
// otherwise is what has not happened then ("nothing was sent"), and script what to
// write where nobody can answer.
func (d *dialog) sure(question, otherwise, script string) (bool, error) {
	yes, err := d.yes(question, false)
	switch {
	case errors.Is(err, errNoAnswer):
		return false, &usageError{fmt.Errorf("there is nobody to answer; %s. For scripts: %s", otherwise, script)}
	case err != nil:
		return false, err
	case !yes:
		d.s.sayf("%s.\n", strings.ToUpper(otherwise[:1])+otherwise[1:])
	}
	return yes, nil
}

// waitFor waits for a read that cannot be cancelled, or for the end of ctx.
func waitFor(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
