package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Kind of an error.
type Kind int

// Kinds. Only a Transport error is worth another try.
const (
	Transport  Kind = iota // nothing came, or not all of it
	Blocked                // the guard stopped the request or one of its redirects
	TooLarge               // more than MaxBody
	BadAnswer              // it came, and cannot be read
	BadRequest             // the address is none
)

// Error says why there is no page.
type Error struct {
	Kind   Kind
	Method string
	Where  string // the address without its query
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.Where, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

var (
	errTooLarge  = errors.New("the answer is larger than 10 MiB; no order page is, so it was not read")
	errRedirects = errors.New("the shop redirects in a circle")
	errNotHTTP   = errors.New("the address is not http or https")
)

type blockedError struct{ error }

func (e *blockedError) Unwrap() error { return e.error }

func kindOf(err error) Kind {
	var blocked *blockedError
	switch {
	case errors.As(err, &blocked):
		return Blocked
	case errors.Is(err, errRedirects), errors.Is(err, errNotHTTP):
		return BadAnswer
	}
	return Transport
}

// bare takes the address out of an error of net/http: its query may be a token.
func bare(err error) error {
	var withURL *url.Error
	for errors.As(err, &withURL) {
		err = withURL.Err
	}
	// net/http quotes the header that it cannot read: a cookie, or an address with
	// a token.
	if text := err.Error(); strings.Contains(text, "malformed") || strings.Contains(text, "Location header") {
		text, _, _ = strings.Cut(text, "\"")
		if head, _, ok := strings.Cut(text, "malformed MIME header"); ok {
			text = head + "malformed header"
		}
		return &quietError{strings.TrimRight(text, ": "), err}
	}
	return err
}

// quietError says less than its cause.
type quietError struct {
	text string
	err  error
}

func (e *quietError) Error() string { return e.text }

// Unwrap gives the cause.
func (e *quietError) Unwrap() error { return e.err }

// where is an address without its query, fragment and user.
func where(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(an address that is none)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
