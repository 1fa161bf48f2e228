package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// asksShop reports whether the order's page has to be read before the message. For
// a reminder it always has. For a campaign it has where the shop has such a page
// and the order may have moved: it was not paid, or the campaign is about it.
func (j *job) asksShop() bool {
	if j.offer == nil {
		return true
	}
	key := j.r.Key.Order
	if key.ListRow() || key.Imported() {
		return false
	}
	return !settled(j.o) || j.offer.cond.asksLast()
}

// movedOn gives up a campaign's message about an order that the look found to
// have moved: the person has just paid what the message asks for, or is about to.
func (j *job) movedOn(fresh order.Order) verdict {
	switch {
	case j.offer == nil:
	case settled(fresh) && !settled(j.o):
		return skipped(order.CausePaid, "the order has been paid meanwhile")
	case waiting(fresh) && !waiting(j.o):
		return skipped(order.CauseOpen, "the order is open again")
	}
	return verdict{}
}

// lastWord is asked right before a campaign's message begins, while no other one
// can: all again, of what is on record by now. Another shop's queue may have
// written to the person meanwhile, the campaign been stopped, its rate used up.
func (f *flush) lastWord(j *job) (verdict, error) {
	o, ok, err := f.onRecord(j.r.Key)
	switch {
	case err != nil:
		return verdict{}, err
	case !ok:
		return skipped(order.CauseConfig, "the order is not on record"), nil
	}
	of, v, err := f.offerOf(j.r, o)
	if err != nil || v.state != "" {
		return v, err
	}
	last := f.offerJob(of, o, j.r, j.looked)
	if v, err := f.goesOn(last); err != nil || v.state != "" {
		return v, err
	}
	if !j.asksShop() && last.o.Buyer.By(j.r.Key.Channel) != j.o.Buyer.By(j.r.Key.Channel) { // it is written anew
		return last.moved(last.now), nil
	}
	j.now, j.offer, j.person, j.deadline = last.now, last.offer, last.person, last.deadline
	return verdict{}, nil
}

// notBegun puts off a campaign's message that the outbox does not begin although
// it is due: it knows something that nobody knew before. A reminder is asked again
// at its next turn.
func (f *flush) notBegun(ctx context.Context, j *job) error {
	if j.offer == nil {
		return nil
	}
	all, err := f.d.o.Register.Reminders(j.r.Key.Order)
	if err != nil {
		return err
	}
	now := f.now()
	for _, r := range all {
		if r.Key == j.r.Key && !r.State.Final() && r.State != order.Sending && !r.Due.After(now) {
			return f.settle(ctx, *j.r, held(order.CauseCampaign, now.Add(campaignAgain), "the campaign was stopped just now, or this person wants no more messages"))
		}
	}
	return nil
}

// Consider says what would become of a campaign's message to a person if it were
// due at a moment: by the very rules of [Dispatcher.Flush], but for the campaign's
// state, window and rate, the quiet hours and the person's limit, which only move
// it. A zero State means that they would get it, once their order has been looked
// at where that is called for; Message is what would go out, as far as what is on
// record tells. It changes nothing and asks no shop. The campaign need not be on
// record.
func (d *Dispatcher) Consider(c order.Campaign, m Member, at time.Time) (Foresight, error) {
	f := d.bare(m.Key.Shop, func() time.Time { return at })
	cond, err := d.segment(c)
	if err != nil {
		return Foresight{}, fmt.Errorf("campaign %s: %w", c.Name, err)
	}
	if why := f.s.means(c, cond, m, at); why != nil {
		return why.verdict(at.Add(campaignAgain)).foresight(), nil
	}
	of := &offer{c: c, cond: cond, member: m}
	var refused Foresight // by the first channel; they may have agreed to another
	for by := slices.Clone(c.By); ; {
		out, channel, err := f.consider(of, by, at)
		switch {
		case err != nil:
			return Foresight{}, fmt.Errorf("campaign %s: %w", c.Name, err)
		case refused.State != "" && channel == "":
			return refused, nil
		case out.Cause != order.CauseConsent:
			return out, nil
		case refused.State == "":
			refused = out
		}
		by = slices.DeleteFunc(by, func(tried order.Channel) bool { return tried == channel })
	}
}

// consider says it of the first of some channels that reaches the person; "" if
// none does.
func (f *flush) consider(of *offer, by []order.Channel, at time.Time) (Foresight, order.Channel, error) {
	key, channel, why := f.s.way(of.c, by, of.cond, of.member)
	if why != nil {
		return why.verdict(at.Add(campaignAgain)).foresight(), "", nil
	}
	r := order.Reminder{Key: order.ReminderKey{Order: key, Step: order.CampaignStep(of.c.Name), Channel: channel}, Planned: at, Due: at}
	j := f.offerJob(of, of.member.orderOf(key), &r, false)
	v, err := ask(j, f.undisturbed, f.once, f.person, f.agrees)
	if err != nil || v.state != "" {
		return v.foresight(), channel, err
	}
	msg, err := f.write(j)
	if err != nil {
		return textVerdict(err, at).foresight(), channel, nil //nolint:nilerr // it is the verdict
	}
	return Foresight{Message: &msg}, channel, nil
}
