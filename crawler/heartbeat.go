package crawler

import (
	"context"
	"fmt"

	"nudged/crawler/extract"
)

// Beat keeps a session alive between visits with the recipe's heartbeat. The
// result is the session to be kept, as in [Result]; it never signs in. A session
// that has ended is no error where the next visit can sign in again, and a
// [*NeedsYouError] where only a person can.
func (s *Spider) Beat(ctx context.Context, shop Shop, kept []byte) ([]byte, error) {
	if shop.Recipe == nil || shop.Recipe.Heartbeat == nil {
		return kept, nil
	}
	t, err := s.trip(ctx, shop, kept)
	if err != nil {
		return kept, fmt.Errorf("heartbeat: %w", err)
	}
	defer t.end()
	if t.session == nil {
		return t.blob(), nil
	}
	if err := t.beat(ctx); err != nil {
		return t.blob(), fmt.Errorf("heartbeat: %w", err)
	}
	t.settle(ctx)
	return t.blob(), nil
}

func (t *trip) beat(ctx context.Context) (err error) {
	defer t.rescue(&err)
	p, err := t.answer(ctx, call{what: "heartbeat", req: &t.shop.Recipe.Heartbeat.Request, free: true})
	if err != nil {
		return err
	}
	switch extract.SignedIn(t.shop.Recipe, p) {
	case extract.Yes:
		return nil
	case extract.Uncertain:
		if err := t.wantsPerson(ctx, p); err != nil {
			return err
		}
		return t.unavailable(p, nil)
	}
	t.session = nil
	t.log.Info("the session has ended between two visits", "step", "heartbeat")
	if t.shop.Recipe.SignIn.Person != nil {
		return t.lostPerson()
	}
	return nil
}
