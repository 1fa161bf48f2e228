package main

import (
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
		o, err := g.about(b.Answered.Order) // none of somebody who was erased, or whom we never wrote to
		if err != nil {
			return err
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
