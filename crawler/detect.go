package crawler

import (
	"bytes"
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// Found is what stands at an address.
type Found struct {
	URL    string         // for the config: whole, with the scheme that works
	Recipe *recipe.Recipe // of the system; nil beside an error
	Title  string         // of its page
	Plain  bool           // it is http, beyond this computer: the password could be read on its way
}

// contactTime is how long a shop may take for its first answer.
const contactTime = 20 * time.Second

// Detect finds out what back-office is at an address, as a person types it: the
// scheme may be missing. It asks for nothing but that page, and sends no
// password. An address without a scheme is tried with https, and with http only
// on this computer. The error is a [*ContactError], unless ctx has ended; what was
// found by then is returned too.
func Detect(ctx context.Context, address string, recipes []*recipe.Recipe) (Found, error) {
	candidates, err := addresses(address)
	if err != nil {
		return Found{}, err
	}
	client, err := fetch.New(fetch.Options{UserAgent: ownAgent, Timeout: contactTime})
	if err != nil {
		return Found{}, err
	}
	defer client.Close()
	var found Found
	for _, u := range candidates {
		found, err = contact(ctx, client, u, recipes)
		if err == nil || !noHTTPS(err) {
			break
		}
	}
	if guess := candidates[len(candidates)-1]; err != nil && guess.Scheme == "https" && !written(address) && noHTTPS(err) {
		return found, onlyHTTP(ctx, client, guess, err)
	}
	return found, err
}

func written(address string) bool { return strings.Contains(address, "://") }

// addresses that a typed one may mean.
func addresses(typed string) ([]*url.URL, error) {
	typed = strings.TrimSpace(typed)
	schemes := []string{""}
	if !written(typed) {
		schemes = []string{"https://"}
	}
	var out []*url.URL
	for len(schemes) > 0 {
		u, err := url.Parse(schemes[0] + typed)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(u.Host, " \t") {
			return nil, &ContactError{Kind: BadAddress, Address: clip(typed, 100), Err: err}
		}
		u.User, u.Fragment, u.RawFragment = nil, "", ""
		schemes = schemes[1:]
		if len(out) == 0 && !written(typed) && loopback(u) {
			schemes = append(schemes, "http://")
		}
		out = append(out, u)
	}
	return out, nil
}

// noHTTPS are the errors after which http may work.
func noHTTPS(err error) bool {
	var e *ContactError
	return errors.As(err, &e) && (e.Kind == PlainHTTP || e.Kind == ConnectionError || e.Kind == NoAnswer)
}

// onlyHTTP tells a shop that has no https from one that is not there.
func onlyHTTP(ctx context.Context, client *fetch.Client, u *url.URL, cause error) error {
	if e := (*ContactError)(nil); errors.As(cause, &e) && e.Kind == PlainHTTP {
		return cause
	}
	plain := *u
	plain.Scheme = "http"
	p, err := client.Do(ctx, fetch.Request{URL: plain.String()})
	if err != nil || p.Status == 0 || strings.HasPrefix(p.URL, "https:") {
		return cause
	}
	return &ContactError{Kind: PlainHTTP, Address: bare(plain.String()), Err: cause}
}

// contact asks for one address and looks who answers.
func contact(ctx context.Context, client *fetch.Client, u *url.URL, recipes []*recipe.Recipe) (Found, error) {
	p, err := client.Do(ctx, fetch.Request{URL: u.String()})
	if err != nil {
		return Found{}, contactError(ctx, bare(u.String()), err)
	}
	p = extract.Prepare(p)
	found := Found{Title: title(p), URL: shopURL(u, p)}
	if at, err := url.Parse(found.URL); err == nil {
		found.Plain = at.Scheme == "http" && !loopback(at)
	}
	fail := func(kind Contact, detail string) (Found, error) {
		return found, &ContactError{Kind: kind, Address: bare(found.URL), Status: p.Status, Detail: detail}
	}
	for _, r := range recipes {
		if !fits(r, p) {
			continue
		}
		found.Recipe = r
		if text, ok := extract.Words(r.SignIn.NeedsYou, p); ok {
			return fail(Challenge, words(text, ""))
		}
		return found, nil
	}
	switch {
	case challenged(p):
		return fail(Challenge, found.Title)
	case p.Status == http.StatusNotFound, p.Status == http.StatusGone:
		return fail(NotThere, found.Title)
	case p.Status == http.StatusUnauthorized, p.Status == http.StatusForbidden:
		return fail(KeptOut, found.Title)
	case p.Status == http.StatusTooManyRequests, p.Status >= 500:
		return fail(Trouble, strings.ToLower(http.StatusText(p.Status)))
	}
	return fail(UnknownSystem, found.Title)
}

func fits(r *recipe.Recipe, p recipe.Page) bool {
	for i := range r.Detect {
		if extract.Check(&r.Detect[i], p) {
			return true
		}
	}
	return false
}

// shopURL is what was typed, on the host that really answers: a shop may lead
// from its bare name to www., and from http to https.
func shopURL(typed *url.URL, p recipe.Page) string {
	u := *typed
	u.RawQuery = ""
	if end, err := url.Parse(p.URL); err == nil && related(end, typed) {
		u.Scheme, u.Host = end.Scheme, end.Host
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// related hosts differ by "www." alone.
func related(a, b *url.URL) bool {
	name := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }
	return name(a) == name(b) && (a.Scheme == "https" || b.Scheme == "http")
}

// bare is an address without what may hold a secret.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that does not parse)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

var titled = regexp.MustCompile(`(?is)<title[^>]*>(.{0,500}?)</title>`)

func title(p recipe.Page) string {
	m := titled.FindSubmatch(p.Body[:min(len(p.Body), 64<<10)])
	if m == nil {
		return ""
	}
	return clip(words(html.UnescapeString(string(m[1])), ""), 100)
}

// challenged knows a page that one of the usual walls shows instead of the shop's.
func challenged(p recipe.Page) bool {
	if strings.EqualFold(p.Header.Get("Cf-Mitigated"), "challenge") {
		return true
	}
	if p.Status == http.StatusOK && len(p.Body) > 64<<10 {
		return false // a whole page that merely loads such a script
	}
	for _, mark := range []string{
		"/cdn-cgi/challenge-platform/", "cf-chl-", "_Incapsula_Resource", "sucuri_cloudproxy",
		"ddos-guard", "captcha-delivery.com", "px-captcha", "awswaf.com",
	} {
		if bytes.Contains(p.Body, []byte(mark)) {
			return true
		}
	}
	small := bytes.ToLower(p.Body[:min(len(p.Body), 64<<10)])
	return p.Status != http.StatusOK && bytes.Contains(small, []byte("captcha"))
}
