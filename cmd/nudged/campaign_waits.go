package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// maxForeseen is how many messages of a campaign that are due a status looks at
// one by one; there are many only after nudged was away.
const maxForeseen = 500

// standstill is why no message goes out by way of a shop, whatever the person; an
// empty reason if they do.
func (a *app) standstill(ctx context.Context, name string) (cause order.Cause, why string, err error) {
	if !a.settings.Live() {
		return order.CauseConfig, "the mode is preview, and campaigns go out in live mode only: write mode: live into the config", nil
	}
	shop, ok := a.cfg.Shop(name)
	if !ok {
		return order.CauseConfig, fmt.Sprintf("shop %s is no longer in the config", name), nil
	}
	if _, read, err := a.db.Enabled(name); err != nil || read {
		return "", "", err
	}
	last, _, err := a.db.LastVisit(name)
	if err != nil {
		return "", "", err
	}
	need, _, err := a.wants(ctx, shop, last)
	if err != nil {
		return "", "", err
	}
	first := ""
	if need.Do != "" {
		first = "; before that: " + need.Do
	}
	return order.CauseShop, fmt.Sprintf("%s has never been read: nothing goes out until nudged crawl %s succeeds%s", name, name, first), nil
}

// stills are the standstills of the shops by which a plan goes.
func (a *app) stills(ctx context.Context, plan []order.Reminder) ([]string, error) {
	asked := map[string]bool{}
	var out []string
	for _, r := range plan {
		if asked[r.Key.Order.Shop] {
			continue
		}
		asked[r.Key.Order.Shop] = true
		_, why, err := a.standstill(ctx, r.Key.Order.Shop)
		if err != nil {
			return nil, err
		}
		if why != "" && !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	return out, nil
}

// waits is what the messages of a running campaign wait for.
type waits struct {
	a      *app
	ctx    context.Context
	c      order.Campaign
	now    time.Time
	still  map[string]campaignNote // by shop
	looked int
	full   bool // the campaign's rate is used up now
}

func (a *app) waits(ctx context.Context, c order.Campaign) (*waits, error) {
	w := &waits{a: a, ctx: ctx, c: c, now: a.now(), still: map[string]campaignNote{}}
	if c.Rate.Count <= 0 {
		return w, nil
	}
	n, _, err := a.db.CampaignOut(c.Name, w.now.Add(-c.Rate.Per))
	w.full = n >= c.Rate.Count
	return w, err
}

// of tells why a message waits, and when it goes out, zero if that cannot be told.
// A final state of the note says that it will not.
func (w *waits) of(r order.Reminder) (campaignNote, time.Time, error) {
	note := campaignNote{State: r.State, Cause: r.Cause, Reason: r.Reason}
	shop := r.Key.Order.Shop
	still, asked := w.still[shop]
	if !asked {
		cause, why, err := w.a.standstill(w.ctx, shop)
		if err != nil {
			return note, time.Time{}, err
		}
		still = campaignNote{Cause: cause, Reason: why}
		w.still[shop] = still
	}
	switch {
	case still.Reason != "":
		still.State = r.State
		return still, time.Time{}, nil
	case !r.Due.After(w.now):
		return w.due(r, w.now)
	case note.Cause == order.CauseCampaign: // it may have been stopped once, and waits in line again
		return w.due(r, r.Due)
	case note.Reason == "":
		note.Reason = w.inLine()
	}
	return note, r.Due, nil
}

// inLine is what everybody waits for.
func (w *waits) inLine() string {
	if w.c.Rate.Count <= 0 {
		return "their turn, outside quiet hours"
	}
	return fmt.Sprintf("their turn, at %d per %s outside quiet hours", w.c.Rate.Count, spell(w.c.Rate.Per))
}

// due tells of a message whose time has come, or will have.
func (w *waits) due(r order.Reminder, at time.Time) (campaignNote, time.Time, error) {
	note := campaignNote{State: r.State, Reason: "due now, and handled at the shop's next turn"}
	if at.After(w.now) {
		note.Reason = w.inLine()
	}
	if w.looked++; w.looked > maxForeseen {
		return note, at, nil
	}
	f, err := w.a.dispatcher.Foresee(r, at)
	if f.Due.After(at) {
		at = f.Due
	}
	switch {
	case err != nil:
		return note, at, err
	case f.Reason != "":
		note = campaignNote{State: f.State, Cause: f.Cause, Reason: f.Reason}
	case f.State == order.Planned && w.full:
		note = campaignNote{State: f.State, Reason: fmt.Sprintf("the rate of %d per %s is used up for now", w.c.Rate.Count, spell(w.c.Rate.Per))}
	case f.State == order.Planned:
		note = campaignNote{State: f.State, Cause: order.CauseQuiet, Reason: "quiet hours where the person lives"}
	}
	return note, at, nil
}
