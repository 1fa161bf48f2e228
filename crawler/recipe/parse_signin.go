package recipe

import (
	"time"

	"go.yaml.in/yaml/v4"
)

// maxStepTimeout bounds one step of a sign-in.
const maxStepTimeout = 5 * time.Minute

// signInKeys reads the triple: act, recognise refusal, prove success.
func signInKeys(s *SignIn) object {
	return object{
		keys: []key{
			may("steps", "what to do, in order: all in the browser, or all over HTTP", as(&s.Steps, nonEmpty(ref("step")), (*decoder).steps)),
			may("person", "only the seller can sign in, with nudged login", asNew(&s.Person, personKeys)),
			may("refused", "where the shop says no; its text is shown to the seller", asSigns(&s.Refused)),
			may("locked", "where it says that the account is locked, whatever the password", asSigns(&s.Locked)),
			may("needs_you", "captcha, one-time code, risk page: a person is needed", asSigns(&s.NeedsYou)),
			may("vars", "texts of the page after signing in, kept with the session", asVars(&s.Vars)),
			need("proof", "an answer that only a signed-in user gets", asKeys(&s.Proof, proofKeys)),
		},
		groups: []group{{need: true, names: []string{"steps", "person"}}},
	}
}

func personKeys(p *Person) object {
	return object{keys: []key{
		need("open", "the page to sign in on", asFilling(&p.Open)),
		may("qr", "the code that is scanned with a phone", asSelector(&p.QR)),
	}}
}

func proofKeys(p *Proof) object {
	return object{keys: []key{
		need("request", "what to ask for", asRequest(&p.Request)),
		need("sign", "what the answer shows", asSign(&p.Sign)),
		may("identity", "who or which shop is signed in; it must stay the same", asValue(&p.Identity)),
	}}
}

// The acts of a sign-in, in the browser and over HTTP.
func browserActs() []string { return []string{"open", "fill", "choose", "click", "press", "wait"} }
func httpActs() []string    { return []string{"get", "submit", "post"} }

func stepKeys(s *Step) object {
	post := &Request{}
	if s.Post != nil {
		post = s.Post
	}
	inPage := browserActs()[1:]
	return object{
		keys: []key{
			may("open", "browser: the address to open", asTemplate(&s.Open)),
			may("fill", "browser: type into a field", asNew(&s.Fill, fillKeys)),
			may("choose", "browser: take an option of a <select>", asNew(&s.Choose, chooseKeys)),
			may("click", "browser: what to press", asSelector(&s.Click)),
			may("press", "browser: a key", asChoice(&s.Press, "Enter", "Tab", "Escape")),
			may("wait", "browser: until something is there", asWait(&s.Wait)),
			may("get", "HTTP: the address to get", asTemplate(&s.Get)),
			may("submit", "HTTP: the form of the page last got, with all its hidden fields", asNew(&s.Submit, formKeys)),
			may("post", "HTTP: the address to post to", asTemplate(&post.Post)),
			may("headers", "of get and post", as(&post.Headers, ref("templates"), (*decoder).headers)).beside("post"),
			may("form", "body of a post: names with texts", asPairs(&post.Form)).beside("post"),
			may("json", "body of a post: JSON", asBody(&post.JSON)).beside("post"),
			may("graphql", "body of a post: a document, also a mutation that signs in", asNew(&post.GraphQL, signInGraphQLKeys)).beside("post"),
			may("until", "what must follow; if the page sent nothing by then, it is done once more", asWait(&s.Until)).beside("click", "press"),
			may("frame", "the iframe to act in", asSelector(&s.Frame)).beside(inPage...),
			may("vars", "texts of the answer, for later steps; kept with the session", asVars(&s.Vars)).beside(httpActs()...),
			may("timeout", "such as 30s", asSpan(&s.Timeout, maxStepTimeout)).beside(browserActs()...),
			may("optional", "not being possible is no failure, as with a cookie banner", asFlag(&s.Optional)),
		},
		groups: []group{
			{need: true, names: append(browserActs(), httpActs()...)},
			{names: []string{"form", "json", "graphql"}},
		},
	}
}

// steps reads the acts of a sign-in.
func (d *decoder) steps(n *yaml.Node, path string) []Step {
	steps := []Step{}
	overHTTP, inBrowser := false, false
	d.each(n, path, func(n *yaml.Node, p string) {
		s := Step{Post: &Request{Engine: EngineFetch, line: n.Line, col: n.Column}}
		d.object(n, p, stepKeys(&s))
		if s.Post.Post == nil {
			s.Post = nil
		}
		steps = append(steps, s)
		h, b := s.overHTTP(), s.inBrowser()
		if h && inBrowser || b && overHTTP {
			d.fail(n, p, "a sign-in is all in the browser (%s) or all over HTTP (%s), never both", list(browserActs(), "and"), list(httpActs(), "and"))
		}
		overHTTP, inBrowser = overHTTP || h, inBrowser || b
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fail(n, path, "is empty; begin with open (in the browser) or get (over HTTP)")
	}
	return steps
}

func (s *Step) overHTTP() bool { return s.Get != nil || s.Submit != nil || s.Post != nil }

func (s *Step) inBrowser() bool {
	return s.Open != nil || s.Fill != nil || s.Choose != nil || s.Click != nil || s.Press != "" || s.Wait != nil
}

func fillKeys(f *Fill) object {
	return object{keys: []key{
		need("into", "the field", asElement(&f.Into)),
		need("with", "what to type: {user}, {password}, {totp}", asFilling(&f.With)),
	}}
}

func chooseKeys(c *Choose) object {
	return object{keys: []key{
		need("in", "the <select>", asElement(&c.In)),
		need("option", "the option's text or value", asFilling(&c.Option)),
	}}
}

func formKeys(f *Form) object {
	return object{keys: []key{
		need("select", "the <form>", asElement(&f.Select)),
		may("fields", "names with texts, over what the form holds", asPairs(&f.Fields)),
		may("button", "the one that is pressed; the first if it is not here", asSelector(&f.Button)),
		may("action", "where to post, if not where the form says", asTemplate(&f.Action)),
	}}
}

func waitKeys(w *Wait) object {
	return object{keys: []key{
		may("for", "is there and visible", asSelector(&w.For)),
		may("gone", "is not there or not visible", asSelector(&w.Gone)),
		may("url", "the page's address matches", asRegexp(&w.URL)),
		may("response", "a response from such an address has come", asRegexp(&w.Response)),
	}}
}

// wait reads what to wait for. A plain text is a selector.
func (d *decoder) wait(n *yaml.Node, path string) *Wait {
	w := &Wait{}
	if n.Kind == yaml.ScalarNode {
		w.For = d.selector(n, path)
		return w
	}
	d.object(n, path, waitKeys(w))
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		d.fail(n, path, "is empty; write for, gone, url or response")
	}
	return w
}
