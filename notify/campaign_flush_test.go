package notify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// The page of an order that may have moved is read before the message; what it
// shows then counts, whatever was on record.
func TestCampaignLooksFirst(t *testing.T) {
	for name, c := range map[string]struct {
		campaign order.Campaign
		status   order.Status // on record
		now      order.Status // on the page
		looks    int
		want     string
	}{
		"still closed":       {again(), order.ClosedUnpaid, order.ClosedUnpaid, 1, "sent"},
		"paid":               {again(), order.ClosedUnpaid, order.Paid, 1, "skipped: paid"},
		"open":               {again(), order.ClosedUnpaid, order.Unpaid, 1, "skipped: open order"},
		"not understood":     {again(), order.ClosedUnpaid, order.Unknown, 1, "skipped: open order"},
		"paid, for all":      {everybody(), order.ClosedUnpaid, order.Paid, 1, "skipped: paid"},
		"open, for all":      {everybody(), order.ClosedUnpaid, order.Unpaid, 1, "skipped: open order"},
		"customers":          {everybody(), order.Paid, order.ClosedRefunded, 0, "sent"},
		"about a paid order": {second2(), order.Paid, order.ClosedRefunded, 1, "skipped: campaign"},
	} {
		w := newWorld(noon)
		o := closedOrder()
		o.Status = c.status
		sends(t, c.campaign, func(w *world) { w.visit(o); clear(w.m.paid) })(w)
		o.Status = c.now
		w.shop.real[o.Key()] = o
		w.forward(2 * time.Hour)
		w.flush(t.Context(), t)
		r := w.m.reminders[keyOf(o, order.CampaignStep("again"))]
		got := string(r.State)
		if r.Cause != "" {
			got += ": " + string(r.Cause)
		}
		if got != c.want || len(w.shop.looks) != c.looks {
			t.Errorf("%s: it is %s (%s) after %d looks", name, got, r.Reason, len(w.shop.looks))
		}
	}
}

func second2() order.Campaign {
	c := everybody()
	c.Segment = `last.status == "paid" and buyer.paid == 1`
	return c
}

// After the program was away all is due at once; the rate is kept all the same,
// over shops too, and everybody has their turn.
func TestCampaignKeepsItsRateAfterAPause(t *testing.T) {
	w := newWorld(noon)
	w.s.Quiet = notify.Quiet{}
	sends(t, again())(w)
	for i := range 40 {
		o := closedOrder()
		o.ID, o.Buyer.Email = fmt.Sprint(i), order.Email(fmt.Sprintf("b%d@example.com", i))
		w.m.consents[o.Buyer.Email.Reveal()] = order.Consent{Source: "form", At: enabled}
		w.visit(o)
	}
	c := again()
	c.Rate = order.Limit{Count: 10, Per: time.Hour}
	if rs := w.send(t, c); len(rs) != 41 || !rs[40].Due.Equal(noon.Add(6*time.Hour)) {
		t.Fatalf("%d planned, the last one for %s", len(rs), rs[len(rs)-1].Due)
	}
	w.forward(20 * time.Hour)
	for range 30 {
		w.flush(t.Context(), t)
		w.forward(10 * time.Minute)
	}
	if len(w.post.taken) != 41 {
		t.Fatalf("%d went out in five hours", len(w.post.taken))
	}
	for i, got := range w.post.taken[10:] {
		if gap := got.at.Sub(w.post.taken[i].at); gap < time.Hour {
			t.Errorf("eleven messages in %s", gap)
		}
	}
	for _, e := range w.m.ledger {
		if e.State != order.Sent {
			t.Errorf("the ledger has a line for waiting in line: %+v", e)
		}
	}
}

// What the outbox will not begin is put off, not asked about for ever.
func TestCampaignThatTheOutboxRefuses(t *testing.T) {
	w := newWorld(noon)
	sends(t, everybody(), func(w *world) {
		o := closedOrder()
		o.Status = order.Paid
		w.visit(o)
		clear(w.m.paid)
	})(w)
	w.o.Outbox = refuses{w.m}
	w.forward(2 * time.Hour)
	for range 3 {
		w.flush(t.Context(), t)
	}
	r := w.m.reminders[keyOf(closedOrder(), order.CampaignStep("again"))]
	if r.State != order.Held || r.Cause != order.CauseCampaign || !r.Due.After(w.now()) || len(w.post.taken) > 0 {
		t.Errorf("it is %s, %s until %s", r.State, r.Cause, r.Due)
	}
}

type refuses struct{ *memory }

func (refuses) Begin(context.Context, order.ReminderKey, string, time.Time, order.Limit) error {
	return order.ErrNotDue
}

// A campaign's message about an order is none of its reminders: an order that
// opens again has all of its steps, only not right after it.
func TestReminderAfterACampaign(t *testing.T) {
	w := newWorld(noon)
	w.s.Quiet, w.s.Steps = notify.Quiet{}, w.s.Steps[:1]
	o := anOrder()
	k := keyOf(o, order.CampaignStep("again"))
	w.m.keep(order.Reminder{Key: k, State: order.Replied, Out: noon.Add(10 * time.Minute), Changed: noon.Add(20 * time.Minute)})
	w.visit(o)
	for range 5 {
		w.forward(time.Hour)
		w.flush(t.Context(), t)
	}
	if r := w.state("first"); r.State != order.Sent || r.Out.Before(noon.Add(10*time.Minute+notify.DefaultMinGap)) {
		t.Errorf("it is %s at %s (%s)", r.State, r.Out, r.Reason)
	}
}

// An open order waits for nobody: its reminder is looked at before any offer,
// also where those were due first.
func TestRemindersComeBeforeOffers(t *testing.T) {
	w := newWorld(noon)
	sends(t, again())(w)
	o := anOrder()
	o.ID, o.Buyer.Email, o.Created = "2", "bo@example.com", noon.Add(90*time.Minute)
	w.visit(o)
	w.forward(150 * time.Minute)
	w.shop.looks = nil
	w.flush(t.Context(), t)
	if len(w.post.taken) != 2 || w.post.taken[0].m.Key.Step != "first" || w.shop.looks[0].key != o.Key() {
		t.Errorf("%d messages went out, the first one was %s", len(w.post.taken), w.post.taken[0].m.Key)
	}
}

// Offers keep their distance from each other, and from an open order's reminders.
func TestCampaignLeavesPeopleAlone(t *testing.T) {
	old := anOrder() // open for longer than anybody reminds of it
	old.ID, old.Created, old.Closes = "3", noon.Add(-20*day), time.Time{}
	told := func(k order.ReminderKey, s order.State, ago time.Duration) func(*world) {
		return func(w *world) {
			w.m.keep(order.Reminder{Key: k, State: s, Out: noon.Add(-ago), Changed: noon.Add(-ago), Due: noon.Add(day)})
		}
	}
	late := func(step string) order.ReminderKey { return keyOf(closedOrder(), step) }
	for name, c := range map[string]struct {
		set   func(*world)
		quiet time.Duration
		want  order.Cause
	}{
		"nothing before":                  {func(*world) {}, 30 * day, ""},
		"another campaign":                {told(late("campaign:other"), order.Sent, 3*day), 30 * day, order.CauseLimit},
		"another campaign, long ago":      {told(late("campaign:other"), order.Sent, 31*day), 30 * day, ""},
		"another campaign, no distance":   {told(late("campaign:other"), order.Sent, 3*day), 0, ""},
		"the same campaign":               {told(late("campaign:again"), order.Lost, 300*day), 0, order.CauseCampaign},
		"a reminder just before":          {told(late("first"), order.Sent, time.Minute), 0, order.CauseTogether},
		"an answer":                       {told(late("first"), order.Replied, 3*day), 0, order.CauseReplied},
		"an answer, long ago":             {told(late("first"), order.Replied, 30*day), 0, ""},
		"an old open order":               {func(w *world) { w.m.put(old) }, 0, ""},
		"one that is reminded of":         {func(w *world) { w.m.put(old); told(keyOf(old, "late"), order.Held, 0)(w) }, 0, order.CauseOpen},
		"one that was reminded of lately": {func(w *world) { w.m.put(old); told(keyOf(old, "late"), order.Sent, 3*day)(w) }, 0, order.CauseOpen},
		"one that was reminded of before": {func(w *world) { w.m.put(old); told(keyOf(old, "late"), order.Sent, 15*day)(w) }, 0, ""},
		"an offer on an order":            {func(w *world) { w.s.Steps[1].Offer = "x"; told(late("second"), order.Sent, 3*day)(w) }, 30 * day, order.CauseLimit},
		"no offer on an order":            {told(late("second"), order.Sent, 3*day), 30 * day, ""},
	} {
		w := newWorld(noon)
		w.s.Steps = slices.Clone(w.s.Steps)
		sends(t, again(), func(w *world) { clear(w.m.consents) })(w) // nobody gets it
		w.m.consents["ada@example.com"] = order.Consent{Source: "form", At: enabled}
		c.set(w)
		campaign := everybody()
		campaign.Quiet = c.quiet
		_, not := w.considered(t, campaign)
		if got := append(not, notify.Foresight{})[0]; got.Cause != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
