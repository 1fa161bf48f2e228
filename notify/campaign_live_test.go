package notify_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// Nobody gets an offer who must not, and nobody gets a campaign twice, whatever
// happens: reminders go on beside it, people merge, the seller stops and sends it
// again, and the program is killed anywhere.
func TestCampaignsNeverWrong(t *testing.T) {
	offers, reminders, states := 0, 0, map[order.Cause]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, true)
		h.oldShop()
		for range rapid.SampledFrom([]int{20, 50, 90}).Draw(t, "events") {
			h.marketing()
		}
		h.m.crash, h.shop.fail, h.post.answer, h.post.before, h.shop.takes = nil, nil, nil, nil, time.Second
		h.start()
		for name, c := range h.m.campaigns { // what was stopped comes to an end, too
			c.State = order.CampaignRunning
			h.m.campaigns[name] = c
			h.m.planCampaign(notify.Resume(h.m.campaignReminders(name), nil, h.now()))
		}
		h.rest()
		h.ended()
		for _, got := range h.post.taken {
			if _, ok := got.m.Key.Campaign(); ok {
				offers++
			} else {
				reminders++
			}
		}
		for _, e := range h.m.ledger {
			if _, ok := e.Key.Campaign(); ok {
				states[e.Cause]++
			}
		}
	})
	t.Logf("%d offers, %d reminders; ledger lines of campaigns: %v", offers, reminders, states)
	if (offers < 50 || reminders < 10) && !t.Failed() {
		t.Errorf("only %d offers and %d reminders went out in all histories", offers, reminders)
	}
}

func (h *history) marketing() {
	switch rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(h.t, "campaign event") {
	case 0, 1:
		h.event()
	case 2:
		h.arrive()
		h.age()
	case 3:
		h.change()
	case 4:
		h.takeOver()
	case 5, 6:
		h.do(h.send)
	case 7:
		if h.rarely(3) {
			h.do(h.stopCampaign)
		}
	case 8:
		h.do(h.visit)
	default:
		h.do(func() { h.flush("buckles") })
		h.do(func() { h.flush("belts") })
	}
	h.forward(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 10, 20, 40, 60, 120, 300, 24 * 60, 4 * 24 * 60}).Draw(h.t, "minutes")) * time.Minute)
}

// oldShop is a shop with some years behind it, whose buyers have mostly agreed.
func (h *history) oldShop() {
	f := h.s.Shops["buckles"]
	f.Address, f.SoftOptIn = "1 Buckle Street", rapid.Bool().Draw(h.t, "buckles' soft opt-in")
	h.s.Shops["buckles"] = f
	h.start()
	for range rapid.IntRange(2, 12).Draw(h.t, "old orders") {
		h.arrive()
		h.age()
		h.takeOver()
	}
	for range rapid.IntRange(0, 12).Draw(h.t, "wishes") {
		b := h.shop.real[rapid.SampledFrom(h.keys).Draw(h.t, "whose")].Buyer
		for _, c := range contacts(b) {
			h.m.consents[c] = order.Consent{At: h.now(), Source: "form", Wording: "yes"}
		}
	}
	h.do(h.visit)
	h.forward(4 * 24 * time.Hour)
}

// age makes the newest order an old one, mostly come to its end.
func (h *history) age() {
	o := h.shop.real[h.keys[len(h.keys)-1]]
	days := time.Duration(rapid.SampledFrom([]int{1, 4, 10, 16, 40}).Draw(h.t, "days")) * 24 * time.Hour
	o.Created = o.Created.Add(-days)
	if !o.Closes.IsZero() {
		o.Closes = o.Closes.Add(-days)
	}
	o.Status = rapid.SampledFrom([]order.Status{order.ClosedUnpaid, order.ClosedUnpaid, order.Paid, order.ClosedRefunded, order.Unpaid}).Draw(h.t, "status")
	h.shop.real[o.Key()] = o
}
