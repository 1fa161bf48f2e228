package fetch

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/gocolly/colly/v2"

	"nudged/crawler/recipe"
)

// MaxBody is the largest answer that is read, in bytes after decompression. A
// larger one is an error, never cut.
const MaxBody = 10 << 20

// maxRedirects is how many hops a request may take.
const maxRedirects = 10

// Judge decides whether a request may leave; [recipe.Guard] does.
type Judge interface {
	Judge(method, url string, headers map[string]string, body []byte) error
}

// Options of a client. All but UserAgent may be zero.
type Options struct {
	UserAgent string
	Timeout   time.Duration // of one request with its redirects; 30 s if zero
	Charset   string        // of pages that tell none, e.g. "gb18030"
	Guard     Judge         // nil: everything may leave
	Now       func() time.Time
	Log       *slog.Logger
}

// Client fetches the pages of one shop. It keeps the shop's cookies and may be
// used by several goroutines.
type Client struct {
	o         Options
	base      *colly.Collector
	transport *http.Transport
	jar       *jar
}

// Request is what to ask for.
type Request struct {
	Method      string // GET if empty
	URL         string // absolute
	Headers     map[string]string
	Body        []byte
	ContentType string // of the body
}

// New makes a client.
func New(o Options) (*Client, error) {
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	cookies, err := newJar(o.Now)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	c := &Client{o: o, jar: cookies, transport: newTransport()}
	// NewCollector would let COLLY_ variables override what follows.
	c.base = &colly.Collector{}
	c.base.Init()
	c.base.UserAgent = o.UserAgent
	c.base.AllowURLRevisit = true
	c.base.ParseHTTPErrorResponse = true
	c.base.IgnoreRobotsTxt = true
	c.base.MaxBodySize = MaxBody + 1 // one more tells "too large" from "just fits"
	c.base.WithTransport(c.transport)
	c.base.SetCookieJar(cookies)
	c.base.SetRequestTimeout(o.Timeout)
	c.base.SetRedirectHandler(c.redirect)
	return c, nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// Close drops idle connections. The client can still be used.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// UserAgent that the client sends.
func (c *Client) UserAgent() string { return c.o.UserAgent }

// answer collects what colly's callbacks tell about one request.
type answer struct {
	page     recipe.Page
	mediaTyp string // Content-Type as the shop sent it
	packed   string // a Content-Encoding that nobody asked for
}

// Do asks for a page and follows redirects. The error is an [*Error].
func (c *Client) Do(ctx context.Context, r Request) (recipe.Page, error) {
	r.Method = cmp.Or(r.Method, http.MethodGet)
	fail := func(kind Kind, err error) (recipe.Page, error) {
		return recipe.Page{}, &Error{Kind: kind, Method: r.Method, Where: where(r.URL), Err: err}
	}
	target, err := url.Parse(r.URL)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" {
		return fail(BadRequest, errNotHTTP)
	}
	if c.o.Guard != nil {
		if err := c.o.Guard.Judge(r.Method, r.URL, judged(r), r.Body); err != nil {
			return fail(Blocked, err)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return fail(Transport, err)
	}
	var got answer
	asked := context.WithValue(context.WithValue(ctx, requestKey{}, r), viaKey{}, &got.page.Via)
	err = c.collector(asked, &got).Request(r.Method, r.URL, body(r), nil, header(r, c.o.UserAgent))
	switch {
	case err != nil && context.Cause(ctx) != nil:
		return fail(Transport, context.Cause(ctx))
	case got.packed != "":
		return fail(BadAnswer, fmt.Errorf("the shop packed its answer as %.40q, which nobody asked for", got.packed))
	case err != nil:
		return fail(kindOf(err), bare(err))
	case len(got.page.Body) > MaxBody:
		return fail(TooLarge, errTooLarge)
	}
	text, err := decode(got.page.Body, got.mediaTyp, c.o.Charset)
	if err != nil {
		return fail(BadAnswer, err)
	}
	got.page.Body, got.page.Type, got.page.At = text, mediaType(got.mediaTyp), c.o.Now()
	return got.page, nil
}

// collector is a copy of the base with the callbacks of one request.
func (c *Client) collector(ctx context.Context, got *answer) *colly.Collector {
	one := c.base.Clone()
	one.Context = ctx
	one.OnResponseHeaders(func(r *colly.Response) {
		got.page.Header = r.Headers.Clone()
		got.mediaTyp = r.Headers.Get("Content-Type")
		// net/http has unpacked what it asked for. Colly would unpack more, and
		// beyond the limit; it would also guess at charsets.
		if got.packed = r.Headers.Get("Content-Encoding"); got.packed == "identity" {
			got.packed = ""
		}
		if got.packed != "" {
			r.Request.Abort()
		}
		r.Headers.Set("Content-Type", "application/octet-stream")
	})
	one.OnResponse(func(r *colly.Response) {
		got.page.URL, got.page.Status, got.page.Body = r.Request.URL.String(), r.StatusCode, r.Body
	})
	return one
}

func body(r Request) io.Reader {
	if r.Body == nil {
		return nil
	}
	return bytes.NewReader(r.Body)
}

func header(r Request, agent string) http.Header {
	h := http.Header{}
	h.Set("User-Agent", agent)
	h.Set("Cache-Control", "no-cache") // what is true now, from the shop itself
	// A browser's: some servers wrap a page in JSON for whoever names JSON here.
	h.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	if r.ContentType == "application/json" {
		h.Set("Accept", "application/json,*/*;q=0.8")
	}
	for name, value := range r.Headers {
		h.Set(name, value)
	}
	// Asking for it by hand would turn the transparent unpacking off.
	h.Del("Accept-Encoding")
	if r.ContentType != "" {
		h.Set("Content-Type", r.ContentType)
	}
	return h
}

// judged are the headers as the guard sees them.
func judged(r Request) map[string]string {
	h := make(map[string]string, len(r.Headers)+1)
	for name, value := range r.Headers {
		h[name] = value
	}
	if r.ContentType != "" {
		h["Content-Type"] = r.ContentType
	}
	return h
}

type (
	requestKey struct{}
	viaKey     struct{}
)

// redirect judges one hop. A hop to another host, or from https to http, loses the
// recipe's headers: they may hold tokens.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errRedirects
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return errNotHTTP
	}
	if hops, ok := req.Context().Value(viaKey{}).(*[]string); ok {
		*hops = append(*hops, req.URL.String())
	}
	first, _ := req.Context().Value(requestKey{}).(Request)
	if req.URL.Host != via[0].URL.Host || req.URL.Scheme == "http" && via[0].URL.Scheme == "https" {
		for name := range first.Headers {
			req.Header.Del(name)
		}
		req.Header.Del("Authorization")
		first.Headers = nil
	}
	if c.o.Guard == nil {
		return nil
	}
	kept := first.Body
	if req.Body == nil {
		kept = nil
	}
	if err := c.o.Guard.Judge(req.Method, req.URL.String(), judged(first), kept); err != nil {
		return &blockedError{err}
	}
	return nil
}
