package browser_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/crawler/browser"
)

// What a browser knows of a session, another one can go on with.
func TestSessionMovesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	later := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	s.mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "canary-1", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "lasting", Value: "2", Path: "/orders", Expires: later, SameSite: http.SameSiteLaxMode})
		fmt.Fprint(w, `<script>localStorage.setItem("token", "canary-3"); localStorage.setItem("名", "漢 \"quoted\"")</script>`)
	})
	s.mux.HandleFunc("/orders/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<p id=cookies>%s<p id=token><script>token.textContent = localStorage.getItem("token")</script>`, r.Header.Get("Cookie"))
	})
	first := open(t, guardOf(t, s.URL))
	if _, err := first.Get(t.Context(), "/login", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	cookies, err := first.Cookies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items, err := first.Storage(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"token": "canary-3", "名": `漢 "quoted"`}; !maps.Equal(items, want) {
		t.Errorf("storage %q, want %q", items, want)
	}
	if empty, err := first.Storage(t.Context(), strings.Replace(s.URL, "127.0.0.1", "localhost", 1)); err != nil || len(empty) != 0 {
		t.Errorf("storage of another origin: %q, %v", empty, err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", cookies, cookies, cookies, cookies[0]); strings.Contains(text, "canary") {
		t.Errorf("a cookie prints its value: %s", text)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	// as the store keeps it
	kept, err := json.Marshal(cookies)
	if err != nil {
		t.Fatal(err)
	}
	var restored []browser.Cookie
	if err := json.Unmarshal(kept, &restored); err != nil {
		t.Fatal(err)
	}
	second := open(t, guardOf(t, s.URL))
	if err := second.SetCookies(t.Context(), restored); err != nil {
		t.Fatal(err)
	}
	before := len(s.reached(""))
	if err := second.SetStorage(t.Context(), s.URL+"/deep/page?x=1", items); err != nil {
		t.Fatal(err)
	}
	if now := s.reached(""); len(now) != before {
		t.Errorf("setting the storage asked the shop: %q", now[before:])
	}
	p, err := second.Get(t.Context(), "/orders/", nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"session=canary-1", "lasting=2", `<p id="token">canary-3</p>`} {
		if !strings.Contains(string(p.Body), want) {
			t.Errorf("no %s in\n%s", want, p.Body)
		}
	}
	again, err := second.Cookies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byName := func(a, b browser.Cookie) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(cookies, byName)
	slices.SortFunc(again, byName)
	if !slices.Equal(cookies, again) || len(again) != 2 {
		a, _ := json.Marshal(cookies)
		b, _ := json.Marshal(again)
		t.Errorf("cookies changed on the way:\n%s\n%s", a, b)
	}
	if i := slices.IndexFunc(again, func(c browser.Cookie) bool { return c.Name == "session" }); !again[i].Expires.IsZero() || !again[i].HTTPOnly {
		t.Error("a session cookie became a lasting one")
	}
	if again[0].Expires.Sub(later).Abs() > patience { // Chrome reckons with the shop's clock, as it was when the answer left
		t.Errorf("expires %s, want %s", again[0].Expires, later)
	}
}
