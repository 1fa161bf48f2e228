package config

import (
	"slices"
	"strings"
	"unicode"

	"nudged/notify"
)

// sequenceAt is a row of steps with the place it stands in, for what is checked
// when everything has been read.
type sequenceAt struct {
	value          // of the sequence, or of reminders for the plain steps
	index int      // in Reminders.Sequences; -1 for the plain steps
	nodes []value  // of its steps
	shops []string // names; empty is all
	steps []Step   // as many as nodes
}

func (l *loader) sequence(v value) {
	m, ok := v.mapping("sequences")
	if !ok {
		return
	}
	var s Sequence
	if at, ok := m.need("name", "a name of your own, as name: transfers"); ok {
		s.Name = l.sequenceName(at)
	}
	s.Shops = fit(m.get("shops"), "sequence", "shops: [buckles]", "shop", func(item value) (string, bool) { return item.shopName(l) })
	s.Buyers = fit(m.get("buyers"), "sequence", "buyers: [new]", "buyer", func(item value) (string, bool) { return item.kind(l) })
	s.Payment = fit(m.get("payment"), "sequence", "payment: [bank transfer]", "payment", value.paymentWords)
	at, ok := m.need("steps", "the steps of these orders, or steps: [] if they get no reminders")
	if ok {
		var nodes []value
		nodes, s.Steps = l.steps(at)
		l.rows = append(l.rows, sequenceAt{value: v, index: len(l.cfg.Reminders.Sequences), nodes: nodes, shops: s.Shops, steps: s.Steps})
	}
	l.cfg.Reminders.Sequences = append(l.cfg.Reminders.Sequences, s)
}

func (l *loader) sequenceName(v value) string {
	name, ok := v.text()
	switch {
	case !ok:
		return ""
	case !stepName.MatchString(name):
		v.problem("%s cannot name a sequence; write letters, digits, - and _, at most 30", quote(name))
		return ""
	case fold(name) == notify.SlowSequence:
		v.problem("%s is what nudged itself calls the reminders of bank transfers; write another name", quote(name))
		return ""
	}
	for _, other := range l.cfg.Reminders.Sequences {
		if fold(other.Name) == fold(name) {
			v.problem("%s names another sequence already; every sequence has a name of its own", quote(name))
		}
	}
	return name
}

// fit reads a list of what a sequence or a campaign is for.
func fit(v value, whose, example, what string, read func(value) (string, bool)) []string {
	var out []string
	for _, item := range v.listOf(example, maxWords) {
		word, ok := read(item)
		switch {
		case !ok:
		case slices.Contains(out, word):
			item.problem("%s is written twice; keep one", quote(word))
		default:
			out = append(out, word)
		}
	}
	if v.empty() {
		v.problem("the list is empty, so the %s would be for no %s at all; leave the key out for every one", whose, what)
	}
	return out
}

func (v value) shopName(l *loader) (string, bool) {
	name, ok := v.text()
	if !ok {
		return "", false
	}
	var known []string
	for _, s := range l.cfg.Shops {
		if s.Name != "" && fold(s.Name) == fold(name) {
			return s.Name, true
		}
		known = append(known, s.Name)
	}
	hint := "there are " + listed(known)
	if near := Nearest(name, known); near != "" {
		hint = "did you mean " + quote(near) + "?"
	}
	v.problem("there is no shop %s; %s", quote(name), hint)
	return "", false
}

// paymentWords are found in what the shop calls a method of payment.
func (v value) paymentWords() (string, bool) {
	words, ok := v.short(100)
	if ok && !strings.ContainsFunc(words, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		v.problem("%s holds no word; write one of the payment method, as bank transfer", quote(words))
		return "", false
	}
	return words, ok
}
