package notify_test

import (
	"fmt"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// evening is when the digest of the tests is made.
var evening = time.Date(2026, 11, 21, 21, 0, 0, 0, shanghai)

func cny(minor int64) order.Money { return order.Money{Minor: minor, Currency: "CNY"} }

func sums(all ...order.Money) []order.Money { return all }

func orderLine(shop string, n int, name string, total order.Money) notify.OrderLine {
	return notify.OrderLine{
		Key: order.Key{Shop: shop, ID: fmt.Sprint(n)}, Number: fmt.Sprintf("B-%04d", n), Name: name, Total: total,
		Items: "Leather belt, brown", More: 2, Status: order.Unpaid, Created: evening.Add(-5 * time.Hour),
	}
}

// closing is an open order with its next step, "" for none.
func closing(l notify.OrderLine, in time.Duration, step string, next time.Duration) notify.OrderLine {
	l.Closes, l.Ways = evening.Add(in), []order.Channel{order.ByEmail}
	if step != "" {
		l.NextStep, l.NextAt, l.NextState = step, evening.Add(next), order.Planned
	}
	return l
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

// days are the last 14 before the evening.
func days(f func(i int, d *notify.DayCount)) []notify.DayCount {
	var out []notify.DayCount
	for i := range 14 {
		d := notify.DayCount{Day: time.Date(2026, 11, 8+i, 0, 0, 0, 0, shanghai)}
		f(i, &d)
		out = append(out, d)
	}
	return out
}

func fortnight() []notify.DayCount {
	return days(func(i int, d *notify.DayCount) {
		d.New, d.Paid, d.Recovered, d.Closed = 2+i*5%7, i%4, i*3%5, (i+2)%3
		if i == 13 {
			d.New, d.Paid, d.Recovered, d.Closed = 3, 2, 1, 1
		}
		if d.Sum = sums(cny(int64(d.Recovered) * 18800)); i == 13 {
			d.Sum = sums(cny(88000))
		}
	})
}

func quietDay() notify.Facts {
	f := notify.Facts{
		Number: 12, From: evening.Add(-24 * time.Hour), To: evening, Zone: shanghai, Mode: notify.Live, Unpaid: 1, AtRisk: sums(cny(56700)),
		Shops: []notify.ShopDay{goodShop("buckles")},
		Open:  []notify.OrderLine{closing(orderLine("buckles", 990, "Margaret Hamilton", cny(56700)), 30*time.Hour, "last", 26*time.Hour)},
	}
	f.Shops[0].Unpaid = 1
	f.Days = days(func(i int, d *notify.DayCount) {
		if i < 13 && i%3 == 0 {
			d.New, d.Recovered, d.Closed, d.Sum = 2, 1, i%2, sums(cny(9900))
		}
	})
	f.WeekAgo = &f.Days[6]
	return f
}

func busyDay() notify.Facts {
	f := quietDay()
	f.Unpaid, f.AtRisk, f.ClosingSoon = 12, sums(cny(524150), order.Money{Minor: 4950, Currency: "USD"}), 2
	f.Days = fortnight()
	f.WeekAgo = &f.Days[6]
	f.Needs = []notify.Need{{Kind: notify.NeedWaits, Shop: "strap-world", Words: "Please enter the 6-digit code", Do: "nudged login strap-world"}}
	f.Statuses = []notify.UnknownStatus{{Shop: "strap-world", Recipe: "opencart-4", Text: "Awaiting Fulfillment", Orders: 3, Line: `- {text: "Awaiting Fulfillment", is: other}`, Copy: "nudged recipe show opencart-4 > opencart-4.yaml"}}
	f.Lost = []notify.MessageLine{reminderLine("buckles", 1004, "Grace Hopper", "last")}
	f.Holds = []notify.Hold{
		{Cause: order.CauseShop, Count: 5, Shops: []string{"strap-world"}, Detail: "strap-world: signing in needs a code", Do: "nudged login strap-world"},
		{Cause: order.CauseQuiet, Count: 2},
		{Cause: order.CausePaid, Count: 3},
		{Cause: order.CauseLimit, Count: 1},
	}
	busyOrders(&f)
	busyMessages(&f)
	f.Shops = append(f.Shops, notify.ShopDay{
		Name: "strap-world", LastVisit: evening.Add(-20 * time.Minute), LastGood: evening.Add(-7 * time.Hour), Outcome: order.NeedsYou,
		Words: "Please enter the 6-digit code", Visits: 70, Failed: 21, Orders: 40, Unpaid: 8, Blocked: 2,
		Problems: []string{"row 3: field total, selector td.total: found “—”, last good “¥ 238.00”"},
	})
	return f
}

func busyOrders(f *notify.Facts) {
	usd := order.Money{Minor: 4950, Currency: "USD"}
	f.Open = []notify.OrderLine{
		closing(orderLine("buckles", 990, "Margaret Hamilton", cny(56700)), 2*time.Hour, "last", 10*time.Minute),
		closing(orderLine("strap-world", 3301, "王小红", cny(23800)), 12*time.Hour+10*time.Minute, "", 0),
		closing(orderLine("buckles", 1008, "黄晓明", cny(9900)), 36*time.Hour, "second", 12*time.Hour),
		closing(orderLine("buckles", 1009, "Ada Lovelace", cny(123450)), 40*time.Hour, "first", 40*time.Minute),
		closing(orderLine("strap-world", 3302, "", usd), 46*time.Hour, "first", time.Hour),
	}
	f.Open[1].Ways, f.Open[1].Items = nil, ""
	f.Open[2].New, f.Open[3].New, f.Open[4].New = true, true, true
	f.Open[3].Ways, f.Open[3].More = []order.Channel{order.ByEmail, order.BySMS}, 0
	f.Open[4].NextState = order.Held
	f.NewCount = 3
	rec := orderLine("buckles", 1001, "Alan Turing", cny(88000))
	rec.Status, rec.At, rec.Step, rec.Channel = order.Paid, evening.Add(-90*time.Minute), "first", order.ByEmail
	f.Recovered, f.Paid, f.Refunded = []notify.OrderLine{rec}, 2, 1
	f.By = []notify.Recovery{{Step: "first", Channel: order.ByEmail, Orders: 1, Sum: sums(cny(88000))}}
	closed := orderLine("buckles", 996, "Edsger Dijkstra", cny(15000))
	closed.At, closed.Reasons = evening.Add(-6*time.Hour), []notify.Reason{notify.PaymentFailed, notify.FirstOrder}
	f.Closed = []notify.OrderLine{closed}
	f.HandOffs = []notify.HandOff{{
		Order: f.Open[1], AsOf: evening.Add(-2 * time.Minute), Chat: "https://strap-world.example/admin/chat?order=3301",
		Text: "Hello, your order B-3301 is saved for you; only the payment is open.\nThe shop keeps it until Sun 22 Nov, 09:10. Is there anything we can help with?",
	}}
}

func busyMessages(f *notify.Facts) {
	bySMS := reminderLine("buckles", 1006, "Barbara Liskov", "second")
	bySMS.Key.Channel = order.BySMS
	f.Sent = []notify.MessageLine{reminderLine("buckles", 1002, "Barbara Liskov", "first"), reminderLine("buckles", 1001, "Alan Turing", "first"), bySMS}
	failed := reminderLine("buckles", 1003, "Tony Hoare", "second")
	failed.Reason = "smtp: mail.example refused the recipient: 550 5.1.1 no such person"
	f.Failed = []notify.MessageLine{failed}
	f.Delivered, f.Cost = 1, sums(cny(10))
	f.Replies = []notify.ReplyLine{
		{Order: orderLine("buckles", 1002, "Barbara Liskov", cny(45600)), Channel: order.ByEmail, At: evening.Add(-time.Hour), Words: "Can I have it in black?\nAnd when would it arrive? See www.black-belts.example"},
		{Channel: order.BySMS, At: evening.Add(-2 * time.Hour), Words: "谁?"},
	}
	bounced := reminderLine("buckles", 1005, "John Backus", "first")
	bounced.Reason = "550 5.1.1 no such person here"
	f.Bounced = []notify.MessageLine{bounced}
	f.OptedOut = []notify.MessageLine{{Key: order.ReminderKey{Order: order.Key{Shop: "buckles", ID: "998"}, Channel: order.BySMS}, Number: "B-0998", Name: "Kathleen Booth", At: evening.Add(-4 * time.Hour)}}
}

func previewDay() notify.Facts {
	f := quietDay()
	f.Number, f.Mode, f.FirstDay = 1, notify.Preview, true
	f.NewCount, f.AtRisk = 1, sums(cny(123450))
	f.Open = []notify.OrderLine{closing(orderLine("buckles", 1009, "Ada Lovelace", cny(123450)), 40*time.Hour, "second", 12*time.Hour)}
	f.Open[0].New = true
	f.Previews = []notify.MessageLine{reminderLine("buckles", 1009, "Ada Lovelace", "first")}
	f.Holds = []notify.Hold{{Cause: order.CauseBeforeEnabled, Count: 9}}
	f.Shops[0].Visits = 6
	f.Days, f.WeekAgo = []notify.DayCount{{Day: time.Date(2026, 11, 21, 0, 0, 0, 0, shanghai), New: 1}}, nil
	return f
}

func nothingRead() notify.Facts {
	f := quietDay()
	f.Needs = []notify.Need{{Kind: notify.NeedRefused, Shop: "buckles", Words: "Wrong username or password.", Do: "nudged crawl buckles --again"}}
	f.Shops = []notify.ShopDay{{Name: "buckles", LastVisit: evening.Add(-time.Hour), LastGood: evening.Add(-31 * time.Hour), Outcome: order.Refused, Words: "Wrong username or password.", Visits: 1, Failed: 1, Unpaid: 1}}
	f.Holds = []notify.Hold{{Cause: order.CauseShop, Count: 4, Shops: []string{"buckles"}, Do: "nudged crawl buckles --again"}}
	return f
}

// brokenShop is a day on which one shop of two could not be read.
func brokenShop() notify.Facts {
	f := quietDay()
	f.Unpaid = 9
	f.Needs = []notify.Need{{Kind: notify.NeedLayout, Shop: "strap-world", Recipe: "opencart-4", Words: "the list has no rows: table#orders tr", Do: "nudged recipe test opencart-4 --shop strap-world"}}
	f.Holds = []notify.Hold{{Cause: order.CauseShop, Count: 8, Shops: []string{"strap-world"}, Detail: "strap-world: the pages do not fit the recipe any more"}}
	f.Shops = append(f.Shops, notify.ShopDay{Name: "strap-world", LastVisit: evening.Add(-time.Hour), Outcome: order.LayoutChanged, Words: "the list has no rows: table#orders tr", Visits: 24, Failed: 24, Unpaid: 8})
	return f
}

// dstDay is one of 25 hours.
func dstDay() notify.Facts {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	f := quietDay()
	f.Zone, f.From, f.To = berlin, time.Date(2026, 10, 24, 21, 0, 0, 0, berlin), time.Date(2026, 10, 25, 21, 0, 0, 0, berlin)
	for i := range f.Days {
		f.Days[i].Day = time.Date(2026, 10, 12+i, 0, 0, 0, 0, berlin)
	}
	l := &f.Open[0]
	l.Created, l.Closes, l.NextAt = f.From.Add(2*time.Hour), f.To.Add(30*time.Hour), f.To.Add(26*time.Hour)
	l.New = true
	f.NewCount = 1
	f.Shops[0].LastVisit, f.Shops[0].LastGood = f.To.Add(-10*time.Minute), f.To.Add(-10*time.Minute)
	return f
}

// asleep is the one digest of three days on which the computer slept.
func asleep() notify.Facts {
	f := busyDay()
	f.From = f.To.Add(-72 * time.Hour)
	f.Holds = append(f.Holds, notify.Hold{Cause: order.CauseTooLate, Count: 6})
	return f
}

// noContact is a shop that hides all contacts.
func noContact() notify.Facts {
	f := quietDay()
	f.Open, f.NewCount, f.Unpaid, f.AtRisk = nil, 7, 7, sums(cny(70000))
	for i := range 7 {
		l := closing(orderLine("buckles", 2000+i, "匿名买家", cny(10000)), time.Duration(10+i)*time.Hour, "", 0)
		l.Ways, l.New = nil, true
		f.Open = append(f.Open, l)
		f.HandOffs = append(f.HandOffs, notify.HandOff{
			Order: l, Text: "Hello, your order " + l.Number + " is saved for you; only the payment is open.", AsOf: evening.Add(-2 * time.Minute), Chat: "https://buckles.example/chat?o=" + l.Key.ID,
		})
	}
	f.ClosingSoon = 7
	f.Holds = []notify.Hold{{Cause: order.CauseNoContact, Count: 7}}
	return f
}

func campaignDay() notify.Facts {
	f := quietDay()
	f.Campaigns = []notify.CampaignDay{
		{Name: "regulars", State: order.CampaignRunning, People: 240, Sent: 130, Today: 100, Waiting: 96, Skipped: 14, Bounced: 2, Replied: 3, OptedOut: 1, Ordered: 6, Sum: sums(cny(184400))},
		{Name: "in-stock", State: order.CampaignStopped, People: 31, Sent: 12, Waiting: 19},
		{Name: "second", State: order.CampaignOver, People: 8, Sent: 8, Today: 1, Ordered: 1, Sum: sums(cny(9900))},
	}
	return f
}
