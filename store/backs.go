package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Returned is a [order.Back] on record. Ref and Token are not kept, Message only
// if it is ours. Email, Phone and Words are empty once the person was erased or
// forgotten; Email and Phone also where there are no words and the order says who
// it is.
type Returned struct {
	order.Back
	Answered order.Answered // as it was then, with New true
	Recorded time.Time      // when it was taken in; [DB.Backs] goes by this
}

func getBack(tx *bolt.Tx, main []byte) (rec backRecord, err error) {
	value := open(tx, bucketBacks).Get(main)
	if value == nil {
		return rec, errBadRecord
	}
	return rec, decode(value, &rec)
}

// returned reads a record with its words. What cannot be read of those is missing.
func returned(tx *bolt.Tx, main, value []byte) (out Returned, err error) {
	var rec backRecord
	if err := decode(value, &rec); err != nil {
		return out, err
	}
	when, seq, err := cutTime(main)
	if err != nil {
		return out, err
	}
	out = Returned{Recorded: when, Answered: rec.answered(true), Back: order.Back{
		At: rec.At, Channel: rec.Channel, State: rec.State, Message: rec.Message, Final: rec.Final, Cost: order.Money(rec.Cost),
	}}
	if kept := openContacts(tx, contactWords).Get(seq); rec.Words && kept != nil {
		var words wordsRecord
		if err := decode(kept, &words); err != nil {
			return out, err
		}
		out.Email, out.Phone, out.Words = order.Email(words.Email), order.Phone(words.Phone), words.Words
	}
	return out, nil
}

// Backs is what was taken in in from <= time < to, oldest first.
func (db *DB) Backs(ctx context.Context, from, to time.Time) ([]Returned, error) {
	var out []Returned
	err := db.walk(ctx, "read what came back", timeSpan(bucketBacks, nil, from, to), func(tx *bolt.Tx, k, v []byte) (bool, error) {
		one, err := returned(tx, k, v)
		if err != nil {
			db.log.Error("something that came back cannot be read in the database", "err", err)
			return true, nil
		}
		out = append(out, one)
		return true, nil
	})
	return out, err
}

// BacksOf is all that came back about one order, in the order in which it was
// taken in.
func (db *DB) BacksOf(key order.Key) ([]Returned, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var out []Returned
	err := db.read("read what came back about "+key.String(), func(tx *bolt.Tx) (err error) {
		out, err = backsOf(tx, orderKey(key))
		return err
	})
	return out, err
}

func backsOf(tx *bolt.Tx, k []byte) (out []Returned, err error) {
	err = newJournal(tx, bucketBacks, bucketBacksOf).eachOf(k, func(main, value []byte) error {
		one, err := returned(tx, main, value)
		out = append(out, one)
		return err
	})
	return out, err
}

// Handed is a message that was handed over, and of which no report has come.
type Handed struct {
	Key     order.ReminderKey
	Message string // see [order.Event.Message]
	Email   order.Email
	Phone   order.Phone
	At      time.Time // of the answer to the hand-over
}

// Handed are the messages of a channel that were handed over at since or later,
// whose id is known and of which no report has come; oldest first. It reads the
// ledger from since on.
func (db *DB) Handed(ctx context.Context, channel order.Channel, since time.Time) ([]Handed, error) {
	var out []Handed
	what := fmt.Sprintf("read the messages by %q without a report", string(channel))
	err := db.walk(ctx, what, timeSpan(bucketLedger, nil, since, time.Time{}), func(tx *bolt.Tx, _, v []byte) (bool, error) {
		var rec eventRecord
		if err := decode(v, &rec); err != nil {
			db.log.Error("a line of the ledger cannot be read", "err", err)
			return true, nil
		}
		if rec.Channel != channel || rec.Message == "" || rec.State != order.Sent && rec.State != order.Lost {
			return true, nil
		}
		e := rec.event()
		now, found, err := getReminder(open(tx, bucketReminders), e.Key)
		if err != nil || !found || now.State != order.Sent && now.State != order.Lost {
			return true, nil // one that cannot be read is told of elsewhere
		}
		who, err := getContact(tx, orderKey(e.Key.Order))
		if err == nil {
			out = append(out, Handed{Key: e.Key, Message: e.Message, Email: order.Email(who.Email), Phone: order.Phone(who.Phone), At: e.At})
		}
		return true, nil
	})
	return out, err
}
