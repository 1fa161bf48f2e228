package browser

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

// catch collects the responses that a capture may mean. Its methods do nothing
// on a nil catch; they are called with the tab's mu held.
type catch struct {
	want  *recipe.Capture
	open  map[network.RequestID]*exchange
	whole []*exchange // complete ones, in order
	seen  int         // of whole: already looked at
	n     int         // requests so far
}

// exchange is a request that a page made, and its response.
type exchange struct {
	id      network.RequestID
	n       int // in the order of requests
	request *network.Request
	answer  *network.Response
}

func (t *tab) startCatching(want *recipe.Capture) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catch = nil
	if want != nil {
		t.catch = &catch{want: want, open: map[network.RequestID]*exchange{}}
	}
}

// capturing returns what the tab captures, nil if nothing.
func (t *tab) capturing() *recipe.Capture {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.catch == nil {
		return nil
	}
	return t.catch.want
}

func (c *catch) request(ev *network.EventRequestWillBeSent) {
	if c != nil && (c.want.Method == "" || c.want.Method == ev.Request.Method) {
		c.n++
		c.open[ev.RequestID] = &exchange{id: ev.RequestID, n: c.n, request: ev.Request}
	}
}

func (c *catch) response(ev *network.EventResponseReceived) {
	if c == nil {
		return
	}
	x := c.open[ev.RequestID]
	if x == nil {
		return
	}
	if c.want.URL != nil && !c.want.URL.MatchString(ev.Response.URL) {
		delete(c.open, ev.RequestID)
		return
	}
	x.answer = ev.Response
}

func (c *catch) end(id network.RequestID, whole bool) {
	if c == nil {
		return
	}
	if x := c.open[id]; whole && x != nil && x.answer != nil {
		c.whole = append(c.whole, x)
	}
	delete(c.open, id)
}

// caught waits for a response that fits: the first, or the last of those that
// are there; or, if the capture says so, for all of them.
func (b *Browser) caught(ctx context.Context, t *tab, last bool) (recipe.Page, error) {
	if t.capturing().All {
		return b.caughtAll(ctx, t)
	}
	var found *exchange
	for {
		var next []*exchange
		if err := t.await(ctx, func() bool {
			next = t.catch.whole[t.catch.seen:]
			t.catch.seen = len(t.catch.whole)
			return len(next) > 0 || found != nil
		}); err != nil {
			return recipe.Page{}, err
		}
		fitting, err := t.fitting(ctx, next)
		if err != nil {
			return recipe.Page{}, err
		}
		switch {
		case len(fitting) > 0 && last:
			found = fitting[len(fitting)-1]
		case len(fitting) > 0 && found == nil:
			found = fitting[0]
		}
		if found != nil && (!last || len(next) == 0) {
			return b.exchanged(ctx, found)
		}
	}
}

func (b *Browser) exchanged(ctx context.Context, x *exchange) (recipe.Page, error) {
	body, err := b.body(ctx, x.id)
	if err != nil {
		return recipe.Page{}, err
	}
	return recipe.Page{
		URL: x.answer.URL, Status: int(x.answer.Status), Header: header(x.answer.Headers),
		Type: mediaType(x.answer.MimeType), Body: body, At: time.Now(),
	}, nil
}

// fitting are those that the capture means.
func (t *tab) fitting(ctx context.Context, list []*exchange) (fit []*exchange, err error) {
	for _, x := range list {
		ok, err := t.fits(ctx, x)
		if err != nil {
			return nil, err
		}
		if ok {
			fit = append(fit, x)
		}
	}
	return fit, nil
}

// operationWord finds the name in a document, for clients that send no
// operationName.
var operationWord = regexp.MustCompile(`\b(?:query|mutation|subscription)\s+(\w+)`)

// fits tells whether a request has the body and the GraphQL operation that are
// wanted; its address and method were looked at when it came.
func (t *tab) fits(ctx context.Context, x *exchange) (bool, error) {
	want := t.capturing()
	if want.Operation == "" && want.Body == nil {
		return true, nil
	}
	body, _ := postBody(x.request)
	if body == nil && x.request.HasPostData {
		res, err := chromedp.Call(ctx, network.GetRequestPostData, network.GetRequestPostDataParams{RequestID: x.id})
		if err != nil {
			return false, err
		}
		body = res.PostData
	}
	if want.Body != nil && !want.Body.Match(body) {
		return false, nil
	}
	if want.Operation == "" {
		return true, nil
	}
	u, err := url.Parse(x.request.URL)
	return err == nil && u.Query().Get("operationName") == want.Operation || operationIn(body, want.Operation), nil
}

func operationIn(body []byte, want string) bool {
	type operation struct{ OperationName, Query string }
	var batch []operation
	if json.Unmarshal(body, &batch) != nil {
		var one operation
		if json.Unmarshal(body, &one) != nil {
			return false
		}
		batch = []operation{one}
	}
	for _, op := range batch {
		name := op.OperationName
		if m := operationWord.FindStringSubmatch(op.Query); name == "" && m != nil {
			name = m[1]
		}
		if name == want {
			return true
		}
	}
	return false
}
