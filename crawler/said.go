package crawler

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// said looks for the shop's words: first whether it wants a person or has locked
// the account, then whether it refused. They count whatever else went wrong.
func (t *trip) said(ctx context.Context, p recipe.Page) error {
	if err := t.wantsPerson(ctx, p); err != nil {
		return err
	}
	if p.Status == 0 {
		return nil
	}
	if text, ok := extract.Words(t.shop.Recipe.SignIn.Refused, p); ok && len(p.Body) > 0 {
		return &RefusedError{Shop: t.shop.Name, Words: words(text, t.shop.Password)}
	}
	if p.Status == http.StatusUnauthorized {
		return &RefusedError{Shop: t.shop.Name}
	}
	return nil
}

// wantsPerson looks for what no program should answer: a captcha, a one-time
// code, a risk page, a locked account.
func (t *trip) wantsPerson(ctx context.Context, p recipe.Page) error {
	if len(p.Body) == 0 {
		return nil
	}
	rules := &t.shop.Recipe.SignIn
	if text, ok := extract.Words(rules.NeedsYou, p); ok {
		return t.needsYou(ctx, text, p)
	}
	text, ok := extract.Words(rules.Locked, p)
	if !ok {
		return nil
	}
	err := &NeedsYouError{Shop: t.shop.Name, Why: words(text, t.shop.Password), Locked: true}
	if err.Why == "" {
		err.Why = "it gives no reason"
	}
	now := t.s.o.Now()
	pause := retryAfter(p, now)
	if said, ok := duration(text); pause == 0 && ok {
		pause = said
	}
	if pause == 0 {
		pause = lockPause
	}
	// A little longer: their clock may be another one.
	err.Until = now.Add(pause + time.Minute)
	err.Screenshot = t.picture(ctx, "locked", p)
	return err
}

// orPerson looks whether a page that says nothing, or not what the recipe
// describes, is one that wants a person. Only then: a buyer's text on a good page
// must not stop the shop.
func (t *trip) orPerson(ctx context.Context, err error) error {
	var layout *LayoutError
	var away *UnavailableError
	var failed *FailedPageError
	if !errors.As(err, &layout) && !errors.As(err, &away) && !errors.As(err, &failed) || t.last.Status == 0 || ctx.Err() != nil {
		return err
	}
	if needs := t.wantsPerson(ctx, t.last); needs != nil {
		t.d.door.note(t.shop, t.s.o.Now(), needs)
		t.d.rests.reset() // no pause mends it
		return needs
	}
	return err
}

func (t *trip) needsYou(ctx context.Context, why string, p recipe.Page) error {
	err := &NeedsYouError{Shop: t.shop.Name, Why: words(why, t.shop.Password)}
	if err.Why == "" {
		err.Why = "it asks for something that only a person can give"
	}
	err.Screenshot = t.picture(ctx, "needs-you", p)
	return err
}

// picture keeps what the shop shows: as the seller would see it if Chrome is
// open, else the page.
func (t *trip) picture(ctx context.Context, name string, p recipe.Page) string {
	if t.d.browser == nil || !t.d.browser.Alive() {
		return t.savePage(name, p)
	}
	picture, err := t.d.browser.Screenshot(ctx)
	if err != nil {
		t.log.Warn("no screenshot", "err", err)
	}
	return t.save(name+".png", picture)
}
