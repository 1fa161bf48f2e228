package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// member is somebody with one order, that long ago.
func member(id string, ago time.Duration, change func(o *order.Order)) notify.Member {
	o := closedOrder()
	o.ID, o.Buyer = id, order.Buyer{Name: "Bo", Email: order.Email("b" + id + "@example.com")}
	o.Created, o.Closes = noon.Add(-ago), noon.Add(-ago+2*day)
	if change != nil {
		change(&o)
	}
	return notify.Member{Key: o.Key(), Contact: o.Buyer, Person: notify.Person{Orders: []order.Order{o}}}
}

func segment(src string) *notify.Condition {
	c, err := notify.CompileSegment(src)
	if err != nil {
		panic(err)
	}
	return c
}

// Whom a campaign is for, and why it is not for the others.
func TestMembers(t *testing.T) {
	begun := everybody()
	begun.Created = noon.Add(-5 * day)
	belts := everybody()
	belts.Shops = []string{"belts"}
	sms := everybody()
	sms.By = []order.Channel{order.BySMS, order.ByEmail}
	two := member("1", 10*day, nil) // the newer order has no contact
	two.Person.Orders = append([]order.Order{member("2", 4*day, func(o *order.Order) { o.Buyer.Email = "" }).Person.Orders[0]}, two.Person.Orders...)
	status := func(s order.Status) func(*order.Order) { return func(o *order.Order) { o.Status = s } }
	paid := func(m notify.Member, ago time.Duration) notify.Member {
		m.Paid = noon.Add(-ago)
		return m
	}
	for name, c := range map[string]struct {
		c    order.Campaign
		m    notify.Member
		want order.Cause
		hold bool
	}{
		"fits":                       {everybody(), member("1", 10*day, nil), "", false},
		"not of the segment":         {again(), member("1", 10*day, status(order.Paid)), order.CauseCampaign, false},
		"not of its shops":           {belts, member("1", 10*day, nil), order.CauseCampaign, false},
		"an unknown shop":            {everybody(), member("1", 10*day, func(o *order.Order) { o.Shop = "gone" }), order.CauseCampaign, false},
		"no contact":                 {everybody(), member("1", 10*day, func(o *order.Order) { o.Buyer.Email = "" }), order.CauseNoContact, false},
		"a masked contact":           {everybody(), member("1", 10*day, func(o *order.Order) { o.Buyer.Email = "b***" }), order.CauseNoContact, false},
		"the other channel":          {sms, member("1", 10*day, nil), "", false},
		"open":                       {everybody(), member("1", 10*day, status(order.Unpaid)), order.CauseOpen, true},
		"not understood":             {everybody(), member("1", 10*day, status(order.Unknown)), order.CauseOpen, true},
		"open for long":              {everybody(), member("1", 15*day, status(order.Unpaid)), "", false},
		"open for long, closes soon": {everybody(), member("1", 15*day, func(o *order.Order) { o.Status, o.Closes = order.Unpaid, noon.Add(time.Hour) }), order.CauseOpen, true},
		"open, nobody knows since":   {everybody(), member("1", 10*day, func(o *order.Order) { o.Status, o.Created, o.Closes = order.Unpaid, time.Time{}, time.Time{} }), order.CauseOpen, true},
		"open on a list":             {everybody(), member("1", 29*day, onList(order.Other)), order.CauseOpen, true},
		"open on an old list":        {everybody(), member("1", 31*day, onList(order.Other)), "", false},
		"closed on a list":           {everybody(), member("1", 10*day, onList(order.ClosedUnpaid)), "", false},
		"other in the shop":          {everybody(), member("1", 10*day, status(order.Other)), "", false},
		"just bought":                {everybody(), member("1", 71*time.Hour, status(order.Paid)), order.CausePaid, false},
		"just bought and given back": {everybody(), member("1", 71*time.Hour, status(order.ClosedRefunded)), order.CausePaid, false},
		"bought before":              {everybody(), member("1", 73*time.Hour, status(order.Paid)), "", false},
		"bought since it began":      {begun, member("1", 4*day, status(order.Paid)), order.CausePaid, false},
		"read since it began":        {begun, member("1", 6*day, func(o *order.Order) { o.Status, o.First = order.Paid, noon.Add(-4*day) }), order.CausePaid, false},
		"an old one read since":      {begun, member("1", 9*day, func(o *order.Order) { o.Status, o.First = order.Paid, noon.Add(-4*day) }), "", false},
		"just paid an old order":     {everybody(), paid(member("1", 30*day, status(order.Paid)), time.Hour), order.CausePaid, false},
		"paid since it began":        {begun, paid(member("1", 30*day, status(order.Paid)), 4*day), order.CausePaid, false},
		"paid before":                {begun, paid(member("1", 30*day, status(order.Paid)), 6*day), "", false},
		"by an older order":          {everybody(), two, "", false},
		"the last one, unreachable":  {again(), two, order.CauseNoContact, false},
	} {
		ok, why := settings().Members(c.c, segment(c.c.Segment), c.m, noon)
		if ok != (c.want == "") || ok != (why == nil) {
			t.Errorf("%s: %v, %+v", name, ok, why)
			continue
		}
		if why != nil && (why.Cause != c.want || why.Hold != c.hold || why.Reason == "") {
			t.Errorf("%s: %+v", name, why)
		}
	}
}

// onList makes an order one of a list of the seller's.
func onList(s order.Status) func(*order.Order) {
	return func(o *order.Order) { o.ID, o.Status, o.StatusText = order.Imported+o.ID, s, "offen" }
}

// Messages are spread by the rate, in the window, to nobody asleep; whoever paid
// most often comes first, and nobody is left out while there is room.
func TestPlanCampaign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := settings()
		s.Zones = zonesOf
		from := rapid.IntRange(0, 23).Draw(t, "quiet from")
		s.Quiet = notify.Quiet{From: from * 60, To: (from + rapid.IntRange(0, 12).Draw(t, "quiet hours")) % 24 * 60}
		c := everybody()
		c.By = []order.Channel{order.BySMS, order.ByEmail}
		c.From = noon.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "from")) * time.Hour)
		c.To = c.From.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "window")) * time.Hour)
		c.Rate = order.Limit{Count: rapid.IntRange(0, 7).Draw(t, "rate"), Per: time.Hour}
		var people []notify.Member
		phone := map[string]order.Phone{}
		for i := range rapid.IntRange(0, 60).Draw(t, "people") {
			m := member(fmt.Sprintf("%03d", i), 10*day, func(o *order.Order) {
				o.Buyer.Phone = rapid.SampledFrom([]order.Phone{"", "+8613800138000", "+12125551234", "+4930123456", "+521234567890"}).Draw(t, "phone")
			})
			m.Person.Past.Orders = rapid.IntRange(0, 3).Draw(t, "paid")
			phone[m.Key.ID] = m.Contact.Phone
			people = append(people, m)
		}
		out := notify.PlanCampaign(s, c, people, noon)
		seen := map[order.Key]bool{}
		for i, r := range out {
			if seen[r.Key.Order] || r.State != order.Planned || !r.Planned.Equal(r.Due) || r.Key.Step != "campaign:again" {
				t.Fatalf("%+v", r)
			}
			seen[r.Key.Order] = true
			if r.Due.Before(c.From) || r.Due.Before(noon) || !r.Due.Before(c.To) {
				t.Fatalf("%s is outside of %s to %s", r.Due, c.From, c.To)
			}
			zones := zonesOf(phone[r.Key.Order.ID])
			if len(zones) == 0 || !(&history{world: &world{clock: &clock{noon}, s: s}}).everAwake(zones) {
				zones = []*time.Location{shanghai}
			}
			for _, zone := range zones {
				if s.Quiet.In(r.Due, zone) {
					t.Fatalf("%s is asleep at %s", r.Key, r.Due.In(zone))
				}
			}
			if n := c.Rate.Count; n > 0 && i >= n && r.Due.Sub(out[i-n].Due) < c.Rate.Per {
				t.Fatalf("%d messages from %s to %s", n+1, out[i-n].Due, r.Due)
			}
		}
		room := c.To.Sub(noon) > 150*time.Hour && c.Rate.Count == 0
		if room && len(out) != len(people) {
			t.Fatalf("%d of %d people are planned", len(out), len(people))
		}
	})
}

func TestPlanCampaignOldCustomersFirst(t *testing.T) {
	old, older, recent := member("1", 300*day, nil), member("2", 200*day, nil), member("3", 10*day, nil)
	old.Person.Past, older.Person.Past = order.Past{Orders: 2}, order.Past{Orders: 7}
	c := everybody()
	c.Rate = order.Limit{Count: 2, Per: time.Hour}
	var got []string
	for _, r := range notify.PlanCampaign(settings(), c, []notify.Member{recent, old, older}, noon) {
		got = append(got, r.Key.Order.ID+" "+r.Due.In(shanghai).Format("15:04"))
	}
	if want := []string{"2 14:00", "1 14:30", "3 15:00"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// Who is asleep does not keep back who is awake.
func TestPlanCampaignOverZones(t *testing.T) {
	s := settings()
	s.Zones = zonesOf
	c := everybody()
	c.By = []order.Channel{order.BySMS}
	c.From, c.Rate = noon, order.Limit{Count: 1, Per: time.Hour}
	var people []notify.Member
	for i, p := range []order.Phone{"+12125551234", "+8613800138000", "+12125551235", "+8613800138001"} {
		people = append(people, member(fmt.Sprint(i), time.Duration(10+i)*day, func(o *order.Order) { o.Buyer.Phone = p }))
	}
	var got []string
	for _, r := range notify.PlanCampaign(s, c, people, noon) {
		got = append(got, r.Key.Order.ID+" "+r.Due.In(shanghai).Format("15:04"))
	}
	if want := "1 12:00, 3 13:00, 0 22:00, 2 23:00"; strings.Join(got, ", ") != want { // 9:00 in New York is 22:00 in Shanghai
		t.Errorf("got %v, want %s", got, want)
	}
}

// What Foresee says of a campaign's message is what Flush then does.
func TestForeseeOfACampaign(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"sends": func(*world) {},
		"paid":  func(w *world) { o := closedOrder(); o.Status = order.Paid; w.visit(o) },
		"stopped": func(w *world) {
			c := w.m.campaigns["again"]
			c.State = order.CampaignStopped
			w.m.campaigns["again"] = c
		},
		"opted out": func(w *world) { w.m.optedOut["ada@example.com"] = true },
		"preview":   func(w *world) { w.s.Mode = notify.Preview },
		"quiet":     func(w *world) { w.s.Quiet = notify.Quiet{From: 13 * 60, To: 20 * 60} },
		"gone":      func(w *world) { clear(w.m.campaigns) },
		"too late":  func(w *world) { w.forward(4 * day) },
	} {
		w := newWorld(noon)
		sends(t, again())(w)
		w.forward(2 * time.Hour)
		change(w)
		w.o.Settings = w.s
		d, err := notify.New(w.o)
		if err != nil {
			t.Fatal(err)
		}
		step := order.CampaignStep("again")
		before := w.state2(step)
		got, err := d.Foresee(before, w.now())
		if err != nil || w.state2(step) != before || len(w.m.ledger) > 0 || len(w.shop.looks) > 0 {
			t.Errorf("%s: looking ahead did something, or %v", name, err)
		}
		if _, err := d.Flush(t.Context(), "buckles", w.now); err != nil {
			t.Fatal(err)
		}
		r := w.state2(step)
		switch {
		case got.State == "" && (r.State != order.Sent || got.Message == nil || got.Message.To != "ada@example.com"):
			t.Errorf("%s: foreseen was %+v, it became %s (%s)", name, got, r.State, r.Reason)
		case got.State != "" && (got.State != r.State || got.Reason != r.Reason || !r.State.Final() && !got.Due.Equal(r.Due)):
			t.Errorf("%s: foreseen was %s until %s (%s), it became %s until %s (%s)", name, got.State, got.Due, got.Reason, r.State, r.Due, r.Reason)
		}
	}
}

func (w *world) state2(step string) order.Reminder {
	return w.m.reminders[keyOf(closedOrder(), step)]
}
