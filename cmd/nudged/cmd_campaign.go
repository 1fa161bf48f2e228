package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

type campaignCmd struct {
	New     campaignNewCmd     `cmd:"" help:"Write the file of a campaign, from one that is ready."`
	Preview campaignPreviewCmd `cmd:"" help:"Show how many would get it, who, who not and why, and what it says. Nothing is sent."`
	Send    campaignSendCmd    `cmd:"" help:"Show the same, ask, and begin; also to go on with one that was stopped."`
	Status  campaignStatusCmd  `cmd:"" help:"Tell how many have it, who waits and why, and what came of it."`
	Stop    campaignStopCmd    `cmd:"" help:"Stop it: from now on nobody else gets it."`
	List    campaignListCmd    `cmd:"" help:"List the campaigns that have a file, and those that were sent."`
}

type campaignNewCmd struct {
	Name string `arg:"" help:"What to call it: letters, digits, - and _."`
	Like string `help:"again (an order was closed unpaid), in-stock (an item can be had again), news (for who never bought), regulars (old customers first), second (after the first purchase)." placeholder:"KIND"`
}

// Run writes the file beside the config.
func (c campaignNewCmd) Run(s *session) error {
	if !config.IsCampaignName(c.Name) {
		return misnamed(c.Name)
	}
	cfg, err := s.config(false)
	if err != nil {
		return err
	}
	src, ok := config.ReadyCampaign(c.Like)
	switch {
	case c.Like == "":
		return &usageError{fmt.Errorf("say from which one it is to be made: nudged campaign new %s --like KIND, where KIND is one of%s", c.Name, likes())}
	case !ok:
		return &usageError{fmt.Errorf("there is no ready campaign %q; there are%s", c.Like, likes())}
	}
	file := cfg.CampaignFile(c.Name)
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already and was left as it is; take another name, or edit it", file)
	}
	if err := s.file(file, src); err != nil {
		return err
	}
	s.printf("%s is written. Edit it, and see whom it is for: nudged campaign preview %s\n", file, c.Name)
	return nil
}

type campaignStopCmd struct {
	Name string `arg:"" help:"The campaign."`
}

func (campaignStopCmd) remote() {}

// Run stops a campaign.
func (c campaignStopCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	was, err := a.campaignSent(c.Name)
	if err != nil {
		return err
	}
	if isOver(was, a.now()) {
		s.printf("%s is over already; nobody gets it any more.\n", was.Name)
		return nil
	}
	if err := a.pauseCampaign(s.ctx, c.Name); err != nil {
		return err
	}
	all, err := a.db.CampaignReminders(s.ctx, c.Name)
	if err != nil {
		return err
	}
	have := 0
	for _, f := range fatesOf(all) {
		if !f.out.IsZero() {
			have++
		}
	}
	s.printf("Stopped. %s, and nobody else gets it. To go on: nudged campaign send %s\n", countOf(have, "person has it", "people have it"), c.Name)
	return nil
}

func (a *app) pauseCampaign(ctx context.Context, name string) error {
	a.campaigns.Lock()
	defer a.campaigns.Unlock()
	return a.db.PauseCampaign(ctx, name)
}

// campaignSent is a campaign that was sent once.
func (a *app) campaignSent(name string) (order.Campaign, error) {
	c, ok, err := a.db.Campaign(name)
	if err != nil || ok {
		return c, err
	}
	all, err := a.db.Campaigns()
	if err != nil {
		return c, err
	}
	if len(all) == 0 {
		return c, &usageError{fmt.Errorf("campaign %q was never sent, nor any other; nudged campaign list shows those that have a file", name)}
	}
	var names []string
	for _, other := range all {
		names = append(names, other.Name)
	}
	return c, &usageError{fmt.Errorf("campaign %q was never sent; there is %s", name, strings.Join(names, ", "))}
}

type campaignListCmd struct {
	JSON bool `name:"json" help:"As JSON, for other programs."`
}

func (campaignListCmd) remote() {}

// listedCampaign is one of the list, for other programs.
type listedCampaign struct {
	Name  string `json:"name"`
	State string `json:"state"` // "file" if it was never sent
	File  string `json:"file,omitempty"`
	To    string `json:"to"`
	Text  string `json:"text"`
	Wrong string `json:"wrong,omitempty"` // why the file cannot be sent
}

// Run lists what there is.
func (c campaignListCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	all, err := a.listedCampaigns()
	switch {
	case err != nil:
		return err
	case c.JSON:
		return table.JSON(s.stdout, all)
	case len(all) == 0:
		s.sayf("There is none yet; this writes the file of one: nudged campaign new again --like again\n")
		return nil
	}
	t := table.Table{Columns: []table.Column{{Title: "Campaign"}, {Title: "State"}, {Title: "To", Max: 60}, {Title: "Text"}, {Title: "Wrong", Max: 60}}}
	for _, one := range all {
		t.Add(one.Name, one.State, one.To, one.Text, one.Wrong)
	}
	return t.Write(s.stdout, s.width)
}

// listedCampaigns are those that were sent, the newest first, then those that are
// only a file.
func (a *app) listedCampaigns() ([]listedCampaign, error) {
	sent, err := a.db.Campaigns()
	if err != nil {
		return nil, err
	}
	files, err := a.cfg.CampaignNames()
	if err != nil {
		return nil, err
	}
	out := []listedCampaign{}
	for _, c := range sent {
		one := listedCampaign{Name: c.Name, State: string(c.State), To: c.Segment, Text: c.Text}
		if slices.Contains(files, c.Name) {
			one.File = a.cfg.CampaignFile(c.Name)
		}
		out = append(out, one)
	}
	for _, name := range files {
		if slices.ContainsFunc(sent, func(c order.Campaign) bool { return c.Name == name }) {
			continue
		}
		one := listedCampaign{Name: name, State: "file", File: a.cfg.CampaignFile(name)}
		c, err := a.loadCampaign(name)
		if err != nil {
			one.Wrong = inShort(name, c, err)
		}
		if c != nil {
			one.To, one.Text = c.Segment, c.Text
		}
		out = append(out, one)
	}
	return out, nil
}
