package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nudged/cmd/nudged/config"
	"nudged/notify"
)

// likes says what the ready campaigns are for, a line each.
func likes() string {
	about := map[string]string{
		"again":    "an order was closed unpaid: the buyer may order again",
		"in-stock": "an item can be had again, for who once ordered it",
		"news":     "something new, for who ordered and never paid",
		"regulars": "something for your old customers, the best of them first",
		"second":   "a second purchase, after the first one",
	}
	var b strings.Builder
	for _, name := range config.ReadyCampaigns() {
		fmt.Fprintf(&b, "\n  %-9s %s", name, about[name])
	}
	return b.String()
}

// checkCampaigns reads the files of all campaigns and says all that is wrong with
// them. A file that waits for the seller's words, or whose time is over, is told
// of and is no mistake.
func checkCampaigns(s *session, cfg *config.Config, texts *notify.Texts) error {
	names, err := cfg.CampaignNames()
	if err != nil || len(names) == 0 {
		return err
	}
	wrong := 0
	for _, name := range names {
		c, err := config.LoadCampaign(cfg.CampaignFile(name), cfg, texts, s.now())
		if err == nil {
			var found config.Problems
			found, err = lintCampaign(cfg, texts, c)
			c.Warnings = append(c.Warnings, found...)
		}
		if fileWrong(s, name, c, err) {
			wrong++
		}
	}
	if wrong > 0 {
		return &usageError{fmt.Errorf("%s mistakes; see above", countOf(wrong, "campaign has", "campaigns have"))}
	}
	s.printf("campaigns: %s read\n", countOf(len(names), "file", "files"))
	return nil
}

// fileWrong says what there is to say of a campaign's file, and reports whether
// it has to be mended.
func fileWrong(s *session, name string, c *config.Campaign, err error) bool {
	if c != nil {
		for _, w := range c.Warnings {
			s.sayf("warning: %s\n", w)
		}
	}
	var problems config.Problems
	switch {
	case err == nil:
		return false
	case !errors.As(err, &problems):
		s.sayf("error: campaign %s: %s\n", name, err)
		return true
	}
	kind := "error"
	if why := unready(c, problems); why != "" {
		s.sayf("campaign %s is %s\n", name, why)
		kind = "to do"
	}
	for _, p := range problems {
		s.sayf("%s: %s\n", kind, p)
	}
	return kind == "error"
}

// unready is why problems of a file are no mistakes; "" if they are.
func unready(c *config.Campaign, problems config.Problems) string {
	switch {
	case c != nil && c.Unfilled:
		return "not filled in yet"
	case !slices.ContainsFunc(problems, func(p config.Problem) bool { return !p.Over }):
		return "over, by its until"
	}
	return ""
}

// inShort is what the list says of a file that cannot be sent.
func inShort(name string, c *config.Campaign, err error) string {
	var problems config.Problems
	if errors.As(err, &problems) {
		if why := unready(c, problems); why != "" {
			return why
		}
	}
	return "has mistakes: nudged campaign preview " + name
}

// noCampaign says that a campaign has no file, and what may have been meant.
func (a *app) noCampaign(name string) error {
	known, err := a.cfg.CampaignNames()
	if err != nil {
		return err
	}
	sent, err := a.db.Campaigns()
	if err != nil {
		return err
	}
	for _, c := range sent {
		known = append(known, c.Name)
	}
	meant := ""
	if near := config.Nearest(name, known); near != "" {
		meant = fmt.Sprintf("did you mean %s? ", near)
	}
	return &usageError{fmt.Errorf("there is no campaign %q: %s is not there; %snudged campaign list shows those there are, and nudged campaign new %s --like KIND writes it",
		name, a.cfg.CampaignFile(name), meant, name)}
}
