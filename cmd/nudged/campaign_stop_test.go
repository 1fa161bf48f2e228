package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"nudged/store/order"
)

// A large file takes its time to be gone through. Who stops the campaign meanwhile
// has stopped it.
func TestAStopDuringASendStands(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		err := b.serveFor(20*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
			time.Sleep(90 * time.Minute)
			before := b.offers()
			c, again, _, err := b.campaignOf("back")
			if err != nil || !again {
				t.Fatal(again, err)
			}
			found, err := b.survey(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.pauseCampaign(t.Context(), "back"); err != nil {
				t.Fatal(err)
			}
			if err := b.planCampaign(t.Context(), c, &begunCampaign{survey: found, again: true}); err == nil {
				t.Error("a send that began before the stop has undone it")
			}
			if c, _, err := b.db.Campaign("back"); err != nil || c.State != order.CampaignStopped {
				t.Error(c.State, err)
			}
			time.Sleep(8 * time.Hour)
			if got := b.offers(); got != before || before == 0 {
				t.Errorf("%d had it before the stop, %d later", before, got)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Who stops a campaign to mend its words must not send the old ones on.
func TestAChangedFileDoesNotGoOnUnseen(t *testing.T) {
	onCampaign(t, "to: last.status == \"closed_unpaid\"\ntext: again\nrate: 1 per 1h\n", func(t *testing.T, b *bench) {
		err := b.serveFor(4*time.Hour, func() {
			time.Sleep(30 * time.Minute)
			if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
			path := b.cfg.CampaignFile("back")
			for _, text := range []string{"to: last.status == \"closed_unpaid\"\ntext: again\noffer: Now with free shipping.\nrate: 1 per 1h\n", "to: buyer.\n"} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := b.beginCampaign(t.Context(), "back"); err == nil {
					t.Errorf("it went on although the file says %q", text)
				} else if strings.Contains(text, "offer") && (!errors.As(err, new(*usageError)) || !strings.Contains(err.Error(), "(offer:)")) {
					t.Error(err)
				}
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err := b.beginCampaign(t.Context(), "back"); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
