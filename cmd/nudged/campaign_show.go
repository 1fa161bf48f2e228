package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/notify"
	"nudged/store/order"
)

// shownPeople is how many of them a preview lists, unless all are asked for.
const shownPeople = 10

type campaignPreviewCmd struct {
	Name string `arg:"" help:"The campaign."`
	Out  string `help:"Also write the first texts into this directory." placeholder:"DIR"`
	Full bool   `help:"List everybody who would get it."`
	JSON bool   `name:"json" help:"As JSON, for other programs."`
}

func (campaignPreviewCmd) remote() {}

// Run shows what sending would do.
func (c campaignPreviewCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	campaign, began, warnings, err := a.campaignOf(c.Name)
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		s.sayf("%s\n", warnings)
	}
	v, err := a.survey(s.ctx, campaign)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := v.write(s, c.Out); err != nil {
			return err
		}
	}
	if c.JSON {
		return table.JSON(s.stdout, v.json(a))
	}
	switch {
	case isOver(campaign, a.now()):
		s.sayf("It is over since %s: nobody gets it any more.\n", a.clock(campaign.To))
	case began:
		s.sayf("It was begun on %s and goes on as its file was then; this is who would get it from now on.\n", a.clock(campaign.Created))
	}
	return v.show(s, a, c.Full)
}

// clock prints a time on the seller's clock.
func (a *app) clock(t time.Time) string { return t.In(a.zone()).Format("Mon 2 Jan 15:04") }

// zone is the seller's.
func (a *app) zone() *time.Location { return a.cfg.SellerZone() }

// countOf prints a number with its noun.
func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (v *survey) show(s *session, a *app, full bool) error {
	c := v.c
	s.printf("%s: text %q to %s\n", c.Name, c.Text, table.Clean(cmp.Or(c.Segment, "everybody")))
	if c.Offer != "" {
		s.printf("Offer: %s\n", table.Clean(c.Offer))
	}
	if c.Link != "" {
		s.printf("Link: %s\n", table.Clean(c.Link))
	}
	s.printf("\n%s would get it%s.\n", countOf(len(v.plan), "person", "people"), v.ways())
	v.when(s, a)
	v.warn(s)
	if len(v.plan) > 0 {
		s.printf("\n")
		if err := v.people(s, a, full); err != nil {
			return err
		}
	}
	v.leftOut(s)
	for _, m := range v.texts {
		v.text(s, m)
	}
	return nil
}

// ways says how many go by which channel, and what that costs.
func (v *survey) ways() string {
	if v.sms == 0 {
		return ""
	}
	out := fmt.Sprintf(", %d of them by text message: %s", v.sms, countOf(v.parts, "part", "parts"))
	if v.cost.Currency != "" {
		out += ", about " + v.cost.String()
	}
	return out
}

// warn says why nothing goes out for now.
func (v *survey) warn(s *session) {
	for _, why := range v.still {
		s.printf("Mind: %s.\n", why)
	}
}

// when says how long it takes.
func (v *survey) when(s *session, a *app) {
	first, last := v.span()
	pace := ""
	if v.c.Rate.Count > 0 {
		pace = fmt.Sprintf(" at %d per %s", v.c.Rate.Count, spell(v.c.Rate.Per))
	}
	switch {
	case len(v.plan) == 1:
		s.printf("It would go out on %s.\n", a.clock(first))
	case len(v.plan) > 1:
		s.printf("The first goes out on %s, the last on %s%s, outside quiet hours.\n", a.clock(first), a.clock(last), pace)
	}
	if n := v.noRoom(); n > 0 {
		s.printf("There is no room for %s before its end on %s; a later until: or a higher rate: makes some.\n",
			countOf(n, "more person", "more people"), a.clock(v.c.To))
	}
}

// spell prints a length of time as the config takes it.
func spell(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// people lists who would get it, in the order in which they do.
func (v *survey) people(s *session, a *app, full bool) error {
	n := len(v.plan)
	if !full {
		n = min(n, shownPeople)
	}
	t := table.Table{Columns: []table.Column{
		{Title: "When"}, {Title: "Name", Max: 28}, {Title: "Contact"}, {Title: "Orders", Right: true}, {Title: "Paid", Right: true}, {Title: "Last order", Max: 28},
	}}
	for _, row := range v.rows(a, n) {
		t.Add(a.clock(row.Due), row.Name, row.Contact, fmt.Sprint(row.Orders), fmt.Sprint(row.Paid), row.Last)
	}
	if err := t.Write(s.stdout, s.width); err != nil {
		return err
	}
	if n < len(v.plan) {
		s.printf("… and %d more; all of them: nudged campaign preview %s --full\n", len(v.plan)-n, v.c.Name)
	}
	return nil
}

// personRow is somebody who would get it. Contacts are masked.
type personRow struct {
	Due     time.Time `json:"due"`
	Key     string    `json:"key"`
	Channel string    `json:"channel"`
	Name    string    `json:"name"`
	Contact string    `json:"contact"`
	Orders  int       `json:"orders"`
	Paid    int       `json:"paid"`
	Last    string    `json:"last"`
}

func (v *survey) rows(a *app, n int) []personRow {
	out := []personRow{}
	people := byKey(v.meant)
	for _, r := range v.plan[:n] {
		m, ok := people[r.Key.Order]
		if !ok {
			continue
		}
		row := personRow{Due: r.Due.In(a.zone()), Key: r.Key.Order.String(), Channel: string(r.Key.Channel), Name: m.Contact.Name, Contact: m.Contact.Email.String()}
		if r.Key.Channel == order.BySMS {
			row.Contact = m.Contact.Phone.String()
		}
		past := max(m.Person.Past.Orders, 0)
		row.Orders, row.Paid = len(m.Person.Orders)+past, past
		for _, o := range m.Person.Orders {
			if o.Status == order.Paid {
				row.Paid++
			}
		}
		if len(m.Person.Orders) > 0 {
			o := m.Person.Orders[0]
			row.Last = fmt.Sprintf("%s, %s", label(o), o.Status)
		}
		out = append(out, row)
	}
	return out
}

// leftOut tells who does not get it.
func (v *survey) leftOut(s *session) {
	if v.others > 0 {
		s.printf("\nIt is not for %s on record.\n", countOf(v.others, "other person", "other people"))
	}
	if len(v.nots) == 0 {
		return
	}
	s.printf("\nOf those whom it is for, these get none:\n")
	for _, n := range v.nots {
		later := ""
		if n.Later {
			later = " (for now)"
		}
		s.printf("  %4d  %s%s\n", n.Count, n.words(), later)
	}
}

// words of a cause. The reason speaks of one person; where there is no word for
// all of them it has to do.
func (n surveyNot) words() string {
	words := map[order.Cause]string{
		order.CausePaid: "have just paid or bought something", order.CauseOpen: "have an order that is still open, with reminders of its own",
		order.CauseNoContact: "left no contact that the campaign could go by", order.CauseReplied: "have just answered a message",
		order.CauseConsent:    "have not agreed to offers; nudged buyers consent takes a consent down, soft_opt_in: declares that you may",
		order.CauseSuppressed: "want no messages, or messages to them came back", order.CauseCampaign: "have had this campaign already",
		order.CauseLimit: "have had an offer of late", order.CauseTogether: "have just had another message",
	}
	return cmp.Or(words[n.Cause], table.Clean(n.Reason))
}

// text prints one as it would go out.
func (v *survey) text(s *session, m notify.Message) {
	s.printf("\n--- %s, by %s ---\n", m.Key.Order.Shop, m.Key.Channel)
	for line := range strings.Lines(strings.TrimRight(plain(m), "\n")) {
		s.printf("%s\n", table.Clean(line))
	}
}

// write puts the texts into files.
func (v *survey) write(s *session, dir string) error {
	for _, m := range v.texts {
		name := filepath.Join(dir, safeName(v.c.Name)+"-"+safeName(m.Key.Order.Shop)+"-"+string(m.Key.Channel))
		files := map[string]string{".txt": plain(m)}
		if m.HTML != "" {
			files[".html"] = m.HTML
		}
		for _, ext := range slices.Sorted(maps.Keys(files)) {
			if err := s.file(name+ext, []byte(files[ext])); err != nil {
				return err
			}
			s.sayf("%s is written\n", name+ext)
		}
	}
	if len(v.texts) == 0 {
		s.sayf("There is no text to write: nobody would get it.\n")
	}
	return nil
}
