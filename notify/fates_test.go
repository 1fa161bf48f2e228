package notify_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// tale is a few days of a shop, told from noon on, in rounds of ten minutes:
// what the seller has configured, what happens, and what becomes of each step.
type tale struct {
	set    func(w *world)
	orders []order.Order
	then   map[time.Duration]func(w *world) // after noon
	want   string
}

func (c tale) tell(t *testing.T, mode notify.Mode) string {
	t.Helper()
	w := newWorld(noon)
	w.s.Mode, w.s.Quiet = mode, notify.Quiet{}
	w.o.Senders[order.BySMS] = w.post
	w.m.enabled["belts"] = enabled
	belts := w.s.Shops["buckles"]
	belts.Name = "Belts"
	w.s.Shops["belts"] = belts
	if c.set != nil {
		c.set(w)
	}
	orders := c.orders
	if orders == nil {
		orders = []order.Order{anOrder()}
	}
	w.visit(orders...)
	for at := time.Duration(0); at <= 4*24*time.Hour; at += 10 * time.Minute {
		w.at = noon.Add(at)
		if then := c.then[at]; then != nil {
			then(w)
		}
		w.visit()
		w.flush(t.Context(), t)
		w.flushShop(t, "belts")
	}
	return w.story()
}

func (w *world) flushShop(t *testing.T, shop string) {
	t.Helper()
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Flush(t.Context(), shop, w.now); err != nil {
		t.Fatal(err)
	}
}

// story is what became of each reminder, in the order of their times.
func (w *world) story() string {
	rs := slices.SortedFunc(maps.Values(w.m.reminders), func(a, b order.Reminder) int {
		return cmp.Or(cmp.Compare(a.Key.Order.String(), b.Key.Order.String()), a.Planned.Compare(b.Planned), cmp.Compare(a.Key.String(), b.Key.String()))
	})
	var out []string
	for _, r := range rs {
		what := r.Key.Step + " " + string(r.Key.Channel)
		if r.Key.Order != anOrder().Key() {
			what = r.Key.Order.String() + " " + what
		}
		switch {
		case r.State == order.Sent || r.State == order.Shown:
			what += " went " + r.Out.In(shanghai).Format("2 15:04")
		default:
			what += fmt.Sprintf(" %s: %s", r.State, r.Cause)
		}
		out = append(out, what)
	}
	return strings.Join(out, ", ")
}

// changed is the order with another fact.
func changed(change func(o *order.Order)) []order.Order {
	o := anOrder()
	change(&o)
	return []order.Order{o}
}

func step(name string, after time.Duration, by ...order.Channel) notify.Step {
	return notify.Step{Name: name, After: after, By: by, Template: "gentle"}
}

func both(o *order.Order) { o.Buyer.Phone = "+8613800138000" }

func steps(ss ...notify.Step) func(*world) { return func(w *world) { w.s.Steps = ss } }

// happens changes the order in the shop.
func happens(change func(o *order.Order)) func(*world) {
	return func(w *world) {
		o := w.shop.real[anOrder().Key()]
		change(&o)
		w.shop.real[o.Key()] = o
	}
}

// second is another order of the same buyer.
func second(shop, id string, after time.Duration) order.Order {
	o := anOrder()
	o.Shop, o.ID, o.Number = shop, id, id
	o.Created = noon.Add(after)
	o.Lines = []order.Line{{Title: "Hat " + id, Quantity: 1}}
	return o
}

const (
	mail = order.ByEmail
	sms  = order.BySMS
	h    = time.Hour
)

func hour(after time.Duration, by ...order.Channel) notify.Step { return step("one", after, by...) }

// The rules, told one by one. Each tale is told in live mode and in preview mode:
// the decisions are the same, only the recipient is not.
func TestTales(t *testing.T) {
	for _, tales := range []map[string]tale{talesOfTime(), talesOfChannels(), talesOfPeople(), talesOfConditions(), talesOfEdits()} {
		for name, c := range tales {
			t.Run(name, func(t *testing.T) {
				live := c.tell(t, notify.Live)
				if live != c.want {
					t.Errorf("got  %s\nwant %s", live, c.want)
				}
				if preview := c.tell(t, notify.Preview); preview != live && !strings.Contains(live, ": sender") {
					t.Errorf("in preview mode\ngot  %s\nwant %s", preview, live)
				}
			})
		}
	}
}

func talesOfTime() map[string]tale {
	night := notify.Quiet{From: 21 * 60, To: 9 * 60}
	return map[string]tale{
		"three steps": {want: "first email went 21 13:00, second email went 22 00:00, last email went 23 09:00"},
		"the close falls into quiet hours: earlier, not later": {
			set: func(w *world) { w.s.Quiet = night }, orders: changed(func(o *order.Order) { o.Closes = noon.Add(20 * h) }),
			want: "first email went 21 13:00, last email went 21 20:30, second email skipped: too close",
		},
		"no close known, and quiet hours: later": {
			set: func(w *world) { w.s.Quiet = night }, orders: changed(func(o *order.Order) { o.Closes = time.Time{} }),
			want: "first email went 21 13:00, second email went 22 09:00",
		},
		"came and closes in the night": {
			set: func(w *world) { w.s.Quiet = notify.Quiet{From: 11 * 60, To: 23 * 60} }, orders: changed(func(o *order.Order) { o.Closes = noon.Add(8 * h) }),
			want: "first email skipped: quiet hours, last email skipped: quiet hours, second email skipped: closed",
			then: map[time.Duration]func(*world){8 * h: happens(func(o *order.Order) { o.Status = order.ClosedUnpaid })},
		},
		"closed before the step": {
			orders: changed(func(o *order.Order) { o.Closes = noon.Add(30 * time.Minute) }),
			want:   "last email skipped: too late, first email skipped: too late, second email skipped: too late",
		},
		"two steps within the gap: the later one": {
			orders: changed(func(o *order.Order) { o.Closes = noon.Add(5 * h) }), want: "first email skipped: too close, last email went 21 14:00, second email skipped: too late",
		},
		"before the shop was enabled": {
			set: func(w *world) { w.m.enabled["buckles"] = noon.Add(time.Minute) }, want: "first email skipped: before enabled, second email skipped: before enabled, last email skipped: before enabled",
		},
		"paid":           {then: map[time.Duration]func(*world){2 * h: happens(func(o *order.Order) { o.Status = order.Paid })}, want: "first email went 21 13:00, second email skipped: paid, last email skipped: paid"},
		"the shop owes":  {set: steps(hour(h, mail)), orders: changed(func(o *order.Order) { o.Total.Minor = -500 }), want: "one email skipped: nothing to pay"},
		"nothing to pay": {orders: changed(func(o *order.Order) { o.Total.Minor = 0 }), want: "first email skipped: nothing to pay, second email skipped: nothing to pay, last email skipped: nothing to pay"},
		"the close moves later, the step with it": {
			set: func(w *world) { w.s.Steps = w.s.Steps[2:] }, then: map[time.Duration]func(*world){30 * h: happens(func(o *order.Order) { o.Closes = noon.Add(60 * h) })},
			want: "last email went 23 21:00",
		},
		"too short at first, then the close moves": {
			set: func(w *world) { w.s.Steps = w.s.Steps[:1] }, orders: changed(func(o *order.Order) { o.Closes = noon.Add(50 * time.Minute) }),
			then: map[time.Duration]func(*world){20 * time.Minute: happens(func(o *order.Order) { o.Closes = noon.Add(48 * h) })},
			want: "first email went 21 13:00",
		},
		"the shop is down for a day": {
			then: map[time.Duration]func(*world){
				30 * time.Minute: func(w *world) { w.shop.fail = func(order.Key) error { return errors.New("503") } },
				26 * h:           func(w *world) { w.shop.fail = nil },
			},
			want: "first email skipped: too late, second email skipped: too late, last email went 23 09:00",
		},
		"the buyer sleeps elsewhere": {
			set: func(w *world) {
				w.s.Quiet, w.s.Zones = night, zonesOf
				w.s.Steps = w.s.Steps[:1]
			},
			orders: changed(func(o *order.Order) { o.Buyer.Phone, o.Closes = "+12125551234", time.Time{} }), // noon is 23:00 in New York
			want:   "first email went 21 22:00",
		},
		"the number may be anywhere: the shop's zone": {
			set: func(w *world) {
				w.s.Quiet, w.s.Zones = notify.Quiet{From: 19 * 60, To: 10 * 60}, zonesOf
				w.s.Steps = w.s.Steps[:1]
			},
			orders: changed(func(o *order.Order) { o.Buyer.Phone = "+18005551234" }), want: "first email went 21 13:00",
		},
	}
}

func talesOfChannels() map[string]tale {
	no := func(kind notify.Kind, channel order.Channel) func(*world) {
		return func(w *world) {
			w.s.Steps = []notify.Step{hour(h, sms, mail)}
			w.post.answer = func(m notify.Message) error {
				if m.Key.Channel == channel {
					return &notify.SendError{Kind: kind, Err: errors.New("no")}
				}
				return nil
			}
		}
	}
	all := hour(h, sms, mail)
	all.All = true
	return map[string]tale{
		"the first that can be used":  {set: steps(hour(h, sms, mail)), orders: changed(both), want: "one sms went 21 13:00"},
		"the second":                  {set: steps(hour(h, sms, mail)), want: "one email went 21 13:00"},
		"none":                        {set: steps(hour(h, sms)), want: "one sms skipped: no contact"},
		"all of them":                 {set: steps(all), orders: changed(both), want: "one email went 21 13:00, one sms went 21 13:00"},
		"all of them, and one is not": {set: steps(all), want: "one email went 21 13:00"},
		"the number is gone at the look": {
			set: steps(hour(h, sms, mail)), orders: changed(both),
			then: map[time.Duration]func(*world){h: func(w *world) {
				happens(func(o *order.Order) { o.Buyer.Phone = "" })(w)
				w.m.put(changed(both)[0]) // not known before the look
			}},
			want: "one email went 21 13:00, one sms skipped: too close",
		},
		"a number comes before the step": {
			set: steps(hour(h, sms, mail)), then: map[time.Duration]func(*world){20 * time.Minute: happens(both)},
			want: "one email skipped: too close, one sms went 21 13:00",
		},
		"a number comes after the step": {
			set: steps(hour(h, sms, mail)), then: map[time.Duration]func(*world){2 * h: happens(both)},
			want: "one email went 21 13:00, one sms skipped: too close",
		},
		"a number comes after the step that goes by all": {
			set: steps(all), then: map[time.Duration]func(*world){70 * time.Minute: happens(both)},
			want: "one email went 21 13:00, one sms skipped: too close",
		},
		"no sender for the first": {
			set: func(w *world) { w.s.Steps = []notify.Step{hour(h, sms, mail)}; delete(w.o.Senders, sms) }, orders: changed(both),
			want: "one email went 21 13:00, one sms skipped: too close",
		},
		"turned down for good by the first": {
			set: no(notify.Permanent, sms), orders: changed(both), want: "one email went 21 13:00, one sms parked: sender",
		},
		"not confirmed by the first: never by the second": {
			set: no(notify.Unknown, sms), orders: changed(both), then: map[time.Duration]func(*world){2 * h: happens(func(o *order.Order) { o.Buyer.Phone = "" })},
			want: "one email skipped: too close, one sms unknown: sender",
		},
	}
}

func talesOfPeople() map[string]tale {
	one := steps(hour(h, mail))
	limit := func(count int, per time.Duration, ss ...notify.Step) func(*world) {
		return func(w *world) { w.s.Limit, w.s.Steps = order.Limit{Count: count, Per: per}, ss }
	}
	vip := notify.Sequence{Name: "friends", Buyers: []string{"known"}, Steps: []notify.Step{step("hello", 2*h, mail)}}
	old := second("belts", "7", -40*24*h)
	old.Status = order.Paid
	return map[string]tale{
		"ordered again in another shop: the later order is reminded of": {
			set: one, orders: []order.Order{anOrder(), second("belts", "2", 30*time.Minute)},
			want: "belts/2 one email went 21 13:30, one email skipped: ordered twice",
		},
		"ordered again, and that one is paid": {
			set: one, orders: []order.Order{anOrder(), second("belts", "2", 30*time.Minute)},
			then: map[time.Duration]func(*world){40 * time.Minute: func(w *world) {
				o := second("belts", "2", 30*time.Minute)
				o.Status = order.Paid
				w.visit(o)
			}},
			want: "belts/2 one email skipped: paid, one email skipped: ordered twice",
		},
		"ordered again, and that one is cancelled": {
			set: one, orders: []order.Order{anOrder(), second("belts", "2", 30*time.Minute)},
			then: map[time.Duration]func(*world){80 * time.Minute: func(w *world) {
				o := second("belts", "2", 30*time.Minute)
				o.Status = order.ClosedUnpaid
				w.visit(o)
			}},
			want: "belts/2 one email skipped: closed, one email went 21 14:00",
		},
		"the person has had enough: later": {
			set:  limit(2, 5*h, hour(h, mail), step("two", 3*h, mail), step("three", 5*h, mail)),
			want: "one email went 21 13:00, two email went 21 15:10, three email went 21 18:10",
		},
		"the person has had enough: too late": {
			set:  limit(1, 24*h, hour(h, mail), step("two", 4*h, mail)),
			want: "one email went 21 13:00, two email skipped: limit",
		},
		"both channels count": {
			set: func(w *world) {
				limit(2, 24*h, notify.Step{Name: "one", After: h, By: []order.Channel{sms, mail}, All: true, Template: "gentle"}, step("two", 4*h, mail))(w)
			}, orders: changed(both),
			want: "one email went 21 13:00, one sms went 21 13:00, two email skipped: limit",
		},
		"a new buyer":   {set: func(w *world) { one(w); w.s.Sequences = []notify.Sequence{vip} }, want: "one email went 21 13:00"},
		"a known buyer": {set: func(w *world) { one(w); w.s.Sequences = []notify.Sequence{vip} }, orders: []order.Order{anOrder(), old}, want: "hello email went 21 14:00"},
		"paid on delivery": {
			set: one, orders: changed(func(o *order.Order) { o.Payment = "Cash on delivery" }), want: "one email skipped: payment",
		},
		"by bank transfer: the slow one": {
			set: one, orders: changed(func(o *order.Order) { o.Payment, o.Closes = "Bank transfer", time.Time{} }), want: "slow-3d email went 24 12:00, slow-7d email planned: ",
		},
		"the page says bank transfer, the list did not": {
			set: one, orders: changed(func(o *order.Order) { o.Payment, o.Closes, o.Looked = "", time.Time{}, time.Time{} }),
			then: map[time.Duration]func(*world){50 * time.Minute: happens(func(o *order.Order) { o.Payment = "Bank transfer" })},
			want: "one email skipped: config, slow-3d email went 24 12:00, slow-7d email planned: ",
		},
		"opted out": {set: one, then: map[time.Duration]func(*world){20 * time.Minute: func(w *world) { w.m.optedOut["ada@example.com"] = true }}, want: "one email skipped: suppressed"},
	}
}
