package crawler

import (
	"context"
	"errors"
	"net/http"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// ownAgent is sent where no browser has signed in.
const ownAgent = "Mozilla/5.0 (compatible; nudged; reads the seller's own orders)"

// signIn acts, looks for a refusal, and proves success. The password is sent at
// most once: whatever goes wrong after that is an error, never another try in
// this trip, and for a while none in the next ones.
func (t *trip) signIn(ctx context.Context) error {
	if err := t.d.door.shut(t.shop, t.s.o.Now()); err != nil {
		return err
	}
	t.sent = false
	err := t.knock(ctx)
	if t.sent && (err == nil || ctx.Err() == nil) {
		t.d.door.note(t.shop, t.s.o.Now(), err)
	}
	return err
}

func (t *trip) knock(ctx context.Context) error {
	t.progress(0, 0, "signing in")
	t.d.guard.Unlock()
	p, fresh, err := t.act(ctx)
	t.d.guard.Lock()
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

// act fills in the form, in the browser or over HTTP.
func (t *trip) act(ctx context.Context) (recipe.Page, *session, error) {
	if err := t.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, nil, t.gone(err)
	}
	if t.shop.Recipe.SignIn.Form != nil {
		return t.actForm(ctx)
	}
	return t.actSteps(ctx)
}

func (t *trip) person() func(string) (string, bool) {
	look := t.lookup(map[string]string{"user": t.shop.User, "password": t.shop.Password.Reveal()})
	return func(name string) (string, bool) {
		t.sent = t.sent || name == "password"
		return look(name)
	}
}

// actSteps signs in in a new Chrome: one that still holds half a session may
// not be shown the form.
func (t *trip) actSteps(ctx context.Context) (recipe.Page, *session, error) {
	if err := t.d.closeBrowser(); err != nil {
		t.log.Warn("chrome did not close well", "err", err)
	}
	t.session = nil
	b, err := t.openBrowser(ctx)
	if err != nil {
		return recipe.Page{}, nil, t.failed(ctx, recipe.Page{}, err)
	}
	steps, look := t.shop.Recipe.SignIn.Steps, t.person()
	p, err := b.SignIn(ctx, steps, func(text *recipe.Template) (string, error) {
		for i := range steps {
			if steps[i].Open == text {
				return text.URL(t.d.base, look)
			}
		}
		return text.Expand(look, nil)
	})
	if err != nil {
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

// actForm fetches the form, fills it and posts it.
func (t *trip) actForm(ctx context.Context) (recipe.Page, *session, error) {
	form := t.shop.Recipe.SignIn.Form
	fresh := newSession(t.shop, ownAgent, t.at)
	if err := t.newClient(fresh.Agent); err != nil {
		return recipe.Page{}, nil, err
	}
	t.d.holds, t.session = fresh.ID, fresh
	defer func() { t.session = nil }()
	p, err := t.answer(ctx, call{what: "sign-in form", req: &recipe.Request{Get: []recipe.Template{form.Open}}, free: true})
	if err != nil {
		return recipe.Page{}, nil, err
	}
	if p.Status >= http.StatusBadRequest {
		return p, nil, t.unavailable(p, nil)
	}
	post, err := extract.Form(p, form, t.person())
	if err != nil {
		return recipe.Page{}, nil, &LayoutError{Shop: t.shop.Name, Page: "sign-in form", Saved: t.savePage("sign-in-form", p), Err: err}
	}
	if err := t.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, nil, t.gone(err)
	}
	if post.Method != http.MethodPost {
		return recipe.Page{}, nil, &LayoutError{Shop: t.shop.Name, Page: "sign-in form", Err: errors.New("it sends the password by GET, where it would stand in logs")}
	}
	p, err = t.d.client.Do(ctx, fetch.Request{
		Method: post.Method, URL: post.URL, Headers: map[string]string{"Referer": p.URL},
		Body: []byte(post.Values.Encode()), ContentType: "application/x-www-form-urlencoded",
	})
	if err != nil {
		return p, nil, t.failed(ctx, p, err)
	}
	return p, fresh, nil
}

// said looks for the shop's words: first whether a person is needed, then
// whether it refused. They count whatever else went wrong.
func (t *trip) said(ctx context.Context, p recipe.Page) error {
	if len(p.Body) == 0 {
		return nil
	}
	rules := t.shop.Recipe.SignIn
	if text, ok := extract.Words(rules.NeedsYou, p); ok {
		return t.needsYou(ctx, text, p)
	}
	if text, ok := extract.Words(rules.Refused, p); ok {
		return &RefusedError{Shop: t.shop.Name, Words: words(text, t.shop.Password)}
	}
	if p.Status == http.StatusUnauthorized {
		return &RefusedError{Shop: t.shop.Name}
	}
	return nil
}

func (t *trip) needsYou(ctx context.Context, why string, p recipe.Page) error {
	err := &NeedsYouError{Shop: t.shop.Name, Why: words(why, t.shop.Password)}
	if err.Why == "" {
		err.Why = "it asks for something that only a person can give"
	}
	if t.d.browser == nil || !t.d.browser.Alive() {
		err.Screenshot = t.savePage("needs-you", p)
		return err
	}
	picture, failure := t.d.browser.Screenshot(ctx)
	if failure != nil {
		t.log.Warn("no screenshot", "err", failure)
	}
	err.Screenshot = t.save("needs-you.png", picture)
	return err
}

// failed names the error of a sign-in that did not come to its end.
func (t *trip) failed(ctx context.Context, p recipe.Page, err error) error {
	var chrome *chromeError
	switch {
	case ctx.Err() != nil:
		return t.gone(context.Cause(ctx))
	case errors.As(err, &chrome):
		return err
	case errors.Is(err, recipe.ErrBlocked):
		return &LayoutError{Shop: t.shop.Name, Page: "sign-in", Err: err}
	case p.Status == 0 || p.Status == http.StatusForbidden || p.Status == http.StatusTooManyRequests || p.Status >= 500:
		return t.unavailable(p, err)
	}
	return &LayoutError{Shop: t.shop.Name, Page: "sign-in", Saved: t.savePage("sign-in", p), Err: err}
}

// take makes what the sign-in left the session of the trip.
func (t *trip) take(p recipe.Page, fresh *session) error {
	switch {
	case p.Status == http.StatusForbidden, p.Status == http.StatusTooManyRequests, p.Status >= 500:
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
	vars, err := extract.Vars(t.shop.Recipe.SignIn.Vars, p, extract.Env{Cookie: t.cookie, Storage: fresh.stored})
	if err == nil {
		fresh.Vars = vars
		return nil
	}
	t.session = nil
	if extract.SignedIn(t.shop.Recipe, p) == extract.No {
		return &RefusedError{Shop: t.shop.Name}
	}
	return &LayoutError{Shop: t.shop.Name, Page: "page after the sign-in", Saved: t.savePage("signed-in", p), Err: err}
}

func (s *session) stored(key string) (string, bool) {
	value, ok := s.Storage[key]
	return value, ok
}

// prove asks for what only a signed-in user gets.
func (t *trip) prove(ctx context.Context) error {
	proof := &t.shop.Recipe.SignIn.Proof
	p, err := t.answer(ctx, call{what: "proof of the sign-in", req: &proof.Request, free: true})
	switch {
	case err != nil:
		return err
	case extract.Check(&proof.Sign, p):
		return nil
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
