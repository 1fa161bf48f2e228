package notify_test

import (
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// settles holds each step that is given up against the facts: what is due and
// allowed goes out, so there must be something that does not allow it.
func (h *history) settles(r order.Reminder, e order.Event) {
	if r.State != order.Sent && r.State != order.Shown && (e.Reason == "" || e.Cause == "") {
		h.t.Fatalf("%s is %s without a reason", r.Key, r.State)
	}
	switch {
	case r.State == order.Held && !r.Due.After(h.now()):
		h.t.Fatalf("%s is held until %s, which has passed (%s)", r.Key, r.Due, r.Reason)
	case r.State == order.Skipped && !h.justified(r):
		h.t.Fatalf("%s is skipped for nothing: %s, %s; order %+v", r.Key, r.Cause, r.Reason, h.m.orders[r.Key.Order])
	}
}

func (h *history) justified(r order.Reminder) bool {
	if name, ok := r.Key.Campaign(); ok {
		return h.unfit(r, name)
	}
	o := h.m.orders[r.Key.Order]
	st, has := h.stepOf(o, r.Key.Step)
	_, _, none := h.s.SequenceOf(o, h.person(o.Key()))
	switch r.Cause {
	case order.CausePaid:
		return o.Status == order.Paid
	case order.CauseClosed:
		return o.Status.Closed()
	case order.CauseZero:
		return o.Total.IsZero()
	case order.CausePayment:
		return none != nil && o.Payment == "Cash on delivery"
	case order.CauseConfig:
		return !has || !slices.Contains(st.By, r.Key.Channel)
	case order.CauseNoContact:
		return len(h.reachable(o, st)) == 0
	case order.CauseSuppressed:
		stop, _, _ := h.m.Suppressed(o.Buyer)
		return stop
	case order.CauseConsent:
		return st.Offer != "" && !h.agreed(o, r.Key.Channel)
	case order.CauseCondition:
		return h.excluded(o) || !holds(st.If, o)
	case order.CauseSoldOut:
		return o.Lines[0].SoldOut
	case order.CauseTwice:
		_, why := notify.Later(o, h.person(o.Key()))
		return why != nil
	case order.CauseLimit:
		return h.spent(o, st)
	case order.CauseTooLate, order.CauseQuiet:
		return h.tooLate(o, st)
	case order.CauseTogether:
		return h.together(r, o, st)
	}
	return false
}

// spent reports whether the person's budget is spent for as long as the step may
// wait.
func (h *history) spent(o order.Order, st notify.Step) bool {
	told := h.m.told(o.Key(), !h.s.Live())
	if h.s.Limit.Count == 0 || len(told) < h.s.Limit.Count {
		return false
	}
	free := told[h.s.Limit.Count-1].Add(h.s.Limit.Per)
	return free.After(wants(o, st).Add(st.Lateness())) || (!o.Closes.IsZero() && !free.Before(o.Closes)) || h.quietNear(o, free)
}

// reachable are the channels by which a step can reach a buyer.
func (h *history) reachable(o order.Order, st notify.Step) (out []order.Channel) {
	for _, c := range st.By {
		if notify.Usable(o.Buyer, c) {
			out = append(out, c)
		}
	}
	return out
}

// wants is when a step would go out if there were no quiet hours.
func wants(o order.Order, st notify.Step) time.Time {
	if st.BeforeClose > 0 {
		return o.Closes.Add(-st.BeforeClose)
	}
	return o.Created.Add(st.After)
}

func (h *history) quietNear(o order.Order, at time.Time) bool {
	zones := append(zonesOf(o.Buyer.Phone), h.s.Shops[o.Shop].Zone)
	return slices.ContainsFunc(zones, func(z *time.Location) bool { return h.s.Quiet.In(at, z) })
}

// tooLate reports whether more time than allowed has passed, the close is there,
// or the step fell into quiet hours that last until then.
func (h *history) tooLate(o order.Order, st notify.Step) bool {
	at, now := wants(o, st), h.now()
	closes := func(t time.Time) bool { return !o.Closes.IsZero() && !t.Before(o.Closes) }
	return now.Sub(at) > st.Lateness() || closes(now) || closes(at) || at.Before(o.Created) || h.quietNear(o, at) || (h.quietNear(o, now) && !o.Closes.IsZero())
}

// together reports whether the order has had a message, or another step of it
// goes out instead, now or soon.
func (h *history) together(r order.Reminder, o order.Order, st notify.Step) bool {
	for _, rk := range h.m.byOrder[o.Key()] {
		other := h.m.reminders[rk]
		if rk != r.Key && (other.State.Out() || other.State == order.Shown) {
			return true
		}
		if rk.Step == r.Key.Step && rk.Channel != r.Key.Channel && slices.Contains(h.reachable(o, st), rk.Channel) {
			return true // it goes by the other channel
		}
	}
	steps, _, _ := h.s.SequenceOf(o, h.person(o.Key()))
	return slices.ContainsFunc(steps, func(next notify.Step) bool { return next.Name != st.Name && h.follows(o, st, next) })
}

// follows reports whether a step will go out soon after another one, by what is
// known now.
func (h *history) follows(o order.Order, st, next notify.Step) bool {
	if next.BeforeClose > 0 && o.Closes.IsZero() {
		return false
	}
	mine, theirs := wants(o, st), wants(o, next)
	for _, r := range notify.Plan(h.s, o, h.person(o.Key()), h.m.enabled[o.Shop], h.now()) {
		if r.Key.Step == st.Name {
			mine = r.Planned
		}
		if r.Key.Step == next.Name {
			theirs = r.Planned
		}
	}
	parked, waits := false, false
	for _, rk := range h.m.byOrder[o.Key()] {
		if rk.Step == next.Name {
			parked = parked || h.m.reminders[rk].State == order.Parked
			waits = waits || !h.m.reminders[rk].State.Final() // by its other channel
		}
	}
	if parked && !waits {
		return false
	}
	soon := theirs.Sub(mine) < h.gap() || theirs.Sub(h.now()) < h.gap()
	may := next.Offer == "" || h.agreed(o, h.reachable(o, next)...)
	return !theirs.Before(mine) && soon && may && holds(next.If, o) && len(h.reachable(o, next)) > 0
}
