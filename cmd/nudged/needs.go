package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/notify"
	"nudged/store"
)

// barred gives the reason for which a shop may not be asked at all now: it
// refused this password, it waits for a person, or its recipe is on trial.
func (a *app) barred(ctx context.Context, shop config.Shop) error {
	for _, why := range []func(context.Context, config.Shop) error{a.onTrial, a.refused, a.waiting} {
		if err := why(ctx, shop); err != nil {
			return err
		}
	}
	return nil
}

// waiting is the standing need of a shop: it is not visited again until a person
// has been there. A changed config is a new try.
func (a *app) waiting(ctx context.Context, shop config.Shop) error {
	n, _, err := a.db.Need(shop.Name)
	if err != nil || !n.Standing() {
		return err
	}
	mark, err := a.fingerprint(shop)
	if err != nil {
		return err
	}
	if !n.Until.IsZero() && !a.now().Before(n.Until) {
		return a.met(ctx, shop.Name)
	}
	if mark == n.Fingerprint || shop.Password == "" && shop.Recipe.SignIn.Person == nil { // a command without secrets changes nothing
		return &crawler.NeedsYouError{Shop: shop.Name, Why: n.Why, Screenshot: n.Picture, Locked: !n.Until.IsZero(), Until: n.Until}
	}
	return a.met(ctx, shop.Name)
}

// keepNeed notes that a shop wants a person. One that stands already keeps its
// beginning, and that the seller was told.
func (a *app) keepNeed(ctx context.Context, shop config.Shop, e *crawler.NeedsYouError) error {
	mark, err := a.fingerprint(shop)
	if err != nil {
		return err
	}
	a.needing.Lock()
	defer a.needing.Unlock()
	n, _, err := a.db.Need(shop.Name)
	if err != nil {
		return err
	}
	if !n.Standing() {
		n = store.Need{At: a.now()}
	}
	n.Why, n.Picture, n.Fingerprint, n.Until = e.Why, e.Screenshot, mark, e.Until
	return a.db.SetNeed(ctx, shop.Name, n)
}

// met notes that the shop goes on.
func (a *app) met(ctx context.Context, shop string) error {
	a.needing.Lock()
	defer a.needing.Unlock()
	n, _, err := a.db.Need(shop)
	if err != nil || !n.Standing() {
		return err
	}
	n.Met = a.now()
	return a.setNeed(ctx, shop, n)
}

// setNeed puts a need on record, and its end if the seller was told of it.
func (a *app) setNeed(ctx context.Context, shop string, n store.Need) error {
	if err := a.db.SetNeed(context.WithoutCancel(ctx), shop, n); err != nil || n.Standing() || n.Told.IsZero() {
		return err
	}
	a.alarms.ended(ctx, store.Alert{Key: alertKey(notify.AlertNeed, shop), Words: n.Why, At: n.At, Told: n.Told, Over: n.Met, Count: 1})
	return nil
}

// needTold notes that the seller was told of a need. It may have been met while the
// mail was on its way, and must not stand again.
func (a *app) needTold(ctx context.Context, shop string, told store.Need) error {
	a.needing.Lock()
	defer a.needing.Unlock()
	n, _, err := a.db.Need(shop)
	if err != nil || !n.At.Equal(told.At) {
		return err
	}
	n.Told = a.now()
	return a.setNeed(ctx, shop, n)
}

// tellNeed mails the seller, once, that a shop waits and which command to type.
// What the server may have taken counts as told.
func (a *app) tellNeed(ctx context.Context, shop string) error {
	if a.sender == nil || a.cfg.Digest == nil || a.mailRests() {
		return nil
	}
	a.telling.Lock()
	defer a.telling.Unlock()
	n, _, err := a.db.Need(shop)
	if err != nil || !n.Standing() || !n.Told.IsZero() {
		return err
	}
	need := needOf(shop, n)
	subject, text, html, err := notify.RenderNeed(need, n.Picture, len(a.cfg.Shops) > 1, a.cfg.Digest.Language)
	if err != nil {
		return err
	}
	told, err := a.mailSeller(ctx, sellerMail{variant: "need", shop: shop, step: n.At.UTC().Format(time.RFC3339), subject: subject, text: text, html: html})
	errs := []error{err}
	if told {
		errs = append(errs, a.needTold(ctx, shop, n))
		a.log.Info("the seller was told that the shop waits", "shop", shop)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("mail that shop %s needs you: %w", shop, err)
	}
	return nil
}

// needOf is a standing need, with the command that meets it.
func needOf(shop string, n store.Need) notify.Need {
	if !n.Until.IsZero() {
		return notify.Need{Kind: notify.NeedLocked, Shop: shop, Words: n.Why, Do: again(shop)}
	}
	return notify.Need{Kind: notify.NeedWaits, Shop: shop, Words: n.Why, Do: "nudged login " + shop}
}

// again is the command that makes a visit which a shop's refusal stands against.
func again(shop string) string { return "nudged crawl " + shop + " --again" }

// waited is the need that was met within a day, for its digest.
func (g *gatherer) waited(shop string) (*notify.Waited, error) {
	n, ok, err := g.a.db.Need(shop)
	if err != nil || !ok || n.Met.Before(g.from) || !n.Met.Before(g.to) {
		return nil, err
	}
	return &notify.Waited{From: n.At, To: n.Met, Why: n.Why}, nil
}
