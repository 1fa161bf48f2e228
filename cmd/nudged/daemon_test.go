package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/notify"
	"nudged/store/order"
)

// onBench runs a test on the fake clock, which begins at midnight UTC.
func onBench(t *testing.T, shops []string, do func(t *testing.T, b *bench, dir string)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := newBench(t, dir, testConfig(t, dir, "pw", tail, shops...), newFakeShops(t), &fakeMail{})
		defer func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}()
		do(t, b, dir)
	})
}

func TestADay(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.shops.add("a", "old", time.Now().Add(-time.Hour))
		err := b.serveFor(24*time.Hour-time.Minute, func() {
			time.Sleep(8 * time.Hour)
			b.shops.add("a", "1", time.Now())
			b.shops.add("a", "2", time.Now())
			b.shops.add("a", "3", time.Now())
			time.Sleep(30 * time.Minute)
			b.shops.pay("a", "2") // seen by a visit
			time.Sleep(30*time.Minute - 20*time.Second)
			b.shops.pay("a", "3") // seen by the look only
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
			t.Errorf("the buyer who did not pay got %q", got)
		}
		for _, id := range []string{"old", "2", "3"} {
			if got := b.mail.to("buyer" + id + "@example.test"); len(got) != 0 {
				t.Errorf("buyer %s got %q", id, got)
			}
		}
		if got := b.mail.to(seller); len(got) != 1 {
			t.Errorf("the seller got %q, want one digest", got)
		}
		if n := b.shops.count("a"); n < 143 || n > 145 {
			t.Errorf("%d visits, want one every ten minutes", n)
		}
		full := 0
		for _, k := range b.shops.visits["a"] {
			if k.Full {
				full++
			}
		}
		if full != 2 { // the first visit, and the one of the night
			t.Errorf("%d full scans", full)
		}
		if r := b.state("a", "3", "first"); r.State != order.Skipped || r.Cause != order.CausePaid {
			t.Errorf("the order paid before the look: %+v", r)
		}
		if r := b.state("a", "old", "first"); r.Cause != order.CauseBeforeEnabled {
			t.Errorf("the order from before: %+v", r)
		}
		if strings.Contains(b.log.String(), "level=ERROR") || strings.Contains(b.log.String(), "@example.test") {
			t.Errorf("log of a normal day:\n%s", b.log)
		}
	})
}

func TestABrokenShopLeavesTheOthersAlone(t *testing.T) {
	for name, fail := range map[string]func(context.Context) error{
		"error": func(context.Context) error {
			return &crawler.UnavailableError{Shop: "bad", Status: 503, Err: errors.New("503")}
		},
		"panic": func(context.Context) error { panic("in the middle of it") },
		"hang": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBench(t, []string{"bad", "good"}, func(t *testing.T, b *bench, _ string) {
				b.shops.fail["bad"] = fail
				err := b.serveFor(3*time.Hour, func() {
					time.Sleep(5 * time.Minute)
					b.shops.add("good", "1", time.Now())
				})
				if err != nil {
					t.Fatal(err)
				}
				if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
					t.Errorf("the good shop's buyer got %q", got)
				}
				if n := b.shops.count("good"); n < 17 {
					t.Errorf("the good shop was visited %d times", n)
				}
				if n := b.shops.count("bad"); name != "hang" && n < 17 {
					t.Errorf("the bad shop was given up after %d visits", n)
				}
			})
		})
	}
}

func TestAShopInTroubleHoldsItsReminders(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		err := b.serveFor(4*time.Hour, func() {
			time.Sleep(5 * time.Minute)
			b.shops.add("a", "1", time.Now())
			time.Sleep(50 * time.Minute)
			b.shops.mu.Lock()
			b.shops.fail["a"] = func(context.Context) error {
				return &crawler.UnavailableError{Shop: "a", Status: 503, Err: errors.New("503")}
			}
			b.shops.mu.Unlock()
			time.Sleep(30 * time.Minute)
			synctest.Wait()
			if r := b.state("a", "1", "first"); r.State != order.Held || r.Cause != order.CauseShop {
				t.Errorf("while the shop is down: %+v", r)
			}
			if len(b.mail.to("buyer1@example.test")) > 0 {
				t.Error("sent without a look")
			}
			b.shops.mu.Lock()
			delete(b.shops.fail, "a")
			b.shops.mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
			t.Errorf("when the shop was back, the buyer got %q", got)
		}
	})
}

func TestARefusedPasswordIsTriedOnceUntilTheConfigChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		shops, mail := newFakeShops(t), &fakeMail{}
		shops.fail["a"] = func(context.Context) error { return &crawler.RefusedError{Shop: "a", Words: "wrong password"} }
		for _, c := range []struct {
			password string
			visits   int
		}{{"old", 1}, {"old", 1}, {"new", 2}, {"new", 2}} {
			b := newBench(t, dir, testConfig(t, dir, c.password, tail, "a"), shops, mail)
			if err := b.serveFor(3*time.Hour, nil); err != nil {
				t.Fatal(err)
			}
			if n := shops.count("a"); n != c.visits {
				t.Errorf("password %q: %d tries in all, want %d", c.password, n, c.visits)
			}
			facts, err := b.facts(t.Context(), time.Now().Add(-time.Hour), time.Now(), 1, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(facts.Needs) != 1 || !strings.Contains(facts.Needs[0].Words, "wrong password") {
				t.Errorf("the digest needs %+v", facts.Needs)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestStopInMidVisitKeepsWhatWasRead(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.shops.add("a", "1", time.Now())
		b.shops.fail["a"] = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		begin := time.Now()
		if err := b.serveFor(time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > time.Minute+stopDeadline {
			t.Errorf("stopping took %s", took-time.Minute)
		}
		if _, ok, err := b.db.Order(order.Key{Shop: "a", ID: "1"}); err != nil || !ok {
			t.Errorf("what was read before the stop is lost: %v", err)
		}
	})
}

// The scheduler may begin a visit at the very moment of the stop.
func TestAStopIsNoErrorOfTheVisitThatItMeets(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		d, err := newDaemon(b.app)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		for range 10 { // a free slot and the stop: either may be seen first
			d.visit(ctx, b.cfg.Shops[0])
		}
		if strings.Contains(b.log.String(), "level=ERROR") || len(b.shops.visits) > 0 {
			t.Errorf("%d visits, log:\n%s", len(b.shops.visits), b.log)
		}
	})
}

func TestAHandOverCutOffByACrashIsNeverMadeAgain(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		if err := b.serveFor(5*time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		b.shops.add("a", "1", time.Now())
		shop, _ := b.cfg.Shop("a")
		if _, err := b.flow(t.Context(), shop, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Minute)
		key := order.ReminderKey{Order: order.Key{Shop: "a", ID: "1"}, Step: "first", Channel: order.ByEmail}
		if err := b.db.Begin(t.Context(), key, "", time.Now(), order.Limit{}); err != nil {
			t.Fatal(err)
		}
		if err := b.serveFor(6*time.Hour, nil); err != nil { // the next start
			t.Fatal(err)
		}
		if r := b.state("a", "1", "first"); r.State != order.Lost {
			t.Errorf("after the crash: %+v", r)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) > 0 {
			t.Errorf("the buyer got %q", got)
		}
	})
}

func TestCatchUp(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		if err := b.serveFor(22*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		visits := b.shops.count("a")
		time.Sleep(5 * 24 * time.Hour) // down for five days
		if err := b.serveFor(time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		if n := b.shops.count("a") - visits; n != 1 {
			t.Errorf("%d visits made up for, want 1", n)
		}
		if got := b.mail.to(seller); len(got) != 2 {
			t.Errorf("the seller got %q, want one digest before and one for the five days", got)
		}
		if err := b.serveFor(time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(b.mail.to(seller)); n != 2 {
			t.Errorf("another start sent the digest again: %d", n)
		}
	})
}

func TestADigestThatCouldNotBeSentIsTriedAgain(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		down := true
		b.mail.fail = func(notify.Message) error {
			if down {
				return &notify.SendError{Kind: notify.Temporary, Err: errors.New("no connection")}
			}
			return nil
		}
		err := b.serveFor(24*time.Hour-time.Second, func() {
			time.Sleep(22 * time.Hour)
			b.mail.mu.Lock()
			down = false
			b.mail.mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		got := b.mail.to(seller)
		if len(got) != 1 || !strings.Contains(got[0], "#1") {
			t.Errorf("digests %q; the failed tries must not use up numbers", got)
		}
	})
}

func TestUnlistedOrdersAreLookedUp(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		shop, _ := b.cfg.Shop("a")
		b.shops.add("a", "1", time.Now())
		b.shops.add("a", "2", time.Now())
		if _, err := b.flow(t.Context(), shop, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		b.shops.remove("a", "1")
		out, err := b.flow(t.Context(), shop, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.shops.looks) != 1 || b.shops.looks[0].ID != "1" {
			t.Errorf("looked at %v after %+v", b.shops.looks, out.News)
		}
		o, _, err := b.db.Order(order.Key{Shop: "a", ID: "1"})
		if err != nil || o.Status != order.Other || o.Buyer.Name != "Buyer 1" {
			t.Errorf("the order that is gone: %+v, %v", o, err)
		}
	})
}

func TestAnOrderIsLookedAtWhenItShouldBeClosed(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		shop, _ := b.cfg.Shop("a")
		b.shops.add("a", "1", time.Now())
		b.shops.change("a", "1", func(o *order.Order) { o.Closes = time.Now().Add(30 * time.Minute) })
		if _, err := b.flow(t.Context(), shop, false); err != nil {
			t.Fatal(err)
		}
		// The list still shows it open, as lists do that are cached.
		b.shops.remove("a", "1")
		time.Sleep(31 * time.Minute)
		b.lookUp(t.Context(), shop, nil)
		if len(b.shops.looks) != 1 {
			t.Errorf("looked at %v", b.shops.looks)
		}
	})
}

func TestPreviewShowsTheSeller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		cfg := testConfig(t, dir, "pw", strings.Replace(tail, "live", "preview", 1), "a")
		b := newBench(t, dir, cfg, newFakeShops(t), &fakeMail{})
		defer b.Close()
		err := b.serveFor(3*time.Hour, func() {
			time.Sleep(time.Minute)
			for i := range 12 {
				b.shops.add("a", string(rune('a'+i)), time.Now())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.mail.to(seller)); n != maxPreviews || n != len(b.mail.sent) {
			t.Errorf("%d previews to the seller of %d mails", n, len(b.mail.sent))
		}
		facts, err := b.facts(t.Context(), time.Now().Add(-4*time.Hour), time.Now(), 1, false)
		if err != nil || len(facts.Previews) != 12 {
			t.Errorf("the digest lists %d previews, %v", len(facts.Previews), err)
		}
	})
}

func TestAReminderGoesOutWithinSecondsOfItsTime(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		var placed time.Time
		err := b.serveFor(3*time.Hour, func() {
			time.Sleep(25*time.Minute + 17*time.Second)
			placed = time.Now()
			b.shops.add("a", "1", placed)
		})
		if err != nil {
			t.Fatal(err)
		}
		events, err := b.db.LedgerOf(order.Key{Shop: "a", ID: "1"})
		if err != nil || len(events) == 0 {
			t.Fatalf("%v, %v", events, err)
		}
		last := events[len(events)-1]
		if late := last.At.Sub(placed.Add(time.Hour)); last.State != order.Sent || late < 0 || late > 2*time.Second {
			t.Errorf("%s %s after its time", last.State, late)
		}
	})
}

func TestDueTimesDoNotMakeABusyLoop(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		s := dues{t.Context(), b.app, "a"}
		now := time.Now().Add(10 * time.Second)
		minute := time.Now().Add(time.Minute)
		plan := func(id string, due time.Time) {
			r := order.Reminder{Key: order.ReminderKey{Order: order.Key{Shop: "a", ID: id}, Step: "first", Channel: order.ByEmail}, State: order.Planned, Planned: due, Due: due}
			if err := b.db.Plan(t.Context(), []order.Reminder{r}); err != nil {
				t.Fatal(err)
			}
		}
		wants := func(what string, want time.Time) {
			t.Helper()
			if got := s.Next(now); !got.Equal(want) {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		wants("nothing waits", minute)
		plan("later", now.Add(time.Hour))
		wants("due in an hour", minute)
		plan("soon", now.Add(7*time.Second))
		wants("due in seven seconds", now.Add(7*time.Second))
		now = now.Add(7 * time.Second)
		wants("due now: that moment was given", minute)
		now = now.Add(time.Second)
		wants("overdue", minute)
	})
}

func TestAHandOffIsAShortTextForTheChat(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		err := b.serveFor(3*time.Hour, func() {
			time.Sleep(time.Minute)
			b.shops.add("a", "1", time.Now())
			b.shops.add("a", "2", time.Now())
			b.shops.change("a", "1", func(o *order.Order) { o.Buyer.Email, o.Chat = "", "https://a.example/chat/1" })
		})
		if err != nil {
			t.Fatal(err)
		}
		facts, err := b.facts(t.Context(), time.Now().Add(-4*time.Hour), time.Now(), 1, true)
		if err != nil || len(facts.HandOffs) != 1 {
			t.Fatalf("%+v, %v", facts.HandOffs, err)
		}
		text := facts.HandOffs[0].Text
		if !strings.HasPrefix(text, "Hello Buyer 1,") || !strings.Contains(text, "12.00") || strings.Contains(text, "unsubscribe") || strings.Contains(text, "reply") {
			t.Errorf("to be pasted into a chat: %q", text)
		}
		if chat := facts.HandOffs[0].Chat; chat != "https://a.example/chat/1" {
			t.Errorf("the chat is at %q", chat)
		}
		if facts.HandOffs[0].AsOf.IsZero() {
			t.Error("the hand-off does not say of when it is")
		}
		if day := facts.Shops[0]; day.Orders != 2 || day.Visits < 17 {
			t.Errorf("%d orders read in %d visits, want 2", day.Orders, day.Visits)
		}
	})
}

func TestChromeStaysOnThisMachineWithItsShops(t *testing.T) {
	for _, c := range []struct {
		urls []string
		want bool
	}{
		{[]string{"http://127.0.0.1:8080/admin"}, true},
		{[]string{"http://localhost/", "https://[::1]/admin"}, true},
		{[]string{"http://127.0.0.1/", "https://shop.example/"}, false},
		{[]string{"https://localhost.example/"}, false},
		{nil, false},
	} {
		var shops []config.Shop
		for _, s := range c.urls {
			u, err := url.Parse(s)
			if err != nil {
				t.Fatal(err)
			}
			shops = append(shops, config.Shop{URL: u})
		}
		if got := onLoopback(shops); got != c.want {
			t.Errorf("%v: %v", c.urls, got)
		}
	}
}
