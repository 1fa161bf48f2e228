package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// prospectOf is what is to come of an order's reminders, by what is known now.
type prospectOf struct {
	next *order.Reminder // that goes out next; nil if none will
	stop order.Cause     // why none will, where the seller should know it
}

// comes finds the next reminder of an order that is not sure to be skipped. The
// dispatcher itself says what would be: of items that are sold out, of people who
// have answered or opted out since the reminder was planned.
func (a *app) comes(o order.Order, reminders []order.Reminder, now time.Time) (prospectOf, error) {
	p := prospectOf{}
	if o.Status == order.Unpaid {
		if unwanted, err := a.unwanted(o); err != nil || unwanted {
			p.stop = order.CauseSuppressed
			return p, err
		}
	}
	for _, r := range waitingOf(reminders, false) {
		f, err := a.foresee(r, now)
		switch {
		case err != nil: // what cannot be told is no reason to say that nothing comes
			p.next = &r
			return p, nil //nolint:nilerr // the reminder stands as it is planned
		case f.State != order.Skipped:
			if f.State == order.Planned {
				r.Due = f.Due
			}
			p.next = &r
			return p, nil
		case f.Instead != "":
			r.Key.Channel = f.Instead
			p.next = &r
			return p, nil
		}
		p.stop = cmp.Or(p.stop, f.Cause)
	}
	p.stop = cmp.Or(stopped(o, reminders), p.stop)
	return p, nil
}

// stopped says why an order has no reminders to come, where none waits.
func stopped(o order.Order, reminders []order.Reminder) order.Cause {
	switch {
	case o.Status != order.Unpaid:
	case slices.Contains(notify.Reasons(o, notify.Person{}), notify.SoldOut):
		return order.CauseSoldOut
	case slices.ContainsFunc(reminders, func(r order.Reminder) bool { return r.State == order.Skipped && r.Cause == order.CauseReplied }):
		return order.CauseReplied
	}
	return ""
}

// waitingOf are the messages of an order that wait, the next first: its reminders,
// or those of campaigns.
func waitingOf(reminders []order.Reminder, campaigns bool) []order.Reminder {
	out := slices.DeleteFunc(slices.Clone(reminders), func(r order.Reminder) bool {
		return under(r.Key) != campaigns || r.State.Final() || r.State == order.Sending
	})
	slices.SortStableFunc(out, func(a, b order.Reminder) int { return a.Due.Compare(b.Due) })
	return out
}

// nextOf says which message of an order goes out next, and when; or why none will.
func (a *app) nextOf(o order.Order, zone *time.Location) (string, error) {
	reminders, err := a.db.Reminders(o.Key())
	if err != nil || len(reminders) == 0 {
		return "", err
	}
	p, err := a.comes(o, reminders, a.now())
	if err != nil {
		return "", err
	}
	next := offerOf(reminders, p.next)
	if next == nil {
		return stopWords(p.stop), nil
	}
	text := fmt.Sprintf("%s by %s, %s", stepName(next.Key), next.Key.Channel, shortMoment(next.Due.In(zone), a.now()))
	if next.State != order.Planned && next.Cause != "" {
		text += fmt.Sprintf(" (waits: %s)", next.Cause)
	}
	return text, nil
}

// offerOf is a waiting message of a campaign, if it is due before the next
// reminder.
func offerOf(reminders []order.Reminder, next *order.Reminder) *order.Reminder {
	if offers := waitingOf(reminders, true); len(offers) > 0 && (next == nil || offers[0].Due.Before(next.Due)) {
		return &offers[0]
	}
	return next
}

// stopWords says why an order gets no reminder any more; "" where there is nothing
// to say.
func stopWords(c order.Cause) string {
	switch c {
	case order.CauseSoldOut:
		return "sold out: yours to write"
	case order.CauseReplied:
		return "has answered: yours to write"
	case order.CauseSuppressed:
		return "none: not to be written to"
	case order.CauseNoContact:
		return "no contact: yours to write"
	case order.CauseConfig:
		return "none: no longer in the config"
	case order.CausePaid, order.CauseClosed, "":
		return ""
	}
	return fmt.Sprintf("none: %s", c)
}

// shortMoment is a moment as short as a list needs it: in this year without it.
func shortMoment(t, now time.Time) string {
	if t.Year() != now.In(t.Location()).Year() {
		return t.Format(wideMoment)
	}
	return t.Format(narrowMoment)
}
