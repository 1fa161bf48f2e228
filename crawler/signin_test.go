package crawler_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// door is the form recipe with another way in.
func door(t *testing.T, signIn string) []byte {
	t.Helper()
	text := string(demoshop.FormRecipe())
	from, to := strings.Index(text, "sign_in:"), strings.Index(text, "\nlist:")
	if from < 0 || to < from {
		t.Fatal("the form recipe has no sign_in before its list")
	}
	return []byte(text[:from] + strings.TrimSpace(signIn) + "\n" + text[to:])
}

const proof = `
  refused: .refused
  locked: .locked
  needs_you: .one-time, .captcha
  proof: {request: admin/, sign: "#who"}
signed_out: "#signin"`

const twoPages = `
sign_in:
  steps:
    - get: admin/login
    - submit: {select: "#signin", fields: {user: "{user}"}, button: "#enter"}
    - submit: {select: "#signin", fields: {password: "{password}"}, button: "#enter"}` + proof

const withCode = `
sign_in:
  steps:
    - get: admin/login
    - submit: {select: "#signin", fields: {user: "{user}", password: "{password}"}}
    - submit: {select: "#code-form", fields: {code: "{totp}"}}
      optional: true` + proof

// The secret of RFC 6238's test vectors, written as shops show it.
const totpSecret = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"

func TestUserFirstPasswordNext(t *testing.T) {
	r := newRig(t, demoshop.Options{Door: demoshop.Door{TwoPages: true}}, door(t, twoPages))
	r.compare(r.must(false).Orders)
	if r.demo.SignIns() != 1 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}

	// A user that the first page refuses: the password stays here.
	wrong := newRig(t, demoshop.Options{Door: demoshop.Door{TwoPages: true}}, door(t, twoPages))
	wrong.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(q.Body)
		if strings.Contains(string(body), "password=") {
			t.Error("the password was sent after the user was refused")
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<form id="signin"><p class="refused">No such user.</p><input name="password"><button id="enter">Go</button></form>`))
		return true
	})
	result, err := wrong.visit(false)
	if result.Outcome != order.Refused || result.Words != "No such user." {
		t.Errorf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
}

// restartSaving is restart, of a spider that keeps what it cannot read.
func (c *clocked) restartSaving() {
	c.spider = crawler.New(crawler.Options{Now: func() time.Time { return c.now }, SaveDir: c.saved})
}

// What a browser would send goes with each step: cookies, hidden fields, the
// button, where it comes from.
func TestStepsLookLikeABrowser(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	seen := false
	r.before(t, func(_ http.ResponseWriter, q *http.Request) bool {
		if q.Method != http.MethodPost {
			return false
		}
		seen = true
		body, _ := io.ReadAll(q.Body)
		q.Body = io.NopCloser(bytes.NewReader(body))
		form, err := url.ParseQuery(string(body))
		own := "http://" + q.Host
		if q.Header.Get("Referer") != own+"/admin/login" || q.Header.Get("Origin") != own || form.Get("csrf") == "" || form.Get("enter") != "1" || err != nil {
			t.Errorf("referer %q, origin %q, %d values in the form, %v", q.Header.Get("Referer"), q.Header.Get("Origin"), len(form), err)
		}
		if _, err := q.Cookie("demoshop_session"); err != nil {
			t.Error("the form is posted without the cookie of its page")
		}
		return false
	})
	r.must(false)
	if !seen {
		t.Error("nothing was posted")
	}
}

const overJSON = `
sign_in:
  steps:
    - post: api/login
      json: {user: "{user}", password: "{password}"}
      vars: {token: $.data.token}
  refused: {path: $.message, match: Wrong}
  locked: {path: $.message, match: locked}
  proof:
    request: {get: api/me, headers: {X-Token: "{token}"}}
    sign: {path: $.user, match: '\S'}
    identity: $.store
signed_out:
  - {path: $.code, is: "-401"}
  - "#signin"
`

// jsonDoor also carries the token in the requests of list and orders.
func jsonDoor(t *testing.T) []byte {
	text := string(door(t, overJSON))
	for _, pair := range [][2]string{
		{"  request: admin/orders/plain\n", "  request: {get: admin/orders/plain, headers: {X-Token: \"{token}\"}}\n"},
		{"  request: \"admin/orders/{id}\"\n", "  request: {get: \"admin/orders/{id}\", headers: {X-Token: \"{token}\"}}\n"},
	} {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("the form recipe has no %q", pair[0])
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	return []byte(text)
}

func TestSignInOverJSON(t *testing.T) {
	r := newRig(t, demoshop.Options{}, jsonDoor(t))
	r.compare(r.must(false).Orders)
	r.demo.ResetLog()
	r.must(false)
	if n := r.demo.Count("/api/login"); n != 0 {
		t.Errorf("a kept token is not used: signed in %d times again", n)
	}

	wrong := newRig(t, demoshop.Options{Door: demoshop.Door{LockAfter: 2}}, jsonDoor(t))
	wrong.shop.Password = "wrong-" + canaryPassword
	result, err := wrong.visit(false)
	var refused *crawler.RefusedError
	if !errors.As(err, &refused) || refused.Words != "Wrong user name or password. 1 tries left." || wrong.demo.Refusals() != 1 {
		t.Errorf("outcome %q, %v, tried %d times", result.Outcome, err, wrong.demo.Refusals())
	}
}

// A token in the address that the sign-in leads to; words beside a 401.
func TestAnswersToASignIn(t *testing.T) {
	text := strings.Replace(string(jsonDoor(t)), "vars: {token: $.data.token}", "vars: {token: {from: {header: location}, match: 'token=(\\w+)'}}", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path == "/api/login" {
			http.Redirect(w, q, "/welcome?token="+r.demo.SignInByHand().Value, http.StatusFound)
			return true
		}
		return q.URL.Path == "/welcome"
	})
	r.compare(r.must(false).Orders)

	wrong := newRig(t, demoshop.Options{}, jsonDoor(t))
	wrong.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/api/login" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"message": "Wrong password, said with 401"}`))
		return true
	})
	if result, err := wrong.visit(false); result.Outcome != order.Refused || result.Words != "Wrong password, said with 401" {
		t.Errorf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
}

func TestLockedIsNoRefusal(t *testing.T) {
	for name, text := range map[string][]byte{"form": demoshop.FormRecipe(), "json": jsonDoor(t)} {
		t.Run(name, func(t *testing.T) {
			c := newClocked(t, nil, 1000)
			c.rig = newRig(t, demoshop.Options{Door: demoshop.Door{LockAfter: 1}}, text)
			c.restart()
			c.shop.Password = "wrong-" + canaryPassword
			_, _ = c.visit(false) // locks
			c.shop.Password = order.Secret(c.demo.Password())
			c.spider.Again(c.shop.Name)
			before := c.demo.Refusals()
			result, err := c.visit(false)
			var needs *crawler.NeedsYouError
			var refused *crawler.RefusedError
			if !errors.As(err, &needs) || errors.As(err, &refused) || !needs.Locked || result.Outcome != order.NeedsYou || !strings.Contains(result.Words, "Try again in one hour") {
				t.Fatalf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
			}
			if pause := needs.Until.Sub(c.now); pause < time.Hour || pause > 2*time.Hour {
				t.Errorf("the shop says one hour, the pause is %s", pause)
			}
			if !strings.Contains(err.Error(), "nothing is sent to its sign-in before") {
				t.Errorf("the seller reads: %v", err)
			}
			for range 30 {
				c.now = c.now.Add(time.Minute)
				c.restart() // what the door knows outlives the program
				if _, err := c.visit(false); !errors.As(err, &needs) {
					t.Fatalf("while it is locked: %v", err)
				}
			}
			if tried := c.demo.Refusals() - before; tried != 1 {
				t.Errorf("a locked account was tried %d times", tried)
			}
			c.now = c.now.Add(time.Hour)
			_, _ = c.visit(false)
			if tried := c.demo.Refusals() - before; tried != 2 {
				t.Errorf("after the hour it was tried %d times in all", tried)
			}
		})
	}
}

func TestNeedsYouIsNeverTriedAgain(t *testing.T) {
	for name, o := range map[string]demoshop.Options{
		"one-time code": {AskCode: true},
		"captcha":       {Door: demoshop.Door{Captcha: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClocked(t, nil, 1000)
			c.rig = newRig(t, o, door(t, withCode))
			c.restartSaving()
			posts := 0
			c.before(t, func(_ http.ResponseWriter, q *http.Request) bool {
				if q.Method == http.MethodPost {
					posts++
				}
				return false
			})
			_, err := c.visit(false)
			var needs *crawler.NeedsYouError
			if !errors.As(err, &needs) || needs.Screenshot == "" || !strings.Contains(err.Error(), "nudged login "+c.shop.Name) {
				t.Fatalf("%v", err)
			}
			asked := len(c.demo.Log())
			for range 3 * 24 {
				c.now = c.now.Add(time.Hour)
				c.restartSaving()
				if _, err := c.visit(false); !errors.As(err, &needs) {
					t.Fatalf("%v", err)
				}
			}
			if name == "captcha" && posts != 0 || posts > 1 || len(c.demo.Log()) != asked {
				t.Errorf("%d passwords were sent, %d requests were made in three days", posts, len(c.demo.Log())-asked)
			}
		})
	}
}

// Steps that fail midway, after the password went out, are that password's one
// try.
func TestStepsThatFailMidway(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		door demoshop.Door
	}{
		"a var that is not there":  {strings.Replace(twoPages, "  refused:", "  vars: {gone: {select: \"#nowhere\", attr: x}}\n  refused:", 1), demoshop.Door{TwoPages: true}},
		"a form that is not there": {strings.Replace(withCode, "      optional: true\n", "", 1), demoshop.Door{}},
	} {
		t.Run(name, func(t *testing.T) {
			text, o := c.text, demoshop.Options{Door: c.door}
			c := newClocked(t, nil, 1000)
			c.rig = newRig(t, o, door(t, text))
			c.restart()
			for range 3 {
				_, err := c.visit(false)
				if err == nil {
					t.Fatal("the visit passes")
				}
				c.restart()
			}
			if c.demo.SignIns() != 1 {
				t.Errorf("the password was sent %d times", c.demo.SignIns())
			}
		})
	}
}

func TestPersonIsNeverReplaced(t *testing.T) {
	r := newRig(t, demoshop.Options{}, door(t, byPerson))
	result, err := r.visit(false)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || result.Outcome != order.NeedsYou || len(r.demo.Log()) != 0 {
		t.Errorf("outcome %q, %v, the shop saw %v", result.Outcome, err, r.demo.Counts())
	}
}

const byPerson = `
sign_in:
  person: {open: admin/qr, qr: img.qrcode}` + proof

func TestRecipesOfTheseTestsLoad(t *testing.T) {
	for name, text := range map[string]string{"two pages": twoPages, "code": withCode, "json": overJSON, "person": byPerson} {
		if _, err := recipe.Parse(name, door(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
