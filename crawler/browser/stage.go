package browser

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const (
	windowsAtMost = 4                      // that a sign-in may open; more are closed
	newsDelay     = 100 * time.Millisecond // a window's request may overtake the news of the window
	takeOverLimit = 3 * time.Second
)

// stage is where steps are done: the tab that they began in, and the windows
// that it opened since. A sign-in that goes on in a window of its own is
// followed there, and back when that window closes.
type stage struct {
	b      *Browser
	mu     sync.Mutex
	tabs   []*tab             // in the order of their opening
	now    *tab               // where the last step was done
	coming map[target.ID]bool // windows that are being taken over; true: their dialogs are dismissed already
	opened int
	before int // of opened: when the last click began
	frames map[frameKey]*frame
}

type frameKey struct {
	t   *tab
	sel string
}

func (b *Browser) newStage(t *tab) *stage {
	return &stage{b: b, tabs: []*tab{t}, now: t, coming: map[target.ID]bool{}, frames: map[frameKey]*frame{}}
}

// follow lets the windows that the stage opens join it, until the returned
// function is called.
func (s *stage) follow() func() {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.stages[s] = struct{}{}
	return func() {
		s.b.mu.Lock()
		defer s.b.mu.Unlock()
		delete(s.b.stages, s)
	}
}

// stageOf finds the stage that opened a window. One that tells no opener is
// taken for the only stage's.
func (b *Browser) stageOf(info *target.Info) *stage {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.stages {
		if info.OpenerID == "" && len(b.stages) == 1 || s.has(info.OpenerID) {
			return s
		}
	}
	return nil
}

func (s *stage) has(id target.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.tabs, func(t *tab) bool { return t.id == id })
}

// expect is false when the stage takes no more windows.
func (s *stage) expect(id target.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened >= windowsAtMost {
		return false
	}
	s.opened++
	s.coming[id] = false
	return true
}

// takeOver makes a window one of the stage's.
func (s *stage) takeOver(id target.ID) {
	quiet := s.b.silence(id)
	defer quiet()
	s.mu.Lock()
	s.coming[id] = true
	s.mu.Unlock()
	t, err := s.b.attach(id)
	if err == nil {
		if err = t.catchUp(); err != nil {
			s.b.drop(t)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.coming, id)
	if err != nil {
		s.b.log.Debug("a window of the sign-in can not be followed", "err", err)
		return
	}
	s.tabs = append(s.tabs, t)
}

// silence dismisses the dialogs of a window that is not attached yet: attaching
// would wait for them for ever. It uses a session of the browser's own, which is
// there at once.
func (b *Browser) silence(id target.ID) func() {
	ctx, cancel := context.WithTimeout(b.ctx, takeOverLimit)
	made, err := chromedp.CallBrowser(ctx, target.AttachToTarget, target.AttachToTargetParams{TargetID: id})
	if err != nil {
		return cancel
	}
	session := made.SessionID
	tell := func(message string) {
		params := map[string]any{"sessionId": session, "message": message}
		_ = chromedp.FromContext(b.ctx).Browser.Call(ctx, "Target.sendMessageToTarget", params, nil)
	}
	tell(`{"id":1,"method":"Page.enable"}`)
	var work sync.WaitGroup
	work.Go(func() {
		for pause(ctx, 4*pollPause); ctx.Err() == nil; pause(ctx, 4*pollPause) {
			tell(`{"id":2,"method":"Page.handleJavaScriptDialog","params":{"accept":false}}`) // there is none, most times
		}
	})
	return func() {
		cancel()
		work.Wait()
		ctx, cancel := context.WithTimeout(b.ctx, takeOverLimit)
		defer cancel()
		_, _ = chromedp.CallBrowser(ctx, target.DetachFromTarget, target.DetachFromTargetParams{SessionID: session})
	}
}

// awaitWindow holds up the first request of a window until its dialogs are
// dismissed.
func (b *Browser) awaitWindow(id target.ID) {
	for begun := time.Now(); b.ctx.Err() == nil; pause(b.ctx, pollPause/5) {
		known, silent := b.windowState(id)
		since := time.Since(begun)
		if silent || !known && since > newsDelay || since > takeOverLimit {
			return
		}
	}
}

// windowState: a window is known once its news have come, and silent once its
// dialogs are dismissed; where no sign-in is under way all are.
func (b *Browser) windowState(id target.ID) (known, silent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.stages) == 0 {
		return true, true
	}
	for s := range b.stages {
		s.mu.Lock()
		quiet, coming := s.coming[id]
		s.mu.Unlock()
		if coming {
			return true, quiet
		}
	}
	return b.tabs[id] != nil, b.tabs[id] != nil
}

// catchUp learns what a window did before we saw it.
func (t *tab) catchUp() error {
	tree, err := chromedp.Call(t.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return err
	}
	t.mu.Lock()
	if t.loader == "" {
		t.arrive(tree.FrameTree.Frame)
	}
	t.mu.Unlock()
	s, err := ask[struct{ Complete bool }](t.ctx, t, "state", "", "")
	if err == nil && s.Complete {
		t.mu.Lock()
		t.loaded = true
		t.mu.Unlock()
	}
	return nil
}

// settle waits until the windows that are on their way are there.
func (s *stage) settle(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		coming := len(s.coming)
		s.mu.Unlock()
		if coming == 0 {
			return
		}
		pause(ctx, pollPause)
	}
}

// live are the windows that are open, the last one first: it lies on top.
func (s *stage) live() []*tab {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := slices.DeleteFunc(slices.Clone(s.tabs), (*tab).lost)
	if len(open) == 0 {
		open = s.tabs[:1] // whoever uses it is told
	}
	s.tabs = open
	if !slices.Contains(s.tabs, s.now) {
		s.now = s.tabs[len(s.tabs)-1]
	}
	list := slices.Clone(s.tabs)
	slices.Reverse(list)
	return list
}

// current is where the last step was done, or what is left of that.
func (s *stage) current() *tab {
	s.live()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) goTo(t *tab) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = t
}

// end closes all windows but the current one, which takes the place of the tab
// that the stage began in.
func (s *stage) end(first *tab) {
	now := s.current()
	s.settle(first.ctx)
	for _, t := range s.live() {
		if t != now && t != first {
			s.b.drop(t)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.frames {
		f.close()
	}
	if now != first {
		first.heir = now
	}
}
