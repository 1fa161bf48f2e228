package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/notify"
)

// Names of marks in the store.
const (
	markDigest = "digest"        // the end of the last day that was told
	markNumber = "digest number" // of the last digest, as seconds since 1970
	markVisit  = "visit:"
	markFull   = "full:"
	markTried  = "recipe tried:" // by the hash of its text
)

const aDay = 24 * time.Hour

// digestDay says which time the next digest is about: from the end of the last
// one to the last digest hour that has passed; false if it was told already.
func (a *app) digestDay(now time.Time) (from, to time.Time, due bool, err error) {
	d := a.cfg.Digest
	if d == nil {
		return from, to, false, nil
	}
	from, ok, err := a.db.Marked(markDigest)
	if err != nil || !ok {
		return from, to, false, err
	}
	if from.Sub(now) > aDay { // marked by a clock that was wrong: no digest would come until then
		from = now.Add(-aDay)
	}
	to = latest(zoned{d.At, d.Zone}, from, now)
	return from, to, !to.IsZero(), nil
}

// sendDigest mails the digest of a day to the seller. The day counts as told
// once one of the addresses has it, or may have it: better a gap in one mailbox
// than the same digest again and again.
func (a *app) sendDigest(ctx context.Context, from, to time.Time) error {
	if a.sender == nil || a.cfg.Digest == nil {
		return errors.New("the config has no digest and email section")
	}
	number, err := a.nextNumber()
	if err != nil {
		return err
	}
	facts, err := a.facts(ctx, from, to, number, true)
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	subject, text, html, err := notify.RenderDigest(facts)
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	told, err := a.mailSeller(ctx, sellerMail{variant: "digest", step: to.UTC().Format(time.RFC3339), subject: subject, text: text, html: html})
	errs := []error{err}
	if told {
		keep := context.WithoutCancel(ctx)
		errs = append(errs, a.db.Mark(keep, markDigest, to), a.db.Mark(keep, markNumber, time.Unix(int64(number), 0)))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	a.log.Info("digest sent", "number", number, "from", from, "to", to)
	return nil
}

// nextNumber is that of the next digest. It is used up by a digest that went
// out only: readers take a gap for a mail that got lost.
func (a *app) nextNumber() (int, error) {
	last, ok, err := a.db.Marked(markNumber)
	if err != nil || !ok {
		return 1, err
	}
	return int(last.Unix()) + 1, nil
}
