package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// campaignKey stands in the index of a campaign's messages.
func campaignKey(name string, k order.ReminderKey) []byte {
	return append(shopKey(name), reminderKey(k)...)
}

// index keeps what is known of a campaign's messages in step with a reminder.
func (b outbox) index(k order.ReminderKey, old, rec reminderRecord) error {
	name, ok := k.Campaign()
	if !ok {
		return nil
	}
	if old.State == "" {
		if err := open(b.tx, bucketCampaignOf).Put(campaignKey(name, k), nil); err != nil {
			return err
		}
	}
	was, is := old.tells() == toldOut, rec.tells() == toldOut
	if was == is && old.Out.Equal(rec.Out) {
		return nil
	}
	out := open(b.tx, bucketCampaignOut)
	if was {
		if err := out.Delete(append(timeKey(shopKey(name), old.Out), reminderKey(k)...)); err != nil {
			return err
		}
	}
	if !is {
		return nil
	}
	return out.Put(append(timeKey(shopKey(name), rec.Out), reminderKey(k)...), nil)
}

// falls reports whether a reminder is due one day: one that waits and is not of a
// campaign that was stopped.
func (b outbox) falls(k order.ReminderKey, rec reminderRecord) (bool, error) {
	name, ok := k.Campaign()
	if !waits(rec.State) || !ok {
		return waits(rec.State), nil
	}
	state, err := b.campaign(name)
	return state != order.CampaignStopped, err
}

// campaign is the state of one; "" if there is none. A transaction that changes
// it plans nothing.
func (b outbox) campaign(name string) (order.CampaignState, error) {
	if state, ok := b.campaigns[name]; ok {
		return state, nil
	}
	c, _, err := getCampaign(b.tx, name)
	if err == nil {
		b.campaigns[name] = c.State
	}
	return c.State, err
}

// recipient is to whom a message goes.
type recipient struct {
	who   contactRecord
	to    []byte // HMAC of the contact
	crowd bool   // a placeholder has joined many: only this contact counts
}

func (b outbox) recipient(k order.ReminderKey) (r recipient, err error) {
	if r.who, err = getContact(b.tx, orderKey(k.Order)); err != nil {
		return r, err
	}
	r.to = b.db.keys.sentTo(k.Channel, r.who)
	r.crowd, err = isCrowd(b.tx, r.who.Buyer)
	return r, err
}

// goesOn is [ErrNotDue] for a message of a campaign that does not run, or that the
// person has had by another key.
func (b outbox) goesOn(k order.ReminderKey, to recipient) error {
	name, ok := k.Campaign()
	if !ok {
		return nil
	}
	state, err := b.campaign(name)
	if err != nil {
		return err
	}
	if state != order.CampaignRunning {
		return fmt.Errorf("%w: its campaign does not run", ErrNotDue)
	}
	if to.crowd, err = isCrowd(b.tx, to.who.Buyer); err != nil {
		return err
	}
	had, err := b.had(k, to)
	if err == nil && had {
		return fmt.Errorf("%w: %w", ErrNotDue, order.ErrHadCampaign)
	}
	return err
}

// had reports whether a person has had a message of the same campaign, by another
// order or at another contact.
func (b outbox) had(k order.ReminderKey, to recipient) (bool, error) {
	by, err := b.atContact(k, to, order.State.Out)
	if err != nil || by != nil || to.crowd || to.who.Buyer == 0 {
		return by != nil, err
	}
	had := false
	err = backwards(b.told, seqKey(nil, to.who.Buyer), func(key, how []byte) (bool, error) {
		_, other, err := parseToldKey(key)
		had = err == nil && other.Step == k.Step && other != k && counts(how, false)
		return !had, err
	})
	return had, err
}

// atContact is another message of the same campaign to one of a person's contacts
// in a state that is asked for; nil if there is none.
func (b outbox) atContact(k order.ReminderKey, to recipient, in func(order.State) bool) (*order.ReminderKey, error) {
	var macs [][]byte
	if !to.crowd {
		macs = b.db.whom(to.who.contacts())
	} else if to.to != nil {
		macs = [][]byte{to.to}
	}
	for _, mac := range macs {
		value := open(b.tx, bucketCampaignTo).Get(append(shopKey(k.Step), mac...))
		if value == nil {
			continue
		}
		other, err := parseReminderKey(value)
		if err != nil {
			return nil, err
		}
		rec, found, err := b.get(other)
		if err = unlessBad(err); err != nil {
			return nil, err
		}
		if other != k && found && in(rec.State) {
			return &other, nil
		}
	}
	return nil, nil
}

// keepTo notes to whom a message of a campaign goes.
func (b outbox) keepTo(k order.ReminderKey, to []byte) error {
	if _, ok := k.Campaign(); !ok || to == nil {
		return nil
	}
	return open(b.tx, bucketCampaignTo).Put(append(shopKey(k.Step), to...), reminderKey(k))
}

// HadCampaign reports whether the person of a campaign's message has had one of
// the same campaign by another key: what [DB.Begin] would refuse it for with
// [order.ErrHadCampaign], asked ahead.
func (db *DB) HadCampaign(key order.ReminderKey) (bool, error) {
	if _, ok := key.Campaign(); !ok || checkReminderKey(key) != nil {
		return false, nil
	}
	had := false
	err := db.read("look for a message of the same campaign as "+key.String(), func(tx *bolt.Tx) error {
		b := db.outbox(tx)
		to, err := b.recipient(key)
		if err == nil {
			had, err = b.had(key, to)
		}
		return err
	})
	return had, err
}
