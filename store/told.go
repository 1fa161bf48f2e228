package store

import (
	"bytes"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// What stands in the index of a person's messages: that one left us, or may
// have; or that it was shown to the seller.
const (
	toldOut   = 'o'
	toldShown = 's'
)

// toldKey is the key of a message to a person, by the time of its hand-over.
func toldKey(buyer uint64, at time.Time, k order.ReminderKey) []byte {
	return append(timeKey(seqKey(nil, buyer), at), reminderKey(k)...)
}

func parseToldKey(key []byte) (at time.Time, k order.ReminderKey, err error) {
	if len(key) < 8 {
		return at, k, errBadKey
	}
	at, rest, err := cutTime(key[8:])
	if err != nil {
		return at, k, err
	}
	k, err = parseReminderKey(rest)
	return at, k, err
}

// tells says how a reminder stands in the index; 0 if it does not.
func (r reminderRecord) tells() byte {
	switch {
	case r.Out.IsZero():
		return 0
	case r.State.Out():
		return toldOut
	case r.State == order.Shown:
		return toldShown
	}
	return 0
}

// tell keeps the index in step with a reminder. What goes to somebody who is not
// known as a person is in no index.
func (b outbox) tell(k order.ReminderKey, old, rec reminderRecord) error {
	was, is := old.tells(), rec.tells()
	if was == is && old.Out.Equal(rec.Out) {
		return nil
	}
	who, err := getContact(b.tx, orderKey(k.Order))
	if err != nil || who.Buyer == 0 {
		return err
	}
	if was != 0 {
		if err := b.told.Delete(toldKey(who.Buyer, old.Out, k)); err != nil {
			return err
		}
	}
	if is == 0 {
		return nil
	}
	return b.told.Put(toldKey(who.Buyer, rec.Out, k), []byte{is})
}

// within is an [order.LimitError] if the person has had all that the limit
// allows. In a crowd that a placeholder has joined it is what the contact at hand
// has had.
func (b outbox) within(who contactRecord, to []byte, at time.Time, limit order.Limit) error {
	if who.Buyer == 0 || limit.Count <= 0 || limit.Per <= 0 {
		return nil
	}
	err := b.spent(who.Buyer, at, limit, func(order.ReminderKey) bool { return true })
	if err == nil || to == nil {
		return err
	}
	if crowd, crowdErr := isCrowd(b.tx, who.Buyer); crowdErr != nil || !crowd {
		return errors.Join(err, crowdErr)
	}
	return b.spent(who.Buyer, at, limit, func(k order.ReminderKey) bool {
		rec, _, err := b.get(k)
		return err != nil || bytes.Equal(rec.To, to)
	})
}

// spent reads no more entries than the stretch of time has. A message that a
// wrong clock put into the future counts.
func (b outbox) spent(buyer uint64, at time.Time, limit order.Limit, mine func(order.ReminderKey) bool) error {
	n := 0
	begin := at.Add(-limit.Per)
	return backwards(b.told, seqKey(nil, buyer), func(key, how []byte) (bool, error) {
		when, k, err := parseToldKey(key)
		if err != nil || !when.After(begin) {
			return false, err
		}
		if counts(how, limit.Shown) && mine(k) {
			n++
		}
		if n == limit.Count {
			return false, &order.LimitError{Until: when.Add(limit.Per)}
		}
		return true, nil
	})
}

// Spent is an [order.LimitError] if the buyer of an order has had all messages
// that the limit allows at a moment: what [DB.Begin] would say then, asked ahead.
func (db *DB) Spent(key order.ReminderKey, at time.Time, limit order.Limit) error {
	if err := checkReminderKey(key); err != nil {
		return err
	}
	return db.read("count the messages to the buyer of "+key.Order.String(), func(tx *bolt.Tx) error {
		who, err := getContact(tx, orderKey(key.Order))
		if err != nil {
			return err
		}
		return openOutbox(tx).within(who, db.keys.sentTo(key.Channel, who), cleanTime(at), limit)
	})
}

func counts(how []byte, shown bool) bool {
	return len(how) == 1 && (how[0] == toldOut || shown && how[0] == toldShown)
}

// backwards reads all keys that begin with prefix, the last one first, until fn
// has enough. fn must not change the bucket.
func backwards(b *bolt.Bucket, prefix []byte, fn func(k, v []byte) (more bool, err error)) error {
	s := span{lower: prefix, upper: after(prefix), reverse: true}
	c := b.Cursor()
	for k, v := s.first(c); s.holds(k); k, v = s.next(c) {
		if more, err := fn(k, v); err != nil || !more {
			return err
		}
	}
	return nil
}

// moveKeys gives what stands under one buyer in a bucket to another.
func moveKeys(b *bolt.Bucket, from, to uint64) error {
	prefix := seqKey(nil, from)
	type entry struct{ key, value []byte }
	var all []entry
	err := scan(b, prefix, func(k, v []byte) error {
		all = append(all, entry{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := b.Delete(e.key); err != nil {
			return err
		}
		if err := b.Put(slices.Concat(seqKey(nil, to), e.key[8:]), e.value); err != nil {
			return err
		}
	}
	return nil
}

// fillTold makes the index for reminders that were settled before there was one.
// The time of the hand-over was not kept; that of its answer stands for it.
func fillTold(tx *bolt.Tx) error {
	type out struct {
		key order.ReminderKey
		rec reminderRecord
	}
	var all []out
	err := scan(open(tx, bucketReminders), nil, func(k, v []byte) error {
		key, err := parseReminderKey(k)
		if err != nil {
			return err
		}
		var rec reminderRecord
		if err := decode(v, &rec); errors.Is(err, errBadRecord) {
			return nil // it is left as it is, as everywhere
		} else if err != nil {
			return err
		}
		if rec.State.Out() || rec.State == order.Shown {
			all = append(all, out{key, rec})
		}
		return nil
	})
	if err != nil {
		return err
	}
	b := openOutbox(tx)
	for _, o := range all {
		rec := o.rec
		if rec.Out = rec.Changed; rec.Out.IsZero() {
			rec.Out = rec.Planned
		}
		if err := b.put(o.key, o.rec, rec); err != nil {
			return err
		}
	}
	return nil
}
