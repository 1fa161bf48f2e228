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
		return o, asked, f.noLook(r, err)
	}
	read := latest(o.Looked, o.Seen)
	if o.Key() != r.Key.Order {
		return o, read, f.noLook(r, &LookError{Cause: order.CauseLook, Err: errors.New("the page that was read is not this order's")})
	}
	if read.Before(asked) {
		return o, read, f.noLook(r, &LookError{Cause: order.CauseLook, Err: errors.New("the order's page was not read afresh")})
	}
	*f.inARow(r) = 0
	return o, read, verdict{}
}

// inARow counts the looks that failed: those for campaigns, at orders that were
// closed long ago, tell nothing of the open ones.
func (f *flush) inARow(r *order.Reminder) *int {
	if _, ok := r.Key.Campaign(); ok {
		return &f.noOfferLooks
	}
	return &f.noLooks
}

// noLook holds the reminder, and the rest of the queue unless only this order
// is concerned. A campaign that finds no looks left holds only campaigns.
func (f *flush) noLook(r *order.Reminder, err error) verdict {
	now := f.now()
	v := held(order.CauseLook, now.Add(shopAgain), "%v", err)
	var le *LookError
	if errors.As(err, &le) && le.Cause != "" {
		v.cause = le.Cause
	}
	switch v.cause {
	case order.CauseLook:
		*f.inARow(r)++
		if le != nil {
			v.due = now.Add(lookAgain)
		}
	case order.CauseBudget:
		v.due = now.Add(budgetAgain)
	}
	if le != nil && le.Until.After(now) {
		v.due = le.Until
	}
	_, campaign := r.Key.Campaign()
	switch {
	case le != nil && v.cause == order.CauseLook && *f.inARow(r) < maxNoLooks: // only this order
	case campaign && le != nil && v.cause != order.CauseShop:
		f.unlooked = v
	default:
		f.stop, f.tally.Stopped = v, v.cause
	}
	return v
}
