package main

import (
	"context"
	"time"
)

// A digest whose hour was slept through waits until the shops have been read again,
// but not for ever.
const (
	digestLate  = 5 * time.Minute
	digestWaits = 30 * time.Minute
)

// digest sends what is due. It is asked at the digest's hour, after each visit, and
// every few minutes in between, in case the mail server was down at the hour.
func (d *daemon) digest(ctx context.Context) {
	if d.a.mailRests() {
		return
	}
	d.asked.Store(true)
	for d.digesting.TryLock() {
		d.asked.Store(false)
		waits := d.sendDigest(ctx)
		d.digesting.Unlock()
		if !waits || !d.asked.Load() {
			return
		}
	}
}

// sendDigest sends what is due. It is true if that waits for a visit: one that ends
// meanwhile has found the digest locked, and nobody else would look again.
func (d *daemon) sendDigest(ctx context.Context) (waits bool) {
	now := d.a.now()
	from, to, due, err := d.a.digestDay(now)
	if err == nil && due && now.Sub(to) > digestLate {
		due, err = d.caughtUp(now)
		waits = err == nil && !due
	}
	if err == nil && due {
		err = d.a.sendDigest(ctx, from, to)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		d.a.log.Error("the digest could not be sent; it is tried again", "err", err)
	case err == nil && due:
		d.awake = time.Time{}
	}
	return waits
}

// caughtUp reports whether a digest that is late may go out: no shop is about to be
// read, or being read, to make up for a visit that was missed.
func (d *daemon) caughtUp(now time.Time) (bool, error) {
	if d.awake.IsZero() {
		d.awake = now
	}
	if now.Sub(d.awake) >= digestWaits {
		return true, nil
	}
	for _, shop := range d.a.cfg.Shops {
		last, ok, err := d.a.db.Marked(markVisit + shop.Name)
		if err != nil {
			return false, err
		}
		d.mu.Lock()
		behind := !ok || d.visiting[shop.Name] || missed(zoned{shop.Visit, shop.Zone}, last, now)
		d.mu.Unlock()
		if behind {
			return false, nil
		}
	}
	return true, nil
}

// underWay notes that a shop is visited, until the answer is called.
func (d *daemon) underWay(shop string) (over func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.visiting[shop] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.visiting, shop)
	}
}
