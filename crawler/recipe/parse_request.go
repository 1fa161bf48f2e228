package recipe

import (
	"mime"
	"net/http"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/net/http/httpguts"

	"go.yaml.in/yaml/v4"
)

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

func requestKeys(r *Request) object {
	get := kind{either(ref("template"), listOf(ref("template"))), func(d *decoder, n *yaml.Node, p string) {
		d.oneOrEach(n, p, func(n *yaml.Node, p string) { d.get(n, p, r) })
	}}
	return object{
		keys: []key{
			may("engine", "browser, for pages that need JavaScript", asChoice(&r.Engine, EngineFetch, EngineBrowser)),
			may("get", "the address, from the shop's url; of several, the first that yields rows", get),
			may("post", "the address; allow has to let it through", asTemplate(&r.Post)),
			may("headers", "beside those of a browser", as(&r.Headers, ref("templates"), (*decoder).headers)),
			may("form", "body of a post: names with texts", asPairs(&r.Form)).beside("post"),
			may("json", "body of a post: JSON", asBody(&r.JSON)).beside("post"),
			may("graphql", "body of a post: a document that holds only queries", asNew(&r.GraphQL, graphQLKeys)).beside("post"),
			may("wait", "engine browser: when the page is there", asWait(&r.Wait)).beside("engine: browser"),
			may("capture", "engine browser: the answer is a response that the page itself fetched", asNew(&r.Capture, captureKeys)).beside("engine: browser"),
		},
		groups: []group{
			{need: true, names: []string{"get", "post"}},
			{names: []string{"form", "json", "graphql"}},
		},
	}
}

func (d *decoder) get(n *yaml.Node, path string, r *Request) {
	if t := d.template(n, path); t != nil {
		r.Get = append(r.Get, *t)
	}
}

// request reads what to ask the shop for. A plain text is an address to get.
func (d *decoder) request(n *yaml.Node, path string) Request {
	r := Request{Engine: EngineFetch, line: n.Line, col: n.Column}
	if n.Kind == yaml.ScalarNode {
		d.get(n, path, &r)
		return r
	}
	if !d.object(n, path, requestKeys(&r)) || d.failedAt(path) {
		return r
	}
	if r.Post != nil && r.Form == nil && r.JSON == nil && r.GraphQL == nil {
		d.fail(n, path, "a post has a body: form, json or graphql")
	}
	if r.Engine == EngineBrowser && r.Post != nil {
		d.fail(n, path, "the browser only gets pages; drop engine: browser, or capture the response that the page itself fetches")
	}
	return r
}

// headers reads request headers; the client sets those of the connection.
func (d *decoder) headers(n *yaml.Node, path string) []Pair {
	pairs := d.templates(n, path)
	for _, p := range pairs {
		at := Problem{File: d.file, Line: p.Value.line, Col: p.Value.col, Path: join(path, short(p.Name))}
		name := http.CanonicalHeaderKey(p.Name)
		switch {
		case !httpguts.ValidHeaderFieldName(p.Name):
			at.Message = "is not a header name"
		case name == "Cookie" || name == "Host" || name == "User-Agent" || name == "Content-Length":
			at.Message = "is set by the program; drop it"
		default:
			continue
		}
		d.problems = append(d.problems, at)
	}
	return pairs
}

func graphQLKeys(g *GraphQL) object { return documentKeys(g, GraphQLReadOnly) }

// signInGraphQLKeys lets a mutation through: signing in is one.
func signInGraphQLKeys(g *GraphQL) object { return documentKeys(g, graphQLParses) }

func documentKeys(g *GraphQL, check func(string) error) object {
	query := func(d *decoder, n *yaml.Node, p string) string {
		text, ok := d.word(n, p)
		if !ok {
			return ""
		}
		if err := check(text); err != nil {
			d.fail(n, p, "%v", err)
		}
		return text
	}
	variables := func(d *decoder, n *yaml.Node, p string) *Template {
		if !d.is(n, p, yaml.MappingNode, "names with values") {
			return nil
		}
		return d.jsonTemplate(n, p)
	}
	return object{keys: []key{
		may("operation", "which operation of the document", asWord(&g.Operation)),
		need("query", "the document", as(&g.Query, filled, query)),
		may("variables", "names with values", as(&g.Variables, fixed(shape{"type": "object"}), variables)),
	}}
}

func captureKeys(c *Capture) object {
	return object{keys: []key{
		need("url", "the address of the response matches", asRegexp(&c.URL)),
		may("method", "of its request", asChoice(&c.Method, "GET", "POST")),
		may("operation", "GraphQL operation of its request", asWord(&c.Operation)),
		may("body", "the body of its request matches", asRegexp(&c.Body)),
		may("all", "every one that fits, as one JSON array", asFlag(&c.All)),
	}}
}

// mediaType reports whether a text is a media type without parameters.
func mediaType(s string) bool {
	t, params, err := mime.ParseMediaType(s)
	return err == nil && t == s && len(params) == 0 && strings.Contains(s, "/")
}
