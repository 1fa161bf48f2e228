package notify

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// How much of a list the digest shows before it points to the command.
const (
	maxOpen      = 8
	maxListed    = 6
	maxHandOffs  = 5
	maxNeeds     = 6
	maxShops     = 12
	maxProblems  = 3
	maxGroups    = 8    // of messages sent, and of what was recovered
	maxHandText  = 1200 // characters of a text to paste
	maxReplies   = 5
	maxReply     = 300 // characters of an answer; the whole of it lies in the mailbox
	maxCampaigns = 6
	maxHolds     = 12
)

// RenderDigest writes the mail: the day in one sentence with what was held back,
// what needs the seller, then the day in lists. The subject of a day on which
// nothing could be read says so.
func RenderDigest(f Facts) (subject, text, htm string, err error) {
	texts, err := loadSeller(f.Language)
	if err != nil {
		return "", "", "", err
	}
	view := newDigest(f, texts.loc)
	view.Subject, err = texts.line("subject", view)
	lead, err2 := texts.line("lead", view)
	view.Lead = lead
	if err := errors.Join(err, err2); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	if text, htm, err = texts.render("", view); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	return view.Subject, text, htm, nil
}

// digestMaker carries what all parts need.
type digestMaker struct {
	f     Facts
	loc   locale
	zone  *time.Location
	shops bool // several, so that lines name theirs
}

func newDigest(f Facts, loc locale) digest {
	m := digestMaker{f: f, loc: loc, zone: cmp.Or(f.Zone, time.UTC), shops: len(f.Shops) > 1}
	d := digest{
		Number: f.Number, Day: loc.date(f.To.In(m.zone)), From: m.at(f.From), To: m.at(f.To), Preview: f.Mode != Live, FirstDay: f.FirstDay,
		Unpaid: f.Unpaid, ClosingSoon: f.ClosingSoon, AtRisk: m.sums(f.AtRisk), New: f.NewCount, Paid: f.Paid, Refunded: f.Refunded,
		Recovered: m.list(f.Recovered, maxListed), Closed: m.list(f.Closed, maxListed), Open: m.list(f.Open, maxOpen),
		Previews: m.messages(f.Previews), Failed: m.messages(f.Failed), Lost: m.messages(f.Lost), Bounced: m.messages(f.Bounced), OptedOut: m.messages(f.OptedOut),
		SentCount: len(f.Sent), Delivered: f.Delivered, Cost: m.sums(f.Cost), Numbers: m.numbers(),
	}
	if midnights(f.From.In(m.zone), f.To.In(m.zone)) > 1 && f.To.Sub(f.From) > 36*time.Hour {
		d.Since = d.From
	}
	if d.Open.Count = max(len(f.Open), f.Unpaid); d.Open.Count > len(d.Open.Lines) { // the list may be the first ones only
		d.Open.More = d.Open.Count - len(d.Open.Lines)
	}
	m.recoveries(&d)
	m.sent(&d)
	m.replies(&d)
	m.needs(&d)
	m.holds(&d)
	m.handOffs(&d)
	m.campaigns(&d)
	m.health(&d)
	d.Quiet = d.New+d.Recovered.Count+d.Closed.Count+d.SentCount+d.Previews.Count+d.Failed.Count+d.Lost.Count+d.Bounced.Count+d.OptedOut.Count+d.ReplyCount == 0
	return d
}

// midnights counts the midnights between two times of one zone.
func midnights(from, to time.Time) int {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}

// near is how far away a day goes by its weekday alone.
const near = 6 * 24 * time.Hour

// clock writes a time by its weekday, if no other day of that name is meant.
func (m digestMaker) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if m.f.To.Sub(t).Abs() < near {
		return m.loc.clock(t.In(m.zone))
	}
	return m.loc.at(t.In(m.zone))
}

func (m digestMaker) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return m.loc.at(t.In(m.zone))
}
