package notify

import (
	"fmt"
	"slices"
	"time"

	"nudged/store/order"
)

// How long a campaign's message waits before it is asked about again.
const campaignAgain = 6 * time.Hour

// maxSegments bounds how many compiled segments are kept.
const maxSegments = 100

// offer is what the judgement of a campaign's message needs beside its job.
type offer struct {
	c      order.Campaign
	cond   *Condition // nil is everybody
	member Member
}

// offerOf finds the campaign of a reminder, and the person; o is the order on
// record, or as it was read just now.
func (f *flush) offerOf(r *order.Reminder, o order.Order) (*offer, verdict, error) {
	name, _ := r.Key.Campaign()
	again := f.now().Add(configAgain)
	if f.d.o.Campaigns == nil {
		return nil, held(order.CauseConfig, again, "campaigns are not set up"), nil
	}
	c, ok, err := f.d.o.Campaigns.Campaign(name)
	switch {
	case err != nil:
		return nil, verdict{}, fmt.Errorf("campaign %s: %w", name, err)
	case !ok:
		return nil, skipped(order.CauseCampaign, "the campaign %q is not on record", clean(name, maxName)), nil
	}
	cond, err := f.d.segment(c)
	if err != nil {
		return nil, held(order.CauseCondition, again, "whom the campaign is for cannot be read: %v", err), nil
	}
	m, ok, err := f.d.o.Campaigns.Member(r.Key.Order)
	switch {
	case err != nil:
		return nil, verdict{}, fmt.Errorf("the person of %s: %w", r.Key.Order, err)
	case !ok:
		return nil, skipped(order.CauseNoContact, "nobody is on record there any more"), nil
	}
	if !r.Key.Order.ListRow() && m.placeOf(r.Key.Order) < 0 {
		return nil, skipped(order.CauseCampaign, "the shop shows this order itself now"), nil
	}
	return &offer{c: c, cond: cond, member: m.with(r.Key.Order, o)}, verdict{}, nil
}

// segment compiles the one of a campaign, once.
func (d *Dispatcher) segment(c order.Campaign) (*Condition, error) {
	if c.Segment == "" {
		return nil, nil //nolint:nilnil // everybody
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if cond, ok := d.segments[c.Segment]; ok {
		return cond, nil
	}
	cond, err := CompileSegment(c.Segment)
	if err == nil {
		if len(d.segments) >= maxSegments {
			clear(d.segments)
		}
		d.segments[c.Segment] = cond
	}
	return cond, err
}

// with is the member as reached by a key, with its order as it is known now. An
// order that is not the person's, as the record of one that a list told of and the
// shop has shown itself since, does not become theirs.
func (m Member) with(key order.Key, o order.Order) Member {
	m.Key = key
	n := m.placeOf(key)
	if n < 0 {
		return m
	}
	if o.First.IsZero() { // a page does not say when it was read first
		o.First = m.Person.Orders[n].First
	}
	m.Person.Orders = slices.Clone(m.Person.Orders)
	m.Person.Orders[n] = o
	return m
}

// onRecord is the order of a reminder; of a list's row there is none, only the
// person.
func (f *flush) onRecord(key order.ReminderKey) (order.Order, bool, error) {
	if _, ok := key.Campaign(); ok && key.Order.ListRow() {
		return order.Order{Shop: key.Order.Shop, ID: key.Order.ID}, true, nil
	}
	return f.d.o.Register.Order(key.Order)
}

// judgeOffer decides whether a campaign's message may go on.
func (f *flush) judgeOffer(o order.Order, r *order.Reminder, looked bool) (*job, verdict, error) {
	of, v, err := f.offerOf(r, o)
	if err != nil || v.state != "" {
		return &job{r: r, o: o, now: f.now()}, v, err
	}
	j := f.offerJob(of, o, r, looked)
	v, err = f.goesOn(j)
	return j, v, err
}

// goesOn asks all that a campaign's message is asked.
func (f *flush) goesOn(j *job) (verdict, error) {
	return ask(j, f.runs, f.meant, f.undisturbed, f.once, f.addressed, f.person, f.agrees, f.awake, f.room)
}

func (f *flush) offerJob(of *offer, o order.Order, r *order.Reminder, looked bool) *job {
	if r.Key.Order.ListRow() {
		o.Buyer = of.member.Row
	}
	now := f.now()
	j := &job{
		r: r, o: o, looked: looked, now: now, offer: of, person: of.member.Person,
		step: campaignStep(of.c, r.Key.Channel), quiet: f.s.hoursOf(o, now), deadline: ends(of.c, now),
	}
	j.mine = slot{Reminder: *r, step: j.step, wants: r.Planned}
	return j
}

// runs checks that the campaign goes out at all, and now.
func (f *flush) runs(j *job) (verdict, error) {
	c := j.offer.c
	switch {
	case c.State == order.CampaignOver || !j.now.Before(j.deadline):
		return skipped(order.CauseCampaign, "the campaign is over"), nil
	case c.State != order.CampaignRunning:
		return held(order.CauseCampaign, j.now.Add(configAgain), "the campaign is stopped; `nudged campaign send %s` goes on with it", clean(c.Name, maxName)), nil
	case !f.s.Live():
		return held(order.CauseConfig, j.now.Add(configAgain), "campaigns go out in live mode only"), nil
	case j.now.Before(c.From):
		return verdict{state: order.Planned, due: c.From}, nil
	}
	return verdict{}, nil
}

// meant checks that the campaign still is for this person, by this order.
func (f *flush) meant(j *job) (verdict, error) {
	of := j.offer
	if last, ok := of.member.last(); ok && of.cond.asksLast() && last.Key() != j.r.Key.Order {
		return skipped(order.CauseCampaign, "this person has ordered again since: %s", called(last)), nil
	}
	why := paidOf(of.c, of.member, j.now) // it may be why they are not meant any more
	if why == nil {
		why = f.s.means(of.c, of.cond, of.member, j.now)
	}
	return why.verdict(j.now.Add(campaignAgain)), nil
}

// undisturbed checks that nobody gets an offer who is being reminded of an order,
// however long that has been open, or who waits for an answer.
func (f *flush) undisturbed(j *job) (verdict, error) {
	for _, told := range j.offer.member.Told {
		if told.State == order.Replied && lately(told.Changed, j.now, againWithin) {
			return held(order.CauseReplied, j.now.Add(campaignAgain), "this person has answered a message of late: a person goes on from there"), nil
		}
	}
	for _, o := range j.person.Orders {
		if !waiting(o) {
			continue
		}
		all, err := f.d.o.Register.Reminders(o.Key())
		if err != nil {
			return verdict{}, err
		}
		if slices.ContainsFunc(all, func(r order.Reminder) bool { return disturbs(r, j.now) }) {
			return held(order.CauseOpen, j.now.Add(campaignAgain), "this person is being reminded of an open order: %s", called(o)), nil
		}
	}
	return verdict{}, nil
}

// disturbs reports whether a reminder of an open order is still to come, or went
// out of late.
func disturbs(r order.Reminder, now time.Time) bool {
	if _, campaign := r.Key.Campaign(); campaign {
		return false
	}
	return !r.State.Final() || (reached(r.State) && lately(wentOut(r), now, againWithin))
}

// once checks that nobody gets a campaign twice, an offer too soon after another
// one, or two messages together.
func (f *flush) once(j *job) (verdict, error) {
	if f.d.o.Campaigns == nil {
		return verdict{}, nil // nothing ever went out
	}
	had, err := f.d.o.Campaigns.HadCampaign(j.r.Key)
	if err != nil {
		return verdict{}, err
	}
	if had {
		return hadCampaign(), nil
	}
	var free time.Time
	cause, why := order.CauseTogether, "another message to this person went out just before"
	for _, told := range j.offer.member.Told {
		if told.Key.Step == j.r.Key.Step {
			return skipped(order.CauseCampaign, "this person has had a message of this campaign before, by %s", told.Key.Channel), nil
		}
		until := wentOut(told).Add(f.s.minGap())
		if quiet := wentOut(told).Add(j.offer.c.Quiet); f.wasOffer(told.Key) && quiet.After(latest(until, j.now)) {
			until, cause, why = quiet, order.CauseLimit, "this person has had an offer within "+short(j.offer.c.Quiet)
		}
		free = latest(free, until)
	}
	switch {
	case !free.After(j.now):
		return verdict{}, nil
	case !free.Before(j.deadline):
		return skipped(cause, "%s, and later would be after the campaign", why), nil
	}
	return held(cause, free, "%s", why), nil
}

func hadCampaign() verdict {
	return skipped(order.CauseCampaign, "this person has had a message of this campaign before")
}

// wasOffer reports whether a message was marketing, as the config tells now.
func (f *flush) wasOffer(key order.ReminderKey) bool {
	if _, ok := key.Campaign(); ok {
		return true
	}
	for _, st := range f.s.stepsOf(key.Order.Shop) {
		if st.Name == key.Step && f.class(key.Order.Shop, st) == Marketing {
			return true
		}
	}
	return false
}

// addressed checks that the contact is still there. A campaign is not so urgent
// that it goes by another one.
func (f *flush) addressed(j *job) (verdict, error) {
	if Usable(j.o.Buyer, j.r.Key.Channel) {
		return verdict{}, nil
	}
	return skipped(order.CauseNoContact, "no usable %s contact of this person is known any more", j.r.Key.Channel), nil
}

func (f *flush) agrees(j *job) (verdict, error) { return f.mayMarket(j, j.step, j.r.Key.Channel) }

// awake moves what would go out in the person's quiet hours.
func (f *flush) awake(j *job) (verdict, error) {
	if !j.quiet.in(j.now) {
		return verdict{}, nil
	}
	return j.moved(j.quiet.end(j.now)), nil
}

// moved plans the message for later; not after the campaign's end, at which it is
// told that it is over.
func (j *job) moved(to time.Time) verdict {
	if to = latest(to, j.now.Add(time.Minute)); to.After(j.deadline) {
		to = j.deadline
	}
	return verdict{state: order.Planned, due: to}
}

// room keeps the campaign's rate, also after the program was away and all is due
// at once: those for whom there is no room stand in line.
func (f *flush) room(j *job) (verdict, error) {
	c := j.offer.c
	if c.Rate.Count <= 0 || c.Rate.Per <= 0 {
		return verdict{}, nil
	}
	n, oldest, err := f.d.o.Campaigns.CampaignOut(c.Name, j.now.Add(-c.Rate.Per))
	if err != nil {
		return verdict{}, fmt.Errorf("messages of the campaign %s: %w", c.Name, err)
	}
	if n < c.Rate.Count {
		return verdict{}, nil
	}
	nth := f.waits[c.Name]
	f.waits[c.Name]++
	return j.moved(j.quiet.end(oldest.Add(c.Rate.Per + time.Duration(nth)*apartOf(c.Rate)))), nil
}
