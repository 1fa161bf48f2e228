package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/crawler/recipe"
)

const (
	optionalTimeout = 3 * time.Second // a banner that is not there yet does not come
	typedAtMost     = 200             // characters go in one by one; more is pasted
	beginsWithin    = 250 * time.Millisecond
)

// SignIn runs the steps in the tab that was used last, and returns what is shown
// when they are done, with live values mirrored as data-nudged-value. Beside an
// error the page is filled too, as far as there is one: the shop's words of
// refusal stand on it. A step that can not be done is a *StepError.
func (b *Browser) SignIn(ctx context.Context, steps []recipe.Step, expand func(*recipe.Template) (string, error)) (recipe.Page, error) {
	var shown recipe.Page
	err := b.use(ctx, func(ctx context.Context, t *tab) error {
		t.startCatching(nil)
		failed := b.runSteps(ctx, t, steps, expand)
		ctx, cancel := context.WithTimeout(ctx, b.opts.StepTimeout)
		defer cancel()
		var err error
		if failed != nil {
			// What is there counts, even if it never finishes loading.
			if !t.lost() && b.Alive() {
				shown, _ = b.readSoon(ctx, t)
			}
			return failed
		}
		shown, err = b.readAfter(ctx, t, nil, nil)
		return err
	})
	if err != nil {
		return shown, fmt.Errorf("signing in: %w", err)
	}
	return shown, nil
}

func (b *Browser) readSoon(ctx context.Context, t *tab) (recipe.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, optionalTimeout)
	defer cancel()
	return b.read(ctx, t)
}

func (b *Browser) runSteps(ctx context.Context, t *tab, steps []recipe.Step, expand func(*recipe.Template) (string, error)) error {
	for i := range steps {
		s := &steps[i]
		limit := s.Timeout
		if limit <= 0 {
			limit = b.opts.StepTimeout
			if s.Optional {
				limit = min(limit, optionalTimeout)
			}
		}
		stepCtx, cancel := context.WithTimeout(ctx, limit)
		err := b.runStep(stepCtx, t, s, expand)
		late := errors.Is(stepCtx.Err(), context.DeadlineExceeded) && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || !b.Alive() || t.lost():
			return err
		case s.Optional:
			b.log.Debug("an optional step of the sign-in was left out", "step", i+1, "err", clip(err.Error(), 200))
			continue
		case late:
			err = &lateError{notDone(s, err), limit}
		}
		if s.Open != nil {
			if err := t.stopBriefly(ctx); err != nil {
				b.log.Debug("a page that does not load does not stop either", "err", err)
			}
		}
		return b.explainStep(ctx, t, i+1, s, err)
	}
	return nil
}

func (t *tab) stopBriefly(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return t.stopLoading(ctx)
}

func (b *Browser) explainStep(ctx context.Context, t *tab, n int, s *recipe.Step, err error) error {
	step := &StepError{Step: n, Act: stepWords(s), Err: err}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if at, err := ask[struct{ URL, Title string }](ctx, t, "state", "", ""); err == nil {
		step.URL, step.Title = plain(at.URL), clip(at.Title, 80)
	}
	return step
}

// stepWords says what a step does, without what it types.
func stepWords(s *recipe.Step) string {
	switch {
	case s.Open != nil:
		return "open a page"
	case s.Fill != nil:
		return fmt.Sprintf("fill %q", s.Fill.Into.Source)
	case s.Click != nil:
		return fmt.Sprintf("click %q", s.Click.Source)
	case s.Press != "":
		return "press " + s.Press
	case s.Wait != nil:
		return "wait for " + waitWords(s.Wait)
	}
	return "nothing"
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

// begins acts, and gives the page a moment to begin what it does about it: what
// comes next would still find the old page at rest.
func (t *tab) begins(ctx context.Context, act func() error) error {
	t.mu.Lock()
	loader, fetches := t.loader, t.fetches
	t.mu.Unlock()
	if err := act(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, beginsWithin)
	defer cancel()
	err := t.await(ctx, func() bool { return t.leaving || t.loader != loader || t.fetches > fetches })
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // it does nothing of the kind
	}
	return err
}

func (b *Browser) runStep(ctx context.Context, t *tab, s *recipe.Step, expand func(*recipe.Template) (string, error)) error {
	switch {
	case s.Open != nil:
		address, err := expand(s.Open)
		if err != nil {
			return err
		}
		if address, err = b.resolve(address); err != nil {
			return err
		}
		if err := t.open(ctx, address); err != nil {
			return err
		}
		return t.load(ctx)
	case s.Fill != nil:
		text, err := expand(&s.Fill.With)
		if err != nil {
			return err
		}
		return t.fill(ctx, s.Fill.Into.Source, text)
	case s.Click != nil:
		return t.begins(ctx, func() error { return t.click(ctx, s.Click.Source) })
	case s.Press != "":
		return t.begins(ctx, func() error { return t.press(ctx, s.Press) })
	case s.Wait != nil:
		return t.waitFor(ctx, s.Wait)
	}
	return errors.New("the step says nothing to do")
}
