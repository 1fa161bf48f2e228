package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// evening is when the digest of the tests is made.
var evening = time.Date(2026, 11, 21, 21, 0, 0, 0, shanghai)

func cny(minor int64) order.Money { return order.Money{Minor: minor, Currency: "CNY"} }

func orderLine(shop string, n int, name string, total order.Money) notify.OrderLine {
	return notify.OrderLine{
		Key: order.Key{Shop: shop, ID: fmt.Sprint(n)}, Number: fmt.Sprintf("B-%04d", n), Name: name, Total: total,
		Items: "Leather belt, brown, and 2 more", Status: order.Unpaid, Created: evening.Add(-5 * time.Hour),
	}
}

func reminderLine(shop string, n int, name, step string) notify.MessageLine {
	return notify.MessageLine{
		Key:    order.ReminderKey{Order: order.Key{Shop: shop, ID: fmt.Sprint(n)}, Step: step, Channel: order.ByEmail},
		Number: fmt.Sprintf("B-%04d", n), Name: name, At: evening.Add(-3 * time.Hour),
	}
}

func goodShop(name string) notify.ShopDay {
	return notify.ShopDay{
		Name: name, LastVisit: evening.Add(-10 * time.Minute), LastGood: evening.Add(-10 * time.Minute), Outcome: order.OK, Visits: 96, Orders: 214, Unpaid: 4,
	}
}

func facts() notify.Facts {
	return notify.Facts{
		Number: 12, From: evening.Add(-24 * time.Hour), To: evening, Zone: shanghai, Mode: notify.Live, Unpaid: 4,
		Shops: []notify.ShopDay{goodShop("buckles")},
	}
}

func closing(l notify.OrderLine, in time.Duration, next string) notify.OrderLine {
	l.Closes, l.Next = evening.Add(in), next
	return l
}

func busyDay() notify.Facts {
	f := facts()
	f.Unpaid = 12
	f.Needs = []notify.Need{
		{Shop: "strap-world", What: "The shop asks for a code sent to your phone: “Please enter the 6-digit code”.", Do: "sign in to the shop by hand once, then nudged crawl strap-world"},
	}
	f.Statuses = []notify.UnknownStatus{{Shop: "strap-world", Recipe: "opencart-4", Text: "Awaiting Fulfillment", Orders: 3, Line: `- {text: "Awaiting Fulfillment", is: other}`, Copy: "nudged recipe show opencart-4 > opencart-4.yaml"}}
	f.Lost = []notify.MessageLine{reminderLine("buckles", 1004, "Grace Hopper", "last")}
	f.HandOffs = []notify.HandOff{{
		Order: orderLine("strap-world", 3301, "王小红", cny(23800)), AsOf: evening.Add(-2 * time.Minute), Chat: "https://strap-world.example/admin/chat?order=3301",
		Text: "Hello, your order B-3301 is saved for you; only the payment is open.\nThe shop keeps it until Sun 22 Nov, 09:10. Is there anything we can help with?",
	}}
	f.Holds = []notify.Hold{
		{Cause: order.CauseShop, Count: 5, Detail: "strap-world: signing in needs a code"},
		{Cause: order.CauseQuiet, Count: 2},
		{Cause: order.CausePaid, Count: 3},
	}
	f.New = []notify.OrderLine{
		closing(orderLine("buckles", 1009, "Ada Lovelace", cny(123450)), 40*time.Hour, "first, today 21:40"),
		closing(orderLine("buckles", 1008, "黄晓明", cny(9900)), 36*time.Hour, "second, tomorrow 09:00"),
		closing(orderLine("strap-world", 3302, "", order.Money{Minor: 4950, Currency: "USD"}), 12*time.Hour, "held"),
	}
	rec := orderLine("buckles", 1001, "Alan Turing", cny(88000))
	rec.Status, rec.At, rec.Step = order.Paid, evening.Add(-90*time.Minute), "first"
	f.Recovered = []notify.OrderLine{rec}
	f.Closed = []notify.OrderLine{orderLine("buckles", 996, "Edsger Dijkstra", cny(15000))}
	f.Sent = []notify.MessageLine{reminderLine("buckles", 1002, "Barbara Liskov", "first"), reminderLine("buckles", 1001, "Alan Turing", "first")}
	failed := reminderLine("buckles", 1003, "Tony Hoare", "second")
	failed.Reason = "smtp: mail.example refused the recipient: 550 5.1.1 no such person"
	f.Failed = []notify.MessageLine{failed}
	f.Delivered, f.Cost = 1, []order.Money{{Minor: 10, Currency: "CNY"}}
	f.Replies = []notify.ReplyLine{
		{Order: orderLine("buckles", 1002, "Barbara Liskov", cny(45600)), Channel: order.ByEmail, At: evening.Add(-time.Hour), Words: "Can I have it in black?\nAnd when would it arrive? See www.black-belts.example"},
		{Channel: order.BySMS, At: evening.Add(-2 * time.Hour), Words: "谁?"},
	}
	bounced := reminderLine("buckles", 1005, "John Backus", "first")
	bounced.Reason = "550 5.1.1 no such person here"
	f.Bounced = []notify.MessageLine{bounced}
	f.OptedOut = []notify.MessageLine{{Key: order.ReminderKey{Order: order.Key{Shop: "buckles", ID: "998"}, Channel: order.BySMS}, Number: "B-0998", Name: "Kathleen Booth", At: evening.Add(-4 * time.Hour)}}
	f.Closing = []notify.OrderLine{
		closing(orderLine("buckles", 990, "Margaret Hamilton", cny(56700)), 2*time.Hour, "last, today 21:10"),
		closing(orderLine("strap-world", 3301, "王小红", cny(23800)), 12*time.Hour+10*time.Minute, ""),
	}
	broken := notify.ShopDay{
		Name: "strap-world", LastVisit: evening.Add(-20 * time.Minute), LastGood: evening.Add(-7 * time.Hour), Outcome: order.NeedsYou,
		Words: "Please enter the 6-digit code", Visits: 70, Failed: 21, Orders: 40, Unpaid: 8, Blocked: 2,
		Problems: []string{"row 3: field total, selector td.total: found “—”, last good “¥ 238.00”"},
	}
	f.Shops = append(f.Shops, broken)
	return f
}

func previewDay() notify.Facts {
	f := facts()
	f.Number, f.Mode, f.FirstDay = 1, notify.Preview, true
	f.New = []notify.OrderLine{closing(orderLine("buckles", 1009, "Ada Lovelace", cny(123450)), 40*time.Hour, "second, tomorrow 09:00")}
	f.Previews = []notify.MessageLine{reminderLine("buckles", 1009, "Ada Lovelace", "first")}
	f.Holds = []notify.Hold{{Cause: order.CauseBeforeEnabled, Count: 9}}
	f.Shops[0].Visits = 6
	return f
}

func nothingRead() notify.Facts {
	f := facts()
	f.Needs = []notify.Need{{Shop: "buckles", What: "The shop refused user or password: “Wrong username or password.” It is not tried again until the config changes.", Do: "nudged check --online"}}
	f.Shops = []notify.ShopDay{{Name: "buckles", LastVisit: evening.Add(-time.Hour), LastGood: evening.Add(-31 * time.Hour), Outcome: order.Refused, Words: "Wrong username or password.", Visits: 1, Failed: 1}}
	f.Holds = []notify.Hold{{Cause: order.CauseShop, Count: 4}}
	return f
}

func hostileDay() notify.Facts {
	f := busyDay()
	evil := "<script>alert(1)</script>\r\nBcc: evil@attacker.example \u202egnp www.evil.example/x " + strings.Repeat("x", 100_000)
	dirty := func(ls []notify.OrderLine) {
		for i := range ls {
			ls[i].Name, ls[i].Number, ls[i].Items, ls[i].Next = evil, evil, evil, evil
		}
	}
	dirty(f.New)
	dirty(f.Recovered)
	dirty(f.Closing)
	f.Sent[0].Name, f.Failed[0].Reason, f.Lost[0].Number = evil, evil, evil
	f.HandOffs[0].Chat, f.HandOffs[0].Order.Name = "javascript:alert(1)", evil
	f.Needs[0].What = evil
	// These stand verbatim, to be pasted: clean, but not defanged.
	verbatim := "<script>alert(2)</script>\r\nBcc: x\u202e" + strings.Repeat("y", 100_000)
	f.HandOffs[0].Text, f.Needs[0].Do, f.Statuses[0].Text, f.Statuses[0].Line = verbatim+"\n"+verbatim, verbatim, verbatim, verbatim
	f.Replies[0].Words, f.Replies[0].Order.Name, f.Bounced[0].Reason, f.OptedOut[0].Name = evil+verbatim, evil, evil, evil
	f.Holds[0].Detail = evil + "`rm -rf <b>`"
	f.Shops[1].Words, f.Shops[1].Problems = evil, []string{evil, evil, evil, evil, evil}
	return f
}

func manyOrders() notify.Facts {
	f := facts()
	f.Unpaid = 500
	for i := range 500 {
		f.New = append(f.New, closing(orderLine("buckles", i, "Buyer of many things", order.Money{Minor: 100, Currency: []string{"CNY", "USD", "EUR", "JPY", "GBP"}[i%5]}), time.Duration(i)*time.Hour, ""))
		f.Sent = append(f.Sent, reminderLine("buckles", i, "Buyer", "first"))
		f.HandOffs = append(f.HandOffs, notify.HandOff{Order: orderLine("buckles", i, "Buyer", cny(5)), Text: "Hello"})
		f.Needs = append(f.Needs, notify.Need{Shop: "buckles", What: "Something", Do: "nudged check"})
		f.Shops = append(f.Shops, goodShop(fmt.Sprintf("shop-%03d", i)))
	}
	f.Closing = f.New
	return f
}

func TestDigest(t *testing.T) {
	for name, f := range map[string]notify.Facts{
		"quiet-day": facts(), "busy-day": busyDay(), "first-day-preview": previewDay(), "nothing-read": nothingRead(), "hostile": hostileDay(), "500-orders": manyOrders(),
	} {
		t.Run(name, func(t *testing.T) {
			subject, text, html, err := notify.RenderDigest(f)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "digest/"+name+".txt", "Subject: "+subject+"\n\n"+text)
			golden(t, "digest/"+name+".html", html)
			if len(html) > 100_000 { // Gmail cuts a mail at 102 kB
				t.Errorf("%d bytes of HTML", len(html))
			}
			if n := len([]rune(subject)); n > 120 {
				t.Errorf("the subject is %d characters long", n)
			}
		})
	}
}

func TestDigestHostile(t *testing.T) {
	subject, text, html, err := notify.RenderDigest(hostileDay())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "javascript:", "\u202e", "www.evil", "evil@", "<b>"} {
		if strings.Contains(html, bad) {
			t.Errorf("the HTML contains %q", bad)
		}
		if bad[0] != '<' && strings.Contains(text+subject, bad) {
			t.Errorf("the text contains %q", bad)
		}
	}
	if strings.Contains(text, "\nBcc:") || strings.ContainsAny(subject, "\r\n") {
		t.Error("a name broke the line")
	}
}

// The first words of the mail have to be right, whatever the day was.
func TestDigestFirstWords(t *testing.T) {
	for _, c := range []struct {
		name          string
		f             notify.Facts
		subject, lead string
	}{
		{"quiet", facts(), "nudged #12: a quiet day", "A quiet day: no new unpaid orders, and none closed. 4 orders are open and unpaid now."},
		{"nothing read", nothingRead(), "nudged #12: nothing could be read since Fri 20 Nov, 14:00", "Nothing could be read in this day, so nobody was reminded. 4 orders are open and unpaid now, as far as is known. 4 reminders were held back."},
		{"busy", busyDay(), "nudged #12: 4 things need you; 3 new unpaid, 1 paid after a reminder, 1 closed unpaid, 2 answered and 2 sent", "3 new unpaid orders, 1 paid after a reminder, 1 closed unpaid, 2 answers and 2 sent. 12 orders are open and unpaid now. 7 reminders were held back."},
		{"never read", notify.Facts{From: evening.Add(-24 * time.Hour), To: evening, Shops: []notify.ShopDay{{Name: "x"}}}, "nudged: nothing could be read", "Nothing could be read in this day, so nobody was reminded."},
	} {
		subject, text, _, err := notify.RenderDigest(c.f)
		if err != nil {
			t.Fatal(err)
		}
		lead, _, _ := strings.Cut(text, "\n")
		if subject != c.subject || lead != c.lead {
			t.Errorf("%s:\nsubject %q\n   want %q\nlead %q\nwant %q", c.name, subject, c.subject, lead, c.lead)
		}
	}
}

func TestDigestLanguage(t *testing.T) {
	f := facts()
	f.Language = "xx"
	if _, _, _, err := notify.RenderDigest(f); err == nil || !strings.Contains(err.Error(), `"xx"`) {
		t.Errorf("error is %v", err)
	}
}
