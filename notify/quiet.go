package notify

import "time"

// quietLead is how long before quiet hours a step is planned that had to move
// ahead of them: a visit may be running, and looks take their time.
const quietLead = 30 * time.Minute

// In reports whether a moment lies in quiet hours, by the wall clock of the zone.
func (q Quiet) In(t time.Time, zone *time.Location) bool {
	if q.From == q.To {
		return false
	}
	local := t.In(zone)
	m := local.Hour()*60 + local.Minute()
	if q.From < q.To {
		return q.From <= m && m < q.To
	}
	return m >= q.From || m < q.To
}

// End is when the quiet hours around t are over; t itself if it is not quiet.
func (q Quiet) End(t time.Time, zone *time.Location) time.Time {
	if !q.In(t, zone) {
		return t
	}
	end := wall(t, q.To, 0, zone)
	if !end.After(t) {
		// In the night when clocks go back, the end may come a second time.
		for at := t.Truncate(time.Minute).Add(time.Minute); at.Sub(t) < 3*time.Hour; at = at.Add(time.Minute) {
			if !q.In(at, zone) {
				return at
			}
		}
		end = wall(t, q.To, 1, zone)
	}
	// In the night when clocks go forward, the hour that is skipped may be the very
	// one in which quiet ends: then it ends when the clock next shows more.
	for range 24 * 60 {
		if !q.In(end, zone) {
			return end
		}
		end = end.Add(time.Minute)
	}
	return end
}

// Start is when the quiet hours around t began; t itself if it is not quiet.
func (q Quiet) Start(t time.Time, zone *time.Location) time.Time {
	if !q.In(t, zone) {
		return t
	}
	start := wall(t, q.From, 0, zone)
	if start.After(t) {
		start = wall(t, q.From, -1, zone)
	}
	return start
}

// Later is d after t by a clock that stands still in quiet hours: they are no
// fault of a message that had to wait for their end.
func (q Quiet) Later(t time.Time, d time.Duration, zone *time.Location) time.Time {
	return hours{q, []*time.Location{zone}}.later(t, d)
}

// wall is the moment at which the clock of the zone shows the given minute, days
// after the day of t.
func wall(t time.Time, minute, days int, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+days, minute/60, minute%60, 0, 0, zone)
}
