package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/extract"
	"nudged/notify"
	"nudged/store/order"
)

func wantsPerson(context.Context) error {
	return &crawler.NeedsYouError{Shop: "a", Why: "Enter the code that we sent to your phone", Screenshot: "/saved/a.png"}
}

func TestAShopThatWaitsIsLeftAloneAndToldOfOnce(t *testing.T) {
	onBench(t, []string{"a", "b"}, func(t *testing.T, b *bench, _ string) {
		var mails []string
		err := b.serveFor(22*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			b.shops.add("a", "1", time.Now())
			b.shops.add("b", "2", time.Now())
			time.Sleep(20 * time.Minute) // both are seen
			b.shops.mu.Lock()
			b.shops.fail["a"] = wantsPerson
			b.shops.mu.Unlock()
			time.Sleep(4 * time.Hour)
			mails = b.mail.to(seller)
			before := b.shops.count("a")
			if before > 8 {
				t.Errorf("the shop that waits was visited %d times", before)
			}
			if n := b.shops.count("b"); n < 25 {
				t.Errorf("the other shop was visited %d times", n)
			}
			if got := b.mail.to("buyer1@example.test"); len(got) != 0 {
				t.Errorf("a buyer of the shop that waits got %q", got)
			}
			if got := b.mail.to("buyer2@example.test"); len(got) != 1 {
				t.Errorf("the buyer of the other shop got %q", got)
			}
			if r := b.state("a", "1", "first"); r.State != order.Held || r.Cause != order.CauseShop || !strings.Contains(r.Reason, "Enter the code") {
				t.Errorf("the reminder of the shop that waits: %+v", r)
			}
			b.shops.mu.Lock()
			b.shops.fail["a"] = nil
			b.shops.mu.Unlock()
			time.Sleep(time.Hour)
			if n := b.shops.count("a"); n != before {
				t.Errorf("it was visited again, though nobody had signed in")
			}
			if err := b.met(context.Background(), "a"); err != nil { // as nudged login does
				t.Error(err)
			}
			time.Sleep(time.Hour)
			if n := b.shops.count("a"); n == before {
				t.Error("it does not go on")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) != 1 || mails[0] != "nudged: a needs you" {
			t.Errorf("the seller got %q", mails)
		}
		digests := 0
		for _, m := range b.mail.sent {
			switch {
			case m.Subject == "nudged: a needs you":
				if !strings.Contains(m.Text, "nudged login a") || !strings.Contains(m.Text, "Enter the code") || !strings.Contains(m.Text, "/saved/a.png") || !strings.Contains(m.Text, "other shops go on") {
					t.Errorf("the mail:\n%s", m.Text)
				}
			case m.Subject == "nudged: a goes on":
			case m.To.Reveal() == seller:
				digests++
				if !strings.Contains(m.Text, "It waited for you from") || strings.Contains(m.Text, "nudged login a") {
					t.Errorf("the digest:\n%s", m.Text)
				}
			}
		}
		if digests != 1 {
			t.Errorf("%d digests", digests)
		}
		if n := strings.Count(b.log.String(), "the visit failed"); n != 1 {
			t.Errorf("the log says %d times that the visit failed:\n%s", n, b.log)
		}
	})
}

func TestTheMailAboutANeedIsTriedUntilItIsTaken(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.shops.fail["a"] = wantsPerson
		down := true
		b.mail.fail = func(notify.Message) error {
			if down {
				return &notify.SendError{Kind: notify.Temporary, Account: true, Err: errors.New("no connection")}
			}
			return nil
		}
		err := b.serveFor(4*time.Hour, func() {
			time.Sleep(2 * time.Hour)
			if got := b.mail.to(seller); len(got) != 0 {
				t.Errorf("%q", got)
			}
			b.mail.mu.Lock()
			down = false
			b.mail.mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: a needs you", "nudged: mail goes out again")
	})
}

func TestANewPasswordIsANewTry(t *testing.T) {
	dir := t.TempDir()
	shops, mail := newFakeShops(t), &fakeMail{}
	b := newBench(t, dir, testConfig(t, dir, "old", tail, "a"), shops, mail)
	shop := b.cfg.Shops[0]
	if err := b.keepNeed(t.Context(), shop, &crawler.NeedsYouError{Shop: "a", Why: "change your password"}); err != nil {
		t.Fatal(err)
	}
	var needs *crawler.NeedsYouError
	if err := b.barred(t.Context(), shop); !errors.As(err, &needs) || !strings.Contains(err.Error(), "nudged login a") {
		t.Errorf("%v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = newBench(t, dir, testConfig(t, dir, "new", tail, "a"), shops, mail)
	defer b.Close()
	if err := b.barred(t.Context(), b.cfg.Shops[0]); err != nil {
		t.Errorf("%v", err)
	}
}

func TestALockEndsByItself(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		shop := b.cfg.Shops[0]
		locked := &crawler.NeedsYouError{Shop: "a", Why: "locked for one hour", Locked: true, Until: time.Now().Add(time.Hour)}
		if err := b.keepNeed(t.Context(), shop, locked); err != nil {
			t.Fatal(err)
		}
		if n, _, err := b.db.Need("a"); err != nil || needOf("a", n).Do != "nudged crawl a --again" {
			t.Errorf("%+v, %v", n, err)
		}
		time.Sleep(59 * time.Minute)
		if err := b.barred(t.Context(), shop); err == nil {
			t.Error("it is tried while it is locked")
		}
		time.Sleep(2 * time.Minute)
		if err := b.barred(t.Context(), shop); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// A page that has changed: what is said about it, and that no reminder goes out
// by a look at a page that may have changed too.
func TestWhileAShopsPagesHaveChangedItsRemindersAreHeld(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		err := b.serveFor(16*time.Hour, func() {
			time.Sleep(8 * time.Hour)
			b.shops.add("a", "1", time.Now())
			time.Sleep(20 * time.Minute)
			b.shops.mu.Lock()
			b.shops.brokenList = &crawler.LayoutError{Shop: "a", Page: "list", Err: &extract.LayoutError{
				Shop: "a", Recipe: "shop", URL: "http://a/orders", Field: "list.fields.total", Want: ".total", Found: `"soon"`,
			}}
			b.shops.mu.Unlock()
			time.Sleep(3 * time.Hour)
			if got := b.mail.to("buyer1@example.test"); len(got) != 0 {
				t.Errorf("the buyer got %q", got)
			}
			r := b.state("a", "1", "first")
			if r.State != order.Held || r.Cause != order.CauseShop || !strings.Contains(r.Reason, "do not fit the recipe") || !strings.Contains(r.Reason, "list.fields.total") {
				t.Errorf("the reminder: %+v", r)
			}
			last, _, err := b.db.LastVisit("a")
			if err != nil || !strings.Contains(last.Words, `the last good one was "12.00 EUR", read on`) {
				t.Errorf("what is said of the visit: %q, %v", last.Words, err)
			}
			b.shops.mu.Lock()
			b.shops.brokenList = nil
			b.shops.mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
			t.Errorf("after it was mended the buyer got %q", got)
		}
	})
}

func TestSamplesHoldNoContacts(t *testing.T) {
	got := samplesOf(order.Visit{Orders: []order.Order{
		{ID: "7", Number: "N7", StatusText: "open", Total: order.Money{Minor: 100, Currency: "EUR"}, Created: time.Unix(0, 0).UTC()},
		{ID: "8", Buyer: order.Buyer{Name: "王小明", Email: "ann@example.com", Phone: "+8613800138000"}, Lines: []order.Line{{Title: "Mug", Quantity: 2}}},
	}})
	for field, want := range map[string]string{
		"rows": "2 order(s)", "id": "7", "number": "N7", "status": "open", "total": "1.00 EUR", "created": "1970-01-01 00:00 UTC",
		"name": "王…", "email": "a***@example.com", "phone": "+86*********00", "lines": "2 × Mug",
	} {
		if got[field].Value != want {
			t.Errorf("%s: %q, want %q", field, got[field].Value, want)
		}
	}
	for place, want := range map[string]string{
		"list.fields.total": "total", "detail.fields.lines.title": "lines", "detail.more[0].fields.email": "email", "list.rows": "rows", "detail.found": "",
	} {
		if got := fieldOf(place); got != want {
			t.Errorf("%s is kept as %q, want %q", place, got, want)
		}
	}
}

func TestSavedPagesHaveTheirTime(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), newFakeShops(t), &fakeMail{})
	defer b.Close()
	saved := filepath.Join(b.cfg.Data, "saved")
	if err := os.MkdirAll(saved, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"old.html": 15 * 24 * time.Hour, "young.html": 13 * 24 * time.Hour} {
		file := filepath.Join(saved, name)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	b.sweep()
	if _, err := os.Stat(filepath.Join(saved, "old.html")); !os.IsNotExist(err) {
		t.Errorf("the old page stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(saved, "young.html")); err != nil {
		t.Errorf("the young page is gone: %v", err)
	}
}

func TestAHeartbeatKeepsTheSession(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		every := "\nheartbeat: {every: 3m, request: admin/}\n"
		text, err := os.ReadFile(filepath.Join(filepath.Dir(b.cfg.File), "shop.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		b.cfg.Shops[0].Recipe = mustRecipe(t, string(text)+every)
		beats := 0
		b.shops.beat = func(session []byte) []byte {
			if string(session) == "" {
				t.Error("a heartbeat without a session")
			}
			beats++
			return []byte("beaten")
		}
		if err := b.serveFor(61*time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		if beats != 20 { // also those that meet a visit, or a look whether something is due
			t.Errorf("%d heartbeats in an hour", beats)
		}
	})
}

func TestAPartOfAVisitIsNoVisit(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), newFakeShops(t), &fakeMail{})
	defer b.Close()
	var out flowed
	now := time.Now()
	part := crawler.Result{Session: []byte("half way"), Visit: order.Visit{
		Shop: "a", Kind: order.Scan, At: now, Ended: now, Pages: 3, Outcome: order.OK, Complete: true, Full: true,
		Orders: []order.Order{{Shop: "a", ID: "1", Number: "1", Status: order.Unpaid, StatusText: "open", Created: now, Seen: now}},
	}}
	if err := b.recordPart(t.Context(), b.cfg.Shops[0], part, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.News) != 1 {
		t.Errorf("news: %+v", out.News)
	}
	if o, ok, err := b.db.Order(order.Key{Shop: "a", ID: "1"}); err != nil || !ok || !o.Looked.IsZero() {
		t.Errorf("the order: %+v, %v, %v", o, ok, err)
	}
	if _, ok, err := b.db.LastVisit("a"); err != nil || ok {
		t.Errorf("a part counts as a visit: %v", err)
	}
	if _, ok, err := b.db.Enabled("a"); err != nil || ok {
		t.Errorf("a part enables the shop: %v", err)
	}
	if s, err := b.db.Session("a"); err != nil || string(s) != "half way" {
		t.Errorf("session %q, %v", s, err)
	}
}

func TestARecipeOnTrialIsOffUntilItWasTried(t *testing.T) {
	onBench(t, []string{"a", "b"}, func(t *testing.T, b *bench, dir string) {
		text, err := os.ReadFile(filepath.Join(dir, "shop.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "trial.yaml")
		if err := os.WriteFile(file, append(text, "trial: from others' parsers.\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		shop := &b.cfg.Shops[0]
		shop.Recipe, shop.RecipeFile, shop.RecipeName = mustRecipe(t, string(text)+"trial: from others' parsers.\n"), file, "./trial.yaml"
		var trial *trialError
		err = b.barred(t.Context(), *shop)
		if !errors.As(err, &trial) || !strings.Contains(err.Error(), "nudged recipe test ./trial.yaml --page saved.html --shop a") {
			t.Fatalf("%v", err)
		}
		if code(err) != exitNeeds {
			t.Errorf("exit code %d", code(err))
		}
		if err := b.serveFor(2*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if n := b.shops.count("a"); n != 0 {
			t.Errorf("it was visited %d times", n)
		}
		if n := b.shops.count("b"); n < 10 {
			t.Errorf("the other was visited %d times", n)
		}
		facts, err := b.facts(t.Context(), time.Now().Add(-time.Hour), time.Now(), 1, false)
		if err != nil || len(facts.Needs) != 1 || !strings.Contains(facts.Needs[0].Do, "nudged recipe test") {
			t.Errorf("the digest: %+v, %v", facts.Needs, err)
		}
		hash, err := hashOf(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.db.Mark(t.Context(), markTried+hash, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := b.barred(t.Context(), *shop); err != nil {
			t.Errorf("tried, and yet %v", err)
		}
		if err := os.WriteFile(file, append(text, "trial: changed.\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := b.barred(t.Context(), *shop); !errors.As(err, &trial) {
			t.Errorf("a changed recipe counts as tried: %v", err)
		}
	})
}
