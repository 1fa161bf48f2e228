package store

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Count is a number of orders and what they sum up to, one amount a currency.
type Count struct {
	Orders int
	Sum    []order.Money
}

// Daily is what was noticed on one day. An order counts once for each.
type Daily struct {
	Day       time.Time // its beginning, in the zone that was asked for
	New       Count     // open when they were read for the first time
	Paid      Count     // known to be not paid before, and paid
	Recovered Count     // those of Paid that a reminder had gone out about
	Closed    Count     // known before, and closed unpaid
}

// date names a day of the calendar, which may have 23 or 25 hours.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

// next is by the calendar alone: no zone leaves out a day of UTC.
func (d date) next() date {
	return dateOf(time.Date(d.year, d.month, d.day+1, 0, 0, 0, 0, time.UTC))
}

// begin is the first moment of a day. Where the clock is put on at midnight the
// day begins later.
func (d date) begin(zone *time.Location) time.Time {
	t := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, zone)
	for i := 0; i < 8 && dateOf(t) != d; i++ {
		t = t.Add(30 * time.Minute)
	}
	return t
}

// Daily counts what was noticed in from <= time < to, one entry a calendar day of
// the zone that the span touches, the oldest first, also for days without any. It
// reads the changes of that time only.
func (db *DB) Daily(ctx context.Context, from, to time.Time, zone *time.Location) ([]Daily, error) {
	if !from.Before(to) || from.IsZero() {
		return nil, nil
	}
	if zone == nil {
		zone = time.UTC
	}
	s := tally{db: db, place: map[date]int{}, seen: map[tallied]bool{}}
	last := dateOf(to.Add(-1).In(zone))
	for d := dateOf(from.In(zone)); ; d = d.next() {
		s.place[d] = len(s.days)
		s.days = append(s.days, Daily{Day: d.begin(zone)})
		if d == last {
			break
		}
	}
	err := db.walk(ctx, "count the changes", timeSpan(bucketChanges, nil, from, to), func(tx *bolt.Tx, k, v []byte) (bool, error) {
		at, _, err := cutTime(k)
		if err != nil {
			return false, err
		}
		var rec changeRecord
		if err := decode(v, &rec); err != nil {
			db.log.Error("a change in the database cannot be read", "err", err)
			return true, nil
		}
		i, ok := s.place[dateOf(at.In(zone))]
		if !ok {
			return true, nil
		}
		return true, s.take(tx, i, at, rec)
	})
	return s.days, err
}

// tally is one call of Daily.
type tally struct {
	db    *DB
	days  []Daily
	place map[date]int
	seen  map[tallied]bool
}

// tallied is an order that was counted on a day, as new, paid or closed.
type tallied struct {
	day int
	as  order.Status
	key string
}

func (s *tally) take(tx *bolt.Tx, day int, at time.Time, rec changeRecord) error {
	d, before := &s.days[day], rec.From
	var into *Count
	switch {
	case before == "" && rec.To == order.Unpaid:
		into = &d.New
	case before == "":
		return nil // over already when it was read for the first time
	case rec.To == order.Paid && before != order.ClosedRefunded:
		into = &d.Paid
	case rec.To == order.ClosedUnpaid:
		into = &d.Closed
	default:
		return nil
	}
	k := orderKey(rec.change().Key)
	once := tallied{day, rec.To, string(k)}
	if s.seen[once] {
		return nil
	}
	s.seen[once] = true
	total := order.Money(rec.Total)
	if rec.Total == (moneyRecord{}) { // not known then, or written by a program of before
		total = s.db.totalOf(tx, k)
	}
	into.add(total)
	if rec.To != order.Paid {
		return nil
	}
	reminded, err := remindedBefore(tx, k, at)
	if err == nil && reminded {
		d.Recovered.add(total)
	}
	return err
}

func (db *DB) totalOf(tx *bolt.Tx, k []byte) order.Money {
	rec, _, err := getRecord(tx, k)
	if err != nil {
		db.log.Error("an order in the database cannot be read", "err", err)
	}
	return order.Money(rec.Total)
}

// remindedBefore reports whether a reminder of an order had gone out, and did not
// come back.
func remindedBefore(tx *bolt.Tx, k []byte, at time.Time) (bool, error) {
	yes := false
	err := scan(open(tx, bucketReminders), k, func(key, v []byte) error {
		var rec reminderRecord
		rk, err := parseReminderKey(key)
		if err != nil || decode(v, &rec) != nil {
			return err // one that cannot be read is told of elsewhere
		}
		_, offer := rk.Campaign()
		switch rec.State {
		case order.Sent, order.Delivered, order.Replied, order.OptedOut:
			yes = yes || !offer && rec.Out.Before(at)
		}
		return nil
	})
	return yes, err
}

func (c *Count) add(m order.Money) {
	c.Orders++
	c.Sum = addSum(c.Sum, m)
}
