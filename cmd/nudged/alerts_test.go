package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nudged/crawler"
	"nudged/notify"
)

// told lists what the seller got apart from digests.
func (b *bench) told() []string {
	return slices.DeleteFunc(b.mail.to(seller), func(s string) bool { return strings.Contains(s, "#") })
}

func (b *bench) wantTold(want ...string) {
	b.t.Helper()
	if got := b.told(); !slices.Equal(got, want) {
		b.t.Errorf("the seller was told %q, want %q", got, want)
	}
}

func (b *bench) trouble(shop string, err error) {
	b.shops.mu.Lock()
	defer b.shops.mu.Unlock()
	if err == nil {
		delete(b.shops.fail, shop)
		return
	}
	b.shops.fail[shop] = func(context.Context) error { return err }
}

func TestAShopThatFailsThreeTimesIsToldOnceAndItsEndToo(t *testing.T) {
	const down, up = "nudged: a could not be read three times in a row", "nudged: a can be read again"
	onBench(t, []string{"a", "b"}, func(t *testing.T, b *bench, _ string) {
		gone := &crawler.UnavailableError{Shop: "a", Status: 503, Err: errors.New("503")}
		err := b.serveFor(12*time.Hour, func() {
			time.Sleep(36 * time.Minute) // never at the moment of a visit
			b.trouble("a", gone)
			time.Sleep(15 * time.Minute) // two visits fail: that happens
			b.trouble("a", nil)
			time.Sleep(30 * time.Minute)
			b.wantTold()
			b.trouble("a", gone)
			time.Sleep(32 * time.Minute)
			b.wantTold(down)
			time.Sleep(5 * time.Hour)
			b.wantTold(down)
			b.trouble("a", nil)
			time.Sleep(15 * time.Minute)
			b.wantTold(down, up)
			b.trouble("a", gone)
			time.Sleep(time.Hour)
			b.wantTold(down, up, down)
		})
		if err != nil {
			t.Fatal(err)
		}
		b.wantTold(down, up, down)
		for _, m := range b.mail.sent {
			if m.Subject == down && (!strings.Contains(m.Text, "503") || !strings.Contains(m.Text, "nudged crawl a")) {
				t.Errorf("the mail:\n%s", m.Text)
			}
		}
	})
}

func TestARestartDoesNotRepeatAnAlert(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		shops, mail := newFakeShops(t), &fakeMail{}
		shops.fail["a"] = func(context.Context) error {
			return &crawler.UnavailableError{Shop: "a", Status: 503, Err: errors.New("503")}
		}
		var b *bench
		for range 4 {
			b = newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), shops, mail)
			if err := b.serveFor(time.Hour, nil); err != nil {
				t.Fatal(err)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		}
		b.wantTold("nudged: a could not be read three times in a row")
	})
}

func TestARefusedPasswordIsToldAtOnce(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.trouble("a", &crawler.RefusedError{Shop: "a", Words: "wrong password"})
		if err := b.serveFor(5*time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: a refuses user and password")
		if err := b.serveFor(3*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: a refuses user and password")
	})
}

func TestTheEndOfANeedIsTold(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.shops.fail["a"] = wantsPerson
		err := b.serveFor(3*time.Hour, func() {
			time.Sleep(time.Hour)
			b.wantTold("nudged: a needs you")
			b.trouble("a", nil)
			if err := b.met(context.Background(), "a"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour)
			b.wantTold("nudged: a needs you", "nudged: a goes on")
		})
		if err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: a needs you", "nudged: a goes on")
	})
}

// A person may be there while the mail that asks for them is on its way.
func TestANeedThatIsMetWhileItIsToldStaysMet(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.trouble("a", wantsPerson(t.Context()))
		b.mail.fail = func(notify.Message) error { return b.met(context.Background(), "a") }
		if _, err := b.flow(t.Context(), b.cfg.Shops[0], false); err == nil {
			t.Fatal("the shop did not ask for a person")
		}
		if err := b.tellNeed(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: a needs you")
		if n, ok, err := b.db.Need("a"); err != nil || !ok || n.Standing() || n.Told.IsZero() {
			t.Errorf("it waits again: %+v, %t, %v", n, ok, err)
		}
	})
}

// probing is a mail account that can be tried.
type probing struct {
	*fakeMail
	probes int
}

func (p *probing) Probe(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probes++
	if p.fail == nil {
		return nil
	}
	return p.fail(notify.Message{})
}

// Mail that does not go out cannot be told by mail; its end can, and nothing
// needs to be due for that.
func TestMailThatDoesNotGoOutIsToldWhenItDoesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		shops := newFakeShops(t)
		box := &probing{fakeMail: &fakeMail{}}
		b := newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), shops, box.fakeMail)
		b.sender = watched{box, notify.AlertEmail, b.alarms}
		defer b.Close()
		refuse := func(refused bool) func(notify.Message) error {
			return func(notify.Message) error {
				return &notify.SendError{Kind: notify.Temporary, Account: true, Refused: refused, Err: errors.New("535 no")}
			}
		}
		set := func(fail func(notify.Message) error) {
			box.mu.Lock()
			defer box.mu.Unlock()
			box.fail = fail
		}
		err := b.serveFor(20*time.Hour, func() {
			time.Sleep(time.Hour)
			set(refuse(true))
			b.sender.(watched).judge(context.Background(), refuse(true)(notify.Message{}))
			time.Sleep(5 * time.Hour)
			box.mu.Lock()
			if box.probes < 4 || box.probes > 6 {
				t.Errorf("an account that refuses was tried %d times in five hours", box.probes)
			}
			box.mu.Unlock()
			set(nil)
			time.Sleep(2 * time.Hour)
			b.wantTold("nudged: mail goes out again")
			// A moment without a connection is no news.
			b.sender.(watched).judge(context.Background(), refuse(false)(notify.Message{}))
			time.Sleep(time.Hour)
		})
		if err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: mail goes out again")
		if text := box.sent[0].Text; !strings.Contains(text, "535 no") || !strings.Contains(text, "It lasted from") {
			t.Errorf("the mail:\n%s", text)
		}
	})
}

func TestTroubleOfOneMessageOrAnOwnLimitIsNoAlert(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		for _, err := range []error{
			&notify.SendError{Kind: notify.Permanent, Err: errors.New("550 no such user")},
			&notify.SendError{Kind: notify.Temporary, Account: true, Until: time.Now().Add(time.Hour), Err: errors.New("the limit is reached")},
			errors.New("something else"),
		} {
			for range 5 {
				watched{b.mail, notify.AlertSMS, b.alarms}.judge(t.Context(), err)
			}
		}
		if all, err := b.db.Alerts(); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		broke := &notify.SendError{Kind: notify.Temporary, Account: true, Refused: true, Advice: "top up the balance", Err: errors.New("out of money")}
		watched{b.mail, notify.AlertSMS, b.alarms}.judge(t.Context(), broke)
		if err := b.tellAlerts(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.wantTold("nudged: text messages do not go out")
		if text := b.mail.sent[0].Text; !strings.Contains(text, "top up the balance") {
			t.Errorf("the mail:\n%s", text)
		}
	})
}
