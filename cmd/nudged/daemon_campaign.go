package main

import (
	"context"
	"errors"
	"time"

	"nudged/store/order"
)

// campaignsEvery is how often the daemon looks whether a campaign is over.
const campaignsEvery = 10 * time.Minute

// campaigns ends those whose time is over.
func (d *daemon) campaigns(ctx context.Context) {
	if err := d.a.endCampaigns(ctx); err != nil && ctx.Err() == nil {
		d.a.log.Error("a campaign could not be ended; it is tried again", "err", err)
	}
}

// isOver reports whether the time of a campaign is over, noted or not.
func isOver(c order.Campaign, now time.Time) bool {
	return c.State == order.CampaignOver || !c.To.IsZero() && !now.Before(c.To)
}

// endCampaigns notes which campaigns are over, and skips what still waits of them:
// nobody else would, once a shop is gone from the config. One that has reached everybody runs
// on until its end: somebody may be added to it.
func (a *app) endCampaigns(ctx context.Context) error {
	a.campaigns.Lock()
	defer a.campaigns.Unlock()
	all, err := a.db.Campaigns()
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range all {
		if c.State == order.CampaignOver || !isOver(c, a.now()) {
			continue
		}
		errs = append(errs, a.db.EndCampaign(ctx, c.Name, a.now()))
	}
	return errors.Join(errs...)
}
