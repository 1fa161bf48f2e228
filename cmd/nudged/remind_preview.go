package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

type remindPreviewCmd struct {
	To string `default:"preview" help:"The directory for the files; it is for you alone." placeholder:"DIR"`
}

func (remindPreviewCmd) remote() {}

// tries is how many of the last orders are tried with a text: some lack a fact
// that it needs.
const tries = 20

// Run renders all that a step can say.
func (c remindPreviewCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	p := &previewer{s: s, a: a, to: c.To}
	known := false
	for i, shop := range a.cfg.Shops {
		if p.orders, err = a.db.Orders(s.ctx, store.Filter{Shop: shop.Name, Limit: tries}); err != nil {
			return err
		}
		known = known || len(p.orders) > 0
		if err := p.shop(shop.Name, i == 0); err != nil {
			return err
		}
	}
	s.printf("%d text(s) are in %s; nothing was sent.\n", p.made, c.To)
	switch {
	case !known:
		s.sayf("They are about an order that was made up, since nudged knows none of yours yet: nudged crawl\n")
	case p.samples > 0:
		s.sayf("%d of them with an order that was made up, since no order of yours has all that the text says.\n", p.samples)
	}
	return nil
}

// previewer renders the texts of one shop after the other.
type previewer struct {
	s             *session
	a             *app
	to            string
	orders        []order.Order // the shop's last ones
	made, samples int
}

// shop renders every step in the shop's language, and with all in every other
// language that there is, too.
func (p *previewer) shop(name string, all bool) error {
	own := p.a.settings.Shops[name].Language
	languages := []string{own}
	if all {
		for _, l := range p.a.texts.Languages() {
			if l != own {
				languages = append(languages, l)
			}
		}
	}
	for _, language := range languages {
		settings := p.a.settings
		facts := settings.Shops[name]
		facts.Language = language
		settings.Shops = map[string]notify.ShopFacts{name: facts}
		for _, named := range p.steps(language) {
			for _, by := range named.step.By {
				if err := p.text(settings, name, language, named, by); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// namedStep is a step with the name of its sequence.
type namedStep struct {
	sequence string
	step     notify.Step
}

// steps are those of the config; without any, one for each text that there is.
func (p *previewer) steps(language string) []namedStep {
	var out []namedStep
	for _, st := range p.a.settings.Steps {
		out = append(out, namedStep{"", st})
	}
	for _, q := range p.a.settings.Sequences {
		for _, st := range q.Steps {
			out = append(out, namedStep{q.Name, st})
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, name := range p.a.texts.Names(language) {
		out = append(out, namedStep{"", notify.Step{Name: name, Template: name, By: []order.Channel{order.ByEmail, order.BySMS}}})
	}
	return out
}

// text renders one message and writes its files.
func (p *previewer) text(settings notify.Settings, shop, language string, n namedStep, by order.Channel) error {
	m, err := p.write(settings, shop, n.step, by)
	if err != nil {
		p.s.sayf("%s, language %s, by %s: %s\n", strings.TrimSpace(n.sequence+" step "+n.step.Name), language, by, err)
		return nil
	}
	path := filepath.Join(p.to, safeName(shop), safeName(language), safeName(strings.TrimPrefix(n.sequence+"-"+n.step.Name, "-"))+"."+string(by))
	body := plain(m)
	if by == order.BySMS {
		parts, encoding := notify.Segments(m.Signed())
		body = fmt.Sprintf("%s\n\n(%d part(s), %s)\n", strings.TrimRight(body, "\n"), parts, encoding)
	}
	if err := p.s.file(path+".txt", []byte(body)); err != nil {
		return err
	}
	p.made++
	if m.HTML == "" {
		return nil
	}
	return p.s.file(path+".html", []byte(m.HTML))
}

// plain is a message as a text to look at: with its subject, and the sign of a text
// message.
func plain(m notify.Message) string {
	if m.Subject == "" {
		return m.Signed()
	}
	return "Subject: " + m.Subject + "\n\n" + m.Signed()
}

// write takes the newest order that has all that the text says, an open one first;
// failing all, one that was made up.
func (p *previewer) write(settings notify.Settings, shop string, st notify.Step, by order.Channel) (notify.Message, error) {
	orders := slices.Clone(p.orders)
	slices.SortStableFunc(orders, func(x, y order.Order) int { return rank(x) - rank(y) })
	sample := notify.SampleOrder(settings.Shops[shop])
	sample.Shop = shop
	for _, o := range append(orders, sample) {
		who, err := p.a.personOf(o.Key())
		if err != nil {
			return notify.Message{}, err
		}
		m, err := p.a.texts.Write(settings, notify.Writing{
			Order: o, Key: order.ReminderKey{Order: o.Key(), Step: st.Name, Channel: by}, Step: st, Token: "preview", At: p.a.now(),
			Reasons: notify.Reasons(o, who), Kind: who.Kind(settings.Levels),
		})
		switch {
		case err == nil && o.ID == sample.ID:
			p.samples++
			return m, nil
		case err == nil || !errors.Is(err, notify.ErrMissing) || o.ID == sample.ID:
			return m, err
		}
	}
	return notify.Message{}, nil
}

// rank puts open orders first: texts are about them.
func rank(o order.Order) int {
	if o.Status == order.Unpaid {
		return 0
	}
	return 1
}

// safeName makes a name of the config fit for a file.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, strings.TrimLeft(s, "."))
}
