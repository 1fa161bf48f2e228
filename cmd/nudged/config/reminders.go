package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

var stepName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,29}$`)

func (l *loader) reminders(v value) {
	l.cfg.Reminders.Mode = Preview
	if !v.there() {
		return
	}
	m, ok := v.mapping("reminders")
	if !ok {
		return
	}
	if mode, ok := m.get("mode").oneOf(string(Preview), string(Live)); ok {
		l.cfg.Reminders.Mode = Mode(mode)
	}
	for _, item := range m.get("steps").list("- {step: first, after: 1h, by: [email], template: gentle}") {
		l.cfg.Reminders.Steps = append(l.cfg.Reminders.Steps, l.step(item))
	}
	l.stepTwice(m.get("steps"))
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
		l.template(at, s.Template)
	}
	if d, ok := m.get("max_lateness").duration(); ok {
		s.MaxLateness = d
	}
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

func (l *loader) stepChannels(m mapping, s *Step) {
	by, ok := m.need("by", "by: [email]")
	if !ok {
		return
	}
	list := by.list("by: [email]")
	if by.empty() {
		by.problem("no way to the buyer is named; write by: [email]")
	}
	for _, v := range list {
		word, ok := v.text()
		switch {
		case !ok:
		case word != string(order.ByEmail):
			v.problem("%s is no way to a buyer that nudged knows; write email", quote(word))
		case len(s.By) > 0:
			v.problem("%s is written twice; keep one", quote(word))
		default:
			s.By = append(s.By, order.ByEmail)
		}
	}
}

// template checks a name against every language that a shop speaks.
func (l *loader) template(v value, name string) {
	if l.opts.Templates == nil || name == "" {
		return
	}
	languages := map[string]bool{}
	for _, s := range l.cfg.Shops {
		if s.Language == "" || languages[s.Language] {
			continue
		}
		languages[s.Language] = true
		known := l.opts.Templates(s.Language)
		if !slices.Contains(known, name) {
			hint := "; there are " + strings.Join(known, ", ")
			if near := nearest(name, known); near != "" {
				hint = "; did you mean " + quote(near) + "?"
			}
			v.problem("there is no template %s in %s%s", quote(name), s.Language, hint)
		}
	}
}

func (l *loader) stepTwice(steps value) {
	if !steps.there() {
		return
	}
	seen := map[string]bool{}
	for i, s := range l.cfg.Reminders.Steps {
		if s.Name == "" {
			continue
		}
		if seen[fold(s.Name)] {
			steps.item(i).child("step").problem("%s names another step already; every step has a name of its own", quote(s.Name))
		}
		seen[fold(s.Name)] = true
	}
}

func (l *loader) quiet(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("quiet")
	if !ok {
		return
	}
	from, okFrom := m.need("from", `from: "21:00"`)
	to, okTo := m.need("to", `to: "09:00"`)
	if !okFrom || !okTo {
		return
	}
	var q Quiet
	var ok1, ok2 bool
	q.From, ok1 = from.clock()
	q.To, ok2 = to.clock()
	if !ok1 || !ok2 {
		return
	}
	if q.From%(24*60) == q.To%(24*60) {
		v.problem("the quiet hours last the whole day, so nothing could ever be sent; leave some hours")
		return
	}
	l.cfg.Quiet = &q
}

// During reports whether a time of day on t's clock is quiet.
func (q *Quiet) During(t time.Time) bool {
	if q == nil {
		return false
	}
	minute := t.Hour()*60 + t.Minute()
	if q.From < q.To {
		return minute >= q.From && minute < q.To
	}
	return minute >= q.From || minute < q.To
}

// End gives the first moment at or after t that is not quiet.
func (q *Quiet) End(t time.Time) time.Time {
	if !q.During(t) {
		return t
	}
	end := time.Date(t.Year(), t.Month(), t.Day(), q.To/60, q.To%60, 0, 0, t.Location())
	if !end.After(t) {
		end = time.Date(t.Year(), t.Month(), t.Day()+1, q.To/60, q.To%60, 0, 0, t.Location())
	}
	return end
}

// Start gives the moment before t at which the quiet hours around t began, t
// itself if it is not quiet.
func (q *Quiet) Start(t time.Time) time.Time {
	if !q.During(t) {
		return t
	}
	start := time.Date(t.Year(), t.Month(), t.Day(), q.From/60, q.From%60, 0, 0, t.Location())
	if start.After(t) {
		start = time.Date(t.Year(), t.Month(), t.Day()-1, q.From/60, q.From%60, 0, 0, t.Location())
	}
	return start.Add(-time.Minute)
}
