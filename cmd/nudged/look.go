package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/crawler"
	"nudged/notify"
	"nudged/store/order"
)

// Look reads an order's own page now and records it; the dispatcher asks for it
// before every hand-over. The caller holds the shop's turn.
func (a *app) Look(ctx context.Context, name, id string) (order.Order, error) {
	shop, ok := a.cfg.Shop(name)
	if !ok {
		return order.Order{}, &notify.LookError{Cause: order.CauseConfig, Err: fmt.Errorf("shop %s is no longer in the config", name)}
	}
	if key := (order.Key{Shop: name, ID: id}); key.Imported() || key.ListRow() {
		return order.Order{}, &notify.LookError{Cause: order.CauseLook, Err: fmt.Errorf("%s comes from a list of yours: the shop has no page of it", key)}
	}
	if err := a.shaky(ctx, shop); err != nil {
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
	if o.Status == before.Status && before.StatusText != "" && o.Status != order.Unknown {
		o.StatusText = before.StatusText // the list's words, which the next visit compares
	}
	return o
}

// lookError sorts an error of the crawler for the dispatcher.
func (a *app) lookError(err error) error {
	out := &notify.LookError{Cause: order.CauseShop, Err: err}
	var away *crawler.UnavailableError
	var spent *crawler.BudgetError
	var layout *crawler.LayoutError
	var failed *crawler.FailedPageError
	switch {
	case errors.As(err, &spent):
		out.Cause, out.Until = order.CauseBudget, spent.Until
	case errors.As(err, &away):
		if out.Until = away.Until; out.Until.IsZero() && away.RetryAfter > 0 {
			out.Until = a.now().Add(away.RetryAfter)
		}
	case errors.As(err, &layout), errors.As(err, &failed):
		out.Cause = order.CauseLook
	}
	return out
}
