package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"go.uber.org/goleak"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

// profileRoot holds the profiles of the tests; nothing may stay there.
var profileRoot string

// shared is one site and one browser, for the tests that need no other: to start
// Chrome takes longer than most of them.
var shared struct {
	site    *site
	guard   *recipe.Guard
	browser *browser.Browser
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(orphanVariable); dir != "" {
		beOrphaned(dir)
	}
	root, err := os.MkdirTemp("", "nudged-browser-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	profileRoot = filepath.Join(root, "own")
	code := m.Run()
	if shared.browser != nil {
		if err := shared.browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		shared.site.CloseClientConnections()
		shared.site.Close()
	}
	if left, err := filepath.Glob(filepath.Join(root, "*", "*")); err != nil || len(left) > 0 {
		fmt.Fprintln(os.Stderr, "profiles left behind:", left, err)
		code = 1
	}
	if left := processesUsing(root); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "chrome processes left behind:", left)
		code = 1
	}
	if code == 0 {
		err := goleak.Find() // which looks for a second; a busy machine takes longer
		for end := time.Now().Add(patience); err != nil && time.Now().Before(end); {
			err = goleak.Find()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := os.RemoveAll(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// processesUsing lists the processes that have a text in their command line, on
// Linux.
func processesUsing(text string) (pids []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(text)) {
			if pid := filepath.Base(filepath.Dir(f)); pid != fmt.Sprint(os.Getpid()) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// chrome returns the path of the browser, or ends the test where none is.
func chrome(t testing.TB) string {
	t.Helper()
	path, err := browser.Find("")
	if err != nil {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "chrome") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// site is a shop of a few pages, which writes down what reaches it.
type site struct {
	*httptest.Server
	mux *http.ServeMux

	mu   sync.Mutex
	seen []string // "POST /orders/1?x=1"
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := startSite()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func startSite() *site {
	s := &site{mux: http.NewServeMux()}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		mux := s.mux
		line := r.Method + " " + r.URL.RequestURI()
		if r.Header.Get("Upgrade") != "" {
			line = "WEBSOCKET " + r.URL.RequestURI()
		}
		s.seen = append(s.seen, line)
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	return s
}

// sharedBrowser returns the shared site, empty, and its browser, unlocked. After
// Lock it may post GraphQL to /api.
func sharedBrowser(t testing.TB) (*site, *browser.Browser) {
	t.Helper()
	path := chrome(t)
	if shared.browser == nil {
		s := startSite()
		g := guardOf(t, s.URL, recipe.Allow{Method: "POST", URL: re(`/api\?`), GraphQL: true})
		b, err := browser.Open(context.Background(), browser.Options{
			Path: path, ProfileRoot: filepath.Join(filepath.Dir(profileRoot), "shared"), LoopbackOnly: true,
		}, g)
		if err != nil {
			t.Fatal(err)
		}
		shared.site, shared.guard, shared.browser = s, g, b
	}
	s := shared.site
	s.mu.Lock()
	s.mux, s.seen = http.NewServeMux(), nil
	s.mu.Unlock()
	shared.guard.Unlock()
	return s, shared.browser
}

// page serves HTML.
func (s *site) page(path, html string) {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	})
}

// serve serves anything, with its content type.
func (s *site) serve(path, kind, body string) {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, body)
	})
}

// reached returns what reached the site and starts with a prefix.
func (s *site) reached(prefix string) (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.seen {
		if strings.HasPrefix(line, prefix) {
			lines = append(lines, line)
		}
	}
	return lines
}

func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func guardOf(t testing.TB, base string, allow ...recipe.Allow) *recipe.Guard {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return recipe.NewGuard(u, allow, nil, nil)
}

// open starts a browser for a site. It is closed, and the close checked, at the
// end of the test.
func open(t testing.TB, guard *recipe.Guard, change ...func(*browser.Options)) *browser.Browser {
	t.Helper()
	out := &logs{}
	opts := browser.Options{
		Path: chrome(t), ProfileRoot: profileRoot, LoopbackOnly: true,
		Log: slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&opts)
	}
	b, err := browser.Open(context.Background(), opts, guard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return b
}

func selector(t testing.TB, source string) *recipe.Selector {
	t.Helper()
	group, err := cascadia.ParseGroup(source)
	if err != nil {
		t.Fatal(err)
	}
	return &recipe.Selector{Source: source, Group: group}
}

func waitFor(t testing.TB, source string) *recipe.Wait {
	return &recipe.Wait{For: selector(t, source)}
}

func re(s string) *recipe.Regexp { return &recipe.Regexp{Regexp: regexp.MustCompile(s)} }

func template(t testing.TB, source string) *recipe.Template {
	t.Helper()
	tpl, err := recipe.ParseTemplate(source)
	if err != nil {
		t.Fatal(err)
	}
	return &tpl
}

func expander(values map[string]string) func(*recipe.Template) (string, error) {
	return func(t *recipe.Template) (string, error) {
		return t.Expand(func(name string) (string, bool) { v, ok := values[name]; return v, ok }, func(s string) string { return s })
	}
}

// patience is what a busy machine may take for anything.
const patience = time.Minute

// eventually waits for something that happens in another process.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}
