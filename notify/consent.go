package notify

import (
	"fmt"
	"slices"

	"nudged/store/order"
)

// class of a step's message: marketing by its text, or by what the step offers.
func (f *flush) class(shop string, st Step) Class {
	if st.Offer != "" || st.offers() {
		return Marketing
	}
	c, _ := f.d.texts.Class(f.s.Shops[shop].language(), st.Template)
	return c
}

// consent lets marketing through only to who agreed to it.
func (f *flush) consent(j *job) (verdict, error) {
	if j.step.Name == "" || (!j.looked && j.o.Looked.IsZero()) {
		return verdict{}, nil
	}
	v, err := f.mayMarket(j, j.step, j.r.Key.Channel)
	if err != nil || v.cause != order.CauseConsent || j.looked || j.step.All {
		return v, err
	}
	if other, ok := f.usable(j); ok && !slices.Contains(j.unasked, other) {
		return verdict{}, nil // after the look it goes by that one
	}
	return v, nil
}

// unasked are the channels of the job's step by which it may not go for want of a
// consent.
func (f *flush) unasked(j *job) (out []order.Channel, err error) {
	for _, c := range j.step.By {
		if !Usable(j.o.Buyer, c) {
			continue
		}
		v, err := f.mayMarket(j, j.step, c)
		if err != nil {
			return nil, err
		}
		if v.cause == order.CauseConsent {
			out = append(out, c)
		}
	}
	return out, nil
}

// mayMarket says what speaks against a step that is marketing by one channel.
func (f *flush) mayMarket(j *job, st Step, by order.Channel) (verdict, error) {
	shop := f.s.Shops[j.o.Shop]
	if f.class(j.o.Shop, st) != Marketing {
		return verdict{}, nil
	}
	agreed, withdrawn, err := f.agreed(j, by)
	switch {
	case err != nil:
		return verdict{}, fmt.Errorf("consent of the buyer of %s: %w", j.o.Key(), err)
	case withdrawn:
		return skipped(order.CauseConsent, "it is marketing, and the buyer has taken the consent back"), nil
	case !agreed && !(shop.SoftOptIn && j.bought()):
		return skipped(order.CauseConsent, "it is marketing, and no consent of the buyer to get it by %s is on record", by), nil
	}
	if shop.Address == "" && by == order.ByEmail {
		return held(order.CauseConfig, j.now.Add(configAgain), "a marketing mail must name the shop's postal address; write it as address: of the shop"), nil
	}
	return verdict{}, nil
}

// agreed is about the contact that is written to: who has agreed to mails has not
// agreed to text messages. A consent that was taken back by either contact since
// holds for none; and who has taken one back by any contact gets no campaign by
// another one.
func (f *flush) agreed(j *job, by order.Channel) (yes, withdrawn bool, err error) {
	if f.d.o.People == nil {
		return false, false, nil
	}
	for i, b := range j.contacts() {
		c, ok, err := f.d.o.People.Consent(b)
		if err != nil || c.Withdrawn {
			return false, c.Withdrawn, err
		}
		if i == 0 && ok {
			if _, yes, err = f.d.o.People.Consent(b.By(by)); err != nil {
				return false, false, err
			}
		}
	}
	return yes, false, nil
}

// contacts are those of the order; for a campaign then all of the person.
func (j *job) contacts() []order.Buyer {
	out := []order.Buyer{j.o.Buyer}
	if j.offer == nil {
		return out
	}
	return slices.Concat(out, []order.Buyer{j.offer.member.Contact}, j.offer.member.Contacts)
}

// bought reports whether the person is a buyer, whom a soft opt-in is about. Who
// stands on a list need not be one.
func (j *job) bought() bool {
	return !j.r.Key.Order.ListRow() || j.person.payments() > 0
}

// wanted asks what the seller has written about this order and step, of facts
// that were read just now.
func (f *flush) wanted(j *job) (verdict, error) {
	if !j.looked {
		return verdict{}, nil
	}
	env := NewEnv(f.s, j.o, j.person, j.step, j.sent(), j.now)
	for _, c := range f.s.Exclude {
		switch ok, err := c.Holds(env); {
		case err != nil:
			return j.unjudged(c, err), nil
		case ok:
			return skipped(order.CauseCondition, "the config excludes such orders: %s", c), nil
		}
	}
	if slices.Contains(Reasons(j.o, j.person), SoldOut) {
		return skipped(order.CauseSoldOut, "the shop shows an item of the order as sold out; it is for you to offer something else"), nil
	}
	if j.step.If == nil {
		return verdict{}, nil
	}
	switch ok, err := j.step.If.Holds(env); {
	case err != nil:
		return j.unjudged(j.step.If, err), nil
	case !ok:
		return skipped(order.CauseCondition, "the step's own condition does not hold: %s", j.step.If), nil
	}
	return verdict{}, nil
}

// unjudged holds what a condition cannot be asked about. It is never a yes.
func (j *job) unjudged(c *Condition, err error) verdict {
	return held(order.CauseCondition, j.now.Add(configAgain), "the condition %q cannot be judged: %v", c, err)
}

// sent is how many messages on the order the buyer has had.
func (j *job) sent() int {
	n := 0
	for _, other := range j.others {
		if other.Key != j.r.Key && reached(other.State) {
			n++
		}
	}
	return n
}
