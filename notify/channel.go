package notify

import (
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// wentOut is when a reminder that reached the buyer did so. Changed goes on when
// something comes back.
func wentOut(r order.Reminder) time.Time {
	if r.Out.IsZero() {
		return r.Changed
	}
	return r.Out
}

// already knows a step that reached the buyer under another key: by another
// channel, or, in an earlier config or sequence, under another name.
func (f *flush) already(j *job) (verdict, error) {
	for _, other := range j.others {
		if other.State == order.Replied {
			return skipped(order.CauseReplied, "the buyer has answered an earlier message: a person goes on from there"), nil
		}
		if other.Key == j.r.Key || !reached(other.State) {
			continue
		}
		switch {
		case other.Key.Step != j.r.Key.Step:
			if f.wentInstead(j, other) {
				return skipped(order.CauseTogether, "step %q went out in its place, before the config or the order changed", other.Key.Step), nil
			}
		case !j.step.All, j.joined(other):
			return skipped(order.CauseTogether, "this step went by %s already", other.Key.Channel), nil
		}
	}
	return verdict{}, nil
}

// joined reports whether a reminder came too late to go together with the other
// channel's message of its step: it was not planned yet when that one went out,
// or the two would be so far apart that they read as two reminders.
func (j *job) joined(other order.Reminder) bool {
	return j.now.Sub(wentOut(other)) > DefaultMinGap || (j.r.State == order.Planned && j.r.Changed.After(wentOut(other)))
}

// wentInstead reports whether a message of another step was this one under
// another name. Such a message is of a step that the order does not have now, or
// it went out before the time that its step has now; and it went out when this
// step was due or shortly before.
func (f *flush) wentInstead(j *job, other order.Reminder) bool {
	if j.undecided() {
		return false
	}
	for _, sl := range j.slots {
		if sl.step.Name == other.Key.Step && !wentOut(other).Before(sl.from()) {
			return false
		}
	}
	from := j.mine.from()
	shortly := max(f.s.minGap(), from.Sub(j.o.Began())/4)
	return !wentOut(other).Before(from.Add(-shortly))
}

// channel checks that the reminder goes by the channel that its step takes now:
// the first one that can be used, or any that can be used if it goes by all.
func (f *flush) channel(j *job) (verdict, error) {
	if j.step.Name == "" {
		return verdict{}, nil
	}
	var err error
	if j.unasked, err = f.unasked(j); err != nil {
		return verdict{}, err
	}
	mine := j.r.Key.Channel
	first, ok := f.usable(j)
	switch {
	case !ok && !j.looked && j.o.Looked.IsZero():
		return verdict{}, nil // the order's own page may show a contact
	case !ok && !j.step.reaches(j.o.Buyer):
		return skipped(order.CauseNoContact, "the shop shows no usable %s contact of the buyer", j.step.by()), nil
	case !ok && !slices.Contains(j.step.By, mine):
		return skipped(order.CauseConfig, "step %q no longer goes by %s", j.step.Name, mine), nil
	case !ok:
		return skipped(order.CauseTogether, "the shop shows no usable %s contact of the buyer any more, and by the others the step has come to its end", mine), nil
	case first == mine, j.step.All && slices.Contains(j.step.By, mine) && Usable(j.o.Buyer, mine), !j.looked:
		return verdict{}, nil
	case !slices.Contains(j.step.By, mine):
		v := skipped(order.CauseConfig, "step %q no longer goes by %s; it goes by %s", j.step.Name, mine, first)
		v.instead = first
		return v, nil
	case j.step.All:
		return skipped(order.CauseTogether, "the shop shows no usable %s contact of the buyer any more; the step goes by %s", mine, first), nil
	}
	v := skipped(order.CauseTogether, "the step goes by %s, which comes first of what can be used now", first)
	switch {
	case !Usable(j.o.Buyer, mine):
		v.reason = "the step goes by " + string(first) + ": the shop shows no usable " + string(mine) + " contact of the buyer any more"
	case slices.Contains(j.unasked, mine):
		v.cause, v.reason = order.CauseConsent, fmt.Sprintf("the step goes by %s: it is marketing, and no consent of the buyer to get it by %s is on record", first, mine)
	}
	v.instead = first
	return v, nil
}

// reaches reports whether there is a contact for one of the channels.
func (st Step) reaches(b order.Buyer) bool {
	return slices.ContainsFunc(st.By, func(c order.Channel) bool { return Usable(b, c) })
}

func (st Step) by() string {
	words := ""
	for i, c := range st.By {
		if i > 0 {
			words += " or "
		}
		words += string(c)
	}
	return words
}

// usable is the first channel of the step by which the buyer can be reached now:
// there is a contact, a sender is set up, and the step has not failed on it for
// good. One by which the buyer has agreed to get marketing comes first, where the
// step is that. Where no sender is set up for any, the contact alone counts: the
// reminder waits for a sender.
func (f *flush) usable(j *job) (order.Channel, bool) {
	best, points := order.Channel(""), -1
	for _, c := range j.step.By {
		if !Usable(j.o.Buyer, c) || j.givenUp(c) {
			continue
		}
		n := 0
		if f.d.o.Senders[c] != nil {
			n++
		}
		if !slices.Contains(j.unasked, c) {
			n += 2
		}
		if n > points {
			best, points = c, n
		}
	}
	return best, best != ""
}

// givenUp reports whether the step has come to an end on a channel without
// reaching the buyer.
func (j *job) givenUp(c order.Channel) bool {
	return slices.ContainsFunc(j.others, func(other order.Reminder) bool {
		return other.Key != j.r.Key && other.Key.Step == j.step.Name && other.Key.Channel == c && other.State.Final() && !reached(other.State)
	})
}

// instead plans the job's step on another channel.
func (j *job) instead(c order.Channel) order.Reminder {
	key := j.r.Key
	key.Channel = c
	return order.Reminder{Key: key, State: order.Planned, Planned: j.mine.Planned, Due: j.mine.Planned, Changed: j.now}
}

// displaced reports whether another step takes this one's place: it follows
// within MinGap, or this one is so late that it would crowd it out.
func (f *flush) displaced(j *job) (verdict, error) {
	if j.undecided() {
		return verdict{}, nil
	}
	slots := make([]slot, 0, len(j.slots))
	for _, sl := range j.slots {
		if sl.step.Name != j.step.Name {
			if idle, err := f.idle(j, sl); err != nil {
				return verdict{}, err
			} else if idle {
				continue
			}
		}
		slots = append(slots, sl)
	}
	thin(slots, f.s.minGap())
	for _, sl := range slots {
		switch {
		case sl.step.Name == j.step.Name && sl.State == order.Skipped:
			return skipped(sl.Cause, "%s", sl.Reason), nil
		case sl.State == order.Planned && sl.step.Name != j.step.Name && sl.Planned.After(j.mine.Planned) && f.inTheWay(j, sl):
			return skipped(order.CauseTogether, "late, and step %q takes its place", sl.step.Name), nil
		}
	}
	return verdict{}, nil
}

// inTheWay reports whether a message now would come so late that it crowds out
// the following step: that one is due within half of MinGap, or would have to
// wait until it is too late itself. A little lateness, as between two visits,
// only moves the following step a little.
func (f *flush) inTheWay(j *job, next slot) bool {
	gap, left := f.s.minGap(), next.Planned.Sub(j.now)
	return left < gap/2 || (left < gap && j.now.Add(gap).After(next.lastMoment(j.o, j.quiet)))
}

// idle reports whether a following step will, by the facts at hand, not go out,
// so that it takes nobody's place.
func (f *flush) idle(j *job, sl slot) (bool, error) {
	if sl.State != order.Planned || j.ended(sl.step.Name) || j.now.After(sl.lastMoment(j.o, j.quiet)) {
		return true, nil
	}
	if sl.step.If != nil {
		if !j.looked {
			return true, nil
		}
		if ok, err := sl.step.If.Holds(NewEnv(f.s, j.o, j.person, sl.step, j.sent(), sl.Planned)); err != nil || !ok {
			return true, nil //nolint:nilerr // what cannot be judged does not go out, and its own turn says why
		}
	}
	for _, c := range sl.step.By {
		if !Usable(j.o.Buyer, c) {
			continue
		}
		if v, err := f.mayMarket(j, sl.step, c); err != nil || v.state == "" {
			return false, err
		}
	}
	return true, nil
}

// ended reports whether nothing more of a step will go out.
func (j *job) ended(step string) bool {
	final := 0
	for _, other := range j.others {
		if other.Key.Step != step {
			continue
		}
		if reached(other.State) {
			return true
		}
		if !other.State.Final() {
			return false
		}
		final++
	}
	return final > 0
}
