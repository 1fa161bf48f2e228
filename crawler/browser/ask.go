package browser

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed page.js
var pageScript string

// errNoDocument says that the document went away while it was asked. Whoever
// asks again finds the next one.
var errNoDocument = errors.New("the page is changing")

// place is what can be asked: the page of a tab, or a frame in it.
type place interface {
	// session is ctx, made one in which the place can be spoken to.
	session(ctx context.Context) (context.Context, func(), error)
	// isolated returns the world of the document that is shown. On the first
	// question it makes it: a new one does not know page.js yet. It is asked in
	// the place's session.
	isolated(ctx context.Context) (world runtime.ExecutionContextID, fresh bool, err error)
	// forget is told of a world that is no more.
	forget(world runtime.ExecutionContextID)
	// onTab tells where a point of the place is on its tab's page, and whether
	// a click there would reach the place.
	onTab(ctx context.Context, x, y float64) (spot, error)
}

// spot is a point of a page.
type spot struct {
	X, Y float64
	Free bool // nothing lies over it
}

// ask calls a function of page.js in the isolated world of a place.
func ask[T any](ctx context.Context, p place, name string, args ...any) (T, error) {
	var zero T
	ctx, done, err := p.session(ctx)
	if err != nil {
		return zero, gone(err)
	}
	defer done()
	world, fresh, err := p.isolated(ctx)
	if err != nil {
		return zero, gone(err)
	}
	answer, err := chromedp.Run(ctx, chromedp.CallFunctionOn[T](question(name, fresh),
		func(p *runtime.CallFunctionOnParams) { p.ExecutionContextID = world },
		args...))
	if err != nil {
		p.forget(world)
		return zero, gone(err)
	}
	return answer, nil
}

// question calls a function of page.js, and brings page.js along to a new world:
// that saves a round trip for each page.
func question(name string, fresh bool) string {
	call := "return nudged." + name + "(...args) }"
	if fresh {
		return "function(...args) {\n" + pageScript + "\n" + call
	}
	return "function(...args) { " + call
}

// makeWorld makes an isolated world in a frame of ctx's target.
func makeWorld(ctx context.Context, frame cdp.FrameID) (runtime.ExecutionContextID, error) {
	made, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "nudged"})
	return made.ExecutionContextID, err
}

// within is ctx in the target of life: it ends with either, and keeps the
// deadline of ctx.
func within(ctx, life context.Context) (context.Context, func()) {
	if chromedp.FromContext(ctx) == chromedp.FromContext(life) {
		return ctx, func() {}
	}
	joined, cancel := context.WithCancelCause(life)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	release := func() { stop(); cancel(nil) }
	if end, ok := ctx.Deadline(); ok {
		timed, done := context.WithDeadline(joined, end)
		return timed, func() { done(); release() }
	}
	return joined, release
}

// gone tells apart a document that went away from a real error.
func gone(err error) error {
	var protocol *cdproto.Error
	if errors.As(err, &protocol) {
		for _, text := range []string{"context", "Cannot find", "No frame", "navigated", "Inspected target", "Could not find node", "Session with given id"} {
			if strings.Contains(protocol.Message, text) {
				return fmt.Errorf("%w: %w", errNoDocument, err)
			}
		}
	}
	if errors.Is(err, chromedp.ErrTargetDetached) {
		return fmt.Errorf("%w: %w", errNoDocument, err)
	}
	return err
}
