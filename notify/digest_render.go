package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// How many lines of a list the digest shows before it points to the command.
const (
	maxListed   = 8
	maxHandOffs = 5
	maxNeeds    = 10
	maxShops    = 20
	maxProblems = 3
	maxHandText = 1200 // characters of a text to paste
	maxReplies  = 8
	maxReply    = 500 // characters of an answer; the whole of it lies in the mailbox
)

// RenderDigest writes the mail: the day in one sentence, what needs the seller,
// then the day in lists. The subject of a day on which nothing could be read
// says so.
func RenderDigest(f Facts) (subject, text, htm string, err error) {
	texts, err := LoadTexts("")
	if err != nil {
		return "", "", "", err
	}
	lang := f.Language
	if lang == "" {
		lang = "en"
	}
	tmpl, ok := texts.digests[lang]
	if !ok {
		return "", "", "", fmt.Errorf("there is no digest in language %q", lang)
	}
	view := newDigest(f)
	if err = tmpl.advise(view.Holds); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	if view.Subject, err = tmpl.line("subject", view); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	if view.Lead, err = tmpl.line("lead", view); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	if text, err = tmpl.body(view); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	var b strings.Builder
	if err = tmpl.html.ExecuteTemplate(&b, "html", view); err != nil {
		return "", "", "", fmt.Errorf("digest: %w", err)
	}
	return view.Subject, text, b.String(), nil
}

// advise puts the digest's own words where a hold says nothing of what to do.
func (lt letterTemplate) advise(holds []Hold) error {
	for i := range holds {
		if holds[i].Do != "" {
			continue
		}
		do, err := lt.line("cause-do", string(holds[i].Cause))
		if err != nil {
			return err
		}
		holds[i].Do = do
	}
	return nil
}

// digestMaker carries what all parts need.
type digestMaker struct {
	f     Facts
	zone  *time.Location
	shops bool // several, so that lines name theirs
}

func newDigest(f Facts) digest {
	m := digestMaker{f: f, zone: f.Zone, shops: len(f.Shops) > 1}
	if m.zone == nil {
		m.zone = time.UTC
	}
	d := digest{
		Number: f.Number, Day: f.To.In(m.zone).Format("Mon 2 Jan 2006"), From: m.at(f.From), To: m.at(f.To),
		Preview: f.Mode != Live, FirstDay: f.FirstDay, Unpaid: f.Unpaid, Paid: f.Paid, Refunded: f.Refunded,
		New: m.list(f.New), Recovered: m.list(f.Recovered), Closed: m.list(f.Closed), Closing: m.list(f.Closing),
		Sent: m.messages(f.Sent), Previews: m.messages(f.Previews), Failed: m.messages(f.Failed), Lost: m.messages(f.Lost),
		Bounced: m.messages(f.Bounced), OptedOut: m.messages(f.OptedOut), Delivered: f.Delivered, Cost: amounts(f.Cost),
	}
	m.replies(&d)
	m.needs(&d)
	m.handOffs(&d)
	m.health(&d)
	d.Quiet = d.New.Count+d.Recovered.Count+d.Closed.Count+d.Sent.Count+d.Previews.Count+d.Failed.Count+d.Lost.Count+d.Bounced.Count+d.OptedOut.Count+len(f.Replies) == 0
	return d
}

func (m digestMaker) needs(d *digest) {
	d.NeedsCount = len(m.f.Needs) + len(m.f.Statuses) + len(m.f.HandOffs) + len(m.f.Lost)
	for _, n := range m.f.Needs[:min(len(m.f.Needs), maxNeeds)] {
		d.Needs = append(d.Needs, Need{Shop: clean(n.Shop, maxName), What: cleanWords(n.What), Do: clean(n.Do, maxLine)})
	}
	for _, s := range m.f.Statuses[:min(len(m.f.Statuses), maxNeeds)] {
		d.Statuses = append(d.Statuses, UnknownStatus{
			Shop: clean(s.Shop, maxName), Recipe: clean(s.Recipe, maxTitle), Text: clean(s.Text, maxName), Orders: s.Orders, Line: clean(s.Line, maxTitle), Copy: clean(s.Copy, maxTitle),
		})
	}
	for _, h := range m.f.Holds {
		if h.Count < 1 {
			continue
		}
		h.Detail, h.Do = cleanWords(h.Detail), clean(h.Do, maxLine)
		d.Holds = append(d.Holds, h)
		switch h.Cause {
		case order.CausePaid, order.CauseClosed, order.CauseBeforeEnabled, order.CauseZero, order.CauseTogether, order.CauseSuppressed,
			order.CauseTwice, order.CauseReplied, order.CauseCondition, order.CausePayment, order.CauseBounce, order.CauseLimit:
			// these are as they should be
		default:
			d.Waiting += h.Count
		}
	}
}

func (m digestMaker) handOffs(d *digest) {
	for i, h := range m.f.HandOffs {
		if i == maxHandOffs {
			d.MoreHandOffs = len(m.f.HandOffs) - i
			return
		}
		v := handOffView{Order: m.line(h.Order), Chat: safeLink(h.Chat)}
		if !h.AsOf.IsZero() {
			v.AsOf = m.at(h.AsOf)
		}
		text := []rune(h.Text)
		for line := range strings.SplitSeq(string(text[:min(len(text), maxHandText)]), "\n") {
			v.Text = append(v.Text, clean(line, maxHandText))
		}
		d.HandOffs = append(d.HandOffs, v)
	}
}

func (m digestMaker) replies(d *digest) {
	shown := m.f.Replies[:min(len(m.f.Replies), maxReplies)]
	d.ReplyCount, d.MoreReplies = len(m.f.Replies), len(m.f.Replies)-len(shown)
	for _, r := range shown {
		d.Replies = append(d.Replies, replyView{Order: m.line(r.Order), Channel: string(r.Channel), At: m.at(r.At), Words: defang(clean(r.Words, maxReply))})
	}
}

// health sums up how well the shops could be read.
func (m digestMaker) health(d *digest) {
	var good time.Time
	for _, s := range m.f.Shops {
		good = latest(good, s.LastGood)
		v := m.shop(s)
		if !v.Good && !v.Never {
			d.Broken = append(d.Broken, v)
		}
		d.Shops = append(d.Shops, v)
	}
	// The shops in trouble come first, also where the list is cut.
	slices.SortStableFunc(d.Shops, func(a, b shopView) int {
		switch {
		case a.Good == b.Good:
			return 0
		case b.Good:
			return -1
		}
		return 1
	})
	if len(d.Shops) > maxShops {
		d.MoreShops, d.Shops = len(d.Shops)-maxShops, d.Shops[:maxShops]
	}
	d.NothingRead = len(m.f.Shops) > 0 && good.Before(m.f.From)
	if !good.IsZero() {
		d.ReadSince = m.at(good)
	}
}

func (m digestMaker) shop(s ShopDay) shopView {
	v := shopView{
		Name: clean(s.Name, maxName), Outcome: clean(s.Outcome, maxName), Words: cleanWords(s.Words),
		Good: s.Outcome == order.OK, Never: s.LastVisit.IsZero(),
		Visits: s.Visits, Failed: s.Failed, Orders: s.Orders, Unpaid: s.Unpaid, Blocked: s.Blocked,
	}
	if !s.LastVisit.IsZero() {
		v.LastVisit = m.at(s.LastVisit)
	}
	if !s.LastGood.IsZero() {
		v.LastGood = m.at(s.LastGood)
	}
	if s.Waited != nil {
		v.WaitedFrom, v.WaitedTo, v.WaitedFor = m.at(s.Waited.From), m.at(s.Waited.To), cleanWords(s.Waited.Why)
	}
	for i, p := range s.Problems {
		if i == maxProblems {
			v.MoreProblems = len(s.Problems) - i
			break
		}
		v.Problems = append(v.Problems, cleanWords(p))
	}
	return v
}

func (m digestMaker) list(orders []OrderLine) listView {
	v := listView{Count: len(orders), Sum: sum(orders)}
	for i, o := range orders {
		if i == maxListed {
			v.More = len(orders) - i
			break
		}
		v.Lines = append(v.Lines, m.line(o))
	}
	return v
}

func (m digestMaker) line(o OrderLine) lineView {
	v := lineView{
		Number: m.number(o.Number, o.Key.ID), Name: defang(clean(o.Name, maxName)), Items: cleanTitle(o.Items), Step: clean(o.Step, maxName), Next: cleanTitle(o.Next),
		Closes: m.at(o.Closes), Created: m.at(o.Created), At: m.at(o.At),
	}
	if m.shops {
		v.Shop = clean(o.Key.Shop, maxName)
	}
	if o.Total.Currency != "" || o.Total.Minor != 0 {
		v.Amount = amount(o.Total)
	}
	if left := o.Closes.Sub(m.f.To); !o.Closes.IsZero() && left > 0 {
		v.In, v.Soon = about(left), left < 3*time.Hour
	}
	return v
}

func (m digestMaker) messages(list []MessageLine) messagesView {
	v := messagesView{Count: len(list)}
	for i, l := range list {
		if i == maxListed {
			v.More = len(list) - i
			break
		}
		line := messageView{
			Number: m.number(l.Number, l.Key.Order.ID), Name: defang(clean(l.Name, maxName)), Step: clean(l.Key.Step, maxName), Channel: string(l.Key.Channel), At: m.at(l.At), Reason: cleanWords(l.Reason),
		}
		if m.shops {
			line.Shop = clean(l.Key.Order.Shop, maxName)
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

func (m digestMaker) number(number, id string) string {
	if clean(number, maxNumber) == "" {
		number = id
	}
	return defang(clean(number, maxNumber))
}

func (m digestMaker) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.zone).Format("Mon 2 Jan, 15:04")
}
