package crawler

import (
	"context"
	"net/url"
	"time"

	"nudged/crawler/recipe"
)

// Pace is pace for tests.
type Pace struct{ pace }

// NewPace makes one that never ran.
func NewPace(delay time.Duration) *Pace { return &Pace{pace{now: time.Now, delay: delay}} }

// Wait for the next request.
func (p *Pace) Wait(ctx context.Context) error { return p.wait(ctx) }

// DelayOf a shop at an address.
func DelayOf(address string, own time.Duration) time.Duration {
	base, err := url.Parse(address)
	if err != nil {
		return -1
	}
	var p pace
	p.set(Shop{Recipe: &recipe.Recipe{Delay: own}}, base)
	return p.delay
}
