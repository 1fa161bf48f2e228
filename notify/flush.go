package notify

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"nudged/store/order"
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

	waits map[string]int // how many of a campaign stand in line for its rate

	stop    verdict // once set, what is due is held with it
	noLooks int     // in a row

	passed int   // reminders left as they are, since what is on record cannot be read
	failed error // of the first of them
}

func (f *flush) run(ctx context.Context, shop string) error {
	for {
		due, err := f.d.o.Outbox.Due(ctx, shop, f.now(), batch+f.passed)
		if err != nil {
			return err
		}
		fresh := 0
		for _, r := range remindersFirst(due) {
			if ctx.Err() != nil {
				f.tally.Stopped = order.CauseStopping
				return nil
			}
			if f.seen[r.Key] {
				continue
			}
			f.seen[r.Key] = true
			fresh++
			if err := f.one(ctx, r); err != nil {
				return err
			}
		}
		if fresh == 0 {
			return f.failed
		}
	}
}

// remindersFirst puts those of campaigns behind: an open order waits for nobody.
func remindersFirst(due []order.Reminder) []order.Reminder {
	out := slices.Clone(due)
	slices.SortStableFunc(out, func(a, b order.Reminder) int {
		_, first := a.Key.Campaign()
		_, second := b.Key.Campaign()
		switch {
		case first == second:
			return 0
		case first:
			return 1
		}
		return -1
	})
	return out
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
