package store

import (
	"context"
	"fmt"
	"time"

	"nudged/store/order"
)

// settles tells which states Settle may bring about. Without Begin nothing can
// have been sent; after it, nothing is merely planned again.
func settles(from, to order.State) bool {
	switch to {
	case order.Sent, order.Lost:
		return from == order.Sending
	case order.Held, order.Failed, order.Skipped, order.Parked, order.Shown:
		return from == order.Sending || waits(from)
	}
	return false
}

// Settle writes what became of a reminder, and the line in the ledger, in one
// transaction. It takes State, Due, Cause and Reason from r; the number of
// attempts never falls. At of the event, if zero, is r.Changed, or now.
//
// A hold that is repeated for the same cause and reason moves Due and writes no
// further line: a shop that is down for a day would else fill the ledger.
func (db *DB) Settle(ctx context.Context, r order.Reminder, e order.Event) error {
	return db.change(ctx, "settle", r.Key, func(b outbox, old reminderRecord) error {
		if old.State.Final() {
			return fmt.Errorf("%w: it is %s", ErrFinal, old.State)
		}
		if !settles(old.State, r.State) {
			return fmt.Errorf("%w: from %s to %q", ErrState, old.State, string(r.State))
		}
		if e.Key != (order.ReminderKey{}) && e.Key != r.Key || e.State != "" && e.State != r.State {
			return fmt.Errorf("the event is of %q, %s", e.Key, e.State)
		}
		for _, at := range []time.Time{r.Changed, db.now()} {
			if e.At.IsZero() {
				e.At = at
			}
		}
		return b.settle(old, r, e)
	})
}

func (b outbox) settle(old reminderRecord, r order.Reminder, e order.Event) error {
	who, err := getContact(b.tx, orderKey(r.Key.Order))
	if err != nil {
		return err
	}
	rec := reminderRecord{
		State: r.State, Planned: old.Planned, Due: cleanTime(r.Due), Cause: r.Cause, Reason: scrub(r.Reason, who.person()),
		Attempts: max(old.Attempts, r.Attempts), Changed: cleanTime(e.At),
	}
	switch {
	case rec.State.Out():
		rec.Out, rec.To = old.Out, old.To
	case rec.State == order.Shown:
		rec.Out = rec.Changed
	}
	if err := b.put(r.Key, old, rec); err != nil {
		return err
	}
	if rec.State == order.Held && old.State == order.Held && rec.Cause == old.Cause && rec.Reason == old.Reason {
		return nil
	}
	e.Key, e.State = r.Key, r.State
	if e.Cause == "" {
		e.Cause = r.Cause
	}
	if e.Reason == "" {
		e.Reason = r.Reason
	}
	return b.sent(old, rec, e, who)
}

// sent writes the line of a settled reminder, makes its message known by the id,
// and takes in what came back before we knew it.
func (b outbox) sent(old, rec reminderRecord, e order.Event, who contactRecord) error {
	e.Reason, e.Provider = scrub(e.Reason, who.person()), scrubKnown(e.Provider, who.person())
	id := normalMessage(e.Message)
	e.Message = scrubKnown(id, who.person())
	if err := b.note(e); err != nil || old.State != order.Sending {
		return err
	}
	if id != "" && rec.State != order.Shown {
		if err := open(b.tx, bucketMessages).Put(messageKey(id), reminderKey(e.Key)); err != nil {
			return err
		}
	}
	return b.catchUp(old.Out, id, e.Key)
}
