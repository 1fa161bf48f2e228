package crawler

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Pauses after a password was sent and did not lead to the proof.
const (
	firstPause = 10 * time.Minute
	lastPause  = 6 * time.Hour
	lockPause  = time.Hour // of an account that the shop has locked, if it does not say how long
)

// door remembers sign-ins that ended without an answer. Looks come every minute;
// a shop that answers a wrong password with a page that the recipe does not
// know, or asks for a code each time, would lock the account. A password that
// was refused in so many words is the caller's to keep back.
//
// Where a person is needed nothing is tried again until one acts: by signing in,
// by another password in the config, or by [Spider.Again].
type door struct {
	shut
	err   error
	again atomic.Bool // a person says: now
}

// shut is what a door remembers, over restarts too.
type shut struct {
	Key    string    `json:"key,omitempty"` // of user and password: other ones are a new try
	Failed int       `json:"n,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Until  time.Time `json:"until,omitzero"` // zero: until a person acts
	Person bool      `json:"person,omitempty"`
	Locked bool      `json:"locked,omitempty"`
	Why    string    `json:"why,omitempty"`
	Shown  string    `json:"shown,omitempty"` // file of a screenshot
}

func keyOf(shop Shop) string {
	sum := sha256.Sum256([]byte(shop.User + "\x00" + shop.Password.Reveal() + "\x00" + shop.TOTP.Reveal()))
	return hex.EncodeToString(sum[:8])
}

// closed gives the last error while no new try is due.
func (d *door) closed(shop Shop, now time.Time) error {
	if d.err == nil || d.Key != keyOf(shop) || (!d.Until.IsZero() && !now.Before(d.Until)) {
		return nil
	}
	if d.Until.IsZero() || d.Locked {
		return d.err
	}
	return fmt.Errorf("%w (the password is not sent again before %s, so that the shop does not lock the account)", d.err, d.Until.Format(time.TimeOnly))
}

// waits gives the error of a shop that waits for a person, also where a session
// is still good: a risk page is not asked for again.
func (d *door) waits(shop Shop, now time.Time) error {
	if !d.Person {
		return nil
	}
	return d.closed(shop, now)
}

func (d *door) open() { d.shut, d.err = shut{}, nil }

// note keeps the end of a try in which the password was sent, or in which a
// person was found to be needed.
func (d *door) note(shop Shop, now time.Time, err error) {
	var refused *RefusedError
	if key := keyOf(shop); err == nil || errors.As(err, &refused) || d.Key != key {
		d.open()
		d.Key = key
	}
	if err == nil || errors.As(err, &refused) {
		return
	}
	failed := d.Failed
	_, why := outcome(err)
	var away *UnavailableError
	if errors.As(err, &away) {
		why = away.what() // when it is asked again is said anew
	}
	d.shut = shut{Key: d.Key, Failed: failed + 1, At: now, Why: why, Until: now.Add(min(firstPause<<min(failed, 10), lastPause))}
	d.err = err
	var needs *NeedsYouError
	if !errors.As(err, &needs) {
		return
	}
	d.Person, d.Why, d.Shown, d.Locked = true, needs.Why, needs.Screenshot, needs.Locked
	d.Until = needs.Until
}

// recall what an earlier run of the program remembered. A session that is
// younger opens the door: somebody has signed in meanwhile.
func (d *door) recall(shop Shop, kept *session) {
	if kept.ID != "" && kept.At.After(d.At) {
		d.open()
	}
	if kept.Door == nil || d.err != nil || kept.Door.Key == "" || kept.ID != "" && kept.At.After(kept.Door.At) {
		return
	}
	d.shut = *kept.Door
	d.err = d.remembered(shop.Name)
}

func (d *door) remembered(shop string) error {
	if d.Person {
		return &NeedsYouError{Shop: shop, Why: d.Why, Screenshot: d.Shown, Locked: d.Locked, Until: d.Until}
	}
	return &UnavailableError{Shop: shop, Err: errors.New(d.Why)}
}

// kept is what has to outlive the program; nil if nothing.
func (d *door) kept() *shut {
	if d.err == nil {
		return nil
	}
	out := d.shut
	return &out
}

// Again lets the next sign-in of a shop happen at once, though the last one
// ended without an answer: a person asks for it.
func (s *Spider) Again(shop string) {
	d := s.deskOf(shop)
	d.door.again.Store(true)
	d.rests.again.Store(true)
}

// duration finds how long a lock lasts in a shop's words; false if they do not
// say it in a way that is understood.
func duration(text string) (time.Duration, bool) {
	m := lasting.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		n = 1 // "one hour", "an hour"
	}
	unit := time.Minute
	switch {
	case m[2] == "hour", m[2] == "hr", m[2] == "stunde", m[2] == "heure", m[2] == "hora", m[2] == "小时":
		unit = time.Hour
	case strings.HasPrefix(m[2], "s"), m[2] == "秒":
		unit = time.Second
	case m[2] != "min" && m[2] != "分":
		unit = 24 * time.Hour
	}
	return min(time.Duration(n)*unit, 7*24*time.Hour), true
}

var lasting = regexp.MustCompile(`(\d{1,5}|\bone|\ban?|\beine[rn]?|\bune?|\bun[ao]?)\s*(sec|sek|seg|min|hour|hr|stunde|heure|hora|day|tag|jour|d[ií]a|小时|分|秒|天)`)
