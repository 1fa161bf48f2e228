package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"

	"nudged/crawler/demoshop"
)

// webCmd starts what a first contact may meet besides the demo shop: WEB has
// pages of nothing that a recipe knows, TLS a certificate that nobody has signed,
// CODE_SHOP asks for a one-time code, EMPTY_SHOP has no orders.
func webCmd(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("/unknown", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Harness &amp; Sons</title><p>Hello")
	})
	mux.HandleFunc("/captcha", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<!doctype html><title>Just a moment</title><div class=captcha>")
	})
	// The front of a shop, and in the usual place what OpenCart 3 shows there.
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Buckles</title><p>Buy buckles")
	})
	mux.HandleFunc("/admin/", func(w http.ResponseWriter, r *http.Request) {
		said := ""
		if r.Method == http.MethodPost {
			said = `<div class="alert alert-danger">No match for Username and/or Password.</div>`
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><title>Administration</title><div class="panel-body">`+said+
			`<form action="/admin/index.php?route=common/login" method="post"><input id="input-username" name="username"><input id="input-password" name="password" type="password"></form></div>`)
	})
	web, tls := httptest.NewServer(mux), httptest.NewUnstartedServer(mux)
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it is refused: that is the test
	tls.StartTLS()
	ts.Defer(func() { web.Close(); tls.Close(); cancel() })
	ts.Setenv("WEB", web.URL)
	ts.Setenv("TLS", tls.URL)
	password := fixtureOf(ts).shop.Password()
	for name, o := range map[string]demoshop.Options{
		"CODE_SHOP":  {Password: password, AskCode: true, Tame: true},
		"EMPTY_SHOP": {Password: password, Orders: []demoshop.Order{}, Tame: true},
	} {
		shop, err := demoshop.Start(ctx, o)
		ts.Check(err)
		ts.Defer(func() { shop.Close() })
		ts.Setenv(name, shop.URL)
	}
}
