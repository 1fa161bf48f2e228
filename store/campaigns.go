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

var (
	// ErrNoCampaign says that there is none of this name.
	ErrNoCampaign = errors.New("no such campaign")
	// ErrNotRunning says that a campaign was stopped, or is over.
	ErrNotRunning = errors.New("the campaign does not run")
)

func getCampaign(tx *bolt.Tx, name string) (rec campaignRecord, found bool, err error) {
	value := open(tx, bucketCampaigns).Get(shopKey(name))
	if value == nil {
		return rec, false, nil
	}
	return rec, true, decode(value, &rec)
}

func putCampaign(tx *bolt.Tx, name string, rec campaignRecord) error {
	value, err := encode(rec)
	if err != nil {
		return err
	}
	return open(tx, bucketCampaigns).Put(shopKey(name), value)
}

func checkCampaign(name string) error {
	if name == "" {
		return errors.New("the campaign has no name")
	}
	return checkName("name of the campaign", order.CampaignStep(name))
}

// PutCampaign keeps a campaign in place of the one of its name. One that was
// stopped and is put as running has nothing due before [DB.PlanCampaign]; to stop
// one is [DB.PauseCampaign].
func (db *DB) PutCampaign(ctx context.Context, c order.Campaign) error {
	what := fmt.Sprintf("keep campaign %q", c.Name)
	if err := checkCampaign(c.Name); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	switch c.State {
	case order.CampaignRunning, order.CampaignStopped, order.CampaignOver:
	default:
		return fmt.Errorf("%s: a campaign cannot be %q", what, string(c.State))
	}
	rec := campaignRecordOf(c)
	for _, at := range []*time.Time{&rec.Created, &rec.Changed} {
		if at.IsZero() {
			*at = cleanTime(db.now())
		}
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error { return putCampaign(tx, c.Name, rec) })
}

// Campaign is the one of a name; false if there is none.
func (db *DB) Campaign(name string) (order.Campaign, bool, error) {
	if checkCampaign(name) != nil {
		return order.Campaign{}, false, nil
	}
	var rec campaignRecord
	found, err := db.get(fmt.Sprintf("read campaign %q", name), bucketCampaigns, name, &rec)
	return rec.campaign(name), found, err
}

// Campaigns are all, the newest first.
func (db *DB) Campaigns() ([]order.Campaign, error) {
	var out []order.Campaign
	err := db.read("read the campaigns", func(tx *bolt.Tx) error {
		return scan(open(tx, bucketCampaigns), nil, func(k, v []byte) error {
			name, _, err := cutPart(k)
			if err != nil {
				return err
			}
			var rec campaignRecord
			if err := decode(v, &rec); err != nil {
				db.log.Error("a campaign in the database cannot be read", "step", order.CampaignStep(name), "err", err)
				return nil
			}
			out = append(out, rec.campaign(name))
			return nil
		})
	})
	slices.SortStableFunc(out, func(a, b order.Campaign) int { return b.Created.Compare(a.Created) })
	return out, err
}

// PauseCampaign stops a campaign: from when it returns nothing of it begins, and
// what waits is not due until it is planned anew, once the campaign was put as
// running again. One that is over stays so.
func (db *DB) PauseCampaign(ctx context.Context, name string) error {
	what := fmt.Sprintf("stop campaign %q", name)
	if err := checkCampaign(name); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	stopped := false
	err := db.update(ctx, what, func(tx *bolt.Tx) (err error) {
		stopped, err = db.stop(tx, name)
		return err
	})
	if err != nil || !stopped {
		return err
	}
	return db.eachWaiting(ctx, what, name, outbox.undue)
}

// stop reports whether the campaign is stopped now. Whose stop was cut off before
// is stopped again.
func (db *DB) stop(tx *bolt.Tx, name string) (bool, error) {
	rec, found, err := getCampaign(tx, name)
	switch {
	case err != nil:
		return false, err
	case !found:
		return false, ErrNoCampaign
	case rec.State != order.CampaignRunning:
		return rec.State == order.CampaignStopped, nil
	}
	rec.State, rec.Changed = order.CampaignStopped, cleanTime(db.now())
	return true, putCampaign(tx, name, rec)
}

// EndCampaign notes that a campaign is over, also one that was stopped, and skips
// what still waits of it. Its state comes last but for what was planned meanwhile:
// an end that was cut off is seen, and made again.
func (db *DB) EndCampaign(ctx context.Context, name string, at time.Time) error {
	what := fmt.Sprintf("end campaign %q", name)
	if err := checkCampaign(name); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if at = cleanTime(at); at.IsZero() {
		at = cleanTime(db.now())
	}
	if err := db.skipWaiting(ctx, what, name, at); err != nil {
		return err
	}
	err := db.update(ctx, what, func(tx *bolt.Tx) error {
		rec, found, err := getCampaign(tx, name)
		switch {
		case err != nil:
			return err
		case !found:
			return ErrNoCampaign
		case rec.State == order.CampaignOver:
			return nil
		}
		rec.State, rec.Changed = order.CampaignOver, at
		return putCampaign(tx, name, rec)
	})
	if err != nil {
		return err
	}
	return db.skipWaiting(ctx, what, name, at)
}

// skipWaiting settles what waits of a campaign that is over.
func (db *DB) skipWaiting(ctx context.Context, what, name string, at time.Time) error {
	return db.eachWaiting(ctx, what, name, func(b outbox, k order.ReminderKey, old reminderRecord) error {
		r := order.Reminder{Key: k, State: order.Skipped, Cause: order.CauseCampaign, Reason: "the campaign is over"}
		return b.settle(old, r, order.Event{At: at})
	})
}

// eachWaiting changes what waits of a campaign, many in one transaction.
func (db *DB) eachWaiting(ctx context.Context, what, name string, change func(outbox, order.ReminderKey, reminderRecord) error) error {
	all, err := db.CampaignReminders(ctx, name)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r order.Reminder) bool { return !waits(r.State) })
	for some := range slices.Chunk(all, chunk) {
		err := db.update(ctx, what, func(tx *bolt.Tx) error {
			b := db.outbox(tx)
			for _, r := range some {
				old, found, err := b.get(r.Key)
				if err == nil && found && waits(old.State) {
					err = change(b, r.Key, old)
				}
				if errors.Is(err, errBadRecord) {
					db.log.Error("a reminder in the database cannot be read", "shop", r.Key.Order.Shop, "order", r.Key.Order.ID, "step", r.Key.Step, "err", err)
				} else if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// undue takes one that waits out of the index by which it falls due.
func (b outbox) undue(k order.ReminderKey, rec reminderRecord) error {
	return b.due.Delete(dueKey(k, rec.Due))
}

// CampaignReminders are all messages of a campaign, in any state, by shop and order.
func (db *DB) CampaignReminders(ctx context.Context, name string) ([]order.Reminder, error) {
	what := fmt.Sprintf("read the messages of campaign %q", name)
	if checkCampaign(name) != nil {
		return nil, nil
	}
	var out []order.Reminder
	prefix := shopKey(name)
	err := db.walk(ctx, what, prefixSpan(bucketCampaignOf, prefix), func(tx *bolt.Tx, k, _ []byte) (bool, error) {
		key, err := parseReminderKey(k[len(prefix):])
		if err != nil {
			return false, err
		}
		rec, found, err := getReminder(open(tx, bucketReminders), key)
		if err != nil {
			db.log.Error("a reminder in the database cannot be read", "shop", key.Order.Shop, "order", key.Order.ID, "step", key.Step, "err", err)
		} else if found {
			out = append(out, rec.reminder(key))
		}
		return true, nil
	})
	return out, err
}

// CampaignOut counts the messages of a campaign whose hand-over began after a
// time and stands, and tells when the first of those did.
func (db *DB) CampaignOut(name string, since time.Time) (n int, oldest time.Time, err error) {
	if checkCampaign(name) != nil {
		return 0, oldest, nil
	}
	err = db.read(fmt.Sprintf("count the messages of campaign %q", name), func(tx *bolt.Tx) error {
		prefix := shopKey(name)
		c := open(tx, bucketCampaignOut).Cursor()
		for k, _ := c.Seek(timeKey(bytes.Clone(prefix), since)); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			at, _, err := cutTime(k[len(prefix):])
			if err != nil {
				return err
			}
			if !at.After(since) {
				continue
			}
			if n++; n == 1 {
				oldest = at
			}
		}
		return nil
	})
	return n, oldest, err
}
