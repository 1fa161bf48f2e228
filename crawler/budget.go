package crawler

import (
	"context"
	"math/rand/v2"
	"net/url"
	"time"
)

const (
	defaultPages = 300         // in an hour
	floor        = time.Second // between two requests to a shop, but for one on this machine
)

// pace keeps the spider polite: a pause before each request, and no more than
// so many pages in any hour.
type pace struct {
	now   func() time.Time
	limit int
	delay time.Duration
	last  time.Time   // when the last request began
	spent []time.Time // pages of the last hour, oldest first
}

func (p *pace) set(shop Shop, base *url.URL) {
	p.limit, p.delay = shop.PagesPerHour, max(floor, shop.Recipe.Delay)
	if p.limit == 0 {
		p.limit = defaultPages
	}
	if loopback(base) {
		p.delay = 0
	}
}

// page takes one page out of the budget.
func (p *pace) page(shop string) error {
	now := p.now()
	old := 0
	for old < len(p.spent) && !p.spent[old].After(now.Add(-time.Hour)) {
		old++
	}
	p.spent = p.spent[old:]
	if len(p.spent) >= p.limit {
		return &BudgetError{Shop: shop, Limit: p.limit, Until: p.spent[len(p.spent)-p.limit].Add(time.Hour)}
	}
	p.spent = append(p.spent, now)
	return nil
}

// wait keeps the distance to the request before. Up to a third is added to it,
// so that requests do not come by the clock.
func (p *pace) wait(ctx context.Context) error {
	defer func() { p.last = p.now() }()
	if p.delay == 0 {
		return context.Cause(ctx)
	}
	jitter := rand.N(p.delay/3 + 1)
	return sleep(ctx, p.delay+jitter-p.now().Sub(p.last))
}

// sleep ends early, with the cause, when ctx does.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
