package notify_test

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// What the store knows of campaigns, modelled.

func (m *memory) Campaign(name string) (order.Campaign, bool, error) {
	c, ok := m.campaigns[name]
	return c, ok, m.faulty
}

func (m *memory) CampaignOut(name string, since time.Time) (n int, oldest time.Time, err error) {
	for key, r := range m.reminders {
		if key.Step != order.CampaignStep(name) || !r.State.Out() || !r.Out.After(since) {
			continue
		}
		if n++; oldest.IsZero() || r.Out.Before(oldest) {
			oldest = r.Out
		}
	}
	return n, oldest, m.faulty
}

func (m *memory) HadCampaign(key order.ReminderKey) (bool, error) {
	if _, ok := key.Campaign(); !ok {
		return false, nil
	}
	for k := range m.same(key.Order) {
		for _, rk := range m.byOrder[k] {
			if rk != key && rk.Step == key.Step && m.reminders[rk].State.Out() {
				return true, nil
			}
		}
	}
	return false, nil
}

func (m *memory) Member(key order.Key) (notify.Member, bool, error) {
	out := notify.Member{Key: key, Contact: m.buyerOf(key)}
	if key.ListRow() {
		out.Row = out.Contact
	}
	out.Person.Past, _ = m.Past(key)
	keys := slices.SortedFunc(maps.Keys(m.same(key)), func(a, b order.Key) int { return cmp.Compare(a.String(), b.String()) })
	for _, k := range keys {
		if b := m.buyerOf(k); b.Email != "" {
			out.Contacts = append(out.Contacts, order.Buyer{Email: b.Email})
		}
		if b := m.buyerOf(k); b.Phone != "" {
			out.Contacts = append(out.Contacts, order.Buyer{Phone: b.Phone})
		}
		for _, rk := range m.byOrder[k] {
			if m.reminders[rk].State.Out() {
				out.Told = append(out.Told, m.reminders[rk])
			}
		}
		if o, ok := m.orders[k]; ok {
			out.Person.Orders = append(out.Person.Orders, o)
			out.Paid = later(out.Paid, m.paid[k])
		}
	}
	slices.SortFunc(out.Told, func(a, b order.Reminder) int { return b.Out.Compare(a.Out) })
	slices.SortStableFunc(out.Person.Orders, func(a, b order.Order) int { return b.Created.Compare(a.Created) })
	return out, len(contacts(out.Contact)) > 0, m.faulty
}

// people are all who are on record, each once, by what messages reach them.
func (m *memory) people() []notify.Member {
	all := slices.Concat(slices.Collect(maps.Keys(m.orders)), slices.Collect(maps.Keys(m.rows)))
	slices.SortFunc(all, func(a, b order.Key) int {
		return cmp.Or(m.orders[b].Created.Compare(m.orders[a].Created), cmp.Compare(a.String(), b.String()))
	})
	var out []notify.Member
	seen := map[order.Key]bool{}
	for _, key := range all {
		if !seen[key] && len(contacts(m.buyerOf(key))) > 0 {
			got, _, _ := m.Member(key)
			out = append(out, got)
		}
		for k := range m.same(key) {
			seen[k] = true
		}
	}
	return out
}

// planCampaign gives nobody a second message of a campaign.
func (m *memory) planCampaign(rs []order.Reminder) {
	m.at("plan campaign")
	for _, r := range rs {
		old, ok := m.reminders[r.Key]
		switch {
		case !ok && !m.hasCampaign(r.Key):
			m.keep(r)
		case ok && waiting(old.State):
			old.Planned, old.Due = r.Planned, r.Due
			m.keep(old)
		}
	}
	m.at("campaign planned")
}

// hasCampaign reports whether the person has had a message of the campaign, or
// one waits for them.
func (m *memory) hasCampaign(key order.ReminderKey) bool {
	for k := range m.same(key.Order) {
		for _, rk := range m.byOrder[k] {
			if s := m.reminders[rk].State; rk.Step == key.Step && (s.Out() || waiting(s)) {
				return true
			}
		}
	}
	return false
}

// putCampaign keeps a campaign; one that is stopped has nothing due.
func (m *memory) putCampaign(c order.Campaign) {
	m.at("put campaign")
	m.campaigns[c.Name] = c
	m.at("campaign put")
	if c.State != order.CampaignStopped {
		return
	}
	for key := range m.waiting {
		if key.Step == order.CampaignStep(c.Name) {
			delete(m.waiting, key)
		}
	}
	m.at("campaign paused")
}

// campaignReminders are all messages of a campaign.
func (m *memory) campaignReminders(name string) (out []order.Reminder) {
	for key, r := range m.reminders {
		if key.Step == order.CampaignStep(name) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b order.Reminder) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	return out
}
