package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
)

// day is what happened in one, as the demo's own people know it.
type day struct {
	n                            int // from 0
	orders, paid, heeded, closed int
	mails                        int
	notes                        []string
}

// Days on which something is wrong, the first of which is 0.
const (
	dayDown   = 10 // the tea house cannot be read
	dayCode   = 15 // the other shop asks for a one-time code, until the next morning
	askedFrom = 17 * time.Hour

	dayCampaign  = 17 // who left an order unpaid hears that it can be had again
	campaignFrom = 13 * time.Hour
	demoCampaign = "again"
)

// turns are the hours of a day at which something happens: a shop is visited if
// its own schedule wanted that since the last one, and what is due is sent.
func turns() []time.Duration {
	return []time.Duration{
		10 * time.Hour, 11 * time.Hour, 13 * time.Hour, 15 * time.Hour, 17 * time.Hour, 19 * time.Hour, 20*time.Hour + 30*time.Minute,
	}
}

// live is one day: visits, what falls due between them, and the evening's digest.
func (d *demo) live(n int) error {
	d.today = day{n: n}
	midnight := d.clock.now()
	if err := d.trouble(n); err != nil {
		return err
	}
	for _, after := range turns() {
		before := d.clock.now()
		d.clock.set(midnight.Add(after))
		if n == dayCode && after == askedFrom {
			d.stages[0].shop.AskCode(true)
			d.stages[0].shop.ExpireSessions()
		}
		if n == dayCampaign && after == campaignFrom {
			if err := d.campaign(); err != nil {
				return err
			}
		}
		if err := d.turn(before); err != nil {
			return fmt.Errorf("at %s: %w", d.clock.now().Format("15:04"), err)
		}
	}
	d.clock.set(midnight.Add(21 * time.Hour))
	if err := d.evening(); err != nil {
		return err
	}
	d.line()
	d.clock.set(midnight.AddDate(0, 0, 1))
	return nil
}

// trouble begins and ends what is wrong on some days.
func (d *demo) trouble(n int) error {
	harbour, tea := d.stages[0], d.stages[1]
	switch n {
	case 0:
		d.note("the first visit: the browser signs in; who ordered before is not written to")
	case dayDown:
		tea.shop.Break(demoshop.Fault{Kind: demoshop.Answer, Status: http.StatusServiceUnavailable})
		d.note("teahouse cannot be read all day: reminders wait, none is sent blindly")
	case dayDown + 1:
		tea.shop.Mend()
	case dayCode:
		d.note("harbour asks for a one-time code: it waits for you, and you get a mail")
	case dayCode + 1:
		harbour.shop.AskCode(false)
		d.note("you have been there: harbour is read again")
		d.spider.Again(harbour.conf.Name)
		return d.app.met(d.ctx, harbour.conf.Name)
	}
	return nil
}

func (d *demo) note(words string) { d.today.notes = append(d.today.notes, words) }

// turn is one moment of a day: people act, nudged does what its daemon would do at
// this hour, and people read what they got.
func (d *demo) turn(before time.Time) error {
	for _, st := range d.stages {
		if err := st.act(d.clock.now(), &d.today); err != nil {
			return err
		}
	}
	if err := d.app.readInbox(d.ctx); err != nil {
		return err
	}
	for _, st := range d.stages {
		if err := d.work(st, missed(zoned{st.conf.Visit, st.conf.Zone}, before, d.clock.now())); err != nil {
			return err
		}
	}
	if err := d.keep("reply", func() error { return d.app.tellReplies(d.ctx) }); err != nil {
		return err
	}
	return d.keep("alert", func() error { return d.app.tellAlerts(d.ctx) })
}

// work visits a shop, or sends what is due between visits. That a shop cannot be
// read is part of the story.
func (d *demo) work(st *stage, visit bool) error {
	if visit {
		if _, err := d.app.flow(d.ctx, st.conf, false); err != nil && !d.meant(st, err) {
			return err
		}
	} else if err := d.between(st); err != nil {
		return err
	}
	if err := d.deliver(); err != nil {
		return err
	}
	return d.keep("needs", func() error { return d.app.tellNeed(d.ctx, st.conf.Name) })
}

func (d *demo) between(st *stage) error {
	leave, err := d.app.enter(d.ctx, st.conf.Name)
	if err != nil {
		return err
	}
	defer leave()
	_, err = d.app.tell(d.ctx, st.conf.Name)
	return err
}

// meant reports whether a visit is to fail so on this day.
func (d *demo) meant(st *stage, err error) bool {
	var needs *crawler.NeedsYouError
	var away *crawler.UnavailableError
	switch {
	case errors.As(err, &needs):
		return d.today.n == dayCode && st == d.stages[0]
	case errors.As(err, &away):
		return d.today.n == dayDown && st == d.stages[1]
	}
	return false
}

func (d *demo) evening() error {
	return d.keep("digest", func() error {
		from, to, due, err := d.app.digestDay(d.clock.now())
		if err != nil || !due {
			return errors.Join(err, errors.New("no digest is due in the evening"))
		}
		return d.app.sendDigest(d.ctx, from, to)
	})
}

// line prints a day.
func (d *demo) line() {
	t := d.today
	if t.n%7 == 0 && t.n > 0 {
		d.printf("\n")
	}
	d.printf("%s  %2d ordered  %2d paid  %2d reminded  %2d paid after that  %2d closed unpaid\n",
		d.clock.now().Format("Mon _2 Jan"), t.orders, t.paid-t.heeded, t.mails, t.heeded, t.closed)
	for _, note := range t.notes {
		d.printf("            %s\n", note)
	}
}
