package notify_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// crowd sends a campaign to so many people whose orders were closed unpaid.
func crowd(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(noon)
	w.s.Quiet = notify.Quiet{}
	sends(t, again())(w)
	for i := range n - 1 {
		o := closedOrder()
		o.ID, o.Buyer.Email = fmt.Sprint(i), order.Email(fmt.Sprintf("b%d@example.com", i))
		w.m.consents[o.Buyer.Email.Reveal()] = order.Consent{Source: "form", At: enabled}
		w.shop.real[o.Key()] = o
	}
	w.visit()
	c := again()
	c.Rate = order.Limit{Count: 1000, Per: time.Hour}
	w.send(t, c)
	return w
}

// zoe has an order whose first reminder falls due after a while.
func (w *world) zoe(in time.Duration) {
	o := anOrder()
	o.ID, o.Number, o.Created, o.Closes, o.Buyer.Email = "open", "B-2", w.now().Add(in-time.Hour), w.now().Add(2*day), "zoe@example.com"
	w.visit(o)
}

// An open order's reminder waits for no campaign, however much of that is due,
// and also where it falls due while the campaign goes out.
func TestAReminderWaitsForNoCampaign(t *testing.T) {
	for after, most := range map[time.Duration]int{0: 0, 12 * time.Second: 3} {
		w := crowd(t, 400)
		w.zoe(4*time.Hour + after)
		w.forward(4 * time.Hour) // asleep, or the mail server was down
		w.shop.takes = 5 * time.Second
		w.flush(t.Context(), t)
		before := 0
		for before < len(w.post.taken) && w.post.taken[before].m.To != "zoe@example.com" {
			before++
		}
		if before > most || before == len(w.post.taken) {
			t.Errorf("due after %s: %d of %d messages went before it", after, before, len(w.post.taken))
		}
	}
}

// A campaign leaves the shop to its visits between its messages: one flush sends
// a few of them, the next ones the others.
func TestACampaignGoesOutInParts(t *testing.T) {
	w := crowd(t, 50)
	w.forward(4 * time.Hour)
	for i, want := range []int{20, 40, 50, 50} {
		if w.flush(t.Context(), t); len(w.post.taken) != want {
			t.Errorf("after flush %d: %d messages", i+1, len(w.post.taken))
		}
		w.forward(time.Minute)
	}
}

// Campaigns for which no pages are left, or whose old orders cannot be read, hold
// back what needs a look of theirs, and no reminder.
func TestACampaignWithoutLooks(t *testing.T) {
	for cause, looks := range map[order.Cause]int{order.CauseBudget: 1, order.CauseLook: 3} {
		w := crowd(t, 10)
		w.forward(3 * time.Hour)
		w.zoe(10 * time.Minute)
		tried := 0
		w.shop.fail = func(key order.Key) error {
			if key.ID == "open" {
				return nil
			}
			if tried++; tried == looks {
				w.forward(15 * time.Minute) // the reminder falls due
			}
			return &notify.LookError{Cause: cause, Err: errors.New("no pages left")}
		}
		tally := w.flush(t.Context(), t)
		if tried != looks || tally.Held != 10 || tally.Stopped != "" {
			t.Errorf("%s: %d looks for the campaign: %+v", cause, tried, tally)
		}
		if len(w.post.taken) != 1 || w.post.taken[0].m.To != "zoe@example.com" {
			t.Errorf("%s: %d messages went out", cause, len(w.post.taken))
		}
		w.shop.fail = nil
		w.forward(2 * time.Hour)
		if w.flush(t.Context(), t); len(w.post.taken) != 11 {
			t.Errorf("%s: %d messages went out in the end", cause, len(w.post.taken))
		}
	}
}

// What another shop's queue does to a person between the judgement of a message
// and its hand-over counts.
func TestTheLastWordIsOfNow(t *testing.T) {
	key := keyOf(closedOrder(), "campaign:other")
	for name, c := range map[string]struct {
		happens func(w *world)
		want    order.Cause
	}{
		"nothing": {func(*world) {}, ""},
		"another campaign's message": {func(w *world) {
			w.m.keep(order.Reminder{Key: key, State: order.Sending, Out: w.now(), Changed: w.now()})
		}, order.CauseLimit},
		"an answer": {func(w *world) {
			w.m.keep(order.Reminder{Key: key, State: order.Replied, Out: w.now().Add(-5 * day), Changed: w.now()})
		}, order.CauseReplied},
		"another order": {func(w *world) {
			o := closedOrder()
			o.ID, o.Shop, o.Status, o.Created, o.Closes = "2", "belts", order.Unpaid, w.now(), w.now().Add(day)
			w.m.put(o)
		}, order.CauseCampaign},
		"the order is none of theirs any more": {func(w *world) { w.o.Campaigns.(*gone).is = true }, order.CauseCampaign},
	} {
		w := newWorld(noon)
		campaign := again()
		campaign.Quiet = 30 * day
		sends(t, campaign)(w)
		w.o.Campaigns = &gone{memory: w.m}
		w.o.Token = func(order.Buyer) string { c.happens(w); return "tok3n" } // the text is written last
		w.forward(2 * time.Hour)
		w.flush(t.Context(), t)
		r := w.state2(order.CampaignStep("again"))
		if r.Cause != c.want || (len(w.post.taken) == 1) != (c.want == "") {
			t.Errorf("%s: it is %s, %s (%s), %d messages", name, r.State, r.Cause, r.Reason, len(w.post.taken))
		}
	}
}

// gone knows nothing of people's orders once it is told so.
type gone struct {
	*memory
	is bool
}

func (g *gone) Member(key order.Key) (notify.Member, bool, error) {
	m, ok, err := g.memory.Member(key)
	if g.is {
		m.Person.Orders = nil
	}
	return m, ok, err
}

// A list's row is written to at its own contact, whatever else is known of the
// person; once that is gone, by no other one.
func TestARowsOwnContact(t *testing.T) {
	for name, c := range map[string]struct {
		row  order.Buyer   // by the time that the message is written
		want []order.Email // in this flush, and by the next one
	}{
		"stays":   {order.Buyer{Email: "bo@example.com"}, []order.Email{"bo@example.com", "bo@example.com"}},
		"changes": {order.Buyer{Email: "bob@example.com"}, []order.Email{"", "bob@example.com"}},
		"goes":    {order.Buyer{}, []order.Email{"", ""}},
	} {
		w := newWorld(noon)
		f := w.s.Shops["buckles"]
		f.Address = "1 Buckle Street"
		w.s.Shops["buckles"] = f
		key := row(w, "bo", order.Past{})
		for _, name := range []string{"bo", "bob", "new"} {
			w.m.consents[name+"@example.com"] = order.Consent{Source: "fair", At: enabled}
		}
		w.o.Campaigns = newest{w.m}
		w.send(t, everybody())
		w.o.Token = func(order.Buyer) string { w.m.list(key, c.row, order.Past{}); return "tok3n" }
		w.forward(2 * time.Hour)
		for _, want := range c.want {
			w.flush(t.Context(), t)
			var got order.Email
			for _, m := range w.post.taken {
				got += m.m.To
			}
			if got != want {
				t.Errorf("%s: it went to %q, not to %q (%+v)", name, got, want, w.m.reminders[order.ReminderKey{Order: key, Step: order.CampaignStep("again"), Channel: order.ByEmail}])
			}
			w.forward(2 * time.Minute)
		}
	}
}

// newest knows of a newer address of everybody.
type newest struct{ *memory }

func (n newest) Member(key order.Key) (notify.Member, bool, error) {
	m, ok, err := n.memory.Member(key)
	m.Contact.Email = "new@example.com"
	return m, ok, err
}
