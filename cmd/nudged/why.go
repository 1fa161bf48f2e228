package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/store"
	"nudged/store/order"
)

// tale is the story of one order.
type tale struct {
	o        order.Order
	zone     *time.Location // of the shop
	contacts bool           // the buyer's contacts are told
	lines    []line         // in order of time
	next     []string       // what will happen by itself
}

// line of a story.
type line struct {
	at   time.Time
	text string
	kind string
	e    order.Event // zero where no reminder is concerned
}

func (a *app) tale(key order.Key, contacts bool) (*tale, error) {
	o, found, err := a.db.Order(key)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("order %s %w", key, errNotOnRecord)
	}
	history, err1 := a.db.History(key)
	ledger, err2 := a.db.LedgerOf(key)
	reminders, err3 := a.db.Reminders(key)
	backs, err4 := a.db.BacksOf(key)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	t := &tale{o: o, zone: zoneOf(a.cfg, key.Shop), contacts: contacts}
	t.seen(history)
	t.reminded(reminders, ledger, backs)
	t.answered(backs)
	slices.SortStableFunc(t.lines, func(x, y line) int { return x.at.Compare(y.at) })
	if err := a.ahead(t, reminders); err != nil {
		return nil, err
	}
	return t, a.silenced(t)
}

func (t *tale) add(at time.Time, kind, text string) {
	t.lines = append(t.lines, line{at: at, kind: kind, text: text})
}

func (t *tale) headline() string {
	who := contact(t.o.Buyer)
	if t.contacts {
		who = strings.TrimSpace(t.o.Buyer.Email.Reveal() + " " + t.o.Buyer.Phone.Reveal())
	}
	return table.Clean(fmt.Sprintf("%s, %s, %s, %s, contact %s", label(t.o), statusWords(t.o), t.o.Total, nameOf(t.o.Buyer), cmp.Or(who, "none")))
}

func nameOf(b order.Buyer) string { return cmp.Or(b.Name, "(no name)") }

// seen is what visits and looks have brought.
func (t *tale) seen(history []order.Change) {
	source := "as the shop"
	if t.o.Key().Imported() {
		source = "as your list"
	}
	if !t.o.Created.IsZero() {
		t.add(t.o.Created, "placed", "placed, "+source+" says")
	}
	for _, c := range history {
		text := fmt.Sprintf("seen for the first time: %s", c.To)
		if c.From != "" {
			text = fmt.Sprintf("seen to be %s (was %s)", c.To, c.From)
		}
		if c.Text != "" {
			text += fmt.Sprintf("; %s says %q", strings.TrimPrefix(source, "as "), c.Text)
		}
		t.add(c.At, "status", text)
	}
	if !t.o.Looked.IsZero() {
		t.add(t.o.Looked, "looked", "its own page was read, the last time so far")
	}
}

// reminded is what was planned and what became of it. What has come back has lines
// of its own, with the person's words.
func (t *tale) reminded(reminders []order.Reminder, ledger []order.Event, backs []store.Returned) {
	for _, r := range reminders {
		if r.Cause == order.CauseBeforeEnabled { // nothing was ever to come of it
			continue
		}
		t.lines = append(t.lines, line{
			at: r.Planned, kind: "planned", text: stepWords(r.Key) + " was planned for this time",
			e: order.Event{Key: r.Key},
		})
	}
	for _, e := range ledger {
		if cameBack(e.State) && slices.ContainsFunc(backs, func(b store.Returned) bool { return b.Answered.Reminder == e.Key && b.State == e.State }) {
			continue
		}
		t.lines = append(t.lines, line{at: e.At, kind: "reminder", text: eventWords(e), e: e})
	}
}

func cameBack(s order.State) bool {
	return s == order.Delivered || s == order.Bounced || s == order.Replied || s == order.OptedOut
}

func stepWords(k order.ReminderKey) string {
	if name, ok := k.Campaign(); ok {
		return fmt.Sprintf("campaign %q by %s", name, k.Channel)
	}
	return fmt.Sprintf("reminder %q by %s", k.Step, k.Channel)
}

// eventWords says what happened to a reminder.
func eventWords(e order.Event) string {
	step, because := stepWords(e.Key), ""
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
		if under(e.Key) { // for most of them no page is read
			return step + " sent" + because + receipt(e)
		}
		return step + " sent, after a look at the order" + because + receipt(e)
	case order.Shown:
		return step + " not sent" + because
	case order.Lost:
		return step + " handed over, but no answer came: it may have arrived, and is never sent again by itself" + because + receipt(e)
	case order.Failed:
		return step + " failed and will be tried again" + because
	case order.Parked:
		return step + " given up" + because
	}
	return step + " " + string(e.State) + because
}

// receipt is what the other side gave for a message.
func receipt(e order.Event) string {
	out := ""
	if e.Provider != "" && e.Provider != e.Message {
		out += "; the server said " + e.Provider
	}
	if e.Message != "" {
		out += "; its id is " + e.Message
	}
	if e.Cost.Currency != "" {
		out += "; it cost " + e.Cost.String()
	}
	return out
}

// answered is what has come back.
func (t *tale) answered(backs []store.Returned) {
	for _, b := range backs {
		about := "the buyer"
		if b.Answered.Reminder != (order.ReminderKey{}) {
			about = stepWords(b.Answered.Reminder)
		}
		text := about + " " + backWords(b)
		if b.Words != "" {
			words := b.Words
			if !t.contacts {
				words = masked(words)
			}
			text += fmt.Sprintf(": %q", words)
		}
		if b.Cost.Currency != "" {
			text += "; it cost " + b.Cost.String()
		}
		if b.Answered.Suppressed {
			text += "; this person is not written to any more"
		}
		at := b.At // by a foreign clock, often to the second only
		if b.Recorded.Sub(at) < time.Minute {
			at = b.Recorded
		}
		if sent := t.wentOut(b.Answered.Reminder); at.Before(sent) { // it overtook the answer that it was sent
			at = sent
		}
		t.lines = append(t.lines, line{at: at, kind: "came back", text: text, e: order.Event{
			Key: b.Answered.Reminder, State: b.State, Message: b.Message, Cost: b.Cost,
		}})
	}
}

// wentOut is when a reminder was sent, zero if it was not.
func (t *tale) wentOut(key order.ReminderKey) time.Time {
	for _, l := range t.lines {
		if l.e.Key == key && l.e.State == order.Sent {
			return l.at
		}
	}
	return time.Time{}
}

func backWords(b store.Returned) string {
	known := b.Answered.Reminder != (order.ReminderKey{})
	switch {
	case b.State == order.Delivered:
		return "was delivered"
	case b.State == order.Bounced && b.Final:
		return "came back: it cannot be delivered there"
	case b.State == order.Bounced:
		return "came back"
	case b.State == order.Replied && known:
		return "was answered"
	case b.State == order.Replied:
		return "has answered"
	case b.State == order.OptedOut && known:
		return "was answered by an opt-out"
	case b.State == order.OptedOut:
		return "has opted out"
	}
	return string(b.State)
}

// silenced adds whether the buyer is written to at all.
func (a *app) silenced(t *tale) error {
	yes, why, err := a.db.Suppressed(t.o.Buyer)
	if err != nil {
		return err
	}
	if yes {
		t.next = append(t.next, "nothing goes to the buyer any more: "+why)
	}
	if len(t.next) == 0 {
		t.next = append(t.next, "nothing")
	}
	return nil
}
