package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// deliver lets buyers read their mails.
func (d *demo) deliver() error {
	all := d.mails.caught()
	fresh := all[d.seen:]
	d.seen = len(all)
	for _, m := range fresh {
		l, err := m.open()
		if err != nil {
			return err
		}
		g, ok := d.recipient(m.To, l)
		if !ok {
			return fmt.Errorf("a mail went to %s about no order of theirs", m.To)
		}
		if g == nil {
			continue // of before the demo: they read it and think no more of it
		}
		step, err := d.keepStep(g, m)
		if err != nil {
			return err
		}
		if step == order.CampaignStep(demoCampaign) {
			d.offered(g)
			continue
		}
		d.today.mails++
		answer, to := g.read(d.clock.now(), l)
		if answer == nil {
			continue
		}
		if err := d.mails.post(g.Email, to, answer); err != nil {
			return err
		}
		d.seen++
	}
	return nil
}

// recipient finds whose order a mail is about; nil for one of before the demo.
func (d *demo) recipient(to string, l letter) (*guest, bool) {
	for _, st := range d.stages {
		for _, g := range st.guests[:st.came] {
			if g.Email == to && strings.Contains(l.Text, g.Number) {
				return g, true
			}
		}
		for _, o := range st.shop.Orders() {
			if o.Email == to && strings.Contains(l.Text, o.Number) {
				return nil, true
			}
		}
	}
	return nil, false
}

// keepStep keeps the last mail of each step of each shop.
func (d *demo) keepStep(g *guest, m caught) (step string, err error) {
	reminders, err := d.app.db.Reminders(g.key())
	if err != nil {
		return "", err
	}
	var last order.Reminder
	for _, r := range reminders {
		if r.State.Out() && !r.Out.Before(last.Out) {
			last = r
		}
	}
	d.kept[g.of.conf.Name+" "+last.Key.Step] = m
	return last.Key.Step, nil
}

// keep does something that may mail the seller, and keeps that mail.
func (d *demo) keep(name string, do func() error) error {
	if err := do(); err != nil {
		return err
	}
	all := d.mails.caught()
	if len(all) > d.seen {
		d.kept[name] = all[len(all)-1]
	}
	d.seen = len(all)
	return nil
}

// campaign does what a seller would: write the file of a ready one, and send it.
func (d *demo) campaign() error {
	quiet := &session{world: d.world, ctx: d.ctx, cli: &cli{Config: filepath.Join(d.dir, "config.yaml")}, log: d.log}
	quiet.stdout, quiet.stderr, quiet.file, quiet.app = io.Discard, io.Discard, writeFile, d.app
	if err := (campaignNewCmd{Name: demoCampaign, Like: "again"}).Run(quiet); err != nil {
		return err
	}
	begun, err := d.app.beginCampaign(d.ctx, demoCampaign)
	if err != nil {
		return err
	}
	d.note(fmt.Sprintf("a campaign begins: %d people whose order was closed hear that it can be had again", begun.planned))
	return nil
}

// offered lets every eighth of those who got the campaign come back.
func (d *demo) offered(g *guest) {
	if d.offers++; d.offers%8 == 0 {
		g.of.comesBack(g, d.clock.now())
	}
}

// demoFile is one of the mails that are written at the end.
type demoFile struct{ name, mail, about string }

func demoFiles() []demoFile {
	return []demoFile{
		{"reminder-first", "harbour first", "the first words to a buyer"},
		{"reminder-first-zh", "teahouse first", "the same in Chinese"},
		{"reminder-last", "harbour last", "before the shop closes the order"},
		{"reminder-last-zh", "teahouse last", "the same in Chinese"},
		{"campaign", "harbour campaign:again", "a campaign, to who left an order unpaid"},
		{"campaign-zh", "teahouse campaign:again", "the same in Chinese"},
		{"needs-you", "needs", "when a shop waits for you"},
		{"reply", "reply", "when a buyer has answered"},
		{"digest", "digest", "the last evening's mail to you"},
	}
}

// chinese writes the last digest once more, as a Chinese seller gets it.
func (d *demo) chinese() error {
	next, err := d.app.nextNumber()
	if err != nil {
		return err
	}
	midnight := d.clock.now()
	facts, err := d.app.facts(d.ctx, midnight.Add(-27*time.Hour), midnight.Add(-3*time.Hour), next-1, false)
	if err != nil {
		return err
	}
	facts.Language = "zh"
	_, _, html, err := notify.RenderDigest(facts)
	if err != nil {
		return fmt.Errorf("the digest in Chinese: %w", err)
	}
	d.printf("  %-18s the same in Chinese (only as .html: it was not mailed)\n", "digest-zh")
	return d.file(filepath.Join(d.out, "digest-zh.html"), []byte(html))
}
