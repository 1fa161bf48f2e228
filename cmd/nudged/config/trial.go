package config

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTurns bounds the reminders that are tried in all: thousands of different shops
// and sequences would take minutes.
const maxTurns = 150_000

// trial looks for steps that can never go out, by trying orders that come at all
// hours of a week.
type trial struct {
	l     *loader
	left  int              // reminders that may still be tried
	done  map[string][]int // what was found, by timetable and row: equal shops are tried once
	found []finding
}

// finding is a message about a step at some shops.
type finding struct {
	at     value
	warns  bool
	text   string
	answer string
	shops  []string
}

// row tries one row of steps at one shop.
func (t *trial) row(row sequenceAt, shop Shop) {
	key := fmt.Sprint(row.index, shop.Zone, shop.AutoClose, shop.closes(), " ", shop.Visit.Spec)
	known, ok := t.done[key]
	if !ok {
		before := len(t.found)
		t.first(row, shop)
		for i := before; i < len(t.found); i++ {
			known = append(known, i)
		}
		t.done[key] = known
	}
	for _, i := range known {
		t.found[i].shops = append(t.found[i].shops, quote(shop.Name))
	}
}

// first judges a row at the first shop of its kind.
func (t *trial) first(row sequenceAt, shop Shop) {
	var fit []int
	for i, st := range row.steps {
		if len(st.By) > 0 && t.possible(row.nodes[i], shop, st) {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 || t.left < 0 {
		return
	}
	r := newRehearsal(row, shop, t.l.cfg, fit)
	for s := range samples(shop) {
		if t.left < 0 {
			return // some steps may not have had their chance
		}
		if r.settled() && (!s.early || !r.compares()) {
			break
		}
		if !r.settled() || s.usual {
			t.left -= r.try(s)
		}
	}
	r.tell(t)
}

// possible reports what needs no trial, and whether one makes sense.
func (t *trial) possible(v value, shop Shop, step Step) bool {
	after, before := v.child("after"), v.child("before_close")
	switch closes := human(shop.AutoClose); {
	case step.After == 0 && step.BeforeClose == 0:
		// said already
	case step.BeforeClose > 0 && shop.closes() == 0:
		if shop.Recipe != nil {
			t.add(before, false, "nothing tells when orders are closed, so this step can never fire", "write auto_close for the shop, or after")
		}
	case step.BeforeClose > 0 && shop.AutoClose > 0 && step.BeforeClose >= shop.AutoClose:
		t.add(before, false, fmt.Sprintf("orders are closed after %s, so %s before the close the order is not there yet", closes, human(step.BeforeClose)), "write less than "+closes)
	case step.After > 0 && shop.AutoClose > 0 && step.After >= shop.AutoClose:
		t.add(after, false, fmt.Sprintf("orders are closed after %s, so this step can never fire", closes), "write less than "+closes)
	default:
		return true
	}
	return false
}

// closes is how long an order stays open; zero if nothing tells. Where only the
// shop's pages do, it is a time that leaves room for any step.
func (s Shop) closes() time.Duration {
	if s.AutoClose == 0 && s.Recipe != nil && TellsClose(s.Recipe) {
		return 366 * day
	}
	return s.AutoClose
}

// add notes a finding.
func (t *trial) add(at value, warns bool, text, answer string) {
	t.found = append(t.found, finding{at: at, warns: warns, text: text, answer: answer})
}

// report says what was found, with the shops that it is true of.
func (t *trial) report() {
	for _, f := range t.found {
		const most = 3
		names := strings.Join(f.shops[:min(most, len(f.shops))], ", ")
		if more := len(f.shops) - most; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		say := f.at.problem
		if f.warns {
			say = f.at.warn
		}
		say("at %s %s; %s", names, f.text, f.answer)
	}
	if t.left < 0 {
		t.l.top.warn("there are too many different shops and sequences to try all their steps; some that can never go out may not be reported")
	}
}

// sample is an order and the visit that sees it first.
type sample struct {
	made, seen time.Time
	early      bool // of the first day, or days where visits are rare
	usual      bool // of that day every quarter of an hour: by these is judged what mostly happens
}

// samples are orders placed at every five minutes of a week, and at the very
// moment of each visit. Where visits are rare it is a year, by the hour.
func samples(shop Shop) iter.Seq[sample] {
	start := monday(shop.Zone)
	visits, span := timetable(shop.Visit, start)
	every, ordinary := 5*time.Minute, start.Add(day)
	if span > 9*day {
		every, ordinary = time.Hour, start.Add(14*day)
	}
	return func(yield func(sample) bool) {
		made := start
		for _, visit := range visits {
			for ; made.Before(visit); made = made.Add(every) {
				early := made.Before(ordinary)
				if !yield(sample{made, visit, early, early && made.Minute()%15 == 0}) {
					return
				}
			}
			if !yield(sample{visit, visit, visit.Before(ordinary), false}) {
				return
			}
		}
	}
}

// stepNames lists steps in a message, each once.
func stepNames(row sequenceAt, steps []int) string {
	var names []string
	for _, i := range steps {
		if name := "step " + strconv.Quote(row.steps[i].Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return strings.Join(names, "")
}
