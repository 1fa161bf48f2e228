package demoshop

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

const (
	cookieName = "demoshop_session"
	maxWrong   = 5 // passwords in a row, then the account is locked, unless Door says otherwise
)

// session of a browser, signed in or not: the hidden token of the form belongs
// to it.
type session struct {
	csrf string
	user string // "" until signed in
	said string // the user, as given on the first of two pages
	half bool   // the password was right, the one-time code is still wanted
}

func (s *Shop) session(r *http.Request) *session {
	key := r.Header.Get("X-Token")
	if cookie, err := r.Cookie(cookieName); err == nil && key == "" {
		key = cookie.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[key]
}

func (s *Shop) newSession(w http.ResponseWriter, user string) *session {
	key, fresh := s.openSession(user)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return fresh
}

func (s *Shop) openSession(user string) (string, *session) {
	fresh, key := &session{csrf: rand.Text(), user: user}, rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[key] = fresh
	return key, fresh
}

func (s *Shop) loginPage(w http.ResponseWriter, r *http.Request) {
	current := s.session(r)
	if current == nil {
		current = s.newSession(w, "")
	}
	s.showLogin(w, current, "")
}

func (s *Shop) showLogin(w http.ResponseWriter, current *session, words string) {
	s.render(w, "login.html", map[string]any{
		"CSRF": current.csrf, "Words": words, "Locked": strings.Contains(words, "locked"), "Captcha": s.o.Door.Captcha, "Popups": s.o.Door.Popups,
		"First": s.o.Door.TwoPages && current.said == "", "Said": current.said,
	})
}

func (s *Shop) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	current := s.session(r)
	if current == nil || r.PostFormValue("csrf") != current.csrf {
		if current == nil {
			current = s.newSession(w, "")
		}
		s.showLogin(w, current, "The form has expired. Please sign in again.")
		return
	}
	user := r.PostFormValue("user")
	if s.o.Door.TwoPages {
		if user = s.userFirst(current, user); !r.PostForm.Has("password") {
			s.showLogin(w, current, "")
			return
		}
	}
	if s.o.Door.Captcha {
		s.showLogin(w, current, "Please solve the captcha.")
		return
	}
	if words := s.judge(user, r.PostFormValue("password")); words != "" {
		s.showLogin(w, current, words)
		return
	}
	if s.o.AskCode || s.o.Door.TOTP != "" {
		s.askCode(w, current, "")
		return
	}
	s.newSession(w, s.o.User)
	http.Redirect(w, r, "/admin/", http.StatusFound)
}

// judge returns the words of a refusal, or "".
func (s *Shop) judge(user, password string) string {
	right := subtle.ConstantTimeCompare([]byte(user), []byte(s.o.User)) & subtle.ConstantTimeCompare([]byte(password), []byte(s.o.Password))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.wrong >= s.o.Door.LockAfter:
		s.refusals++
		return "This account is locked after too many wrong passwords. Try again in one hour."
	case right == 1:
		s.wrong = 0
		s.signIns++
		return ""
	}
	s.wrong++
	s.refusals++
	if s.wrong == s.o.Door.LockAfter {
		return "Wrong user name or password. This account is now locked for one hour."
	}
	return fmt.Sprintf("Wrong user name or password. %d tries left.", s.o.Door.LockAfter-s.wrong)
}

func (s *Shop) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName); err == nil {
		s.mu.Lock()
		delete(s.sessions, cookie.Value)
		s.mu.Unlock()
	}
	http.Redirect(w, r, "/admin/login", http.StatusFound)
}

// signedIn lets only users through: pages redirect to the form, the API
// answers 401.
func (s *Shop) signedIn(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if current := s.session(r); current != nil && current.user != "" && s.spend() {
			next(w, r)
			return
		}
		s.sendAway(w, r)
	})
}

// spend counts one signed-in request and reports whether the sessions are still
// good for it.
func (s *Shop) spend() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expireIn == 0 {
		return true
	}
	s.expireIn--
	if s.expireIn > 0 {
		return true
	}
	s.expireIn = s.every
	clear(s.sessions)
	return false
}
