package config

import (
	"slices"
	"strconv"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// play is one order of a buyer who has no other one, never pays, and can be
// reached by every way: what becomes of its reminders, by the rules of the
// dispatcher.
type play struct {
	settings notify.Settings // whose Steps are those that are tried, named by their index
	steps    []notify.Step   // all
	order    order.Order
	zone     *time.Location
	turns    []turn
	limit    order.Limit // a Count of 0 is none
	queue    []turn
	went     []turn
}

// turn is a reminder that waits.
type turn struct {
	step    int
	way     order.Channel
	planned time.Time
	at      time.Time // when it is looked at next
}

// fate is what became of a reminder.
type fate int

const (
	wentOut   fate = iota
	tooLate        // a visit saw the order too late for it
	inQuiet        // quiet hours leave it no time
	closedYet      // the shop has closed the order by then
	replaced       // another step follows and takes its place
	spent          // the person's budget is
	fates
)

// outcome of a turn, in the order in which they are decided.
type outcome struct {
	turn
	fate  fate
	by    int           // the step that took its place
	apart time.Duration // from that step
	ahead []int         // the steps that had used up the budget
}

// maxLooks ends a play that would go round in circles.
const maxLooks = 500

// plan takes an order that a visit sees at a moment.
func (p *play) plan(o order.Order, seen time.Time) {
	p.order, p.turns = o, p.turns[:0]
	for _, r := range notify.Plan(p.settings, o, notify.Person{}, o.Created, seen) {
		if i, err := strconv.Atoi(r.Key.Step); err == nil {
			p.turns = append(p.turns, turn{step: i, way: r.Key.Channel, planned: r.Planned, at: latest(r.Planned, seen)})
		}
	}
}

// run plays the steps of the given indices.
func (p *play) run(only []int, limit order.Limit) []outcome {
	p.queue, p.went, p.limit = p.queue[:0], p.went[:0], limit
	for _, t := range p.turns {
		if slices.Contains(only, t.step) {
			p.queue = append(p.queue, t)
		}
	}
	var out []outcome
	for range maxLooks {
		if len(p.queue) == 0 {
			break
		}
		n := p.first()
		o, again := p.judge(p.queue[n])
		if again.After(p.queue[n].at) {
			p.queue[n].at = again
			continue
		}
		if o.fate == wentOut {
			p.went = append(p.went, p.queue[n])
		}
		p.queue = append(p.queue[:n], p.queue[n+1:]...)
		out = append(out, o)
	}
	return out
}

func (p *play) first() int {
	best := 0
	for i, t := range p.queue {
		b := p.queue[best]
		if t.at.Before(b.at) || (t.at.Equal(b.at) && t.planned.Before(b.planned)) {
			best = i
		}
	}
	return best
}

// judge decides on a turn at its time, or says when to ask again.
func (p *play) judge(t turn) (o outcome, again time.Time) {
	o = outcome{turn: t}
	last := p.lastMoment(t)
	if o.fate = p.missed(t, last); o.fate != wentOut {
		return o, again
	}
	if end := p.settings.Quiet.End(t.at, p.zone); end.After(t.at) {
		if end.Before(last) {
			return o, end
		}
		o.fate = inQuiet
		return o, again
	}
	for _, w := range p.went {
		if free := p.settings.Quiet.End(w.at.Add(p.gap()), p.zone); w.step != t.step && free.After(t.at) {
			if !free.After(last) {
				return o, free
			}
			o.fate, o.by, o.apart = replaced, w.step, t.planned.Sub(w.planned)
			return o, again
		}
	}
	if next, ok := p.displaced(t); ok {
		o.fate, o.by, o.apart = replaced, next.step, next.planned.Sub(t.planned)
		return o, again
	}
	return p.budget(o, last)
}

// missed is wentOut while it is not too late.
func (p *play) missed(t turn, last time.Time) fate {
	switch {
	case !p.order.Closes.IsZero() && !t.at.Before(p.order.Closes):
		if p.settings.Quiet.In(t.planned, p.zone) {
			return inQuiet
		}
		return closedYet
	case t.at.After(last):
		return tooLate
	}
	return wentOut
}

// budget asks for room in the limit of messages to a person.
func (p *play) budget(o outcome, last time.Time) (outcome, time.Time) {
	n := len(p.went) - p.limit.Count
	if p.limit.Count == 0 || n < 0 {
		return o, time.Time{}
	}
	until := p.went[n].at.Add(p.limit.Per)
	switch {
	case !until.After(o.at):
		return o, time.Time{}
	case !until.After(last):
		return o, until
	}
	o.fate = spent
	for _, w := range p.went[n:] {
		o.ahead = append(o.ahead, w.step)
	}
	return o, time.Time{}
}

// displaced finds the step that takes the place of this one: it follows within the
// gap, and no third one takes its own place; or it would have to wait for this one
// until it is too late itself.
func (p *play) displaced(t turn) (by turn, ok bool) {
	var live []turn
	for _, other := range p.queue {
		last := p.lastMoment(other)
		if other.step == t.step || !t.at.After(last) && !p.hopeless(other, last) {
			live = append(live, other)
		}
	}
	slices.SortStableFunc(live, func(a, b turn) int { return a.planned.Compare(b.planned) })
	gap := p.gap()
	var next *turn
	var crowded []turn
	for i := len(live) - 1; i >= 0; i-- {
		this := live[i]
		if next != nil && next.step != this.step && next.planned.Sub(this.planned) < gap {
			if this.step == t.step {
				return *next, true
			}
			continue
		}
		next = &live[i]
		wait := this.planned.Sub(t.at)
		if this.step != t.step && this.planned.After(t.planned) && (wait < gap/2 || wait < gap && t.at.Add(gap).After(p.lastMoment(this))) {
			crowded = append(crowded, this)
		}
	}
	if len(crowded) == 0 {
		return turn{}, false
	}
	return crowded[len(crowded)-1], true
}

// hopeless reports a step that the order's close or quiet hours rule out.
func (p *play) hopeless(t turn, last time.Time) bool {
	closes := p.order.Closes
	return !closes.IsZero() && (!t.planned.Before(closes) || !p.settings.Quiet.End(t.planned, p.zone).Before(last))
}

// lastMoment is when a step may go out at the latest; quiet hours do not count.
func (p *play) lastMoment(t turn) time.Time {
	end := p.settings.Quiet.Later(t.planned, p.steps[t.step].Lateness(), p.zone)
	if closes := p.order.Closes; !closes.IsZero() && closes.Before(end) {
		return closes
	}
	return end
}

func (p *play) gap() time.Duration {
	if p.settings.MinGap > 0 {
		return p.settings.MinGap
	}
	return notify.DefaultMinGap
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
