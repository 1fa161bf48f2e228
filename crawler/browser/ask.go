package browser

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed page.js
var pageScript string

// errNoDocument says that the document went away while it was asked. Whoever
// asks again finds the next one.
var errNoDocument = errors.New("the page is changing")

// ask calls a function of page.js in the tab's isolated world.
func ask[T any](ctx context.Context, t *tab, name string, args ...any) (T, error) {
	var zero T
	world, err := t.isolated(ctx)
	if err != nil {
		return zero, gone(err)
	}
	answer, err := chromedp.Run(ctx, chromedp.CallFunctionOn[T](
		"function(...args) { return nudged."+name+"(...args) }",
		func(p *runtime.CallFunctionOnParams) { p.ExecutionContextID = world },
		args...))
	if err != nil {
		t.mu.Lock()
		if t.world == world {
			t.world = 0
		}
		t.mu.Unlock()
		return zero, gone(err)
	}
	return answer, nil
}

// isolated returns the world of the document that is shown, and makes it on the
// first question.
func (t *tab) isolated(ctx context.Context) (runtime.ExecutionContextID, error) {
	t.mu.Lock()
	world, frame, loader := t.world, t.frame, t.loader
	t.mu.Unlock()
	if world != 0 {
		return world, nil
	}
	made, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "nudged"})
	if err != nil {
		return 0, err
	}
	res, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: pageScript, ContextID: made.ExecutionContextID, Silent: new(true),
	})
	if err != nil {
		return 0, err
	}
	if res.ExceptionDetails != nil {
		return 0, &chromedp.ExceptionError{ExceptionDetails: res.ExceptionDetails}
	}
	t.mu.Lock()
	if t.loader == loader {
		t.world = made.ExecutionContextID
	}
	t.mu.Unlock()
	return made.ExecutionContextID, nil
}

// gone tells apart a document that went away from a real error.
func gone(err error) error {
	var protocol *cdproto.Error
	if errors.As(err, &protocol) {
		for _, text := range []string{"context", "Cannot find", "No frame", "navigated", "Inspected target"} {
			if strings.Contains(protocol.Message, text) {
				return fmt.Errorf("%w: %w", errNoDocument, err)
			}
		}
	}
	return err
}
