package crawler_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/pquerna/otp/totp"
)

const (
	traitTOTP = "JBSWY3DPEHPK3PXP"
	loginForm = `<form id=login method=post action="/back/login"><input type=hidden name=_t value=tok-8842><input name=user><input type=password name=pass><button name=go value=in>Sign in</button></form>`
)

// signInTrait is a way to sign in.
type signInTrait struct {
	name    string
	steps   string // lines of the recipe
	headers string // of every request after it
	browser bool
	serve   func(s *traitShop)
}

func signIns() []signInTrait {
	return []signInTrait{
		{
			name:  "form with a hidden token and a button",
			steps: "    - get: login\n    - submit: {select: '#login', fields: {user: '{user}', pass: '{password}'}, button: button}",
			serve: func(s *traitShop) {
				s.form("/back/login", loginForm, func(q *http.Request) bool {
					return q.PostFormValue("_t") == "tok-8842" && q.PostFormValue("go") == "in"
				})
			},
		},
		{
			name:    "JSON, token in a header",
			steps:   "    - post: api/login\n      json: {name: '{user}', pass: '{password}'}\n      vars: {token: {path: $.data.token, optional: true}}",
			headers: "Authorization: 'Bearer {token}'",
			serve: func(s *traitShop) {
				s.mux.HandleFunc("/back/api/login", func(w http.ResponseWriter, q *http.Request) {
					var in struct{ Name, Pass string }
					_ = json.NewDecoder(q.Body).Decode(&in)
					key, ok := s.open(w, in.Name, in.Pass)
					if !ok {
						s.wrong(w)
						return
					}
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprintf(w, `{"code":0,"data":{"token":%q}}`, key)
				})
			},
		},
		{
			name:  "user first, password next",
			steps: "    - get: login\n    - submit: {select: '#login', fields: {user: '{user}'}}\n    - submit: {select: '#second', fields: {pass: '{password}'}}",
			serve: func(s *traitShop) {
				s.mux.HandleFunc("/back/login", func(w http.ResponseWriter, q *http.Request) {
					switch {
					case q.Method != http.MethodPost:
						s.page(w, `<form id=login method=post><input name=user></form>`)
					case q.PostFormValue("pass") == "":
						s.page(w, `<form id=second method=post><input type=hidden name=user value="`+q.PostFormValue("user")+`"><input type=password name=pass></form>`)
					default:
						s.enter(w, q, q.PostFormValue("user"), q.PostFormValue("pass"))
					}
				})
			},
		},
		{
			name:  "GraphQL mutation, answered with 200",
			steps: "    - post: graphql\n      graphql:\n        query: 'mutation In($u: String!, $p: String!) { login(user: $u, pass: $p) { ok } }'\n        variables: {u: '{user}', p: '{password}'}",
			serve: func(s *traitShop) {
				s.mux.HandleFunc("/back/graphql", func(w http.ResponseWriter, q *http.Request) {
					var in struct{ Variables struct{ U, P string } }
					_ = json.NewDecoder(q.Body).Decode(&in)
					if _, ok := s.open(w, in.Variables.U, in.Variables.P); !ok {
						s.wrong(w)
						return
					}
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprint(w, `{"data":{"login":{"ok":true}}}`)
				})
			},
		},
		{
			name:  "token of a script, form without an action",
			steps: "    - get: login\n      vars: {nonce: {select: script, match: 'nonce = \"(\\w+)\"'}}\n    - submit: {select: form, fields: {user: '{user}', pass: '{password}', nonce: '{nonce}'}, action: 'check?n={nonce}'}",
			serve: func(s *traitShop) {
				s.mux.HandleFunc("/back/login", func(w http.ResponseWriter, _ *http.Request) {
					s.page(w, `<script>var nonce = "n4711";</script><form method=post><input name=user><input type=password name=pass></form>`)
				})
				s.form("/back/check", "", func(q *http.Request) bool {
					return q.PostFormValue("nonce") == "n4711" && q.URL.Query().Get("n") == "n4711"
				})
			},
		},
		{
			name:  "one-time code",
			steps: "    - get: login\n    - submit: {select: '#login', fields: {user: '{user}', pass: '{password}', code: '{totp}'}}",
			serve: func(s *traitShop) {
				s.form("/back/login", loginForm, func(q *http.Request) bool {
					want, err := totp.GenerateCode(traitTOTP, s.now)
					later, _ := totp.GenerateCode(traitTOTP, s.now.Add(30*time.Second))
					return err == nil && (q.PostFormValue("code") == want || q.PostFormValue("code") == later)
				})
			},
		},
		{
			name:    "in the browser, in an iframe",
			steps:   "    - open: frame\n    - click: '#cookies'\n      optional: true\n      timeout: 500ms\n    - fill: {into: '[name=user]', with: '{user}'}\n      frame: iframe\n    - fill: {into: '[name=pass]', with: '{password}'}\n      frame: iframe\n    - click: button\n      frame: iframe\n    - wait: '.me, .refused'",
			browser: true,
			serve: func(s *traitShop) {
				s.mux.HandleFunc("/back/frame", func(w http.ResponseWriter, _ *http.Request) {
					s.page(w, `<h1>Shop</h1><iframe src="/back/login"></iframe>`)
				})
				s.mux.HandleFunc("/back/login", func(w http.ResponseWriter, q *http.Request) {
					if q.Method != http.MethodPost {
						s.page(w, `<form id=login method=post target=_top action="/back/login"><input name=user><input type=password name=pass><button>Go</button></form>`)
						return
					}
					s.enter(w, q, q.PostFormValue("user"), q.PostFormValue("pass"))
				})
			},
		},
	}
}

// form shows a form and checks what it sends.
func (s *traitShop) form(path, form string, fits func(q *http.Request) bool) {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodPost {
			s.page(w, form)
			return
		}
		if !fits(q) {
			http.Error(w, "not as the form was", http.StatusBadRequest)
			return
		}
		s.enter(w, q, q.PostFormValue("user"), q.PostFormValue("pass"))
	})
}

func (s *traitShop) enter(w http.ResponseWriter, q *http.Request, user, password string) {
	if _, ok := s.open(w, user, password); !ok {
		s.wrong(w)
		return
	}
	http.Redirect(w, q, "/back/me", http.StatusFound)
}

// sessionTrait is how a shop says that nobody is signed in.
type sessionTrait struct {
	name, sign string
	out        http.HandlerFunc
}

func sessions() []sessionTrait {
	html := func(w http.ResponseWriter, status int, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
	return []sessionTrait{
		{"redirect to the sign-in", "{url: '/signin\\?'}", func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == "/back/signin" {
				html(w, 200, "Welcome")
				return
			}
			http.Redirect(w, q, "/back/signin?back="+q.URL.Path, http.StatusFound)
		}},
		{"login page with 200", "form#login", func(w http.ResponseWriter, _ *http.Request) { html(w, 200, loginForm) }},
		{"redirect by script", "{match: 'top\\.location'}", func(w http.ResponseWriter, _ *http.Request) {
			html(w, 200, `<script>top.location.href="/back/login"</script>`)
		}},
		{"code in JSON", "{path: $.code, is: '-100'}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"code":-100,"msg":"not signed in"}`)
		}},
		{"401", "{status: 401}", func(w http.ResponseWriter, _ *http.Request) { html(w, 401, "") }},
		{"400 with 0", "{status: 400, match: '^0$'}", func(w http.ResponseWriter, _ *http.Request) { html(w, 400, "0") }},
	}
}
