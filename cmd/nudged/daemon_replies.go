package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// markReplies is up to where replies were handed on.
const markReplies = "replies"

// replies hands on what buyers have answered.
func (d *daemon) replies(ctx context.Context) {
	if err := d.a.tellReplies(ctx); err != nil && ctx.Err() == nil {
		d.a.log.Error("a buyer's reply could not be handed on; it is tried again", "err", err)
	}
}

// tellReplies mails the seller each reply, in order. What could not be mailed is
// tried again, and those after it wait. The mark is never beyond what was read: a
// reply may be recorded meanwhile, or the clock be set back.
func (a *app) tellReplies(ctx context.Context) error {
	now := a.now()
	from, ok, err := a.db.Marked(markReplies)
	if err != nil {
		return err
	}
	if !ok || a.sender == nil || a.cfg.Digest == nil {
		return a.db.Mark(ctx, markReplies, now)
	}
	if a.mailRests() {
		return nil
	}
	backs, err := a.db.Backs(ctx, from, time.Time{})
	if err != nil {
		return err
	}
	for _, b := range backs {
		if b.State == order.Replied && !a.hasIt(b) {
			if err := a.tellReply(ctx, b); err != nil {
				return err
			}
			if err := a.db.Mark(context.WithoutCancel(ctx), markReplies, b.Recorded.Add(1)); err != nil {
				return err
			}
		}
	}
	if len(backs) == 0 {
		return nil
	}
	return a.db.Mark(ctx, markReplies, backs[len(backs)-1].Recorded.Add(1))
}

// hasIt reports whether the seller has a reply anyway: the mailbox where answers
// arrive is the one of the digest, or they wrote it themselves, as an answer to
// one of our mails. To mail that back would be answered by their absence notice,
// and so on.
func (a *app) hasIt(b store.Returned) bool {
	if b.Channel != order.ByEmail {
		return false
	}
	if slices.Contains(a.cfg.Digest.To, b.Email) {
		return true
	}
	facts := a.settings.Shops[b.Answered.Order.Shop]
	for _, to := range a.cfg.Digest.To {
		if to == facts.ReplyTo || facts.ReplyTo == "" && to == facts.From {
			return true
		}
	}
	return false
}

func (a *app) tellReply(ctx context.Context, b store.Returned) error {
	key := b.Answered.Order
	var o order.Order
	if key != (order.Key{}) { // else of somebody whom we do not know (any more)
		var err error
		if o, _, err = a.db.Order(key); err != nil {
			return err
		}
	}
	from := b.Email.Reveal()
	if from == "" {
		from = b.Phone.Reveal()
	}
	number := o.Number
	if number == "" {
		number = key.ID
	}
	subject, text, html, err := notify.RenderReply(notify.Reply{
		Shop: key.Shop, Number: number, Name: o.Buyer.Name, From: from, Channel: string(b.Channel), Words: b.Words, At: b.At, Zone: a.cfg.Digest.Zone,
	}, a.cfg.Digest.Language)
	if err != nil {
		return err
	}
	told, err := a.mailSeller(ctx, sellerMail{
		variant: "reply", shop: key.String(), step: b.Recorded.UTC().Format(time.RFC3339Nano), subject: subject, text: text, html: html,
	})
	switch {
	case err != nil && told:
		a.log.Warn("a buyer's reply did not reach all of the seller's addresses", "err", err)
		return nil
	case hopeless(err):
		a.log.Warn("a buyer's reply was turned down for good by the seller's mail server; the digest has it", "err", err)
		return nil
	}
	return err
}

// hopeless reports whether a mail was turned down for good by every address. It
// must not keep back the replies after it.
func hopeless(err error) bool {
	all, ok := err.(interface{ Unwrap() []error })
	return ok && !slices.ContainsFunc(all.Unwrap(), func(err error) bool {
		var failed *notify.SendError
		return !errors.As(err, &failed) || failed.Kind != notify.Permanent || failed.Account
	})
}
