package config

import (
	"slices"
	"strings"

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
		for _, p := range l.people(q.Buyers) {
			for _, payment := range methods(q.Payment) {
				if *left--; *left < 0 {
					return nil, false, false
				}
				_, got, none := s.SequenceOf(order.Order{Shop: shop.Name, ID: "1", Status: order.Unpaid, Payment: payment}, p)
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

// people are buyers of each kind that a sequence names, of every kind if it
// names none.
func (l *loader) people(kinds []string) []notify.Person {
	var out []notify.Person
	known := len(kinds) == 0 || slices.Contains(kinds, notify.KindKnown)
	if len(kinds) == 0 || slices.Contains(kinds, notify.KindNew) {
		out = append(out, notify.Person{})
	}
	if known {
		out = append(out, notify.Person{Orders: []order.Order{{ID: "0", Status: order.ClosedUnpaid}}})
	}
	for _, level := range l.cfg.Levels {
		if !known && !slices.Contains(kinds, level.Name) {
			continue
		}
		n := max(1, level.Orders)
		paid := make([]order.Order, n)
		for i := range paid {
			paid[i] = order.Order{ID: "0", Status: order.Paid, Total: level.Spent}
		}
		out = append(out, notify.Person{Orders: paid})
	}
	return out
}

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
