package recipe

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// reserved are the names that templates know besides a recipe's own vars.
func reserved() []string {
	return append([]string{"url", "origin", "user", "password", "totp", "id", "number", "view", "cursor"}, counters()...)
}

// check looks at what only shows when the whole recipe is read: names in
// templates, posts without an allow, fields that nobody fills.
func (d *decoder) check(r *Recipe) {
	d.checkSteps(r)
	d.checkNames(r)
	d.checkPosts(r)
	d.checkGets(r)
	d.checkContent(r)
	d.checkViews(r)
	d.checkPaging(r)
	if !d.failedAt("list") && !d.failedAt("detail") {
		d.checkFields(r)
		d.checkRules(r)
	}
	if !sameName(d.file, r.Name) {
		d.say("name", "a built-in recipe is named after its file")
	}
}

// placed is a request with its place in the recipe.
type placed struct {
	path string
	*Request
}

// requests are all that are sent after the sign-in.
func (r *Recipe) requests() []placed {
	all := []placed{{"sign_in.proof.request", &r.SignIn.Proof.Request}, {"list.request", &r.List.Request}}
	if r.Heartbeat != nil {
		all = append(all, placed{"heartbeat.request", &r.Heartbeat.Request})
	}
	if r.Detail != nil {
		all = append(all, placed{"detail.request", &r.Detail.Request})
		for i := range r.Detail.More {
			all = append(all, placed{morePath(i) + ".request", &r.Detail.More[i].Request})
		}
	}
	return all
}

func morePath(i int) string { return fmt.Sprintf("detail.more[%d]", i) }

// checkSteps looks at the order of the sign-in's steps.
func (d *decoder) checkSteps(r *Recipe) {
	s := &r.SignIn
	if len(s.Steps) == 0 || d.failedAt("sign_in.steps") {
		return
	}
	switch first := s.Steps[0]; {
	case first.Submit != nil:
		d.say("sign_in.steps[0]", "submits a form before there is a page; get the page first")
	case first.inBrowser() && first.Open == nil:
		d.say("sign_in.steps[0]", "acts before there is a page; begin with open")
	}
	if s.Refused == nil && !d.failedAt("sign_in.refused") {
		d.say("sign_in.refused", `is missing; how does the shop say that the password is wrong? An element's selector, or {status: 401}`)
	}
	if s.Steps[0].inBrowser() {
		return
	}
	for i := range s.Steps {
		d.noStorage(fmt.Sprintf("sign_in.steps[%d].vars", i), s.Steps[i].Vars)
	}
	d.noStorage("sign_in.vars", s.Vars)
}

// noStorage finds values of the browser's storage where there is no browser.
func (d *decoder) noStorage(path string, vars []Var) {
	for _, v := range vars {
		for _, each := range append([]*Value{&v.Value}, pointers(v.Value.Or)...) {
			if each.Source == FromStorage {
				d.say(join(path, v.Name), "storage is the browser's, and these steps go over HTTP; write open, fill and click instead")
			}
		}
	}
}

// checkPosts holds every post against the allow list: the guard would stop one
// that is not declared.
func (d *decoder) checkPosts(r *Recipe) {
	if d.failedAt("allow") {
		return
	}
	for _, q := range r.requests() {
		if q.Post == nil || d.failedAt(q.path) {
			continue
		}
		switch ok, unlike := allowed(r.Allow, q.Request); {
		case ok:
		case unlike != "":
			d.say(q.path, "posts to %s a body such as %s; a rule of allow has that address, but its body has to match all of it (in a form, names stand in the order of the alphabet)",
				q.Post.source, clip(unlike, 200))
		default:
			d.say(q.path, "posts to %s, which no rule of allow lets through; add one with its url and graphql: true or body", q.Post.source)
		}
	}
}

// checkGets holds every address against the guard, which would stop one that
// reads as if it changed something.
func (d *decoder) checkGets(r *Recipe) {
	if d.failedAt("allow") || d.failedAt("deny") {
		return
	}
	base := &url.URL{Scheme: "https", Host: "shop.example", Path: "/admin/"}
	guard := NewGuard(base, r.Allow, r.Deny, nil)
	for _, q := range r.requests() {
		for i := range q.Get {
			address, err := q.Get[i].URL(base, sampleOf(base))
			u, bad := url.Parse(address)
			if err != nil || bad != nil || q.Get[i].leads() || d.failedAt(q.path) {
				continue
			}
			if why := guard.why("GET", u, nil, nil); why != "" {
				d.say(q.path, "opens %s, which the read-only guard stops: %s; if that page only shows something, say so: allow: [{url: …, get: true}]", q.Get[i].source, why)
			}
		}
	}
}

// sampleOf gives every name a value, as for a shop at base.
func sampleOf(base *url.URL) Lookup {
	return func(name string) (string, bool) {
		switch name {
		case "url":
			return strings.TrimSuffix(base.String(), "/"), true
		case "origin":
			return base.Scheme + "://" + base.Host, true
		}
		return "1", true
	}
}

// allowed tries a request with sample values. Where only the body is not what a
// rule for the address wants, it returns that body.
func allowed(rules []Allow, r *Request) (ok bool, unlike string) {
	base := &url.URL{Scheme: "https", Host: "shop.example", Path: "/admin/"}
	sample := sampleOf(base)
	target, err := r.Post.URL(base, sample)
	if err != nil {
		return false, ""
	}
	body := sampleBody(r, sample)
	for _, a := range rules {
		switch {
		case a.URL == nil || !r.Post.leads() && !a.URL.MatchString(target): // an address that the shop gives shows later
		case r.GraphQL != nil:
			ok = ok || a.GraphQL
		case a.Body != nil: // the guard wants the whole body to match
			ok = ok || wholly(a.Body.String()).MatchString(body)
			unlike = body
		}
	}
	return ok, unlike
}

func sampleBody(r *Request, sample Lookup) string {
	if r.JSON != nil {
		body, _ := r.JSON.JSON(sample)
		return body
	}
	values := url.Values{}
	for _, p := range r.Form {
		text, _ := p.Value.Expand(sample, nil)
		values.Add(p.Name, text)
	}
	return values.Encode()
}

// checkPaging looks for counters that nothing counts, and acts without a
// browser.
func (d *decoder) checkPaging(r *Recipe) {
	q, next := &r.List.Request, r.List.Next
	if q.Engine != EngineBrowser && next.Click != nil {
		d.say("list.next.click", "needs engine: browser in list.request")
	}
	if q.Engine != EngineBrowser && next.Scroll != nil {
		d.say("list.next.scroll", "needs engine: browser in list.request")
	}
	if d.failedAt("list.request") {
		return
	}
	counts := map[string]bool{"page": next.Page != nil, "offset": next.Offset != nil, "cursor": next.Cursor != nil}
	for _, name := range []string{"page", "offset", "cursor"} {
		if counts[name] && !q.uses(name) {
			d.say("list.next."+name, "is for {%s}, but list.request does not use it; every page would be the first", name)
		}
	}
}

// checkViews looks for views that differ in nothing, or lack a value.
func (d *decoder) checkViews(r *Recipe) {
	views := r.List.Views
	if len(views) == 0 || d.failedAt("list.views") || d.failedAt("list.request") {
		return
	}
	names := viewNames(views)
	used := slices.ContainsFunc(append([]string{"view"}, names...), r.List.Request.uses)
	if !used {
		d.say("list.views", "is for {view} and the values of each view, but list.request uses none of them; every view would be the same list")
	}
	for _, v := range views {
		for _, name := range names {
			if !slices.ContainsFunc(v.Values, func(p Pair) bool { return p.Name == name }) {
				d.say("list.views."+v.Name, "has no %s, which another view has; every view says the same names", name)
			}
		}
	}
}

// viewNames are the names of all views' values.
func viewNames(views []View) []string {
	var names []string
	for _, v := range views {
		for _, p := range v.Values {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// uses reports whether a request asks for a name.
func (r *Request) uses(name string) bool {
	templates := []*Template{r.Post, r.JSON}
	for i := range r.Get {
		templates = append(templates, &r.Get[i])
	}
	for i := range r.Form {
		templates = append(templates, &r.Form[i].Value)
	}
	for i := range r.Headers {
		templates = append(templates, &r.Headers[i].Value)
	}
	if r.GraphQL != nil {
		templates = append(templates, r.GraphQL.Variables)
	}
	return slices.ContainsFunc(templates, func(t *Template) bool { return t != nil && slices.Contains(t.Names(), name) })
}

// sameName holds for every file but a built-in one of another name.
func sameName(file, name string) bool {
	stem, builtin := strings.CutPrefix(file, "recipes/")
	return !builtin || stem == name+".yaml"
}
