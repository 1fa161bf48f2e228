package notify

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"nudged/store/order"
)

// How many messages of campaigns one run takes: the shop is wanted for visits, too,
// and the next run is never far.
const (
	offersAtOnce = 20               // that are prepared: looked at, written and sent,
	offersTime   = 30 * time.Second // or more of them in this time,
	offersAsked  = 200              // but not more in all, with those that are put off
)

// flush is one run over the queue of one shop.
type flush struct {
	d       *Dispatcher
	s       Settings
	now     func() time.Time
	enabled time.Time
	log     *slog.Logger
	seen    map[order.ReminderKey]bool
	tally   Tally

	waits  map[string]int // how many of a campaign stand in line for its rate
	asked  int            // messages of campaigns
	offers int            // those of them that were prepared
	begun  time.Time      // with them

	stop         verdict // once set, what is due is held with it
	noLooks      int     // in a row
	unlooked     verdict // once set, messages of campaigns that need a look are held with it
	noOfferLooks int     // in a row

	passed int   // reminders left as they are, since what is on record cannot be read
	failed error // of the first of them
}

// run takes the reminders first, all that are due, and then messages of campaigns,
// as long as no other reminder falls due: an open order waits for nobody.
func (f *flush) run(ctx context.Context, shop string) error {
	if err := f.reminders(ctx, shop); err != nil {
		return err
	}
	f.begun = f.now()
	for !f.enough() {
		some, err := f.due(ctx, shop, true)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			break
		}
		if err := f.campaigns(ctx, shop, some); err != nil {
			return err
		}
		if err := f.reminders(ctx, shop); err != nil {
			return err
		}
	}
	return f.failed
}

// campaigns takes some messages of campaigns, and after each that took its time the
// reminders that have fallen due.
func (f *flush) campaigns(ctx context.Context, shop string, some []order.Reminder) error {
	for _, r := range some {
		if f.enough() {
			return nil
		}
		f.asked++
		before := f.offers
		if err := f.take(ctx, r); err != nil {
			return err
		}
		if f.offers == before {
			continue
		}
		if err := f.reminders(ctx, shop); err != nil {
			return err
		}
	}
	return nil
}

// enough reports whether the messages of campaigns that are left wait for the next
// run.
func (f *flush) enough() bool {
	sent := f.offers >= offersAtOnce && f.now().Sub(f.begun) >= offersTime
	return sent || f.asked >= offersAsked || f.tally.Stopped == order.CauseStopping
}

// reminders takes all that are due and not of a campaign.
func (f *flush) reminders(ctx context.Context, shop string) error {
	for {
		some, err := f.due(ctx, shop, false)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, r := range some {
			if err := f.take(ctx, r); err != nil {
				return err
			}
		}
	}
}

// due are some of what is due in one of the two lines and was not taken yet.
func (f *flush) due(ctx context.Context, shop string, campaigns bool) ([]order.Reminder, error) {
	if f.tally.Stopped == order.CauseStopping {
		return nil, nil
	}
	all, err := f.d.o.Outbox.DueOf(ctx, shop, campaigns, f.now(), batch+f.passed)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r order.Reminder) bool { return f.seen[r.Key] }), nil
}

// take takes a due reminder, once, unless the program is to stop.
func (f *flush) take(ctx context.Context, r order.Reminder) error {
	switch {
	case ctx.Err() != nil:
		f.tally.Stopped = order.CauseStopping
		return nil
	case f.tally.Stopped == order.CauseStopping:
		return nil
	}
	f.seen[r.Key] = true
	return f.one(ctx, r)
}

// one takes a due reminder as far as it goes today.
func (f *flush) one(ctx context.Context, r order.Reminder) error {
	known, v, err := f.known(&r)
	if err != nil { // one damaged record must not keep the others back
		if f.passed++; f.failed == nil {
			f.failed = fmt.Errorf("reminder %s is left as it is: %w", r.Key, err)
		}
		return nil
	}
	if v.state != "" {
		return f.settle(ctx, r, v)
	}
	if known.offer != nil {
		f.offers++
	}
	j, m, v, err := f.prepare(ctx, &r, known)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		f.tally.Stopped = order.CauseStopping
		return nil
	case v.state != "" && v.instead != "": // planned first: cut off in between, both wait, and the next turn decides
		if err := f.d.o.Outbox.Plan(ctx, []order.Reminder{j.instead(v.instead)}); err != nil {
			return err
		}
		return f.settle(ctx, r, v)
	case v.state != "":
		return f.settle(ctx, r, v)
	case !f.s.Live():
		return f.preview(ctx, j, m)
	}
	return f.handOver(ctx, j, m)
}

// settle records a verdict.
func (f *flush) settle(ctx context.Context, r order.Reminder, v verdict) error {
	if v.state == order.Planned {
		f.log.Info("moved", "order", r.Key.Order.String(), "step", r.Key.Step, "due", v.due)
		return f.d.o.Outbox.Plan(ctx, []order.Reminder{{Key: r.Key, State: order.Planned, Planned: v.due, Due: v.due}})
	}
	at := f.now()
	r.State, r.Cause, r.Reason, r.Changed = v.state, v.cause, v.reason, at
	if !v.state.Final() {
		r.Due = v.due
	}
	f.count(v.state)
	f.log.Info(string(v.state), "order", r.Key.Order.String(), "step", r.Key.Step, "channel", r.Key.Channel,
		"attempt", r.Attempts, "cause", v.cause, "reason", v.reason)
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return f.d.o.Outbox.Settle(detached, r, order.Event{
		At: at, Key: r.Key, State: v.state, Cause: v.cause, Reason: v.reason,
		Provider: v.provider, Message: v.message, Cost: v.cost,
	})
}

func (f *flush) count(s order.State) {
	switch s {
	case order.Sent:
		f.tally.Sent++
	case order.Shown:
		f.tally.Shown++
	case order.Held:
		f.tally.Held++
	case order.Skipped:
		f.tally.Skipped++
	case order.Failed:
		f.tally.Failed++
	case order.Parked:
		f.tally.Parked++
	case order.Lost:
		f.tally.Unknown++
	}
}
