package crawler_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// before puts a handler between spider and shop; false passes the request on.
func (r *rig) before(t *testing.T, instead func(w http.ResponseWriter, q *http.Request) bool) {
	t.Helper()
	target, err := url.Parse(r.demo.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !instead(w, q) {
			proxy.ServeHTTP(w, q)
		}
	}))
	t.Cleanup(server.Close)
	r.shop.URL = server.URL + "/"
}

func without(t *testing.T, text []byte, line string) []byte {
	t.Helper()
	out := strings.Replace(string(text), line, "", 1)
	if out == string(text) {
		t.Fatalf("the recipe has no %q", line)
	}
	return []byte(out)
}

// The shop answers with the page of another order: by a redirect, a mixed-up
// session or cache. What stands there must not be taken for this order's.
func TestPageOfAnotherOrderIsNotBelieved(t *testing.T) {
	const id, number = "    id: {select: \"#number\", attr: data-id}\n", "    number: \"#number\"\n"
	full := demoshop.FormRecipe()
	for name, c := range map[string]struct {
		text     []byte
		redirect bool
		look     bool
	}{
		"by id":                 {full, false, true},
		"by id, redirected":     {full, true, true},
		"by number":             {without(t, full, id), false, false},
		"by address":            {without(t, full, id), true, true},
		"by id without number":  {without(t, full, number), false, true},
		"by number, redirected": {without(t, full, id), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, demoshop.Options{}, c.text)
			r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
				if q.URL.Path != "/admin/orders/1042" {
					return false
				}
				if c.redirect {
					http.Redirect(w, q, "/admin/orders/1040", http.StatusFound)
					return true
				}
				q.URL.Path = "/admin/orders/1040"
				return false
			})
			result, _ := r.visit(false)
			if o, _ := find(result.Orders, "1042"); !o.Looked.IsZero() || o.Buyer.Email != "" {
				t.Errorf("the visit took another order's page: %+v", o)
			}
			if !c.look {
				return
			}
			if o, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); err == nil {
				t.Errorf("the look took another order's page: %+v", o)
			}
		})
	}
}

func TestAnswerOfACacheIsNotALook(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	old := false
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s lets a cache answer", q.URL.Path)
		}
		if old {
			w.Header().Set("Age", "600")
		}
		return false
	})
	r.must(false)
	old = true
	if o, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); err == nil || !strings.Contains(err.Error(), "a cache between") {
		t.Errorf("a page of ten minutes ago is believed: %+v, %v", o, err)
	}
}

func TestEmptyListUnderAnErrorIsNone(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/admin/orders/plain" {
			return false
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `<table id="orders"></table><p class="empty">No orders yet.</p>`)
		return true
	})
	result, err := r.visit(true)
	if err == nil || result.Complete || result.Full || result.Outcome != order.LayoutChanged {
		t.Errorf("a 404 passes as an empty shop: %+v, %v", result.Visit, err)
	}
}

// A total that counts something else must not end the list, and not make it
// complete.
func TestTotalThatIsTooSmall(t *testing.T) {
	for _, shown := range []string{"7", "10", "0"} {
		text := strings.Replace(string(demoshop.FormRecipe()), `total: "#count b"`, `total: {select: "#count b", match: "^", or: [{text: "`+shown+`"}]}`, 1)
		r := newRig(t, demoshop.Options{}, []byte(text))
		result := r.must(true)
		if len(result.Orders) != 42 {
			t.Errorf("a total of %s: %d orders", shown, len(result.Orders))
		}
		if result.Complete {
			t.Errorf("a total of %s: 42 orders pass as complete", shown)
		}
	}
}

// Ten orders arrive between two pages of ten: the second page is the first one
// again, and not the end.
func TestPageFullOfNewOrdersIsNotTheEnd(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	done := false
	r.before(t, func(_ http.ResponseWriter, q *http.Request) bool {
		if q.URL.RawQuery == "page=3" && !done {
			done = true
			for range 10 {
				r.demo.Add(demoshop.Order{Name: "New"})
			}
		}
		return false
	})
	result := r.must(true)
	if len(result.Orders) != 42 || result.Complete {
		t.Errorf("%d of the 42 old orders were read, complete %v", len(result.Orders), result.Complete)
	}
}

// A shop that answers the password with something that nobody knows is not sent
// it again by every look.
func TestPasswordWithoutAnAnswerIsNotSentAgainAtOnce(t *testing.T) {
	for name, o := range map[string]demoshop.Options{"403": {}, "one-time code": {AskCode: true}} {
		t.Run(name, func(t *testing.T) {
			c := newClocked(t, nil, 1000)
			c.rig = newRig(t, o, demoshop.FormRecipe())
			c.restart()
			posts := 0
			c.before(t, func(w http.ResponseWriter, q *http.Request) bool {
				if q.Method != http.MethodPost {
					return false
				}
				posts++
				if !o.AskCode {
					w.WriteHeader(http.StatusForbidden)
				}
				return !o.AskCode
			})
			for range 3 {
				if _, err := c.visit(false); err == nil {
					t.Fatal("the visit passes")
				}
				if _, _, err := c.spider.Look(t.Context(), c.shop, "1042", c.session); err == nil || !strings.Contains(err.Error(), "not asked again before") && !strings.Contains(err.Error(), "needs you") {
					t.Errorf("a look says %v", err)
				}
			}
			if posts != 1 {
				t.Errorf("the password was sent %d times at once", posts)
			}
			for range 24 * 60 { // a day of looks
				c.now = c.now.Add(time.Minute)
				_, _, _ = c.spider.Look(t.Context(), c.shop, "1042", c.session)
			}
			if !o.AskCode && (posts < 5 || posts > 12) || o.AskCode && posts != 1 { // a code is for a person
				t.Errorf("the password was sent %d times in a day", posts)
			}
			before := posts
			c.spider.Again(c.shop.Name)
			_, _ = c.visit(false)
			c.now = c.now.Add(3 * time.Hour)
			c.shop.Password = "another"
			_, _ = c.visit(false)
			if posts != before+2 {
				t.Errorf("a person's word and a new password led to %d tries", posts-before)
			}
		})
	}
}

// In a look, and after a session that has ended, a refused password is sent once.
func TestRefusedPasswordInALook(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.demo.ExpireSessions()
	r.shop.Password = "wrong-" + canaryPassword
	var refused *crawler.RefusedError
	if _, session, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); !errors.As(err, &refused) || session != nil {
		t.Errorf("%v", err)
	}
	if r.demo.Refusals() != 1 {
		t.Errorf("the password was sent %d times", r.demo.Refusals())
	}
}

// A page that repeats the password as text is saved without it.
func TestSavedPageHoldsNoPassword(t *testing.T) {
	r := newRig(t, demoshop.Options{Password: `canary "Pa55" & <word>`}, demoshop.FormRecipe())
	r.before(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/admin/orders/plain" {
			return false
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<p>Welcome, you signed in with canary &quot;Pa55&quot; &amp; &lt;word&gt;</p><a href="/x?p=canary+%22Pa55%22+%26+%3Cword%3E">x</a>`)
		return true
	})
	_, err := r.visit(false)
	var layout *crawler.LayoutError
	if !errors.As(err, &layout) || layout.Saved == "" {
		t.Fatalf("%v", err)
	}
	files, _ := filepath.Glob(filepath.Join(r.saved, "*"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil || strings.Contains(string(text), "Pa55") {
			t.Errorf("%s, %v", text, err)
		}
	}
}

func TestDetailHasToSayWhoseItIs(t *testing.T) {
	text := without(t, without(t, demoshop.FormRecipe(), "    id: {select: \"#number\", attr: data-id}\n"), "    number: \"#number\"\n")
	if _, err := recipe.Parse("recipe.yaml", text); err == nil || !strings.Contains(err.Error(), "detail.fields.id: is missing") {
		t.Errorf("%v", err)
	}
}
