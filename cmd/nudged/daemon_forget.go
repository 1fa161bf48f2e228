package main

import (
	"context"
	"errors"
	"time"
)

// markCompact is when the file was written anew.
const markCompact = "compact"

// forget takes away contacts that had their time. Once a week the file is written
// anew, so that they do not stand in unused parts of it either.
func (d *daemon) forget(ctx context.Context) {
	a := d.a
	n, err := a.db.ForgetContacts(ctx, a.cfg.KeepContacts.Before(a.now()))
	if n > 0 {
		a.log.Info("old contacts were taken away, as keep_contacts says", "orders", n)
		err = errors.Join(err, a.compactWeekly(ctx))
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("old contacts could not be taken away; it is tried again in a day", "err", err)
	}
}

func (a *app) compactWeekly(ctx context.Context) error {
	last, ok, err := a.db.Marked(markCompact)
	if err != nil || ok && a.now().Sub(last) < 7*24*time.Hour {
		return err
	}
	if err := a.db.Compact(ctx); err != nil {
		return err
	}
	return a.db.Mark(ctx, markCompact, a.now())
}
