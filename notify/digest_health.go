package notify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

func (m digestMaker) needs(d *digest) {
	d.NeedsCount = len(m.f.Needs) + len(m.f.Statuses) + len(m.f.HandOffs) + len(m.f.Lost)
	shown := m.f.Needs[:min(len(m.f.Needs), maxNeeds)]
	d.MoreNeeds = len(m.f.Needs) - len(shown)
	for _, n := range shown {
		d.Needs = append(d.Needs, n.view())
	}
	for _, s := range m.f.Statuses[:min(len(m.f.Statuses), maxNeeds)] {
		d.Statuses = append(d.Statuses, UnknownStatus{
			Shop: clean(s.Shop, maxName), Recipe: clean(s.Recipe, maxTitle), Text: clean(s.Text, maxName), Orders: s.Orders, Line: clean(s.Line, maxTitle), Copy: clean(s.Copy, maxTitle),
		})
	}
}

func (n Need) view() needView {
	return needView{Kind: n.Kind, Shop: clean(n.Shop, maxName), Recipe: clean(n.Recipe, maxTitle), Words: strings.TrimRight(cleanWords(n.Words), " .。"), Do: clean(n.Do, maxLine)}
}

// holds tells what the seller might have wanted out from what is as it should be.
func (m digestMaker) holds(d *digest) {
	for _, h := range m.f.Holds {
		if h.Count < 1 {
			continue
		}
		v := holdView{Cause: string(h.Cause), Count: h.Count, Do: clean(cmp.Or(h.Do, command(h)), maxTitle)}
		if m.f.Language == "" || localeLanguage(m.f.Language) == "en" {
			v.Detail = cleanWords(h.Detail)
		}
		var shops []string
		for _, s := range h.Shops[:min(len(h.Shops), 3)] {
			shops = append(shops, cleanStep(s))
		}
		if v.Shops = strings.Join(shops, ", "); len(h.Shops) > 3 {
			v.Shops += "…"
		}
		switch {
		case !asMeant(h.Cause):
			d.HeldCount += h.Count
			if len(d.Held) < maxHolds {
				d.Held = append(d.Held, v)
			}
		case len(d.Fine) < maxHolds:
			d.Fine = append(d.Fine, v)
		}
	}
	most := func(a, b holdView) int { return b.Count - a.Count }
	slices.SortStableFunc(d.Held, most)
	slices.SortStableFunc(d.Fine, most)
}

// asMeant reports whether a reminder was left out as it should be.
func asMeant(c order.Cause) bool {
	switch c {
	case order.CausePaid, order.CauseClosed, order.CauseBeforeEnabled, order.CauseZero, order.CauseTogether, order.CauseSuppressed, order.CauseTwice,
		order.CauseReplied, order.CauseCondition, order.CausePayment, order.CauseBounce, order.CauseLimit, order.CauseCampaign:
		return true
	}
	return false
}

// command is the one thing to type or to write for a hold; "" where there is
// nothing to do but to wait.
func command(h Hold) string {
	switch h.Cause {
	case order.CauseShop, order.CauseLook:
		if len(h.Shops) == 1 {
			return "nudged crawl " + h.Shops[0]
		}
		return "nudged crawl"
	case order.CauseBudget:
		return "max_pages_per_hour: 600"
	case order.CauseSender:
		return "nudged check --online"
	case order.CauseTooLate:
		return "max_lateness: 12h"
	case order.CauseConfig:
		return "nudged check"
	case order.CauseConsent:
		return "soft_opt_in: true"
	case order.CauseStatus, order.CauseText, order.CauseCrash:
		return "nudged why ORDER"
	}
	return ""
}

// unread is after how long without a good visit the subject says so.
const unread = 24 * time.Hour

// health sums up how well the shops could be read.
func (m digestMaker) health(d *digest) {
	var good time.Time
	for _, s := range m.f.Shops {
		if s.Outcome == order.OK {
			s.LastGood = latest(s.LastGood, s.LastVisit)
		}
		good = latest(good, s.LastGood)
		d.Shops = append(d.Shops, m.shop(s))
	}
	// The shops in trouble come first, also where the list is cut.
	slices.SortStableFunc(d.Shops, func(a, b shopView) int {
		switch {
		case a.Good == b.Good:
			return 0
		case b.Good:
			return -1
		}
		return 1
	})
	if len(d.Shops) > maxShops {
		d.MoreShops, d.MoreShopsTrouble, d.Shops = len(d.Shops)-maxShops, !d.Shops[maxShops].Good, d.Shops[:maxShops]
	}
	d.NothingRead = len(m.f.Shops) > 0 && m.f.To.Sub(good) > unread
	d.NeverVisited = d.NothingRead && !slices.ContainsFunc(m.f.Shops, func(s ShopDay) bool { return !s.LastVisit.IsZero() || s.Visits > 0 })
	if !good.IsZero() {
		d.ReadSince = m.at(good)
	}
}

func (m digestMaker) shop(s ShopDay) shopView {
	v := shopView{
		Name: clean(s.Name, maxName), Outcome: clean(s.Outcome, maxName), Words: cleanWords(s.Words),
		Good: s.Outcome == order.OK, Never: s.LastVisit.IsZero(), LastVisit: m.clock(s.LastVisit), LastGood: m.clock(s.LastGood),
		Visits: s.Visits, Failed: s.Failed, Orders: s.Orders, Unpaid: s.Unpaid, Blocked: s.Blocked,
	}
	if s.Waited != nil {
		v.WaitedFrom, v.WaitedTo, v.WaitedFor = m.at(s.Waited.From), m.at(s.Waited.To), cleanWords(s.Waited.Why)
	}
	for _, p := range s.Problems[:min(len(s.Problems), maxProblems)] {
		v.Problems = append(v.Problems, cleanWords(p))
	}
	v.MoreProblems = len(s.Problems) - len(v.Problems)
	return v
}
