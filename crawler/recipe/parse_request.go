package recipe

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
	"golang.org/x/net/http/httpguts"

	"go.yaml.in/yaml/v4"
)

// maxStepTimeout bounds one step of a sign-in.
const maxStepTimeout = 5 * time.Minute

func (d *decoder) charset(n *yaml.Node, path string) string {
	s, ok := d.word(n, path)
	if !ok {
		return ""
	}
	if e, _ := charset.Lookup(s); e == nil {
		d.fail(n, path, "%q is not a known charset; write utf-8, gbk, gb18030, big5, windows-1251, …", short(s))
	}
	return s
}

// signIn reads the triple: act, recognise refusal, prove success.
func (d *decoder) signIn(n *yaml.Node, path string, s *SignIn) {
	ok := d.mapping(n, path,
		key{"steps", false, func(n *yaml.Node, p string) {
			d.each(n, p, func(n *yaml.Node, p string) { s.Steps = append(s.Steps, d.step(n, p)) })
		}},
		key{"form", false, func(n *yaml.Node, p string) { s.Form = d.form(n, p) }},
		key{"refused", true, func(n *yaml.Node, p string) { s.Refused = d.signs(n, p) }},
		key{"needs_you", false, func(n *yaml.Node, p string) { s.NeedsYou = d.signs(n, p) }},
		key{"vars", false, func(n *yaml.Node, p string) { s.Vars = d.vars(n, p) }},
		key{"proof", true, func(n *yaml.Node, p string) {
			d.mapping(n, p,
				key{"request", true, func(n *yaml.Node, p string) { s.Proof.Request = d.request(n, p) }},
				key{"sign", true, func(n *yaml.Node, p string) { s.Proof.Sign = d.sign(n, p) }},
			)
		}},
	)
	if ok && count(s.Steps != nil, s.Form != nil) != 1 && !d.failedAt(path) {
		d.fail(n, path, "needs exactly one of steps (in the browser) and form (over HTTP)")
	}
}

func (d *decoder) step(n *yaml.Node, path string) Step {
	var s Step
	ok := d.mapping(n, path,
		key{"open", false, func(n *yaml.Node, p string) { s.Open = d.template(n, p) }},
		key{"fill", false, func(n *yaml.Node, p string) { s.Fill = d.fill(n, p) }},
		key{"click", false, func(n *yaml.Node, p string) { s.Click = d.selector(n, p) }},
		key{"press", false, func(n *yaml.Node, p string) { s.Press, _ = d.oneOf(n, p, "Enter", "Tab", "Escape") }},
		key{"wait", false, func(n *yaml.Node, p string) { s.Wait = d.wait(n, p) }},
		key{"timeout", false, func(n *yaml.Node, p string) { s.Timeout = d.duration(n, p, maxStepTimeout) }},
		key{"optional", false, func(n *yaml.Node, p string) { s.Optional = d.flag(n, p) }},
	)
	acts := count(s.Open != nil, s.Fill != nil, s.Click != nil, s.Press != "", s.Wait != nil)
	if ok && acts != 1 && !d.failedAt(path) {
		d.fail(n, path, "does %d things; a step does exactly one of open, fill, click, press and wait", acts)
	}
	return s
}

func (d *decoder) fill(n *yaml.Node, path string) *Fill {
	f := &Fill{}
	d.mapping(n, path,
		key{"into", true, func(n *yaml.Node, p string) {
			if s := d.selector(n, p); s != nil {
				f.Into = *s
			}
		}},
		key{"with", true, func(n *yaml.Node, p string) { d.set(&f.With, n, p) }},
	)
	return f
}

// set reads a template into a place that is not a pointer.
func (d *decoder) set(t *Template, n *yaml.Node, path string) {
	if read := d.template(n, path); read != nil {
		*t = *read
	}
}

// wait reads what to wait for. A plain text is a selector.
func (d *decoder) wait(n *yaml.Node, path string) *Wait {
	w := &Wait{}
	if n.Kind == yaml.ScalarNode {
		w.For = d.selector(n, path)
		return w
	}
	d.mapping(n, path,
		key{"for", false, func(n *yaml.Node, p string) { w.For = d.selector(n, p) }},
		key{"gone", false, func(n *yaml.Node, p string) { w.Gone = d.selector(n, p) }},
		key{"url", false, func(n *yaml.Node, p string) { w.URL = d.regexp(n, p) }},
	)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		d.fail(n, path, "is empty; write for, gone or url")
	}
	return w
}

func (d *decoder) form(n *yaml.Node, path string) *Form {
	f := &Form{}
	d.mapping(n, path,
		key{"open", true, func(n *yaml.Node, p string) { d.set(&f.Open, n, p) }},
		key{"select", true, func(n *yaml.Node, p string) {
			if s := d.selector(n, p); s != nil {
				f.Select = *s
			}
		}},
		key{"fields", true, func(n *yaml.Node, p string) { f.Fields = d.templates(n, p) }},
		key{"action", false, func(n *yaml.Node, p string) { f.Action = d.template(n, p) }},
	)
	return f
}

// templates reads names with templates, in their order.
func (d *decoder) templates(n *yaml.Node, path string) []Pair {
	var out []Pair
	d.pairs(n, path, func(name string, _, value *yaml.Node, p string) {
		if t := d.template(value, p); t != nil {
			out = append(out, Pair{Name: name, Value: *t})
		}
	})
	return out
}

// request reads what to ask the shop for. A plain text is an address to get.
func (d *decoder) request(n *yaml.Node, path string) Request {
	r := Request{Engine: EngineFetch, line: n.Line, col: n.Column}
	get := func(n *yaml.Node, p string) {
		if t := d.template(n, p); t != nil {
			r.Get = append(r.Get, *t)
		}
	}
	if n.Kind == yaml.ScalarNode {
		get(n, path)
		return r
	}
	ok := d.mapping(n, path,
		key{"engine", false, func(n *yaml.Node, p string) {
			s, _ := d.oneOf(n, p, string(EngineFetch), string(EngineBrowser))
			r.Engine = Engine(s)
		}},
		key{"get", false, func(n *yaml.Node, p string) { d.oneOrEach(n, p, get) }},
		key{"post", false, func(n *yaml.Node, p string) { r.Post = d.template(n, p) }},
		key{"headers", false, func(n *yaml.Node, p string) { r.Headers = d.headers(n, p) }},
		key{"form", false, func(n *yaml.Node, p string) { r.Form = d.templates(n, p) }},
		key{"json", false, func(n *yaml.Node, p string) { r.JSON = d.jsonTemplate(n, p) }},
		key{"graphql", false, func(n *yaml.Node, p string) { r.GraphQL = d.graphql(n, p) }},
		key{"wait", false, func(n *yaml.Node, p string) { r.Wait = d.wait(n, p) }},
		key{"capture", false, func(n *yaml.Node, p string) { r.Capture = d.capture(n, p) }},
	)
	if ok && !d.failedAt(path) {
		d.checkRequest(n, path, &r)
	}
	return r
}

func (d *decoder) checkRequest(n *yaml.Node, path string, r *Request) {
	if (len(r.Get) > 0) == (r.Post != nil) {
		d.fail(n, path, "needs exactly one of get and post")
	}
	bodies := count(r.Form != nil, r.JSON != nil, r.GraphQL != nil)
	switch {
	case r.Post != nil && bodies != 1:
		d.fail(n, path, "a post has exactly one body: form, json or graphql")
	case r.Post == nil && bodies > 0:
		d.fail(n, path, "a get has no body; drop form, json and graphql, or write post")
	}
	if r.Engine == EngineFetch && (r.Wait != nil || r.Capture != nil) {
		d.fail(n, path, "wait and capture need engine: browser")
	}
	if r.Engine == EngineBrowser && r.Post != nil {
		d.fail(n, path, "the browser only gets pages; drop engine: browser, or capture the response that the page itself fetches")
	}
}

// headers reads request headers; the client sets those of the connection.
func (d *decoder) headers(n *yaml.Node, path string) []Pair {
	pairs := d.templates(n, path)
	for _, p := range pairs {
		name := http.CanonicalHeaderKey(p.Name)
		switch {
		case !httpguts.ValidHeaderFieldName(p.Name):
			d.fail(n, join(path, short(p.Name)), "is not a header name")
		case name == "Cookie" || name == "Host" || name == "User-Agent" || name == "Content-Length":
			d.fail(n, join(path, p.Name), "is set by the program; drop it")
		}
	}
	return pairs
}

func (d *decoder) graphql(n *yaml.Node, path string) *GraphQL {
	g := &GraphQL{}
	d.mapping(n, path,
		key{"operation", false, func(n *yaml.Node, p string) { g.Operation, _ = d.word(n, p) }},
		key{"query", true, func(n *yaml.Node, p string) {
			if g.Query, _ = d.word(n, p); g.Query == "" {
				return
			}
			if err := GraphQLReadOnly(g.Query); err != nil {
				d.fail(n, p, "%v", err)
			}
		}},
		key{"variables", false, func(n *yaml.Node, p string) {
			if d.is(n, p, yaml.MappingNode, "names with values") {
				g.Variables = d.jsonTemplate(n, p)
			}
		}},
	)
	return g
}

func (d *decoder) capture(n *yaml.Node, path string) *Capture {
	c := &Capture{}
	d.mapping(n, path,
		key{"url", true, func(n *yaml.Node, p string) { c.URL = d.regexp(n, p) }},
		key{"method", false, func(n *yaml.Node, p string) { c.Method, _ = d.oneOf(n, p, "GET", "POST") }},
		key{"operation", false, func(n *yaml.Node, p string) { c.Operation, _ = d.word(n, p) }},
	)
	return c
}

// mediaType reports whether a text is a media type without parameters.
func mediaType(s string) bool {
	t, params, err := mime.ParseMediaType(s)
	return err == nil && t == s && len(params) == 0 && strings.Contains(s, "/")
}
