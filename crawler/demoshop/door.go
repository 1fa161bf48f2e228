package demoshop

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Door says how people are let in, beyond user and password on one page.
type Door struct {
	TOTP      string    // base32: after the right password it wants a code of an app, each only once
	LockAfter int       // wrong passwords in a row; 5 if zero
	TwoPages  bool      // the user on the first page, the password on the next
	Captcha   bool      // the form wants one, and takes no password without
	Popups    bool      // the form greets with a dialog and opens a window
	SignedOut SignedOut // what somebody gets who is not signed in
}

// SignedOut is how a shop answers somebody who is not signed in. Its API answers
// 401 unless it is ByCode or ByZero.
type SignedOut string

// The kinds of answer.
const (
	ByRedirect SignedOut = ""       // 302 to the form
	ByPage     SignedOut = "page"   // 200 and the form
	ByScript   SignedOut = "script" // 200 and a script that leads to the form
	ByCode     SignedOut = "code"   // 200 and JSON with a code
	By401      SignedOut = "401"    // 401 and a few words
	ByZero     SignedOut = "zero"   // 400 and a "0"
)

// sendAway answers who is not signed in.
func (s *Shop) sendAway(w http.ResponseWriter, r *http.Request) {
	how, api := s.o.Door.SignedOut, strings.HasPrefix(r.URL.Path, "/api/")
	switch {
	case how == ByCode:
		writeJSON(w, http.StatusOK, map[string]any{"code": -401, "message": "please sign in", "data": nil})
	case how == ByZero:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "0")
	case api:
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "sign in first"})
	case how == By401:
		http.Error(w, "sign in first", http.StatusUnauthorized)
	case how == ByPage:
		s.loginPage(w, r)
	case how == ByScript:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "%-219s", `<html><head><script>parent.window.location.href = "/admin/login";</script></head></html>`)
	default:
		http.Redirect(w, r, "/admin/login", http.StatusFound)
	}
}

// userFirst keeps the user of the first page and gives them on the second.
func (s *Shop) userFirst(current *session, user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user != "" {
		current.said = user
	}
	return current.said
}

func (s *Shop) askCode(w http.ResponseWriter, current *session, words string) {
	s.mu.Lock()
	current.half = true
	s.mu.Unlock()
	s.render(w, "code.html", map[string]any{"App": s.o.Door.TOTP != "", "Words": words})
}

// code takes the one-time code. One that was used is refused, as RFC 6238 asks
// (5.2).
func (s *Shop) code(w http.ResponseWriter, r *http.Request) {
	current := s.session(r)
	given := r.PostFormValue("code")
	if current == nil || !current.half || s.o.Door.TOTP == "" {
		http.Redirect(w, r, "/admin/login", http.StatusFound)
		return
	}
	right, err := totp.ValidateCustom(given, s.o.Door.TOTP, s.o.Now(), totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix})
	s.mu.Lock()
	_, used := s.codes[given]
	s.codes[given] = struct{}{}
	if !right || used || err != nil {
		s.refusals++
	}
	s.mu.Unlock()
	switch {
	case used:
		s.askCode(w, current, "This code was used already.")
	case !right || err != nil:
		s.askCode(w, current, "This code is wrong.")
	default:
		s.newSession(w, s.o.User)
		http.Redirect(w, r, "/admin/", http.StatusFound)
	}
}

// apiLogin lets scripts in: JSON goes in, a token comes out that belongs into the
// header X-Token. A refusal is a 200, as with many shops.
func (s *Shop) apiLogin(w http.ResponseWriter, r *http.Request) {
	var given struct{ User, Password string }
	if err := readJSON(w, r, &given); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"code": 400, "message": "no JSON"})
		return
	}
	if words := s.judge(given.User, given.Password); words != "" {
		code := 1001
		if strings.Contains(words, "locked") {
			code = 1002
		}
		writeJSON(w, http.StatusOK, map[string]any{"code": code, "message": words})
		return
	}
	key, _ := s.openSession(s.o.User)
	writeJSON(w, http.StatusOK, map[string]any{"code": 0, "data": map[string]string{"token": key}})
}

// qrPage shows a code that the shop's app on a phone scans; [Shop.Scan] is that
// phone.
func (s *Shop) qrPage(w http.ResponseWriter, r *http.Request) {
	if s.session(r) == nil {
		s.newSession(w, "")
	}
	s.render(w, "qr.html", nil)
}

func (s *Shop) qrState(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(cookieName)
	current := s.session(r)
	if err != nil || current == nil {
		writeJSON(w, http.StatusOK, map[string]bool{"done": false})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.waiting, cookie.Value) {
		s.waiting = append(s.waiting, cookie.Value)
	}
	writeJSON(w, http.StatusOK, map[string]bool{"done": current.user != ""})
}

// Scan signs in whoever looks at the QR code, and reports how many that were.
func (s *Shop) Scan() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, key := range s.waiting {
		if current := s.sessions[key]; current != nil {
			current.user = s.o.User
			n++
		}
	}
	s.waiting = nil
	return n
}

// SignInByHand gives the session cookie of somebody who has signed in.
func (s *Shop) SignInByHand() *http.Cookie {
	key, _ := s.openSession(s.o.User)
	return &http.Cookie{Name: cookieName, Value: key, Path: "/", HttpOnly: true, Expires: s.o.Now().Add(24 * time.Hour)}
}

// Store is the name that the shop's pages show.
func (s *Shop) Store() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store
}

// SetStore gives it another: as if another of the account's shops was chosen.
func (s *Shop) SetStore(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = name
}
