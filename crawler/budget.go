package crawler

import (
	"context"
	"math/rand/v2"
	"net/url"
	"slices"
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
	floor time.Duration
	hours hours
	last  time.Time   // when the last request began
	spent []time.Time // pages of the last hour, oldest first

	recalled bool // what an earlier run of the program spent is in it
}

func (p *pace) set(shop Shop, base *url.URL) {
	p.limit, p.delay, p.floor, p.hours = shop.PagesPerHour, max(floor, shop.Recipe.Delay), floor, hoursOf(shop)
	if p.limit == 0 {
		p.limit = defaultPages
	}
	if loopback(base) {
		p.delay, p.floor = 0, 0
	}
}

// page takes one page out of the budget, and leaves some of it for others.
func (p *pace) page(shop string, leave int) error {
	if p.room(leave) <= 0 {
		limit := max(1, p.limit-leave)
		return &BudgetError{Shop: shop, Limit: p.limit, Until: p.spent[len(p.spent)-limit].Add(time.Hour)}
	}
	p.spent = append(p.spent, p.now())
	return nil
}

// room is how many pages may be read now.
func (p *pace) room(leave int) int {
	now := p.now()
	old := 0
	for old < len(p.spent) && !p.spent[old].After(now.Add(-time.Hour)) {
		old++
	}
	p.spent = p.spent[old:]
	return max(1, p.limit-leave) - len(p.spent)
}

// reserve is what a scan of the older pages leaves of each hour: for the newest
// orders, and for looks before something is sent.
func (p *pace) reserve() int { return p.limit / 10 }

// spell is how many pages were read within a minute.
type spell struct {
	Last  int64 `json:"t"` // when the last one was, in Unix seconds; all count as of then
	Pages int   `json:"n"`
}

// spells are the pages of the last hour, to be kept over a restart.
func (p *pace) spells() []spell {
	p.room(0)
	var out []spell
	var began time.Time
	for _, at := range p.spent {
		if len(out) == 0 || at.Sub(began) >= time.Minute {
			began = at
			out = append(out, spell{})
		}
		s := &out[len(out)-1]
		s.Pages++
		s.Last = at.Add(time.Second - 1).Unix()
	}
	return out
}

// recall counts the pages that were read before this program started, so that
// the budget holds over restarts too. Only the first call counts.
func (p *pace) recall(kept []spell) {
	if p.recalled {
		return
	}
	p.recalled = true
	for _, s := range kept {
		// A clock that was set back does not close the shop for longer than an hour.
		at := time.Unix(s.Last, 0)
		if now := p.now(); at.After(now) {
			at = now
		}
		for range min(max(s.Pages, 0), p.limit) {
			p.spent = append(p.spent, at)
		}
	}
	slices.SortStableFunc(p.spent, time.Time.Compare)
}

// wait keeps the distance to the request before. It is longer or shorter by up to
// three tenths, so that requests do not come by the clock, and never below the
// floor.
func (p *pace) wait(ctx context.Context) error {
	defer func() { p.last = p.now() }()
	if p.delay == 0 {
		return context.Cause(ctx)
	}
	pause := max(p.delay*7/10+rand.N(p.delay*6/10+1), p.floor)
	return sleep(ctx, pause-p.now().Sub(p.last))
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
