package browser

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"

	"nudged/crawler/recipe"
)

// actUntil clicks or presses, and waits for what has to follow. A button may be
// dead until its scripts are there: if nothing follows and nothing was sent, it
// is done once more. It is never done again after a request has left, which may
// have been the sign-in.
func (s *stage) actUntil(ctx context.Context, step *recipe.Step, act func() (*tab, error)) error {
	sent := s.b.sent.Load()
	if err := s.begins(ctx, act); err != nil || step.Until == nil {
		return err
	}
	err := s.untilSoon(ctx, step)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return explainUntil(step, err)
	}
	if s.b.sent.Load() != sent || !s.onlyTheOld() {
		return explainUntil(step, s.waitUntil(ctx, step))
	}
	s.b.log.Debug("nothing came of a click, and nothing was sent: it is done again")
	if err := s.begins(ctx, act); err != nil {
		return err
	}
	return explainUntil(step, s.waitUntil(ctx, step))
}

// onlyTheOld: no window was opened either.
func (s *stage) onlyTheOld() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.coming) == 0 && s.opened == s.before
}

// untilSoon leaves time for a second click.
func (s *stage) untilSoon(ctx context.Context, step *recipe.Step) error {
	soon := againAfter
	if end, ok := ctx.Deadline(); ok {
		soon = min(soon, time.Until(end)/3)
	}
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	return s.waitUntil(ctx, step)
}

// waitUntil looks at the page and at the frame that was acted in: a sign-in in a
// frame often goes on outside, but says no inside.
func (s *stage) waitUntil(ctx context.Context, step *recipe.Step) error {
	if step.Frame == nil {
		return s.waitFor(ctx, step.Until)
	}
	return s.waitFor(ctx, step.Until, nil, step.Frame)
}

func explainUntil(step *recipe.Step, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &waitingError{"then " + waitWords(step.Until) + " did not come"}
	}
	return err
}

// begins acts, and gives the page a moment to begin what it does about it: what
// comes next would still find the old page at rest.
func (s *stage) begins(ctx context.Context, act func() (*tab, error)) error {
	type mark struct {
		loader  any
		fetches int
	}
	before := map[*tab]mark{}
	for _, t := range s.live() {
		t.mu.Lock()
		before[t] = mark{t.loader, t.fetches}
		t.mu.Unlock()
	}
	s.mu.Lock()
	s.before = s.opened
	s.mu.Unlock()
	t, err := act()
	if t != nil && t.lost() && s.current() != t {
		return nil // it closed its window
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, beginsWithin)
	defer cancel()
	err = t.await(ctx, func() bool {
		return t.leaving || any(t.loader) != before[t].loader || t.fetches > before[t].fetches
	})
	if errors.Is(err, context.DeadlineExceeded) || t.lost() && s.current() != t {
		return nil // it does nothing of the kind, or closed its window
	}
	return err
}

// maySignIn tells whether a request can have carried a sign-in. The scripts,
// styles and pictures of a page that still loads can not; but a script's address
// with several parameters may be a call in disguise.
func maySignIn(kind network.ResourceType, r *network.Request) bool {
	switch kind {
	case network.ResourceTypeScript, network.ResourceTypeStylesheet, network.ResourceTypeImage, network.ResourceTypeFont, network.ResourceTypeMedia:
	default:
		return true
	}
	u, err := url.Parse(r.URL)
	return err != nil || r.Method != "GET" || u.Scheme != "data" && strings.Contains(u.RawQuery, "&")
}
