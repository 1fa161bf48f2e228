package notify

import (
	"slices"
	"strings"
	"time"
)

func (m digestMaker) list(orders []OrderLine, limit int) listView {
	v := listView{Count: len(orders), Sum: m.sums(addUp(orders))}
	for _, o := range orders[:min(len(orders), limit)] {
		v.Lines = append(v.Lines, m.line(o))
	}
	v.More = v.Count - len(v.Lines)
	return v
}

func (m digestMaker) line(o OrderLine) lineView {
	v := lineView{
		Number: shownNumber(o.Number, o.Key.ID), Name: defang(clean(o.Name, maxName)), Items: cleanTitle(o.Items), More: o.More, Kinds: o.More + 1, New: o.New,
		At: m.clock(o.At), Next: cleanStep(o.NextStep), NextState: string(o.NextState), Stopped: string(o.Stopped), Channel: string(o.Channel),
	}
	if v.Items == "" {
		v.More, v.Kinds = 0, 0
	}
	v.Step, v.Campaign = stepOf(o.Step)
	if m.shops {
		v.Shop = clean(o.Key.Shop, maxName)
	}
	if o.Total.Currency != "" || o.Total.Minor != 0 {
		v.Amount = m.loc.money(o.Total)
	}
	if age := m.f.To.Sub(o.Created); !o.Created.IsZero() && age >= 0 {
		v.Age = m.loc.span(age)
	}
	if !o.Closes.IsZero() {
		v.Closes = m.clock(o.Closes)
		left := o.Closes.Sub(m.f.To)
		if v.Soon, v.Late = left < 3*time.Hour, left <= 0; !v.Late {
			v.In = m.loc.span(left)
		}
	}
	if o.NextAt.After(m.f.To) { // what was due before is to go out any moment
		v.NextAt = m.clock(o.NextAt)
	}
	for _, c := range o.Ways {
		v.Ways = append(v.Ways, string(c))
	}
	for _, r := range o.Reasons {
		if slices.Contains(AllReasons(), r) {
			v.Reasons = append(v.Reasons, string(r))
		}
	}
	return v
}

func shownNumber(number, id string) string {
	if clean(number, maxNumber) == "" {
		number = id
	}
	return defang(clean(number, maxNumber))
}

// stepOf gives the name of a step, or of the campaign that a message belongs to.
func stepOf(name string) (step, campaign string) {
	if c, ok := campaignOf(name); ok {
		return "", cleanStep(c)
	}
	return cleanStep(name), ""
}

func cleanStep(s string) string { return defang(clean(s, maxNumber)) }

func (m digestMaker) recoveries(d *digest) {
	for _, r := range m.f.By[:min(len(m.f.By), maxGroups)] {
		v := recoveryView{Channel: string(r.Channel), Orders: r.Orders, Sum: m.sums(r.Sum)}
		v.Step, v.Campaign = stepOf(r.Step)
		d.By = append(d.By, v)
	}
}

// sent counts what went out by step and channel, in the order of the first one.
func (m digestMaker) sent(d *digest) {
	at := map[sentView]int{}
	for _, l := range m.f.Sent {
		v := sentView{Channel: string(l.Key.Channel)}
		v.Step, v.Campaign = stepOf(l.Key.Step)
		i, ok := at[v]
		if !ok {
			if len(d.Sent) == maxGroups {
				continue // their sum is told
			}
			i = len(d.Sent)
			at[v] = i
			d.Sent = append(d.Sent, v)
		}
		d.Sent[i].Count++
	}
}

func (m digestMaker) messages(list []MessageLine) messagesView {
	v := messagesView{Count: len(list)}
	for _, l := range list[:min(len(list), maxListed)] {
		line := messageView{
			Number: shownNumber(l.Number, l.Key.Order.ID), Name: defang(clean(l.Name, maxName)), Channel: string(l.Key.Channel), At: m.clock(l.At), Reason: cleanWords(l.Reason),
		}
		line.Step, line.Campaign = stepOf(l.Key.Step)
		if l.Key.Order.ListRow() {
			line.Number = "" // a person on a list has no order
		}
		if m.shops {
			line.Shop = clean(l.Key.Order.Shop, maxName)
		}
		v.Lines = append(v.Lines, line)
	}
	v.More = v.Count - len(v.Lines)
	return v
}

func (m digestMaker) replies(d *digest) {
	shown := m.f.Replies[:min(len(m.f.Replies), maxReplies)]
	d.ReplyCount, d.MoreReplies = len(m.f.Replies), len(m.f.Replies)-len(shown)
	for _, r := range shown {
		v := replyView{Order: m.line(r.Order), Channel: string(r.Channel), At: m.clock(r.At), Words: defang(clean(r.Words, maxReply))}
		if r.Order.Key.ListRow() {
			v.Order.Number = ""
		}
		d.Replies = append(d.Replies, v)
	}
}

func (m digestMaker) handOffs(d *digest) {
	shown := m.f.HandOffs[:min(len(m.f.HandOffs), maxHandOffs)]
	d.MoreHandOffs = len(m.f.HandOffs) - len(shown)
	for _, h := range shown {
		v := handOffView{Order: m.line(h.Order), Chat: safeLink(h.Chat)}
		if !h.AsOf.IsZero() {
			v.AsOf = h.AsOf.In(m.zone).Format("15:04")
			if m.f.To.Sub(h.AsOf).Abs() > 12*time.Hour {
				v.AsOf = m.at(h.AsOf)
			}
		}
		text := []rune(h.Text)
		for line := range strings.SplitSeq(string(text[:min(len(text), maxHandText)]), "\n") {
			v.Text = append(v.Text, clean(line, maxHandText))
		}
		d.HandOffs = append(d.HandOffs, v)
	}
}

func (m digestMaker) campaigns(d *digest) {
	shown := m.f.Campaigns[:min(len(m.f.Campaigns), maxCampaigns)]
	d.MoreCampaigns = len(m.f.Campaigns) - len(shown)
	for _, c := range shown {
		d.Campaigns = append(d.Campaigns, campaignView{
			Name: cleanStep(c.Name), State: clean(string(c.State), maxName), Sum: m.sums(c.Sum), People: c.People, Sent: c.Sent, Today: c.Today, Waiting: c.Waiting,
			Skipped: c.Skipped, Bounced: c.Bounced, Replied: c.Replied, OptedOut: c.OptedOut, Ordered: c.Ordered,
		})
	}
}
