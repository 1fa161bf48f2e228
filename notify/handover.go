package notify

import (
	"context"
	"errors"
	"fmt"
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
func (f *flush) handOver(ctx context.Context, r order.Reminder, m Message) error {
	begun, err := f.begin(ctx, r)
	if err != nil || !begun {
		return err
	}
	r.State = order.Sending
	r.Attempts++
	receipt, err := f.d.o.Senders[r.Key.Channel].Send(ctx, m)
	if err == nil {
		f.d.recovered(r.Key.Channel)
		return f.settle(ctx, r, verdict{state: order.Sent, provider: provider(receipt, m)})
	}
	return f.settle(ctx, r, f.failure(ctx, r, asSendError(err), m))
}

// begin reports false when the reminder is not to be handed over any more.
func (f *flush) begin(ctx context.Context, r order.Reminder) (bool, error) {
	err := f.d.o.Outbox.Begin(ctx, r.Key, f.now())
	if errors.Is(err, order.ErrNotDue) {
		return false, nil
	}
	return err == nil, err
}

func provider(r Receipt, m Message) string {
	if r.Provider != "" {
		return r.Provider
	}
	if r.MessageID != "" {
		return r.MessageID
	}
	return m.MessageID
}

// failure decides what becomes of a message that was not confirmed.
func (f *flush) failure(ctx context.Context, r order.Reminder, se *SendError, m Message) verdict {
	now := f.now()
	v := verdict{state: order.Failed, cause: order.CauseSender, reason: se.Error(), due: now.Add(backOff(r.Attempts))}
	switch {
	case se.Kind == Unknown:
		// The message's id lets the seller ask the mail server what became of it.
		v.state, v.provider = order.Lost, m.MessageID
		return v
	case ctx.Err() != nil:
		v.cause, v.reason, v.due = order.CauseStopping, "the program was stopped before the hand-over", now
		return v
	case se.Account:
		p := f.d.pause(r.Key.Channel, se, now)
		v.due = p.until
		f.stop, f.tally.Stopped = held(order.CauseSender, p.reason, p.until), order.CauseSender
	case se.Kind == Permanent:
		v.state = order.Parked
		return v
	case errors.Is(se, ErrStale):
		v.due = now
		return v
	case r.Attempts >= maxAttempts:
		v.state, v.reason = order.Parked, fmt.Sprintf("given up after %d attempts: %s", r.Attempts, v.reason)
		return v
	}
	zone := f.s.Shops[r.Key.Order.Shop].zone()
	if st, ok := f.s.step(r.Key.Step); ok && v.due.After(f.s.Quiet.Later(r.Planned, st.Lateness(), zone)) {
		v.state, v.reason = order.Parked, "given up, the next attempt would be too late: "+v.reason
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
