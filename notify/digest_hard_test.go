package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Days that a mail could break on, and the same days for another reader.

func manyOrders() notify.Facts {
	f := quietDay()
	f.Unpaid, f.Open, f.NewCount, f.ClosingSoon = 10_000, nil, 10_000, 24
	f.AtRisk = nil
	for i := range 10_000 {
		l := closing(orderLine("buckles", i, "Buyer of many things", order.Money{Minor: 100, Currency: []string{"CNY", "USD", "EUR", "JPY", "GBP"}[i%5]}), time.Duration(i)*time.Hour, "", 0)
		l.Step, l.Channel, l.Reasons = "first", order.BySMS, notify.AllReasons()
		f.Open = append(f.Open, l)
		f.Sent = append(f.Sent, reminderLine("buckles", i, "Buyer", fmt.Sprintf("step-%d", i%30)))
		if i < 500 {
			f.HandOffs = append(f.HandOffs, notify.HandOff{Order: l, Text: strings.Repeat("Hello! ", 1000)})
			f.Needs = append(f.Needs, notify.Need{Kind: notify.NeedWaits, Shop: "buckles", Words: "Something", Do: "nudged check"})
			f.Shops = append(f.Shops, goodShop(fmt.Sprintf("shop-%03d", i)))
			f.Campaigns = append(f.Campaigns, notify.CampaignDay{Name: fmt.Sprint("campaign-", i), State: order.CampaignRunning, People: 1_000_000, Sent: 999_999})
		}
	}
	f.Closed, f.Recovered, f.Failed, f.Lost, f.Previews, f.Bounced, f.OptedOut = f.Open, f.Open, f.Sent, f.Sent, f.Sent, f.Sent, f.Sent
	for _, l := range f.Open[:3000] {
		f.Replies = append(f.Replies, notify.ReplyLine{Order: l, Channel: order.ByEmail, At: evening, Words: strings.Repeat("好", 5000)})
	}
	f.AtRisk = sums(cny(200_000), order.Money{Minor: 200_000, Currency: "USD"}, order.Money{Minor: 200_000, Currency: "EUR"}, order.Money{Minor: 200_000, Currency: "JPY"}, order.Money{Minor: 200_000, Currency: "GBP"})
	f.Days = days(func(i int, d *notify.DayCount) { d.New, d.Paid, d.Recovered, d.Closed = i*1000, i*300, i*200, i*100 })
	return f
}

func hostileDay() notify.Facts {
	f := busyDay()
	evil := "<script>alert(1)</script>\r\nBcc: evil@attacker.example \u202egnp www.evil.example/x " + strings.Repeat("x", 100_000)
	dirty := func(ls []notify.OrderLine) {
		for i := range ls {
			ls[i].Name, ls[i].Number, ls[i].Items, ls[i].NextStep = evil, evil, evil, evil
			ls[i].Reasons = []notify.Reason{notify.Reason(evil)}
		}
	}
	dirty(f.Open)
	dirty(f.Recovered)
	dirty(f.Closed)
	f.Sent[0].Key.Step, f.Failed[0].Reason, f.Lost[0].Number, f.Lost[0].Name = evil, evil, evil, evil
	f.HandOffs[0].Chat, f.HandOffs[0].Order.Name = "javascript:alert(1)", evil
	f.Needs[0].Words, f.Campaigns = evil, []notify.CampaignDay{{Name: evil, State: order.CampaignState(evil)}}
	// These stand verbatim, to be pasted: clean, but not defanged.
	verbatim := "<script>alert(2)</script>\r\nBcc: x\u202e" + strings.Repeat("y", 100_000)
	f.HandOffs[0].Text, f.Needs[0].Do, f.Statuses[0].Text, f.Statuses[0].Line = verbatim+"\n"+verbatim, verbatim, verbatim, verbatim
	f.Replies[0].Words, f.Replies[0].Order.Name, f.Bounced[0].Reason, f.OptedOut[0].Name = evil+verbatim, evil, evil, evil
	f.Holds[0].Detail, f.Holds[0].Shops = evil+"`rm -rf <b>`", []string{evil}
	f.Shops[1].Words, f.Shops[1].Problems = evil, []string{evil, evil, evil, evil, evil}
	return f
}

// inLanguage is the same day for another reader, in shops of that language.
func inLanguage(f notify.Facts, language string) notify.Facts {
	f.Language = language
	if language != "zh" {
		return f
	}
	translate := func(ls []notify.OrderLine) []notify.OrderLine {
		ls = slices.Clone(ls)
		for i := range ls {
			ls[i].Items = strings.Replace(ls[i].Items, "Leather belt, brown", "头层牛皮腰带 棕色", 1)
		}
		return ls
	}
	f.Open, f.Recovered, f.Closed, f.HandOffs, f.Replies = translate(f.Open), translate(f.Recovered), translate(f.Closed), slices.Clone(f.HandOffs), slices.Clone(f.Replies)
	for i := range f.HandOffs {
		f.HandOffs[i].Text = "您好！感谢您的订单 " + f.HandOffs[i].Order.Number + "，订单已为您保留，目前还没有付款。\n付款遇到问题，或者对商品有疑问，随时告诉我们。"
	}
	for i := range f.Replies {
		f.Replies[i].Words = "请问有黑色的吗？什么时候能到？"
	}
	return f
}
