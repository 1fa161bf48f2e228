package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

const (
	alertCheck = time.Minute
	lasting    = 10 * time.Minute // before the seller is told of a shop: some are away for a moment
)

// visited notes how a visit ended.
func (a *app) visited(ctx context.Context, shop config.Shop, err error) {
	var (
		refused *crawler.RefusedError
		needs   *crawler.NeedsYouError
		trial   *trialError
		spent   *crawler.BudgetError
	)
	switch {
	case ctx.Err() != nil, errors.As(err, &needs), errors.As(err, &trial), errors.As(err, &spent):
	case errors.As(err, &refused):
		a.alarms.raise(ctx, notify.AlertRefused, shop.Name, err.Error(), true)
	case err == nil:
		a.alarms.lift(ctx, notify.AlertShop, shop.Name)
		a.alarms.lift(ctx, notify.AlertRefused, shop.Name)
	default:
		a.alarms.raise(ctx, notify.AlertShop, shop.Name, err.Error(), false)
	}
}

// tellAlerts mails what the seller is to know at once. While mail does not go out
// the account is tried from time to time, so that its recovery is noticed also
// when nothing is due.
func (a *app) tellAlerts(ctx context.Context) error {
	if a.sender == nil || a.cfg.Digest == nil {
		return nil
	}
	a.telling.Lock()
	defer a.telling.Unlock()
	if down, again := a.alarms.mailDown(); down && (!again || !a.mailWorks(ctx)) {
		return nil
	}
	all, err := a.db.Alerts()
	if err != nil {
		return err
	}
	var errs []error
	for _, al := range all {
		_, shop, ofShop := strings.Cut(al.Key, ":")
		if _, there := a.cfg.Shop(shop); ofShop && !there || !news(al, a.now()) {
			continue
		}
		if err := a.tellAlert(ctx, al); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// news reports whether the seller is to be told of an alert as it stands now.
func news(al store.Alert, now time.Time) bool {
	kind := alertKind(al.Key)
	switch {
	case !al.Over.IsZero():
		return al.OverTold.IsZero()
	case kind == notify.AlertShop && now.Sub(al.At) < lasting, kind == notify.AlertEmail: // that mail does not go out cannot be mailed
		return false
	}
	return al.Told.IsZero() && al.Count >= times(kind)
}

func (a *app) tellAlert(ctx context.Context, al store.Alert) error {
	_, shop, _ := strings.Cut(al.Key, ":")
	subject, text, html, err := notify.RenderAlert(notify.Alert{
		Kind: alertKind(al.Key), Shop: shop, Words: al.Words, From: al.At, Over: al.Over, Zone: a.cfg.Digest.Zone,
	}, a.cfg.Digest.Language)
	if err != nil {
		return err
	}
	variant := "alert"
	if !al.Over.IsZero() {
		variant = "alert over"
	}
	told, err := a.mailSeller(ctx, sellerMail{
		variant: variant, shop: al.Key, step: al.At.UTC().Format(time.RFC3339Nano), subject: subject, text: text, html: html,
	})
	if told {
		a.alarms.told(ctx, al.Key, !al.Over.IsZero())
		a.log.Info("the seller was told", "what", subject)
	}
	return err
}

// mailWorks tries the mail account.
func (a *app) mailWorks(ctx context.Context) bool {
	p, ok := a.sender.(prober)
	return !ok || p.Probe(ctx) == nil
}

// mailRests reports whether mail does not go out and is not to be tried just now.
func (a *app) mailRests() bool {
	down, again := a.alarms.mailDown()
	return down && !again
}

// sellerMail is a mail to the seller, to every address of the digest.
type sellerMail struct {
	variant, shop, step string // name it for ever
	subject, text, html string
}

// mailSeller counts as told what one of the addresses has, or may have: better a gap
// in one mailbox than the same mail again and again.
func (a *app) mailSeller(ctx context.Context, m sellerMail) (told bool, err error) {
	if a.sender == nil || a.cfg.Digest == nil || a.cfg.Email == nil {
		return false, errors.New("the config has no digest and email section")
	}
	from := a.cfg.Email.From.Addr
	var errs []error
	for _, addr := range a.cfg.Digest.To {
		key := order.ReminderKey{Order: order.Key{Shop: m.shop, ID: addr.Reveal()}, Step: m.step}
		_, err := a.sender.Send(ctx, notify.Message{
			To: addr, From: from, FromName: "nudged", Subject: m.subject, Text: m.text, HTML: m.html, Date: a.now(),
			MessageID: notify.MessageID(key, m.variant, from),
		})
		var failed *notify.SendError
		told = told || err == nil || errors.As(err, &failed) && failed.Kind == notify.Unknown
		errs = append(errs, err)
	}
	return told, errors.Join(errs...)
}
