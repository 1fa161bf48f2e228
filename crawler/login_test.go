package crawler_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
)

// window is the seller's browser, without the browser: it shows the page with the
// code, and after so many looks has the cookie of somebody who signed in.
type seller struct {
	r      *rig
	after  int
	looks  int
	cookie *http.Cookie
}

func (s *seller) look() crawler.Glance {
	s.looks++
	g := crawler.Glance{
		Page:    recipe.Page{URL: s.r.shop.URL + "admin/qr", Status: 200, Type: "text/html", Body: []byte(`<div class="wait"><img class="qrcode"></div>`)},
		Cookies: []browser.Cookie{{Name: "visitor", Value: "1", Domain: "127.0.0.1", Path: "/"}},
		Agent:   "Seller's own browser",
	}
	if s.looks <= s.after {
		return g
	}
	if s.cookie == nil {
		s.cookie = s.r.demo.SignInByHand()
	}
	g.Page.URL, g.Page.Body = s.r.shop.URL+"admin/", []byte("<html><body>welcome</body></html>")
	g.Cookies = append(g.Cookies, browser.Cookie{Name: s.cookie.Name, Value: s.cookie.Value, Domain: "127.0.0.1", Path: "/", HTTPOnly: true})
	g.Storage = map[string]string{"key": "kept"}
	return g
}

// loggedIn is a session of the person who signs in at once.
func (r *rig) loggedIn() []byte {
	r.t.Helper()
	s := &seller{r: r}
	session, err := r.spider.Login(r.t.Context(), r.shop, crawler.WithWindow(crawler.LoginOptions{Headed: true}, func(string, bool) {}, s.look))
	if err != nil {
		r.t.Fatal(err)
	}
	return session
}

func TestLogin(t *testing.T) {
	r := newRig(t, demoshop.Options{}, door(t, byPerson))
	if _, err := r.visit(false); err == nil {
		t.Fatal("a shop that nobody signed in to is read")
	}
	s := &seller{r: r, after: 2}
	var address string
	var qr bool
	var said []string
	o := crawler.LoginOptions{Kept: r.session, Say: func(text string) { said = append(said, text) }}
	session, err := r.spider.Login(t.Context(), r.shop, crawler.WithWindow(o, func(a string, code bool) { address, qr = a, code }, s.look))
	if err != nil || len(session) == 0 {
		t.Fatal(err)
	}
	if address != r.shop.URL+"admin/qr" || !qr || len(said) == 0 {
		t.Errorf("the window was opened at %q, with a code %v, and the seller was told %q", address, qr, said)
	}
	if n := r.demo.Count("/admin/"); n != 2 {
		t.Errorf("the proof was asked for %d times, not once for each thing that was to be seen", n)
	}
	r.session = session
	r.compare(r.must(false).Orders)
	for _, q := range r.demo.Log() {
		if q.UserAgent != "Seller's own browser" {
			t.Errorf("%s was asked for as %q", q.Path, q.UserAgent)
		}
	}
	if strings.Contains(r.log.String(), s.cookie.Value) {
		t.Error("the log holds the session")
	}
}

func TestLoginEnds(t *testing.T) {
	r := newRig(t, demoshop.Options{}, door(t, byPerson))
	s := &seller{r: r, after: 1 << 30}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	kept, err := r.spider.Login(ctx, r.shop, crawler.WithWindow(crawler.LoginOptions{Kept: []byte("before")}, func(string, bool) {}, s.look))
	if !errors.Is(err, context.DeadlineExceeded) || string(kept) != "before" {
		t.Errorf("%v, kept %q", err, kept)
	}
	gone := func() crawler.Glance { return crawler.Glance{Err: browser.ErrGone} }
	_, err = r.spider.Login(t.Context(), r.shop, crawler.WithWindow(crawler.LoginOptions{}, func(string, bool) {}, gone))
	if err == nil || !strings.Contains(err.Error(), "the window was closed") || !strings.Contains(err.Error(), "nudged login demo") {
		t.Errorf("%v", err)
	}
}

func TestLoginOfAnotherShop(t *testing.T) {
	text := strings.Replace(string(door(t, byPerson)), `sign: "#who"`, `sign: "#who", identity: "#store"`, 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	session := r.loggedIn()
	r.demo.SetStore("Other Shop")
	s := &seller{r: r}
	_, err := r.spider.Login(t.Context(), r.shop, crawler.WithWindow(crawler.LoginOptions{Kept: session}, func(string, bool) {}, s.look))
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || !strings.Contains(err.Error(), "Other Shop") {
		t.Errorf("%v", err)
	}
}

// Login resumes a shop that was waiting for a person, whatever the door says.
func TestLoginResumes(t *testing.T) {
	r := newRig(t, demoshop.Options{AskCode: true}, door(t, withCode))
	for range 2 {
		if _, err := r.visit(false); err == nil {
			t.Fatal("a shop that asks for a code is read")
		}
	}
	s := &seller{r: r}
	session, err := r.spider.Login(t.Context(), r.shop, crawler.WithWindow(crawler.LoginOptions{Kept: r.session, Headed: true}, func(string, bool) {}, s.look))
	if err != nil {
		t.Fatal(err)
	}
	r.session = session
	r.compare(r.must(false).Orders)
}

// The real thing, but for the window: the phone scans the code that the terminal
// shows.
func TestChromeLogin(t *testing.T) {
	needChrome(t)
	r := newRig(t, demoshop.Options{}, door(t, byPerson))
	scanned := 0
	o := crawler.LoginOptions{Profile: t.TempDir(), ShowQR: func(png []byte, _ string) {
		if !bytes.HasPrefix(png, []byte("\x89PNG")) {
			t.Errorf("the code is no picture: %.20q", png)
		}
		for scanned == 0 && t.Context().Err() == nil {
			if scanned = r.demo.Scan(); scanned == 0 {
				time.Sleep(50 * time.Millisecond)
			}
		}
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	session, err := r.spider.Login(ctx, r.shop, o)
	if err != nil || scanned != 1 {
		t.Fatalf("scanned by %d, %v", scanned, err)
	}
	r.session = session
	r.compare(r.must(false).Orders)
	if r.demo.SignIns() != 0 || len(r.demo.Writes()) != 0 {
		t.Errorf("a password was sent %d times, writes %v", r.demo.SignIns(), r.demo.Writes())
	}
}

// Without a screen the steps act, and the person gives the code.
func TestLoginAsksForTheCode(t *testing.T) {
	secret := "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	r := newRig(t, demoshop.Options{Door: demoshop.Door{TOTP: secret}}, door(t, withCode))
	if _, err := r.visit(false); err == nil {
		t.Fatal("a shop that asks for a code is read without one")
	}
	asked := ""
	o := crawler.LoginOptions{Kept: r.session, Ask: func(question string) (string, error) {
		asked = question
		code, err := crawler.NewCodes(time.Now).Code(t.Context(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
		return " " + code + "\n", err
	}}
	session, err := r.spider.Login(t.Context(), r.shop, o)
	if err != nil || !strings.Contains(asked, "demo") {
		t.Fatalf("asked %q, %v", asked, err)
	}
	r.session = session
	r.compare(r.must(false).Orders)

	o.Ask = func(string) (string, error) { return "", errors.New("nobody is there") }
	if _, err := r.spider.Login(t.Context(), r.shop, o); err == nil || !strings.Contains(err.Error(), "nobody is there") {
		t.Errorf("%v", err)
	}
}
