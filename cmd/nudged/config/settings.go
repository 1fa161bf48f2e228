package config

import "nudged/notify"

// Settings is what the config says about messages, as notify takes it.
func (c *Config) Settings() notify.Settings {
	s := notify.Settings{Mode: notify.Mode(c.Reminders.Mode), Shops: map[string]notify.ShopFacts{}}
	for _, st := range c.Reminders.Steps {
		s.Steps = append(s.Steps, notify.Step{
			Name: st.Name, After: st.After, BeforeClose: st.BeforeClose, By: st.By, Template: st.Template, MaxLateness: st.MaxLateness,
		})
	}
	if c.Quiet != nil {
		s.Quiet = notify.Quiet{From: c.Quiet.From, To: c.Quiet.To}
	}
	if c.Digest != nil {
		s.Seller = c.Digest.To
	}
	for _, shop := range c.Shops {
		s.Shops[shop.Name] = c.facts(shop)
	}
	return s
}

func (c *Config) facts(shop Shop) notify.ShopFacts {
	f := notify.ShopFacts{Name: shop.Title, Zone: shop.Zone, Language: shop.Language, Contact: shop.Contact, HowToPay: shop.HowToPay}
	if e := c.Email; e != nil {
		f.From, f.ReplyTo, f.Unsubscribe = e.From.Addr, e.ReplyTo.Addr, e.Unsubscribe
	}
	return f
}
