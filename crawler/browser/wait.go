package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

// waitFor ends when one of the conditions holds in a document that is there.
func (t *tab) waitFor(ctx context.Context, w *recipe.Wait) error {
	want, gone := source(w.For), source(w.Gone)
	for _, sel := range []string{want, gone} {
		if err := t.checkSelector(ctx, sel); err != nil {
			return err
		}
	}
	type state struct {
		Want, Gone, Ready bool
		URL               string
	}
	for {
		s, err := ask[state](ctx, t, "state", want, gone)
		switch {
		case err != nil && !errors.Is(err, errNoDocument):
			return err
		case err != nil: // the next document
		case s.Want, s.Gone && s.Ready && t.isSettled(), w.URL != nil && w.URL.MatchString(s.URL):
			return nil
		}
		if pause(ctx, pollPause); ctx.Err() != nil {
			return ctx.Err()
		}
		if t.lost() {
			return errTab
		}
	}
}

func (t *tab) isSettled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settled()
}

// checkSelector finds out whether the browser knows a selector that our own
// compiler accepted: it would wait for ever for one that it does not.
func (t *tab) checkSelector(ctx context.Context, sel string) error {
	if sel == "" {
		return nil
	}
	_, err := ask[bool](ctx, t, "check", sel)
	var thrown *chromedp.ExceptionError
	if errors.As(err, &thrown) {
		return fmt.Errorf("chrome does not understand the selector %q", sel)
	}
	return nil // anything else shows when it is used
}

func source(sel *recipe.Selector) string {
	if sel == nil {
		return ""
	}
	return sel.Source
}

// waitWords says what was waited for.
func waitWords(w *recipe.Wait) string {
	var parts []string
	if w.For != nil {
		parts = append(parts, fmt.Sprintf("%q", w.For.Source))
	}
	if w.Gone != nil {
		parts = append(parts, fmt.Sprintf("the end of %q", w.Gone.Source))
	}
	if w.URL != nil {
		parts = append(parts, fmt.Sprintf("an address like %s", w.URL.String()))
	}
	return strings.Join(parts, " or ")
}
