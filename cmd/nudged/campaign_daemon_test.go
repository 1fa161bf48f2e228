package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nudged/store/order"
)

// onCampaign is onBench with a shop that may send offers and six buyers who left
// an order unpaid ten days ago.
func onCampaign(t *testing.T, file string, do func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		cfg := testConfig(t, dir, "pw", tail, "a")
		cfg.Shops[0].SoftOptIn, cfg.Shops[0].Address = true, "1 Test Road"
		shops := newFakeShops(t)
		for i := range 6 {
			shops.add("a", fmt.Sprint(i), time.Now().Add(-10*24*time.Hour))
			shops.change("a", fmt.Sprint(i), func(o *order.Order) { o.Status, o.StatusText = order.ClosedUnpaid, "closed" })
		}
		b := newBench(t, dir, cfg, shops, &fakeMail{})
		defer func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := writeFile(filepath.Join(dir, "campaigns", "back.yaml"), []byte(file)); err != nil {
			t.Fatal(err)
		}
		do(t, b)
	})
}

func (b *bench) offers() int {
	n := 0
	for i := range 6 {
		got := b.mail.to(fmt.Sprintf("buyer%d@example.test", i))
		if len(got) > 1 {
			b.t.Errorf("buyer %d got %q", i, got)
		}
		n += len(got)
	}
	return n
}

func TestACampaignKeepsItsRateAndEnds(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nuntil: 2000-01-02\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		err := b.serveFor(50*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			if begun, err := b.beginCampaign(t.Context(), "back"); err != nil || begun.planned != 6 {
				t.Errorf("begun: %+v, %v", begun, err)
			}
			time.Sleep(2*time.Hour + 2*time.Minute)
			if got := b.offers(); got != 3 {
				t.Errorf("%d have it after two hours, want 3", got)
			}
			b.shops.pay("a", "5") // the last in line: who pays gets no offer, wherever that is seen first
			time.Sleep(8 * time.Hour)
			if got := b.offers(); got != 5 {
				t.Errorf("%d have it after ten hours, want all but the one who paid", got)
			}
			if c, _, err := b.db.Campaign("back"); err != nil || c.State != order.CampaignRunning || c.People != 6 {
				t.Errorf("before its end: %+v, %v", c, err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := b.db.Campaign("back")
		if err != nil || c.State != order.CampaignOver {
			t.Errorf("after its end: %+v, %v", c, err)
		}
		if _, err := b.beginCampaign(t.Context(), "back"); code(err) != exitUsage {
			t.Errorf("sent after its end: %v", err)
		}
		day, err := b.campaignDay(t.Context(), c, c.Created, time.Now())
		if err != nil || day.Sent != 5 || day.Skipped != 1 || day.Waiting != 0 {
			t.Errorf("%+v, %v", day, err)
		}
	})
}

func TestAStoppedCampaignEndsToo(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nuntil: 2000-01-02\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		err := b.serveFor(50*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
			time.Sleep(90 * time.Minute)
			if err := b.db.PauseCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := b.db.Campaign("back")
		if err != nil || c.State != order.CampaignOver {
			t.Errorf("%+v, %v", c, err)
		}
		day, err := b.campaignDay(t.Context(), c, c.Created, time.Now())
		if err != nil || day.Sent != 2 || day.Skipped != 4 || day.Waiting != 0 {
			t.Errorf("%+v, %v", day, err)
		}
	})
}

func TestAStoppedCampaignWaits(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		err := b.serveFor(30*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
			time.Sleep(90 * time.Minute)
			if err := b.db.PauseCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Hour)
			if got := b.offers(); got != 2 {
				t.Errorf("%d have it, want the two of before it was stopped", got)
			}
			if begun, err := b.beginCampaign(t.Context(), "back"); err != nil || !begun.again || begun.planned != 4 {
				t.Errorf("sent again: %+v, %v", begun, err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.offers(); got != 6 {
			t.Errorf("%d have it in the end", got)
		}
	})
}
