package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// maxAttempts is how often one message is tried when the server turns down just
// this one for the moment. Trouble with the account is not counted against it.
const maxAttempts = 8

// refusedPause is how long a mail account that refused user and password is
// left alone: more attempts may lock it.
const refusedPause = time.Hour

// backOff is how long a failed message waits before the next attempt.
func backOff(attempts int) time.Duration {
	switch {
	case attempts <= 1:
		return time.Minute
	case attempts == 2:
		return 5 * time.Minute
	case attempts == 3:
		return 15 * time.Minute
	}
	return time.Hour
}

// handOver writes the hand-over ahead, sends, and settles what came of it.
func (f *flush) handOver(ctx context.Context, j *job, m Message) error {
	begun, err := f.begin(ctx, j, m.MessageID)
	if err != nil || !begun {
		return err
	}
	r := *j.r
	r.State = order.Sending
	r.Attempts++
	receipt, err := f.d.o.Senders[r.Key.Channel].Send(ctx, m)
	if err == nil {
		f.d.recovered(r.Key.Channel)
		return f.settle(ctx, r, verdict{state: order.Sent, provider: receipt.words(m), message: receipt.id(m), cost: receipt.Cost})
	}
	se := asSendError(err)
	if se.OptedOut && se.Kind == Permanent {
		return f.optedOut(ctx, j, r, se)
	}
	v := f.failure(ctx, j, r, se, m)
	if v.instead != "" { // planned first: cut off in between, this one is unknown, and the other is skipped for it
		if err := f.d.o.Outbox.Plan(context.WithoutCancel(ctx), []order.Reminder{j.instead(v.instead)}); err != nil {
			return err
		}
	}
	return f.settle(ctx, r, v)
}

// optedOut gives the step up, by every channel, and tells the register before it
// is settled: cut off in between, the person is known not to want any.
func (f *flush) optedOut(ctx context.Context, j *job, r order.Reminder, se *SendError) error {
	if f.d.o.OptOut != nil {
		if err := f.d.o.OptOut(context.WithoutCancel(ctx), r.Key, j.o.Buyer); err != nil {
			return err
		}
	}
	return f.settle(ctx, r, skipped(order.CauseSuppressed, "the buyer is not to be written to: %s", se.Error()))
}

// begin reports false when the reminder is not to be handed over any more, or
// not now, since its person has had enough messages.
func (f *flush) begin(ctx context.Context, j *job, message string) (bool, error) {
	if j.offer != nil {
		f.d.offering.Lock()
		defer f.d.offering.Unlock()
		if v, err := f.lastWord(j); err != nil {
			return false, err
		} else if v.state != "" {
			return false, f.settle(ctx, *j.r, v)
		}
	}
	err := f.d.o.Outbox.Begin(ctx, j.r.Key, message, f.now(), f.s.Limit)
	var spent *order.LimitError
	switch {
	case errors.Is(err, order.ErrHadCampaign):
		return false, f.settle(ctx, *j.r, hadCampaign())
	case errors.Is(err, order.ErrNotDue):
		return false, f.notBegun(ctx, j)
	case errors.As(err, &spent):
		return false, f.settle(ctx, *j.r, f.limited(j, spent.Until))
	}
	return err == nil, err
}

func (f *flush) limited(j *job, until time.Time) verdict {
	until = j.quiet.end(latest(until, j.now.Add(time.Minute)))
	enough := fmt.Sprintf("the buyer has had %s in %s, over all orders and shops", count(f.s.Limit.Count, "message"), short(f.s.Limit.Per))
	if until.After(j.deadline) {
		return skipped(order.CauseLimit, "%s, and later would be too late", enough)
	}
	return held(order.CauseLimit, until, "%s", enough)
}

// words of the other side, else the message's id by which it can be asked.
func (r Receipt) words(m Message) string {
	if r.Provider != "" {
		return r.Provider
	}
	return r.id(m)
}

// id by which a report, a bounce or a reply will name the message.
func (r Receipt) id(m Message) string {
	switch {
	case r.ID != "":
		return r.ID
	case r.MessageID != "":
		return r.MessageID
	}
	return m.MessageID
}

// failure decides what becomes of a message that was not confirmed.
func (f *flush) failure(ctx context.Context, j *job, r order.Reminder, se *SendError, m Message) verdict {
	now := f.now()
	v := verdict{state: order.Failed, cause: order.CauseSender, reason: se.Error(), due: now.Add(backOff(r.Attempts))}
	switch {
	case se.Kind == Unknown:
		// The message's id lets the seller ask the other side what became of it.
		v.state, v.provider, v.message = order.Lost, m.MessageID, m.MessageID
		if se.Account { // the next one would be lost as well
			f.d.pause(r.Key.Channel, se, now)
			f.tally.Stopped = order.CauseSender
		}
		return v
	case ctx.Err() != nil:
		v.cause, v.reason, v.due = order.CauseStopping, "the program was stopped before the hand-over", now
		return v
	case se.Account:
		p := f.d.pause(r.Key.Channel, se, now)
		v.due = p.until
		f.tally.Stopped = order.CauseSender // what else is due on the channel is held when its turn comes
	case se.Kind == Permanent:
		return f.park(j, r, v, "")
	case errors.Is(se, ErrStale):
		v.due = now
		return v
	case r.Attempts >= maxAttempts:
		return f.park(j, r, v, fmt.Sprintf("given up after %d attempts: ", r.Attempts))
	}
	if v.due.After(j.deadline) {
		return f.park(j, r, v, "given up, the next attempt would be too late: ")
	}
	return v
}

// park gives a message up. It surely did not arrive, so the step may still go by
// the next channel that can be used.
func (f *flush) park(j *job, r order.Reminder, v verdict, why string) verdict {
	v.state, v.reason = order.Parked, why+v.reason
	r.State = order.Parked
	rest := *j
	rest.r, rest.others = &order.Reminder{}, append(slices.Clone(j.others), r)
	if next, ok := f.usable(&rest); ok && !j.step.All && f.d.o.Senders[next] != nil {
		v.instead = next
		v.reason += fmt.Sprintf("; the step goes by %s", next)
	}
	return v
}

// pause leaves a channel alone for a while, longer each time.
func (d *Dispatcher) pause(c order.Channel, se *SendError, now time.Time) pause {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.paused[c]
	p.times++
	p.reason = se.Error()
	p.until = now.Add(backOff(p.times))
	if se.Refused {
		p.until = now.Add(refusedPause)
	}
	if se.Until.After(now) {
		p.until, p.times = se.Until, p.times-1 // no fault, and no longer waits for it
	}
	d.paused[c] = p
	return p
}

func (d *Dispatcher) recovered(c order.Channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.paused, c)
}

func (d *Dispatcher) pausedUntil(c order.Channel, now time.Time) (pause, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.paused[c]
	return p, p.until.After(now)
}
