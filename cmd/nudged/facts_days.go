package main

import (
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// pictured is how many days the digest draws.
const pictured = 14

// span is a stretch of time, from <= t < to. Its day is midnight of the date that
// most of it lies in.
type span struct{ from, to, day time.Time }

// daysUpTo cuts the time up to a moment into days, the oldest first. A day goes
// from the hour of the digest to the same hour of the next, so that it is the day
// that a digest tells; the last one may still go on. hour is such an hour.
func daysUpTo(to, hour time.Time, zone *time.Location, n int) []span {
	h := hour.In(zone)
	begin := func(day int) time.Time {
		return time.Date(h.Year(), h.Month(), h.Day()+day, h.Hour(), h.Minute(), h.Second(), 0, zone)
	}
	last := int(to.Sub(hour) / aDay)
	for begin(last + 1).Before(to) {
		last++
	}
	for !begin(last).Before(to) {
		last--
	}
	var out []span
	for i := last - n + 1; i <= last; i++ {
		s := span{from: begin(i), to: begin(i + 1)}
		noon := s.from.Add(aDay / 2)
		s.day = time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, zone)
		out = append(out, s)
	}
	out[n-1].to = to
	return out
}

// days counts the last two weeks, and finds the same weekday of last week. What
// was before the first shop was visited is not known.
func (g *gatherer) days() error {
	hour := g.to
	if d := g.a.cfg.Digest; d != nil {
		if at := latest(zoned{d.At, d.Zone}, g.to.AddDate(0, 0, -39), g.to); !at.IsZero() {
			hour = at
		}
	}
	var since time.Time
	for _, at := range g.enabled {
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	spans := daysUpTo(g.to, hour, g.f.Zone, pictured)
	if told := &spans[pictured-1]; g.from.Sub(told.from).Abs() < 3*time.Hour { // one day, to the minute
		told.from, spans[pictured-2].to = g.from, g.from
	}
	for i, s := range spans {
		if since.IsZero() || !since.Before(s.to) {
			continue
		}
		day, err := g.countOf(s)
		if err != nil {
			return err
		}
		g.f.Days = append(g.f.Days, day)
		if i == pictured-1-7 {
			g.f.WeekAgo = &day
		}
	}
	return nil
}

func (g *gatherer) countOf(s span) (notify.DayCount, error) {
	parts, err := g.a.db.Daily(g.ctx, s.from, s.to, g.f.Zone)
	out := notify.DayCount{Day: s.day}
	var sum sums
	for _, p := range parts {
		out.New += p.New.Orders
		out.Paid += p.Paid.Orders - p.Recovered.Orders
		out.Recovered += p.Recovered.Orders
		out.Closed += p.Closed.Orders
		for _, m := range p.Recovered.Sum {
			sum.add(m)
		}
	}
	out.Sum = sum.money()
	if err != nil || !g.begins(s) {
		return out, err
	}
	// The day on which a shop was visited for the first time: what it had is not new.
	orders, all, err := g.changed(s.from, s.to)
	out.New = 0
	for _, o := range orders {
		if g.came(o, all[o.Key()].first) {
			out.New++
		}
	}
	return out, err
}

// begins reports whether a shop was visited for the first time within a span.
func (g *gatherer) begins(s span) bool {
	for _, at := range g.enabled {
		if !at.Before(s.from) && at.Before(s.to) {
			return true
		}
	}
	return false
}

// under reports whether a message belongs to a campaign.
func under(key order.ReminderKey) bool {
	_, campaign := key.Campaign()
	return campaign
}
