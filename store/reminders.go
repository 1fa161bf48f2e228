package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

var (
	// ErrNotDue says that a reminder cannot be begun: it was begun before, is
	// final, is held until later, or was never planned.
	ErrNotDue = order.ErrNotDue
	// ErrFinal says that a reminder's state is final.
	ErrFinal = errors.New("reminder is final")
	// ErrState says that a reminder cannot go from its state to the wanted one.
	ErrState = errors.New("reminder cannot go to this state")
	// ErrNoReminder says that there is none of this key.
	ErrNoReminder = errors.New("no such reminder")
)

// waits reports whether a reminder of this state stands in the due index.
func waits(s order.State) bool {
	return s == order.Planned || s == order.Held || s == order.Failed
}

// outbox is the reminders' part of one transaction.
type outbox struct {
	db                            *DB // nil while the file is brought up to date
	tx                            *bolt.Tx
	reminders, due, sending, told *bolt.Bucket
	ledger                        journal
	campaigns                     map[string]order.CampaignState // those that were asked about
}

func (db *DB) outbox(tx *bolt.Tx) outbox {
	b := openOutbox(tx)
	b.db = db
	return b
}

func openOutbox(tx *bolt.Tx) outbox {
	return outbox{
		tx: tx, reminders: open(tx, bucketReminders), due: open(tx, bucketDue), sending: open(tx, bucketSending),
		told: open(tx, bucketTold), ledger: newJournal(tx, bucketLedger, bucketLedgerOf),
		campaigns: map[string]order.CampaignState{},
	}
}

func (b outbox) get(k order.ReminderKey) (rec reminderRecord, found bool, err error) {
	return getReminder(b.reminders, k)
}

func getReminder(reminders *bolt.Bucket, k order.ReminderKey) (rec reminderRecord, found bool, err error) {
	value := reminders.Get(reminderKey(k))
	if value == nil {
		return rec, false, nil
	}
	return rec, true, decode(value, &rec)
}

// put writes a reminder in place of old and keeps the indexes in step; old is
// empty for a new one.
func (b outbox) put(k order.ReminderKey, old, rec reminderRecord) error {
	key := reminderKey(k)
	value, err := encode(rec)
	if err != nil {
		return err
	}
	if err := b.reminders.Put(key, value); err != nil {
		return err
	}
	if waits(old.State) {
		if err := b.due.Delete(dueKey(k, old.Due)); err != nil {
			return err
		}
	}
	if falls, err := b.falls(k, rec); err != nil {
		return err
	} else if falls {
		if err := b.due.Put(dueKey(k, rec.Due), nil); err != nil {
			return err
		}
	}
	if err := errors.Join(b.tell(k, old, rec), b.index(k, old, rec)); err != nil {
		return err
	}
	switch {
	case rec.State == order.Sending:
		return b.sending.Put(key, nil)
	case old.State == order.Sending:
		return b.sending.Delete(key)
	}
	return nil
}

// Plan keeps new reminders, and moves those that wait when their planned time
// has changed. Planning the same again changes nothing: what is held or failed
// keeps the time until which it waits. What is begun or final is left alone.
//
// A new reminder is planned, or held or skipped from the start, which the ledger
// notes.
func (db *DB) Plan(ctx context.Context, rs []order.Reminder) error {
	if len(rs) == 0 {
		return nil
	}
	return db.update(ctx, "plan reminders", func(tx *bolt.Tx) error {
		b := db.outbox(tx)
		for _, r := range rs {
			err := b.plan(r, db.now())
			switch {
			case errors.Is(err, errBadRecord): // it is left as it is, the others are planned
				db.log.Error("a reminder in the database cannot be read", "shop", r.Key.Order.Shop, "order", r.Key.Order.ID, "step", r.Key.Step, "err", err)
			case err != nil:
				return fmt.Errorf("%q: %w", r.Key, err)
			}
		}
		return nil
	})
}

// cleanPlan is a reminder as it can be planned: it is due when it is planned, unless
// it says otherwise.
func cleanPlan(r order.Reminder) (order.Reminder, error) {
	if r.Due.IsZero() {
		r.Due = r.Planned
	}
	r.Planned, r.Due = cleanTime(r.Planned), cleanTime(r.Due)
	return r, checkReminderKey(r.Key)
}

func (b outbox) plan(r order.Reminder, now time.Time) error {
	r, err := cleanPlan(r)
	if err != nil {
		return err
	}
	old, found, err := b.get(r.Key)
	if err != nil {
		return err
	}
	if !found {
		return b.insert(r, now)
	}
	if !waits(old.State) || old.Planned.Equal(r.Planned) && (old.State != order.Planned || old.Due.Equal(r.Due)) {
		return nil
	}
	rec := old
	rec.Planned, rec.Due = r.Planned, r.Due
	return b.put(r.Key, old, rec)
}

func (b outbox) insert(r order.Reminder, now time.Time) error {
	switch r.State {
	case "":
		r.State = order.Planned
	case order.Planned, order.Held, order.Skipped:
	default:
		return fmt.Errorf("%w: a new one cannot be %s", ErrState, r.State)
	}
	if r.Changed = cleanTime(r.Changed); r.Changed.IsZero() {
		r.Changed = cleanTime(now)
	}
	who, err := getContact(b.tx, orderKey(r.Key.Order))
	if err != nil {
		return err
	}
	rec := reminderRecord{
		State: r.State, Planned: r.Planned, Due: r.Due, Changed: r.Changed,
		Cause: r.Cause, Reason: scrub(r.Reason, who.person()),
	}
	if err := b.put(r.Key, reminderRecord{}, rec); err != nil || r.State == order.Planned {
		return err
	}
	return b.note(order.Event{At: rec.Changed, Key: r.Key, State: rec.State, Cause: rec.Cause, Reason: rec.Reason})
}

// change runs fn on a reminder that must exist.
func (db *DB) change(ctx context.Context, what string, key order.ReminderKey, fn func(b outbox, old reminderRecord) error) error {
	what = fmt.Sprintf("%s reminder %q", what, key)
	if err := checkReminderKey(key); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error {
		b := db.outbox(tx)
		old, found, err := b.get(key)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w, %w", ErrNoReminder, ErrNotDue)
		}
		return fn(b, old)
	})
}

// Begin writes ahead that a reminder is handed over now. When it returns nil,
// that is on the disk and no later Begin of this key succeeds until Settle said
// that it may be tried again. All else than a reminder that waits and whose time
// has come is [ErrNotDue], and so is one to somebody who has opted out since they
// were last asked about. If the person has had as many messages as the limit
// allows, it is an [order.LimitError] and nothing changes: counting and writing
// are one transaction, so that two shops at once cannot go beyond it.
//
// message is the id that the message carries, "" for none: should the hand-over be
// cut off, what comes back names it.
//
// A message of a campaign is also [ErrNotDue] while that does not run, and, with
// [order.ErrHadCampaign], if the person has had one of it by another order,
// contact or channel.
func (db *DB) Begin(ctx context.Context, key order.ReminderKey, message string, at time.Time, limit order.Limit) error {
	at = cleanTime(at)
	return db.change(ctx, "begin", key, func(b outbox, old reminderRecord) error {
		if !waits(old.State) {
			return fmt.Errorf("%w: it is %s", ErrNotDue, old.State)
		}
		if old.Due.After(at) {
			return fmt.Errorf("%w: it waits until %s", ErrNotDue, old.Due.Format(time.RFC3339))
		}
		who, err := getContact(b.tx, orderKey(key.Order))
		if err != nil {
			return err
		}
		if db.silent(b.tx, who) {
			return fmt.Errorf("%w: the buyer is not to be written to", ErrNotDue)
		}
		to := db.keys.sentTo(key.Channel, who)
		if err := b.goesOn(key, recipient{who: who, to: to}); err != nil {
			return err
		}
		if err := b.within(who, to, at, limit); err != nil {
			return err
		}
		rec := old
		rec.State, rec.Reason, rec.Cause, rec.Changed = order.Sending, "", "", at
		rec.Out, rec.To, rec.Message = at, to, normalMessage(message)
		rec.Attempts++
		if err := b.keepTo(key, to); err != nil {
			return err
		}
		if key.Channel == order.ByEmail {
			if err := db.keys.putToken(b.tx, who); err != nil {
				return err
			}
		}
		return b.put(key, old, rec)
	})
}
