package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// segments that random campaigns are for, with what they mean, said a second time.
var segments = map[string]func(m notify.Member, last order.Order) bool{
	`last.status == "closed_unpaid"`: func(_ notify.Member, last order.Order) bool { return last.Status == order.ClosedUnpaid },
	"buyer.orders >= 0":              func(notify.Member, order.Order) bool { return true },
	"buyer.potential": func(m notify.Member, _ order.Order) bool {
		tried := func(o order.Order) bool { return o.Status == order.Unpaid || o.Status == order.ClosedUnpaid }
		return slices.ContainsFunc(m.Person.Orders, tried) && !slices.ContainsFunc(m.Person.Orders, paidOnce) && m.Person.Past.Orders == 0
	},
	"buyer.paid > 0": func(m notify.Member, _ order.Order) bool {
		return slices.ContainsFunc(m.Person.Orders, func(o order.Order) bool { return o.Status == order.Paid }) || m.Person.Past.Orders > 0
	},
}

func paidOnce(o order.Order) bool {
	return o.Status == order.Paid || o.Status == order.ClosedRefunded
}

// lastOf is the order that somebody placed last.
func lastOf(m notify.Member) (last order.Order) {
	for i, o := range m.Person.Orders {
		if i == 0 || o.Created.After(last.Created) || (o.Created.Equal(last.Created) && o.Shop+"/"+o.ID > last.Shop+"/"+last.ID) {
			last = o
		}
	}
	return last
}

// campaign is one that the seller sends now, or sends again.
func (h *history) campaign() order.Campaign {
	n := rapid.IntRange(0, len(h.m.campaigns)).Draw(h.t, "campaign")
	name := fmt.Sprint("c", n)
	if c, ok := h.m.campaigns[name]; ok {
		return c
	}
	days := func(what string, n ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(n).Draw(h.t, what)) * 24 * time.Hour
	}
	c := order.Campaign{Name: name, Text: "news", Offer: "New belts are here.", Created: h.now()}
	c.Segment = rapid.SampledFrom([]string{`last.status == "closed_unpaid"`, "buyer.orders >= 0", "buyer.potential", "buyer.paid > 0"}).Draw(h.t, "segment")
	c.By = rapid.SampledFrom([][]order.Channel{{order.ByEmail}, {order.BySMS, order.ByEmail}}).Draw(h.t, "by")
	c.Shops = rapid.SampledFrom([][]string{nil, {"belts"}}).Draw(h.t, "shops")
	c.From = h.now().Add(days("from", 0, 0, 1))
	c.To = c.From.Add(days("window", 1, 3, 9, 20))
	c.Quiet = days("not within", 0, 2, 30)
	c.Rate = order.Limit{Count: rapid.SampledFrom([]int{1, 2, 100, 0}).Draw(h.t, "rate"), Per: rapid.SampledFrom([]time.Duration{time.Hour, 5 * time.Hour}).Draw(h.t, "rate per")}
	return c
}

// send is what the command does: it keeps the campaign, plans it for those who
// fit, and what was stopped goes on.
func (h *history) send() {
	if !h.s.Live() {
		return
	}
	c := h.campaign()
	c.State, c.Changed = order.CampaignRunning, h.now()
	h.m.putCampaign(c)
	var fit []notify.Member
	for _, m := range h.m.people() {
		got, err := h.d.Consider(c, m, h.now())
		if err != nil {
			h.t.Fatal(err)
		}
		if got.State == "" {
			m.By = got.Message.Key.Channel
			fit = append(fit, m)
		}
	}
	rs := notify.PlanCampaign(h.s, c, fit, h.now())
	for _, r := range rs {
		if r.Due.Before(h.now()) || r.Due.Before(c.From) || !r.Due.Before(c.To) {
			h.t.Fatalf("%s is planned for %s, outside of %s to %s", r.Key, r.Due, c.From, c.To)
		}
	}
	h.m.planCampaign(append(notify.Resume(h.m.campaignReminders(c.Name), rs, h.now()), rs...))
}

func (h *history) stopCampaign() {
	if n := len(h.m.campaigns); n > 0 {
		c := h.m.campaigns[fmt.Sprint("c", rapid.IntRange(0, n-1).Draw(h.t, "campaign"))]
		c.State, c.Changed = order.CampaignStopped, h.now()
		h.m.putCampaign(c)
	}
}

// takeOver is a row of a list, of a known buyer or of a stranger.
func (h *history) takeOver() {
	b := rapid.SampledFrom(append(slices.Clone(buyers[:5]), order.Buyer{Name: "Hal", Email: "hal@example.com"}, order.Buyer{Name: "Ivy", Email: "ivy@example.com", Phone: "+12125559999"})).Draw(h.t, "row")
	past := order.Past{Orders: rapid.IntRange(0, 2).Draw(h.t, "past")}
	if past.Orders > 0 {
		past.Last = h.now().Add(-time.Duration(rapid.IntRange(0, 9).Draw(h.t, "last")) * 24 * time.Hour)
	}
	key := order.Key{Shop: rapid.SampledFrom([]string{"buckles", "belts"}).Draw(h.t, "list of"), ID: order.ListRow + b.Email.Reveal()}
	h.m.list(key, b, past)
	if rapid.Bool().Draw(h.t, "with consent") {
		for _, c := range h.some(contacts(b)) {
			h.m.consents[c] = order.Consent{At: h.now(), Source: "list", Wording: "yes"}
		}
	}
}

// offerGoesOut holds every promise about campaigns against one of their messages
// at the moment at which it is taken over.
func (h *history) offerGoesOut(got taken, name string) {
	key := got.m.Key
	c := h.m.campaigns[name]
	if c.State != order.CampaignRunning || !h.s.Live() || got.at.Before(c.From) || !got.at.Before(c.To) {
		h.t.Fatalf("%s went out at %s; the campaign is %s from %s to %s", key, got.at, c.State, c.From, c.To)
	}
	b := h.m.rows[key.Order]
	if !key.Order.ListRow() {
		b = h.shop.real[key.Order].Buyer // as it really is
		if !paidOnce(h.m.orders[key.Order]) || c.Segment == `last.status == "closed_unpaid"` {
			h.afterAnyLook(got)
		}
	}
	h.onceACampaign(got, c)
	h.nobodyBusy(got, c)
	h.awakeNow(got, b, key.Order.Shop)
	h.toWhoAgreed(got, b)
	h.withinTheRate(got, c)
	h.withinTheLimit(got)
	m, _, _ := h.m.Member(key.Order)
	if last := lastOf(m); !segments[c.Segment](m, last) || (strings.HasPrefix(c.Segment, "last") && last.Key() != key.Order) {
		h.t.Fatalf("%s went out to one whom %s does not mean: %+v", key, c.Segment, m)
	}
}

func (h *history) afterAnyLook(got taken) {
	for _, l := range slices.Backward(h.shop.looks) {
		if l.key != got.m.Key.Order {
			continue
		}
		if got.at.Sub(l.at) > notify.LookFresh || got.at.Before(l.at) {
			break
		}
		return
	}
	h.t.Fatalf("%s went out without a fresh look", got.m.Key)
}

// onceACampaign also knows the contact itself, whatever became of the orders.
func (h *history) onceACampaign(got taken, c order.Campaign) {
	same := h.m.same(got.m.Key.Order)
	for _, other := range h.post.taken {
		_, offer := other.m.Key.Campaign()
		mine := same[other.m.Key.Order]
		if other.m.Key.Step == got.m.Key.Step && (mine || (other.m.To == got.m.To && other.m.Phone == got.m.Phone)) {
			h.t.Fatalf("%s went out, and before %s", got.m.Key, other.m.Key)
		}
		ago := got.at.Sub(other.at)
		if mine && offer && ago < c.Quiet-time.Minute {
			h.t.Fatalf("%s went out %s after the offer %s", got.m.Key, ago, other.m.Key)
		}
		if mine && ago < h.gap()-time.Minute {
			h.t.Fatalf("%s went out %s after %s", got.m.Key, ago, other.m.Key)
		}
	}
}

// nobodyBusy: an offer goes to nobody who is being reminded, or has just paid.
func (h *history) nobodyBusy(got taken, c order.Campaign) {
	for key := range h.m.same(got.m.Key.Order) {
		o, paid := h.m.orders[key], h.m.paid[key]
		if key == got.m.Key.Order {
			o = h.shop.real[key]
			if o.Status == order.Paid && !paidOnce(h.m.orders[key]) {
				h.t.Fatalf("%s went out, and the order is paid", got.m.Key)
			}
		}
		if !paid.IsZero() && (paid.After(c.Created) || got.at.Sub(paid) < 72*time.Hour) {
			h.t.Fatalf("%s went out at %s, and %s was paid at %s", got.m.Key, got.at, key, paid)
		}
		if paidOnce(o) && (o.Created.After(c.Created) || got.at.Sub(o.Created) < 72*time.Hour) {
			h.t.Fatalf("%s went out at %s, and %s was bought at %s", got.m.Key, got.at, key, o.Created)
		}
		if o.Status != order.Unpaid && o.Status != order.Unknown {
			continue
		}
		if got.at.Sub(o.Created) < 14*24*time.Hour || o.Closes.After(got.at) {
			h.t.Fatalf("%s went out, and %s of %s is open", got.m.Key, key, o.Created)
		}
		for _, rk := range h.m.byOrder[key] {
			r := h.m.reminders[rk]
			if _, offer := rk.Campaign(); !offer && (!r.State.Final() || (r.State.Out() && got.at.Sub(r.Out) < 14*24*time.Hour)) {
				h.t.Fatalf("%s went out, and %s is %s", got.m.Key, rk, r.State)
			}
		}
	}
}

func (h *history) awakeNow(got taken, b order.Buyer, shop string) {
	zones := zonesOf(b.Phone)
	if len(zones) == 0 || !h.everAwake(zones) {
		zones = []*time.Location{h.s.Shops[shop].Zone}
	}
	for _, zone := range zones {
		if h.s.Quiet.In(got.at, zone) {
			h.t.Fatalf("%s went out in quiet hours, at %s", got.m.Key, got.at.In(zone))
		}
	}
}

func (h *history) toWhoAgreed(got taken, b order.Buyer) {
	m := got.m
	if to := m.To.Reveal() + m.Phone.Reveal(); to == "" || strings.Contains(to, "*") || (m.To != b.Email && m.Phone != b.Phone) || m.Class != notify.Marketing {
		h.t.Fatalf("%s went to another or a masked contact, or not as marketing", m.Key)
	}
	past, _ := h.m.Past(m.Key.Order)
	agreed, bought := false, past.Orders > 0
	for key := range h.m.same(m.Key.Order) {
		who := h.m.buyerOf(key)
		if stop, _, _ := h.m.Suppressed(who); stop {
			h.t.Fatalf("%s went to somebody who opted out", m.Key)
		}
		if got, _, _ := h.m.Consent(who); got.Withdrawn {
			h.t.Fatalf("%s went to somebody who took the consent back", m.Key)
		}
		bought = bought || !key.ListRow()
	}
	if _, ok, _ := h.m.Consent(b.By(m.Key.Channel)); ok {
		agreed = true
	}
	facts := h.s.Shops[m.Key.Order.Shop]
	if !agreed && !(facts.SoftOptIn && bought) {
		h.t.Fatalf("%s went out without consent", m.Key)
	}
	if m.Key.Channel == order.ByEmail && facts.Address == "" {
		h.t.Fatalf("%s went out without an address", m.Key)
	}
}

func (h *history) withinTheRate(got taken, c order.Campaign) {
	n := 1
	for _, other := range h.post.taken {
		if other.m.Key.Step == got.m.Key.Step && other.at.After(got.at.Add(-c.Rate.Per)) {
			n++
		}
	}
	if c.Rate.Count > 0 && n > c.Rate.Count {
		h.t.Fatalf("%s is the campaign's %d. message in %s, at a rate of %d", got.m.Key, n, c.Rate.Per, c.Rate.Count)
	}
}

// unfit reports whether there is a reason to give a campaign's message up.
func (h *history) unfit(r order.Reminder, name string) bool {
	c := h.m.campaigns[name]
	m, _, _ := h.m.Member(r.Key.Order)
	o := h.m.orders[r.Key.Order]
	busy := func(o order.Order) bool {
		return paidOnce(o) || !h.m.paid[o.Key()].IsZero()
	}
	switch r.Cause {
	case order.CauseCampaign:
		had, _ := h.m.HadCampaign(r.Key)
		last := lastOf(m)
		about := strings.HasPrefix(c.Segment, "last") && last.Key() != r.Key.Order
		return had || about || !h.now().Before(c.To) || !segments[c.Segment](m, last)
	case order.CausePaid:
		return slices.ContainsFunc(m.Person.Orders, busy) || h.now().Sub(m.Person.Past.Last) < 72*time.Hour || m.Person.Past.Last.After(c.Created)
	case order.CauseOpen:
		return o.Status == order.Unpaid || o.Status == order.Unknown
	case order.CauseNoContact:
		return !notify.Usable(h.m.buyerOf(r.Key.Order), r.Key.Channel)
	case order.CauseSuppressed, order.CauseConsent:
		return true // toWhoAgreed holds the other side
	case order.CauseLimit, order.CauseTogether:
		return len(m.Told) > 0
	}
	return false
}
