package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"nudged/notify"
)

// send makes the one request of a message.
func (c *core) send(ctx context.Context, m notify.Message, req *http.Request) (answer, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return answer{}, c.lost(ctx, m, req.URL.Hostname(), &lostError{err: context.Cause(ctx)})
	}
	a, err := c.line.do(ctx, req, c.gate(m))
	var lost *lostError
	if errors.As(err, &lost) {
		return answer{}, c.lost(ctx, m, req.URL.Hostname(), lost)
	}
	return a, err
}

// lost judges a message that got no answer.
func (c *core) lost(ctx context.Context, m notify.Message, host string, e *lostError) error {
	said := c.scrub(e.Error(), m)
	switch {
	case e.sent:
		return &notify.SendError{Kind: notify.Unknown, Err: fmt.Errorf("sms: the whole message went out and %s gave no clear answer: %s", host, said)}
	case errors.Is(e.err, notify.ErrStale):
		return &notify.SendError{Kind: notify.Temporary, Err: notify.ErrStale}
	case ctx.Err() != nil:
		return &notify.SendError{Kind: notify.Temporary, Err: fmt.Errorf("sms: held back: %w", context.Cause(ctx))}
	case e.connect:
		return &notify.SendError{
			Kind: notify.Temporary, Account: true,
			Err:    fmt.Errorf("sms: %s could not be reached: %s", host, said),
			Advice: "check the url in the config, and the network",
		}
	}
	return &notify.SendError{Kind: notify.Temporary, Err: fmt.Errorf("sms: %s was lost before the end of the message was out: %s", host, said)}
}

// verdict is how a kind of answer is to be taken.
type verdict struct {
	kind     notify.Kind
	account  bool
	refused  bool
	optedOut bool
	why      string // our own words; "" shows the gateway's
	advice   string
}

// judged makes the error of a verdict. what names the answer: a code or status.
func (c *core) judged(m notify.Message, v verdict, what, said string) *notify.SendError {
	why := v.why
	if why == "" {
		why = c.scrub(said, m)
	}
	verb := map[notify.Kind]string{notify.Temporary: "put off", notify.Permanent: "refused"}[v.kind]
	if verb == "" {
		verb = "gave no clear answer to"
	}
	err := fmt.Errorf("sms: %s %s the message: %s", c.o.Provider, verb, strings.TrimSpace(what+" "+why))
	return &notify.SendError{Kind: v.kind, Account: v.account, Refused: v.refused, OptedOut: v.optedOut, Advice: v.advice, Err: err}
}

// byStatus judges an answer by its HTTP status alone. It is what remains when
// the body says nothing that is known. Of 5xx nobody can tell what happened
// before; nor of a redirect, which may well follow a message that was taken.
func byStatus(status int) verdict {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return verdict{kind: notify.Temporary, account: true, refused: true, why: "user or password is not accepted", advice: "check url, user and password of sms in the config"}
	case status == http.StatusPaymentRequired:
		return verdict{kind: notify.Temporary, account: true, why: "the account has no money left", advice: "top it up at the gateway"}
	case status == http.StatusTooManyRequests:
		return verdict{kind: notify.Temporary, account: true, why: "too many requests", advice: "it is tried again later"}
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone || status == http.StatusProxyAuthRequired:
		return verdict{kind: notify.Temporary, account: true, why: "the gateway does not answer at this address", advice: "check the url of sms in the config"}
	case status == http.StatusRequestTimeout || status == http.StatusConflict:
		return verdict{kind: notify.Unknown, account: true}
	case status >= 400 && status < 500:
		return verdict{kind: notify.Permanent}
	case status >= 300 && status < 400:
		return verdict{kind: notify.Unknown, account: true, why: "it sent us on to another address, which is never followed", advice: "check the url of sms in the config"}
	}
	return verdict{kind: notify.Unknown, account: status >= 500}
}

// retryAfter reads when the gateway wants to be asked again, a day ahead at most.
func retryAfter(a answer, now time.Time) time.Time {
	raw := strings.TrimSpace(a.header.Get("Retry-After"))
	wait := time.Duration(0)
	if n, err := strconv.Atoi(raw); err == nil && n > 0 {
		wait = time.Duration(min(n, 24*60*60)) * time.Second
	} else if at, err := http.ParseTime(raw); err == nil {
		wait = at.Sub(now)
	}
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(min(wait, 24*time.Hour))
}

// unclear is an answer that this package does not understand, although the
// message is out.
func (c *core) unclear(m notify.Message, a answer) error {
	v := verdict{kind: notify.Unknown}
	if a.status < 200 || a.status >= 300 {
		v = byStatus(a.status)
	}
	se := c.judged(m, v, "HTTP "+strconv.Itoa(a.status), short(a.body))
	if v.kind != notify.Unknown {
		se.Until = retryAfter(a, c.o.Now())
	}
	return se
}

func short(body []byte) string { return string(body[:min(len(body), 600)]) }

var (
	number  = regexp.MustCompile(`\+?[0-9](?:[0-9().\- ]{4,}[0-9])`)
	address = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+|https?://[^\s"'<>]+`)
)

// Lengths from which on a thing is worth hiding: shorter runs would tear holes
// into ordinary text.
const (
	longSecret = 4
	longText   = 8
)

// scrub makes a gateway's words fit for logs and the ledger: gateways like to
// repeat what they were given, and some repeat it as it was written for a URL, a
// page or JSON.
func (c *core) scrub(said string, m notify.Message) string {
	said = strings.ToValidUTF8(readable(said), "")
	for _, secret := range append([]string{c.o.Password.Reveal(), basic(c.o), c.o.User, m.Phone.Reveal(), digits(m.Phone)}, values(m.Facts)...) {
		if len(secret) >= longSecret {
			said = strings.ReplaceAll(said, secret, "[…]")
			said = strings.ReplaceAll(said, strings.ReplaceAll(secret, " ", "+"), "[…]")
		}
	}
	said = hide(said, m.Text)
	said = address.ReplaceAllString(number.ReplaceAllString(said, "[…]"), "[…]")
	said = strings.Join(strings.FieldsFunc(said, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	if r := []rune(said); len(r) > 160 {
		said = string(r[:160]) + "…"
	}
	return said
}

// escapes are those of URLs and of JSON.
var escapes = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\[/"\\]`)

// readable takes the escapes away, also those of what was escaped twice.
func readable(said string) string {
	for range 2 {
		said = html.UnescapeString(escapes.ReplaceAllStringFunc(said, func(found string) string {
			plain, err := url.PathUnescape(found)
			switch {
			case found[0] == '%' && err == nil:
				return plain
			case json.Unmarshal([]byte(`"`+found+`"`), &plain) == nil:
				return plain
			}
			return found
		}))
	}
	return said
}

// values are the facts, the longest first: a name may be part of another.
func values(facts map[string]string) []string {
	return slices.SortedFunc(maps.Values(facts), func(a, b string) int { return len(b) - len(a) })
}

// hide takes out of said every longer run that stands in text too, whatever its
// case, and with the + that a URL may have for a blank.
func hide(said, text string) string {
	fold := func(r rune) rune {
		if r == '+' {
			return ' '
		}
		return unicode.ToLower(r)
	}
	shown := []rune(said)
	in, runes := []rune(strings.Map(fold, said)), []rune(strings.Map(fold, text))
	known := make(map[string]bool, len(runes))
	for i := 0; i+longText <= len(runes); i++ {
		known[string(runes[i:i+longText])] = true
	}
	covered := make([]bool, len(in))
	for i := 0; i+longText <= len(in); i++ {
		if known[string(in[i:i+longText])] {
			for j := i; j < i+longText; j++ {
				covered[j] = true
			}
		}
	}
	var out strings.Builder
	for i, r := range shown {
		switch {
		case !covered[i]:
			out.WriteRune(r)
		case i == 0 || !covered[i-1]:
			out.WriteString("[…]")
		}
	}
	return out.String()
}
