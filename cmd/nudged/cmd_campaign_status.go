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
	day, err := a.campaignDay(s.ctx, c, c.Created, a.now())
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
	all, err := a.db.CampaignReminders(s.ctx, c.Name)
	if err != nil {
		return out, err
	}
	for _, r := range all {
		out.add(r, c.State == order.CampaignRunning, a.zone())
	}
	slices.SortStableFunc(out.Why, func(x, y campaignNote) int { return y.Count - x.Count })
	return out, nil
}

// add notes when a message goes out, or for which cause it does not.
func (j *campaignJSON) add(r order.Reminder, runs bool, zone *time.Location) {
	if !r.State.Final() && runs {
		due := r.Due.In(zone)
		if j.Next == nil || due.Before(*j.Next) {
			j.Next = &due
		}
		if j.Last == nil || due.After(*j.Last) {
			j.Last = &due
		}
	}
	if r.Cause == "" || r.State.Out() && r.State != order.Lost {
		return
	}
	i := slices.IndexFunc(j.Why, func(n campaignNote) bool { return n.State == r.State && n.Cause == r.Cause })
	if i < 0 {
		i = len(j.Why)
		j.Why = append(j.Why, campaignNote{State: r.State, Cause: r.Cause, Reason: r.Reason})
	}
	j.Why[i].Count++
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
		s.printf("\nThe next goes out on %s, the last on %s.\n", a.clock(*j.Next), a.clock(*j.Last))
	}
	if j.State == string(order.CampaignStopped) {
		s.printf("\nTo go on: nudged campaign send %s\n", j.Name)
	}
}
