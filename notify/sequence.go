package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// Refusal says why an order gets no reminder.
type Refusal struct {
	Cause  order.Cause
	Reason string
	Hold   bool // it may pass; else it is final
}

// SlowSequence is the name of the built-in sequence of orders that are paid by
// bank transfer and the like.
const SlowSequence = "slow"

// SequenceOf is the sequence of steps that an order gets, with its name: "" for
// the plain steps. With a refusal there are none.
//
// Orders that are paid on delivery get none. Those that are paid by hand (bank
// transfer, cheque, invoice: what the seller lists as offline payment, or says
// so in words that are known) get the first sequence that fits and names their
// payment, else the built-in slow one, in place of the sequence that they would
// have had: money takes days from bank to bank, and whoever is reminded
// meanwhile has already paid. All others get the first sequence that fits, else
// the plain steps.
func (s Settings) SequenceOf(o order.Order, p Person) (steps []Step, name string, none *Refusal) {
	groups := s.groups(o, p)
	switch paymentOf(o, s.Shops[o.Shop].OfflinePayment) {
	case payOnDelivery:
		return nil, "", &Refusal{
			Cause:  order.CausePayment,
			Reason: fmt.Sprintf("the order is paid on delivery (%q)", clean(o.Payment, maxName)),
		}
	case payOffline:
		for _, q := range s.Sequences {
			if len(q.Payment) > 0 && q.fits(o, groups) {
				return q.Steps, q.Name, nil
			}
		}
		return slow(s.plain(o, groups)), SlowSequence, nil
	}
	for _, q := range s.Sequences {
		if q.fits(o, groups) {
			return q.Steps, q.Name, nil
		}
	}
	return s.Steps, "", nil
}

// plain is the sequence of an order whatever its payment.
func (s Settings) plain(o order.Order, groups []string) []Step {
	for _, q := range s.Sequences {
		if len(q.Payment) == 0 && q.fits(o, groups) {
			return q.Steps
		}
	}
	return s.Steps
}

// slow is the sequence of orders that are paid by hand: after three days and
// after seven, by the channels of the first step. Where nothing was to be sent,
// nothing is.
func slow(steps []Step) []Step {
	if len(steps) == 0 {
		return nil
	}
	const day = 24 * time.Hour
	first := steps[0]
	return []Step{
		{Name: "slow-3d", After: 3 * day, By: first.By, All: first.All, Template: "gentle", MaxLateness: day},
		{Name: "slow-7d", After: 7 * day, By: first.By, All: first.All, Template: "helpful", MaxLateness: day},
	}
}

// groups are what the buyer of an order belongs to. Whether a customer has
// lapsed is asked of the day of the order: else an order could change its
// sequence while its reminders go out.
func (s Settings) groups(o order.Order, p Person) []string {
	return p.Groups(s.Levels, s.Lapsed, asOf(o))
}

// asOf is the day that a buyer is judged at when an order of theirs is at hand.
func asOf(o order.Order) time.Time {
	if at := placed(o); !at.IsZero() {
		return at
	}
	return latest(o.Looked, o.Seen)
}

// fits reports whether a sequence is for an order and for one of the groups that
// its buyer belongs to.
func (q Sequence) fits(o order.Order, groups []string) bool {
	if len(q.Shops) > 0 && !slices.Contains(q.Shops, o.Shop) {
		return false
	}
	among := func(g string) bool { return slices.Contains(groups, g) }
	if len(q.Buyers) > 0 && !slices.ContainsFunc(q.Buyers, among) {
		return false
	}
	return len(q.Payment) == 0 || slices.ContainsFunc(q.Payment, func(words string) bool {
		words = foldMethod(words)
		return words != "" && strings.Contains(foldMethod(o.Payment), words)
	})
}
