package browser_test

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

//go:embed testdata/attack.html
var attackPage string

// attackSite serves a page that tries every way to send something; its GETs ask
// for goal.
func attackSite(t *testing.T, goal string) *site {
	s := newSite(t)
	cross := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // another site for Chrome
	s.page("/attack", strings.NewReplacer("GO", goal, "CROSS", cross).Replace(attackPage))
	s.mux.HandleFunc("/frame.html", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<script>
			const kind = "frame-" + location.search.slice(1);
			fetch("/write?by=" + kind, {method: "POST", body: "x=1"}).catch(() => {});
			fetch(%q + "/write?by=home-" + kind, {method: "POST", mode: "no-cors", body: "x=1"}).catch(() => {});
			new WebSocket(location.origin.replace("http", "ws") + "/write?by=ws-" + kind);
			</script>`, s.URL)
	})
	s.serve("/worker.js", "text/javascript", `
		const kind = "worker-" + location.search.slice(1);
		fetch("/write?by=" + kind, {method: "POST", body: "x=1"}).catch(() => {});
		new WebSocket(location.origin.replace("http", "ws") + "/write?by=ws-" + kind);`)
	s.page("/write", "written")
	s.mux.Handle("/redirect307", http.RedirectHandler("/write?by=redirect307", http.StatusTemporaryRedirect))
	s.mux.Handle("/redirect302", http.RedirectHandler("/"+goal+"?by=redirect302", http.StatusFound))
	s.page("/login", `<form method="post" action="/login"><input name="user"><button>Sign in</button></form>`)
	s.page("/orders/1/view", "")
	s.page("/orders/1/delete", "")
	return s
}

func by(lines []string) (names []string) {
	for _, line := range lines {
		_, name, _ := strings.Cut(line, "by=")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func attack(t *testing.T, b *browser.Browser) {
	t.Helper()
	if _, err := b.Get(t.Context(), "/attack", nil, waitFor(t, "#done"), nil); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // what was sent last may still be on its way
}

// What the attack page tries does work while nothing stops it: otherwise the
// tests below would prove nothing. While signing in, the shop's own origin may
// be written to.
func TestAttackBeforeLock(t *testing.T) {
	s := attackSite(t, "orders/1/view")
	g := guardOf(t, s.URL)
	b := open(t, g)
	attack(t, b)
	want := []string{
		"beacon", "blob-worker", "fetch", "form-frame", "frame-", "home-frame-", "home-frame-cross", "keepalive", "graphql", "blob-body",
		"redirect307", "srcdoc", "worker-dedicated", "worker-service", "worker-shared", "xhr",
	}
	for _, name := range want {
		eventually(t, "a POST by "+name+", without which its being stopped would prove nothing", func() bool {
			return slices.Contains(by(s.reached("POST /write")), name)
		})
	}
	got := by(s.reached("POST /write"))
	for _, name := range []string{"other-origin", "frame-cross", "fetchlater", "background-fetch", "ping"} {
		if slices.Contains(got, name) {
			t.Errorf("a POST by %s went out", name)
		}
	}
	for _, name := range []string{"eventsource", "iframe", "img", "link-prefetch", "object", "redirect302", "script", "stylesheet", "video"} {
		eventually(t, "a GET by "+name, func() bool { return slices.Contains(by(s.reached("GET /orders/1/view")), name) })
	}
	got = by(s.reached("GET /orders/1/view"))
	eventually(t, "a WebSocket by everything that can try one", func() bool { return sockets(g) >= 8 })
	checkNoneOf(t, s, "PUT", "PATCH", "DELETE", "WEBSOCKET")
	// preloads pass by the guard, so they must not happen at all
	for _, name := range []string{"speculation-prefetch", "speculation-prerender"} {
		if slices.Contains(got, name) {
			t.Errorf("a GET by %s went out", name)
		}
	}
}

func TestAttackAfterLock(t *testing.T) {
	t.Parallel()
	s := attackSite(t, "orders/1/delete")
	g := guardOf(t, s.URL, recipe.Allow{Method: "POST", URL: re(`/write\?by=graphql$`), GraphQL: true})
	b := open(t, g)
	steps := []recipe.Step{
		{Open: template(t, "/login")},
		{Fill: &recipe.Fill{Into: *selector(t, "input"), With: *template(t, "boss")}},
		{Click: selector(t, "button")},
	}
	if _, err := b.SignIn(t.Context(), steps, expander(nil)); err != nil {
		t.Fatal(err)
	}
	if n := len(s.reached("POST /login")); n != 1 {
		t.Fatalf("the sign-in was posted %d times", n)
	}
	s.forget()
	g.Lock()
	attack(t, b)
	eventually(t, "30 requests counted as stopped", func() bool { n, last := g.Blocked(); return n >= 30 && len(last) > 0 })
	checkNoneOf(t, s, "POST", "PUT", "PATCH", "DELETE", "WEBSOCKET", "GET /orders/1/delete", "GET /write")

	if p, err := b.Get(t.Context(), "/orders/1/delete", nil, nil, nil); !errors.Is(err, recipe.ErrBlocked) {
		t.Errorf("Get of an address that deletes: %d %v", p.Status, err)
	}
	if _, err := b.Get(t.Context(), "/redirect302", nil, nil, nil); !errors.Is(err, recipe.ErrBlocked) {
		t.Errorf("Get of a redirect to an address that deletes: %v", err)
	}
	checkNoneOf(t, s, "GET /orders/1/delete")
}

// sockets is how many WebSockets were told no at the wall. Each kind of context
// tries one: page, stream, two frames, three kinds of worker and one from a blob.
func sockets(g *recipe.Guard) (tried int) {
	_, last := g.Blocked()
	for _, line := range last {
		if strings.HasPrefix(line, "WebSocket ws://127.0.0.1:") || strings.HasPrefix(line, "WebSocket ws://localhost:") {
			tried++
		}
	}
	return tried
}

func checkNoneOf(t *testing.T, s *site, prefixes ...string) {
	t.Helper()
	for _, prefix := range prefixes {
		if got := s.reached(prefix); len(got) > 0 {
			t.Errorf("reached the shop: %q", got)
		}
	}
}

// Once signed in, what no order is read from is not loaded, and that is no
// attempt to write.
func TestNeedlessIsNotLoaded(t *testing.T) {
	s := newSite(t)
	s.serve("/style.css", "text/css", `@font-face { font-family: shop; src: url(/shop.woff2) } p { font-family: shop }`)
	s.serve("/rows.js", "text/javascript", `document.querySelector("p").textContent = "rows"`)
	s.page("/orders", `<title>Orders</title><link rel=stylesheet href=/style.css><img src=/logo.png><video src=/film.mp4 autoplay></video><p></p><script src=/rows.js></script>`)
	g := guardOf(t, s.URL)
	b := open(t, g)
	visit := func() {
		t.Helper()
		s.forget()
		p, err := b.Get(t.Context(), "/orders", nil, nil, nil)
		if err != nil || !strings.Contains(string(p.Body), "<p>rows") {
			t.Fatalf("%v\n%s", err, p.Body)
		}
	}
	visit()
	if len(s.reached("GET /logo.png")) == 0 {
		t.Error("a page to sign in on has no pictures: a person may have to see one")
	}
	g.Lock()
	visit()
	for _, path := range []string{"/logo.png", "/film.mp4", "/shop.woff2"} {
		if len(s.reached("GET "+path)) > 0 {
			t.Errorf("%s was loaded", path)
		}
	}
	if n, last := g.Blocked(); n > 0 {
		t.Errorf("counted as attempts to write: %v", last)
	}
}
