package config

import (
	"slices"
	"strconv"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// fewMessages is the budget of a person where the config says nothing.
func fewMessages() order.Limit { return order.Limit{Count: 2, Per: 24 * time.Hour} }

// maxLevels is far above what anybody can tell apart.
const maxLevels = 20

func (l *loader) limits(v value) {
	l.cfg.Limits.PerPerson = fewMessages()
	if !v.there() {
		return
	}
	m, ok := v.mapping("limits")
	if !ok {
		return
	}
	if at := m.get("per_person"); at.there() {
		if limit, ok := at.limit("2 per 24h", 366*day); ok {
			l.cfg.Limits.PerPerson = limit
		}
	}
	if at := m.get("min_gap"); at.there() {
		gap, ok := at.duration()
		if ok && gap > 30*day {
			at.problem("%s is longer than any order stays open; write for example 2h", human(gap))
			return
		}
		l.cfg.Limits.MinGap = gap
	}
}

func (l *loader) buyers(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("buyers")
	if !ok {
		return
	}
	if at := m.get("lapsed"); at.there() {
		l.cfg.Lapsed, _ = at.longAgo()
	}
	list := m.get("levels").listOf("levels: [{name: regular, orders: 3}]", maxLevels)
	for _, item := range list {
		if level, ok := l.level(item); ok {
			l.levelTwice(item, level)
			l.cfg.Levels = append(l.cfg.Levels, level)
		}
	}
}

func (l *loader) level(v value) (Level, bool) {
	m, ok := v.mapping("levels")
	if !ok {
		return Level{}, false
	}
	var level Level
	if at, ok := m.need("name", "a name of your own, as name: regular"); ok {
		name, ok := at.text()
		switch {
		case !ok:
		case !stepName.MatchString(name):
			at.problem("%s cannot name a level; write letters, digits, - and _, at most 30", quote(name))
		case slices.Contains(notify.Kinds(), fold(name)):
			at.problem("%s is what nudged itself calls buyers; write another name", quote(name))
		default:
			level.Name = name
		}
	}
	orders, spent := m.get("orders"), m.get("spent")
	if orders.there() {
		level.Orders, _ = orders.number(1, 1000)
	}
	if spent.there() {
		level.Spent, _, ok = spent.money("1000 CNY")
		if ok && level.Spent.Minor == 0 {
			spent.problem("nothing spent is no level; write for example 1000 CNY, or leave it out")
		}
	}
	if !orders.there() && !spent.there() {
		m.problem("the level asks for nothing; write orders: 3 or spent: 1000 CNY, or both")
	}
	return level, level.Name != "" && (level.Orders > 0 || level.Spent.Minor > 0)
}

// levelTwice reports a level that cannot be told from an earlier one.
func (l *loader) levelTwice(v value, level Level) {
	for _, other := range l.cfg.Levels {
		switch {
		case fold(other.Name) == fold(level.Name):
			v.child("name").problem("%s names another level already; every level has a name of its own", quote(level.Name))
		case other.Orders == level.Orders && other.Spent == level.Spent:
			v.problem("it asks for the same as level %s; a buyer can be of one only", quote(other.Name))
		}
	}
}

// Bounds of the time after which a customer counts as one who has gone.
const (
	shortestLapsed = 7 * day
	longestLapsed  = 3653 * day
)

// longAgo reads how long ago something is: 180d, or 6 months.
func (v value) longAgo() (time.Duration, bool) {
	const example = "180d or 6 months"
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	d, err := ParseDuration(s)
	if m := ageShape.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most four digits
		d, err = time.Duration(n)*map[string]time.Duration{"day": day, "month": 30 * day, "year": 365 * day}[m[2]], nil
	}
	switch {
	case err != nil:
		v.problem("%s is no time that something is ago; write for example %s", quote(s), example)
	case d < shortestLapsed || d > longestLapsed:
		v.problem("%s is not from a week to ten years; write for example %s", quote(s), example)
	default:
		return d, true
	}
	return 0, false
}

// kinds are the words that a sequence may name buyers by.
func (l *loader) kinds() []string {
	out := []string{notify.KindNew, notify.KindKnown, notify.KindPotential, notify.KindCustomer, notify.KindLapsed}
	for _, level := range l.cfg.Levels {
		out = append(out, level.Name)
	}
	return out
}

// kind reads one of the kinds of buyers, however it is cased.
func (v value) kind(l *loader) (string, bool) {
	word, ok := v.text()
	if !ok {
		return "", false
	}
	known := l.kinds()
	if i := slices.IndexFunc(known, func(k string) bool { return fold(k) == fold(word) }); i >= 0 {
		return known[i], true
	}
	hint := "write one of " + listed(known) + ", or the name of a level under buyers"
	if near := Nearest(word, known); near != "" {
		hint = "did you mean " + quote(near) + "?"
	} else if len(l.cfg.Levels) > 0 {
		hint = "write one of " + listed(known)
	}
	v.problem("there is no kind of buyer %s; %s", quote(word), hint)
	return "", false
}
