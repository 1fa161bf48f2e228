package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/store"
	"nudged/store/order"
)

// tellsOf is what the status of a campaign prints.
func (b *bench) tellsOf(name string) (campaignJSON, string) {
	b.t.Helper()
	c, ok, err := b.db.Campaign(name)
	if err != nil || !ok {
		b.t.Fatalf("campaign %s: %t, %v", name, ok, err)
	}
	var out bytes.Buffer
	s := &session{ctx: b.t.Context(), world: world{stdout: &out, stderr: &out}}
	j, err := b.standing(s, c)
	if err != nil {
		b.t.Fatal(err)
	}
	j.tell(s, b.app)
	return j, out.String()
}

func (b *bench) read(t *testing.T) {
	t.Helper()
	if _, err := b.flow(t.Context(), b.cfg.Shops[0], true); err != nil {
		t.Fatal(err)
	}
}

// A campaign goes to paid orders by design: why tells what will really become of
// its message.
func TestWhyOfACampaign(t *testing.T) {
	onCampaign(t, "to: buyer.customer\ntext: news\noffer: Belts.\n", func(t *testing.T, b *bench) {
		for i := range 6 {
			b.shops.pay("a", string(rune('0'+i)))
		}
		b.read(t)
		key := order.Key{Shop: "a", ID: "1"}
		next := func() string {
			t.Helper()
			told, err := b.tale(key, false)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(told.next, "\n")
		}
		if begun, err := b.beginCampaign(t.Context(), "back"); err != nil || begun.planned != 6 {
			t.Fatalf("%+v, %v", begun, err)
		}
		if got := next(); !strings.HasPrefix(got, `campaign "back" by email at `) || strings.Contains(got, "skipped") {
			t.Errorf("before it goes out: %s", got)
		}
		if err := b.db.PauseCampaign(t.Context(), "back"); err != nil {
			t.Fatal(err)
		}
		if got := next(); !strings.HasPrefix(got, `campaign "back" by email waits: the campaign is stopped`) {
			t.Errorf("stopped: %s", got)
		}
		if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
			t.Fatal(err)
		}
		o, _, err := b.db.Order(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.db.Suppress(t.Context(), o.Buyer.Email.Reveal(), "asked for it", time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := next(); !strings.Contains(got, `campaign "back" by email will be skipped: `) || strings.Contains(got, "order is paid") {
			t.Errorf("suppressed: %s", got)
		}
		time.Sleep(24 * time.Hour)
		b.read(t)
		told, err := b.tale(order.Key{Shop: "a", ID: "2"}, false)
		if err != nil {
			t.Fatal(err)
		}
		sent := slices.ContainsFunc(told.lines, func(l line) bool { return strings.HasPrefix(l.text, `campaign "back" by email sent`) })
		for _, l := range told.lines {
			if strings.Contains(l.text, "reminder") || strings.Contains(l.text, "after a look at the order") {
				t.Errorf("no page was read for it: %s", l.text)
			}
		}
		if !sent {
			t.Errorf("not told: %+v", told.lines)
		}
	})
}

// Nothing goes out by a shop that was never read; that is said before anything is
// sent, and for as long as it lasts.
func TestACampaignOfAShopNeverRead(t *testing.T) {
	onCampaign(t, "to: \"true\"\ntext: news\noffer: Belts.\n", func(t *testing.T, b *bench) {
		if _, err := b.db.ImportBuyers(t.Context(), []store.ListRow{{
			Shop: "a", Buyer: order.Buyer{Name: "Bob", Email: "bob@list.example"}, Past: order.Past{Orders: 4}, Source: "list",
		}}); err != nil {
			t.Fatal(err)
		}
		begun, err := b.beginCampaign(t.Context(), "back")
		if err != nil {
			t.Fatal(err)
		}
		const want = "a has never been read: nothing goes out until nudged crawl a succeeds"
		if !slices.Equal(begun.still, []string{want}) {
			t.Errorf("before the question: %q", begun.still)
		}
		if rows := begun.rows(b.app, 1); len(rows) != 1 || rows[0].Orders != 4 || rows[0].Paid != 4 {
			t.Errorf("the orders of a list: %+v", rows)
		}
		time.Sleep(30 * time.Hour)
		j, said := b.tellsOf("back")
		if j.Next != nil || j.Waiting != 1 || len(j.Why) != 1 || j.Why[0].Reason != want || !strings.Contains(said, want) || strings.Contains(said, "goes out on") {
			t.Errorf("while it is not read: %+v\n%s", j, said)
		}
		b.read(t)
		if j, said := b.tellsOf("back"); j.Sent != 1 || len(j.Why) != 0 {
			t.Errorf("once it is read: %+v\n%s", j, said)
		}
	})
}

// Whoever opted out between stop and send again does not wait any more, and is not
// counted as if.
func TestACampaignSentAgainCountsWhoWaits(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		b.read(t)
		if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
			t.Fatal(err)
		}
		if err := b.db.PauseCampaign(t.Context(), "back"); err != nil {
			t.Fatal(err)
		}
		if err := b.db.Suppress(t.Context(), "buyer3@example.test", "asked for it", time.Now()); err != nil {
			t.Fatal(err)
		}
		begun, err := b.beginCampaign(t.Context(), "back")
		if err != nil || begun.waiting != 5 || begun.planned != 5 || len(begun.gone) != 1 {
			t.Fatalf("%+v, %v", begun, err)
		}
		var out bytes.Buffer
		begun.tell(&session{ctx: t.Context(), world: world{stdout: &out, stderr: &out}}, b.app)
		if got := out.String(); !strings.HasPrefix(got, "It goes on: 5 messages wait. Nobody gets it twice.\n1 person that waited does not fit any more") {
			t.Error(got)
		}
		j, said := b.tellsOf("back")
		if j.Waiting != 5 || j.Skipped != 1 || j.Next == nil || j.Next.Before(begun.now) {
			t.Errorf("%+v\n%s", j, said)
		}
		if !strings.Contains(said, "their turn, at 1 per 1h outside quiet hours") || !strings.Contains(said, "1  skipped: ") {
			t.Error(said)
		}
		b.read(t)
		time.Sleep(40 * time.Minute) // away: one of them is due, and the rate is not free
		if j, said = b.tellsOf("back"); j.Sent != 1 || j.Waiting != 4 || j.Next == nil || j.Next.Before(time.Now()) {
			t.Errorf("after the first: %+v\n%s", j, said)
		}
		time.Sleep(4 * time.Hour) // all are due
		if j, said = b.tellsOf("back"); j.Waiting != 4 || j.Next == nil || j.Next.Before(time.Now()) || !strings.Contains(said, "as soon as nudged runs") {
			t.Errorf("after hours away: %+v\n%s", j, said)
		}
	})
}

// The list and check tell a file that waits for words from one with mistakes.
func TestUnreadyCampaigns(t *testing.T) {
	over := config.Problems{{Over: true, Message: "past"}}
	for want, got := range map[string]string{
		"not filled in yet":                        inShort("x", &config.Campaign{Unfilled: true}, config.Problems{{Blank: true}, {}}),
		"over, by its until":                       inShort("x", &config.Campaign{}, over),
		"has mistakes: nudged campaign preview x":  inShort("x", &config.Campaign{}, append(over, config.Problem{})),
		"has mistakes: nudged campaign preview xy": inShort("xy", nil, order.ErrNotDue),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
