package main

import (
	"context"
	"errors"
	"fmt"
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
		return out, err
	}
	result, visitErr := a.spider.Visit(ctx, targetOf(shop), known) // sign in, scan, extract; nothing stored
	out.Visit, out.Done = result.Visit, result.Done
	recorded, err := a.record(ctx, shop, result, visitErr) // keep, and decide what is news
	if err != nil {
		return out, errors.Join(visitErr, err)
	}
	out.News = recorded.News
	if visitErr == nil {
		a.lookUp(ctx, shop, recorded.Unlisted)
	}
	out.Tally, err = a.tell(ctx, shop.Name) // re-check, hold or send, write the ledger
	return out, errors.Join(visitErr, err)
}

// known is what a visit starts from. A shop that refused this very user and
// password is not asked again: some lock the account after three tries.
func (a *app) known(ctx context.Context, shop config.Shop, full bool) (crawler.Known, error) {
	if err := a.refused(ctx, shop); err != nil {
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
	}
	return recorded, a.plan(ctx, shop.Name)
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
		reminders = append(reminders, notify.Plan(a.settings, o, enabled, a.now())...)
	}
	return reminders, nil
}

// tell handles what is due in a shop, one by one.
func (a *app) tell(ctx context.Context, shop string) (notify.Tally, error) {
	if ctx.Err() != nil {
		return notify.Tally{Stopped: order.CauseStopping}, nil
	}
	return a.dispatcher.Flush(ctx, shop, a.now)
}

// lookUp reads the own pages of orders that a complete scan no longer shows, and
// of those that the shop should have closed by now.
func (a *app) lookUp(ctx context.Context, shop config.Shop, unlisted []string) {
	ids := unlisted[:min(len(unlisted), maxUnlisted)]
	closing, err := a.closing(ctx, shop.Name)
	if err != nil {
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

// Look reads an order's own page now and records it; the dispatcher asks for it
// before every hand-over. The caller holds the shop's turn.
func (a *app) Look(ctx context.Context, name, id string) (order.Order, error) {
	shop, ok := a.cfg.Shop(name)
	if !ok {
		return order.Order{}, &notify.LookError{Cause: order.CauseConfig, Err: fmt.Errorf("shop %s is no longer in the config", name)}
	}
	if err := a.refused(ctx, shop); err != nil {
		return order.Order{}, a.lookError(err)
	}
	session, err := a.db.Session(name)
	if err != nil {
		return order.Order{}, err
	}
	began := a.now()
	o, session, failed := a.spider.Look(ctx, targetOf(shop), id, session)
	keep := context.WithoutCancel(ctx)
	if err := a.keepSession(keep, shop, session, failed); err != nil {
		return order.Order{}, err
	}
	if errors.Is(failed, crawler.ErrNoOrder) {
		// The shop itself says that there is none: that is a fact about the order.
		o = order.Order{Shop: name, ID: id, Status: order.Other, StatusText: "(no longer shown by the shop)", Seen: began, Looked: began}
	} else if failed != nil {
		return order.Order{}, a.lookError(failed)
	}
	return a.recordLook(keep, o, began)
}

// recordLook keeps a look and gives the order as it is known now.
func (a *app) recordLook(ctx context.Context, o order.Order, began time.Time) (order.Order, error) {
	if o.Status == "" { // what is on record would count as read just now
		return order.Order{}, &notify.LookError{Cause: order.CauseLook, Err: fmt.Errorf("the page of order %s does not say whether it is paid", o.Key())}
	}
	before, _, err := a.db.Order(o.Key())
	if err != nil {
		return order.Order{}, err
	}
	visit := order.Visit{Shop: o.Shop, Kind: order.Look, At: began, Ended: a.now(), Orders: []order.Order{newest(o, before)}, Pages: 1, Outcome: order.OK}
	if _, err := a.db.Record(ctx, visit); err != nil {
		return order.Order{}, err
	}
	stored, ok, err := a.db.Order(o.Key())
	if err != nil {
		return order.Order{}, err
	}
	if !ok {
		return order.Order{}, &notify.LookError{Cause: order.CauseLook, Err: fmt.Errorf("order %s could not be recorded", o.Key())}
	}
	stored.Seen, stored.Looked = o.Seen, o.Looked
	return stored, nil
}

// newest is a look as it is to be recorded. A shop is read by one at a time, so
// a look is the newest reading of its order, also on a clock that was set back.
// The order was asked for by its id; where the page shows no number, the one that
// the list gave stays.
func newest(o, before order.Order) order.Order {
	if before.Seen.After(o.Seen) {
		o.Seen = before.Seen
	}
	if before.Looked.After(o.Looked) {
		o.Looked = before.Looked
	}
	if o.Number == o.ID && before.Number != "" {
		o.Number = before.Number
	}
	return o
}

// lookError sorts an error of the crawler for the dispatcher.
func (a *app) lookError(err error) error {
	out := &notify.LookError{Cause: order.CauseShop, Err: err}
	var away *crawler.UnavailableError
	var spent *crawler.BudgetError
	var layout *crawler.LayoutError
	switch {
	case errors.As(err, &spent):
		out.Cause, out.Until = order.CauseBudget, spent.Until
	case errors.As(err, &away):
		if away.RetryAfter > 0 {
			out.Until = a.now().Add(away.RetryAfter)
		}
	case errors.As(err, &layout):
		out.Cause = order.CauseLook
	}
	return out
}

// targetOf is a shop as the crawler takes it.
func targetOf(s config.Shop) crawler.Shop {
	return crawler.Shop{
		Shop: extract.Shop{
			Name: s.Name, URL: s.URL.String(), Zone: s.Zone, Region: s.Region, Currency: s.Currency,
			AutoClose: s.AutoClose, OrderLink: s.OrderLink, LinkHosts: s.LinkHosts, OfflinePayment: s.OfflinePayment,
		},
		User: s.User, Password: s.Password, Recipe: s.Recipe, PagesPerHour: s.MaxPagesPerHour,
	}
}
