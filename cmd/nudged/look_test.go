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
	"nudged/store/order"
)

// pageOf is a shop whose order pages a test spoils.
type pageOf struct {
	*fakeShops
	spoil func(*order.Order)
}

func (p pageOf) Look(ctx context.Context, shop crawler.Shop, id string, session []byte) (order.Order, []byte, error) {
	o, session, err := p.fakeShops.Look(ctx, shop, id, session)
	p.spoil(&o)
	return o, session, err
}

// due visits the shop, waits until the first step of order 1 is due, and visits
// it again without telling anybody.
func (b *bench) due(t *testing.T) {
	t.Helper()
	shop, _ := b.cfg.Shop("a")
	if _, err := b.flow(t.Context(), shop, false); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	b.shops.add("a", "1", time.Now())
	b.shops.change("a", "1", func(o *order.Order) { o.Number = "N-100" })
	for range 2 {
		result, err := b.spider.Visit(t.Context(), targetOf(shop), crawler.Known{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.record(t.Context(), shop, result, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Minute)
	}
}

// The clock was set back after the last visit: the look is the newest reading all
// the same, and what was read before it does not win.
func TestALookCountsAlthoughTheClockWasSetBack(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.due(t)
		back := func() time.Time { return time.Now().Add(-62 * time.Minute) }
		b.now, b.shops.now = back, back
		b.shops.pay("a", "1")
		tally, err := b.tell(t.Context(), "a")
		if err != nil || tally.Looks != 1 || len(b.mail.sent) != 0 {
			t.Errorf("tally %+v, %v; the buyer who has paid got %q", tally, err, b.mail.to("buyer1@example.test"))
		}
		if o, _, _ := b.db.Order(order.Key{Shop: "a", ID: "1"}); o.Status != order.Paid {
			t.Errorf("it is on record as %s", o.Status)
		}
	})
}

// A page that does not say whether the order is paid is no look.
func TestAPageWithoutAStatusIsNoLook(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.due(t)
		b.spider = pageOf{b.shops, func(o *order.Order) { o.Status, o.StatusText = "", "" }}
		if _, err := b.tell(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if r := b.state("a", "1", "first"); r.State != order.Held || r.Cause != order.CauseLook || len(b.mail.sent) != 0 {
			t.Errorf("it is %s, %s (%s)", r.State, r.Cause, r.Reason)
		}
	})
}

// brokenPage is a shop that cannot show the page of one order.
type brokenPage struct {
	*fakeShops
	id string
}

func (p brokenPage) Look(ctx context.Context, shop crawler.Shop, id string, session []byte) (order.Order, []byte, error) {
	if id == p.id {
		return order.Order{}, session, &crawler.FailedPageError{Shop: shop.Name, Page: "page of order " + id, Status: 500}
	}
	return p.fakeShops.Look(ctx, shop, id, session)
}

// An order whose page the shop cannot show waits alone; the others go out.
func TestABrokenPageHoldsItsOwnOrderOnly(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.due(t)
		b.spider = brokenPage{b.shops, "1"}
		b.shops.add("a", "3", time.Now())
		if err := b.serveFor(2*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if r := b.state("a", "1", "first"); r.State != order.Held || r.Cause != order.CauseLook || !strings.Contains(r.Reason, "its server failed at the page of order 1") {
			t.Errorf("it is %s, %s (%s)", r.State, r.Cause, r.Reason)
		}
		if r := b.state("a", "3", "first"); r.State != order.Sent {
			t.Errorf("the other is %s, %s (%s)", r.State, r.Cause, r.Reason)
		}
	})
}

// An order is asked for by its id, and not every page shows its number: it keeps
// the one that the list gave.
func TestALookKeepsTheNumber(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.due(t)
		b.spider = pageOf{b.shops, func(o *order.Order) { o.Number = o.ID }}
		if _, err := b.tell(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) != 1 || !strings.Contains(got[0], "N-100") {
			t.Errorf("the buyer got %q", got)
		}
	})
}

// A command that sends settles first what an earlier one, that was killed, had
// under way: without a daemon nobody else would.
func TestACommandSettlesWhatAKilledOneBegan(t *testing.T) {
	dir, made := t.TempDir(), time.Now().Add(-2*time.Hour)
	b := newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), newFakeShops(t), &fakeMail{})
	key := order.ReminderKey{Order: order.Key{Shop: "a", ID: "1"}, Step: "first", Channel: order.ByEmail}
	err := b.db.Plan(t.Context(), []order.Reminder{{Key: key, Planned: made}})
	if err == nil {
		err = b.db.Begin(t.Context(), key, "", time.Now(), order.Limit{})
	}
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	text := "data: data\nkey_file: keys/key\nshops: [{name: a, recipe: ./shop.yaml, url: 'http://127.0.0.1:9/', user: u, password: {env: P}, zone: UTC, visit: 10m}]\n" + tail
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	code := run(t.Context(), []string{"--config", filepath.Join(dir, "config.yaml"), "remind"}, world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &out, now: time.Now,
		lookupEnv: func(name string) (string, bool) { return "pw", name == "P" },
	})
	b = newBench(t, dir, testConfig(t, dir, "pw", tail, "a"), newFakeShops(t), &fakeMail{})
	defer b.Close()
	if r := b.state("a", "1", "first"); r.State != order.Lost || code != 0 {
		t.Errorf("exit %d, it is %s (%s):\n%s", code, r.State, r.Reason, &out)
	}
}
