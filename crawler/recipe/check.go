package recipe

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// reserved are the names that templates know besides a recipe's own vars.
func reserved() []string {
	return append([]string{"url", "origin", "user", "password", "id", "number"}, counters()...)
}

// check looks at what only shows when the whole recipe is read: names in
// templates, posts without an allow, fields that nobody fills.
func (d *decoder) check(r *Recipe) {
	d.checkNames(r)
	d.checkPosts(r)
	d.checkFields(r)
	d.checkPaging(r)
}

func (d *decoder) failAt(line, col int, path, message string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Col: col, Path: path, Message: message})
}

// checkPosts holds every post against the allow list: the guard would stop one
// that is not declared.
func (d *decoder) checkPosts(r *Recipe) {
	requests := []struct {
		path string
		*Request
	}{{"sign_in.proof.request", &r.SignIn.Proof.Request}, {"list.request", &r.List.Request}}
	if r.Detail != nil {
		requests = append(requests, struct {
			path string
			*Request
		}{"detail.request", &r.Detail.Request})
	}
	for _, q := range requests {
		if q.Post != nil && !d.failedAt(q.path) && !allowed(r.Allow, q.Request) {
			d.failAt(q.line, q.col, q.path, "posts to "+q.Post.source+", which no rule of allow lets through; add one with its url and graphql: true or body")
		}
	}
}

// allowed tries a request with sample values.
func allowed(rules []Allow, r *Request) bool {
	sample := func(name string) (string, bool) {
		switch name {
		case "url":
			return "https://shop.example/admin", true
		case "origin":
			return "https://shop.example", true
		}
		return "1", true
	}
	base := &url.URL{Scheme: "https", Host: "shop.example", Path: "/admin/"}
	target, err := r.Post.URL(base, sample)
	if err != nil {
		return false
	}
	body := ""
	if r.JSON != nil {
		body, _ = r.JSON.JSON(sample)
	}
	if r.Form != nil {
		values := url.Values{}
		for _, p := range r.Form {
			text, _ := p.Value.Expand(sample, nil)
			values.Add(p.Name, text)
		}
		body = values.Encode()
	}
	return slices.ContainsFunc(rules, func(a Allow) bool {
		if a.URL == nil || !a.URL.MatchString(target) {
			return false
		}
		if r.GraphQL != nil {
			return a.GraphQL
		}
		// The guard wants the whole body to match.
		whole := (*regexp.Regexp)(nil)
		if a.Body != nil {
			whole = wholly(a.Body.String())
		}
		return whole != nil && whole.MatchString(body)
	})
}

// checkFields looks for facts that an order needs and nobody reads.
func (d *decoder) checkFields(r *Recipe) {
	if d.failedAt("list") || d.failedAt("detail") {
		return
	}
	list, detail := &r.List.Fields, &Fields{}
	if r.Detail != nil {
		detail = &r.Detail.Fields
	}
	if r.Detail != nil && detail.ID == nil && detail.Number == nil {
		d.failAt(1, 1, "detail.fields.id", "is missing, and number too; the page of another order could be taken for this one's. Where only the address says it: {from: url, match: 'id=(\\d+)'}")
	}
	if r.Detail != nil && detail.Status == nil {
		d.failAt(1, 1, "detail.fields.status", "is missing; the order's own page has to say whether it is paid")
	}
	if list.Created == nil && detail.Created == nil {
		d.failAt(1, 1, "list.fields.created", "is missing; without the order's time no reminder can be planned")
	}
	if list.Total == nil && detail.Total == nil {
		d.failAt(1, 1, "list.fields.total", "is missing; a reminder says what is to be paid")
	}
	d.checkRules(r, list, detail)
	d.checkKinds(r)
}

// checkRules looks for facts that a status rule asks for and nobody reads.
func (d *decoder) checkRules(r *Recipe, list, detail *Fields) {
	for _, rule := range r.Statuses {
		switch {
		case rule.Payment != AnyPayment && list.Payment == nil:
			d.failAt(1, 1, "list.fields.payment", "is missing; a rule of statuses asks for the payment")
			return
		case rule.Refunded != nil && (list.Refunded == nil || r.Detail != nil && detail.Refunded == nil):
			// Read in one place only, the status would change to and fro.
			d.failAt(1, 1, "list.fields.refunded", "is missing in list or detail; a rule of statuses asks for it")
			return
		case rule.Code != nil && (list.Code == nil || r.Detail != nil && detail.Code == nil):
			d.failAt(1, 1, "list.fields.code", "is missing in list or detail; a rule of statuses asks for the code")
			return
		}
	}
}

// checkKinds finds paths into HTML rows and selectors into JSON rows: they would
// find nothing, for ever.
func (d *decoder) checkKinds(r *Recipe) {
	for _, f := range r.List.Fields.all() {
		v, path := f.value, "list.fields."+f.name
		switch {
		case r.List.Rows.Select != nil && v.Path != nil:
			d.failAt(v.line, v.col, path, "is a JSON path, but list.rows finds HTML; write a selector")
		case r.List.Rows.Path != nil && v.Select != nil && v.Path == nil:
			d.failAt(v.line, v.col, path, "is a selector, but list.rows finds JSON; write a path that begins with $")
		}
	}
}

// checkPaging looks for counters that nothing counts, and clicks without a
// browser.
func (d *decoder) checkPaging(r *Recipe) {
	q, next := &r.List.Request, r.List.Next
	if next.Click != nil && q.Engine != EngineBrowser {
		d.failAt(q.line, q.col, "list.next.click", "needs engine: browser in list.request")
	}
	misspelt := d.failedAt("list.request")
	if next.Page != nil && !q.uses("page") && !misspelt {
		d.failAt(q.line, q.col, "list.next.page", "counts {page}, but list.request does not use it; every page would be the first")
	}
	if next.Offset != nil && !q.uses("offset") && !misspelt {
		d.failAt(q.line, q.col, "list.next.offset", "counts {offset}, but list.request does not use it; every page would be the first")
	}
	if !sameName(d.file, r.Name) {
		d.failAt(1, 1, "name", "a built-in recipe is named after its file")
	}
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
