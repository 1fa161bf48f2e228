package crawler

import (
	"fmt"
	"time"

	"nudged/crawler/recipe"
)

// hours are the part of the shop's day in which it may be asked.
type hours struct {
	*recipe.Hours
	zone *time.Location
}

func hoursOf(shop Shop) hours {
	zone := shop.Zone
	if zone == nil {
		zone = time.UTC
	}
	return hours{shop.Recipe.Hours, zone}
}

// shut is when the shop may be asked again; false if that is now.
func (h hours) shut(now time.Time) (time.Time, bool) {
	if h.Hours == nil || h.From == h.To {
		return time.Time{}, false
	}
	now = now.In(h.zone)
	clock := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second
	inside := clock >= h.From && clock < h.To
	if h.From > h.To {
		inside = clock >= h.From || clock < h.To
	}
	if inside {
		return time.Time{}, false
	}
	day := now.Day()
	if clock >= h.From {
		day++
	}
	return time.Date(now.Year(), now.Month(), day, 0, int(h.From/time.Minute), 0, 0, h.zone), true
}

func (h hours) String() string { return clockText(h.From) + "-" + clockText(h.To) }

func clockText(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute)
}

// open is a [BudgetError] outside of the shop's hours.
func (p *pace) open(shop string) error {
	until, shut := p.hours.shut(p.now())
	if !shut {
		return nil
	}
	return &BudgetError{Shop: shop, Hours: p.hours.String(), Until: until}
}
