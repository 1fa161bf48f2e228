package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nudged/notify"
)

// maxCondition is the length of the longest expression, in characters: what is
// longer cannot be read by the seller either.
const maxCondition = 500

// conditionAt is a condition with the place it stands in.
type conditionAt struct {
	value
	src      string
	compiled *notify.Condition
}

// named reports conditions that ask for a kind of buyer, a shop or a step that
// does not exist, so that they never hold.
func (l *loader) named() {
	var steps []string
	for _, row := range l.rows {
		for _, s := range row.steps {
			steps = append(steps, s.Name)
		}
	}
	for _, c := range l.conditions {
		c.oneWord(l)
		c.fits("buyer.kinds", "kind of buyer", l.kinds())
		c.fits("shop.name", "shop", l.shopNames())
		c.fits("step.name", "step", steps)
	}
}

func (l *loader) shopNames() []string {
	var out []string
	for _, s := range l.cfg.Shops {
		out = append(out, s.Name)
	}
	return out
}

// oneWord reports a kind of buyer that does not exist, and a group that buyer.kind,
// which is one word, never is.
func (c conditionAt) oneWord(l *loader) {
	for _, text := range c.compiled.Texts("buyer.kind") {
		if slices.Contains([]string{notify.KindPotential, notify.KindCustomer, notify.KindLapsed}, text) {
			c.say(text, fmt.Sprintf("buyer.kind is new, known or a level, and never %s; write buyer.%s", quote(text), text))
		}
	}
	c.fits("buyer.kind", "kind of buyer", l.kinds())
}

func (c conditionAt) fits(name, what string, known []string) {
	for _, text := range c.compiled.Texts(name) {
		if slices.Contains(known, text) {
			continue
		}
		hint := "there are " + listed(known)
		if near := Nearest(text, known); near != "" {
			hint = "did you mean " + quote(near) + "?"
		}
		c.say(text, fmt.Sprintf("there is no %s %s; %s", what, quote(text), hint))
	}
}

// say reports a problem at a text within the condition.
func (c conditionAt) say(text, message string) {
	at := strings.Index(c.src, text)
	c.within(c.src, 1, len([]rune(c.src[:max(0, at)]))+1, message)
}

// condition compiles an expression; nil if that was not possible, which is said.
func (v value) condition(l *loader) *notify.Condition {
	src, ok := v.text()
	switch {
	case !ok:
		if v.node != nil && !v.there() {
			v.problem("the condition is empty; write one, as order.total > 20, or leave the key out")
		}
		return nil
	case src == "":
		v.problem("the condition is empty; write one, as order.total > 20, or leave the key out")
		return nil
	case len([]rune(src)) > maxCondition:
		v.problem("%d characters are too many for a condition; write at most %d", len([]rune(src)), maxCondition)
		return nil
	}
	c, err := notify.Compile(src)
	if err == nil {
		l.conditions = append(l.conditions, conditionAt{v, src, c})
		return c
	}
	var wrong *notify.ConditionError
	if !errors.As(err, &wrong) {
		v.problem("%s", err)
		return nil
	}
	v.within(src, wrong.Line, wrong.Col, wrong.Message)
	return nil
}

// within reports a problem at a place in an expression.
func (v value) within(src string, line, col int, message string) {
	p := v.at("%s", message)
	p.Col += v.offset(src, line, col)
	v.file.problems = append(v.file.problems, p)
}

// offset is how far after the beginning of a value its error stands; 0 where that
// cannot be told: the value runs over several lines, or holds escaped characters
// before the error.
func (v value) offset(src string, in, col int) int {
	line := []rune(v.file.line(v.node.Line))
	start := v.node.Column - 1
	before := []rune(src)
	if in > 1 || col < 1 || col > len(before)+1 || start < 0 || start >= len(line) {
		return 0
	}
	if line[start] == '"' || line[start] == '\'' {
		start++
	}
	for start < len(line) && strings.ContainsRune(" \t", line[start]) {
		start++
	}
	end := start + col - 1
	if end > len(line) || string(line[start:end]) != string(before[:col-1]) {
		return 0
	}
	return end - (v.node.Column - 1)
}
