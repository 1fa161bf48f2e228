package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"nudged/notify"
	"nudged/store/order"
)

// shopsFor are the shops whose buyers a campaign is for.
func (r *campaignReader) shopsFor() []Shop { return r.shopsOf(sequenceAt{shops: r.c.Shops}) }

// link reads where the text leads. It must be a page of every shop that the
// campaign is for: a buyer trusts the shop, and no other site.
func (r *campaignReader) link(v value) string {
	u, ok := v.page()
	if !ok {
		return ""
	}
	for name := range u.Query() {
		if tokenName(name) {
			v.problem("the parameter %s looks like a sign-in token, which everybody who gets the message could use; leave it out", quote(name))
			return ""
		}
	}
	var foreign []string
	for _, shop := range r.shopsFor() {
		if shop.Name != "" && !slices.Contains(shop.linkTo(), strings.ToLower(u.Host)) {
			foreign = append(foreign, quote(shop.Name))
		}
	}
	if len(foreign) > 0 {
		v.problem("%s is no host of the shop %s; add it there to link_hosts if it is yours, or write a campaign for each shop", u.Host, strings.Join(foreign, ", "))
		return ""
	}
	return u.String()
}

// page reads the address of a page that everybody may open.
func (v value) page() (*url.URL, bool) {
	raw, ok := v.text()
	if !ok {
		return nil, false
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme != "" && u.Hostname() == "":
		v.problem("this is no web address; write for example https://buckles.example/new/")
	case u.Scheme != "http" && u.Scheme != "https":
		v.problem("%s does not begin with https://; write the whole address", quote(raw))
	case u.User != nil:
		v.problem("the address holds a user name, which everybody who gets the message could read; leave it out")
	default:
		return u, true
	}
	return nil, false
}

// linkTo are the hosts that buyers of a shop may be sent to.
func (s Shop) linkTo() []string {
	out := slices.Clone(s.LinkHosts)
	if s.URL != nil {
		out = append(out, strings.ToLower(s.URL.Host))
	}
	link := strings.NewReplacer("{id}", "1", "{number}", "1").Replace(s.OrderLink)
	if u, err := url.Parse(link); err == nil && u.Host != "" {
		out = append(out, strings.ToLower(u.Host))
	}
	return out
}

// tokenName reports whether a parameter's name says that it lets its bearer in.
func tokenName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"token", "nonce", "session", "sessid", "csrf", "passw", "secret", "jwt", "auth", "api_key", "apikey", "access_key"},
		func(word string) bool { return strings.Contains(name, word) }) || slices.Contains([]string{"sid", "ticket", "pwd", "security"}, name)
}

// texted checks the text in the language of every shop, by every way.
func (r *campaignReader) texted() {
	c, at := r.c.Campaign, r.m.get("text")
	if r.texts == nil || c.Text == "" {
		return
	}
	var asks, homeless []string
	said := map[string]bool{}
	settings := r.cfg.Settings()
	for _, shop := range r.shopsFor() {
		if shop.Name == "" || !r.marketingText(at, shop, said) {
			continue
		}
		if !shop.SoftOptIn {
			asks = append(asks, quote(shop.Name))
		}
		if shop.Address == "" && slices.Contains(c.By, order.ByEmail) {
			homeless = append(homeless, quote(shop.Name))
			continue
		}
		for _, by := range c.By {
			r.writable(settings, shop, by, said)
		}
	}
	r.approvedText(at)
	r.aboutOrder(at)
	if len(homeless) > 0 {
		at.problem("a campaign is marketing, and such a mail must name a postal address; write address: in the config for the shop %s", strings.Join(homeless, ", "))
	}
	if len(asks) > 0 {
		at.warn("a campaign is marketing: at %s only people get it who are on record as having agreed (nudged buyers consent); soft_opt_in: true for the shop says that all its buyers may get it", strings.Join(asks, ", "))
	}
}

// marketingText reports a text that a shop's language does not have, or that is
// not for a campaign; each once.
func (r *campaignReader) marketingText(at value, shop Shop, said map[string]bool) bool {
	class, known := r.texts.Class(shop.Language, r.c.Text)
	if class == notify.Marketing && r.texts.CampaignFor(shop.Language, r.c.Text) != order.Unknown {
		return true
	}
	names := r.texts.Marketing(shop.Language)
	message := "there is no text " + quote(r.c.Text) + " in " + shop.Language
	near := Nearest(r.c.Text, names)
	if known {
		message, near = "the text "+quote(r.c.Text)+" is about an open order and not for a campaign", ""
	}
	if near != "" {
		message += "; did you mean " + quote(near) + "?"
	} else {
		message += "; there are " + strings.Join(names, ", ")
	}
	if !said[message] {
		said[message] = true
		at.problem("%s", message)
	}
	return false
}

// writable reports what the text lacks; each once.
func (r *campaignReader) writable(s notify.Settings, shop Shop, by order.Channel, said map[string]bool) {
	_, err := r.texts.TryCampaign(s, r.c.Campaign, shop.Name, by)
	at := r.m.get("text")
	if offer := r.m.get("offer"); offer.node != nil && errors.Is(err, notify.ErrNoOffer) {
		at = offer // it is there, and empty
	}
	var message string
	switch {
	case err == nil:
		return
	case errors.Is(err, notify.ErrNoOffer):
		message = "the text " + quote(r.c.Text) + " is nothing without an offer; write offer: what you want to tell"
	case errors.Is(err, notify.ErrMissing):
		message = "the text " + quote(r.c.Text) + " could go out to nobody: " + err.Error()
	default:
		message = err.Error()
	}
	if !said[message] {
		said[message] = true
		p := at.at("%s", message)
		p.Blank = errors.Is(err, notify.ErrNoOffer)
		at.file.problems = append(at.file.problems, p)
	}
}

// approvedText reports a text message that the provider has not approved.
func (r *campaignReader) approvedText(at value) {
	s := r.cfg.SMS
	if s == nil || s.Provider != Aliyun || !slices.Contains(r.c.By, order.BySMS) {
		return
	}
	if _, ok := s.Templates[r.c.Text]; !ok {
		at.problem("aliyun sends only texts that it has approved; write sms: {templates: {%s: {code: SMS_…, kind: promotion}}} in the config", r.c.Text)
	}
}

// aboutOrder warns of a text about an order of one kind that is for others, too:
// they would be counted and get nothing.
func (r *campaignReader) aboutOrder(at value) {
	if r.c.Who == nil {
		return
	}
	for _, shop := range r.shopsFor() {
		class, _ := r.texts.Class(shop.Language, r.c.Text)
		if shop.Name == "" || class != notify.Marketing {
			continue
		}
		status := r.texts.CampaignFor(shop.Language, r.c.Text)
		if status != "" && status != order.Unknown && !slices.Contains(r.c.Who.Texts("last.status"), string(status)) {
			at.warn("the text %s goes only to people whose last order is %s; write last.status == %q under to", quote(r.c.Text), status, status)
			return
		}
	}
}
