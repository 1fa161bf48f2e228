package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

const (
	tries     = 2                // of one page
	shortWait = 10 * time.Second // a Retry-After that is waited for
)

// call is one request of a recipe, ready to be made.
type call struct {
	what string // for people: "list", "order 74"
	req  *recipe.Request
	get  int               // which of req.Get
	url  string            // instead of req.Get: a link found on a page
	vars map[string]string // of this call
	free bool              // costs nothing of the budget: sign-in
	one  bool              // about one order: it may fail by itself
}

// page asks for a page that only a signed-in user gets. Without a session it
// signs in first; a session that ends is renewed once in a trip.
func (t *trip) page(ctx context.Context, c call) (recipe.Page, error) {
	if t.s.o.Replay != nil {
		return t.replay(c)
	}
	if p, ok := t.takeEarly(); ok {
		return p, nil
	}
	for {
		if err := t.enter(ctx, &c); err != nil {
			return recipe.Page{}, err
		}
		p, err := t.answer(ctx, c)
		t.last = p
		if err != nil {
			return p, t.orPerson(ctx, err)
		}
		switch extract.SignedIn(t.shop.Recipe, p) {
		case extract.Yes:
			t.proven = true
			t.d.rests.reset()
			t.d.failed = 0
			t.keepOnTape(c.what, t.request, p)
			return p, nil
		case extract.Uncertain:
			return p, t.orPerson(ctx, t.saysNothing(c, p, nil))
		}
		if err := t.signedOut(); err != nil {
			return p, err
		}
	}
}

// signedOut forgets a session that the shop does not accept.
func (t *trip) signedOut() error {
	if t.proven && t.renewed {
		return &UnavailableError{Shop: t.shop.Name, Err: errSignedOutAgain}
	}
	t.renewed = t.proven
	t.log.Info("the shop ended the session; signing in again", "step", "sign-in", "was_good", t.proven)
	t.left, t.session = t.session, nil
	return nil
}

// answer asks until the shop says something, at most twice.
func (t *trip) answer(ctx context.Context, c call) (recipe.Page, error) {
	for try := 1; ; try++ {
		p, err := t.once(ctx, c)
		wait, again := t.again(ctx, p, err)
		if !again || try == tries {
			return p, t.judged(ctx, c, p, err)
		}
		t.log.Info("asking again", "step", c.what, "attempt", try, "status", p.Status, "err", err)
		if err := sleep(ctx, wait); err != nil {
			return recipe.Page{}, t.gone(err)
		}
	}
}

// once pays for a page, keeps the distance and asks.
func (t *trip) once(ctx context.Context, c call) (recipe.Page, error) {
	if !c.free {
		if err := t.pay(); err != nil {
			return recipe.Page{}, err
		}
	}
	if err := t.d.pace.wait(ctx); err != nil {
		return recipe.Page{}, t.gone(err)
	}
	p, err := t.send(ctx, c)
	p = extract.Prepare(p) // parsed once, asked several times
	if !c.free && p.Status != 0 {
		t.pages++
	}
	if err != nil && p.Status != 0 && extract.SignedIn(t.shop.Recipe, p) == extract.No {
		// What the browser waited for never came, since the shop showed its
		// sign-in form instead.
		return p, nil
	}
	return p, err
}

// pay takes a page out of the hour's, at a time of day when it may be asked for.
func (t *trip) pay() error {
	if err := t.d.pace.open(t.shop.Name); err != nil {
		return err
	}
	return t.d.pace.page(t.shop.Name, t.leave)
}

// gone says that the visit itself was stopped.
func (t *trip) gone(cause error) error {
	return fmt.Errorf("shop %s: the visit was stopped: %w", t.shop.Name, cause)
}

// again decides whether asking once more may help, and after which pause.
func (t *trip) again(ctx context.Context, p recipe.Page, err error) (time.Duration, bool) {
	backOff := 2 * t.d.pace.delay
	var failed *fetch.Error
	var spent *BudgetError
	var chrome *chromeError
	switch {
	case ctx.Err() != nil, errors.As(err, &spent), errors.As(err, &chrome), errors.Is(err, recipe.ErrBlocked), errors.Is(err, recipe.ErrUnknownName):
		return 0, false
	case errors.As(err, &failed):
		return backOff, failed.Kind == fetch.Transport
	case err != nil:
		return backOff, p.Status == 0
	case p.Status == http.StatusTooManyRequests:
		after := retryAfter(p, t.s.o.Now())
		return after, after > 0 && after <= shortWait
	}
	return backOff, p.Status >= http.StatusInternalServerError
}

// judged names the error of the last try.
func (t *trip) judged(ctx context.Context, c call, p recipe.Page, err error) error {
	var spent *BudgetError
	var chrome *chromeError
	var failed *fetch.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return t.gone(context.Cause(ctx))
	case errors.As(err, &spent), errors.As(err, &chrome):
		return err
	case errors.As(err, &failed) && failed.Kind != fetch.Transport, errors.Is(err, recipe.ErrBlocked), errors.Is(err, recipe.ErrUnknownName):
		return &LayoutError{Shop: t.shop.Name, Page: c.what, Err: err}
	case p.Status == http.StatusForbidden, p.Status == http.StatusTooManyRequests, p.Status >= 500, p.Status == 0:
		return t.saysNothing(c, p, err)
	}
	return &LayoutError{Shop: t.shop.Name, Page: c.what, Saved: t.savePage(c.what, p), Err: err}
}

// saysNothing tells the failure of one order's page from that of the shop: some
// fail for ever, while all others come.
func (t *trip) saysNothing(c call, p recipe.Page, err error) error {
	saved := t.savePage(c.what, p)
	alone := p.Status == http.StatusInternalServerError || p.Status == http.StatusBadGateway || p.Status == http.StatusGatewayTimeout
	if !c.one || !alone || t.d.failed+1 >= strangeDetails || retryAfter(p, t.s.o.Now()) > 0 {
		return t.unavailable(p, err)
	}
	return &FailedPageError{Shop: t.shop.Name, Page: c.what, Status: p.Status, Saved: saved}
}

// unavailable is an answer that says nothing. The shop is left alone for a while.
func (t *trip) unavailable(p recipe.Page, err error) error {
	if now := t.s.o.Now(); !t.climbed {
		t.climbed = true
		t.d.rests.climb(now, p, err)
	}
	return &UnavailableError{Shop: t.shop.Name, Status: p.Status, RetryAfter: retryAfter(p, t.s.o.Now()), Until: t.d.rests.Until, Err: err}
}

// send makes the request, with the engine that the recipe wants.
func (t *trip) send(ctx context.Context, c call) (recipe.Page, error) {
	request, err := t.prepare(c)
	if err != nil {
		return recipe.Page{}, err
	}
	t.asked, t.request = request.URL, request
	if c.req.Engine == recipe.EngineBrowser {
		return t.render(ctx, request.URL, request.Headers, c.req)
	}
	client, err := t.client()
	if err != nil {
		return recipe.Page{}, err
	}
	return client.Do(ctx, request)
}

// prepare fills in the request's templates.
func (t *trip) prepare(c call) (fetch.Request, error) {
	look := t.lookup(c.vars)
	address, err := t.address(c, look)
	if err != nil {
		return fetch.Request{}, err
	}
	request := fetch.Request{Method: http.MethodGet, URL: address, Headers: make(map[string]string, len(c.req.Headers))}
	for _, h := range c.req.Headers {
		if request.Headers[h.Name], err = h.Value.Expand(look, nil); err != nil {
			return fetch.Request{}, err
		}
	}
	if c.req.Post == nil || c.url != "" {
		return request, nil
	}
	request.Method = http.MethodPost
	request.Body, request.ContentType, err = body(c.req, look)
	return request, err
}

func (t *trip) address(c call, look func(string) (string, bool)) (string, error) {
	switch {
	case c.url != "":
		return c.url, nil
	case c.req.Post != nil:
		return c.req.Post.URL(t.d.base, look)
	}
	return c.req.Get[c.get].URL(t.d.base, look)
}

func (t *trip) render(ctx context.Context, address string, headers map[string]string, req *recipe.Request) (recipe.Page, error) {
	b, err := t.seated(ctx)
	if err != nil {
		return recipe.Page{}, err
	}
	p, err := b.Get(ctx, address, headers, req.Wait, req.Capture)
	if errors.Is(err, browser.ErrGone) {
		return recipe.Page{}, fmt.Errorf("chrome ended in the middle of a page: %w", err)
	}
	if learned := t.learn(ctx, b); err == nil {
		err = learned
	}
	return p, err
}

// body of a post, and its media type.
func body(req *recipe.Request, look func(string) (string, bool)) ([]byte, string, error) {
	switch {
	case req.JSON != nil:
		text, err := req.JSON.JSON(look)
		return []byte(text), "application/json", err
	case req.GraphQL != nil:
		return graphql(req.GraphQL, look)
	}
	values := url.Values{}
	for _, pair := range req.Form {
		text, err := pair.Value.Expand(look, nil)
		if err != nil {
			return nil, "", err
		}
		values.Add(pair.Name, text)
	}
	return []byte(values.Encode()), "application/x-www-form-urlencoded", nil
}

func graphql(q *recipe.GraphQL, look func(string) (string, bool)) ([]byte, string, error) {
	document := struct {
		Operation string          `json:"operationName,omitempty"`
		Query     string          `json:"query"`
		Variables json.RawMessage `json:"variables,omitempty"`
	}{Operation: q.Operation, Query: q.Query}
	if q.Variables != nil {
		text, err := q.Variables.JSON(look)
		if err != nil {
			return nil, "", err
		}
		document.Variables = json.RawMessage(text)
	}
	out, err := json.Marshal(document)
	return out, "application/json", err
}
