package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

// state is what a wait asks of a page.
type state struct {
	Want, Gone, Ready bool
	URL               string
}

// waitFor ends when one of the conditions holds in a document that is there: of
// the frame, if one is given, of any window that the steps have open otherwise.
func (s *stage) waitFor(ctx context.Context, w *recipe.Wait, in ...*recipe.Selector) error {
	for _, sel := range []string{source(w.For), source(w.Gone)} {
		if err := s.current().checkSelector(ctx, sel); err != nil {
			return err
		}
	}
	if len(in) == 0 {
		in = []*recipe.Selector{nil}
	}
	for {
		for _, t := range s.live() {
			for _, frame := range in {
				holds, err := s.holds(ctx, t, w, frame)
				switch {
				case holds:
					s.goTo(t)
					return nil
				case err != nil && ctx.Err() == nil && !errors.Is(err, errNoDocument) && !t.lost():
					return err
				}
			}
		}
		if pause(ctx, pollPause); ctx.Err() != nil {
			return ctx.Err()
		}
		if s.current().lost() {
			return errTab
		}
	}
}

// holds asks one window, or a frame in it. What is gone is gone from where the
// last step was done.
func (s *stage) holds(ctx context.Context, t *tab, w *recipe.Wait, in *recipe.Selector) (bool, error) {
	if t.hasHeard(w.Response) {
		return true, nil
	}
	if w.For == nil && w.Gone == nil && w.URL == nil {
		return false, nil
	}
	now, err := ask[state](ctx, s.in(t, in), "state", source(w.For), source(w.Gone))
	if err != nil {
		return false, err
	}
	return now.Want || w.URL != nil && w.URL.MatchString(now.URL) ||
		now.Gone && now.Ready && t.isSettled() && t == s.current(), nil
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
	if w.Response != nil {
		parts = append(parts, fmt.Sprintf("a response of an address like %s", w.Response.String()))
	}
	return strings.Join(parts, " or ")
}
