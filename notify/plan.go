package notify

import (
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// soonest is the shortest time after its creation at which an order is reminded
// by a step that had to move ahead of quiet hours: before that the buyer may
// still be busy paying.
const soonest = 10 * time.Minute

// Plan says which reminders an order gets, and when. It is pure: enabled is
// when the shop was first visited, now only stamps the result.
//
// Only unpaid orders of a known shop, with a date of creation, get any. A step
// before the close needs a known close. A reminder that can be ruled out at
// once comes as skipped, with its cause, so that the ledger can tell: the order
// is older than the shop's first visit, nothing is to pay, the shop closes it
// before the step, the step fits nowhere around the quiet hours, or the next
// step follows within [Settings.MinGap] and takes its place.
//
// Of the channels of a step the first is taken for which the buyer left a
// usable contact. Without any, the first one stands, and the dispatcher skips it
// at the due moment, when the contact may have become known.
func Plan(s Settings, o order.Order, enabled, now time.Time) []order.Reminder {
	facts, known := s.Shops[o.Shop]
	if !known || o.Status != order.Unpaid || o.Created.IsZero() || enabled.IsZero() {
		return nil
	}
	var out []order.Reminder
	for _, st := range s.Steps {
		at, ok := st.at(o)
		if !ok || len(st.By) == 0 {
			continue
		}
		r := order.Reminder{
			Key:     order.ReminderKey{Order: o.Key(), Step: st.Name, Channel: st.channel(o.Buyer)},
			State:   order.Planned,
			Planned: at, Due: at, Changed: now,
		}
		switch {
		case before(o, enabled):
			skip(&r, order.CauseBeforeEnabled, "the order is older than the shop's first visit")
		case o.Total.Currency != "" && o.Total.IsZero():
			skip(&r, order.CauseZero, "nothing is to be paid")
		case at.Before(o.Began()) || (!o.Closes.IsZero() && !at.Before(o.Closes)):
			skip(&r, order.CauseTooLate, "the shop closes the order too soon for this step")
		default:
			moveOutOfQuiet(&r, s.Quiet, o, facts.zone())
		}
		out = append(out, r)
	}
	thin(out, s.minGap())
	return out
}

// before reports whether an order is older than the shop's first visit. Where
// the shop shows only days, what the first visit itself brought is.
func before(o order.Order, enabled time.Time) bool {
	if o.DayOnly {
		return !o.Began().After(enabled)
	}
	return o.Created.Before(enabled)
}

// at is when a step wants to go out; false if it does not apply to the order.
func (st Step) at(o order.Order) (time.Time, bool) {
	if st.BeforeClose > 0 {
		return o.Closes.Add(-st.BeforeClose), !o.Closes.IsZero()
	}
	return o.Began().Add(st.After), st.After > 0
}

// channel is the first one that the buyer can be reached by.
func (st Step) channel(b order.Buyer) order.Channel {
	for _, c := range st.By {
		if Usable(b, c) {
			return c
		}
	}
	return st.By[0]
}

// moveOutOfQuiet moves a step that falls into quiet hours to their end, or, if
// the shop closes the order by then, to shortly before their beginning.
func moveOutOfQuiet(r *order.Reminder, q Quiet, o order.Order, zone *time.Location) {
	if !q.In(r.Planned, zone) {
		return
	}
	at := q.End(r.Planned, zone)
	if !o.Closes.IsZero() && !at.Before(o.Closes) {
		at = q.Start(r.Planned, zone).Add(-quietLead)
		if at.Before(o.Began().Add(soonest)) || q.In(at, zone) {
			skip(r, order.CauseQuiet, "the order came and closes within quiet hours")
			return
		}
	}
	if q.In(at, zone) { // quiet all day long
		skip(r, order.CauseQuiet, "quiet hours leave no time for this step")
		return
	}
	r.Planned, r.Due = at, at
}

// thin keeps two steps from reaching the buyer together. The later one stays:
// it was written for that moment, and one message is enough.
func thin(rs []order.Reminder, gap time.Duration) {
	byTime := make([]*order.Reminder, 0, len(rs))
	for i := range rs {
		if rs[i].State == order.Planned {
			byTime = append(byTime, &rs[i])
		}
	}
	slices.SortStableFunc(byTime, func(a, b *order.Reminder) int { return a.Planned.Compare(b.Planned) })
	var next *order.Reminder
	for _, r := range slices.Backward(byTime) {
		if next != nil && next.Planned.Sub(r.Planned) < gap {
			skip(r, order.CauseTogether, fmt.Sprintf("step %q follows within %s and takes its place", next.Key.Step, short(gap)))
			continue
		}
		next = r
	}
}

func skip(r *order.Reminder, cause order.Cause, reason string) {
	r.State, r.Cause, r.Reason = order.Skipped, cause, reason
}
