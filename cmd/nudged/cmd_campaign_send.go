package main

import (
	"context"
	"errors"
	"fmt"

	"nudged/notify"
	"nudged/store/order"
)

type campaignSendCmd struct {
	Name   string `arg:"" help:"The campaign."`
	Yes    bool   `help:"Do not ask."`
	DryRun bool   `help:"Only show what would happen, as preview does."`
}

func (campaignSendCmd) remote() {}

// alone is true where the seller is asked: that is done where they sit, and the
// rest where the database is open.
func (c campaignSendCmd) alone() bool { return !c.Yes && !c.DryRun }

// Run begins a campaign, or goes on with one.
func (c campaignSendCmd) Run(s *session) error {
	switch {
	case c.DryRun:
		return campaignPreviewCmd{Name: c.Name}.Run(s)
	case !c.Yes:
		return c.ask(s)
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	begun, err := a.beginCampaign(s.ctx, c.Name)
	if err != nil {
		return err
	}
	begun.tell(s, a)
	return nil
}

// ask shows the campaign, and sends it once the seller has said yes.
func (c campaignSendCmd) ask(s *session) error {
	cfg, err := s.config(false)
	if err != nil {
		return err
	}
	if err := mayCampaign(cfg.Settings().Live()); err != nil {
		return err
	}
	again := func(args ...string) error {
		return command(s.ctx, append([]string{"--config", s.cli.Config, "campaign"}, args...), s.world)
	}
	if err := again("preview", c.Name); err != nil {
		return err
	}
	s.printf("\n")
	yes, err := newDialog(s).sure("Send it?", "nothing was sent", "nudged campaign send "+c.Name+" --yes")
	if err != nil || !yes {
		return err
	}
	return again("send", c.Name, "--yes")
}

func mayCampaign(live bool) error {
	if live {
		return nil
	}
	return &usageError{errors.New("the mode is preview, in which buyers get nothing; once you are content with the reminders, write mode: live into the config. Until then: nudged campaign preview NAME")}
}

// begunCampaign is what came of beginning one.
type begunCampaign struct {
	*survey
	planned int  // messages that wait by it and did not before
	waiting int  // messages that wait, those among them
	again   bool // it had been begun before
	// gone are the messages that waited and whose people do not fit any more.
	gone map[order.ReminderKey]bool
}

// beginCampaign freezes a campaign and plans its messages. One that was begun
// before goes on as it was then; nobody gets it twice.
func (a *app) beginCampaign(ctx context.Context, name string) (*begunCampaign, error) {
	if err := mayCampaign(a.settings.Live()); err != nil {
		return nil, err
	}
	c, again, _, err := a.campaignOf(name)
	if err != nil {
		return nil, err
	}
	now := a.now()
	if isOver(c, now) {
		return nil, &usageError{fmt.Errorf("campaign %s is over; for another one copy its file to a new name, or write one: nudged campaign new NAME --like %s", name, "again")}
	}
	if again {
		if err := a.changedFile(c); err != nil {
			return nil, err
		}
	}
	out := &begunCampaign{again: again}
	if out.survey, err = a.survey(ctx, c); err != nil {
		return nil, err
	}
	if !again && len(out.plan) == 0 {
		return nil, fmt.Errorf("campaign %s: nobody would get it now, so it was not begun; why: nudged campaign preview %s", name, name)
	}
	return out, a.planCampaign(ctx, c, out)
}

// planCampaign freezes the campaign that was read, and plans what its survey
// found. That took its time: one that was stopped or has ended meanwhile is left so.
func (a *app) planCampaign(ctx context.Context, c order.Campaign, out *begunCampaign) error {
	a.campaigns.Lock()
	defer a.campaigns.Unlock()
	is, found, err := a.db.Campaign(c.Name)
	if err != nil {
		return err
	}
	if found != out.again || found && (is.State != c.State || !is.Changed.Equal(c.Changed)) {
		return fmt.Errorf("campaign %s was sent, stopped or ended by another command meanwhile; nothing was planned. How it stands: nudged campaign status %s", c.Name, c.Name)
	}
	if c.State != order.CampaignRunning {
		c.State, c.Changed = order.CampaignRunning, out.now
	}
	if !out.again {
		c.Created, c.People = out.now, len(out.plan)
	}
	if err := a.db.PutCampaign(ctx, c); err != nil {
		return err
	}
	all, err := a.db.CampaignReminders(ctx, c.Name)
	if err != nil {
		return err
	}
	// Who was planned before and does not fit any more is asked about at once, and
	// given up: else they would wait for ever.
	rest := notify.Resume(all, out.plan, out.now)
	if out.gone, err = out.dropped(a, rest); err != nil {
		return err
	}
	var gone, plan []order.Reminder
	for _, r := range rest {
		if out.gone[r.Key] {
			gone = append(gone, r)
		} else {
			plan = append(plan, r)
		}
	}
	if _, err = a.db.PlanCampaign(ctx, c.Name, gone); err != nil {
		return fmt.Errorf("%w; the same command goes on with it", err)
	}
	plan = append(plan, out.plan...)
	if out.planned, err = a.db.PlanCampaign(ctx, c.Name, plan); err != nil {
		return fmt.Errorf("%w; %d messages are planned, and the same command goes on with the rest", err, out.planned)
	}
	out.c = c
	return a.countCampaign(ctx, out)
}

// countCampaign notes how many people a campaign reaches, once they are planned.
func (a *app) countCampaign(ctx context.Context, b *begunCampaign) error {
	all, err := a.db.CampaignReminders(ctx, b.c.Name)
	if err != nil {
		return err
	}
	people := map[order.Key]bool{}
	for _, r := range all {
		people[r.Key.Order] = true
		if !r.State.Final() && !b.gone[r.Key] {
			b.waiting++
		}
	}
	if len(people) == b.c.People {
		return nil
	}
	b.c.People = len(people)
	return a.db.PutCampaign(ctx, b.c)
}

func (b *begunCampaign) tell(s *session, a *app) {
	switch {
	case !b.again:
		s.printf("Begun: %s.\n", countOf(b.planned, "message waits", "messages wait"))
	case b.planned == 0:
		s.printf("It runs, and nobody was added: %s.\n", countOf(b.waiting, "message waits", "messages wait"))
	case b.planned == b.waiting:
		s.printf("It goes on: %s. Nobody gets it twice.\n", countOf(b.waiting, "message waits", "messages wait"))
	default:
		s.printf("It goes on: %s, %d of them planned just now. Nobody gets it twice.\n", countOf(b.waiting, "message waits", "messages wait"), b.planned)
	}
	if n := len(b.gone); n > 0 {
		s.printf("%s any more and get none.\n", countOf(n, "person that waited does not fit", "people that waited do not fit"))
	}
	b.warn(s)
	if first, last := b.span(); b.planned > 0 && b.planned == len(b.plan) {
		s.printf("The first goes out on %s, the last on %s.\n", a.clock(first), a.clock(last))
	}
	if n := b.noRoom(); n > 0 {
		s.printf("%s before its end and get none.\n", countOf(n, "person finds no room", "people find no room"))
	}
	if s.app == nil && len(b.still) == 0 {
		s.printf("They go out while nudged runs: nudged run\n")
	}
	s.printf("How it stands: nudged campaign status %s. To stop it: nudged campaign stop %s\n", b.c.Name, b.c.Name)
}
