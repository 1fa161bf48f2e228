package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func TestDigest(t *testing.T) {
	for name, f := range map[string]notify.Facts{
		"quiet-day": quietDay(), "busy-day": busyDay(), "first-day-preview": previewDay(), "broken-shop": brokenShop(), "nothing-read": nothingRead(),
		"dst-day": dstDay(), "asleep": asleep(), "no-contact": noContact(), "campaign-day": campaignDay(), "hostile": hostileDay(), "10000-orders": manyOrders(),
	} {
		for _, language := range []string{"en", "zh"} {
			t.Run(name+"/"+language, func(t *testing.T) {
				subject, text, html, err := notify.RenderDigest(inLanguage(f, language))
				if err != nil {
					t.Fatal(err)
				}
				golden(t, "digest/"+language+"/"+name+".txt", "Subject: "+subject+"\n\n"+text)
				golden(t, "digest/"+language+"/"+name+".html", html)
				if len(html) > 100_000 { // Gmail cuts a mail at 102 kB
					t.Errorf("%d bytes of HTML", len(html))
				}
				if n := len([]rune(subject)); n > 130 {
					t.Errorf("the subject is %d characters long", n)
				}
			})
		}
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
	never := notify.Facts{From: evening.Add(-24 * time.Hour), To: evening, Shops: []notify.ShopDay{{Name: "x"}}}
	tried := never
	tried.Shops = []notify.ShopDay{{Name: "x", LastVisit: evening.Add(-time.Hour), Outcome: order.Unavailable}, {Name: "y"}}
	one := quietDay()
	one.NewCount, one.ClosingSoon = 1, 1
	failed := quietDay()
	failed.Bounced = busyDay().Bounced
	for _, c := range []struct {
		name          string
		f             notify.Facts
		subject, lead string
	}{
		{"quiet", quietDay(), "nudged #12: a quiet day", "A quiet day; 1 order is unpaid now."},
		{"one", one, "nudged #12: 1 new unpaid", "1 new unpaid order; 1 order is unpaid now, closing within 24 hours."},
		{"needs only", brokenShop(), "nudged #12: 1 thing needs you; nothing new", "Nothing new; 9 orders are unpaid now. 8 reminders did not go out because strap-world could not be read (nudged crawl strap-world)."},
		{"bounced only", failed, "nudged #12: nothing new", "1 came back; 1 order is unpaid now."},
		{"nothing read", nothingRead(), "nudged #12: nothing could be read since Fri 20 Nov, 14:00", "Nothing could be read since Fri 20 Nov, 14:00, so nobody was reminded; 1 order was unpaid when last seen. 4 reminders did not go out because buckles could not be read (nudged crawl buckles --again)."},
		{"busy", busyDay(), "nudged #12: 4 things need you; 3 new unpaid, 1 paid after a reminder, 1 closed unpaid and 2 answered", "3 new unpaid orders, 1 paid after a reminder (CNY 880.00), 1 closed unpaid, 2 answers, 3 sent and 1 failed; 12 orders are unpaid now, 2 of them closing within 24 hours. 7 reminders did not go out: 5 because strap-world could not be read (nudged login strap-world); 2 until quiet hours end."},
		{"three days", asleep(), "nudged #12: 4 things need you; 3 new unpaid, 1 paid after a reminder, 1 closed unpaid and 2 answered", "Since Wed 18 Nov, 21:00: 3 new unpaid orders, 1 paid after a reminder (CNY 880.00), 1 closed unpaid, 2 answers, 3 sent and 1 failed; 12 orders are unpaid now, 2 of them closing within 24 hours. 13 reminders did not go out: 6 because it was too late by then (max_lateness: 12h); 5 because strap-world could not be read (nudged login strap-world); 2 until quiet hours end."},
		{"never visited", never, "nudged: no shop was visited yet", "No shop was visited yet, so nobody was reminded."},
		{"never visited zh", inLanguage(never, "zh"), "nudged：还没有访问过店铺", "还没有访问过店铺，所以还没有催付。"},
		{"never read", tried, "nudged: nothing could be read", "Nothing could be read, so nobody was reminded."},
		{"quiet zh", inLanguage(quietDay(), "zh"), "nudged #12：今天没有新情况", "今天没有新情况；现有 1 单待付款。"},
		{"nothing read zh", inLanguage(nothingRead(), "zh-CN"), "nudged #12：11月20日 周五 14:00 起所有店铺都读取失败", "11月20日 周五 14:00 起所有店铺都读取失败，期间没有催付；最后一次读到时有 1 单待付款。有 4 条催付没有发出：因 buckles 读取失败（nudged crawl buckles --again）。"},
		{"busy zh", inLanguage(busyDay(), "zh"), "nudged #12：有 4 件事需要您处理；新增 3 单待付款，催付后付款 1 单，未付款关闭 1 单，买家回复 2 条", "新增 3 单待付款，催付后付款 1 单（880.00元），未付款关闭 1 单，买家回复 2 条，发出催付 3 条，发送失败 1 条；现有 12 单待付款，其中 2 单在 24 小时内关闭。有 7 条催付没有发出：5 条因 strap-world 读取失败（nudged login strap-world）；2 条在等免打扰时段结束。"},
	} {
		subject, text, _, err := notify.RenderDigest(c.f)
		if err != nil {
			t.Fatal(err)
		}
		lead, _, _ := strings.Cut(text, "\n")
		lead = strings.ReplaceAll(lead, "\u00a0", " ")
		if subject != c.subject || lead != c.lead {
			t.Errorf("%s:\nsubject %q\n   want %q\nlead %q\nwant %q", c.name, subject, c.subject, lead, c.lead)
		}
	}
}

// What counts is how long ago a shop was read, not how long the day was.
func TestTheSubjectSaysThatNothingWasRead(t *testing.T) {
	for name, c := range map[string]struct {
		day, ago time.Duration
		outcome  string
		says     bool
	}{
		"an hour into the day":            {time.Hour, 2 * time.Hour, order.Unavailable, false},
		"a day ago":                       {24 * time.Hour, 24 * time.Hour, order.Unavailable, false},
		"more than a day ago":             {24 * time.Hour, 24*time.Hour + time.Minute, order.Unavailable, true},
		"at the beginning of a long day":  {25 * time.Hour, 24*time.Hour + time.Minute, order.Unavailable, true},
		"two of three days ago":           {72 * time.Hour, 48 * time.Hour, order.Unavailable, true},
		"the last good one is not known":  {24 * time.Hour, -1, order.OK, false},
		"the only visit was not good":     {24 * time.Hour, -1, order.Refused, true},
		"read a moment before the digest": {24 * time.Hour, time.Minute, order.OK, false},
	} {
		f := quietDay()
		f.From = f.To.Add(-c.day)
		f.Shops[0].Outcome, f.Shops[0].LastGood = c.outcome, f.To.Add(-c.ago)
		if c.ago < 0 {
			f.Shops[0].LastGood = time.Time{}
		}
		subject, _, _, err := notify.RenderDigest(f)
		if err != nil {
			t.Fatal(err)
		}
		if says := strings.Contains(subject, "nothing could be read"); says != c.says {
			t.Errorf("%s: %q", name, subject)
		}
	}
}

func TestDigestLanguage(t *testing.T) {
	f := quietDay()
	f.Language = "xx"
	if _, _, _, err := notify.RenderDigest(f); err == nil || !strings.Contains(err.Error(), `"xx"`) {
		t.Errorf("error is %v", err)
	}
}

func BenchmarkRenderDigest(b *testing.B) {
	f := manyOrders()
	for b.Loop() {
		if _, _, _, err := notify.RenderDigest(f); err != nil {
			b.Fatal(err)
		}
	}
}
