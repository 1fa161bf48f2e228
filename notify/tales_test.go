package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func talesOfConditions() map[string]tale {
	when := func(src string) func(*world) {
		return func(w *world) {
			st := hour(h, mail)
			st.If = condition(src)
			w.s.Steps = []notify.Step{st}
		}
	}
	offer := func(change func(w *world, f *notify.ShopFacts)) func(*world) {
		return func(w *world) {
			st := hour(h, mail)
			st.Template, st.Offer = "offer", "free shipping"
			w.s.Steps = []notify.Step{st}
			f := w.s.Shops["buckles"]
			f.Address = "1 Buckle Street"
			change(w, &f)
			w.s.Shops["buckles"] = f
		}
	}
	by := func(channels []order.Channel, set func(*world)) func(*world) {
		return func(w *world) {
			set(w)
			w.s.Steps[0].By = channels
		}
	}
	withPhone := changed(func(o *order.Order) { o.Buyer.Phone = "+8613800138000" })
	soon := step("soon", 2*h, mail)
	soon.If = condition("order.total > 5000")
	return map[string]tale{
		"the condition holds":  {set: when("order.total > 1000"), want: "one email went 21 13:00"},
		"it does not":          {set: when("order.total > 5000"), want: "one email skipped: condition"},
		"it holds at the look": {set: when("order.total > 5000"), then: map[time.Duration]func(*world){50 * time.Minute: happens(func(o *order.Order) { o.Total.Minor = 600_000 })}, want: "one email went 21 13:00"},
		"it asks for what is not known": {
			set: when("order.closes_in > 3"), orders: changed(func(o *order.Order) { o.Closes = time.Time{} }), want: "one email skipped: too late",
		},
		"excluded": {
			set: func(w *world) {
				w.s.Steps = []notify.Step{hour(h, mail)}
				w.s.Exclude = []*notify.Condition{condition(`order.payment == "Card"`)}
			},
			want: "one email skipped: condition",
		},
		"a step that will not go out takes nobody's place": {
			set: steps(hour(h, mail), soon), want: "one email went 21 13:00, soon email skipped: condition",
		},
		"a step that goes out does": {
			set: steps(hour(h, mail), step("soon", 2*h, mail)), want: "one email skipped: too close, soon email went 21 14:00",
		},
		"sold out": {
			set: steps(hour(h, mail)), then: map[time.Duration]func(*world){50 * time.Minute: happens(func(o *order.Order) { o.Lines = []order.Line{{Title: "Belt", SoldOut: true}} })},
			want: "one email skipped: sold out",
		},
		"marketing without consent": {set: offer(func(*world, *notify.ShopFacts) {}), want: "one email skipped: consent"},
		"marketing with consent":    {set: offer(func(w *world, _ *notify.ShopFacts) { w.m.consents["ada@example.com"] = order.Consent{Source: "form"} }), want: "one email went 21 13:00"},
		"marketing by what they have agreed to": {
			set:    by([]order.Channel{order.BySMS, order.ByEmail}, offer(func(w *world, _ *notify.ShopFacts) { w.m.consents["ada@example.com"] = order.Consent{Source: "form"} })),
			orders: withPhone, want: "one email went 21 13:00, one sms skipped: consent",
		},
		"marketing by nothing else": {
			set:    by([]order.Channel{order.BySMS}, offer(func(w *world, _ *notify.ShopFacts) { w.m.consents["ada@example.com"] = order.Consent{Source: "form"} })),
			orders: withPhone, want: "one sms skipped: consent",
		},
		"marketing with a soft opt-in": {set: offer(func(_ *world, f *notify.ShopFacts) { f.SoftOptIn = true }), want: "one email went 21 13:00"},
		"marketing after a withdrawal": {set: offer(func(w *world, f *notify.ShopFacts) {
			f.SoftOptIn, w.m.consents["ada@example.com"] = true, order.Consent{Withdrawn: true}
		}), want: "one email skipped: consent"},
		"marketing without an address":  {set: offer(func(_ *world, f *notify.ShopFacts) { f.SoftOptIn, f.Address = true, "" }), want: "one email skipped: too late"},
		"an offer in words alone is it": {set: func(w *world) { offer(func(*world, *notify.ShopFacts) {})(w); w.s.Steps[0].Template = "gentle" }, want: "one email skipped: consent"},
	}
}

// The seller edits the config while orders are open.
func talesOfEdits() map[string]tale {
	at := func(after time.Duration, ss ...notify.Step) map[time.Duration]func(*world) {
		return map[time.Duration]func(*world){after: steps(ss...)}
	}
	all := hour(h, sms, mail)
	all.All = true
	return map[string]tale{
		"another time, before it":        {set: steps(hour(h, mail)), then: at(30*time.Minute, hour(3*h, mail)), want: "one email went 21 15:00"},
		"another time, after it":         {set: steps(hour(h, mail)), then: at(2*h, hour(3*h, mail)), want: "one email went 21 13:00"},
		"another name, before it":        {set: steps(hour(h, mail)), then: at(30*time.Minute, step("two", h, mail)), want: "one email skipped: config, two email went 21 13:00"},
		"another name, after it":         {set: steps(hour(h, mail)), then: at(2*h, step("two", h, mail)), want: "one email went 21 13:00, two email skipped: too close"},
		"another name and a little time": {set: steps(hour(h, mail)), then: at(70*time.Minute, step("two", 2*h, mail)), want: "one email went 21 13:00, two email skipped: too close"},
		"two names change places": {
			set:  steps(hour(h, mail), step("two", 12*h, mail)),
			then: at(2*h, step("two", h, mail), hour(12*h, mail)),
			want: "one email went 21 13:00, two email skipped: too close",
		},
		"a step more":                    {set: steps(hour(h, mail)), then: at(2*h, hour(h, mail), step("two", 6*h, mail)), want: "one email went 21 13:00, two email went 21 18:00"},
		"a step less":                    {set: steps(hour(h, mail), step("two", 6*h, mail)), then: at(2*h, hour(h, mail)), want: "one email went 21 13:00, two email skipped: config"},
		"the step in its way is removed": {set: steps(hour(h, mail), step("two", 2*h, mail)), then: at(30*time.Minute, hour(h, mail)), want: "one email went 21 13:00, two email skipped: config"},
		"another channel, before it":     {set: steps(hour(h, mail)), orders: changed(both), then: at(30*time.Minute, hour(h, sms)), want: "one email skipped: config, one sms went 21 13:00"},
		"another channel, after it":      {set: steps(hour(h, mail)), orders: changed(both), then: at(70*time.Minute, hour(h, sms)), want: "one email went 21 13:00, one sms skipped: too close"},
		"all channels, after it":         {set: steps(hour(h, mail)), orders: changed(both), then: at(70*time.Minute, all), want: "one email went 21 13:00, one sms skipped: too close"},
		"one channel instead of all":     {set: steps(all), orders: changed(both), then: at(30*time.Minute, hour(h, sms, mail)), want: "one email skipped: too close, one sms went 21 13:00"},
		"into a sequence": {
			set: steps(hour(h, mail)),
			then: map[time.Duration]func(*world){2 * h: func(w *world) {
				w.s.Sequences = []notify.Sequence{{Name: "all", Steps: []notify.Step{step("hello", h, mail), step("later", 8*h, mail)}}}
			}},
			want: "hello email skipped: too close, one email went 21 13:00, later email went 21 20:00",
		},
		"quiet hours, after it": {
			set:  steps(hour(h, mail)),
			then: map[time.Duration]func(*world){2 * h: func(w *world) { w.s.Quiet = notify.Quiet{From: 12 * 60, To: 20 * 60} }, 3 * h: steps(step("two", h, mail))},
			want: "one email went 21 13:00, two email skipped: too close",
		},
	}
}

// What goes out says by which id it will be named, and what it cost.
func TestReceiptReachesTheLedger(t *testing.T) {
	w := dueFirst()
	w.o.Senders[order.ByEmail] = receipts{notify.Receipt{MessageID: "a@b", ID: "SM1", Provider: "queued", Cost: order.Money{Minor: 5, Currency: "CNY"}}}
	w.flush(t.Context(), t)
	e := w.m.ledger[0]
	if e.Message != "SM1" || e.Cost != (order.Money{Minor: 5, Currency: "CNY"}) || e.Provider != "queued" {
		t.Errorf("the ledger has %+v", e)
	}
	w = dueFirst()
	w.post.answer = func(notify.Message) error {
		return &notify.SendError{Kind: notify.Unknown, Err: errUnknown}
	}
	w.flush(t.Context(), t)
	if e := w.m.ledger[0]; e.Message == "" || e.Message != w.post.taken[0].m.MessageID {
		t.Errorf("of an unknown outcome the ledger has %+v", e)
	}
}

var errUnknown = errors.New("connection lost")

type receipts struct{ r notify.Receipt }

func (s receipts) Send(context.Context, notify.Message) (notify.Receipt, error) { return s.r, nil }

// The number of messages that a person may get is kept over shops, and a flush
// looks at an order again only when its time has come.
func TestLimitHoldsUntilItIsFree(t *testing.T) {
	w := dueFirst()
	w.s.Limit = order.Limit{Count: 1, Per: 5 * time.Hour}
	w.flush(t.Context(), t)
	o := second("belts", "2", -14*24*time.Hour-time.Minute)
	o.Closes = time.Time{}
	w.s.Shops["belts"] = w.s.Shops["buckles"]
	w.m.enabled["belts"] = enabled
	w.s.Steps = []notify.Step{{Name: "late", After: 14*24*time.Hour + 2*time.Hour, By: []order.Channel{order.ByEmail}, Template: "gentle"}}
	w.visit(o)
	w.forward(time.Hour)
	w.o.Settings = w.s
	w.flushShop(t, "belts")
	first := w.m.reminders[keyOf(anOrder(), "first")]
	r := w.m.reminders[keyOf(o, "late")]
	if r.State != order.Held || r.Cause != order.CauseLimit || !r.Due.Equal(first.Out.Add(5*time.Hour)) {
		t.Errorf("it is %s, %s until %s (%s)", r.State, r.Cause, r.Due, r.Reason)
	}
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]order.State{time.Hour: order.Held, 3 * time.Hour: order.Held, 5 * time.Hour: ""} {
		v, err := d.Foresee(r, first.Out.Add(after))
		if err != nil || v.State != want || (want == "") != (v.Message != nil) {
			t.Errorf("after %s foreseen is %+v, %v", after, v, err)
		}
	}
}
