package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nudged/crawler/fetch"
)

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func client(t *testing.T, o fetch.Options) *fetch.Client {
	t.Helper()
	if o.UserAgent == "" {
		o.UserAgent = "test-agent"
	}
	c, err := fetch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func kind(t *testing.T, err error) fetch.Kind {
	t.Helper()
	var failed *fetch.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no *fetch.Error", err)
	}
	return failed.Kind
}

func TestPage(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "test-agent" || r.Header.Get("X-Token") != "t" {
			t.Errorf("agent %q, token %q", r.UserAgent(), r.Header.Get("X-Token"))
		}
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to?x=1", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "Application/JSON; charset=utf-8")
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"ok":true}`)
	})
	p, err := client(t, fetch.Options{Now: func() time.Time { return at }}).Do(t.Context(), fetch.Request{URL: base + "/from", Headers: map[string]string{"X-Token": "t", "Accept-Encoding": "gzip"}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != 429 || p.URL != base+"/to?x=1" || p.Type != "application/json" || string(p.Body) != `{"ok":true}` || p.Header.Get("Retry-After") != "3" || !p.At.Equal(at) {
		t.Errorf("the page is %+v", p)
	}
}

func TestPost(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("Content-Type"), body)
	})
	c := client(t, fetch.Options{})
	for range 2 { // colly's revisit filter would refuse the second
		p, err := c.Do(t.Context(), fetch.Request{Method: http.MethodPost, URL: base, Body: []byte(`{"q":1}`), ContentType: "application/json"})
		if err != nil || string(p.Body) != `POST application/json {"q":1}` {
			t.Fatalf("%q, %v", p.Body, err)
		}
	}
}

func TestGzip(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "packed")
		if r.URL.Path != "/cut" {
			_ = z.Close()
		}
	})
	c := client(t, fetch.Options{})
	if p, err := c.Do(t.Context(), fetch.Request{URL: base}); err != nil || string(p.Body) != "packed" {
		t.Errorf("%q, %v", p.Body, err)
	}
	if _, err := c.Do(t.Context(), fetch.Request{URL: base + "/cut"}); err == nil || kind(t, err) != fetch.Transport {
		t.Errorf("a cut gzip stream: %v", err)
	}
}

func TestBombs(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 12 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/transparent": // unpacked by net/http
			w.Header().Set("Content-Encoding", "gzip")
		case "/type": // would be unpacked by colly, beyond the limit
			w.Header().Set("Content-Type", "application/x-gzip")
		case "/x.xml.gz":
			w.Header().Set("Content-Type", "application/octet-stream")
		case "/other":
			w.Header().Set("Content-Encoding", "x-gzip")
		}
		_, _ = w.Write(bomb.Bytes())
	})
	c := client(t, fetch.Options{})
	for path, want := range map[string]fetch.Kind{"/transparent": fetch.TooLarge, "/other": fetch.BadAnswer} {
		if _, err := c.Do(t.Context(), fetch.Request{URL: base + path}); err == nil || kind(t, err) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"/type", "/x.xml.gz"} {
		p, err := c.Do(t.Context(), fetch.Request{URL: base + path})
		if len(p.Body) > 1<<20 {
			t.Errorf("%s grew to %d bytes, %v", path, len(p.Body), err)
		}
	}
}

func TestSize(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		size := fetch.MaxBody
		if r.URL.Path == "/more" {
			size++
		}
		_, _ = w.Write(make([]byte, size))
	})
	c := client(t, fetch.Options{})
	p, err := c.Do(t.Context(), fetch.Request{URL: base + "/fits"})
	if err != nil || len(p.Body) != fetch.MaxBody {
		t.Errorf("%d bytes, %v", len(p.Body), err)
	}
	p, err = c.Do(t.Context(), fetch.Request{URL: base + "/more"})
	if err == nil || kind(t, err) != fetch.TooLarge || len(p.Body) != 0 {
		t.Errorf("one byte too many gives %d bytes and %v", len(p.Body), err)
	}
}

func TestCutInTheMiddle(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/length" {
			w.Header().Set("Content-Length", "1000")
		}
		_, _ = io.WriteString(w, "<table><tr>half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	for _, path := range []string{"/length", "/chunked"} {
		p, err := client(t, fetch.Options{}).Do(t.Context(), fetch.Request{URL: base + path})
		if err == nil || kind(t, err) != fetch.Transport || len(p.Body) != 0 {
			t.Errorf("%s: half a page passes as one: %q, %v", path, p.Body, err)
		}
	}
}

func TestCancelIsHeededAtOnce(t *testing.T) {
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("stopping")
	time.AfterFunc(30*time.Millisecond, func() { cancel(why) })
	start := time.Now()
	_, err := client(t, fetch.Options{}).Do(ctx, fetch.Request{URL: base})
	if !errors.Is(err, why) || time.Since(start) > 20*time.Second { // it would have taken 30
		t.Errorf("%v after %s", err, time.Since(start))
	}
	if _, err := client(t, fetch.Options{}).Do(ctx, fetch.Request{URL: base}); !errors.Is(err, why) {
		t.Errorf("a request under a dead context: %v", err)
	}
}

func TestSlow(t *testing.T) {
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := client(t, fetch.Options{Timeout: 30 * time.Millisecond}).Do(t.Context(), fetch.Request{URL: base + "/?token=canary"})
	if kind(t, err) != fetch.Transport || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hanging shop: %v", err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error holds the token: %v", err)
	}
}

func TestErrorsHoldNoQuery(t *testing.T) {
	c := client(t, fetch.Options{})
	for _, address := range []string{"http://127.0.0.1:1/a?user_token=canary", "ftp://x/?canary", "http://[canary", "http://u:canary@127.0.0.1:1/", "/relative?canary"} {
		_, err := c.Do(t.Context(), fetch.Request{URL: address})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// guard stops addresses with a word in them.
type guard struct{ asked []string }

func (g *guard) Judge(method, address string, _ map[string]string, body []byte) error {
	g.asked = append(g.asked, method+" "+address+" "+string(body))
	if strings.Contains(address, "delete") {
		return errors.New("stopped")
	}
	return nil
}

func TestGuardJudgesEveryHop(t *testing.T) {
	var arrived []string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived = append(arrived, r.URL.Path)
		if r.URL.Path == "/post" {
			http.Redirect(w, r, "/next", http.StatusTemporaryRedirect)
			return
		}
		http.Redirect(w, r, "/orders/delete", http.StatusFound)
	})
	g := &guard{}
	_, err := client(t, fetch.Options{Guard: g}).Do(t.Context(), fetch.Request{Method: http.MethodPost, URL: base + "/post", Body: []byte("b")})
	if kind(t, err) != fetch.Blocked {
		t.Errorf("a redirect to a deleting address: %v", err)
	}
	want := []string{"POST " + base + "/post b", "POST " + base + "/next b", "GET " + base + "/orders/delete "}
	if fmt.Sprint(g.asked) != fmt.Sprint(want) {
		t.Errorf("judged %q, want %q", g.asked, want)
	}
	if _, err := client(t, fetch.Options{Guard: g}).Do(t.Context(), fetch.Request{URL: base + "/delete"}); kind(t, err) != fetch.Blocked {
		t.Errorf("the request itself: %v", err)
	}
	if strings.Contains(strings.Join(arrived, " "), "delete") {
		t.Errorf("a stopped request arrived: %v", arrived)
	}
}

func TestRedirects(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "token %q", r.Header.Get("X-Token"))
	})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		default:
			http.Redirect(w, r, other, http.StatusFound)
		}
	})
	c := client(t, fetch.Options{})
	for _, path := range []string{"/circle", "/file"} {
		if _, err := c.Do(t.Context(), fetch.Request{URL: base + path}); kind(t, err) != fetch.BadAnswer {
			t.Errorf("%s: %v", path, err)
		}
	}
	p, err := c.Do(t.Context(), fetch.Request{URL: base + "/away", Headers: map[string]string{"X-Token": "canary"}})
	if err != nil || string(p.Body) != `token ""` {
		t.Errorf("another host was told the %s, %v", p.Body, err)
	}
}

func TestCookiesTravel(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/admin/set":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.SetCookie(w, &http.Cookie{Name: "here", Value: "h1", MaxAge: 3600})
			http.SetCookie(w, &http.Cookie{Name: "dead", Value: "d1", MaxAge: -1})
			http.SetCookie(w, &http.Cookie{Name: "foreign", Value: "f1", Domain: "elsewhere.test"})
		case "/clear":
			http.SetCookie(w, &http.Cookie{Name: "session", Path: "/", MaxAge: -1})
		default:
			for _, c := range r.Cookies() {
				fmt.Fprintf(w, "%s=%s ", c.Name, c.Value)
			}
		}
	})
	first := client(t, fetch.Options{})
	if _, err := first.Do(t.Context(), fetch.Request{URL: base + "/admin/set"}); err != nil {
		t.Fatal(err)
	}
	kept := first.Cookies()
	if len(kept) != 2 || kept[1].Name != "here" || kept[1].Path != "/admin" || kept[1].Expires.IsZero() || kept[0].SameSite != "Lax" || !kept[0].HTTPOnly {
		t.Fatalf("kept %+v", kept)
	}
	second := client(t, fetch.Options{})
	second.SetCookies(kept)
	p, err := second.Do(t.Context(), fetch.Request{URL: base + "/admin/show"})
	if err != nil || strings.TrimSpace(string(p.Body)) != "here=h1 session=s1" {
		t.Errorf("the second client sends %q, %v", p.Body, err)
	}
	u, _ := url.Parse(base)
	if v, ok := second.Cookie(u, "session"); !ok || v != "s1" {
		t.Errorf("the session cookie is %q, %v", v, ok)
	}
	if _, err := second.Do(t.Context(), fetch.Request{URL: base + "/clear"}); err != nil || len(second.Cookies()) != 1 {
		t.Errorf("a cleared cookie stays: %+v, %v", second.Cookies(), err)
	}
}

func TestEnvironmentChangesNothing(t *testing.T) {
	for name, value := range map[string]string{
		"COLLY_USER_AGENT": "evil", "COLLY_MAX_BODY_SIZE": "3", "COLLY_DISALLOWED_DOMAINS": "127.0.0.1", "COLLY_MAX_DEPTH": "-1",
		"COLLY_IGNORE_ROBOTSTXT": "n", "COLLY_CACHE_DIR": t.TempDir(), "COLLY_DETECT_CHARSET": "y", "COLLY_DISABLE_COOKIES": "y", "COLLY_FOLLOW_REDIRECTS": "n",
	} {
		t.Setenv(name, value)
	}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			t.Error("robots.txt was asked for: the pages are the seller's own")
		case r.UserAgent() != "test-agent":
			t.Errorf("the User-Agent is %q", r.UserAgent())
		case r.URL.Path == "/":
			http.SetCookie(w, &http.Cookie{Name: "c", Value: "1", Path: "/"})
			http.Redirect(w, r, "/to", http.StatusFound)
		default:
			_, err := r.Cookie("c")
			fmt.Fprintf(w, "long answer, %v", err)
		}
	})
	c := client(t, fetch.Options{})
	for range 2 {
		if p, err := c.Do(t.Context(), fetch.Request{URL: base + "/"}); err != nil || string(p.Body) != "long answer, <nil>" {
			t.Errorf("%q, %v", p.Body, err)
		}
	}
}

// net/http quotes the header line that it cannot read.
func TestErrorsHoldNoHeader(t *testing.T) {
	for _, head := range []string{"HTTP/1.1 200 OK\r\nSet-Cookie session=canary\r\n\r\n", "HTTP/1.1 canary OK\r\n\r\n", "canary\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: http://[canary?token=canary\r\n\r\n"} {
		base := raw(t, head)
		_, err := client(t, fetch.Options{}).Do(t.Context(), fetch.Request{URL: base})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", head, err)
		}
	}
}

// raw answers every connection with a text.
func raw(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

// A redirect from https to http of the same host takes no token along.
func TestNoTokenInClear(t *testing.T) {
	first := httptest.NewRequest(http.MethodGet, "https://shop.test/list", nil)
	asked := fetch.Asked(t.Context(), fetch.Request{Headers: map[string]string{"X-Token": "canary"}})
	next := httptest.NewRequest(http.MethodGet, "http://shop.test/list", nil).WithContext(asked)
	next.Header.Set("X-Token", "canary")
	if err := client(t, fetch.Options{}).Redirect(next, []*http.Request{first}); err != nil || next.Header.Get("X-Token") != "" {
		t.Errorf("%v, the token is %q", err, next.Header.Get("X-Token"))
	}
}
