package notify

import (
	"fmt"
	"slices"

	"nudged/store/order"
)

// class of a step's message: marketing by its text, or by what the step offers.
func (f *flush) class(shop string, st Step) Class {
	if st.Offer != "" {
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
	return f.mayMarket(j, j.step)
}

func (f *flush) mayMarket(j *job, st Step) (verdict, error) {
	shop := f.s.Shops[j.o.Shop]
	if f.class(j.o.Shop, st) != Marketing {
		return verdict{}, nil
	}
	agreed, withdrawn, err := f.agreed(j.o.Buyer)
	switch {
	case err != nil:
		return verdict{}, fmt.Errorf("consent of the buyer of %s: %w", j.o.Key(), err)
	case withdrawn:
		return skipped(order.CauseConsent, "it is marketing, and the buyer has taken the consent back"), nil
	case !agreed && !shop.SoftOptIn:
		return skipped(order.CauseConsent, "it is marketing, and no consent of the buyer is on record"), nil
	}
	if shop.Address == "" && j.r.Key.Channel == order.ByEmail {
		return held(order.CauseConfig, j.now.Add(configAgain), "a marketing mail must name the shop's postal address; write it as address: of the shop"), nil
	}
	return verdict{}, nil
}

func (f *flush) agreed(b order.Buyer) (yes, withdrawn bool, err error) {
	if f.d.o.People == nil {
		return false, false, nil
	}
	c, yes, err := f.d.o.People.Consent(b)
	return yes, c.Withdrawn, err
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
