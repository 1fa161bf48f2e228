package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

func overHTTP(s recipe.Step) bool { return s.Get != nil || s.Submit != nil || s.Post != nil }

// errLeftOut says that an optional step was not possible.
var errLeftOut = errors.New("not possible")

// actHTTP does the steps of a sign-in over HTTP, one after the other, each on
// the answer of the one before. It stops at the first answer in which the shop
// says no: what would follow is another try.
func (t *trip) actHTTP(ctx context.Context) (recipe.Page, *session, error) {
	fresh := newSession(t.shop, ownAgent, t.at)
	if err := t.newClient(fresh.Agent); err != nil {
		return recipe.Page{}, nil, err
	}
	t.d.holds, t.session = fresh.ID, fresh
	defer func() { t.session = nil }()
	var last recipe.Page
	steps := t.shop.Recipe.SignIn.Steps
	for i := range steps {
		p, err := t.stepOver(ctx, i, last, fresh)
		if err != nil {
			return p, nil, err
		}
		last = p
	}
	return last, fresh, nil
}

// stepOver does one step and judges its answer. After an optional one that was
// not possible, the page is the last one still.
func (t *trip) stepOver(ctx context.Context, i int, last recipe.Page, fresh *session) (recipe.Page, error) {
	steps := t.shop.Recipe.SignIn.Steps
	step := &steps[i]
	p, err := t.step(ctx, step, last)
	switch {
	case err == nil:
	case step.Optional && (errors.Is(err, errLeftOut) || step.Get != nil) && ctx.Err() == nil:
		t.log.Debug("an optional step of the sign-in was left out", "step", i+1, "err", err)
		return last, nil
	case errors.Is(err, errLeftOut):
		return last, t.misfit(i, last, err)
	default:
		return p, err
	}
	if err := t.stepVars(step, p, fresh); err != nil && !step.Optional {
		if said := t.stepSaid(ctx, step, p); said != nil {
			return p, said
		}
		return p, t.misfit(i, p, err)
	}
	if i == len(steps)-1 {
		return p, nil
	}
	return p, t.stepSaid(ctx, step, p)
}

// misfit is a step that the page before does not allow. If the password is out
// and the shop shows its form again, that is a refusal.
func (t *trip) misfit(step int, p recipe.Page, err error) error {
	switch {
	case p.Status == 0 || away(p):
		return t.unavailable(p, err)
	case t.sent && extract.SignedIn(t.shop.Recipe, p) == extract.No:
		return &RefusedError{Shop: t.shop.Name}
	}
	page := fmt.Sprintf("sign-in (step %d)", step+1)
	return &LayoutError{Shop: t.shop.Name, Page: page, Saved: t.savePage("sign-in", p), Err: err}
}

// stepSaid judges the answer to a step that is not the last. Before anything was
// sent, words that look like a refusal are none: "your session has ended".
func (t *trip) stepSaid(ctx context.Context, s *recipe.Step, p recipe.Page) error {
	if s.Get != nil {
		if away(p) {
			return t.unavailable(p, nil)
		}
		return t.wantsPerson(ctx, p)
	}
	err := t.said(ctx, p)
	var refused *RefusedError
	if errors.As(err, &refused) && refused.Words == "" && p.Status != http.StatusUnauthorized {
		return nil // an empty place for words is there before there are any
	}
	if err == nil && away(p) {
		return t.unavailable(p, nil)
	}
	return err
}

func (t *trip) stepVars(s *recipe.Step, p recipe.Page, fresh *session) error {
	if len(s.Vars) == 0 {
		return nil
	}
	read, err := extract.Vars(s.Vars, p, extract.Env{Cookie: t.cookie, Storage: fresh.stored})
	if err == nil {
		fresh.addVars(read)
	}
	return err
}

// step does one, and returns its answer.
func (t *trip) step(ctx context.Context, s *recipe.Step, last recipe.Page) (recipe.Page, error) {
	switch {
	case s.Get != nil:
		req := &recipe.Request{Get: []recipe.Template{*s.Get}}
		if last.URL != "" {
			req.Headers = []recipe.Pair{plainPair("Referer", referer(last.URL))}
		}
		return t.answer(ctx, call{what: "sign-in page", req: req, vars: map[string]string{"user": t.shop.User}, free: true})
	case s.Submit != nil:
		return t.submit(ctx, s.Submit, last)
	case s.Post != nil:
		return t.post(ctx, s.Post, last)
	}
	return recipe.Page{}, fmt.Errorf("shop %s: a step of the sign-in does nothing over HTTP", t.shop.Name)
}

// submit fills and posts a form of the last page.
func (t *trip) submit(ctx context.Context, f *recipe.Form, last recipe.Page) (recipe.Page, error) {
	filled, err := extract.Form(last, f, t.person(ctx))
	switch {
	case t.codeErr != nil:
		return last, t.failed(ctx, last, t.codeErr)
	case err != nil:
		return last, fmt.Errorf("%w: %w", errLeftOut, err)
	case filled.Method != http.MethodPost:
		return last, fmt.Errorf("%w: it sends the password by GET, where it would stand in logs", errLeftOut)
	}
	return t.hand(ctx, fetch.Request{URL: filled.URL, Headers: map[string]string{}, Body: filled.Body, ContentType: filled.ContentType}, last)
}

// post sends a body of the recipe's own. The password has no place in its
// address.
func (t *trip) post(ctx context.Context, req *recipe.Request, last recipe.Page) (recipe.Page, error) {
	address, err := req.Post.URL(t.d.base, t.lookup(map[string]string{"user": t.shop.User}))
	if err != nil {
		return last, fmt.Errorf("%w: %w", errLeftOut, err)
	}
	look := t.person(ctx)
	out := fetch.Request{URL: address, Headers: make(map[string]string, len(req.Headers)+2)}
	for _, h := range req.Headers {
		if out.Headers[h.Name], err = h.Value.Expand(look, nil); err != nil {
			break
		}
	}
	if err == nil {
		out.Body, out.ContentType, err = body(req, look)
	}
	switch {
	case t.codeErr != nil:
		return last, t.failed(ctx, last, t.codeErr)
	case err != nil:
		return last, fmt.Errorf("%w: %w", errLeftOut, err)
	}
	return t.hand(ctx, out, last)
}

// hand sends a POST of the sign-in, once, as it would come from the last page.
func (t *trip) hand(ctx context.Context, r fetch.Request, last recipe.Page) (recipe.Page, error) {
	if err := t.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, t.gone(err)
	}
	r.Method = http.MethodPost
	from := last.URL
	if from == "" {
		from = t.shop.URL
	}
	setDefault(r.Headers, "Referer", referer(from))
	if u, err := url.Parse(from); err == nil && u.Host != "" {
		setDefault(r.Headers, "Origin", u.Scheme+"://"+u.Host)
	}
	p, err := t.d.client.Do(ctx, r)
	if err != nil {
		return p, t.failed(ctx, p, err)
	}
	return extract.Prepare(p), nil
}

func setDefault(headers map[string]string, name, value string) {
	for have := range headers {
		if strings.EqualFold(have, name) {
			return
		}
	}
	headers[name] = value
}

// referer is an address as a browser tells it: without user and fragment.
func referer(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u.String()
}

// plainPair is a header whose text holds no names.
func plainPair(name, text string) recipe.Pair {
	value, _ := recipe.ParseTemplate(strings.NewReplacer("{", "{{", "}", "}}").Replace(text))
	return recipe.Pair{Name: name, Value: value}
}
