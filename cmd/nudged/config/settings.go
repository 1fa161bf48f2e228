package config

import "nudged/notify"

// Settings is what the config says about messages, as notify takes it.
func (c *Config) Settings() notify.Settings {
	r := c.Reminders
	s := notify.Settings{
		Mode: notify.Mode(r.Mode), Steps: notifySteps(r.Steps), Exclude: r.Exclude, TextDir: r.Texts, Lapsed: c.Lapsed,
		MinGap: c.Limits.MinGap, Limit: c.Limits.PerPerson, Shops: map[string]notify.ShopFacts{},
	}
	for _, q := range r.Sequences {
		s.Sequences = append(s.Sequences, notify.Sequence{
			Name: q.Name, Shops: q.Shops, Payment: q.Payment, Buyers: q.Buyers, Steps: notifySteps(q.Steps),
		})
	}
	for _, level := range c.Levels {
		s.Levels = append(s.Levels, notify.Level(level))
	}
	if c.Quiet != nil {
		s.Quiet = notify.Quiet{From: c.Quiet.From, To: c.Quiet.To}
	}
	if c.Digest != nil {
		s.Seller, s.SellerLanguage = c.Digest.To, c.Digest.Language
	}
	for _, shop := range c.Shops {
		s.Shops[shop.Name] = c.facts(shop)
	}
	return s
}

func notifySteps(steps []Step) []notify.Step {
	var out []notify.Step
	for _, st := range steps {
		out = append(out, notify.Step{
			Name: st.Name, After: st.After, BeforeClose: st.BeforeClose, By: st.By, All: st.All, Template: st.Template,
			MaxLateness: st.MaxLateness, If: st.If, Offer: st.Offer,
		})
	}
	return out
}

func (c *Config) facts(shop Shop) notify.ShopFacts {
	f := notify.ShopFacts{
		Name: shop.Title, Zone: shop.Zone, Language: shop.Language, Contact: shop.Contact, HowToPay: shop.HowToPay,
		OfflinePayment: shop.OfflinePayment, SoftOptIn: shop.SoftOptIn, Address: shop.Address, Sign: shop.Sign,
	}
	if shop.URL != nil {
		f.Host = shop.URL.Hostname()
	}
	if e := c.Email; e != nil {
		f.From, f.ReplyTo, f.Unsubscribe = e.From.Addr, e.ReplyTo.Addr, e.Unsubscribe
	}
	if f.Sign == "" && c.SMS != nil {
		f.Sign = c.SMS.Sign
	}
	return f
}
