package config

import (
	"slices"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// maxReached bounds the orders that are tried to find one for each sequence.
const maxReached = 100_000

// reach reports sequences that no order comes to, since others above take all of
// them.
func (l *loader) reach() {
	s, left := l.cfg.Settings(), maxReached
	for _, row := range l.rows {
		name := ""
		if row.index >= 0 {
			name = l.cfg.Reminders.Sequences[row.index].Name
		}
		if row.index >= 0 && name == "" || row.index < 0 && len(row.steps) == 0 {
			continue
		}
		takers, refused, reached := l.takers(s, row, name, &left)
		switch {
		case reached || left < 0 || len(takers) == 0 && !refused:
		case row.index < 0:
			row.problem("no order is left for these steps, since all are taken by %s; leave the steps out, or say there for which orders it is", sequences(takers))
		case refused:
			row.child("payment").problem("orders that are paid on delivery get no reminders, so no order comes to this sequence; leave it out")
		default:
			row.child("name").problem("no order comes to this sequence, since all are taken by %s above; put this one first", sequences(takers))
		}
	}
}

// takers tries orders of all the kinds that a row is for, until one reaches it. It
// names the sequences that take them instead; refused is true if some get no
// reminders at all.
func (l *loader) takers(s notify.Settings, row sequenceAt, name string, left *int) (takers []string, refused, reached bool) {
	var q Sequence
	if row.index >= 0 {
		q = l.cfg.Reminders.Sequences[row.index]
	}
	for _, shop := range l.shopsOf(row) {
		if shop.Name == "" {
			continue
		}
		for _, p := range l.people(s, q.Buyers) {
			for _, payment := range methods(q.Payment) {
				if *left--; *left < 0 {
					return nil, false, false
				}
				_, got, none := s.SequenceOf(order.Order{Shop: shop.Name, ID: "1", Status: order.Unpaid, Payment: payment, Created: reachedAt()}, p)
				switch {
				case none != nil:
					refused = true
				case got == name:
					return nil, false, true
				case got != "" && !slices.Contains(takers, got):
					takers = append(takers, got)
				}
			}
		}
	}
	return takers, refused, false
}

// people are buyers of every group, each level among them, as far as a sequence
// is for them: whoever has paid may have done so lately or long ago.
func (l *loader) people(s notify.Settings, groups []string) []notify.Person {
	out := []notify.Person{{}}
	for _, status := range []order.Status{order.ClosedUnpaid, order.ClosedRefunded} {
		out = append(out, notify.Person{Orders: []order.Order{{ID: "0", Status: status, Created: reachedAt()}}})
	}
	for _, level := range append([]Level{{Orders: 1}}, l.cfg.Levels...) {
		for _, ago := range []time.Duration{day, longestLapsed + day} {
			paid := make([]order.Order, max(1, level.Orders))
			for i := range paid {
				paid[i] = order.Order{ID: "0", Status: order.Paid, Total: level.Spent, Created: reachedAt().Add(-ago)}
			}
			out = append(out, notify.Person{Orders: paid})
		}
	}
	return slices.DeleteFunc(out, func(p notify.Person) bool {
		return len(groups) > 0 && !slices.ContainsFunc(p.Groups(s.Levels, s.Lapsed, reachedAt()), func(g string) bool { return slices.Contains(groups, g) })
	})
}

// reachedAt is when the orders that are tried were placed: any day would do.
func reachedAt() time.Time { return time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC) }

// methods are payments that hold the words of a sequence: as they are, and as a
// part of longer ones, which may mean something else.
func methods(words []string) []string {
	if len(words) == 0 {
		return []string{""}
	}
	var out []string
	for _, w := range words {
		out = append(out, w, w+" app", "online "+w)
	}
	return out
}

func sequences(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, "sequence "+quote(n))
	}
	return strings.Join(out, " and ")
}
