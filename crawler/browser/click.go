package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/crawler/recipe"
)

const (
	clickEffect = 5 * time.Second        // by then a click has begun to do something
	clickCalm   = 150 * time.Millisecond // without a change: the page is done
)

// Click presses an element of the page that the last call returned, to get to
// the next page. It is false when the element is gone or disabled. The page is
// there when it stopped changing and wait holds. If the last Get captured a
// response, Click returns the one fetched after the click.
func (b *Browser) Click(ctx context.Context, sel *recipe.Selector, wait *recipe.Wait) (recipe.Page, bool, error) {
	var next recipe.Page
	var pressed bool
	err := b.useLast(ctx, func(ctx context.Context, t *tab) error {
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		var err error
		if pressed, err = t.clickable(ctx, sel.Source); err != nil || !pressed {
			return err
		}
		capture := t.capturing()
		t.startCatching(capture)
		if err := t.clickAndSettle(ctx, sel.Source); err != nil {
			return b.late(ctx, "nothing came of it", err)
		}
		if wait != nil {
			if err := t.waitFor(ctx, wait); err != nil {
				return b.late(ctx, waitWords(wait)+" did not come", err)
			}
		}
		if capture != nil {
			next, err = b.caught(ctx, t, true)
			return b.late(ctx, captureWords(capture), err)
		}
		next, err = b.read(ctx, t)
		return b.late(ctx, "the page could not be read", err)
	})
	if err != nil {
		return recipe.Page{}, false, fmt.Errorf("clicking %q: %w", sel.Source, err)
	}
	return next, pressed, nil
}

func (t *tab) clickable(ctx context.Context, sel string) (bool, error) {
	if err := t.checkSelector(ctx, sel); err != nil {
		return false, err
	}
	at, err := ask[struct{ Found, Disabled bool }](ctx, t, "point", sel)
	return at.Found && !at.Disabled, err
}

// clickAndSettle clicks and waits for what the click does: another document, or
// changes in this one.
func (t *tab) clickAndSettle(ctx context.Context, sel string) error {
	if _, err := ask[*struct{}](ctx, t, "watch"); err != nil {
		return err
	}
	t.mu.Lock()
	before, fetches := t.loader, t.fetches
	t.mu.Unlock()
	if err := t.click(ctx, sel); err != nil {
		return err
	}
	for end := time.Now().Add(clickEffect); ; pause(ctx, pollPause) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.mu.Lock()
		other, settled, busy, asked := t.loader != before, t.settled(), len(t.fetching) > 0, t.fetches > fetches
		t.mu.Unlock()
		if other && settled {
			t.quiet(ctx, quietMoment, quietLimit)
			return nil
		}
		if t.lost() {
			return errTab
		}
		c, err := ask[struct {
			Count int
			Calm  float64 // milliseconds
		}](ctx, t, "changes")
		switch {
		case err != nil && !errors.Is(err, errNoDocument):
			return err
		case err != nil || !settled || busy: // on its way
		case c.Count > 0 && c.Calm >= float64(clickCalm.Milliseconds()):
			return nil
		case c.Count == 0 && !asked && time.Now().After(end):
			return errors.New("nothing on the page changed")
		}
	}
}
