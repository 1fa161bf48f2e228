package store

import (
	"bytes"
	"errors"
	"time"

	"nudged/store/order"
)

// takes tells whether what came back moves a reminder, given whether it names
// the very message. An answer is never undone by a report. Between two reports
// the later one holds, so that it does not matter which is read first.
func (r reminderRecord) takes(back backRecord) bool {
	to := back.State
	switch r.State {
	case order.Sent, order.Lost:
		return true
	case order.Delivered:
		return to == order.Replied || to == order.OptedOut || to == order.Bounced && !back.At.Before(r.Said)
	case order.Bounced:
		return to == order.Replied || to == order.OptedOut || to == order.Delivered && back.At.After(r.Said)
	case order.Replied:
		return to == order.OptedOut
	case order.Planned, order.Held, order.Failed, order.Parked:
		return back.Sure && to != order.Bounced // it did arrive: it must not be sent again
	}
	return false
}

// cameBack moves the reminder of a Back and writes the line. While the message
// is handed over the answer to that comes first: the Back stays pending.
func (b outbox) cameBack(back *backRecord, now time.Time) error {
	k := back.reminder()
	old, found, err := b.get(k)
	if errors.Is(err, errBadRecord) || err == nil && !found {
		return nil // it is kept all the same
	}
	if err != nil {
		return err
	}
	if back.Pending = old.State == order.Sending; back.Pending {
		return nil
	}
	repeated := old.State == back.State && (back.State == order.Delivered || back.State == order.Bounced)
	cause, reason := back.why()
	if old.takes(*back) {
		rec := old
		rec.State, rec.Cause, rec.Reason, rec.Changed, rec.Said = back.State, cause, reason, now, back.At
		if !old.State.Out() {
			rec.Out = now
		}
		if err := b.put(k, old, rec); err != nil {
			return err
		}
	}
	if repeated {
		return nil
	}
	return b.note(order.Event{
		At: now, Key: k, State: back.State, Cause: cause, Reason: reason, Message: back.Message, Cost: order.Money(back.Cost),
	})
}

func (r backRecord) why() (order.Cause, string) {
	switch {
	case r.State == order.Bounced && r.Final:
		return order.CauseBounce, "it came back for good"
	case r.State == order.Bounced:
		return order.CauseBounce, "it came back"
	case r.State == order.OptedOut:
		return order.CauseSuppressed, "the buyer wants no more messages"
	case r.State == order.Replied:
		return "", "the buyer has answered"
	}
	return "", ""
}

// Bounds of the search for what came back before its message was settled.
const (
	catchUpSpan = time.Minute
	catchUpMost = 1000
)

// catchUp applies what came back while a message was handed over, now that its
// id and state are known.
func (b outbox) catchUp(begun time.Time, id string, k order.ReminderKey) error {
	j := newJournal(b.tx, bucketBacks, bucketBacksOf)
	var mains [][]byte
	n := 0
	err := backwards(j.main, nil, func(main, value []byte) (bool, error) {
		when, _, err := cutTime(main)
		if n++; err != nil || when.Before(begun.Add(-catchUpSpan)) || n > catchUpMost {
			return false, err
		}
		var rec backRecord
		if decode(value, &rec) != nil || !rec.Pending {
			return true, nil
		}
		named := id != "" && bytes.Equal(rec.Hash, messageKey(id)) && (rec.Channel == "" || rec.Channel == k.Channel)
		if named || rec.reminder() == k {
			mains = append(mains, bytes.Clone(main))
		}
		return true, nil
	})
	for i := len(mains) - 1; err == nil && i >= 0; i-- {
		err = b.apply(j, mains[i], id, k)
	}
	return err
}

// apply ties a pending Back to its reminder.
func (b outbox) apply(j journal, main []byte, id string, k order.ReminderKey) error {
	rec, err := getBack(b.tx, main)
	if err != nil {
		return err
	}
	was := rec.order()
	if len(rec.Hash) > 0 {
		rec.Message, rec.Hash, rec.Sure = id, nil, true
	}
	rec.about(k)
	when, _, err := cutTime(main)
	if err != nil {
		return err
	}
	if err := b.cameBack(&rec, when); err != nil {
		return err
	}
	a, err := b.aboutMessage(k, rec.Message)
	if err != nil {
		return err
	}
	silenced, err := b.db.silence(b.tx, rec, a, nil, when)
	if err != nil {
		return err
	}
	rec.Suppressed = rec.Suppressed || silenced
	value, err := encode(rec)
	if err != nil {
		return err
	}
	if err := j.main.Put(main, value); err != nil || was == k.Order {
		return err
	}
	if was != (order.Key{}) {
		if err := j.index.Delete(append(orderKey(was), main[timeLen:]...)); err != nil {
			return err
		}
	}
	return j.index.Put(append(orderKey(k.Order), main[timeLen:]...), main[:timeLen])
}
