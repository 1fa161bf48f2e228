package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nudged/store/order"
)

// rehearsal is what one row of steps does at one shop.
type rehearsal struct {
	row    sequenceAt
	shop   Shop
	play   play
	limit  order.Limit
	fit    []int // steps that are whole enough to be tried
	groups []group
	past   []history // of each step, by index
}

// group is steps that are tried beside each other, and those of them that are
// judged. A step with a condition may not be there when another one is due, so it
// takes nobody's place and nobody's budget.
type group struct{ with, of []int }

// history is what happened to a step in all the orders so far.
type history struct {
	alone   bool       // it went out with no other step beside it
	beside  bool       // and beside the others
	allowed bool       // and within the budget
	whole   bool       // and by all its ways
	fates   [fates]int // alone
	by      int        // the step that took its place
	apart   time.Duration
	ahead   []int // the steps that had used up the budget
	needs   int   // messages that the budget would have to allow
	usual   int   // orders of an ordinary day, and in how many of them it was replaced
	gone    int
}

func newRehearsal(row sequenceAt, shop Shop, cfg *Config, fit []int) *rehearsal {
	s := cfg.Settings()
	s.Steps, s.Sequences, s.Exclude, s.Levels = nil, nil, nil, nil
	r := &rehearsal{row: row, shop: shop, limit: cfg.Limits.PerPerson, fit: fit, past: make([]history, len(row.steps))}
	r.play = play{settings: s, zone: shop.Zone, steps: notifySteps(row.steps)}
	var fixed []int
	for _, i := range fit {
		r.play.steps[i].Name, r.play.steps[i].If = strconv.Itoa(i), nil
		r.play.settings.Steps = append(r.play.settings.Steps, r.play.steps[i])
		if row.steps[i].If == nil {
			fixed = append(fixed, i)
		}
	}
	if len(fixed) > 0 {
		r.groups = append(r.groups, group{fixed, fixed})
	}
	for _, i := range fit {
		if row.steps[i].If != nil {
			with := append(slices.Clone(fixed), i)
			slices.Sort(with)
			r.groups = append(r.groups, group{with, []int{i}})
		}
	}
	return r
}

// settled reports whether nothing more is to be found out.
func (r *rehearsal) settled() bool {
	return !slices.ContainsFunc(r.fit, func(i int) bool { return !r.past[i].alone || !r.past[i].beside || !r.past[i].whole })
}

// compares reports whether there are steps of which one may mostly take the
// place of another.
func (r *rehearsal) compares() bool {
	return slices.ContainsFunc(r.groups, func(g group) bool { return len(g.of) > 1 })
}

// try plays one order in all the ways that say something new, and tells how many
// reminders that were.
func (r *rehearsal) try(s sample) (turns int) {
	o := order.Order{
		Shop: r.shop.Name, ID: "1", Status: order.Unpaid, Created: s.made,
		Buyer: order.Buyer{Email: "buyer@buyers.example", Phone: "+8613800138000"},
	}
	turns = 1
	if closes := r.shop.closes(); closes > 0 {
		o.Closes = s.made.Add(closes)
		if !s.seen.Before(o.Closes) {
			return turns
		}
	}
	r.play.plan(o, s.seen)
	turns += len(r.play.turns)
	for _, i := range r.fit {
		if h := &r.past[i]; !h.alone {
			turns++
			for _, out := range r.play.run([]int{i}, order.Limit{}) {
				h.alone = h.alone || out.fate == wentOut
				h.fates[out.fate]++
			}
		}
	}
	for _, g := range r.groups {
		open := slices.ContainsFunc(g.of, func(i int) bool { return !r.past[i].beside || !r.past[i].whole })
		if open || s.usual && len(g.of) > 1 {
			turns += len(g.with)
			r.beside(g, s)
		}
		if open {
			turns += len(g.with)
			r.within(g)
		}
	}
	return turns
}

// beside plays steps beside each other, without the limit.
func (r *rehearsal) beside(g group, s sample) {
	free := r.play.run(g.with, order.Limit{})
	for _, out := range free {
		if h := &r.past[out.step]; slices.Contains(g.of, out.step) {
			h.free(out, s.usual)
			h.needs = max(h.needs, within(free, out.at, r.limit.Per))
		}
	}
}

// within plays them with it.
func (r *rehearsal) within(g group) {
	went := map[int]int{}
	for _, out := range r.play.run(g.with, r.limit) {
		h := &r.past[out.step]
		switch {
		case !slices.Contains(g.of, out.step):
		case out.fate == wentOut:
			h.allowed = true
			if went[out.step]++; went[out.step] == r.ways(out.step) {
				h.whole = true
			}
		case out.fate == spent:
			h.ahead = out.ahead
		}
	}
}

// free notes what happened without a limit.
func (h *history) free(out outcome, usual bool) {
	if usual {
		h.usual++
	}
	switch {
	case out.fate == wentOut:
		h.beside = true
	case out.fate == replaced:
		if out.apart >= h.apart {
			h.by, h.apart = out.by, out.apart
		}
		if usual {
			h.gone++
		}
	}
}

// within counts the messages that went out in the time before a moment, and at it.
func within(outs []outcome, at time.Time, per time.Duration) int {
	n := 0
	for _, o := range outs {
		if o.fate == wentOut && !o.at.After(at) && o.at.Add(per).After(at) {
			n++
		}
	}
	return n
}

// ways is how many messages a step is.
func (r *rehearsal) ways(i int) int {
	if st := r.row.steps[i]; st.All {
		return len(st.By)
	}
	return 1
}

// tell adds what was found to the trial.
func (r *rehearsal) tell(t *trial) {
	for _, i := range r.fit {
		h, node := r.past[i], r.row.nodes[i]
		budget := fmt.Sprintf("limits.per_person (%s)", perLimit(r.limit))
		raise := fmt.Sprintf("write limits: {per_person: %s}", perLimit(order.Limit{Count: max(h.needs, r.limit.Count+1), Per: r.limit.Per}))
		switch name := strconv.Quote(r.row.steps[i].Name); {
		case !h.alone:
			text, answer := h.never()
			t.add(r.time(i), false, text, answer)
		case !h.beside:
			t.add(r.time(i), false, fmt.Sprintf("step %s can never go out: %s comes within %s of it and takes its place", name, stepNames(r.row, []int{h.by}), human(r.play.gap())), h.apartMend())
		case !h.allowed:
			t.add(r.time(i), true, fmt.Sprintf("%s always stops this step: it is used up by %s before", budget, stepNames(r.row, h.ahead)), raise+", or leave a step out")
		case !h.whole:
			t.add(node.child("by"), true, fmt.Sprintf("%s never lets this step go by all its ways", budget), raise+", or by: [sms, email] for the first usable one")
		case h.gone*3 > h.usual*2:
			t.add(r.time(i), true, fmt.Sprintf("step %s seldom goes out: mostly %s comes within %s of it and takes its place", name, stepNames(r.row, []int{h.by}), human(r.play.gap())), "move one of them")
		}
	}
}

// time is the key that a step's time stands under.
func (r *rehearsal) time(i int) value {
	if r.row.steps[i].BeforeClose > 0 {
		return r.row.nodes[i].child("before_close")
	}
	return r.row.nodes[i].child("after")
}

// never says why a step does not go out even alone, and what to do.
func (h history) never() (text, answer string) {
	const so = ", so it can never fire"
	var why []string
	for f, words := range map[fate]string{inQuiet: "falls into quiet hours", tooLate: "comes past its max_lateness", closedYet: "comes after the close"} {
		if h.fates[f] > 0 {
			why = append(why, words)
		}
	}
	slices.Sort(why)
	switch {
	case len(why) == 0:
		return "no visit sees an order while it is open" + so, "visit more often"
	case len(why) > 1:
		return "this step always " + strings.Join(why, " or ") + so, "move it, or visit at other hours"
	case h.fates[tooLate] > 0:
		return "a visit always sees the order too late for this step" + so, "write a longer max_lateness, or visit more often"
	case h.fates[inQuiet] > 0:
		return "this step always falls into quiet hours" + so, "move it, or visit at other hours"
	}
	return "this step always comes after the close" + so, "move it, or visit more often"
}

// apartMend is how to have both of two steps.
func (h history) apartMend() string {
	if h.apart < 5*time.Minute {
		return "move one of them"
	}
	return fmt.Sprintf("move one of them, or write limits: {min_gap: %s}", human(h.apart.Truncate(time.Minute)))
}
