package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// ownAgent is sent where no browser has signed in.
const ownAgent = "Mozilla/5.0 (compatible; nudged; reads the seller's own orders)"

// signIn acts, looks for a refusal, and proves success. The password is sent at
// most once: whatever goes wrong after that is an error, never another try in
// this trip, and for a while none in the next ones.
func (t *trip) signIn(ctx context.Context) error {
	if t.shop.Recipe.SignIn.Person != nil {
		return t.lostPerson()
	}
	if err := t.d.door.closed(t.shop, t.s.o.Now()); err != nil {
		return err
	}
	t.sent, t.signing = false, true
	err := t.knock(ctx)
	t.signing = false
	var needs *NeedsYouError
	if (t.sent || errors.As(err, &needs)) && (err == nil || ctx.Err() == nil) {
		t.d.door.note(t.shop, t.s.o.Now(), err)
	}
	return err
}

// lostPerson is a session that only the seller can renew.
func (t *trip) lostPerson() error {
	return &NeedsYouError{Shop: t.shop.Name, Why: "nobody is signed in there, and only a person can sign in"}
}

func (t *trip) knock(ctx context.Context) error {
	t.progress(0, 0, "signing in")
	t.d.guard.Unlock()
	p, fresh, err := t.act(ctx)
	t.d.guard.Lock()
	if settled(err) {
		return err
	}
	said := t.said(ctx, p)
	if said != nil && (err != nil || !t.doubtful(said, p)) {
		return said
	}
	if err != nil {
		return err
	}
	if err := t.confirm(ctx, p, fresh); err != nil {
		if said != nil && ctx.Err() == nil {
			return said
		}
		return err
	}
	t.proven = true
	t.log.Info("signed in", "step", "sign-in")
	return nil
}

// settled errors are the shop's own word already.
func settled(err error) bool {
	var needs *NeedsYouError
	var refused *RefusedError
	return errors.As(err, &needs) || errors.As(err, &refused)
}

// doubtful words of refusal stand on a page that does not look signed out: a
// dashboard may carry a warning in the same place. The proof decides.
func (t *trip) doubtful(said error, p recipe.Page) bool {
	var refused *RefusedError
	return errors.As(said, &refused) && extract.SignedIn(t.shop.Recipe, p) == extract.Yes
}

// confirm takes the session and proves it.
func (t *trip) confirm(ctx context.Context, p recipe.Page, fresh *session) error {
	if err := t.take(p, fresh); err != nil {
		return err
	}
	if err := t.prove(ctx); err != nil {
		t.session = nil
		return err
	}
	return nil
}

// act does the steps, in the browser or over HTTP.
func (t *trip) act(ctx context.Context) (recipe.Page, *session, error) {
	if slices.ContainsFunc(t.shop.Recipe.SignIn.Steps, overHTTP) {
		return t.actHTTP(ctx)
	}
	return t.actBrowser(ctx)
}

// person gives the values that only a sign-in may use, and notes that the
// password is about to be sent.
func (t *trip) person(ctx context.Context) func(string) (string, bool) {
	look := t.lookup(map[string]string{"user": t.shop.User, "password": t.shop.Password.Reveal()})
	t.codeErr = nil
	return func(name string) (string, bool) {
		if name == "totp" {
			return t.codeFor(ctx)
		}
		t.sent = t.sent || name == "password"
		return look(name)
	}
}

// codeFor keeps why there is no one-time code: a lookup has no error.
func (t *trip) codeFor(ctx context.Context) (string, bool) {
	if t.shop.TOTP == "" && t.ask != nil {
		code, err := t.ask(fmt.Sprintf("the one-time code that %s wants", t.shop.Name))
		if err != nil {
			t.codeErr = fmt.Errorf("shop %s: no one-time code: %w", t.shop.Name, err)
		}
		return strings.TrimSpace(code), err == nil
	}
	if t.shop.TOTP == "" {
		t.codeErr = &NeedsYouError{Shop: t.shop.Name, Why: "it asks for a one-time code, and the config has no secret (totp:) to make one of"}
		return "", false
	}
	code, err := t.code(ctx)
	if err != nil {
		t.codeErr = err
		return "", false
	}
	t.sent = true
	return code, true
}

// actBrowser signs in in a new Chrome: one that still holds half a session may
// not be shown the form.
func (t *trip) actBrowser(ctx context.Context) (recipe.Page, *session, error) {
	if err := t.d.closeBrowser(); err != nil {
		t.log.Warn("chrome did not close well", "err", err)
	}
	t.session = nil
	if err := t.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, nil, t.gone(err)
	}
	b, err := t.openBrowser(ctx)
	if err != nil {
		return recipe.Page{}, nil, t.failed(ctx, recipe.Page{}, err)
	}
	steps, look := t.shop.Recipe.SignIn.Steps, t.person(ctx)
	p, err := b.SignIn(ctx, steps, func(text *recipe.Template) (string, error) {
		for i := range steps {
			if steps[i].Open == text {
				return text.URL(t.d.base, look)
			}
		}
		return text.Expand(look, nil)
	})
	if err != nil || t.codeErr != nil { // also where the step was optional: its field was there
		return p, nil, t.failed(ctx, p, err)
	}
	agent, err := b.UserAgent(ctx)
	if err != nil {
		return p, nil, t.failed(ctx, p, err)
	}
	fresh := newSession(t.shop, agent, t.at)
	if fresh.Cookies, err = b.Cookies(ctx); err == nil {
		fresh.Storage, err = b.Storage(ctx, t.shop.URL)
	}
	if err != nil {
		return p, nil, t.failed(ctx, p, err)
	}
	return p, fresh, nil
}

// failed names the error of a sign-in that did not come to its end.
func (t *trip) failed(ctx context.Context, p recipe.Page, err error) error {
	var chrome *chromeError
	switch {
	case ctx.Err() != nil:
		return t.gone(context.Cause(ctx))
	case t.codeErr != nil:
		return t.codeErr
	case errors.As(err, &chrome):
		return err
	case errors.Is(err, recipe.ErrBlocked):
		return &LayoutError{Shop: t.shop.Name, Page: "sign-in", Err: err}
	case p.Status == 0 || away(p):
		return t.unavailable(p, err)
	}
	return &LayoutError{Shop: t.shop.Name, Page: "sign-in", Saved: t.savePage("sign-in", p), Err: err}
}

// away are answers that say nothing about the sign-in.
func away(p recipe.Page) bool {
	return p.Status == http.StatusForbidden || p.Status == http.StatusTooManyRequests || p.Status >= 500
}

// take makes what the sign-in left the session of the trip.
func (t *trip) take(p recipe.Page, fresh *session) error {
	if away(p) {
		return t.unavailable(p, nil)
	}
	t.session = fresh
	if t.d.holds != fresh.ID {
		if err := t.newClient(fresh.Agent); err != nil {
			return err
		}
		t.d.client.SetCookies(toFetch(fresh.Cookies))
		t.d.holds = fresh.ID
		t.d.shown = mark(fresh.ID, t.d.client.Cookies())
	}
	if err := t.vars(p, fresh); err != nil {
		t.session = nil
		if extract.SignedIn(t.shop.Recipe, p) == extract.No {
			return &RefusedError{Shop: t.shop.Name}
		}
		return &LayoutError{Shop: t.shop.Name, Page: "page after the sign-in", Saved: t.savePage("signed-in", p), Err: err}
	}
	return nil
}

// vars reads those of the sign-in over those that its steps have left.
func (t *trip) vars(p recipe.Page, fresh *session) error {
	read, err := extract.Vars(t.shop.Recipe.SignIn.Vars, p, extract.Env{Cookie: t.cookie, Storage: fresh.stored})
	if err != nil {
		return err
	}
	fresh.addVars(read)
	return nil
}

// prove asks for what only a signed-in user gets, and sees who that is.
func (t *trip) prove(ctx context.Context) error {
	proof := &t.shop.Recipe.SignIn.Proof
	p, err := t.answer(ctx, call{what: "proof of the sign-in", req: &proof.Request, free: true})
	switch {
	case err != nil:
		return err
	case extract.Check(&proof.Sign, p):
		return t.recognise(ctx, p)
	}
	if said := t.said(ctx, p); said != nil {
		return said
	}
	switch extract.SignedIn(t.shop.Recipe, p) {
	case extract.No:
		return &RefusedError{Shop: t.shop.Name}
	case extract.Uncertain:
		return t.unavailable(p, nil)
	}
	t.savePage("proof", p)
	return t.needsYou(ctx, "after the sign-in it shows a page that the recipe does not know", p)
}
