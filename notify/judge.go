package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nudged/store/order"
)

// How long a reminder waits before it is tried again.
const (
	lookAgain   = 15 * time.Minute // one order could not be read
	shopAgain   = 30 * time.Minute // the shop is in trouble
	budgetAgain = time.Hour
	statusAgain = time.Hour
)

// maxNoLooks single orders in a row that cannot be read mean that it is not
// the orders.
const maxNoLooks = 3

// verdict is what becomes of a reminder; a zero state means that nothing speaks
// against it. State planned moves it to due.
type verdict struct {
	state    order.State
	cause    order.Cause
	reason   string
	due      time.Time
	provider string
}

func skipped(c order.Cause, reason string) verdict {
	return verdict{state: order.Skipped, cause: c, reason: reason}
}

func held(c order.Cause, reason string, until time.Time) verdict {
	return verdict{state: order.Held, cause: c, reason: reason, due: until}
}

// judge decides by what is known of an order whether its reminder may go on.
// It brings the reminder's planned time in line with the facts. looked tells
// that the order was read just now; before that, what a look may still change
// is left open.
func (f *flush) judge(o order.Order, r *order.Reminder, looked bool) (verdict, error) {
	if v := f.status(o, looked); v.state != "" {
		return v, nil
	}
	st, ok := f.s.step(r.Key.Step)
	if !ok {
		return skipped(order.CauseConfig, fmt.Sprintf("step %q is no longer in the config", r.Key.Step)), nil
	}
	others, err := f.d.o.Register.Reminders(r.Key.Order)
	if err != nil {
		return verdict{}, err
	}
	if v := f.replan(o, r, others, looked); v.state != "" {
		return v, nil
	}
	if v := f.already(*r, others); v.state != "" {
		return v, nil
	}
	if v := f.contact(o, *r, st, looked); v.state != "" {
		return v, nil
	}
	stop, why, err := f.d.o.Register.Suppressed(o.Buyer)
	if err != nil {
		return verdict{}, err
	}
	if stop {
		return skipped(order.CauseSuppressed, "the buyer is not to be written to: "+why), nil
	}
	return f.time(o, *r, st, others), nil
}

// status lets only unpaid orders through.
func (f *flush) status(o order.Order, looked bool) verdict {
	switch {
	case o.Status == order.Paid:
		return skipped(order.CausePaid, "the order is paid")
	case o.Status.Closed():
		return skipped(order.CauseClosed, "the order is closed")
	case o.Status == order.Unpaid:
		return verdict{}
	case !looked:
		return verdict{} // the look may know better
	}
	return held(order.CauseStatus, fmt.Sprintf("the shop shows the status %q, which is not known to mean unpaid", clean(o.StatusText, maxName)), f.now().Add(statusAgain))
}

// replan asks Plan again with what is known now: the close may have moved, the
// config may have changed.
func (f *flush) replan(o order.Order, r *order.Reminder, others []order.Reminder, looked bool) verdict {
	o.Status = order.Unpaid // judged already; what is not known to be unpaid goes on to its look
	now := f.now()
	plan := Plan(f.s, o, f.enabled, now)
	var mine order.Reminder
	for _, p := range plan {
		if p.Key.Step == r.Key.Step {
			mine = p
		}
	}
	switch {
	case mine.Key.Step == "" && !looked:
		return verdict{}
	case mine.Key.Step == "":
		return held(order.CauseStatus, "when the shop closes the order is not known any more", now.Add(statusAgain))
	case mine.State == order.Skipped:
		return skipped(mine.Cause, mine.Reason)
	case mine.Planned.After(now):
		return verdict{state: order.Planned, due: mine.Planned}
	}
	r.Planned = mine.Planned
	for _, p := range plan {
		if p.State == order.Planned && p.Planned.After(mine.Planned) && f.open(o, p, others) && f.inTheWay(o, p) {
			return skipped(order.CauseTogether, fmt.Sprintf("late, and step %q takes its place", p.Key.Step))
		}
	}
	return verdict{}
}

// already knows a step that reached the buyer under another key: by another
// channel, or under the name that it had in an earlier config. A message of a
// step that is gone, at or after the time of this one, was this one.
func (f *flush) already(r order.Reminder, others []order.Reminder) verdict {
	for _, other := range others {
		if other.Key == r.Key || !reached(other.State) {
			continue
		}
		_, known := f.s.step(other.Key.Step)
		switch {
		case other.Key.Step == r.Key.Step:
			return skipped(order.CauseTogether, fmt.Sprintf("this step went by %s already", other.Key.Channel))
		case !known && !other.Changed.Before(r.Planned):
			return skipped(order.CauseTogether, fmt.Sprintf("step %q, which is no longer in the config, went out in its place", other.Key.Step))
		}
	}
	return verdict{}
}

// reached reports whether the buyer has the message, may have it, or would have
// it but for preview mode.
func reached(s order.State) bool {
	switch s {
	case order.Sent, order.Lost, order.Sending, order.Shown:
		return true
	}
	return false
}

// inTheWay reports whether a message now would come so late that it crowds out
// the following step: that one is due within half of MinGap, or would have to
// wait until it is too late itself. A little lateness, as between two visits,
// only moves the following step a little.
func (f *flush) inTheWay(o order.Order, next order.Reminder) bool {
	now, gap := f.now(), f.s.minGap()
	st, _ := f.s.step(next.Key.Step)
	return next.Planned.Sub(now) < gap/2 || (next.Planned.Sub(now) < gap && now.Add(gap).After(f.lastMoment(o, next, st)))
}

// open reports whether a planned step may still go out.
func (f *flush) open(o order.Order, p order.Reminder, others []order.Reminder) bool {
	st, ok := f.s.step(p.Key.Step)
	if !ok || f.now().After(f.lastMoment(o, p, st)) {
		return false
	}
	for _, other := range others {
		if other.Key.Step == p.Key.Step {
			return !other.State.Final()
		}
	}
	return true
}

// contact checks that the reminder's channel is still wanted and the buyer can
// be reached by it.
func (f *flush) contact(o order.Order, r order.Reminder, st Step, looked bool) verdict {
	wanted := false
	for _, c := range st.By {
		wanted = wanted || c == r.Key.Channel
	}
	switch {
	case !wanted:
		return skipped(order.CauseConfig, fmt.Sprintf("step %q no longer goes by %s", st.Name, r.Key.Channel))
	case Usable(o.Buyer, r.Key.Channel):
		return verdict{}
	case !looked && o.Looked.IsZero():
		return verdict{} // the order's own page may show one
	}
	return skipped(order.CauseNoContact, fmt.Sprintf("the shop shows no usable %s contact of the buyer", r.Key.Channel))
}

// time checks lateness, quiet hours, and the distance to other messages.
func (f *flush) time(o order.Order, r order.Reminder, st Step, others []order.Reminder) verdict {
	now, zone := f.now(), f.s.Shops[o.Shop].zone()
	if !o.Closes.IsZero() && !now.Before(o.Closes) {
		return skipped(order.CauseTooLate, "the time at which the shop closes the order has passed")
	}
	deadline := f.lastMoment(o, r, st)
	if now.After(deadline) {
		return skipped(order.CauseTooLate, fmt.Sprintf("%s late; the step allows %s", short(now.Sub(r.Planned).Round(time.Minute)), short(st.Lateness())))
	}
	if f.s.Quiet.In(now, zone) {
		until := f.s.Quiet.End(now, zone)
		if !until.Before(deadline) {
			return skipped(order.CauseQuiet, "quiet hours last until "+until.In(zone).Format("15:04")+", and the shop closes the order before")
		}
		return held(order.CauseQuiet, "quiet hours until "+until.In(zone).Format("15:04"), until)
	}
	if free := f.after(r, others); free.After(now) {
		if free.After(deadline) {
			return skipped(order.CauseTogether, "another message on this order went out just before")
		}
		return held(order.CauseTogether, "another message on this order went out just before", free)
	}
	return verdict{}
}

// lastMoment is when a step may go out at the latest. Quiet hours do not count
// as lateness: a step that was due shortly before them goes out after them, as
// one does that was planned within them.
func (f *flush) lastMoment(o order.Order, r order.Reminder, st Step) time.Time {
	end := f.s.Quiet.Later(r.Planned, st.Lateness(), f.s.Shops[o.Shop].zone())
	if !o.Closes.IsZero() && o.Closes.Before(end) {
		return o.Closes
	}
	return end
}

// after is when the buyer may next be written to about this order.
func (f *flush) after(r order.Reminder, others []order.Reminder) time.Time {
	var free time.Time
	for _, other := range others {
		if other.Key != r.Key && reached(other.State) {
			free = latest(free, other.Changed.Add(f.s.minGap()))
		}
	}
	return free
}

// look reads the order's own page. The verdict is set when that failed.
func (f *flush) look(ctx context.Context, r *order.Reminder) (order.Order, time.Time, verdict) {
	asked := f.now()
	f.tally.Looks++
	o, err := f.d.o.Looker.Look(ctx, r.Key.Order.Shop, r.Key.Order.ID)
	if err != nil {
		return o, asked, f.noLook(err)
	}
	read := latest(o.Looked, o.Seen)
	if o.Key() != r.Key.Order {
		return o, read, f.noLook(&LookError{Cause: order.CauseLook, Err: errors.New("the page that was read is not this order's")})
	}
	if read.Before(asked) {
		return o, read, f.noLook(&LookError{Cause: order.CauseLook, Err: errors.New("the order's page was not read afresh")})
	}
	f.noLooks = 0
	return o, read, verdict{}
}

// noLook holds the reminder, and the rest of the queue unless only this order
// is concerned.
func (f *flush) noLook(err error) verdict {
	now := f.now()
	v := held(order.CauseLook, err.Error(), now.Add(shopAgain))
	var le *LookError
	if errors.As(err, &le) && le.Cause != "" {
		v.cause = le.Cause
	}
	switch v.cause {
	case order.CauseLook:
		f.noLooks++
		if le != nil {
			v.due = now.Add(lookAgain)
		}
	case order.CauseBudget:
		v.due = now.Add(budgetAgain)
	}
	if le != nil && le.Until.After(now) {
		v.due = le.Until
	}
	if le == nil || v.cause != order.CauseLook || f.noLooks >= maxNoLooks {
		f.stop, f.tally.Stopped = v, v.cause
	}
	return v
}
