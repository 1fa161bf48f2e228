package crawler_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// Each kind of answer to somebody who is not signed in any more leads to one
// sign-in, and to the page that was wanted.
func TestKindsOfBeingSignedOut(t *testing.T) {
	kinds := map[demoshop.SignedOut]string{
		demoshop.ByRedirect: `"#signin"`,
		demoshop.ByPage:     `"#signin"`,
		demoshop.ByScript:   `{match: 'location\.href = "/admin/login"'}`,
		demoshop.ByCode:     `{path: $.code, is: "-401"}`,
		demoshop.By401:      "{status: 401}",
		demoshop.ByZero:     "{status: 400, match: ^0$}",
	}
	for kind, sign := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			text := strings.Replace(string(demoshop.FormRecipe()), `signed_out: "#signin"`, "signed_out: "+sign, 1)
			r := newRig(t, demoshop.Options{Door: demoshop.Door{SignedOut: kind}}, []byte(text))
			r.demo.ExpireAfter(6) // the proof, list pages, and then in the middle of the list
			result := r.must(false)
			r.compare(result.Orders)
			if !result.Complete || r.demo.SignIns() != 2 {
				t.Errorf("in mid-visit: complete %v, signed in %d times", result.Complete, r.demo.SignIns())
			}
			r.demo.ExpireSessions()
			o, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session)
			if err != nil || o.ID != "1042" || r.demo.SignIns() != 3 {
				t.Errorf("a look: %+v, %v, signed in %d times", o, err, r.demo.SignIns())
			}
		})
	}
}

// Tokens in links and rows are those of the session that has ended; nonces of the
// list go with it. The page that was wanted is asked for with the new ones.
func TestWantedPageAfterSignInWithNewTokens(t *testing.T) {
	text := strings.Replace(string(jsonDoor(t)), "\nlist:\n", "\nlist:\n  vars:\n    nonce: {select: \"#count b\"}\n", 1)
	text = strings.Replace(text, "admin/orders/{id}\"", "admin/orders/{id}?nonce={nonce}\"", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.demo.ExpireAfter(9)
	r.compare(r.must(true).Orders)
	if r.demo.SignIns() != 2 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}
	// As after a restart, with a look that comes first.
	r.demo.ExpireSessions()
	r.spider = crawler.New(crawler.Options{})
	if o, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); err != nil || o.ID != "1042" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestTokenInALinkIsRenewed(t *testing.T) {
	text := strings.Replace(string(jsonDoor(t)), "next: {link: a.next}", "next: {link: a.next}", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	last, stale := "", 0
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/admin/orders/plain" {
			return false
		}
		token := q.Header.Get("X-Token")
		if q.URL.Query().Has("token") && q.URL.Query().Get("token") != token {
			stale++
		}
		if last == "" && q.URL.Query().Has("token") {
			last = token
			r.demo.ExpireSessions()
			return false
		}
		if q.URL.Query().Get("page") != "" || q.URL.Query().Has("token") {
			return false
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<table id="orders"><tr class="order" data-id="9001"><td class="number"><a>DS-9001</a></td><td><time datetime="2026-11-01T10:00:00Z"></time></td>` +
			`<td class="customer">x</td><td class="status">Paid</td><td class="total">1.00 USD</td></tr></table><div id="count"><b>43</b></div>` +
			`<a class="next" href="/admin/orders/plain?page=2&token=` + token + `">next</a>`))
		return true
	})
	r.must(true)
	if stale != 0 || r.demo.SignIns() != 2 {
		t.Errorf("%d links with the old token were asked for, signed in %d times", stale, r.demo.SignIns())
	}
}

const beating = "\nheartbeat: {every: 15m, request: api/me}\n"

func TestHeartbeat(t *testing.T) {
	r := newRig(t, demoshop.Options{}, append(demoshop.FormRecipe(), beating...))
	if session, err := r.spider.Beat(t.Context(), r.shop, nil); session != nil || err != nil || len(r.demo.Log()) != 0 {
		t.Errorf("without a session: %v, the shop saw %v", err, r.demo.Counts())
	}
	r.must(false)
	r.demo.ResetLog()
	r.spider = crawler.New(crawler.Options{}) // as after a restart
	session, err := r.spider.Beat(t.Context(), r.shop, r.session)
	if err != nil || len(session) == 0 || r.demo.Count("/api/me") != 1 || len(r.demo.Log()) != 1 {
		t.Errorf("%v, the shop saw %v", err, r.demo.Counts())
	}
	r.session = session
	r.must(false)
	if r.demo.SignIns() != 1 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}

	r.demo.Break(demoshop.Fault{Kind: demoshop.Answer, Status: 503, Path: "/api/me"})
	kept, err := r.spider.Beat(t.Context(), r.shop, r.session)
	var away *crawler.UnavailableError
	if !errors.As(err, &away) || len(kept) == 0 {
		t.Errorf("a shop that is down: %v, %d bytes kept", err, len(kept))
	}
	r.demo.Mend()

	r.demo.ExpireSessions()
	r.spider = crawler.New(crawler.Options{})
	session, err = r.spider.Beat(t.Context(), r.shop, r.session)
	if err != nil || r.demo.SignIns() != 1 || strings.Contains(string(session), "demoshop_session") {
		t.Errorf("a session that has ended: %v, signed in %d times", err, r.demo.SignIns())
	}
}

func TestHeartbeatOfAPerson(t *testing.T) {
	r := newRig(t, demoshop.Options{}, append(door(t, byPerson), beating...))
	session := r.loggedIn()
	r.demo.ExpireSessions()
	_, err := r.spider.Beat(t.Context(), r.shop, session)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || !strings.Contains(err.Error(), "nudged login demo") {
		t.Errorf("%v", err)
	}
}

func TestAnotherShopIsSignedIn(t *testing.T) {
	identity := strings.Replace(string(demoshop.FormRecipe()), `sign: "#who"`, `sign: "#who", identity: "#store"`, 1)
	c := newClocked(t, nil, 10_000)
	c.rig = newRig(t, demoshop.Options{}, []byte(identity))
	c.restart()
	c.must(false)
	c.demo.ResetLog()
	c.restart()
	c.must(false)
	if n := c.demo.Count("/admin/"); n != 0 {
		t.Errorf("who is signed in was asked %d times within ten minutes", n)
	}

	c.demo.SetStore("Other Shop")
	c.now = c.now.Add(time.Hour)
	c.restart()
	c.demo.ResetLog()
	result, err := c.visit(false)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || result.Outcome != order.NeedsYou || len(result.Orders) != 0 || !strings.Contains(result.Words, `"Other Shop", it was "Demo Shop" before`) {
		t.Fatalf("outcome %q, %d orders, %v", result.Outcome, len(result.Orders), err)
	}
	if lists, details := c.pages(); lists+details != 0 {
		t.Errorf("%d pages of another shop's orders were read", lists+details)
	}
	before := c.demo.SignIns()
	c.restart()
	if _, err := c.visit(false); !errors.As(err, &needs) || c.demo.SignIns() != before {
		t.Errorf("the next visit: %v, signed in again %v", err, c.demo.SignIns() != before)
	}

	// The seller says that it is right so; then the old one is the wrong one.
	c.spider.Again(c.shop.Name)
	c.must(false)
	c.demo.SetStore("Demo Shop")
	c.now = c.now.Add(time.Hour)
	if _, err := c.visit(false); !errors.As(err, &needs) {
		t.Errorf("%v", err)
	}
}

// A look is what is believed before something is sent: it minds the identity too.
func TestLookAtAnotherShop(t *testing.T) {
	identity := strings.Replace(string(demoshop.FormRecipe()), `sign: "#who"`, `sign: "#who", identity: "#store"`, 1)
	c := newClocked(t, nil, 10_000)
	c.rig = newRig(t, demoshop.Options{}, []byte(identity))
	c.restart()
	c.must(false)
	c.demo.SetStore("Other Shop")
	c.now = c.now.Add(time.Hour)
	var needs *crawler.NeedsYouError
	if _, _, err := c.spider.Look(t.Context(), c.shop, "1042", c.session); !errors.As(err, &needs) {
		t.Errorf("%v", err)
	}
}

// On an order's page too, at once.
func TestWallBeforeAnOrder(t *testing.T) {
	text := strings.Replace(string(demoshop.FormRecipe()), "needs_you: .one-time", "needs_you: [.one-time, .captcha]", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	walls := 0
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if !strings.HasPrefix(q.URL.Path, "/admin/orders/1") || walls == 0 && q.URL.Path == "/admin/orders/1042" {
			return false
		}
		walls++
		_, _ = w.Write([]byte(`<html><div class="captcha">Slide</div></html>`))
		return true
	})
	result, _ := r.visit(false)
	if result.Outcome != order.NeedsYou || result.Words != "Slide" || walls != 1 || len(result.Orders) == 0 {
		t.Errorf("outcome %q, words %q, asked %d times, %d orders kept", result.Outcome, result.Words, walls, len(result.Orders))
	}
}

// A risk page in the middle of a visit is not asked past, and not retried.
func TestWallInMidVisit(t *testing.T) {
	text := strings.Replace(string(demoshop.FormRecipe()), "needs_you: .one-time", "needs_you: [.one-time, .captcha]", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.demo.Break(demoshop.Fault{Kind: demoshop.Wall, Path: "/admin/orders/plain", Skip: 2})
	result, err := r.visit(false)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || result.Outcome != order.NeedsYou || result.Words != "Checking that you are a person" || needs.Screenshot == "" {
		t.Fatalf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
	if n := r.demo.Count("/admin/orders/plain"); n != 3 || len(result.Orders) != 20 {
		t.Errorf("%d list pages were asked for, %d orders kept", n, len(result.Orders))
	}

	r.demo.Mend()
	r.demo.ResetLog()
	r.spider = crawler.New(crawler.Options{})
	if _, err := r.visit(false); !errors.As(err, &needs) || len(r.demo.Log()) != 0 {
		t.Errorf("the next visit: %v, the shop saw %v", err, r.demo.Counts())
	}
	r.spider.Again(r.shop.Name)
	r.compare(r.must(true).Orders)
}

func TestLockTimes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"Try again in one hour.":                     time.Hour,
		"locked for 30 minutes":                      30 * time.Minute,
		"Ihr Konto ist für 2 Stunden gesperrt":       2 * time.Hour,
		"gesperrt, versuchen Sie es in einer Stunde": time.Hour,
		"compte bloqué pendant 15 minutes":           15 * time.Minute,
		"账号已锁定，请30分钟后再试":                             30 * time.Minute,
		"账号已锁定，请2小时后再试":                              2 * time.Hour,
		"locked for 3 days":                          72 * time.Hour,
		"wait 45 sec":                                45 * time.Second,
		"locked for 99999 days":                      7 * 24 * time.Hour,
		"locked":                                     0,
		"":                                           0,
	} {
		if got := crawler.LockTime(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// The kept session is hostile too: whatever it is, a visit copes.
func FuzzSession(f *testing.F) {
	f.Add([]byte(`{"v":1,"id":"x","for":"y","door":{"key":"k","until":"2030-01-01T00:00:00Z"},"code":9223372036854775807}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, blob []byte) {
		var fields map[string]any
		_ = json.Unmarshal(blob, &fields)
		crawler.TakeUp(blob)
	})
}
