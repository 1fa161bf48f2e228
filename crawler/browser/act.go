package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nudged/crawler/recipe"
)

// waitingError says what an element is not ready for.
type waitingError struct{ what string }

func (e *waitingError) Error() string { return e.what }

// retry asks until it gets an answer that is ready, or ctx ends; then it says
// what the last answer was waiting for. It asks the window on top first, and the
// one below it only for what is not there.
func (s *stage) retry(ctx context.Context, sel string, in *recipe.Selector, try func(place) (waiting string, err error)) (*tab, error) {
	if err := s.current().checkSelector(ctx, sel); err != nil {
		return nil, err
	}
	var last string
	for {
		t, err := s.tryAll(ctx, in, try, &last)
		if t != nil || err != nil {
			return t, err
		}
		if pause(ctx, pollPause); ctx.Err() != nil {
			if last == "" {
				return nil, ctx.Err()
			}
			return nil, &waitingError{last}
		}
		if s.current().lost() {
			return nil, errTab
		}
	}
}

// tryAll asks every window once. last is what the last answer was waiting for.
func (s *stage) tryAll(ctx context.Context, in *recipe.Selector, try func(place) (waiting string, err error), last *string) (*tab, error) {
	for _, t := range s.live() {
		waiting, err := try(s.in(t, in))
		switch {
		case err == nil && waiting == "":
			s.goTo(t)
			return t, nil
		case errors.Is(err, errNoFrame) && (*last == "" || *last == noFrame):
			*last = noFrame
		case err == nil && (*last == "" || *last == noFrame || waiting != notThere):
			*last = waiting
		case err != nil && ctx.Err() == nil && !errors.Is(err, errNoDocument) && !t.lost():
			return nil, err
		}
		if err == nil && waiting != notThere {
			break
		}
	}
	return nil, nil //nolint:nilnil // nothing is there yet, and nothing is wrong
}

const (
	notThere = "it is not there, or not visible,"
	noFrame  = "its frame is not there, or not visible,"
)

// field is what focusing a field tells of it.
type field struct{ Found, Disabled, Choice, Filled, Focused bool }

// fill types into a field as a person would: the page sees real keys. Where that
// does not bring the text in (masks, selects), it is set with the events that
// forms listen to.
//
// A secret is typed on the shop's own pages only: from another one, where a
// redirect or a window led, a mere address can carry it off.
func (s *stage) fill(ctx context.Context, sel, text string, secret bool, in *recipe.Selector) error {
	var f field
	t, err := s.retry(ctx, sel, in, func(p place) (string, error) {
		var err error
		f, err = ask[field](ctx, p, "focus", sel)
		switch {
		case !f.Found:
			return notThere, err
		case f.Disabled:
			return "it is disabled", err
		}
		return "", err
	})
	if err != nil {
		return err
	}
	p := s.in(t, in)
	if secret {
		if err := s.b.trusts(ctx, p); err != nil {
			return err
		}
	}
	if f.Focused && !f.Choice {
		if err := t.typeIn(ctx, text, f.Filled); err != nil {
			return err
		}
		if ok, err := ask[bool](ctx, p, "holds", sel, text); ok || err != nil {
			return err
		}
	}
	ok, err := ask[bool](ctx, p, "put", sel, text)
	if err == nil && !ok {
		return errors.New("it does not take the text")
	}
	return err
}

// trusts a document of the shop's own origin.
func (b *Browser) trusts(ctx context.Context, p place) error {
	at, err := ask[struct{ URL string }](ctx, p, "state", "", "")
	if err != nil {
		return err
	}
	if u, err := url.Parse(at.URL); err != nil || !b.guard.Own(u) {
		return fmt.Errorf("the page at %s is not the shop's, and the password is for the shop alone; if it signs in elsewhere, give that address as its url", plain(at.URL))
	}
	return nil
}

func (t *tab) typeIn(ctx context.Context, text string, replace bool) error {
	ctx, done := within(ctx, t.ctx)
	defer done()
	if replace { // its text is selected
		if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Backspace)); err != nil {
			return err
		}
	}
	if len(text) <= typedAtMost && !strings.ContainsFunc(text, unicode.IsControl) {
		return chromedp.Do(ctx, chromedp.KeyEvent(text))
	}
	_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
	return err
}

// choose takes an option of a select, once it is there.
func (s *stage) choose(ctx context.Context, sel, option string, in *recipe.Selector) error {
	_, err := s.retry(ctx, sel, in, func(p place) (string, error) {
		c, err := ask[struct{ Found, Disabled, Select, Option bool }](ctx, p, "choose", sel, option)
		switch {
		case err != nil:
			return "", err
		case !c.Found:
			return notThere, nil
		case !c.Select:
			return "", errors.New("it is not a <select>; use click and fill for what only looks like one")
		case c.Disabled:
			return "it is disabled", nil
		case !c.Option:
			return "it has no such option", nil
		}
		return "", nil
	})
	return err
}

// point is where an element is to be clicked.
type point struct {
	Found, Disabled, Free bool
	X, Y                  float64
}

// click presses the mouse where the element is, once it stands still. If
// something lies over it, the element is told of a click instead.
func (s *stage) click(ctx context.Context, sel string, in *recipe.Selector) (*tab, error) {
	var at point
	var on place
	last := map[place]point{}
	t, err := s.retry(ctx, sel, in, func(p place) (string, error) {
		var err error
		on = p
		at, err = pointOf(ctx, p, sel)
		before := last[p]
		last[p] = at
		switch {
		case !at.Found:
			return notThere, err
		case at.Disabled:
			return "it is disabled", err
		case at != before:
			return "it does not stand still", err
		}
		return "", err
	})
	if err != nil {
		return nil, err
	}
	if at.Free {
		ctx, done := within(ctx, t.ctx)
		defer done()
		return t, chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y))
	}
	_, err = ask[*struct{}](ctx, on, "press", sel)
	if errors.Is(err, errNoDocument) {
		return t, nil // it led somewhere
	}
	return t, err
}

func pointOf(ctx context.Context, p place, sel string) (point, error) {
	at, err := ask[point](ctx, p, "point", sel)
	if err != nil || !at.Found {
		return at, err
	}
	outer, err := p.onTab(ctx, at.X, at.Y)
	at.X, at.Y, at.Free = outer.X, outer.Y, at.Free && outer.Free
	return at, err
}

// press sends a key to what has the focus.
func (s *stage) press(ctx context.Context, key string) (*tab, error) {
	keys := map[string]string{
		"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace,
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	}
	text, ok := keys[key]
	if !ok {
		return nil, fmt.Errorf("there is no key %q; known are Enter, Tab, Escape, Space, Backspace and the Arrows", clip(key, 20))
	}
	t := s.current()
	ctx, done := within(ctx, t.ctx)
	defer done()
	return t, chromedp.Do(ctx, chromedp.KeyEvent(text))
}
