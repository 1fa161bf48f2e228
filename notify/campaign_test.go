package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

const day = 24 * time.Hour

// again is a campaign for those whose last order was closed unpaid.
func again() order.Campaign {
	return order.Campaign{
		Name: "again", Segment: `last.status == "closed_unpaid"`, Text: "again", Link: "https://buckles.example/belts/",
		By: []order.Channel{order.ByEmail}, From: noon.Add(2 * time.Hour), To: noon.Add(3 * day), Rate: order.Limit{Count: 100, Per: time.Hour},
	}
}

// everybody is again for whoever is known.
func everybody() order.Campaign {
	c := again()
	c.Segment, c.Text, c.Offer = "buyer.orders >= 0", "news", "New belts are here."
	return c
}

// considered is what would become of a campaign's message to everybody on record:
// who gets one, and why the others do not.
func (w *world) considered(t *testing.T, c order.Campaign) (fit []notify.Member, not []notify.Foresight) {
	t.Helper()
	w.o.Settings = w.s
	d, err := notify.New(w.o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range w.m.people() {
		got, err := d.Consider(c, m, w.now())
		switch {
		case err != nil:
			t.Fatal(err)
		case got.State == "":
			if got.Message == nil {
				t.Fatalf("%s would get no message", m.Key)
			}
			m.By = got.Message.Key.Channel
			fit = append(fit, m)
		default:
			if got.Reason == "" || got.Message != nil {
				t.Errorf("%s: %+v", m.Key, got)
			}
			not = append(not, got)
		}
	}
	return fit, not
}

// send freezes a campaign and plans it, as the command does.
func (w *world) send(t *testing.T, c order.Campaign) []order.Reminder {
	t.Helper()
	if old, ok := w.m.campaigns[c.Name]; ok {
		c.Created = old.Created
	} else {
		c.Created = w.now()
	}
	c.State, c.Changed = order.CampaignRunning, w.now()
	fit, _ := w.considered(t, c)
	w.m.putCampaign(c)
	rs := notify.PlanCampaign(w.s, c, fit, w.now())
	w.m.planCampaign(append(notify.Resume(w.m.campaignReminders(c.Name), rs, w.now()), rs...))
	return rs
}

func (w *world) stop(name string) {
	c := w.m.campaigns[name]
	c.State, c.Changed = order.CampaignStopped, w.now()
	w.m.putCampaign(c)
}

// closedOrder is one that was closed unpaid ten days before noon.
func closedOrder() order.Order {
	o := anOrder()
	o.Created, o.Closes, o.Status = noon.Add(-10*day), noon.Add(-8*day), order.ClosedUnpaid
	return o
}

// sends is the beginning of a tale: a shop that may advertise to Ada, and the
// campaign sent at noon.
func sends(t *testing.T, c order.Campaign, more ...func(*world)) func(*world) {
	return func(w *world) {
		facts := w.s.Shops["buckles"]
		facts.Address = "1 Buckle Street"
		w.s.Shops["buckles"] = facts
		w.m.consents["ada@example.com"] = order.Consent{Source: "form", At: enabled}
		w.visit(closedOrder())
		for _, change := range more {
			change(w)
		}
		w.o.Settings = w.s
		w.send(t, c)
	}
}

func TestCampaignTales(t *testing.T) {
	atOne := func(do func(*world)) map[time.Duration]func(*world) {
		return map[time.Duration]func(*world){time.Hour: do}
	}
	orders := func(change func(o *order.Order)) func(*world) {
		return func(w *world) {
			o := anOrder()
			o.ID, o.Number, o.Created, o.Closes = "2", "B-2", noon.Add(50*time.Minute), noon.Add(50*time.Minute+2*day)
			change(&o)
			w.visit(o)
		}
	}
	nothing := func(*order.Order) {}
	for name, c := range map[string]tale{
		"goes out":          {set: sends(t, again()), want: "campaign:again email went 21 14:00"},
		"without consent":   {set: sends(t, again(), func(w *world) { clear(w.m.consents) }), want: ""},
		"consent withdrawn": {set: sends(t, again()), then: atOne(func(w *world) { w.m.consents["ada@example.com"] = order.Consent{Withdrawn: true} }), want: "campaign:again email skipped: consent"},
		"opted out":         {set: sends(t, again()), then: atOne(func(w *world) { w.m.optedOut["ada@example.com"] = true }), want: "campaign:again email skipped: suppressed"},
		"no address": {set: sends(t, again(), func(w *world) { // what the seller can mend does not make anybody unfit for ever
			f := w.s.Shops["buckles"]
			f.Address = ""
			w.s.Shops["buckles"] = f
		}), want: ""},
		"paid meanwhile": {set: sends(t, again()), then: atOne(happens(func(o *order.Order) { o.Status = order.Paid })), want: "campaign:again email skipped: paid"},
		"open again": {set: sends(t, again()), then: atOne(happens(func(o *order.Order) { o.Status = order.Unpaid })),
			want: "first email skipped: too late, second email skipped: too late, last email skipped: too late, campaign:again email skipped: campaign"},
		"ordered again": {set: sends(t, again()), then: atOne(orders(nothing)),
			want: "buckles/2 first email went 21 13:50, buckles/2 second email went 22 00:50, buckles/2 last email went 23 09:50, campaign:again email skipped: campaign"},
		"ordered, of a campaign for all": {set: sends(t, everybody()), then: atOne(orders(nothing)),
			want: "buckles/2 first email went 21 13:50, buckles/2 second email went 22 00:50, buckles/2 last email went 23 09:50, campaign:again email skipped: campaign"},
		"closed again": {set: sends(t, again()), then: atOne(orders(func(o *order.Order) { o.Status = order.ClosedUnpaid })), want: "campaign:again email skipped: campaign"},
		"a text of service is marketing in a campaign": {set: sends(t, func() order.Campaign {
			c := everybody()
			c.Text, c.Offer = "gentle", ""
			return c
		}(), func(w *world) { clear(w.m.consents) }), want: ""},
		"bought, of a campaign for all": {set: sends(t, everybody()), then: atOne(orders(func(o *order.Order) { o.Status = order.Paid })), want: "campaign:again email skipped: paid"},
		"contact is gone":               {set: sends(t, again()), then: atOne(happens(func(o *order.Order) { o.Buyer.Email = "" })), want: "campaign:again email skipped: no contact"},
		"stopped":                       {set: sends(t, again()), then: atOne(func(w *world) { w.stop("again") }), want: "campaign:again email planned: "},
		"stopped and sent again": {set: sends(t, again()), then: map[time.Duration]func(*world){
			time.Hour: func(w *world) { w.stop("again") }, 5 * time.Hour: func(w *world) { w.send(t, again()) },
		}, want: "campaign:again email went 21 17:00"},
		"sent, stopped and sent again": {set: sends(t, again()), then: map[time.Duration]func(*world){
			3 * time.Hour: func(w *world) { w.stop("again") }, 5 * time.Hour: func(w *world) { w.send(t, again()) },
		}, want: "campaign:again email went 21 14:00"},
		"quiet hours":       {set: sends(t, again(), func(w *world) { w.s.Quiet = notify.Quiet{From: 13 * 60, To: 20 * 60} }), want: "campaign:again email went 21 20:00"},
		"quiet hours since": {set: sends(t, again()), then: atOne(func(w *world) { w.s.Quiet = notify.Quiet{From: 13 * 60, To: 20 * 60} }), want: "campaign:again email went 21 20:00"},
		"preview": {set: sends(t, again()), then: map[time.Duration]func(*world){
			time.Hour: func(w *world) { w.s.Mode = notify.Preview }, 5 * time.Hour: func(w *world) { w.s.Mode = notify.Live },
		}, want: "campaign:again email went 21 17:00"},
		"over": {set: sends(t, again()), then: atOne(func(w *world) {
			c := w.m.campaigns["again"]
			c.To = noon.Add(90 * time.Minute)
			w.m.putCampaign(c)
		}), want: "campaign:again email skipped: campaign"},
		"no sender": {set: sends(t, again()), then: map[time.Duration]func(*world){
			time.Hour: func(w *world) { delete(w.o.Senders, order.ByEmail) }, 5 * time.Hour: func(w *world) { w.o.Senders[order.ByEmail] = w.post },
		}, want: "campaign:again email went 21 17:00"},
		"not on record": {set: sends(t, again()), then: atOne(func(w *world) { clear(w.m.campaigns) }), want: "campaign:again email skipped: campaign"},
		"shop in trouble": {set: sends(t, again()), then: map[time.Duration]func(*world){
			time.Hour: func(w *world) {
				w.shop.fail = func(order.Key) error { return &notify.LookError{Cause: order.CauseShop, Err: errUnknown} }
			},
			5 * time.Hour: func(w *world) { w.shop.fail = nil },
		}, want: "campaign:again email went 21 17:00"},
		"limit": {set: sends(t, again(), func(w *world) {
			w.s.Limit = order.Limit{Count: 1, Per: day}
			w.post.take(notify.Message{})
			k := keyOf(closedOrder(), "first")
			w.m.keep(order.Reminder{Key: k, State: order.Sent, Out: noon.Add(-10 * time.Hour), Changed: noon})
		}), want: "first email went 21 02:00, campaign:again email went 22 02:00"},
	} {
		t.Run(name, func(t *testing.T) {
			c.orders = []order.Order{}
			if got := c.tell(t, notify.Live); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// row is somebody on a list of the seller's.
func row(w *world, name string, past order.Past) order.Key {
	key := order.Key{Shop: "buckles", ID: order.ListRow + name}
	w.m.list(key, order.Buyer{Name: "Bo", Email: order.Email(name + "@example.com")}, past)
	return key
}

// Who stands on a list of the seller's gets a campaign with a consent, or as a
// buyer in a shop that declares a soft opt-in; no shop is asked about them.
func TestCampaignToAList(t *testing.T) {
	for name, c := range map[string]struct {
		consent bool
		past    order.Past
		soft    bool
		want    order.Cause
	}{
		"consent":                    {consent: true},
		"nothing":                    {want: order.CauseConsent},
		"soft opt-in":                {soft: true, want: order.CauseConsent},
		"soft opt-in and bought":     {soft: true, past: order.Past{Orders: 2}},
		"bought and no soft opt-in":  {past: order.Past{Orders: 2}, want: order.CauseConsent},
		"bought and paid of late":    {soft: true, past: order.Past{Orders: 2, Last: noon.Add(-time.Hour)}, want: order.CausePaid},
		"bought and paid a week ago": {soft: true, past: order.Past{Orders: 2, Last: noon.Add(-7 * day)}},
	} {
		w := newWorld(noon)
		f := w.s.Shops["buckles"]
		f.Address, f.SoftOptIn = "1 Buckle Street", c.soft
		w.s.Shops["buckles"] = f
		key := row(w, "bo", c.past)
		if c.consent {
			w.m.consents["bo@example.com"] = order.Consent{Source: "fair", At: enabled}
		}
		fit, not := w.considered(t, everybody())
		if got := append(not, notify.Foresight{})[0]; got.Cause != c.want || (len(fit) == 1) != (c.want == "") {
			t.Errorf("%s: considered %+v", name, got)
		}
		w.send(t, everybody())
		w.forward(2 * time.Hour)
		w.flush(t.Context(), t)
		if (len(w.post.taken) == 1) != (c.want == "") || len(w.shop.looks) > 0 {
			t.Errorf("%s: %d messages, %d looks", name, len(w.post.taken), len(w.shop.looks))
		}
		if c.want == "" {
			m := w.post.taken[0].m
			if m.To != "bo@example.com" || m.Class != notify.Marketing || m.Key.Order != key || strings.Contains(m.Text+m.HTML+m.Subject, order.ListRow) || m.ListUnsubscribe == "" {
				t.Errorf("%s: it went out as %+v", name, m)
			}
		}
	}
}

// Who has agreed to mails gets no text message, though a campaign takes that first.
func TestACampaignGoesByWhatTheyHaveAgreedTo(t *testing.T) {
	for name, c := range map[string]struct {
		by      []order.Channel
		consent string
		want    order.Channel
	}{
		"mails":                            {by: []order.Channel{order.BySMS, order.ByEmail}, consent: "b1@example.com", want: order.ByEmail},
		"text messages":                    {by: []order.Channel{order.ByEmail, order.BySMS}, consent: "+8613800138000", want: order.BySMS},
		"mails, and it goes by the others": {by: []order.Channel{order.BySMS}, consent: "b1@example.com"},
		"nothing":                          {by: []order.Channel{order.BySMS, order.ByEmail}},
	} {
		w := newWorld(noon)
		f := w.s.Shops["buckles"]
		f.Address = "1 Buckle Street"
		w.s.Shops["buckles"] = f
		o := member("1", 20*day, func(o *order.Order) { o.Buyer.Phone = "+8613800138000" }).Person.Orders[0]
		w.m.put(o)
		w.shop.real[o.Key()] = o
		w.o.Senders[order.BySMS] = w.post
		if c.consent != "" {
			w.m.consents[c.consent] = order.Consent{Source: "form", At: enabled}
		}
		campaign := everybody()
		campaign.By = c.by
		fit, not := w.considered(t, campaign)
		if c.want == "" && (len(fit) > 0 || len(not) != 1 || not[0].Cause != order.CauseConsent) {
			t.Errorf("%s: %d fit, not: %+v", name, len(fit), not)
		}
		w.send(t, campaign)
		w.forward(2 * time.Hour)
		w.flush(t.Context(), t)
		var got order.Channel
		for _, taken := range w.post.taken {
			got += taken.m.Key.Channel
		}
		if got != c.want {
			t.Errorf("%s: it went by %q: %v", name, got, w.m.campaignReminders(campaign.Name))
		}
	}
}
