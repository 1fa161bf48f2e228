package main

import (
	"context"
	"errors"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
)

// keepSession keeps what the next visit signs in with, and whether user and
// password were refused.
func (a *app) keepSession(ctx context.Context, shop config.Shop, session []byte, err error) error {
	var refused *crawler.RefusedError
	if errors.As(err, &refused) {
		if err := a.keepRefusal(ctx, shop, refused.Words); err != nil {
			return err
		}
	}
	if session == nil {
		return a.db.ForgetSession(ctx, shop.Name)
	}
	return a.db.SetSession(ctx, shop.Name, session)
}

func (a *app) keepRefusal(ctx context.Context, shop config.Shop, words string) error {
	mark, err := a.fingerprint(shop)
	if err != nil {
		return err
	}
	return a.db.SetRefusal(ctx, shop.Name, mark, words)
}

func (a *app) fingerprint(shop config.Shop) (string, error) {
	return a.db.Fingerprint("refusal", shop.URL.String(), shop.User, shop.Password.Reveal())
}

// refused is the shop's standing refusal of this user and password, if any. A
// changed config lifts it.
func (a *app) refused(ctx context.Context, shop config.Shop) error {
	r, ok, err := a.db.Refusal(shop.Name)
	if err != nil || !ok {
		return err
	}
	mark, err := a.fingerprint(shop)
	if err != nil {
		return err
	}
	if mark == r.Fingerprint || shop.Password == "" { // a command without secrets changes nothing
		return &crawler.RefusedError{Shop: shop.Name, Words: r.Words}
	}
	return a.db.ClearRefusal(context.WithoutCancel(ctx), shop.Name)
}
