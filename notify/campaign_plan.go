package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// PlanCampaign gives people whom a campaign is for their messages, spread by its
// rate over its window, to nobody in quiet hours. Whoever has paid most often
// comes first, then whoever has ordered last. People for whom there is no room
// before the end of the window get none: the answer is shorter then.
//
// It is pure. Who is one of people, [Dispatcher.Consider] has said; when the
// message is due it is asked again.
func PlanCampaign(s Settings, c order.Campaign, people []Member, now time.Time) []order.Reminder {
	var cond *Condition
	if c.Segment != "" {
		var err error
		if cond, err = CompileSegment(c.Segment); err != nil {
			return nil
		}
	}
	queue := newQueue()
	for _, m := range firstComeFirst(people) {
		by := c.By
		if m.By != "" {
			by = []order.Channel{m.By}
		}
		key, channel, why := s.way(c, by, cond, m)
		if why != nil {
			continue
		}
		rk := order.ReminderKey{Order: key, Step: order.CampaignStep(c.Name), Channel: channel}
		queue.add(rk, s.hoursOf(m.orderOf(key), now))
	}
	return queue.spread(latest(now, c.From), ends(c, now), apartOf(c.Rate), now)
}

// Resume are those of all messages of a campaign that wait and that a plan leaves
// out: their people do not fit any more, or there is no room for them. They are
// due at once, and [Dispatcher.Flush] says what becomes of them; a campaign that
// was stopped would keep them for ever. They go to the outbox before the plan,
// which may have another time for one of them under another key.
func Resume(all, planned []order.Reminder, now time.Time) []order.Reminder {
	has := map[order.ReminderKey]bool{}
	for _, r := range planned {
		has[r.Key] = true
	}
	var out []order.Reminder
	for _, r := range all {
		if !r.State.Final() && r.State != order.Sending && !has[r.Key] {
			r.Planned, r.Due, r.Changed = now, now, now
			out = append(out, r)
		}
	}
	return out
}

// firstComeFirst sorts people by who is to be written to first.
func firstComeFirst(people []Member) []Member {
	out := slices.Clone(people)
	slices.SortStableFunc(out, func(a, b Member) int {
		return cmp.Or(
			cmp.Compare(b.Person.payments(), a.Person.payments()),
			b.lastOrder().Compare(a.lastOrder()),
			cmp.Compare(a.Key.String(), b.Key.String()),
		)
	})
	return out
}

// apartOf a rate is the time from one message to the next.
func apartOf(rate order.Limit) time.Duration {
	if rate.Count <= 0 {
		return 0
	}
	return (rate.Per + time.Duration(rate.Count) - 1) / time.Duration(rate.Count)
}

// queue is who waits for a campaign's message: of those who share their quiet
// hours, one after the other.
type queue struct {
	lanes map[string]*lane
	n     int
}

type lane struct {
	quiet hours
	next  []turn
}

type turn struct {
	nth int
	key order.ReminderKey
}

func newQueue() *queue { return &queue{lanes: map[string]*lane{}} }

func (q *queue) add(key order.ReminderKey, quiet hours) {
	name := quiet.name()
	if q.lanes[name] == nil {
		q.lanes[name] = &lane{quiet: quiet}
	}
	q.lanes[name].next = append(q.lanes[name].next, turn{q.n, key})
	q.n++
}

// name of the quiet hours, by which equal ones are told.
func (h hours) name() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d-%d", h.q.From, h.q.To)
	for _, zone := range h.zones {
		b.WriteString(" " + zone.String())
	}
	return b.String()
}

// spread gives the messages their times from begin on, apart from each other. At
// each time the first one goes who is not asleep.
func (q *queue) spread(begin, end time.Time, apart time.Duration, now time.Time) []order.Reminder {
	var out []order.Reminder
	for at := begin; len(out) < q.n && at.Before(end); {
		l, wakes := q.awake(at)
		if l == nil {
			if !wakes.After(at) {
				break // there is no hour in which they are not asleep
			}
			at = wakes
			continue
		}
		out = append(out, order.Reminder{Key: l.next[0].key, State: order.Planned, Planned: at, Due: at, Changed: now})
		l.next = l.next[1:]
		at = at.Add(apart)
	}
	return out
}

// awake is the lane of the first one in the queue who is not asleep, or when the
// next one wakes up.
func (q *queue) awake(at time.Time) (first *lane, wakes time.Time) {
	for _, l := range q.lanes {
		if len(l.next) == 0 {
			continue
		}
		if end := l.quiet.end(at); end.After(at) {
			if wakes.IsZero() || end.Before(wakes) {
				wakes = end
			}
			continue
		}
		if l.quiet.in(at) {
			continue // they are always asleep
		}
		if first == nil || l.next[0].nth < first.next[0].nth {
			first = l
		}
	}
	return first, wakes
}
