package main

import (
	"fmt"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// A campaign is told in people: who has it, who of them has done what since.
func TestFactsOfACampaign(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		var all []order.Order
		for _, id := range []string{"1", "2", "3", "4", "5", "6"} {
			all = append(all, as(l.open(id, "2026-05-02 10:00"), order.ClosedUnpaid))
		}
		all[0].Buyer.Phone = "+8613800138000"
		l.reads("2026-05-03 12:00", all...)
		began := l.at("2026-05-08 09:00")
		l.must(l.db.PutCampaign(t.Context(), order.Campaign{Name: "again", State: order.CampaignRunning, People: 6, Created: began, Changed: began}))
		l.must(l.db.PutCampaign(t.Context(), order.Campaign{Name: "older", State: order.CampaignOver, Created: began.Add(-60 * aDay), Changed: began.Add(-30 * aDay)}))
		step := order.CampaignStep("again")
		sms := l.step("1", step)
		sms.Channel = order.BySMS
		l.sends(l.step("1", step), "2026-05-08 10:00", order.Sent, "")
		l.sends(sms, "2026-05-10 11:00", order.Held, order.CauseQuiet)
		l.sends(l.step("2", step), "2026-05-10 10:00", order.Sent, "")
		l.sends(l.step("3", step), "2026-05-10 10:01", order.Skipped, order.CauseConsent)
		l.must(l.db.Plan(t.Context(), []order.Reminder{{Key: l.step("4", step), State: order.Planned, Planned: l.at("2026-05-12 10:00")}}))
		for i, state := range []order.State{order.Replied, order.Bounced} {
			id := fmt.Sprint(5 + i)
			l.sends(l.step(id, step), "2026-05-09 10:00", order.Sent, "")
			back := order.Back{At: l.at("2026-05-10 12:00"), Channel: order.ByEmail, State: state, Ref: "back " + id, Email: order.Email("buyer" + id + "@example.test"), Words: "hm"}
			_, err := l.db.Back(t.Context(), back)
			l.must(err)
		}
		fresh := l.open("10", "2026-05-10 15:00") // by the one who got it two days before
		fresh.Buyer.Email = "buyer1@example.test"
		before := l.open("11", "2026-05-10 09:00") // by somebody who got it an hour later
		before.Buyer.Email = "buyer2@example.test"
		l.reads("2026-05-10 16:00", fresh, before)

		f := l.tells("2026-05-09 21:00", "2026-05-10 21:00")
		want := notify.CampaignDay{
			Name: "again", State: order.CampaignRunning, People: 6, Sent: 4, Today: 1, Waiting: 1, Skipped: 1, Bounced: 1, Replied: 1, Ordered: 1, Sum: euros(1200),
		}
		if len(f.Campaigns) != 1 || fmt.Sprintf("%+v", f.Campaigns[0]) != fmt.Sprintf("%+v", want) {
			t.Errorf("campaigns\n%+v, want\n%+v", f.Campaigns, want)
		}
		if len(f.Holds) != 0 {
			t.Errorf("holds %+v: who waits is told with the campaign", f.Holds)
		}
		now, err := l.facts(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 3, false) // answers count when they are read
		if err != nil || len(now.Replies) != 1 || now.Replies[0].Order.Number != "#5" || now.Replies[0].Words != "hm" {
			t.Errorf("replies %+v, %v", now.Replies, err)
		}
	})
}
