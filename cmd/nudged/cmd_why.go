package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

type whyCmd struct {
	Order string `arg:"" help:"Number or id of the order, or SHOP/ID."`
}

func (whyCmd) remote() {}

// Run tells the life of an order, in order of time and in plain words.
func (c whyCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	keys, err := a.db.Find(c.Order)
	if err != nil {
		return err
	}
	if shop, number, ok := strings.Cut(c.Order, "/"); ok && len(keys) == 0 {
		if keys, err = a.db.Find(number); err != nil {
			return err
		}
		keys = slices.DeleteFunc(keys, func(k order.Key) bool { return !strings.EqualFold(k.Shop, shop) })
	}
	switch {
	case len(keys) == 0:
		return fmt.Errorf("no order %q is on record; nudged orders lists them, nudged crawl reads the shops", c.Order)
	case len(keys) > 1:
		var all []string
		for _, k := range keys {
			all = append(all, k.String())
		}
		return &usageError{fmt.Errorf("%q is more than one order; choose one: %s", c.Order, strings.Join(all, ", "))}
	}
	return a.why(s, keys[0])
}

// line of a story.
type line struct {
	at   time.Time
	text string
}

func (a *app) why(s *session, key order.Key) error {
	o, found, err := a.db.Order(key)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("order %s is not on record", key)
	}
	history, err1 := a.db.History(key)
	ledger, err2 := a.db.LedgerOf(key)
	reminders, err3 := a.db.Reminders(key)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	zone := zoneOf(a.cfg, key.Shop)
	s.printf("%s\n", headline(o))
	lines := story(o, history, ledger)
	slices.SortStableFunc(lines, func(x, y line) int { return x.at.Compare(y.at) })
	for _, l := range lines {
		s.printf("%s  %s\n", l.at.In(zone).Format("2006-01-02 15:04:05"), table.Clean(l.text))
	}
	for _, text := range a.ahead(o, reminders, zone) {
		s.printf("%19s  %s\n", "next", table.Clean(text))
	}
	return nil
}

func headline(o order.Order) string {
	return table.Clean(fmt.Sprintf("%s, %s, %s, %s, contact %s", label(o), statusWords(o), o.Total, nameOf(o.Buyer), contact(o.Buyer)))
}

func nameOf(b order.Buyer) string {
	if b.Name == "" {
		return "(no name)"
	}
	return b.Name
}

func story(o order.Order, history []order.Change, ledger []order.Event) []line {
	var out []line
	if !o.Created.IsZero() {
		out = append(out, line{o.Created, "placed, as the shop says"})
	}
	for _, c := range history {
		text := fmt.Sprintf("seen for the first time: %s", c.To)
		if c.From != "" {
			text = fmt.Sprintf("seen to be %s (was %s)", c.To, c.From)
		}
		if c.Text != "" {
			text += fmt.Sprintf("; the shop says %q", c.Text)
		}
		out = append(out, line{c.At, text})
	}
	for _, e := range ledger {
		out = append(out, line{e.At, eventWords(e)})
	}
	if !o.Looked.IsZero() {
		out = append(out, line{o.Looked, "its own page was read, the last time so far"})
	}
	return out
}

// eventWords says what happened to a reminder.
func eventWords(e order.Event) string {
	step := fmt.Sprintf("reminder %q by %s", e.Key.Step, e.Key.Channel)
	because := ""
	if e.Reason != "" {
		because = ": " + e.Reason
	}
	switch e.State {
	case order.Skipped:
		return step + " skipped" + because
	case order.Held:
		return step + " held" + because
	case order.Sending:
		return step + " is being handed over"
	case order.Sent:
		return step + " sent" + because + answer(e.Provider)
	case order.Shown:
		return step + " not sent" + because
	case order.Lost:
		return step + " handed over, but no answer came: it may have arrived, and is never sent again by itself" + because
	case order.Failed:
		return step + " failed and will be tried again" + because
	case order.Parked:
		return step + " given up" + because
	}
	return step + " " + string(e.State) + because
}

func answer(provider string) string {
	if provider == "" {
		return ""
	}
	return "; the server said " + provider
}

// ahead tells what will happen by itself.
func (a *app) ahead(o order.Order, reminders []order.Reminder, zone *time.Location) []string {
	var out []string
	for _, r := range reminders {
		if r.State == order.Sending {
			out = append(out, fmt.Sprintf("reminder %q by %s is being handed over since %s; if nudged was cut off then, the next start notes that its outcome is not known", r.Key.Step, r.Key.Channel, r.Changed.In(zone).Format("2006-01-02 15:04:05")))
		}
		if r.State.Final() || r.State == order.Sending {
			continue
		}
		text := fmt.Sprintf("reminder %q by %s at %s", r.Key.Step, r.Key.Channel, r.Due.In(zone).Format("2006-01-02 15:04"))
		switch {
		case o.Status != order.Unpaid:
			text = fmt.Sprintf("reminder %q by %s will be skipped: the order is %s", r.Key.Step, r.Key.Channel, o.Status)
		case r.State == order.Held:
			text += ", held: " + r.Reason
		case r.State == order.Failed:
			text += ", another try: " + r.Reason
		default:
			text += ", after a look at the order"
		}
		out = append(out, text)
	}
	if !o.Closes.IsZero() && o.Status == order.Unpaid {
		out = append(out, "the shop closes it at "+o.Closes.In(zone).Format("2006-01-02 15:04"))
	}
	if len(out) == 0 {
		out = append(out, "nothing")
	}
	return out
}
