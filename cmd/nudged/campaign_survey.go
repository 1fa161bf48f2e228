package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// campaignOf is the campaign of a name, ready to be sent: as it was begun, or as
// its file says. began is false for one that is only a file. An offer that is over
// is one of the past.
func (a *app) campaignOf(name string) (c order.Campaign, began bool, warnings config.Problems, err error) {
	if c, began, err = a.db.Campaign(name); err != nil || began {
		return c, began, nil, err
	}
	if !config.IsCampaignName(name) {
		return c, false, nil, misnamed(name)
	}
	read, err := a.loadCampaign(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = a.noCampaign(name)
	}
	if err != nil {
		return c, false, nil, err
	}
	found, err := lintCampaign(a.cfg, a.texts, read)
	return read.Campaign, false, append(read.Warnings, found...), err
}

// loadCampaign reads the file of a campaign. What is wrong in it is
// [config.Problems].
func (a *app) loadCampaign(name string) (*config.Campaign, error) {
	c, err := config.LoadCampaign(a.cfg.CampaignFile(name), a.cfg, a.texts, a.now())
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) {
		err = &usageError{err}
	}
	return c, err
}

// misnamed says that a campaign cannot have this name.
func misnamed(name string) error {
	return &usageError{fmt.Errorf("%q cannot name a campaign; take letters, digits, - and _, at most 30", name)}
}

// survey is whom a campaign is for, by what is on record now.
type survey struct {
	c      order.Campaign
	now    time.Time
	meant  []notify.Member  // who would get it
	others int              // whom it is not for
	nots   []surveyNot      // who fits and gets none all the same
	plan   []order.Reminder // the messages, with their times
	texts  []notify.Message // the first of each shop and channel
	cost   order.Money      // of the text messages
	parts  int              // of the text messages
	sms    int              // how many get it by text message
	still  []string         // why nothing goes out for now, of shops
	later  []notify.Member  // whom something keeps from it that passes
}

// surveyNot are those whom a campaign leaves out for one cause.
type surveyNot struct {
	Cause  order.Cause `json:"cause"`
	Count  int         `json:"count"`
	Reason string      `json:"reason"` // of the first of them
	Later  bool        `json:"later"`  // it passes: they may get it when it is sent once more
}

// survey asks of everybody on record whether a campaign is for them.
func (a *app) survey(ctx context.Context, c order.Campaign) (*survey, error) {
	v := &survey{c: c, now: a.now()}
	var cond *notify.Condition
	if c.Segment != "" {
		var err error
		if cond, err = notify.CompileSegment(c.Segment); err != nil {
			return nil, fmt.Errorf("whom campaign %s is for cannot be read: %w", c.Name, err)
		}
	}
	at := v.now
	if c.From.After(at) {
		at = c.From
	}
	people := members{a.db}
	err := a.db.Buyers(ctx, 0, func(b store.Buyer) (bool, error) {
		m, err := people.memberOf(b)
		if err != nil {
			return false, err
		}
		return true, v.ask(a, cond, m, at)
	})
	if err != nil {
		return nil, err
	}
	v.plan = notify.PlanCampaign(a.settings, c, v.meant, v.now)
	if v.still, err = a.stills(ctx, v.plan); err != nil {
		return nil, err
	}
	slices.SortStableFunc(v.nots, func(x, y surveyNot) int { return y.Count - x.Count })
	return v, nil
}

func (v *survey) ask(a *app, cond *notify.Condition, m notify.Member, at time.Time) error {
	if fits, why := a.settings.Members(v.c, cond, m, at); !fits && why.Cause == order.CauseCampaign {
		v.others++
		return nil
	}
	f, err := a.dispatcher.Consider(v.c, m, at)
	switch {
	case err != nil:
		return err
	case f.State != "":
		v.not(f)
		if !f.State.Final() {
			v.later = append(v.later, m)
		}
		return nil
	}
	m.By = f.Message.Key.Channel
	v.meant = append(v.meant, m)
	v.say(a, f.Message)
	return nil
}

func (v *survey) not(f notify.Foresight) {
	i := slices.IndexFunc(v.nots, func(n surveyNot) bool { return n.Cause == f.Cause })
	if i < 0 {
		i = len(v.nots)
		v.nots = append(v.nots, surveyNot{Cause: f.Cause, Reason: f.Reason, Later: !f.State.Final()})
	}
	v.nots[i].Count++
}

// say counts a message, and keeps it if it is the first of its shop and channel.
func (v *survey) say(a *app, m *notify.Message) {
	if m.Key.Channel == order.BySMS {
		v.sms++
	}
	parts, cost := a.price(*m)
	v.parts += parts
	if cost.Currency != "" { // one price, so one currency
		v.cost.Currency = cost.Currency
		v.cost.Minor += cost.Minor
	}
	if !slices.ContainsFunc(v.texts, func(t notify.Message) bool {
		return t.Key.Order.Shop == m.Key.Order.Shop && t.Key.Channel == m.Key.Channel
	}) {
		v.texts = append(v.texts, *m)
	}
}

// noRoom is how many are left over at the end of the campaign's window.
func (v *survey) noRoom() int { return len(v.meant) - len(v.plan) }

// span is when the first and the last message would go out.
func (v *survey) span() (first, last time.Time) {
	for _, r := range v.plan {
		if first.IsZero() || r.Due.Before(first) {
			first = r.Due
		}
		if r.Due.After(last) {
			last = r.Due
		}
	}
	return first, last
}

// dropped are the messages that wait and whose people do not fit any more: at their
// turn they are given up.
func (v *survey) dropped(a *app, waiting []order.Reminder) (map[order.ReminderKey]bool, error) {
	fits := byKey(v.meant, v.later)
	out := map[order.ReminderKey]bool{}
	for _, r := range waiting {
		if fits[r.Key.Order] != nil {
			continue
		}
		b, found, err := a.db.BuyerOf(r.Key.Order) // they may be reached by another order since
		if err != nil {
			return nil, err
		}
		if !found || fits[b.Key] == nil {
			out[r.Key] = true
		}
	}
	return out, nil
}

// byKey finds the person of a message.
func byKey(people ...[]notify.Member) map[order.Key]*notify.Member {
	out := map[order.Key]*notify.Member{}
	for _, some := range people {
		for i := range some {
			m := &some[i]
			out[m.Key] = m
			for _, o := range m.Person.Orders {
				out[o.Key()] = m
			}
		}
	}
	return out
}
