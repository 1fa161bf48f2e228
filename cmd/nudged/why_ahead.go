package main

import (
	"fmt"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// foresee is what would become of a message that waits, by what is known now: at
// once if it is due, else when it falls due.
func (a *app) foresee(r order.Reminder, now time.Time) (notify.Foresight, error) {
	at := now
	if r.Due.After(at) {
		at = r.Due
	}
	return a.dispatcher.Foresee(r, at)
}

// ahead tells what will happen by itself.
func (a *app) ahead(t *tale, reminders []order.Reminder) error {
	for _, r := range reminders {
		switch {
		case r.State == order.Sending:
			t.say("%s is being handed over since %s; if nudged was cut off then, the next start notes that its outcome is not known",
				stepWords(r.Key), r.Changed.In(t.zone).Format("2006-01-02 15:04:05"))
		case r.State.Final():
		case under(r.Key):
			f, err := a.foresee(r, a.now())
			if err != nil {
				return err
			}
			t.offered(r, f)
		default:
			t.reminds(r)
		}
	}
	if !t.o.Closes.IsZero() && t.o.Status == order.Unpaid {
		t.say("the shop closes it at %s", t.minute(t.o.Closes))
	}
	return nil
}

func (t *tale) say(format string, args ...any) { t.next = append(t.next, fmt.Sprintf(format, args...)) }

func (t *tale) minute(at time.Time) string { return at.In(t.zone).Format("2006-01-02 15:04") }

// reminds tells of a reminder that waits: it is for an order that is to be paid.
func (t *tale) reminds(r order.Reminder) {
	step, at := stepWords(r.Key), t.minute(r.Due)
	switch {
	case t.o.Status != order.Unpaid:
		t.say("%s will be skipped: the order is %s", step, t.o.Status)
	case r.State == order.Held:
		t.say("%s at %s, held: %s", step, at, r.Reason)
	case r.State == order.Failed:
		t.say("%s at %s, another try: %s", step, at, r.Reason)
	default:
		t.say("%s at %s, after a look at the order", step, at)
	}
}

// offered tells of a campaign's message that waits. Which orders it is for is the
// campaign's to say, so it is asked for what it would do by what is on record.
func (t *tale) offered(r order.Reminder, f notify.Foresight) {
	step, at := stepWords(r.Key), t.minute(r.Due)
	switch {
	case f.State.Final():
		t.say("%s will be skipped: %s", step, f.Reason)
	case f.Cause == order.CauseLimit, f.Cause == order.CauseTogether, f.Cause == order.CauseSender:
		t.say("%s waits until %s: %s", step, t.minute(f.Due), f.Reason)
	case f.Reason != "":
		t.say("%s waits: %s", step, f.Reason)
	case f.State == order.Planned:
		t.say("%s at %s: for its rate, or for quiet hours", step, t.minute(f.Due))
	case r.State == order.Failed:
		t.say("%s at %s, another try: %s", step, at, r.Reason)
	default:
		t.say("%s at %s, if the campaign is still for this buyer then", step, at)
	}
}
