package config

import "time"

// monday is where simulated weeks begin: any week without a clock change does.
func monday(zone *time.Location) time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, zone) }

// shortest gap between two visits of a schedule, 0 if it has none.
func (s Schedule) shortest(zone *time.Location) time.Duration {
	if s.next == nil || zone == nil {
		return 0
	}
	var best time.Duration
	at := s.Next(monday(zone))
	for range 200 {
		next := s.Next(at)
		if next.IsZero() {
			break
		}
		if gap := next.Sub(at); best == 0 || gap < best {
			best = gap
		}
		at = next
	}
	return best
}

// gaps gives the longest time between two visits of a schedule, and which share
// of orders, placed at any time, is closed before a visit sees it.
func (s Schedule) gaps(zone *time.Location, closes time.Duration) (longest time.Duration, unseen float64) {
	start := monday(zone)
	visits, _ := timetable(s, start)
	var missed, all time.Duration
	before := start
	for _, at := range visits {
		gap := at.Sub(before)
		longest, all, missed = max(longest, gap), all+gap, missed+max(0, gap-closes)
		before = at
	}
	if all == 0 {
		return 0, 0
	}
	return longest, missed.Seconds() / all.Seconds()
}

// timetable lists the visits of a week, of a year where they are rare. Of visits
// within one minute it keeps one: more would only cost time.
func timetable(s Schedule, start time.Time) (visits []time.Time, span time.Duration) {
	span = 8 * day
	for at := s.Next(start); !at.IsZero() && at.Before(start.Add(366*day)); at = s.Next(at.Add(time.Minute - 1)) {
		if at.After(start.Add(span)) {
			if len(visits) >= 7 {
				return visits, span - day
			}
			span = 366 * day
		}
		visits = append(visits, at)
	}
	return visits, span
}
