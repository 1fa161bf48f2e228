package config

import (
	"regexp"
	"slices"

	"nudged/store/order"
)

var stepName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,29}$`)

// Bounds of lists that are far above any that makes sense.
const (
	maxSteps     = 30
	maxSequences = 50
	maxWords     = 30
)

func (l *loader) reminders(v value) {
	l.cfg.Reminders.Mode = Preview
	if !v.there() {
		return
	}
	m, ok := v.mapping("reminders")
	if !ok {
		return
	}
	r := &l.cfg.Reminders
	if mode, ok := m.get("mode").oneOf(string(Preview), string(Live)); ok {
		r.Mode = Mode(mode)
	}
	nodes, steps := l.steps(m.get("steps"))
	r.Steps = steps
	l.rows = append(l.rows, sequenceAt{value: m.get("steps"), index: -1, nodes: nodes, steps: steps})
	for _, item := range m.get("sequences").listOf("- {name: transfers, payment: [bank transfer], steps: […]}", maxSequences) {
		l.sequence(item)
	}
	for _, item := range m.get("exclude").listOf(`exclude: [order.total > 5000]`, maxWords) {
		if c := item.condition(l); c != nil {
			r.Exclude = append(r.Exclude, c)
		}
	}
}

// steps reads a row of steps, each with its place.
func (l *loader) steps(v value) ([]value, []Step) {
	var steps []Step
	nodes := v.listOf("- {step: first, after: 1h, by: [email], template: gentle}", maxSteps)
	seen := map[string]bool{}
	for _, item := range nodes {
		s := l.step(item)
		if s.Name != "" && seen[fold(s.Name)] {
			item.child("step").problem("%s names another step already; every step has a name of its own", quote(s.Name))
		}
		seen[fold(s.Name)] = true
		steps = append(steps, s)
	}
	return nodes, steps
}

func (l *loader) step(v value) Step {
	var s Step
	m, ok := v.mapping("steps")
	if !ok {
		return s
	}
	if at, ok := m.need("step", "a name of your own, as step: first"); ok {
		if name, ok := at.text(); ok && !stepName.MatchString(name) {
			at.problem("%s cannot name a step; write letters, digits, - and _, at most 30", quote(name))
		} else {
			s.Name = name
		}
	}
	l.stepTime(m, &s)
	l.stepChannels(m, &s)
	if at, ok := m.need("template", "the text to send, as template: gentle"); ok {
		s.Template, _ = at.text()
	}
	if d, ok := m.get("max_lateness").duration(); ok {
		s.MaxLateness = d
	}
	if at := m.get("if"); at.node != nil {
		s.If = at.condition(l)
	}
	s.Offer, _ = m.get("offer").short(300)
	return s
}

func (l *loader) stepTime(m mapping, s *Step) {
	after, before := m.get("after"), m.get("before_close")
	switch {
	case after.there() && before.there():
		before.problem("a step has one time; keep after or before_close")
	case after.there():
		s.After, _ = after.duration()
	case before.there():
		s.BeforeClose, _ = before.duration()
	default:
		m.problem("the step has no time; write after: 1h (since the order) or before_close: 2h")
	}
}

// stepChannels reads by: [sms, email], the first usable one, or
// by: {all: [sms, email]}.
func (l *loader) stepChannels(m mapping, s *Step) {
	const example = "by: [email]"
	by, ok := m.need("by", example)
	if !ok {
		return
	}
	if by.isMapping() {
		all, ok := by.mapping("by")
		if !ok {
			return
		}
		s.All = true
		if by, ok = all.need("all", "by: {all: [sms, email]}"); !ok {
			return
		}
	}
	if by.empty() {
		by.problem("no way to the buyer is named; write by: [email]")
	}
	s.By = l.ways(by, example, l.sender)
}

// ways reads a list of ways to a buyer, each of which is handed to known.
func (l *loader) ways(list value, example string, known func(value, order.Channel)) []order.Channel {
	var out []order.Channel
	for _, v := range list.list(example) {
		word, ok := v.text()
		channel := order.Channel(word)
		switch {
		case !ok:
		case channel != order.ByEmail && channel != order.BySMS:
			v.problem("%s is no way to a buyer that nudged knows; write email or sms", quote(word))
		case slices.Contains(out, channel):
			v.problem("%s is written twice; keep one", quote(word))
		default:
			known(v, channel)
			out = append(out, channel)
		}
	}
	return out
}

// sender reports a channel that nothing can go out by, once each.
func (l *loader) sender(v value, c order.Channel) {
	if l.top.get(string(c)).there() || slices.Contains(l.unsent, c) {
		return
	}
	l.unsent = append(l.unsent, c)
	v.problem("steps go out by %s, but there is no %s section; write one", c, c)
}
