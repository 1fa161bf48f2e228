package notify_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// A campaign that is stopped sends nothing from then on: not what was due by
// then, and not the message that is just being prepared.
func TestStoppedCampaignSendsNothing(t *testing.T) {
	stop := func(w *world) {
		c := w.m.campaigns["again"]
		c.State = order.CampaignStopped
		w.m.campaigns["again"] = c // killed before what waits was put aside
	}
	for name, when := range map[string]func(w *world){
		"before": stop,
		"while the order is looked at": func(w *world) {
			w.shop.fail = func(order.Key) error { stop(w); return nil }
		},
		"right before it begins": func(w *world) { w.o.Campaigns = &stopsLater{memory: w.m, after: 2, stop: func() { stop(w) }} },
	} {
		w := newWorld(noon)
		sends(t, again())(w)
		w.forward(2 * time.Hour)
		when(w)
		w.flush(t.Context(), t)
		r := w.state2(order.CampaignStep("again"))
		if r.State != order.Held || r.Cause != order.CauseCampaign || !strings.Contains(r.Reason, "nudged campaign send again") || len(w.post.taken) > 0 {
			t.Errorf("stopped %s: it is %s, %s (%s); %d messages", name, r.State, r.Cause, r.Reason, len(w.post.taken))
		}
		w.o.Campaigns, w.shop.fail = w.m, nil
		w.send(t, again())
		w.forward(time.Minute)
		if w.flush(t.Context(), t); len(w.post.taken) != 1 {
			t.Errorf("stopped %s and sent again: %d messages", name, len(w.post.taken))
		}
	}
}

// stopsLater stops the campaign after it was read so many times.
type stopsLater struct {
	*memory
	after int
	stop  func()
}

func (s *stopsLater) Campaign(name string) (order.Campaign, bool, error) {
	c, ok, err := s.memory.Campaign(name)
	if s.after--; s.after == 0 {
		s.stop()
	}
	return c, ok, err
}

// Whoever has opted out, or taken a consent back, by one address gets no campaign
// by another one.
func TestCampaignKnowsThePerson(t *testing.T) {
	for name, c := range map[string]struct {
		wish func(w *world)
		want order.Cause
	}{
		"nothing":    {func(*world) {}, ""},
		"opted out":  {func(w *world) { w.m.barred["+8613800138000"] = true }, order.CauseSuppressed},
		"taken back": {func(w *world) { w.m.consents["+8613800138000"] = order.Consent{Withdrawn: true} }, order.CauseConsent},
		"by a list": {func(w *world) {
			w.m.list(order.Key{Shop: "buckles", ID: order.ListRow + "x"}, order.Buyer{Email: "old@example.com", Phone: "+8613800138000"}, order.Past{})
			w.m.optedOut["old@example.com"] = true
		}, order.CauseSuppressed},
	} {
		w := newWorld(noon)
		sends(t, again(), func(w *world) {
			o := closedOrder() // an older one shows that the number is Ada's
			o.ID, o.Created, o.Buyer.Phone = "0", noon.Add(-300*day), "+8613800138000"
			w.visit(o)
		})(w)
		w.forward(2 * time.Hour)
		c.wish(w)
		w.flush(t.Context(), t)
		if r := w.state2(order.CampaignStep("again")); r.Cause != c.want || (r.State == order.Sent) != (c.want == "") {
			t.Errorf("%s: it is %s, %s (%s)", name, r.State, r.Cause, r.Reason)
		}
	}
}

// Two shops that are flushed at a time share the campaign's rate.
func TestShopsShareACampaignsRate(t *testing.T) {
	w := newWorld(noon)
	w.s.Quiet = notify.Quiet{}
	w.m.enabled["belts"] = enabled
	for _, shop := range []string{"buckles", "belts"} {
		for _, id := range []string{"a", "b", "c", "d"} {
			m := member(shop+id, 10*day, func(o *order.Order) { o.Shop, o.Status = shop, order.Paid })
			w.m.put(m.Person.Orders[0])
			w.m.consents[m.Contact.Email.Reveal()] = order.Consent{Source: "form", At: enabled}
		}
	}
	clear(w.m.paid)
	sends(t, everybody(), func(w *world) {
		clear(w.shop.real)
		w.s.Shops["belts"] = w.s.Shops["buckles"]
	})(w)
	c := w.m.campaigns["again"]
	c.Rate = order.Limit{Count: 3, Per: time.Hour}
	w.m.campaigns["again"] = c
	w.forward(3 * time.Hour) // all are due
	l := &locked{memory: w.m, now: w.now()}
	o := w.o
	o.Settings, o.Outbox, o.Register, o.People, o.Campaigns, o.Looker = w.s, l, l, l, l, l
	taken := &counts{}
	o.Senders = map[order.Channel]notify.Sender{order.ByEmail: taken}
	d, err := notify.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, shop := range []string{"buckles", "belts"} {
		wg.Go(func() {
			if _, err := d.Flush(t.Context(), shop, w.now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if taken.n != 3 {
		t.Errorf("%d messages went out at once, at a rate of 3", taken.n)
	}
}

type counts struct {
	mu sync.Mutex
	n  int
}

func (c *counts) Send(context.Context, notify.Message) (notify.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return notify.Receipt{}, nil
}

// locked is the memory for two flushes at a time. It waits a little where a store
// reads the disk, so that they meet.
type locked struct {
	*memory
	mu  sync.Mutex
	now time.Time
}

func (l *locked) lock() func() {
	l.mu.Lock()
	return l.mu.Unlock
}

func (l *locked) DueOf(ctx context.Context, shop string, campaigns bool, now time.Time, limit int) ([]order.Reminder, error) {
	defer l.lock()()
	return l.memory.DueOf(ctx, shop, campaigns, now, limit)
}

func (l *locked) Plan(ctx context.Context, rs []order.Reminder) error {
	defer l.lock()()
	return l.memory.Plan(ctx, rs)
}

func (l *locked) Begin(ctx context.Context, key order.ReminderKey, message string, at time.Time, limit order.Limit) error {
	time.Sleep(time.Millisecond)
	defer l.lock()()
	return l.memory.Begin(ctx, key, message, at, limit)
}

func (l *locked) Settle(ctx context.Context, r order.Reminder, e order.Event) error {
	defer l.lock()()
	return l.memory.Settle(ctx, r, e)
}

func (l *locked) Order(key order.Key) (order.Order, bool, error) {
	defer l.lock()()
	return l.memory.Order(key)
}

func (l *locked) Reminders(key order.Key) ([]order.Reminder, error) {
	defer l.lock()()
	return l.memory.Reminders(key)
}

func (l *locked) Member(key order.Key) (notify.Member, bool, error) {
	defer l.lock()()
	return l.memory.Member(key)
}

func (l *locked) HadCampaign(key order.ReminderKey) (bool, error) {
	defer l.lock()()
	return l.memory.HadCampaign(key)
}

func (l *locked) CampaignOut(name string, since time.Time) (int, time.Time, error) {
	defer l.lock()()
	return l.memory.CampaignOut(name, since)
}

func (l *locked) Look(_ context.Context, shop, id string) (order.Order, error) {
	defer l.lock()()
	o := l.orders[order.Key{Shop: shop, ID: id}]
	o.Looked = l.now
	return o, nil
}
