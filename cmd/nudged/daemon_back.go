package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"nudged/notify"
	"nudged/notify/inbox"
	"nudged/notify/sms"
	"nudged/store/order"
)

// Times of what comes back.
const (
	inboxEvery   = 3 * time.Minute
	reportsEvery = 5 * time.Minute
	repliesEvery = time.Minute
	listenAgain  = time.Minute        // after the listener could not begin
	reportsOf    = 3 * 24 * time.Hour // providers say nothing more after that
	overlap      = 10 * time.Minute   // of two questions for what has come in: clocks differ
)

// Names of cursors in the store.
const (
	cursorInbox   = "inbox"
	cursorInbound = "inbound:" // and the channel
)

// scheduleBack adds the jobs for what comes back.
func (d *daemon) scheduleBack(r *runner) {
	if d.a.inbox != nil {
		r.add("inbox", every(inboxEvery), false, d.readInbox)
	}
	if c := d.a.cfg.SMS; c != nil && c.Replies != nil {
		r.add("listen", every(listenAgain), true, d.listen)
	}
	if d.a.sms != nil {
		r.add("reports", every(reportsEvery), false, d.poll)
	}
	r.add("replies", every(repliesEvery), true, d.replies)
	if !d.a.cfg.KeepContacts.IsZero() {
		r.add("forget", zoned{d.night, d.a.cfg.Shops[0].Zone}, true, d.forget)
	}
}

// readInbox takes in what has come by mail since the last time.
func (d *daemon) readInbox(ctx context.Context) {
	err := d.a.readInbox(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		level := slog.LevelWarn
		if d.a.alarms.stands(notify.AlertInbox) {
			level = slog.LevelDebug // it was said
		}
		d.a.log.Log(ctx, level, "the mailbox could not be read; it is tried again", "err", err)
		d.a.alarms.raise(ctx, notify.AlertInbox, "", err.Error(), errors.Is(err, inbox.ErrRefused))
	default:
		d.a.alarms.lift(ctx, notify.AlertInbox, "")
	}
}

func (a *app) readInbox(ctx context.Context) error {
	a.reading.Lock()
	defer a.reading.Unlock()
	var from inbox.Cursor
	if kept, ok, err := a.db.Cursor(cursorInbox); err != nil {
		return err
	} else if ok {
		if err := json.Unmarshal(kept, &from); err != nil {
			return fmt.Errorf("where the mailbox was read to is damaged: %w", err)
		}
	}
	to, err := a.inbox.Read(ctx, from, func(b order.Back) error { return a.cameBack(ctx, b) })
	if to == from {
		return err
	}
	kept, failed := json.Marshal(to)
	if failed == nil {
		failed = a.db.SetCursor(context.WithoutCancel(ctx), cursorInbox, kept)
	}
	return errors.Join(err, failed)
}

// cameBack records one thing that came back. It is safe to say the same twice.
func (a *app) cameBack(ctx context.Context, b order.Back) error {
	answered, err := a.db.Back(context.WithoutCancel(ctx), b)
	if err != nil || !answered.New {
		return err
	}
	a.log.Info("came back", "channel", b.Channel, "state", b.State, "shop", answered.Order.Shop, "order", answered.Order.ID,
		"step", answered.Reminder.Step, "suppressed", answered.Suppressed)
	return nil
}

// listen answers the gateway's call-backs as long as the daemon runs. If it ends,
// as when somebody else has the port, it begins again a minute later.
func (d *daemon) listen(ctx context.Context) {
	c := d.a.cfg.SMS.Replies
	err := inbox.Serve(ctx, inbox.ListenOptions{
		Addr: c.Listen, Secret: c.Secret, Regions: d.a.regions(), Take: d.a.cameBack, Now: d.a.now, Log: d.a.log,
	})
	if err != nil && ctx.Err() == nil {
		d.a.log.Error("nobody listens for replies and reports of text messages; it is tried again", "err", err)
	}
}

// regions are the countries whose numbers may come without their code.
func (a *app) regions() []string {
	var out []string
	for _, s := range a.cfg.Shops {
		if s.Region != "" && !slices.Contains(out, s.Region) {
			out = append(out, s.Region)
		}
	}
	return out
}

// poll asks a provider that does not call back.
func (d *daemon) poll(ctx context.Context) {
	if err := d.a.poll(ctx); err != nil && ctx.Err() == nil {
		d.a.log.Warn("the provider of text messages could not be asked what became of them; it is asked again", "err", err)
	}
}

func (a *app) poll(ctx context.Context) error {
	w, ok := a.sms.(watched)
	if !ok {
		return nil
	}
	var errs []error
	if reporter, ok := w.Sender.(sms.Reporter); ok {
		errs = append(errs, a.askReports(ctx, reporter))
	}
	if receiver, ok := w.Sender.(sms.Receiver); ok {
		errs = append(errs, a.askInbound(ctx, receiver))
	}
	return errors.Join(errs...)
}

// askReports asks about what was handed over and is not accounted for. What came
// before an error is kept.
func (a *app) askReports(ctx context.Context, reporter sms.Reporter) error {
	handed, err := a.db.Handed(ctx, order.BySMS, a.now().Add(-reportsOf))
	if err != nil || len(handed) == 0 {
		return err
	}
	ask := make([]notify.Handed, len(handed))
	for i, h := range handed {
		ask[i] = notify.Handed{Message: h.Message, Phone: h.Phone, At: h.At}
	}
	backs, err := reporter.Reports(ctx, ask)
	return errors.Join(a.takeIn(ctx, backs), err)
}

func (a *app) askInbound(ctx context.Context, receiver sms.Receiver) error {
	name := cursorInbound + string(order.BySMS)
	now := a.now()
	since, ok, err := a.db.Marked(name)
	if err != nil {
		return err
	}
	if !ok {
		since = now
	}
	backs, err := receiver.Inbound(ctx, since.Add(-overlap))
	if err := errors.Join(a.takeIn(ctx, backs), err); err != nil {
		return err
	}
	return a.db.Mark(ctx, name, now)
}

func (a *app) takeIn(ctx context.Context, backs []order.Back) error {
	var errs []error
	for _, b := range backs {
		errs = append(errs, a.cameBack(ctx, b))
	}
	return errors.Join(errs...)
}

// heedTime is how long a start waits for what has come back meanwhile.
const heedTime = time.Minute

// heed reads, once, what has come back, so that nobody is written to who has asked
// for the contrary while nudged was not running. What cannot be read holds nothing
// up for long.
func (a *app) heed(ctx context.Context) { a.heeded.Do(func() { a.readBack(ctx) }) }

func (a *app) readBack(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, heedTime)
	defer cancel()
	var errs []error
	if a.inbox != nil {
		errs = append(errs, a.readInbox(limited))
	}
	errs = append(errs, a.poll(limited))
	if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
		a.log.Warn("what has come back could not be read before reminders go out", "err", err)
	}
}
