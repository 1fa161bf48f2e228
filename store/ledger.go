package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// note appends to the ledger. Its texts are scrubbed by the caller, who knows
// whose contacts to look for.
func (b outbox) note(e order.Event) error {
	e.At = cleanTime(e.At)
	value, err := encode(eventRecord{
		Shop: []byte(e.Key.Order.Shop), ID: []byte(e.Key.Order.ID), Step: []byte(e.Key.Step), Channel: e.Key.Channel,
		At: e.At, State: e.State, Cause: e.Cause, Reason: e.Reason, Provider: e.Provider,
		Message: e.Message, Cost: cleanCost(e.Cost),
	})
	if err != nil {
		return err
	}
	return b.ledger.add(e.At, orderKey(e.Key.Order), value)
}

// Ledger is what happened in from <= time < to, oldest first.
func (db *DB) Ledger(ctx context.Context, from, to time.Time) ([]order.Event, error) {
	var out []order.Event
	err := db.walk(ctx, "read the ledger", timeSpan(bucketLedger, nil, from, to), func(_ *bolt.Tx, _, v []byte) (bool, error) {
		var rec eventRecord
		if err := decode(v, &rec); err != nil {
			db.log.Error("a line of the ledger cannot be read", "err", err)
			return true, nil
		}
		out = append(out, rec.event())
		return true, nil
	})
	return out, err
}

// LedgerOf is all that happened to one order, in the order in which it was written.
func (db *DB) LedgerOf(key order.Key) ([]order.Event, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Event
	err := db.read("read the ledger of "+key.String(), func(tx *bolt.Tx) error {
		return newJournal(tx, bucketLedger, bucketLedgerOf).of(orderKey(key), func(v []byte) error {
			var rec eventRecord
			if err := decode(v, &rec); err != nil {
				return err
			}
			out = append(out, rec.event())
			return nil
		})
	})
	return out, err
}

// Reminders are those of one order, by step and channel.
func (db *DB) Reminders(key order.Key) ([]order.Reminder, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []order.Reminder
	err := db.read("read the reminders of "+key.String(), func(tx *bolt.Tx) error {
		return scan(open(tx, bucketReminders), orderKey(key), func(k, v []byte) error {
			rk, err := parseReminderKey(k)
			if err != nil {
				return err
			}
			var rec reminderRecord
			if err := decode(v, &rec); err != nil {
				return err
			}
			out = append(out, rec.reminder(rk))
			return nil
		})
	})
	return out, err
}

// Due are the reminders of a shop, of all shops if it is "", that are to be
// looked at by now, the longest due first. Limit 0 means all.
func (db *DB) Due(ctx context.Context, shop string, now time.Time, limit int) ([]order.Reminder, error) {
	if now.IsZero() {
		return nil, nil
	}
	return db.waiting(ctx, shop, now.Add(1), limit, anyStep) // now itself is due
}

// DueOf is [DB.Due] of one of the two lines: of the messages of campaigns, or of
// the reminders.
func (db *DB) DueOf(ctx context.Context, shop string, campaigns bool, now time.Time, limit int) ([]order.Reminder, error) {
	if now.IsZero() {
		return nil, nil
	}
	return db.waiting(ctx, shop, now.Add(1), limit, func(k order.ReminderKey) bool {
		_, ok := k.Campaign()
		return ok == campaigns
	})
}

func anyStep(order.ReminderKey) bool { return true }

// Waiting are all reminders of a shop, of all shops if it is "", that are
// planned, held or failed, in the order in which they fall due. Limit 0 means all.
func (db *DB) Waiting(ctx context.Context, shop string, limit int) ([]order.Reminder, error) {
	return db.waiting(ctx, shop, time.Time{}, limit, anyStep)
}

func (db *DB) waiting(ctx context.Context, shop string, until time.Time, limit int, wanted func(order.ReminderKey) bool) ([]order.Reminder, error) {
	shops := []string{shop}
	if shop == "" {
		var err error
		if shops, err = db.outboxShops(ctx); err != nil {
			return nil, err
		}
	}
	var out []order.Reminder
	for _, s := range shops {
		some, err := db.waitingOf(ctx, s, until, limit, wanted)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	if len(shops) > 1 {
		slices.SortStableFunc(out, func(a, b order.Reminder) int { return a.Due.Compare(b.Due) })
	}
	if limit > 0 && len(out) > limit {
		out = slices.Clip(out[:limit])
	}
	return out, nil
}

func (db *DB) waitingOf(ctx context.Context, shop string, until time.Time, limit int, wanted func(order.ReminderKey) bool) ([]order.Reminder, error) {
	if err := checkName("shop name", shop); err != nil {
		return nil, fmt.Errorf("read due reminders: %w", err)
	}
	var out []order.Reminder
	what := fmt.Sprintf("read the due reminders of shop %q", shop)
	err := db.walk(ctx, what, timeSpan(bucketDue, shopKey(shop), time.Time{}, until), func(tx *bolt.Tx, k, _ []byte) (bool, error) {
		key, due, err := parseDueKey(k)
		if err != nil {
			return false, err
		}
		if !wanted(key) {
			return true, nil
		}
		rec, found, err := getReminder(open(tx, bucketReminders), key)
		switch {
		case err != nil:
			db.log.Error("a reminder in the database cannot be read", "shop", shop, "order", key.Order.ID, "step", key.Step, "err", err)
		case found && waits(rec.State) && rec.Due.Equal(due):
			out = append(out, rec.reminder(key))
		}
		return limit <= 0 || len(out) < limit, nil
	})
	return out, err
}

// outboxShops are the shops that have reminders waiting. It jumps from shop to
// shop in the index.
func (db *DB) outboxShops(ctx context.Context) (shops []string, err error) {
	err = db.view(ctx, "read the due reminders", func(tx *bolt.Tx) error {
		c := open(tx, bucketDue).Cursor()
		for k, _ := c.First(); k != nil; {
			shop, _, err := cutPart(k)
			if err != nil {
				return err
			}
			shops = append(shops, shop)
			next := after(shopKey(shop))
			if next == nil {
				return nil
			}
			k, _ = c.Seek(next)
		}
		return nil
	})
	return shops, err
}

// NextDue is when the next reminder of a shop, of all shops if it is "", falls
// due; false if none waits.
func (db *DB) NextDue(ctx context.Context, shop string) (time.Time, bool, error) {
	first, err := db.Waiting(ctx, shop, 1)
	if err != nil || len(first) == 0 {
		return time.Time{}, false, err
	}
	return first[0].Due, true, nil
}
