package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Recover makes unknown of every reminder that was begun and never settled: a
// crash came between the hand-over and its answer, and nobody can tell whether
// the buyer got it. It is for the start, before anything is sent.
func (db *DB) Recover(ctx context.Context, at time.Time) ([]order.Reminder, error) {
	var out []order.Reminder
	err := db.update(ctx, "recover reminders", func(tx *bolt.Tx) error {
		b := db.outbox(tx)
		var keys []order.ReminderKey
		err := scan(b.sending, nil, func(k, _ []byte) error {
			key, err := parseReminderKey(k)
			keys = append(keys, key)
			return err
		})
		if err != nil {
			return err
		}
		for _, k := range keys {
			old, _, err := b.get(k)
			switch {
			case errors.Is(err, errBadRecord): // never due again, which is what counts
				db.log.Error("a reminder in the database cannot be read", "shop", k.Order.Shop, "order", k.Order.ID, "step", k.Step, "err", err)
				continue
			case err != nil:
				return fmt.Errorf("%q: %w", k, err)
			}
			r := old.reminder(k)
			r.State, r.Cause, r.Changed = order.Lost, order.CauseCrash, cleanTime(at)
			r.Reason = "nudged stopped while it was handed over; it may or may not have arrived, and is not sent again"
			if err := b.settle(old, r, order.Event{At: at, Message: old.Message, Provider: old.Message}); err != nil {
				return fmt.Errorf("%q: %w", k, err)
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
