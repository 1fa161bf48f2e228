package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"

	"nudged/crawler/recipe"
)

const (
	clickEffect  = 3 * time.Second         // by then a click has begun to do something
	scrollEffect = 1500 * time.Millisecond // as has scrolling
	calmMoment   = 250 * time.Millisecond  // without a change: the page is done
)

// Click presses an element of the page that the last call returned, to get to
// the next page. It is false when the element is gone or disabled, or when the
// click changes nothing: that was the last page. The page is there when it
// stopped changing and wait holds; with capture it is what was fetched after the
// click.
func (b *Browser) Click(ctx context.Context, sel *recipe.Selector, wait *recipe.Wait, capture *recipe.Capture) (recipe.Page, bool, error) {
	m := move{wait: wait, capture: capture, effect: clickEffect}
	p, ok, err := b.moveOn(ctx, m, func(ctx context.Context, t *tab) (bool, error) {
		if there, err := t.clickable(ctx, sel.Source); err != nil || !there {
			return false, err
		}
		on := b.newStage(t)
		_, err := on.click(ctx, sel.Source, nil)
		return true, err
	})
	if err != nil {
		return recipe.Page{}, false, fmt.Errorf("clicking %q: %w", sel.Source, err)
	}
	return p, ok, nil
}

// Scroll scrolls an element of the page that the last call returned to its end,
// with everything around it, so that more rows come. It is false when none do,
// or the element is not there. The page and what is captured are as with Click.
func (b *Browser) Scroll(ctx context.Context, sel *recipe.Selector, wait *recipe.Wait, capture *recipe.Capture) (recipe.Page, bool, error) {
	m := move{wait: wait, capture: capture, effect: scrollEffect}
	p, ok, err := b.moveOn(ctx, m, func(ctx context.Context, t *tab) (bool, error) {
		if err := t.checkSelector(ctx, sel.Source); err != nil {
			return false, err
		}
		return ask[bool](ctx, t, "scroll", sel.Source)
	})
	if err != nil {
		return recipe.Page{}, false, fmt.Errorf("scrolling %q: %w", sel.Source, err)
	}
	return p, ok, nil
}

// move is one step through a list on the same page.
type move struct {
	wait    *recipe.Wait
	capture *recipe.Capture
	effect  time.Duration
}

// moveOn acts on the page of the last call, and returns what comes of it.
func (b *Browser) moveOn(ctx context.Context, m move, act func(context.Context, *tab) (bool, error)) (recipe.Page, bool, error) {
	var next recipe.Page
	var moved bool
	err := b.useLast(ctx, func(ctx context.Context, t *tab) error {
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		var err error
		if moved, err = b.acted(ctx, t, m, act); err != nil || !moved {
			return b.late(ctx, "nothing came of it", err)
		}
		if m.wait != nil {
			if err := b.newStage(t).waitFor(ctx, m.wait); err != nil {
				return b.late(ctx, waitWords(m.wait)+" did not come", err)
			}
		}
		if m.capture != nil {
			next, err = b.caught(ctx, t, true)
			return b.late(ctx, captureWords(m.capture), err)
		}
		next, err = b.read(ctx, t)
		return b.late(ctx, "the page could not be read", err)
	})
	return next, moved && err == nil, err
}

// acted is false when there was nothing to act on, or nothing came of it.
func (b *Browser) acted(ctx context.Context, t *tab, m move, act func(context.Context, *tab) (bool, error)) (bool, error) {
	before, err := ask[string](ctx, t, "content")
	if err != nil {
		return false, err
	}
	if _, err := ask[*struct{}](ctx, t, "watch"); err != nil {
		return false, err
	}
	t.startCatching(m.capture)
	t.listen()
	t.setApart()
	t.mu.Lock()
	loader := t.loader
	t.mu.Unlock()
	if ok, err := act(ctx, t); err != nil || !ok {
		return false, err
	}
	return b.came(ctx, t, m, before, loader)
}

// came waits for what an act brings, and is false when nothing came of it: another
// document, or another content than before.
func (b *Browser) came(ctx context.Context, t *tab, m move, before string, loader cdp.LoaderID) (bool, error) {
	grace := quietLimit // for what was fetched to get onto the page
	for seen, end := 0, time.Now().Add(m.effect); ; pause(ctx, pollPause) {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		s := t.since(loader)
		switch {
		case t.lost():
			return false, errTab
		case s.other && s.settled:
			t.quiet(ctx, quietMoment, quietLimit)
			return true, nil
		case s.other || !s.settled || s.busy: // on its way
			end = later(end, time.Now().Add(m.effect/2))
			continue
		case s.fresh && grace > 0: // what was fetched may not be shown yet
			grace -= pollPause
			continue
		}
		changed, err := t.hasChanged(ctx, before, &seen)
		if err == nil && changed && t.since(loader).busy && grace > 0 { // a word of waiting, not what comes
			seen, grace = 0, grace-pollPause
			continue
		}
		if err != nil || changed {
			return changed, err
		}
		if time.Now().After(end) {
			return false, nil
		}
	}
}

// progress of a tab since an act: whether it has another document, which is there; whether
// something is being fetched, or has just come.
type progress struct{ other, settled, busy, fresh bool }

func (t *tab) since(loader cdp.LoaderID) progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return progress{
		other: t.loader != loader, settled: t.settled(), busy: t.busy(),
		fresh: t.fetches > 0 && time.Since(t.fetched) < calmMoment,
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// hasChanged tells, once the page is calm, whether it holds something else than
// before, or has fetched what is to be captured. Most clicks change a colour or a
// class, which is nothing.
func (t *tab) hasChanged(ctx context.Context, before string, seen *int) (bool, error) {
	c, err := ask[struct {
		Count int
		Calm  float64 // milliseconds
	}](ctx, t, "changes")
	if errors.Is(err, errNoDocument) || err == nil && c.Calm < float64(calmMoment.Milliseconds()) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if t.capturing() != nil {
		return t.hasFitting(ctx)
	}
	if c.Count == *seen {
		return false, nil
	}
	*seen = c.Count
	now, err := ask[string](ctx, t, "content")
	if errors.Is(err, errNoDocument) {
		return false, nil
	}
	return now != before, err
}

// hasFitting looks at the responses that have come whole.
func (t *tab) hasFitting(ctx context.Context) (bool, error) {
	t.mu.Lock()
	whole := t.catch.whole
	t.mu.Unlock()
	fit, err := t.fitting(ctx, whole)
	return len(fit) > 0, err
}

func (t *tab) clickable(ctx context.Context, sel string) (bool, error) {
	if err := t.checkSelector(ctx, sel); err != nil {
		return false, err
	}
	at, err := ask[point](ctx, t, "point", sel)
	return at.Found && !at.Disabled, err
}
