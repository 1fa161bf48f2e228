package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"nudged/crawler/extract"
	"nudged/store/order"
)

// ErrNoOrder says that the shop has no order of that id (any more).
var ErrNoOrder = extract.ErrNoOrder

// RefusedError says that the shop refused user or password.
type RefusedError struct {
	Shop  string
	Words string // the shop's own; "" if it gave none
}

func (e *RefusedError) Error() string {
	said := "and gave no reason"
	if e.Words != "" {
		said = fmt.Sprintf("with the words %q", e.Words)
	}
	return fmt.Sprintf("shop %s refused the sign-in %s; it is not tried again until user or password change in the config (some shops lock after three tries); if they are right after all: nudged crawl %s --again", e.Shop, said, e.Shop)
}

// NeedsYouError says that a person has to do something at the shop.
type NeedsYouError struct {
	Shop       string
	Why        string    // the shop's words, or ours
	Screenshot string    // a file of mode 0600; "" if there is none
	Locked     bool      // the shop has locked the account, whatever the password
	Until      time.Time // of a lock: when the sign-in is tried again at the earliest
}

func (e *NeedsYouError) Error() string {
	text := fmt.Sprintf("shop %s needs you: %s; type: nudged login %s", e.Shop, e.Why, e.Shop)
	if e.Locked {
		text = fmt.Sprintf("shop %s has locked the account: %s; nothing is sent to its sign-in before %s; change the password there and in the config if it is not yours alone, then: nudged crawl %s --again",
			e.Shop, e.Why, e.Until.Format("15:04 on 2 January"), e.Shop)
	}
	if e.Screenshot != "" {
		text += " (what it shows: " + e.Screenshot + ")"
	}
	return text
}

// UnavailableError says that the shop gave no page, or none that says anything.
// Never to be read as "no orders".
type UnavailableError struct {
	Shop       string
	Status     int           // 0 if nothing came
	RetryAfter time.Duration // what the shop asked for; 0 if it did not
	Until      time.Time     // the shop is left alone until then; zero if the next visit may ask
	Err        error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("shop %s is not available: %s", e.Shop, e.reason())
}

// FailedPageError says that the shop's server failed at the page of one order,
// more than once, and that the shop may be well all the same.
type FailedPageError struct {
	Shop, Page string // the page as people call it: "page of order 74"
	Status     int
	Saved      string // what came, without contacts; "" if it was not kept
}

func (e *FailedPageError) Error() string {
	text := fmt.Sprintf("shop %s: its server failed at the %s, with %d (%s); it is tried again at the next visit. If it fails in your browser too, the shop's software has to be mended",
		e.Shop, e.Page, e.Status, strings.ToLower(http.StatusText(e.Status)))
	if e.Saved != "" {
		text += "; what came is kept in " + e.Saved
	}
	return text
}

// onClock lets an error tell its times on the clock of the shop, as all else is
// told.
func onClock(err error, zone *time.Location) error {
	var away *UnavailableError
	var spent *BudgetError
	switch {
	case zone == nil:
	case errors.As(err, &away) && !away.Until.IsZero():
		away.Until = away.Until.In(zone)
	case errors.As(err, &spent) && !spent.Until.IsZero():
		spent.Until = spent.Until.In(zone)
	}
	return err
}

// reason is what happened, and when the shop is asked again.
func (e *UnavailableError) reason() string {
	next := "the next visit tries again"
	if !e.Until.IsZero() {
		next = "it is not asked again before " + e.Until.Format("15:04:05")
	}
	switch {
	case errors.Is(e.Err, errResting):
	case errors.Is(e.Err, errSignedOutAgain), errors.Is(e.Err, errStale):
		return e.what()
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		next += "; lower max_pages_per_hour if this happens often"
	case e.Status == http.StatusTooManyRequests:
		next += "; lower max_pages_per_hour or visit less often"
	}
	return e.what() + "; " + next
}

func (e *UnavailableError) what() string {
	switch {
	case errors.Is(e.Err, errResting) && e.Status == 0:
		return "it did not answer lately"
	case errors.Is(e.Err, errResting):
		return fmt.Sprintf("it answered %d (%s) lately", e.Status, strings.ToLower(http.StatusText(e.Status)))
	case errors.Is(e.Err, errSignedOutAgain), errors.Is(e.Err, errStale):
		return e.Err.Error()
	case e.Status == 0 && errors.Is(e.Err, context.DeadlineExceeded):
		return "it did not answer in time"
	case e.Status == 0:
		return fmt.Sprint(e.Err)
	case e.Status == http.StatusForbidden:
		return "it answered 403 (forbidden); open it in your browser from this computer, it may want a person or block the address"
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf("it answered 429 (too many requests) and asks to wait %s", e.RetryAfter)
	case e.Status == http.StatusTooManyRequests:
		return "it answered 429 (too many requests)"
	case e.Status >= 500:
		return fmt.Sprintf("it answered %d (%s)", e.Status, strings.ToLower(http.StatusText(e.Status)))
	}
	return fmt.Sprintf("it answered %d with something that cannot be read", e.Status)
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// errResting is a shop that is not asked, since it did not answer lately.
var errResting = errors.New("it did not answer lately")

var errStale = errors.New("a cache between the shop and here answered with an old page; let it pass the pages of the back-office through")

var errSignedOutAgain = errors.New("it ended the session twice in one visit; somebody else may be signing in as the same user: give nudged a user of its own")

// LayoutError says that a page is not what the recipe describes.
type LayoutError struct {
	Shop  string
	Page  string // which: "list", "detail of order 74", "sign-in"
	Saved string // file with the page, redacted; "" if it was not saved
	Err   error
}

func (e *LayoutError) Error() string {
	var inner *extract.LayoutError // says all this itself, with the place in the recipe
	var text string
	if errors.As(e.Err, &inner) {
		text = inner.Error()
	} else {
		text = fmt.Sprintf("shop %s: its %s is not what the recipe describes: %v; the shop may have changed its pages: update nudged or mend the recipe", e.Shop, e.Page, e.Err)
	}
	if e.Saved != "" {
		text += " (saved, without contacts: " + e.Saved + ")"
	}
	return text
}

// Unwrap gives the cause, often an [*extract.LayoutError].
func (e *LayoutError) Unwrap() error { return e.Err }

// BudgetError says that the shop may not be asked now: max_pages_per_hour is
// spent, or it is not the time of day.
type BudgetError struct {
	Shop  string
	Limit int
	Hours string    // of the recipe, "06:00-24:00", if it is they that end it
	Until time.Time // when the next page may be read
}

func (e *BudgetError) Error() string {
	if e.Hours != "" {
		return fmt.Sprintf("shop %s: its recipe lets it be asked only at %s; the next page may be read at %s", e.Shop, e.Hours, e.Until.Format("15:04 on 2 January"))
	}
	return fmt.Sprintf("shop %s: the %d pages an hour that may be read are spent until %s; raise max_pages_per_hour if the shop can bear it", e.Shop, e.Limit, e.Until.Format(time.TimeOnly))
}

// chromeError says that Chrome could not be started. It is no fault of the shop.
type chromeError struct {
	shop string
	err  error
}

func (e *chromeError) Error() string {
	return fmt.Sprintf("shop %s: chrome did not start: %v", e.shop, e.err)
}

// Unwrap gives the cause.
func (e *chromeError) Unwrap() error { return e.err }

// brokenError is a panic.
type brokenError struct{ shop, what string }

func (e *brokenError) Error() string {
	return fmt.Sprintf("shop %s: nudged stumbled (%s); the other shops go on, the log has the place: please report it", e.shop, e.what)
}

// outcome sorts an error for the digest. A spent budget is no fault of the shop:
// what was read is good.
func outcome(err error) (kind, words string) {
	var refused *RefusedError
	var needs *NeedsYouError
	var away *UnavailableError
	var layout *LayoutError
	var inner *extract.LayoutError
	var spent *BudgetError
	var failed *FailedPageError
	switch {
	case err == nil:
		return order.OK, ""
	case errors.As(err, &refused):
		return order.Refused, refused.Words
	case errors.As(err, &needs):
		return order.NeedsYou, needs.Why
	case errors.As(err, &away):
		return order.Unavailable, away.reason()
	case errors.As(err, &failed):
		return order.Unavailable, err.Error()
	case errors.As(err, &layout), errors.As(err, &inner):
		return order.LayoutChanged, err.Error()
	case errors.As(err, &spent):
		return order.OK, err.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return order.Unavailable, "the visit was stopped before its end"
	}
	return order.Broken, err.Error()
}

// maxWords bounds what is shown of a shop's words.
const maxWords = 300

// words makes a shop's text fit to be shown: one line, short, without the
// password that a page may repeat.
func words(text string, secret order.Secret) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)), " ")
	for _, plain := range []string{secret.Reveal(), strings.Join(strings.Fields(secret.Reveal()), " ")} {
		if plain != "" {
			text = strings.ReplaceAll(text, plain, "[secret]")
		}
	}
	if runes := []rune(text); len(runes) > maxWords {
		text = string(runes[:maxWords]) + "…"
	}
	return text
}
