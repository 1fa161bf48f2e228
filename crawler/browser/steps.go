package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

const (
	optionalTimeout = 3 * time.Second // a banner that is not there yet does not come
	typedAtMost     = 200             // characters go in one by one; more is pasted
	beginsWithin    = 250 * time.Millisecond
	againAfter      = 4 * time.Second // a click that sent nothing by then met a dead button
)

// SignIn runs the steps in the tab that was used last, and returns what is shown
// when they are done, with live values mirrored as data-nudged-value. Beside an
// error the page is filled too, as far as there is one: the shop's words of
// refusal stand on it. A step that can not be done is a *StepError.
func (b *Browser) SignIn(ctx context.Context, steps []recipe.Step, expand func(*recipe.Template) (string, error)) (recipe.Page, error) {
	var shown recipe.Page
	err := b.use(ctx, func(ctx context.Context, t *tab) error {
		t.startCatching(nil)
		on := b.newStage(t)
		alone := on.follow()
		defer on.end(t)
		defer alone()
		if err := b.runSteps(ctx, on, steps, expand); err != nil {
			// What is there counts, even if it never finishes loading.
			if b.Alive() {
				shown = b.leftOver(ctx, on.current())
			}
			return err
		}
		var err error
		shown, err = b.outcome(ctx, on.current())
		return err
	})
	if err != nil {
		return shown, fmt.Errorf("signing in: %w", err)
	}
	return shown, nil
}

// outcome is what a tab shows when all is done.
func (b *Browser) outcome(ctx context.Context, t *tab) (recipe.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
	defer cancel()
	ctx, done := within(ctx, t.ctx)
	defer done()
	return b.readAfter(ctx, t, nil, nil)
}

// leftOver is what a tab shows when a step failed: often it is what a person has
// to see to. A page whose scripts keep it busy is read once they are stopped.
func (b *Browser) leftOver(ctx context.Context, t *tab) recipe.Page {
	if t.lost() || ctx.Err() != nil {
		return recipe.Page{}
	}
	ctx, done := within(ctx, t.ctx)
	defer done()
	p, err := b.readSoon(ctx, t)
	if err != nil && ctx.Err() == nil {
		if t.interrupt(ctx) == nil {
			p, _ = b.readSoon(ctx, t)
		}
	}
	return p
}

// interrupt ends the script that runs, and whatever is loading.
func (t *tab) interrupt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := chromedp.Call(ctx, runtime.TerminateExecution, cdp.Empty{})
	return err
}

func (b *Browser) readSoon(ctx context.Context, t *tab) (recipe.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, optionalTimeout)
	defer cancel()
	return b.read(ctx, t)
}

func (b *Browser) runSteps(ctx context.Context, on *stage, steps []recipe.Step, expand func(*recipe.Template) (string, error)) error {
	for i := range steps {
		s := &steps[i]
		limit := s.Timeout
		if limit <= 0 {
			limit = b.opts.StepTimeout
			if s.Optional {
				limit = min(limit, optionalTimeout)
			}
		}
		on.settle(ctx)
		filling, err := b.codeFirst(ctx, limit, on, s, expand)
		if err != nil {
			return b.explainStep(ctx, on.current(), i+1, s, err)
		}
		stepCtx, cancel := context.WithTimeout(ctx, limit)
		err = b.runStep(stepCtx, on, s, filling)
		late := ctx.Err() == nil && (stepCtx.Err() != nil || errors.Is(err, context.DeadlineExceeded))
		cancel()
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || !b.Alive() || on.current().lost():
			return err
		case s.Optional:
			b.log.Debug("an optional step of the sign-in was left out", "step", i+1, "err", clip(err.Error(), 200))
			continue
		case late && !b.answers():
			return ErrGone
		case late:
			err = &lateError{notDone(s, err), limit}
		}
		if s.Open != nil {
			if err := on.current().stopBriefly(ctx); err != nil {
				b.log.Debug("a page that does not load does not stop either", "err", err)
			}
		}
		return b.explainStep(ctx, on.current(), i+1, s, err)
	}
	return nil
}

// codeFirst gets a one-time code before the step's own time begins: one that was
// not used yet may be half a minute away, and a person takes longer. It is only
// got where its field is there; then, having none is no matter of option.
func (b *Browser) codeFirst(ctx context.Context, limit time.Duration, on *stage, s *recipe.Step, expand func(*recipe.Template) (string, error)) (func(*recipe.Template) (string, error), error) {
	if s.Fill == nil || !slices.Contains(s.Fill.With.Names(), "totp") {
		return expand, nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	err := on.waitFor(ctx, &recipe.Wait{For: &s.Fill.Into}, s.Frame)
	cancel()
	if err != nil {
		return func(*recipe.Template) (string, error) { return "", err }, nil
	}
	text, err := expand(&s.Fill.With)
	return func(*recipe.Template) (string, error) { return text, nil }, err
}

func secret(t *recipe.Template) bool {
	names := t.Names()
	return slices.Contains(names, "password") || slices.Contains(names, "totp")
}

func (t *tab) stopBriefly(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ctx, done := within(ctx, t.ctx)
	defer done()
	return t.stopLoading(ctx)
}

func (b *Browser) explainStep(ctx context.Context, t *tab, n int, s *recipe.Step, err error) error {
	step := &StepError{Step: n, Act: stepWords(s), Err: err}
	ctx, cancel := context.WithTimeout(ctx, optionalTimeout)
	defer cancel()
	if at, err := ask[struct{ URL, Title string }](ctx, t, "state", "", ""); err == nil {
		step.URL, step.Title = plain(at.URL), clip(at.Title, 80)
	}
	return step
}

// stepWords says what a step does, without what it types.
func stepWords(s *recipe.Step) string {
	words := "nothing"
	switch {
	case s.Open != nil:
		words = "open a page"
	case s.Fill != nil:
		words = fmt.Sprintf("fill %q", s.Fill.Into.Source)
	case s.Choose != nil:
		words = fmt.Sprintf("choose in %q", s.Choose.In.Source)
	case s.Click != nil:
		words = fmt.Sprintf("click %q", s.Click.Source)
	case s.Press != "":
		words = "press " + s.Press
	case s.Wait != nil:
		words = "wait for " + waitWords(s.Wait)
	}
	if s.Frame != nil {
		words += fmt.Sprintf(" in the frame %q", s.Frame.Source)
	}
	return words
}

// notDone says why a step ran into its deadline.
func notDone(s *recipe.Step, err error) string {
	var w *waitingError
	switch {
	case errors.As(err, &w):
		return w.what
	case s.Open != nil:
		return "the shop did not answer"
	case s.Wait != nil:
		return "it did not come"
	}
	return "it could not be done"
}

func (b *Browser) runStep(ctx context.Context, on *stage, s *recipe.Step, expand func(*recipe.Template) (string, error)) error {
	if s.Wait == nil && !s.Optional { // a wait means what came since the last act
		for _, t := range on.live() {
			t.listen()
		}
	}
	switch {
	case s.Open != nil:
		return b.openStep(ctx, on.current(), s.Open, expand)
	case s.Fill != nil:
		text, err := expand(&s.Fill.With)
		if err != nil {
			return err
		}
		return on.fill(ctx, s.Fill.Into.Source, text, secret(&s.Fill.With), s.Frame)
	case s.Choose != nil:
		option, err := expand(&s.Choose.Option)
		if err != nil {
			return err
		}
		return on.choose(ctx, s.Choose.In.Source, option, s.Frame)
	case s.Click != nil:
		return on.actUntil(ctx, s, func() (*tab, error) { return on.click(ctx, s.Click.Source, s.Frame) })
	case s.Press != "":
		return on.actUntil(ctx, s, func() (*tab, error) { return on.press(ctx, s.Press) })
	case s.Wait != nil:
		return on.waitFor(ctx, s.Wait, s.Frame)
	}
	return errors.New("the step says nothing to do in a browser")
}

func (b *Browser) openStep(ctx context.Context, t *tab, to *recipe.Template, expand func(*recipe.Template) (string, error)) error {
	address, err := expand(to)
	if err != nil {
		return err
	}
	if address, err = b.resolve(address); err != nil {
		return err
	}
	ctx, done := within(ctx, t.ctx)
	defer done()
	if err := t.open(ctx, address); err != nil {
		return err
	}
	return t.load(ctx)
}
