package main

import (
	"slices"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// backs tells what came back in the day: answers, bounces, opt-outs, and how many
// messages are known to have arrived.
func (g *gatherer) backs() error {
	all, err := g.a.db.Backs(g.ctx, g.from, g.to)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.State == order.Delivered {
			g.f.Delivered++
			continue
		}
		var o order.Order
		if b.Answered.Order != (order.Key{}) { // of somebody who was erased, or whom we never wrote to
			if o, _, err = g.a.db.Order(b.Answered.Order); err != nil {
				return err
			}
		}
		g.back(b, o)
	}
	return nil
}

func (g *gatherer) back(b store.Returned, o order.Order) {
	line := notify.MessageLine{Key: b.Answered.Reminder, Number: o.Number, Name: o.Buyer.Name, At: b.At, Reason: b.Words}
	if line.Key.Order == (order.Key{}) {
		line.Key = order.ReminderKey{Order: b.Answered.Order, Channel: b.Channel}
	}
	switch b.State {
	case order.Replied:
		g.f.Replies = append(g.f.Replies, notify.ReplyLine{Order: g.line(o, b.At), Channel: b.Channel, At: b.At, Words: b.Words})
	case order.Bounced:
		g.f.Bounced = append(g.f.Bounced, line)
	case order.OptedOut:
		line.Reason = "" // it says no more than its heading
		g.f.OptedOut = append(g.f.OptedOut, line)
	}
}

// handedOff reports whether a skipped reminder is for the seller to go on with.
func handedOff(c order.Cause) bool { return c == order.CauseNoContact || c == order.CauseSoldOut }

// plus adds an amount to the sum of its currency.
func plus(sums []order.Money, m order.Money) []order.Money {
	if m.Currency == "" || m.Minor == 0 {
		return sums
	}
	i := slices.IndexFunc(sums, func(s order.Money) bool { return s.Currency == m.Currency })
	if i < 0 {
		return append(sums, m)
	}
	sums[i].Minor += m.Minor
	return sums
}
