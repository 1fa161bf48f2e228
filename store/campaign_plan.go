package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// PlanCampaign plans the messages of a campaign that runs, and says how many of
// them wait by it. Nobody gets a second one: who has had one, or has one waiting,
// by any order, contact or channel, is passed over. One that waits since the
// campaign was stopped is planned anew, with the times that are given, by the key
// it has. What was planned stays beside an error.
func (db *DB) PlanCampaign(ctx context.Context, name string, rs []order.Reminder) (planned int, err error) {
	what := fmt.Sprintf("plan campaign %q", name)
	if err := checkCampaign(name); err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	for some := range slices.Chunk(rs, chunk) {
		n := 0
		err := db.update(ctx, what, func(tx *bolt.Tx) error {
			b := db.outbox(tx)
			switch state, err := b.campaign(name); {
			case err != nil:
				return err
			case state == "":
				return ErrNoCampaign
			case state != order.CampaignRunning:
				return ErrNotRunning
			}
			for _, r := range some {
				waits, err := b.planOne(name, r, db.now())
				if err != nil {
					return fmt.Errorf("%q: %w", r.Key, err)
				}
				if waits {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return planned, err
		}
		planned += n
	}
	return planned, nil
}

// planOne reports whether the message waits now and did not before.
func (b outbox) planOne(name string, r order.Reminder, now time.Time) (bool, error) {
	if of, ok := r.Key.Campaign(); !ok || of != name {
		return false, errors.New("it is none of this campaign's")
	}
	r, err := cleanPlan(r)
	if err != nil {
		return false, err
	}
	to, err := b.recipient(r.Key)
	if err = unlessBad(err); err != nil || to.who.Buyer == 0 {
		return false, err // nobody can tell who has had what
	}
	if had, err := b.had(r.Key, to); err != nil || had {
		return false, err
	}
	key, err := b.waitingFor(r.Key, to)
	if err != nil {
		return false, err
	}
	if key != nil {
		return b.again(*key, r)
	}
	if _, found, err := b.get(r.Key); err != nil || found {
		return false, unlessBad(err)
	}
	if err := b.insert(r, now); err != nil {
		return false, err
	}
	return r.State == "" || waits(r.State), b.keepTo(r.Key, to.to)
}

// waitingFor is the message of a campaign that waits for a person, by whatever
// order or channel; nil if none does.
func (b outbox) waitingFor(k order.ReminderKey, to recipient) (out *order.ReminderKey, err error) {
	if rec, _, err := b.get(k); err == nil && waits(rec.State) {
		return &k, nil
	}
	if to.crowd {
		return b.atContact(k, to, waits)
	}
	err = eachOrder(b.tx, to.who.Buyer, func(o []byte) (bool, error) {
		prefix := part(bytes.Clone(o), k.Step)
		c := b.reminders.Cursor()
		for key, v := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, v = c.Next() {
			var rec reminderRecord
			if decode(v, &rec) != nil || !waits(rec.State) {
				continue
			}
			found, err := parseReminderKey(key)
			out = &found
			return false, err
		}
		return true, nil
	})
	return out, err
}

// again plans one anew that waits but is not due, since its campaign was stopped.
func (b outbox) again(k order.ReminderKey, r order.Reminder) (bool, error) {
	old, _, err := b.get(k)
	if err != nil {
		return false, unlessBad(err)
	}
	// Not by Get: an entry without a value, just written, looks like none to it.
	key := dueKey(k, old.Due)
	if due, _ := b.due.Cursor().Seek(key); bytes.Equal(due, key) {
		return false, nil
	}
	rec := old
	rec.Planned, rec.Due = r.Planned, r.Due
	return true, b.put(k, old, rec)
}
