package crawler

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Pauses after a password was sent and did not lead to the proof.
const (
	firstPause = 10 * time.Minute
	lastPause  = 6 * time.Hour
)

// door remembers sign-ins that ended without an answer. Looks come every minute;
// a shop that answers a wrong password with a page that the recipe does not
// know, or asks for a code each time, would lock the account. A password that
// was refused in so many words is the caller's to keep back.
type door struct {
	key    [sha256.Size]byte // of user and password: other ones are a new try
	failed int
	until  time.Time
	err    error
	again  atomic.Bool // a person says: now
}

func keyOf(shop Shop) [sha256.Size]byte {
	return sha256.Sum256([]byte(shop.User + "\x00" + shop.Password.Reveal()))
}

// shut gives the last error while no new try is due.
func (d *door) shut(shop Shop, now time.Time) error {
	if d.again.Swap(false) || d.err == nil || d.key != keyOf(shop) || !now.Before(d.until) {
		return nil
	}
	return fmt.Errorf("%w (the password is not sent again before %s, so that the shop does not lock the account)", d.err, d.until.Format(time.TimeOnly))
}

// note keeps the end of a try in which the password was sent.
func (d *door) note(shop Shop, now time.Time, err error) {
	var refused *RefusedError
	if key := keyOf(shop); err == nil || errors.As(err, &refused) || d.key != key {
		d.key, d.failed, d.err = key, 0, nil
	}
	if err == nil || errors.As(err, &refused) {
		return
	}
	d.err = err
	d.until = now.Add(min(firstPause<<min(d.failed, 10), lastPause))
	d.failed++
}

// Again lets the next sign-in of a shop happen at once, though the last one
// ended without an answer: a person asks for it.
func (s *Spider) Again(shop string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.desks[shop]; d != nil {
		d.door.again.Store(true)
	}
}
