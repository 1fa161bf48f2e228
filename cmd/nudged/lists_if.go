package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nudged/notify"
	"nudged/store/order"
)

// orderCondition is what stands after --if of a list of orders.
type orderCondition struct {
	cond   *notify.Condition
	person bool // it may ask about the buyer
	sent   bool // it may ask how many messages went out
	unjudged
}

// unjudged counts what a condition could not be asked about: it is left out, and
// that is said.
type unjudged struct {
	count   int
	because string // of the first one
}

func (u *unjudged) add(cond *notify.Condition, err error) {
	if u.count++; u.because == "" {
		u.because = strings.TrimPrefix(err.Error(), "condition "+cond.String()+": ")
	}
}

// parseOrderCondition gives nil where nothing was typed: that holds for all.
func parseOrderCondition(src string) (*orderCondition, error) {
	if src == "" {
		return nil, nil
	}
	cond, err := notify.Compile(src)
	if err != nil {
		return nil, badCondition(src, err, "orders")
	}
	// A name that does not stand in the text is not asked for; more than that need
	// not be known to save the reading of what nobody asks.
	return &orderCondition{
		cond: cond, person: strings.Contains(src, "buyer") || strings.Contains(src, "reason"), sent: strings.Contains(src, "step"),
	}, nil
}

// badCondition shows where a condition is wrong.
func badCondition(src string, err error, list string) error {
	var wrong *notify.ConditionError
	if errors.As(err, &wrong) && wrong.Line <= 1 && !strings.Contains(src, "\n") {
		before := []rune(src)
		before = before[:min(max(wrong.Col-1, 0), len(before))]
		after := ""
		if len(before) > 0 {
			after = fmt.Sprintf(" (after %q)", string(before))
		}
		return &usageError{fmt.Errorf("--if %s: %s%s; nudged %s --help lists the names", src, wrong.Message, after, list)}
	}
	return &usageError{fmt.Errorf("--if: %w; nudged %s --help lists the names", err, list)}
}

// known refuses a condition that can never hold, since it asks for a kind of buyer
// or a shop that does not exist.
func (c *orderCondition) known(a *app) error {
	if c == nil {
		return nil
	}
	return knownTexts(a, c.cond, "orders")
}

func knownTexts(a *app, cond *notify.Condition, list string) error {
	for name, words := range map[string][]string{
		"buyer.kind": a.buyerKinds(), "buyer.kinds": a.buyerKinds(), "shop.name": shopNames(a.cfg),
	} {
		for _, text := range cond.Texts(name) {
			if slices.Contains(words, text) {
				continue
			}
			return &usageError{fmt.Errorf("--if: %q is no %s; %s", text, name, meantOf(text, words))}
		}
	}
	return nil
}

// buyerKinds are the groups of buyers that there are.
func (a *app) buyerKinds() []string {
	var out []string
	for _, l := range a.settings.Levels {
		out = append(out, l.Name)
	}
	return append(out, notify.Kinds()...)
}

// holds asks about one order as it is on record.
func (c *orderCondition) holds(a *app, o order.Order) (bool, error) {
	if c == nil {
		return true, nil
	}
	var p notify.Person
	sent := 0
	var err error
	if c.person {
		if p, err = a.personOf(o.Key()); err != nil {
			return false, err
		}
	}
	if c.sent {
		reminders, err := a.db.Reminders(o.Key())
		if err != nil {
			return false, err
		}
		for _, r := range reminders {
			if r.State.Out() {
				sent++
			}
		}
	}
	ok, err := c.cond.Holds(notify.NewEnv(a.settings, o, p, notify.Step{}, sent, a.now()))
	if err != nil {
		c.add(c.cond, err)
		return false, nil
	}
	return ok, nil
}

// personOf is what else is on record of the buyer of an order.
func (a *app) personOf(key order.Key) (notify.Person, error) {
	others, err := a.db.Others(key)
	if err != nil {
		return notify.Person{}, err
	}
	past, err := a.db.Past(key)
	return notify.Person{Orders: others, Past: past}, err
}

// say tells what was left out.
func (c *orderCondition) say(s *session) {
	if c != nil {
		c.unjudged.say(s, "order")
	}
}

func (u unjudged) say(s *session, what string) {
	if u.count > 0 {
		s.sayf("Left out: %s of which it cannot be said whether they fit: %s.\n", counted(u.count, what), u.because)
	}
}

// helpOfNames lists what a condition can ask for.
func helpOfNames(all []notify.EnvName) string {
	var b strings.Builder
	for _, n := range all {
		fmt.Fprintf(&b, "  %-18s%s: %s\n", n.Name, n.Type, n.Help)
	}
	return b.String()
}
