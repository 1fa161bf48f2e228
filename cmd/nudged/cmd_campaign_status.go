package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

type campaignStatusCmd struct {
	Name string `arg:"" optional:"" help:"The campaign; all that were sent if none is named."`
	JSON bool   `name:"json" help:"As JSON, for other programs."`
}

func (campaignStatusCmd) remote() {}

// Run tells how campaigns stand.
func (c campaignStatusCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	all, err := c.chosen(a)
	if err != nil {
		return err
	}
	out := []campaignJSON{}
	for _, one := range all {
		st, err := a.standing(s, one)
		if err != nil {
			return err
		}
		out = append(out, st)
	}
	switch {
	case c.JSON:
		return table.JSON(s.stdout, out)
	case len(out) == 0:
		s.sayf("No campaign was sent yet; nudged campaign list shows those that have a file.\n")
		return nil
	case c.Name != "":
		out[0].tell(s, a)
		return nil
	}
	t := table.Table{Columns: []table.Column{
		{Title: "Campaign"}, {Title: "State"}, {Title: "Begun"}, {Title: "People", Right: true}, {Title: "Sent", Right: true}, {Title: "Waiting", Right: true},
		{Title: "Skipped", Right: true}, {Title: "Bounced", Right: true}, {Title: "Replied", Right: true}, {Title: "Opted out", Right: true}, {Title: "Ordered since", Right: true},
	}}
	for _, j := range out {
		t.Add(j.Name, j.State, a.clock(j.Begun), fmt.Sprint(j.People), fmt.Sprint(j.Sent), fmt.Sprint(j.Waiting), fmt.Sprint(j.Skipped),
			fmt.Sprint(j.Bounced), fmt.Sprint(j.Replied), fmt.Sprint(j.OptedOut), strings.Join(append([]string{fmt.Sprint(j.Ordered)}, j.Sums...), ", "))
	}
	return t.Write(s.stdout, s.width)
}

func (c campaignStatusCmd) chosen(a *app) ([]order.Campaign, error) {
	if c.Name == "" {
		return a.db.Campaigns()
	}
	one, err := a.campaignSent(c.Name)
	return []order.Campaign{one}, err
}

// standing is how a campaign stands now.
func (a *app) standing(s *session, c order.Campaign) (campaignJSON, error) {
	if isOver(c, a.now()) {
		c.State = order.CampaignOver // also where no daemon has noted it yet
	}
	all, err := a.db.CampaignReminders(s.ctx, c.Name)
	if err != nil {
		return campaignJSON{}, err
	}
	day, err := a.campaignDayOf(c, all, c.Created, a.now())
	if err != nil {
		return campaignJSON{}, err
	}
	out := campaignJSON{
		Name: c.Name, State: string(c.State), Begun: c.Created.In(a.zone()), Until: c.To.In(a.zone()), People: day.People, Sent: day.Sent, Waiting: day.Waiting,
		Skipped: day.Skipped, Bounced: day.Bounced, Replied: day.Replied, OptedOut: day.OptedOut, Ordered: day.Ordered,
	}
	for _, sum := range day.Sum {
		out.Sums = append(out.Sums, sum.String())
	}
	w, err := a.waits(s.ctx, c)
	if err != nil {
		return out, err
	}
	for _, r := range all {
		if r.State.Final() || r.State.Out() || c.State != order.CampaignRunning {
			out.add(r)
			continue
		}
		note, at, err := w.of(r)
		if err != nil {
			return out, err
		}
		out.waits(note, at, a.zone())
	}
	slices.SortStableFunc(out.Why, func(x, y campaignNote) int { return y.Count - x.Count })
	return out, nil
}

// add notes for which cause a message does not go out.
func (j *campaignJSON) add(r order.Reminder) {
	if r.Cause != "" && (!r.State.Out() || r.State == order.Lost) {
		j.note(campaignNote{State: r.State, Cause: r.Cause, Reason: r.Reason})
	}
}

func (j *campaignJSON) note(n campaignNote) {
	same := func(o campaignNote) bool {
		return o.State == n.State && o.Cause == n.Cause && (!slices.Contains([]order.Cause{"", order.CauseShop, order.CauseConfig}, n.Cause) || o.Reason == n.Reason)
	}
	i := slices.IndexFunc(j.Why, same)
	if i < 0 {
		i = len(j.Why)
		j.Why = append(j.Why, n)
	}
	j.Why[i].Count++
}

// waits notes what a message waits for, and when it goes out. One that will be
// given up at its turn waits for nothing.
func (j *campaignJSON) waits(n campaignNote, at time.Time, zone *time.Location) {
	j.note(n)
	if n.State.Final() {
		j.Waiting = max(j.Waiting-1, 0)
		j.Skipped++
		return
	}
	if at.IsZero() {
		return
	}
	at = at.In(zone)
	if j.Next == nil || at.Before(*j.Next) {
		j.Next = &at
	}
	if j.Last == nil || at.After(*j.Last) {
		j.Last = &at
	}
}

// tell prints one campaign.
func (j campaignJSON) tell(s *session, a *app) {
	s.printf("%s: %s, begun on %s, until %s\n\n", j.Name, j.State, a.clock(j.Begun), a.clock(j.Until))
	for _, line := range []struct {
		n    int
		what string
	}{
		{j.People, "people"}, {j.Sent, "have it"}, {j.Waiting, "wait for it"}, {j.Skipped, "do not get it"}, {j.Bounced, "could not be reached"},
		{j.Replied, "have answered"}, {j.OptedOut, "want no more messages"}, {j.Ordered, "have ordered since"},
	} {
		more := ""
		if line.what == "have ordered since" && len(j.Sums) > 0 {
			more = ": " + strings.Join(j.Sums, " + ")
		}
		s.printf("%6d  %s%s\n", line.n, line.what, more)
	}
	if len(j.Why) > 0 {
		s.printf("\nNot sent, or not yet:\n")
	}
	for _, n := range j.Why {
		s.printf("%6d  %s: %s\n", n.Count, n.State, table.Clean(n.Reason))
	}
	if j.Next != nil {
		j.times(s, a)
	}
	if j.State == string(order.CampaignStopped) {
		s.printf("\nTo go on: nudged campaign send %s\n", j.Name)
	}
}

// times says when those who wait get it.
func (j campaignJSON) times(s *session, a *app) {
	now, next := a.now(), "at once"
	if j.Next.After(now) {
		next = "on " + a.clock(*j.Next)
	} else if s.app == nil { // no daemon answers
		next = "as soon as nudged runs (nudged run)"
	}
	if !j.Last.After(now) {
		s.printf("\nThey go out %s.\n", next)
		return
	}
	s.printf("\nThe next goes out %s, the last on %s.\n", next, a.clock(*j.Last))
}
