package crawler

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nudged/crawler/recipe"
)

// longestRest bounds what a shop may ask for by Retry-After.
const longestRest = 24 * time.Hour

// rung is the pause after so many failures in a row.
func rung(failed int) time.Duration {
	rungs := [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
	return rungs[min(max(failed, 1), len(rungs))-1]
}

// rest is how long a shop is left alone that answered with 403, 429 or 5xx, or
// not at all. It is kept with the session: a new run of the program does not ask
// earlier.
type rest struct {
	Failed int       `json:"n"` // trips in a row
	Until  time.Time `json:"until"`
	Status int       `json:"status,omitempty"` // of the last answer; 0 if nothing came
}

// ladder makes these pauses longer while the shop does not recover. Whoever
// holds the desk's turn may use it.
type ladder struct {
	rest
	recalled bool
	again    atomic.Bool // a person says: now
}

// recall takes over what an earlier run of the program knew. Only the first call
// counts.
func (l *ladder) recall(kept *rest) {
	if l.recalled {
		return
	}
	l.recalled = true
	if kept != nil {
		l.rest = *kept
	}
}

// kept is what is to be recalled; nil if the shop answers.
func (l *ladder) kept() *rest {
	if l.Failed == 0 {
		return nil
	}
	out := l.rest
	return &out
}

// shut is the error of a shop that is not asked yet.
func (l *ladder) shut(shop string, now time.Time) error {
	if l.again.Swap(false) || l.Failed == 0 || !now.Before(l.Until) || l.Until.After(now.Add(longestRest)) { // a clock was set back
		return nil
	}
	return &UnavailableError{Shop: shop, Status: l.Status, Until: l.Until, Err: errResting}
}

// climb notes a failure and tells until when the shop is left alone. A shop that
// could not be reached at all was not burdened: it may be the seller's own line,
// so that pause does not grow for long.
func (l *ladder) climb(now time.Time, p recipe.Page, err error) time.Time {
	l.Failed++
	pause := rung(l.Failed)
	if p.Status == 0 && unreached(err) {
		pause = min(pause, rung(2))
	}
	l.Status, l.Until = p.Status, now.Add(max(pause, retryAfter(p, now)))
	return l.Until
}

// reset is a page that came.
func (l *ladder) reset() { l.rest = rest{} }

// mayAsk says whether the shop is asked at all now.
func (t *trip) mayAsk() error {
	if t.s.o.Replay != nil {
		return nil
	}
	if err := t.d.door.waits(t.shop, t.s.o.Now()); err != nil {
		return err
	}
	if err := t.d.rests.shut(t.shop.Name, t.s.o.Now()); err != nil {
		return err
	}
	return t.d.pace.open(t.shop.Name)
}

// unreached reports whether no connection was made.
func unreached(err error) bool {
	var op *net.OpError
	var name *net.DNSError
	return errors.As(err, &name) || errors.As(err, &op) && op.Op == "dial"
}

// retryAfter reads the header of RFC 9110, 10.2.3: seconds or a date.
func retryAfter(p recipe.Page, now time.Time) time.Duration {
	text := strings.TrimSpace(p.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(longestRest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return min(at.Sub(now).Round(time.Second), longestRest)
	}
	return 0
}
