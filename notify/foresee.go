package notify

import (
	"errors"
	"fmt"
	"time"

	"nudged/store/order"
)

// Foresight is what will become of a reminder by what is on record. A zero State
// means that its order will be looked at and, if the page shows what is on
// record, the message goes out.
type Foresight struct {
	State  order.State
	Cause  order.Cause
	Reason string
	Due    time.Time // for what is held, or planned for later
	// Instead is the channel that the step would be planned on anew; "" if it stays.
	Instead order.Channel
	// Message is what would go out; nil if nothing would, or if facts that the text
	// needs are only on the order's own page, which was not read yet.
	Message *Message
}

func (v verdict) foresight() Foresight {
	return Foresight{State: v.state, Cause: v.cause, Reason: v.reason, Due: v.due, Instead: v.instead}
}

// Foresee says what [Dispatcher.Flush] would do with a waiting reminder at a
// moment, by the very rules of Flush. It changes nothing and asks no shop.
func (d *Dispatcher) Foresee(r order.Reminder, at time.Time) (Foresight, error) {
	shop := r.Key.Order.Shop
	if _, ok := d.o.Settings.Shops[shop]; !ok {
		return Foresight{State: r.State, Cause: order.CauseConfig, Reason: fmt.Sprintf("shop %s is no longer in the config", shop), Due: r.Due}, nil
	}
	f, visited, err := d.newFlush(shop, func() time.Time { return at })
	switch {
	case err != nil:
		return Foresight{}, fmt.Errorf("look ahead at %s: %w", r.Key, err)
	case !visited:
		return Foresight{State: r.State, Reason: fmt.Sprintf("shop %s was never read: nothing goes out until `nudged crawl %s` succeeds", shop, shop), Due: r.Due}, nil
	}
	v, m, err := f.foresee(r)
	if err != nil {
		return Foresight{}, fmt.Errorf("look ahead at %s: %w", r.Key, err)
	}
	out := v.foresight()
	out.Message = m
	return out, nil
}

// foresee goes on, where nothing on record stops the reminder, as if its page had
// just been read and shown the same.
func (f *flush) foresee(r order.Reminder) (verdict, *Message, error) {
	known, v, err := f.known(&r)
	if err != nil || v.state != "" {
		return v, nil, err
	}
	o, _, err := f.onRecord(r.Key)
	if err != nil || known.offer == nil && (o.Status != order.Unpaid || o.Looked.IsZero()) {
		return verdict{}, nil, err
	}
	j, v, err := f.judge(o, &r, true)
	if err != nil || v.state != "" {
		return v, nil, err
	}
	if v, err := f.spent(j); err != nil || v.state != "" {
		return v, nil, err
	}
	m, err := f.write(j)
	if err != nil {
		return textVerdict(err, f.now()), nil, nil //nolint:nilerr // it is the verdict
	}
	return verdict{}, &m, nil
}

// spent is what the person's limit would say, if the outbox can tell ahead.
func (f *flush) spent(j *job) (verdict, error) {
	budget, ok := f.d.o.Outbox.(Budget)
	if !ok {
		return verdict{}, nil
	}
	err := budget.Spent(j.r.Key, j.now, f.s.Limit)
	var spent *order.LimitError
	if errors.As(err, &spent) {
		return f.limited(j, spent.Until), nil
	}
	return verdict{}, err
}
