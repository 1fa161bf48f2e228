package main

import (
	"context"
	"errors"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/extract"
	"nudged/notify"
	"nudged/store/order"
)

// Bounds of what one flow looks up besides the visit: the rest has its turn in
// the next one.
const (
	maxUnlisted = 50
	maxClosing  = 20
)

// flowed is what came of one flow.
type flowed struct {
	Visit order.Visit // as read
	Done  bool        // a full scan came to its end, in this visit or with it
	News  []order.News
	Tally notify.Tally
}

// flow is the main job for one shop: visit, record, tell. The error is that of
// the visit; what was read before it is recorded, and what is due is handled
// all the same: whatever cannot be looked at is held.
func (a *app) flow(ctx context.Context, shop config.Shop, full bool) (flowed, error) {
	var out flowed
	leave, err := a.enter(ctx, shop.Name)
	if err != nil {
		return out, err
	}
	defer leave()
	defer a.spider.Idle(shop.Name)

	known, err := a.known(ctx, shop, full)
	if err != nil {
		a.visited(ctx, shop, err)
		return out, err
	}
	known.Part = func(ctx context.Context, part crawler.Result) error { return a.recordPart(ctx, shop, part, &out) }
	result, visitErr := a.spider.Visit(ctx, targetOf(shop), known) // sign in, scan, extract; nothing stored
	if outOfHours(visitErr, result) {
		return out, visitErr // it was not asked: no visit, and nothing to tell
	}
	visitErr = a.explain(shop, &result.Visit, visitErr)
	out.Visit, out.Done = result.Visit, result.Done
	a.visited(ctx, shop, visitErr)
	recorded, err := a.record(ctx, shop, result, visitErr) // keep, and decide what is news
	if err != nil {
		return out, errors.Join(visitErr, err)
	}
	out.News = append(out.News, recorded.News...)
	if visitErr == nil {
		a.lookUp(ctx, shop, recorded.Unlisted)
	}
	out.Tally, err = a.tell(ctx, shop.Name) // re-check, hold or send, write the ledger
	return out, errors.Join(visitErr, err)
}

// outOfHours reports whether a shop was not asked at all, since its recipe lets it
// be asked at other times of the day.
func outOfHours(err error, result crawler.Result) bool {
	var spent *crawler.BudgetError
	return errors.As(err, &spent) && spent.Hours != "" && result.Pages == 0
}

// known is what a visit starts from. A shop that refused this very user and
// password is not asked again, since some lock the account after three tries;
// nor is one that waits for a person.
func (a *app) known(ctx context.Context, shop config.Shop, full bool) (crawler.Known, error) {
	if err := a.barred(ctx, shop); err != nil {
		return crawler.Known{}, err
	}
	session, err := a.db.Session(shop.Name)
	if err != nil {
		return crawler.Known{}, err
	}
	seen := a.db.Seen(shop.Name)
	return crawler.Known{Full: full, Session: session, Seen: func(id string) (crawler.Seen, bool) {
		s, ok := seen(id)
		return crawler.Seen(s), ok
	}}, nil
}

// record keeps what was read, also of a visit that failed or was stopped: from
// here on the context may be over, but nothing read is lost.
func (a *app) record(ctx context.Context, shop config.Shop, result crawler.Result, visitErr error) (order.Recorded, error) {
	ctx = context.WithoutCancel(ctx)
	recorded, err := a.db.Record(ctx, result.Visit)
	if err != nil {
		return recorded, err
	}
	if err := a.keepSession(ctx, shop, result.Session, visitErr); err != nil {
		return recorded, err
	}
	if result.Outcome == order.OK {
		if _, err := a.db.Enable(ctx, shop.Name, result.At); err != nil {
			return recorded, err
		}
		if err := a.fine(ctx, shop, result.Visit, visitErr); err != nil {
			return recorded, err
		}
	}
	return recorded, a.plan(ctx, shop.Name)
}

// recordPart keeps what a long visit has read so far, with the place where it
// would go on: a kill does not lose it. It is no visit of its own.
func (a *app) recordPart(ctx context.Context, shop config.Shop, part crawler.Result, out *flowed) error {
	ctx = context.WithoutCancel(ctx)
	part.Kind, part.Complete = order.Part, false
	recorded, err := a.db.Record(ctx, part.Visit)
	if err != nil {
		return err
	}
	out.News = append(out.News, recorded.News...)
	if part.Session == nil {
		return nil
	}
	return a.db.SetSession(ctx, shop.Name, part.Session)
}

// fine notes, after a visit that went well, what the pages held, and that the
// shop no longer waits.
func (a *app) fine(ctx context.Context, shop config.Shop, v order.Visit, visitErr error) error {
	if visitErr == nil && v.Pages > 0 {
		if err := a.met(ctx, shop.Name); err != nil {
			return err
		}
	}
	return a.db.KeepSamples(ctx, shop.Name, samplesOf(v))
}

// plan gives every open order of a shop its reminders. It goes over all of them
// each time: an order whose planning was cut off by a crash, and a step that is
// new in the config, are planned by the next visit.
func (a *app) plan(ctx context.Context, shop string) error {
	reminders, err := a.planned(ctx, shop)
	if err != nil {
		return err
	}
	return a.db.Plan(ctx, reminders)
}

func (a *app) planned(ctx context.Context, shop string) ([]order.Reminder, error) {
	enabled, ok, err := a.db.Enabled(shop)
	if err != nil || !ok {
		return nil, err
	}
	open, err := a.db.Unpaid(ctx, shop)
	if err != nil {
		return nil, err
	}
	var reminders []order.Reminder
	for _, o := range open {
		who, err := a.personOf(o.Key())
		if err != nil {
			return nil, err
		}
		reminders = append(reminders, notify.Plan(a.settings, o, who, enabled, a.now())...)
	}
	return reminders, nil
}

// tell handles what is due in a shop, one by one.
func (a *app) tell(ctx context.Context, shop string) (notify.Tally, error) {
	if ctx.Err() != nil {
		return notify.Tally{Stopped: order.CauseStopping}, nil
	}
	a.heed(ctx) // also by a command that a daemon answers which has just started
	return a.dispatcher.Flush(ctx, shop, a.now)
}

// lookUp reads the own pages of orders that a complete scan no longer shows, and
// of those that the shop should have closed by now.
func (a *app) lookUp(ctx context.Context, shop config.Shop, unlisted []string) {
	ids := unlisted[:min(len(unlisted), maxUnlisted)]
	closing, err := a.closing(ctx, shop.Name)
	if err != nil && ctx.Err() == nil {
		a.log.Error("the orders about to close could not be read", "shop", shop.Name, "err", err)
	}
	for _, id := range append(ids, closing...) {
		_, err := a.Look(ctx, shop.Name, id)
		var failed *notify.LookError
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(err, &failed) && failed.Cause != order.CauseLook:
			a.log.Info("looking up orders ends early", "shop", shop.Name, "err", err)
			return
		case err != nil:
			a.log.Info("an order could not be looked up", "shop", shop.Name, "order", id, "err", err)
		}
	}
}

// closing lists open orders whose close has come since they were last looked at.
func (a *app) closing(ctx context.Context, shop string) ([]string, error) {
	open, err := a.db.Unpaid(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := a.now()
	var ids []string
	for _, o := range open {
		if o.Closes.IsZero() || o.Closes.After(now) {
			continue
		}
		// A shop that is late in closing is asked less and less often.
		if again := max(time.Hour, now.Sub(o.Closes)/4); o.Looked.After(o.Closes) && now.Sub(o.Looked) < again {
			continue
		}
		if ids = append(ids, o.ID); len(ids) == maxClosing {
			break
		}
	}
	return ids, nil
}

// targetOf is a shop as the crawler takes it.
func targetOf(s config.Shop) crawler.Shop {
	return crawler.Shop{
		Shop: extract.Shop{
			Name: s.Name, URL: s.URL.String(), Zone: s.Zone, Region: s.Region, Currency: s.Currency,
			AutoClose: s.AutoClose, OrderLink: s.OrderLink, LinkHosts: s.LinkHosts, OfflinePayment: s.OfflinePayment,
		},
		User: s.User, Password: s.Password, TOTP: s.TOTP, Recipe: s.Recipe, PagesPerHour: s.MaxPagesPerHour,
	}
}
