package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
)

// keepSession keeps what the next visit signs in with, whether user and password
// were refused, and whether a person is wanted.
func (a *app) keepSession(ctx context.Context, shop config.Shop, session []byte, err error) error {
	var refused *crawler.RefusedError
	if errors.As(err, &refused) {
		if err := a.keepRefusal(ctx, shop, refused.Words); err != nil {
			return err
		}
	}
	var needs *crawler.NeedsYouError
	if errors.As(err, &needs) {
		if err := a.keepNeed(ctx, shop, needs); err != nil {
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

// refusal is one that a command met with a spider of its own.
type refusal struct {
	Words string `json:"words"`
	Mark  string `json:"mark"` // of the user and password that were sent
}

func markOf(shop config.Shop) string {
	sum := sha256.Sum256([]byte(shop.URL.String() + "\x00" + shop.User + "\x00" + shop.Password.Reveal()))
	return hex.EncodeToString(sum[:])
}

// noteRefused notes, where the database is open, that a shop has refused user and
// password: visits do not send them again.
func (s *session) noteRefused(shop config.Shop, err error) error {
	var refused *crawler.RefusedError
	if !errors.As(err, &refused) {
		return nil
	}
	input, err := json.Marshal(refusal{refused.Words, markOf(shop)})
	if err == nil {
		_, err = s.inside([]string{"session", shop.Name, "--refused"}, input)
	}
	return err
}

// takeRefusal keeps a refusal, unless visits would send another password: a
// daemon may still have the config of before.
func (a *app) takeRefusal(s *session, shop config.Shop) error {
	var r refusal
	if err := json.NewDecoder(io.LimitReader(s.stdin, maxSession)).Decode(&r); err != nil {
		return fmt.Errorf("shop %s: the refusal cannot be read: %w", shop.Name, err)
	}
	if r.Mark != markOf(shop) {
		return nil
	}
	return a.keepRefusal(s.ctx, shop, r.Words)
}

// beater keeps sessions alive; the spider does.
type beater interface {
	Beat(ctx context.Context, shop crawler.Shop, session []byte) ([]byte, error)
}

// beat asks a shop for a sign of life with the session that is kept, if there is
// one. The caller holds the shop's turn.
func (a *app) beat(ctx context.Context, shop config.Shop) error {
	heart, ok := a.spider.(beater)
	if !ok || a.barred(ctx, shop) != nil {
		return nil
	}
	session, err := a.db.Session(shop.Name)
	if err != nil || session == nil {
		return err
	}
	defer a.spider.Idle(shop.Name)
	session, beatErr := heart.Beat(ctx, targetOf(shop), session)
	return errors.Join(beatErr, a.keepSession(context.WithoutCancel(ctx), shop, session, beatErr))
}
