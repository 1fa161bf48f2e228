package main

import (
	"context"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// afterwards is how long a campaign that does not run any more stays in the digest:
// answers and orders come days after its last message.
const afterwards = 7 * aDay

// campaigns tells of those that run, and for a week of those that have ended.
func (g *gatherer) campaigns() error {
	all, err := g.a.db.Campaigns()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.State != order.CampaignRunning && g.to.Sub(c.Changed) >= afterwards || c.Created.After(g.to) {
			continue
		}
		day, err := g.a.campaignDay(g.ctx, c, g.from, g.to)
		if err != nil {
			return err
		}
		g.f.Campaigns = append(g.f.Campaigns, day)
	}
	return nil
}

// campaignDay is how a campaign stands: whom it has reached, of them from..to, who
// waits, and what they have done since. It counts people; somebody who got it by
// mail and by text message is one.
func (a *app) campaignDay(ctx context.Context, c order.Campaign, from, to time.Time) (notify.CampaignDay, error) {
	rs, err := a.db.CampaignReminders(ctx, c.Name)
	if err != nil {
		return notify.CampaignDay{}, err
	}
	return a.campaignDayOf(c, rs, from, to)
}

// campaignDayOf is campaignDay of messages that were read already.
func (a *app) campaignDayOf(c order.Campaign, rs []order.Reminder, from, to time.Time) (notify.CampaignDay, error) {
	day := notify.CampaignDay{Name: c.Name, State: c.State, People: c.People}
	var spent sums
	seen := map[uint64]bool{}
	for key, f := range fatesOf(rs) {
		f.count(&day, from, to)
		if f.out.IsZero() {
			continue
		}
		b, ok, err := a.db.BuyerOf(key)
		if err != nil {
			return day, err
		}
		if ok && !seen[b.ID] && orderedSince(b.Orders, f.out, &spent) {
			seen[b.ID] = true
			day.Ordered++
		}
	}
	day.Sum = spent.money()
	return day, nil
}

// fate is what became of one person's messages of a campaign.
type fate struct {
	out                        time.Time // when the first of them went out
	waits                      bool
	bounced, replied, optedOut bool
}

// fatesOf are those of all whom the messages of a campaign are for.
func fatesOf(rs []order.Reminder) map[order.Key]fate {
	out := map[order.Key]fate{}
	for _, r := range rs {
		out[r.Key.Order] = out[r.Key.Order].with(r)
	}
	return out
}

func (f fate) with(r order.Reminder) fate {
	switch {
	case r.State.Out():
		at := r.Out
		if at.IsZero() {
			at = r.Changed
		}
		if f.out.IsZero() || at.Before(f.out) {
			f.out = at
		}
		f.bounced = f.bounced || r.State == order.Bounced
		f.replied = f.replied || r.State == order.Replied
		f.optedOut = f.optedOut || r.State == order.OptedOut
	case !r.State.Final():
		f.waits = true
	}
	return f
}

func (f fate) count(day *notify.CampaignDay, from, to time.Time) {
	switch {
	case !f.out.IsZero():
		day.Sent++
		if !f.out.Before(from) && f.out.Before(to) {
			day.Today++
		}
	case f.waits:
		day.Waiting++
	default:
		day.Skipped++
	}
	if f.bounced {
		day.Bounced++
	}
	if f.replied {
		day.Replied++
	}
	if f.optedOut {
		day.OptedOut++
	}
}

// orderedSince reports whether any of somebody's orders, the newest first, was
// placed after a moment, and adds up those that were.
func orderedSince(orders []order.Order, at time.Time, sum *sums) bool {
	found := false
	for _, o := range orders {
		if !o.Began().After(at) {
			continue
		}
		found = true
		sum.add(o.Total)
	}
	return found
}
