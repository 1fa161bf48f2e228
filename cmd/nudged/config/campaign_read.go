package config

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// What a campaign does where its file says nothing.
const (
	campaignLasts = 14 * day // from its begin
	campaignQuiet = 30 * day // nobody gets two offers within this time
)

// campaignRate keeps a mail account in good standing.
func campaignRate() order.Limit { return order.Limit{Count: 100, Per: time.Hour} }

// campaignReader reads one file. What it shares with the config's reader is the
// form of values, and what the config knows of shops and ways to a buyer.
type campaignReader struct {
	loader
	c    *Campaign
	m    mapping
	now  time.Time
	zone *time.Location
}

func (r *campaignReader) read(v value) {
	m, ok := v.mapping(campaignSection)
	if !ok {
		return
	}
	r.m = m
	c := &r.c.Campaign
	r.called(m.get("name"))
	if at, ok := m.need("to", "who gets it, as to: buyer.potential"); ok {
		r.c.Who = r.segment(at)
		c.Segment, _ = at.text()
	}
	c.Shops = fit(m.get("shops"), "campaign", "shops: [buckles]", "shop", func(item value) (string, bool) { return item.shopName(&r.loader) })
	if at, ok := m.need("text", "the text to send, as text: news"); ok {
		c.Text, _ = at.text()
	}
	c.Offer = m.get("offer").offer()
	if at := m.get("link"); at.there() {
		c.Link = r.link(at)
	}
	c.By = r.channels(m.get("by"))
	r.window(m)
	c.Rate = campaignRate()
	if at := m.get("rate"); at.there() {
		if limit, ok := at.limit("100 per 1h", 7*day); ok {
			c.Rate = limit
		}
	}
	c.Quiet = campaignQuiet
	if at := m.get("not_within"); at.there() {
		if d, ok := at.durationIn("d"); ok {
			c.Quiet = d
		}
	}
	r.texted()
}

// called is the name of the file: it is what the commands take, and what keeps a
// campaign from going out to anybody twice. A file may repeat it.
func (r *campaignReader) called(v value) {
	name := strings.TrimSuffix(filepath.Base(r.file.name), campaignExt)
	r.c.Name = name
	if !IsCampaignName(name) {
		r.m.problem("the file gives the campaign its name, and %s cannot be one; call it by letters, digits, - and _, at most 30", quote(name))
		return
	}
	if said, ok := v.text(); ok && said != name {
		v.problem("a campaign is called as its file, and this is %s; leave the name out, or call the file %s", quote(name), quote(said+campaignExt))
	}
}

var (
	// emptyHas is the blank of the ready campaign in-stock.
	emptyHas = regexp.MustCompile(`has\(\s*(?:"\s*"|'\s*')\s*\)`)
	// placeholder is what other programs fill in. An offer goes out as it is written.
	placeholder = regexp.MustCompile(`\{\{.*?\}\}|\{\{.*|\{[^{}]*\}`)
)

// offer is what the seller wants to tell.
func (v value) offer() string {
	text, _ := v.short(300)
	if found := placeholder.FindString(text); found != "" {
		v.problem("%s is not filled in; write the words themselves", quote(found))
	}
	return text
}

// segment compiles who gets it; nil if that was not possible, which is said.
func (r *campaignReader) segment(v value) *notify.Condition {
	src, ok := v.text()
	if !ok {
		return nil
	}
	c, err := notify.CompileSegment(src)
	var wrong *notify.ConditionError
	switch {
	case errors.As(err, &wrong):
		v.within(src, wrong.Line, wrong.Col, wrong.Message)
		v.file.problems[len(v.file.problems)-1].Blank = emptyHas.MatchString(src)
		return nil
	case err != nil:
		v.problem("%s", err)
		return nil
	}
	at := conditionAt{v, src, c}
	at.oneWord(&r.loader)
	at.fits("buyer.kinds", "kind of buyer", r.kinds())
	at.fits("buyer.shops", "shop", r.shopNames())
	at.fits("last.shop", "shop", r.shopNames())
	return c
}

// channels are the ways to a person, the first usable one of which is taken.
func (r *campaignReader) channels(v value) []order.Channel {
	if !v.there() {
		if r.cfg.Email == nil {
			r.m.problem("\"by\" is missing; write by: [sms], or an email section into the config")
		}
		return []order.Channel{order.ByEmail}
	}
	if v.empty() {
		v.problem("no way to the buyer is named; write by: [email]")
	}
	return r.ways(v, "by: [email]", func(at value, c order.Channel) {
		if c == order.ByEmail && r.cfg.Email == nil || c == order.BySMS && r.cfg.SMS == nil {
			at.problem("the campaign goes out by %s, but the config has no %s section; write one", c, c)
		}
	})
}

// window reads from and until. A day alone means all of it.
func (r *campaignReader) window(m mapping) {
	c := &r.c.Campaign
	from, until := m.get("from"), m.get("until")
	begin := r.now
	if from.there() {
		if at, wholeDay, ok := from.when(r.zone); ok {
			c.From = at
			if !endOf(at, wholeDay).After(r.now) {
				from.warn("this is past, so it goes out as soon as you send it")
			}
			if at.After(begin) {
				begin = at
			}
		}
	}
	c.To = begin.Add(campaignLasts)
	if !until.there() {
		return
	}
	at, wholeDay, ok := until.when(r.zone)
	if !ok {
		return
	}
	at = endOf(at, wholeDay)
	c.To = at
	switch {
	case !at.After(r.now):
		p := until.at("this is past, so nobody would get it; write a later day, or leave it out for two weeks from now")
		p.Over = true
		until.file.problems = append(until.file.problems, p)
	case !at.After(c.From):
		until.problem("it would end before it begins; write a day after from")
	case r.cfg.Quiet != nil && at.Sub(begin) < day && r.night(begin, at):
		until.problem("from begin to end there are quiet hours, so nobody would get it; write a later end")
	}
}

// endOf is when a day is over, or a moment that was given with its time.
func endOf(at time.Time, wholeDay bool) time.Time {
	if wholeDay {
		return at.AddDate(0, 0, 1)
	}
	return at
}

// night reports whether a short window lies in quiet hours altogether, on the
// clocks of all the shops.
func (r *campaignReader) night(from, to time.Time) bool {
	q := notify.Quiet{From: r.cfg.Quiet.From, To: r.cfg.Quiet.To}
	for _, shop := range r.shopsFor() {
		for t := from; t.Before(to); t = t.Add(5 * time.Minute) {
			if shop.Zone == nil || !q.In(t, shop.Zone) {
				return false
			}
		}
	}
	return true
}

// when reads a day, or a day and a time, on the seller's clock.
func (v value) when(zone *time.Location) (at time.Time, wholeDay, ok bool) {
	s, ok := v.text()
	if !ok {
		return time.Time{}, false, false
	}
	for layout, whole := range map[string]bool{time.DateOnly: true, "2006-01-02 15:04": false, "2006-01-02T15:04": false} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil && at.Year() >= 2000 {
			return at, whole, true
		}
	}
	v.problem("%s is no day; write for example 2026-12-24, or 2026-12-24 09:00", quote(s))
	return time.Time{}, false, false
}
