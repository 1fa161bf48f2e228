package notify

import (
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// How long a reminder waits before it is tried again.
const (
	lookAgain   = 15 * time.Minute // one order could not be read
	shopAgain   = 30 * time.Minute // the shop is in trouble
	budgetAgain = time.Hour
	statusAgain = time.Hour
	personAgain = time.Hour // the person's other orders may have moved
	configAgain = time.Hour
)

// verdict is what becomes of a reminder; a zero state means that nothing speaks
// against it. State planned moves it to due.
type verdict struct {
	state    order.State
	cause    order.Cause
	reason   string
	due      time.Time
	instead  order.Channel // the step is planned anew on this one
	provider string
	message  string
	cost     order.Money
}

func skipped(c order.Cause, format string, args ...any) verdict {
	return verdict{state: order.Skipped, cause: c, reason: fmt.Sprintf(format, args...)}
}

func held(c order.Cause, until time.Time, format string, args ...any) verdict {
	return verdict{state: order.Held, cause: c, reason: fmt.Sprintf(format, args...), due: until}
}

// verdict of a refusal: what may pass waits until it is asked again. No refusal
// speaks against nothing.
func (why *Refusal) verdict(again time.Time) verdict {
	switch {
	case why == nil:
		return verdict{}
	case why.Hold:
		return held(why.Cause, again, "%s", why.Reason)
	}
	return skipped(why.Cause, "%s", why.Reason)
}

// job is one due reminder with all that its judgement needs.
type job struct {
	r      *order.Reminder
	o      order.Order
	looked bool // o was read just now; before that, what a look may still change is left open
	now    time.Time

	offer    *offer // of a campaign's message; nil for a reminder
	person   Person
	sequence string
	steps    []Step
	none     *Refusal
	step     Step             // of r
	others   []order.Reminder // all of the order, r among them, but for those of campaigns
	offers   []order.Reminder // those of campaigns
	slots    []slot
	mine     slot
	quiet    hours
	unasked  []order.Channel // of the step: by which the buyer has not agreed to get marketing
	deadline time.Time       // when the step may go out at the latest
}

// judge decides by what is known of an order whether its reminder may go on, and
// brings the reminder's planned time in line with the facts.
func (f *flush) judge(o order.Order, r *order.Reminder, looked bool) (*job, verdict, error) {
	if _, ok := r.Key.Campaign(); ok {
		return f.judgeOffer(o, r, looked)
	}
	j := &job{r: r, o: o, looked: looked, now: f.now()}
	if v := j.status(); v.state != "" {
		return j, v, nil
	}
	if err := f.load(j); err != nil {
		return j, verdict{}, err
	}
	v, err := ask(j, f.place, f.already, f.channel, f.person, f.consent, f.wanted, f.twice, f.time, f.displaced)
	return j, v, err
}

// ask goes through checks until one of them speaks against the message.
func ask(j *job, checks ...func(*job) (verdict, error)) (verdict, error) {
	for _, check := range checks {
		if v, err := check(j); err != nil || v.state != "" {
			return v, err
		}
	}
	return verdict{}, nil
}

// load gathers what is on record about the order and its buyer.
func (f *flush) load(j *job) (err error) {
	key := j.r.Key.Order
	if f.d.o.People != nil {
		if j.person.Orders, err = f.d.o.People.Others(key); err != nil {
			return fmt.Errorf("other orders of the buyer of %s: %w", key, err)
		}
		if j.person.Past, err = f.d.o.People.Past(key); err != nil {
			return fmt.Errorf("past of the buyer of %s: %w", key, err)
		}
	}
	all, err := f.d.o.Register.Reminders(key)
	if err != nil {
		return err
	}
	for _, other := range all {
		if _, ok := other.Key.Campaign(); ok {
			j.offers = append(j.offers, other)
		} else {
			j.others = append(j.others, other)
		}
	}
	j.o.Status = order.Unpaid // judged already; what is not known to be unpaid goes on to its look
	j.steps, j.sequence, j.none = f.s.SequenceOf(j.o, j.person)
	j.slots = f.s.schedule(j.o, j.steps, j.none, f.enabled, j.now)
	j.quiet = f.s.hoursOf(j.o, j.now)
	return nil
}

// status lets only unpaid orders through.
func (j *job) status() verdict {
	switch {
	case j.o.Status == order.Paid:
		return skipped(order.CausePaid, "the order is paid")
	case j.o.Status.Closed():
		return skipped(order.CauseClosed, "the order is closed")
	case j.o.Status == order.Unpaid, !j.looked: // the look may know better
		return verdict{}
	}
	return held(order.CauseStatus, j.now.Add(statusAgain), "the shop shows the status %q, which is not known to mean unpaid", clean(j.o.StatusText, maxName))
}

// place finds the reminder's step in the sequence that the order has now: the
// close may have moved, the payment method or the config may have changed.
func (f *flush) place(j *job) (verdict, error) {
	known := j.looked || !j.o.Looked.IsZero()
	if j.none != nil {
		if !known {
			return verdict{}, nil
		}
		return j.none.verdict(j.now.Add(personAgain)), nil
	}
	n := slices.IndexFunc(j.steps, func(st Step) bool { return st.Name == j.r.Key.Step })
	switch {
	case n < 0 && !known:
		return verdict{}, nil
	case n < 0:
		return skipped(order.CauseConfig, "%s", j.notInSequence(f.s)), nil
	}
	j.step = j.steps[n]
	return j.planned(), nil
}

func (j *job) notInSequence(s Settings) string {
	if j.sequence != "" {
		return fmt.Sprintf("step %q is not in the sequence %q, which the order has now", j.r.Key.Step, j.sequence)
	}
	for _, seq := range s.Sequences {
		if slices.ContainsFunc(seq.Steps, func(st Step) bool { return st.Name == j.r.Key.Step }) {
			return fmt.Sprintf("step %q is of a sequence that does not fit the order any more", j.r.Key.Step)
		}
	}
	return fmt.Sprintf("step %q is no longer in the config", j.r.Key.Step)
}

// planned compares the reminder with the schedule of now.
func (j *job) planned() verdict {
	n := slices.IndexFunc(j.slots, func(sl slot) bool { return sl.step.Name == j.step.Name })
	switch {
	case n < 0 && !j.looked:
		return verdict{}
	case n < 0 && j.now.After(j.quiet.later(j.r.Planned, j.step.Lateness())):
		return skipped(order.CauseTooLate, "when the shop closes the order is not known any more, and the time planned before has passed")
	case n < 0:
		return held(order.CauseStatus, j.now.Add(statusAgain), "when the shop closes the order is not known any more")
	}
	j.mine = j.slots[n]
	switch {
	case j.mine.State == order.Skipped:
		return skipped(j.mine.Cause, "%s", j.mine.Reason)
	case j.mine.Planned.After(j.now):
		return verdict{state: order.Planned, due: j.mine.Planned}
	}
	j.r.Planned = j.mine.Planned
	j.deadline = j.mine.lastMoment(j.o, j.quiet)
	switch {
	case !j.o.Closes.IsZero() && !j.now.Before(j.o.Closes):
		return skipped(order.CauseTooLate, "the time at which the shop closes the order has passed")
	case j.now.After(j.deadline):
		return skipped(order.CauseTooLate, "%s late; the step allows %s", short(j.now.Sub(j.r.Planned).Round(time.Minute)), short(j.step.Lateness()))
	}
	return verdict{}
}

// undecided reports whether the step has no time to judge before the look.
func (j *job) undecided() bool { return j.mine.step.Name == "" }

// lastMoment is when a step may go out at the latest. Quiet hours do not count
// as lateness: a step that was due shortly before them goes out after them, as
// one does that was planned within them. One that had to move ahead of them is
// not late before its own time.
func (sl slot) lastMoment(o order.Order, quiet hours) time.Time {
	end := quiet.later(latest(sl.Planned, sl.wants), sl.step.Lateness())
	if !o.Closes.IsZero() && o.Closes.Before(end) {
		return o.Closes
	}
	return end
}

// reached reports whether the buyer has the message, may have it, or would have
// it but for preview mode.
func reached(s order.State) bool { return s.Out() || s == order.Shown }

// person checks that nobody is written to who does not want it.
func (f *flush) person(j *job) (verdict, error) {
	for _, b := range j.contacts() {
		if stop, why, err := f.d.o.Register.Suppressed(b); err != nil {
			return verdict{}, err
		} else if stop {
			return skipped(order.CauseSuppressed, "the buyer is not to be written to: %s", why), nil
		}
	}
	return verdict{}, nil
}

// twice lets one order of several through that a person placed instead of one.
func (f *flush) twice(j *job) (verdict, error) {
	_, why := Later(j.o, j.person)
	again := j.now.Add(personAgain)
	switch {
	case why == nil, j.undecided():
		return verdict{}, nil
	case why.Hold && !again.After(j.deadline):
		return held(why.Cause, again, "%s", why.Reason), nil
	}
	return skipped(why.Cause, "%s", why.Reason), nil
}

// time checks quiet hours and the distance to other messages.
func (f *flush) time(j *job) (verdict, error) {
	if j.undecided() {
		return verdict{}, nil
	}
	if j.quiet.in(j.now) {
		zone, until := f.s.Shops[j.o.Shop].zone(), j.quiet.end(j.now)
		if !until.Before(j.deadline) {
			return skipped(order.CauseQuiet, "quiet hours last until %s, and the shop closes the order before", until.In(zone).Format("15:04")), nil
		}
		return held(order.CauseQuiet, until, "quiet hours until %s", until.In(zone).Format("15:04")), nil
	}
	if free := j.quiet.end(f.after(j)); free.After(j.now) {
		if free.After(j.deadline) {
			return skipped(order.CauseTogether, "another message on this order went out just before"), nil
		}
		return held(order.CauseTogether, free, "another message on this order went out just before"), nil
	}
	return verdict{}, nil
}

// after is when the buyer may next be written to about this order. The messages
// of one step that goes by several channels belong together.
func (f *flush) after(j *job) time.Time {
	var free time.Time
	for _, other := range j.others {
		if other.Key != j.r.Key && reached(other.State) && (other.Key.Step != j.step.Name || !j.step.All) {
			free = latest(free, wentOut(other).Add(f.s.minGap()))
		}
	}
	for _, other := range j.offers {
		if reached(other.State) {
			free = latest(free, wentOut(other).Add(f.s.minGap()))
		}
	}
	return free
}
