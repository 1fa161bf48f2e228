package crawler

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// maxPlaces are tried to find where a back-office begins.
const maxPlaces = 8

// Settle finds the address that a recipe wants where the seller gave the one of
// the sign-in page, as browsers show it: a shop's url is the folder from which
// all of its pages are reached. A place is right when the page where the
// recipe's sign-in begins is of this system, and the page of its proof sends
// somebody who is not signed in to the sign-in. Nothing is typed anywhere. If no
// place is right, the address stays as it is.
func Settle(ctx context.Context, found Found) (Found, error) {
	r := found.Recipe
	if r == nil || r.SignIn.Person != nil {
		return found, nil
	}
	typed, err := url.Parse(found.URL)
	if err != nil {
		return found, nil // whoever needs an address says so
	}
	client, err := fetch.New(fetch.Options{UserAgent: ownAgent, Timeout: contactTime})
	if err != nil {
		return found, err
	}
	defer client.Close()
	for _, base := range places(typed) {
		if err := ctx.Err(); err != nil {
			return found, context.Cause(ctx)
		}
		if begins(ctx, client, r, base) && guarded(ctx, client, r, base) {
			found.URL = base.String()
			return found, nil
		}
	}
	return found, nil
}

// places from which the pages of a back-office may be reached, the likely ones
// first: the folder of what was typed, what was typed, the folders above.
func places(typed *url.URL) []*url.URL {
	var out []*url.URL
	add := func(at string) {
		u := *typed
		u.Path, u.RawPath, u.RawQuery = at, "", ""
		for _, known := range out {
			if known.Path == at {
				return
			}
		}
		if len(out) < maxPlaces {
			out = append(out, &u)
		}
	}
	at := typed.Path
	if strings.HasSuffix(at, "/wp-login.php") { // whose pages stand elsewhere
		add(strings.TrimSuffix(at, "wp-login.php") + "wp-admin/")
	}
	if last := path.Base(at); strings.Contains(last, ".") {
		add(strings.TrimSuffix(at, last))
	}
	add(at)
	for dir := path.Dir(strings.TrimSuffix(at, "/")); ; dir = path.Dir(dir) {
		add(strings.TrimSuffix(dir, "/") + "/")
		if dir == "/" || dir == "." {
			return out
		}
	}
}

// begins reports whether the sign-in begins at a page of this system.
func begins(ctx context.Context, client *fetch.Client, r *recipe.Recipe, base *url.URL) bool {
	for _, step := range r.SignIn.Steps {
		for _, address := range []*recipe.Template{step.Open, step.Get} {
			if address != nil {
				return signIn(ctx, client, r, base, address)
			}
		}
	}
	return true
}

// guarded reports whether the page of the proof is there, for others. A proof that
// is asked for by POST says nothing without a session.
func guarded(ctx context.Context, client *fetch.Client, r *recipe.Recipe, base *url.URL) bool {
	pages := r.SignIn.Proof.Request.Get
	for i := range pages {
		if signIn(ctx, client, r, base, &pages[i]) {
			return true
		}
	}
	return len(pages) == 0
}

// signIn reports whether an address shows a sign-in of this system.
func signIn(ctx context.Context, client *fetch.Client, r *recipe.Recipe, base *url.URL, address *recipe.Template) bool {
	at, err := address.URL(base, func(name string) (string, bool) {
		switch name {
		case "url":
			return base.String(), true
		case "origin":
			return base.Scheme + "://" + base.Host, true
		}
		return "0", true // a token that nobody has yet
	})
	if err != nil {
		return false
	}
	p, err := client.Do(ctx, fetch.Request{URL: at})
	if err != nil || p.Status >= http.StatusBadRequest && p.Status != http.StatusUnauthorized {
		return false
	}
	p = extract.Prepare(p)
	return fits(r, p) || extract.SignedIn(r, p) == extract.No
}
