package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

// errNoFrame says that the iframe of a step is not there, or not yet.
var errNoFrame = fmt.Errorf("the frame is not there: %w", errNoDocument)

// frame is an iframe of a page. One of the page's own site runs in the process
// of the page and is asked in the tab's session; one of another site runs in a
// process of its own, and is a target of its own.
type frame struct {
	b   *Browser
	t   *tab
	sel string

	mu    sync.Mutex
	id    cdp.FrameID
	life  context.Context // of its own target; nil: it is in the tab's
	end   func()
	world runtime.ExecutionContextID
}

func (f *frame) session(ctx context.Context) (context.Context, func(), error) {
	tctx, done := within(ctx, f.t.ctx)
	id, err := f.find(tctx)
	if err != nil {
		done()
		return nil, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.id != id {
		f.leave()
		f.id = id
	}
	if f.life != nil && f.life.Err() == nil {
		fctx, left := within(tctx, f.life)
		return fctx, func() { left(); done() }, nil
	}
	return tctx, done, nil
}

// find returns the frame that the selector means now.
func (f *frame) find(ctx context.Context) (cdp.FrameID, error) {
	world, fresh, err := f.t.isolated(ctx)
	if err != nil {
		return "", err
	}
	sel, err := json.Marshal(f.sel)
	if err != nil {
		return "", err
	}
	res, err := chromedp.Call(ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: question("frame", fresh),
		Arguments:           []*runtime.CallArgument{{Value: sel}}, ExecutionContextID: world,
	})
	if err != nil {
		f.t.forget(world)
		return "", err
	}
	if res.ExceptionDetails != nil {
		return "", &chromedp.ExceptionError{ExceptionDetails: res.ExceptionDetails}
	}
	if res.Result == nil || res.Result.ObjectID == "" {
		return "", errNoFrame
	}
	node, err := chromedp.Call(ctx, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: res.Result.ObjectID})
	if err != nil {
		return "", err
	}
	if node.Node.FrameID == "" {
		return "", errNoFrame
	}
	return node.Node.FrameID, nil
}

func (f *frame) isolated(ctx context.Context) (world runtime.ExecutionContextID, fresh bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.world != 0 {
		return f.world, false, nil
	}
	world, err = makeWorld(ctx, f.id)
	if err = gone(err); errors.Is(err, errNoDocument) && f.life == nil {
		f.attach(ctx) // the next question is asked there
	}
	if err != nil {
		return 0, false, err
	}
	f.world = world
	return world, true, nil
}

// attach makes the target of a frame of another site one that can be asked.
func (f *frame) attach(ctx context.Context) {
	life, end := chromedp.NewContext(f.b.ctx, chromedp.WithTargetID(target.ID(f.id)),
		chromedp.WithListener(f.t.hear), chromedp.WithDetachOnCancel())
	stop := context.AfterFunc(ctx, end)
	err := chromedp.Do(life)
	if !stop() || err != nil {
		f.b.work.Go(end)
		return
	}
	f.life, f.end = life, end
}

func (f *frame) forget(world runtime.ExecutionContextID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.world == world {
		f.leave()
	}
}

// leave gives up what is known of the frame: after a navigation it may run in
// another process. f.mu is held.
func (f *frame) leave() {
	if f.end != nil {
		f.b.work.Go(f.end)
	}
	f.world, f.life, f.end = 0, nil, nil
}

func (f *frame) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leave()
}

func (f *frame) onTab(ctx context.Context, x, y float64) (spot, error) {
	return ask[spot](ctx, f.t, "fromFrame", f.sel, x, y)
}

// in is the page of a tab, or the frame in it that a recipe names.
func (s *stage) in(t *tab, sel *recipe.Selector) place {
	if sel == nil {
		return t
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := frameKey{t, sel.Source}
	f := s.frames[key]
	if f == nil {
		f = &frame{b: s.b, t: t, sel: sel.Source}
		s.frames[key] = f
	}
	return f
}
