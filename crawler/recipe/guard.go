package recipe

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// ErrBlocked says that the read-only guard stopped a request.
var ErrBlocked = errors.New("stopped by the read-only guard")

// blockedKept is how many stopped requests Blocked can name.
const blockedKept = 20

// Guard decides which requests may leave for a shop, whichever engine sends
// them. It looks at nothing but the request, so that both engines obey one rule.
//
// A GET, HEAD or OPTIONS passes unless its address says that it changes
// something (guard_words.go) and the recipe does not say that it only shows, or
// fits the recipe's own deny list. A POST passes
// while signing in, to the shop's own origin; after Lock only if the recipe
// declares its address and the shape of its body. PUT, PATCH, DELETE and
// WebSockets never pass.
type Guard struct {
	base  *url.URL
	allow []allowRule
	deny  []*Regexp
	log   *slog.Logger

	mu      sync.Mutex
	locked  bool
	blocked int
	last    []string
}

// allowRule is an Allow whose Body has to match the whole body: a pattern that
// matched a part would let "list=1&action=delete" pass for "list=1".
type allowRule struct {
	Allow
	body *regexp.Regexp
}

// NewGuard returns a guard for the shop at base, unlocked: as for a sign-in. A
// nil log logs nothing.
func NewGuard(base *url.URL, allow []Allow, deny []*Regexp, log *slog.Logger) *Guard {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if base == nil {
		base = &url.URL{} // nothing is its own
	}
	g := &Guard{base: base, deny: deny, log: log}
	for _, a := range allow {
		rule := allowRule{Allow: a}
		if a.Body != nil && a.Body.Regexp != nil {
			rule.body = wholly(a.Body.String())
		}
		g.allow = append(g.allow, rule)
	}
	return g
}

// wholly is nil, which matches nothing, where the pattern can not be wrapped.
func wholly(pattern string) *regexp.Regexp {
	re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return nil
	}
	return re
}

// Lock ends the sign-in: from now on a POST has to be declared by the recipe.
func (g *Guard) Lock() { g.setLocked(true) }

// Unlock begins a sign-in: POSTs to the shop's own origin may pass.
func (g *Guard) Unlock() { g.setLocked(false) }

func (g *Guard) setLocked(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.locked = on
}

// Base is the address of the shop that the guard stands before.
func (g *Guard) Base() *url.URL { return g.base }

// Locked tells whether the proof of sign-in has been given.
func (g *Guard) Locked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.locked
}

// Blocked returns how many requests were stopped since the guard was made, and
// the last of them, oldest first. Values in their queries are left out.
func (g *Guard) Blocked() (n int, last []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.blocked, slices.Clone(g.last)
}

// Judge returns nil if the request may go out. Otherwise it counts and logs the
// request and returns an error that wraps ErrBlocked and says why. The body of
// a POST has to be whole: what can not be read does not pass.
func (g *Guard) Judge(method, rawURL string, headers map[string]string, body []byte) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return g.stop(method, &url.URL{Scheme: "unparsable"}, "its address can not be parsed")
	}
	if why := g.why(strings.ToUpper(method), u, headers, body); why != "" {
		return g.stop(method, u, why)
	}
	return nil
}

// Refuse counts and logs what an engine stopped by itself, a WebSocket.
func (g *Guard) Refuse(method, rawURL, why string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		u = &url.URL{Scheme: "unparsable"}
	}
	return g.stop(method, u, why)
}

func (g *Guard) stop(method string, u *url.URL, why string) error {
	line := fmt.Sprintf("%s %s: %s", clip(method, 20), PlainURL(u), why)
	g.mu.Lock()
	g.blocked++
	g.last = append(g.last, line)
	if len(g.last) > blockedKept {
		g.last = slices.Delete(g.last, 0, len(g.last)-blockedKept)
	}
	g.mu.Unlock()
	g.log.Warn("request stopped by the read-only guard", "request", line)
	return fmt.Errorf("%s: %w", line, ErrBlocked)
}

// why returns the reason to stop a request, or "".
func (g *Guard) why(method string, u *url.URL, headers map[string]string, body []byte) string {
	switch u.Scheme {
	case "http", "https":
	case "ws", "wss":
		return "WebSockets are not read-only"
	case "":
		return "its address does not say where it leads"
	default: // data:, blob:, about: never leave the machine
		if method == "GET" {
			return ""
		}
		return "only http and https are written to"
	}
	switch method {
	case "GET", "HEAD", "OPTIONS", "POST":
	default:
		return "the method " + clip(method, 20) + " is never read-only"
	}
	if why := g.denied(u, headers); why != "" {
		return why
	}
	if method == "POST" {
		return g.whyPost(u, headers, body)
	}
	if why := g.writing(u); why != "" && !g.shows(u) {
		return why
	}
	return ""
}

// denied holds for every method, signed in or not.
func (g *Guard) denied(u *url.URL, headers map[string]string) string {
	if strings.EqualFold(headerOf(headers, "Upgrade"), "websocket") {
		return "WebSockets are not read-only"
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		if headerOf(headers, name) != "" {
			return "its header " + name + " changes the method"
		}
	}
	if why := overriding(u); why != "" {
		return why
	}
	plain := withoutFragment(u)
	for _, re := range g.deny {
		if re != nil && re.Regexp != nil && re.MatchString(plain) {
			return "the recipe denies addresses like " + re.String()
		}
	}
	return ""
}

func (g *Guard) whyPost(u *url.URL, headers map[string]string, body []byte) string {
	if !g.Own(u) {
		return "only " + g.base.Scheme + "://" + g.base.Host + " may be written to; if the shop signs in elsewhere, give that address as its url"
	}
	if !g.Locked() {
		return ""
	}
	why := "the recipe declares no such POST"
	plain := withoutFragment(u)
	for _, a := range g.allow {
		if !strings.EqualFold(a.Method, "POST") || a.URL == nil || a.URL.Regexp == nil || !a.URL.MatchString(plain) {
			continue
		}
		if a.GraphQL {
			err := readOnlyGraphQL(headers, body)
			if err == nil {
				return ""
			}
			why = err.Error()
			continue
		}
		if a.body != nil && a.body.Match(body) {
			return ""
		}
		why = "its body has not the shape that the recipe declares"
	}
	return why
}

// Own tells whether an address is of the shop's own origin. A shop that was
// given as http:// and answers on https:// is still itself.
func (g *Guard) Own(u *url.URL) bool {
	if g.base.Host == "" || !strings.EqualFold(u.Hostname(), g.base.Hostname()) {
		return false
	}
	if u.Scheme == "http" && g.base.Scheme == "https" {
		return false // what was given as secret is not sent in clear
	}
	standard := func(u *url.URL) bool {
		p := u.Port()
		return p == "" || p == "443" && u.Scheme == "https" || p == "80" && u.Scheme == "http"
	}
	if standard(u) && standard(g.base) {
		return true
	}
	return u.Port() == g.base.Port() && u.Scheme == g.base.Scheme
}

// PlainURL is an address as it may stand in a log: without user, without
// fragment, and without the values of its query, which hold tokens.
func PlainURL(u *url.URL) string {
	s := u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.Opaque != "" || u.Host == "" {
		return clip(u.Scheme, 20) + ":"
	}
	var keys []string
	for pair := range strings.FieldsFuncSeq(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		key, _, _ := strings.Cut(pair, "=")
		keys = append(keys, clip(key, 40))
	}
	if len(keys) > 0 {
		s += "?" + strings.Join(keys, "=…&") + "=…"
	}
	return clip(s, 300)
}

func withoutFragment(u *url.URL) string {
	plain := *u
	plain.Fragment, plain.RawFragment = "", ""
	return plain.String()
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// headerOf returns a header whatever its case. Two that differ are joined, which
// no rule accepts.
func headerOf(headers map[string]string, name string) string {
	var found []string
	for k, v := range headers {
		if strings.EqualFold(k, name) && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	slices.Sort(found)
	return strings.Join(found, ", ")
}
