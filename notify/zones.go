package notify

import (
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"

	"nudged/store/order"
)

// NewZones gives a function that tells the time zones in which a number may be, by
// its prefix; none if the number does not tell. A mobile number of a large country
// may be in several. It reads each zone's rules once, and may be called from
// several goroutines. Source: the tables of libphonenumber.
func NewZones() func(order.Phone) []*time.Location {
	var mu sync.Mutex
	known := map[string]*time.Location{}
	load := func(name string) (*time.Location, error) {
		if zone, ok := known[name]; ok {
			return zone, nil
		}
		zone, err := time.LoadLocation(name)
		if err == nil {
			known[name] = zone
		}
		return zone, err
	}
	return func(p order.Phone) []*time.Location {
		mu.Lock()
		defer mu.Unlock()
		return zonesOf(p, load)
	}
}

func zonesOf(p order.Phone, load func(string) (*time.Location, error)) []*time.Location {
	if p == "" {
		return nil
	}
	names, err := phonenumbers.GetTimezonesForPrefix(p.Reveal())
	if err != nil { // it has something else than digits
		return nil
	}
	var zones []*time.Location
	for _, name := range names {
		if name == phonenumbers.UNKNOWN_TIMEZONE {
			continue
		}
		if zone, err := load(name); err == nil { // a zone that this system has no rules of tells nothing
			zones = append(zones, zone)
		}
	}
	return zones
}

// hours are the quiet hours of one person, who may be in any of some zones: it is
// quiet when it is quiet in one of them.
type hours struct {
	q     Quiet
	zones []*time.Location
}

// hoursOf the buyer of an order: in the zones of the phone number, else in the
// shop's. Zones that leave no time of the day in which it is quiet in none of
// them, as of a number that is valid all around the world, tell nothing.
func (s Settings) hoursOf(o order.Order, now time.Time) hours {
	own := hours{s.Quiet, []*time.Location{s.Shops[o.Shop].zone()}}
	if s.Zones == nil || o.Buyer.Phone == "" || s.Quiet.From == s.Quiet.To {
		return own
	}
	there := hours{s.Quiet, s.Zones(o.Buyer.Phone)}
	if len(there.zones) == 0 || there.in(there.end(now)) {
		return own
	}
	return there
}

// in reports whether it is quiet.
func (h hours) in(t time.Time) bool { return h.quietIn(t) != nil }

// quietIn is the first zone in which it is quiet, nil if it is in none.
func (h hours) quietIn(t time.Time) *time.Location {
	for _, zone := range h.zones {
		if h.q.In(t, zone) {
			return zone
		}
	}
	return nil
}

// end is when the quiet hours around t are over; t itself if it is not quiet. If
// they never are, the answer is quiet as well.
func (h hours) end(t time.Time) time.Time {
	last := t.Add(48 * time.Hour)
	for zone := h.quietIn(t); zone != nil && t.Before(last); zone = h.quietIn(t) {
		end := h.q.End(t, zone)
		if !end.After(t) {
			return t
		}
		t = end
	}
	return t
}

// start is when the quiet hours around t began; t itself if it is not quiet.
func (h hours) start(t time.Time) time.Time {
	first := t.Add(-48 * time.Hour)
	for zone := h.quietIn(t); zone != nil && t.After(first); {
		t = h.q.Start(t, zone)
		if zone = h.quietIn(t.Add(-time.Second)); zone != nil {
			t = t.Add(-time.Second)
		}
	}
	return t
}

// next is when quiet hours begin after t.
func (h hours) next(t time.Time) time.Time {
	var first time.Time
	for _, zone := range h.zones {
		night := wall(t, h.q.From, 0, zone)
		if !night.After(t) {
			night = wall(t, h.q.From, 1, zone)
		}
		if first.IsZero() || night.Before(first) {
			first = night
		}
	}
	return first
}

// later is d after t by a clock that stands still in quiet hours.
func (h hours) later(t time.Time, d time.Duration) time.Time {
	for range 60 { // nights; more than any lateness that makes sense
		t = h.end(t)
		night := h.next(t)
		if h.q.From == h.q.To || !night.Before(t.Add(d)) || h.in(t) {
			break
		}
		d -= night.Sub(t)
		t = night
	}
	return t.Add(d)
}
