package crawler_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

func TestChromeVisit(t *testing.T) {
	needChrome(t)
	for name, text := range map[string][]byte{"rendered": demoshop.Recipe(), "captured": demoshop.CapturedRecipe()} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			r := newRig(t, demoshop.Options{PageSize: 5, Orders: demoshop.Sample(now)[:14]}, text)
			r.demo.Add(demoshop.Order{Name: "Canary", Email: canaryEmail, Phone: canaryPhone, Payment: "Card"})
			result := r.must(false)
			r.compare(result.Orders)
			if !result.Complete || r.demo.SignIns() != 1 {
				t.Errorf("complete %v, signed in %d times", result.Complete, r.demo.SignIns())
			}
			if w := r.demo.Writes(); len(w) != 0 {
				t.Errorf("the visit wrote: %v", w)
			}
			if result.Blocked == 0 {
				t.Error("the guard counted nothing on pages that try to write")
			}
			agent := ""
			for _, q := range r.demo.Log() {
				if agent != "" && q.UserAgent != agent {
					t.Errorf("the shop sees two browsers: %q and %q", agent, q.UserAgent)
				}
				agent = q.UserAgent
			}

			r.demo.ResetLog()
			again := r.must(false)
			lists, details := r.pages()
			if lists != 1 || details != 0 || again.Pages != 1 {
				t.Errorf("nothing new cost %d list pages and %d order pages", lists, details)
			}

			// A new Chrome is given the session; it need not sign in.
			r.spider.Idle("demo")
			r.must(false)
			if r.demo.SignIns() != 1 {
				t.Errorf("after Idle it signed in again: %d times", r.demo.SignIns())
			}

			r.demo.ExpireAfter(3)
			r.must(true)
			if r.demo.SignIns() != 2 {
				t.Errorf("a session that ended in mid-visit: signed in %d times in all", r.demo.SignIns())
			}

			if err := r.demo.Pay("1040"); err != nil {
				t.Fatal(err)
			}
			o, _, err := r.spider.Look(t.Context(), r.shop, "1040", r.session)
			if err != nil || o.Status != order.Paid {
				t.Errorf("a look at a paid order: %v, %v", o.Status, err)
			}
			if w := r.demo.Writes(); len(w) != 0 {
				t.Errorf("the visits wrote: %v", w)
			}
		})
	}
}

func TestChromeRefusals(t *testing.T) {
	needChrome(t)
	r := newRig(t, demoshop.Options{}, demoshop.Recipe())
	r.shop.Password = "wrong-" + canaryPassword
	result, err := r.visit(false)
	var refused *crawler.RefusedError
	if !errors.As(err, &refused) || refused.Words != "Wrong user name or password. 4 tries left." || r.demo.Refusals() != 1 {
		t.Errorf("outcome %q, tried %d times, %v", result.Outcome, r.demo.Refusals(), err)
	}

	code := newRig(t, demoshop.Options{AskCode: true}, demoshop.Recipe())
	result, err = code.visit(false)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || result.Outcome != order.NeedsYou {
		t.Fatalf("outcome %q, %v", result.Outcome, err)
	}
	picture, err := os.ReadFile(needs.Screenshot)
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("the screenshot %q: %v", needs.Screenshot, err)
	}
}

// What pages put into localStorage is part of the session: a new Chrome gets it,
// after a restart too.
func TestChromeStorageOutlivesChrome(t *testing.T) {
	needChrome(t)
	r := newRig(t, demoshop.Options{PageSize: 50}, demoshop.Recipe())
	opened := func() string {
		r.demo.ResetLog()
		r.must(false)
		for _, q := range r.demo.Log() {
			if _, n, ok := strings.Cut(q.Query, "opened="); ok {
				return n
			}
		}
		return "never"
	}
	first := opened()
	r.spider.Idle("demo")
	second := opened()
	old := r.spider
	r.spider = crawler.New(crawler.Options{Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true, StepTimeout: time.Minute}})
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	third := opened()
	if first != "0" || second != "1" || third != "2" || r.demo.SignIns() != 1 {
		t.Errorf("the page counted %s, %s, %s times that it was opened; signed in %d times", first, second, third, r.demo.SignIns())
	}
}

func TestChromeIsNotOpenedForNothing(t *testing.T) {
	needChrome(t)
	text := strings.Replace(string(demoshop.FormRecipe()), "\nlist:", "\nlist:", 1)
	signIn := string(demoshop.Recipe())
	text = signIn[:strings.Index(signIn, "\nlist:")] + text[strings.Index(text, "\nlist:"):]
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.must(false)
	r.spider.Idle("demo")
	r.demo.ResetLog()
	r.must(false)
	if n := len(r.demo.Log()); n != 1 {
		t.Errorf("nothing new cost %d requests, Chrome's among them: %v", n, r.demo.Counts())
	}
}

// Everything on the danger page tries to write as soon as it is shown: frames,
// workers, popups, beacons, images that delete.
func TestChromeOnTheDangerPage(t *testing.T) {
	needChrome(t)
	text := strings.Replace(string(demoshop.Recipe()), "    get: admin/orders\n    wait: {for: \"#orders, #signin\"}", "    get: admin/danger\n    wait: {for: \"#done\"}", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	result, err := r.visit(false)
	if err == nil || r.demo.Count("/admin/danger") != 1 || r.demo.Count("/danger/frame.html") == 0 {
		t.Fatalf("the danger page was not read: %v, %v", err, r.demo.Counts())
	}
	time.Sleep(500 * time.Millisecond) // what workers and popups still try
	if w := r.demo.Writes(); len(w) != 0 {
		t.Errorf("writes reached the shop: %v", w)
	}
	if result.Blocked < 8 {
		t.Errorf("the guard stopped %d requests of a page that tries more than twenty", result.Blocked)
	}
}

func TestChromeFaults(t *testing.T) {
	needChrome(t)
	tests := []struct {
		name    string
		fault   demoshop.Fault
		outcome string
	}{
		{"500", demoshop.Fault{Kind: demoshop.Answer, Status: 500, Path: "/admin/orders"}, order.Unavailable},
		{"403", demoshop.Fault{Kind: demoshop.Answer, Status: 403, Path: "/admin/orders"}, order.Unavailable},
		{"changed column", demoshop.Fault{Kind: demoshop.ChangedColumn}, order.LayoutChanged},
		{"empty table", demoshop.Fault{Kind: demoshop.EmptyTable}, order.LayoutChanged},
	}
	r := newRig(t, demoshop.Options{}, demoshop.Recipe())
	r.must(false)
	for _, test := range tests {
		r.demo.Break(test.fault)
		start := time.Now()
		result, err := r.visit(false)
		if err == nil || result.Outcome != test.outcome || result.Complete {
			t.Errorf("%s: outcome %q, complete %v, %v", test.name, result.Outcome, result.Complete, err)
		}
		t.Logf("%s: %s after %s", test.name, result.Words, time.Since(start).Round(time.Millisecond))
		r.demo.Mend()
		r.later(3 * time.Hour)
		r.must(false)
	}
}

func TestChromeIsMissing(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.Recipe())
	spider := crawler.New(crawler.Options{})
	_ = spider.Close()
	missing := crawler.Options{}
	missing.Browser.Path = "/nowhere/chrome"
	missing.Browser.ProfileRoot = t.TempDir()
	r.spider = crawler.New(missing)
	result, err := r.visit(false)
	if err == nil || result.Outcome != order.Broken || !strings.Contains(err.Error(), "chrome did not start") {
		t.Errorf("outcome %q, %v", result.Outcome, err)
	}
}

func TestChromeOneTimeCode(t *testing.T) {
	needChrome(t)
	text := strings.Replace(string(demoshop.Recipe()), `    - wait: {for: "#who, .refused, .one-time"}`, `    - wait: {for: "#who, .refused, .one-time, #code"}
    - fill: {into: "#code", with: "{totp}"}
      optional: true
    - click: "#code-form button"
      optional: true
    - wait: {for: "#who, .refused, .one-time"}`, 1)
	o := demoshop.Options{PageSize: 50, Door: demoshop.Door{TOTP: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Popups: true}}
	r := newRig(t, o, []byte(text))
	result, err := r.visit(false)
	if result.Outcome != order.NeedsYou || !strings.Contains(result.Words, "totp:") {
		t.Errorf("without a secret: outcome %q, %v", result.Outcome, err)
	}
	r.shop.TOTP = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	r.must(false)
	if r.demo.Refusals() != 0 || r.demo.SignIns() != 2 {
		t.Errorf("%d refusals, %d sign-ins", r.demo.Refusals(), r.demo.SignIns())
	}
}
