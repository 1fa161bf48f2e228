package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// waitingError says what an element is not ready for.
type waitingError struct{ what string }

func (e *waitingError) Error() string { return e.what }

// retry asks until it gets an answer that is ready, or ctx ends; then it says
// what the last answer was waiting for.
func retry(ctx context.Context, t *tab, sel string, try func() (waiting string, err error)) error {
	if err := t.checkSelector(ctx, sel); err != nil {
		return err
	}
	var last string
	for {
		waiting, err := try()
		switch {
		case err == nil && waiting == "":
			return nil
		case err == nil:
			last = waiting
		case ctx.Err() == nil && !errors.Is(err, errNoDocument):
			return err
		}
		if pause(ctx, pollPause); ctx.Err() != nil {
			if last == "" {
				return ctx.Err()
			}
			return &waitingError{last}
		}
		if t.lost() {
			return errTab
		}
	}
}

const notThere = "it is not there, or not visible,"

// fill types into a field as a person would: the page sees real keys. Where that
// does not bring the text in (masks, selects), it is set with the events that
// forms listen to.
func (t *tab) fill(ctx context.Context, sel, text string) error {
	var field struct{ Found, Disabled, Choice, Filled, Focused bool }
	err := retry(ctx, t, sel, func() (string, error) {
		var err error
		field, err = ask[struct{ Found, Disabled, Choice, Filled, Focused bool }](ctx, t, "focus", sel)
		switch {
		case !field.Found:
			return notThere, err
		case field.Disabled:
			return "it is disabled", err
		}
		return "", err
	})
	if err != nil {
		return err
	}
	if field.Focused && !field.Choice {
		if err := t.typeIn(ctx, text, field.Filled); err != nil {
			return err
		}
		if ok, err := ask[bool](ctx, t, "holds", sel, text); ok || err != nil {
			return err
		}
	}
	ok, err := ask[bool](ctx, t, "put", sel, text)
	if err == nil && !ok {
		return errors.New("it does not take the text")
	}
	return err
}

func (t *tab) typeIn(ctx context.Context, text string, replace bool) error {
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

// click presses the mouse where the element is, once it stands still. If
// something lies over it, the element is told of a click instead.
func (t *tab) click(ctx context.Context, sel string) error {
	type point struct {
		Found, Disabled, Free bool
		X, Y                  float64
	}
	var at, before point
	err := retry(ctx, t, sel, func() (string, error) {
		var err error
		before = at
		at, err = ask[point](ctx, t, "point", sel)
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
		return err
	}
	if at.Free {
		return chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y))
	}
	_, err = ask[*struct{}](ctx, t, "press", sel)
	if errors.Is(err, errNoDocument) {
		return nil // it led somewhere
	}
	return err
}

// press sends a key to what has the focus.
func (t *tab) press(ctx context.Context, key string) error {
	keys := map[string]string{
		"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace,
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	}
	text, ok := keys[key]
	if !ok {
		return fmt.Errorf("there is no key %q; known are Enter, Tab, Escape, Space, Backspace and the Arrows", clip(key, 20))
	}
	return chromedp.Do(ctx, chromedp.KeyEvent(text))
}
