package sms

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nudged/notify"
)

// gateway is asked what the config says.
type gateway struct {
	*core
	method  string
	url     template
	body    template
	headers map[string]template
	escape  func(string) string
	kind    string // Content-Type of the body
	accept  *regexp.Regexp
	reject  *regexp.Regexp
	later   *regexp.Regexp
	id      *regexp.Regexp
}

func newGateway(c *core) (Sender, error) {
	g := &gateway{core: c, method: strings.ToUpper(c.o.Request.Method), headers: map[string]template{}}
	if err := g.templates(); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name string
		src  string
		to   **regexp.Regexp
	}{{"accept", c.o.Request.Accept, &g.accept}, {"reject", c.o.Request.Reject, &g.reject}, {"later", c.o.Request.Later, &g.later}, {"id", c.o.Request.ID, &g.id}} {
		if p.src == "" {
			continue
		}
		re, err := regexp.Compile(p.src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		*p.to = re
	}
	if g.id != nil && g.id.NumSubexp() < 1 {
		return nil, errors.New(`id: the expression has no group; put the id in one, as "sid":"([^"]+)"`)
	}
	return g, g.complete()
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// templates reads all places where values are put in.
func (g *gateway) templates() error {
	var err error
	if g.url, err = parse(g.o.Request.URL); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	if g.body, err = parse(g.o.Request.Body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	kind := ""
	for name, src := range g.o.Request.Headers {
		if !headerName.MatchString(name) {
			return fmt.Errorf("%q is no name of a header", name)
		}
		if http.CanonicalHeaderKey(name) == "Content-Type" {
			kind = src
		}
		if g.headers[name], err = parse(src); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	if g.o.Request.Body != "" {
		if g.escape, g.kind, err = escaper(kind, g.o.Request.Body); err != nil {
			return fmt.Errorf("body: %w", err)
		}
	}
	return nil
}

// complete checks the request as a whole.
func (g *gateway) complete() error {
	if _, err := endpoint(g.url.expandURL(nil)); err != nil {
		return err
	}
	if i := slices.IndexFunc(g.url, func(p piece) bool { return p.name != "" }); i > 0 {
		if u, err := url.Parse(g.url[0].text); err != nil || u.Path == "" && u.RawQuery == "" {
			return errors.New("url: nothing may be put into the host's name")
		}
	}
	switch g.method {
	case "":
		g.method = http.MethodPost
		if g.o.Request.Body == "" {
			g.method = http.MethodGet
		}
	case http.MethodGet, http.MethodPost, http.MethodPut:
	default:
		return fmt.Errorf("method %s is none of GET, POST, PUT", g.method)
	}
	for _, need := range [][]string{{"to", "to_digits", "to_national"}, {"text"}} {
		if !slices.ContainsFunc(need, g.uses) {
			return fmt.Errorf("{%s} stands neither in the url nor in the body", need[0])
		}
	}
	return nil
}

func (g *gateway) uses(name string) bool {
	return g.url.uses(name) || g.body.uses(name)
}

// signs reports whether the gateway gets the signature by itself, and puts it
// before the text.
func (g *gateway) signs() bool {
	for _, h := range g.headers {
		if h.uses("sign") {
			return true
		}
	}
	return g.uses("sign")
}

// Send hands one message over. See [notify.Sender] for what its errors mean.
func (g *gateway) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	m.Text = plain(m.Text)
	if !g.signs() {
		m.Text = g.signed(m)
	}
	if err := check(m); err != nil {
		return notify.Receipt{}, permanent(err)
	}
	req, err := g.request(ctx, m)
	if err != nil {
		return notify.Receipt{}, permanent(fmt.Errorf("message: %w", err))
	}
	a, err := g.send(ctx, m, req)
	if err != nil {
		return notify.Receipt{}, err
	}
	return g.judge(m, a)
}

func (g *gateway) request(ctx context.Context, m notify.Message) (*http.Request, error) {
	values := map[string]string{
		"to": m.Phone.Reveal(), "to_digits": digits(m.Phone), "to_national": national(m.Phone), "text": m.Text, "from": g.o.From,
		"user": g.o.User, "password": g.o.Password.Reveal(), "basic": basic(g.o), "sign": g.sign(m), "id": token(m),
	}
	body := g.body.expand(values, g.escape)
	req, err := http.NewRequestWithContext(ctx, g.method, g.url.expandURL(values), strings.NewReader(body))
	if err != nil {
		return nil, errors.New("the request cannot be written")
	}
	if body != "" {
		req.Header.Set("Content-Type", g.kind)
	}
	for _, name := range slices.Sorted(maps.Keys(g.headers)) {
		value := g.headers[name].expand(values, func(s string) string { return s })
		if err := headerSafe(value); err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		if http.CanonicalHeaderKey(name) == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// judge reads the answer as the config says, and nothing into it that does not
// stand there.
func (g *gateway) judge(m notify.Message, a answer) (notify.Receipt, error) {
	ok := a.status >= 200 && a.status < 300
	what := "HTTP " + strconv.Itoa(a.status)
	switch {
	case g.reject != nil && g.reject.Match(a.body):
		return notify.Receipt{}, g.judged(m, verdict{kind: notify.Permanent}, what, short(a.body))
	case g.later != nil && g.later.Match(a.body):
		se := g.judged(m, verdict{kind: notify.Temporary}, what, short(a.body))
		se.Until = retryAfter(a, g.o.Now())
		return notify.Receipt{}, se
	case ok && (g.accept == nil || g.accept.Match(a.body)):
		return g.receipt(m, g.idOf(a), what, 0), nil
	}
	return notify.Receipt{}, g.unclear(m, a)
}

func (g *gateway) idOf(a answer) string {
	if g.id == nil {
		return ""
	}
	found := g.id.FindSubmatch(a.body)
	if len(found) < 2 || len(found[1]) > 128 {
		return ""
	}
	return strings.TrimSpace(plain(string(found[1])))
}
