package config

import (
	"sort"
	"strconv"
	"time"

	"nudged/crawler/recipe"
	"nudged/notify"
)

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

// across holds the rules that look at several sections at once.
func (l *loader) across(root mapping) {
	steps := root.get("reminders").step0()
	if len(steps) == 0 {
		return
	}
	if l.cfg.Email == nil && !root.get("email").there() {
		root.get("reminders").problem("steps go out by mail, but there is no email section; write one")
	}
	if l.cfg.Reminders.Mode == Preview && l.cfg.Digest == nil && !root.get("digest").there() {
		root.get("reminders").problem("preview mails every message to you instead of the buyer, but there is no digest section that says where; write one")
	}
	for i, shop := range l.cfg.Shops {
		if shop.Visit.next == nil || shop.Zone == nil {
			continue // said already
		}
		if node := root.get("shops").item(i); shop.AutoClose == 0 && node.child("auto_close").node != node.node {
			continue // it could not be read, which is said already
		}
		if l.tooSlow(root.get("shops").item(i), shop) {
			continue
		}
		l.steps(steps, shop)
	}
}

// steps checks every step for one shop: first the plain cases, which can be said
// plainly, then by planning the orders of a day.
func (l *loader) steps(nodes []value, shop Shop) {
	said := len(l.problems)
	for i, step := range l.cfg.Reminders.Steps {
		if i < len(nodes) {
			l.neverFires(nodes[i], shop, step)
		}
	}
	if len(l.problems) > said {
		return
	}
	closes := shop.AutoClose
	if closes == 0 && shop.Recipe != nil && TellsClose(shop.Recipe) {
		closes = 30 * day // the page will tell; two steps before it can still meet
	}
	for _, p := range notify.Rehearse(l.cfg.Settings(), shop.Name, closes, shop.Visit.shortest(shop.Zone)) {
		if p.Step < len(nodes) {
			nodes[p.Step].problem("at %q %s; move one of them", shop.Name, p.Text)
		}
	}
}

// step0 lists the nodes of the steps.
func (v value) step0() []value {
	if !v.there() {
		return nil
	}
	list := v.child("steps")
	var out []value
	if list.node == nil || list.node == v.node {
		return nil
	}
	for i := range list.node.Content {
		out = append(out, list.item(i))
	}
	return out
}

func (v value) item(i int) value {
	if v.node == nil || i >= len(v.node.Content) {
		return v
	}
	return value{node: resolve(v.node.Content[i]), path: v.path + "[" + strconv.Itoa(i) + "]", file: v.file}
}

// tooSlow reports a shop whose orders are mostly closed before a visit can see
// them, and whether that is so at any hour: then no step need be judged.
func (l *loader) tooSlow(v value, shop Shop) bool {
	if shop.AutoClose == 0 {
		return false
	}
	every := shop.Visit.shortest(shop.Zone)
	always, come := every >= shop.AutoClose, "come every "+human(every)
	if !always {
		longest, unseen := shop.Visit.gaps(shop.Zone, shop.AutoClose)
		if unseen <= 0.5 {
			return false
		}
		come = "are up to " + human(longest) + " apart"
	}
	v.child("visit").problem("orders are closed after %s, but visits %s, so most are never seen open; visit at least every %s",
		human(shop.AutoClose), come, human(max(shop.AutoClose/3, time.Minute).Truncate(time.Minute)))
	return always
}

func (l *loader) neverFires(v value, shop Shop, step Step) {
	after, before := v.child("after"), v.child("before_close")
	switch {
	case step.After == 0 && step.BeforeClose == 0:
		// said already
	case step.BeforeClose > 0 && shop.AutoClose == 0:
		if shop.Recipe != nil && !TellsClose(shop.Recipe) {
			before.problem("%q gives no close time and has no auto_close, so this step can never fire there; write auto_close for the shop, or after", shop.Name)
		}
	case step.BeforeClose > 0 && step.BeforeClose >= shop.AutoClose:
		before.problem("%q closes orders after %s, so %s before the close the order is not there yet; write less than %s",
			shop.Name, human(shop.AutoClose), human(step.BeforeClose), human(shop.AutoClose))
	case step.After > 0 && shop.AutoClose > 0 && step.After >= shop.AutoClose:
		after.problem("%q closes orders after %s, so this step can never fire there; write less than %s",
			shop.Name, human(shop.AutoClose), human(shop.AutoClose))
	case !l.fires(shop, step):
		at := after
		if step.BeforeClose > 0 {
			at = before
		}
		at.problem("at %q this step always falls into quiet hours, between visits or past its max_lateness, so it can never fire; move it, or visit at other hours", shop.Name)
	}
}

// TellsClose reports whether a recipe reads the close time from the page.
func TellsClose(r *recipe.Recipe) bool {
	return r.List.Fields.Closes != nil || r.Detail != nil && r.Detail.Fields.Closes != nil
}

// fires tries orders of every five minutes through a week (a year where visits
// are rare) and reports whether the step goes out for one of them.
func (l *loader) fires(shop Shop, step Step) bool {
	late := notify.Step{After: step.After, BeforeClose: step.BeforeClose, MaxLateness: step.MaxLateness}.Lateness()
	start := monday(shop.Zone)
	visits, span := timetable(shop.Visit, start)
	for made := start; made.Before(start.Add(span)); made = made.Add(5 * time.Minute) {
		i := sort.Search(len(visits), func(i int) bool { return !visits[i].Before(made) })
		if i == len(visits) {
			break
		}
		planned := l.planned(shop, step, made)
		out := planned
		if visits[i].After(out) {
			out = visits[i]
		}
		out = l.cfg.Quiet.End(out)
		closed := shop.AutoClose > 0 && !out.Before(made.Add(shop.AutoClose))
		if !closed && out.Sub(planned) <= late {
			return true
		}
	}
	return false
}

// planned is when a step wants to go out for an order: quiet hours move it to
// their end, or before their beginning when the order would be closed by then.
func (l *loader) planned(shop Shop, step Step, made time.Time) time.Time {
	at := made.Add(step.After)
	if step.BeforeClose > 0 && shop.AutoClose > 0 {
		at = made.Add(shop.AutoClose - step.BeforeClose)
	}
	end := l.cfg.Quiet.End(at)
	if shop.AutoClose == 0 || end.Before(made.Add(shop.AutoClose)) {
		return end
	}
	if start := l.cfg.Quiet.Start(at); start.After(made) {
		return start
	}
	return end
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
