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

// Plan says which reminders an order gets, and when. It is pure: p is what is
// known of the buyer besides the order, enabled is when the shop was first
// visited, now only stamps the result.
//
// Only unpaid orders of a known shop, with a date of creation, get any. A step
// before the close needs a known close. A step that falls into the buyer's quiet
// hours moves to their end, or, if the shop closes the order by then, to shortly
// before their beginning.
//
// Of the channels of a step the first is taken for which the buyer left a usable
// contact, or each one where the step says so. Without any, the first one stands,
// and the dispatcher skips it at the due moment, when the contact may have
// become known.
//
// Only what no new fact and no other config can change is skipped at once: an
// order that is older than the shop's first visit. All else is decided when it
// is due, so that a step that would be stopped today still goes out if the
// seller has mended the config by then.
func Plan(s Settings, o order.Order, p Person, enabled, now time.Time) []order.Reminder {
	var out []order.Reminder
	steps, _, none := s.SequenceOf(o, p)
	for _, sl := range s.schedule(o, steps, none, enabled, now) {
		r := sl.Reminder
		if r.State == order.Skipped && r.Cause != order.CauseBeforeEnabled {
			r.State, r.Cause, r.Reason = order.Planned, "", ""
		}
		out = append(out, r)
	}
	return out
}

// slot is a reminder as a schedule has it, with its step.
type slot struct {
	order.Reminder
	step  Step
	wants time.Time // when the step would go out if it were not for quiet hours
}

// from is the earliest of the times of a slot.
func (sl slot) from() time.Time {
	if sl.wants.Before(sl.Planned) {
		return sl.wants
	}
	return sl.Planned
}

// schedule is what becomes of every step of an order by the facts at hand:
// planned, or skipped with a cause. It looks at each step by itself; which of
// them take each other's place is for thin.
func (s Settings) schedule(o order.Order, steps []Step, none *Refusal, enabled, now time.Time) []slot {
	if _, known := s.Shops[o.Shop]; !known || o.Status != order.Unpaid || o.Created.IsZero() || enabled.IsZero() {
		return nil
	}
	if none != nil { // the plain steps stand for those that it does not get
		steps = s.Steps
	}
	out := s.times(steps, o, enabled, now)
	for i := range out {
		if r := &out[i].Reminder; none != nil && r.Cause != order.CauseBeforeEnabled {
			skip(r, none.Cause, none.Reason)
		}
	}
	return out
}

// times places the steps of a sequence.
func (s Settings) times(steps []Step, o order.Order, enabled, now time.Time) []slot {
	var out []slot
	quiet := s.hoursOf(o, now)
	for _, st := range steps {
		at, ok := st.at(o)
		if !ok || len(st.By) == 0 {
			continue
		}
		r := order.Reminder{State: order.Planned, Planned: at, Due: at, Changed: now}
		switch {
		case before(o, enabled):
			skip(&r, order.CauseBeforeEnabled, "the order is older than the shop's first visit")
		case o.Total.Currency != "" && o.Total.Minor <= 0: // less than nothing is the shop's debt
			skip(&r, order.CauseZero, "nothing is to be paid")
		case at.Before(o.Began()) || (!o.Closes.IsZero() && !at.Before(o.Closes)):
			skip(&r, order.CauseTooLate, "the shop closes the order too soon for this step")
		default:
			moveOutOfQuiet(&r, quiet, o)
		}
		for _, channel := range st.channels(o.Buyer) {
			r.Key = order.ReminderKey{Order: o.Key(), Step: st.Name, Channel: channel}
			out = append(out, slot{r, st, at})
		}
	}
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

// channels that a step goes by: all by which the buyer can be reached, or the
// first of them. If there is none, the first one stands for it.
func (st Step) channels(b order.Buyer) []order.Channel {
	var out []order.Channel
	for _, c := range st.By {
		if Usable(b, c) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	switch {
	case len(out) == 0:
		return st.By[:1]
	case !st.All:
		return out[:1]
	}
	return out
}

// moveOutOfQuiet moves a step that falls into quiet hours to their end. If the
// shop closes the order by then, it moves to shortly before their beginning, and
// so does a step that comes just before them and could not wait if it were
// delayed.
func moveOutOfQuiet(r *order.Reminder, quiet hours, o order.Order) {
	in := quiet.in(r.Planned)
	night := r.Planned
	if !in {
		night = r.Planned.Add(quietLead)
	}
	end := quiet.end(night)
	switch {
	case end.Equal(night): // no night near
	case !o.Closes.IsZero() && !end.Before(o.Closes):
		begins := quiet.start(night)
		at := latest(begins.Add(-quietLead), o.Began().Add(soonest))
		switch {
		case at.Before(begins) && !quiet.in(at) && (in || at.Before(r.Planned)):
			r.Planned, r.Due = at, at
		case in:
			skip(r, order.CauseQuiet, "the order came and closes within quiet hours")
		}
	case in && quiet.in(end): // all day long
		skip(r, order.CauseQuiet, "quiet hours leave no time for this step")
	case in:
		r.Planned, r.Due = end, end
	}
}

// thin keeps two steps from reaching the buyer together. The later one stays:
// it was written for that moment, and one message is enough. A step that goes by
// several channels is one.
func thin(slots []slot, gap time.Duration) {
	byTime := make([]*slot, 0, len(slots))
	for i := range slots {
		if slots[i].State == order.Planned {
			byTime = append(byTime, &slots[i])
		}
	}
	slices.SortStableFunc(byTime, func(a, b *slot) int { return a.Planned.Compare(b.Planned) })
	var next *slot
	for _, sl := range slices.Backward(byTime) {
		if next != nil && next.step.Name != sl.step.Name && next.Planned.Sub(sl.Planned) < gap {
			skip(&sl.Reminder, order.CauseTogether, fmt.Sprintf("step %q follows within %s and takes its place", next.step.Name, short(gap)))
			continue
		}
		next = sl
	}
}

func skip(r *order.Reminder, cause order.Cause, reason string) {
	r.State, r.Cause, r.Reason = order.Skipped, cause, reason
}
