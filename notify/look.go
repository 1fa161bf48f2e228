package notify

import (
	"context"
	"errors"
	"time"

	"nudged/store/order"
)

// maxNoLooks single orders in a row that cannot be read mean that it is not
// the orders.
const maxNoLooks = 3

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
	v := held(order.CauseLook, now.Add(shopAgain), "%v", err)
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
