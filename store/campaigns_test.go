package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

func put(t testing.TB, db *store.DB, name string, s order.CampaignState) {
	t.Helper()
	if err := db.PutCampaign(t.Context(), order.Campaign{Name: name, State: s, Created: at(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
}

// offer is a message of the campaign "again".
func offer(k order.Key, by order.Channel, when time.Time) order.Reminder {
	return order.Reminder{Key: order.ReminderKey{Order: k, Step: order.CampaignStep("again"), Channel: by}, Planned: when}
}

func planCampaign(t testing.TB, db *store.DB, want int, rs ...order.Reminder) {
	t.Helper()
	n, err := db.PlanCampaign(t.Context(), "again", rs)
	if err != nil || n != want {
		t.Helper()
		t.Errorf("%d planned, want %d; %v", n, want, err)
	}
}

func dueNow(t testing.TB, db *store.DB) (n int) {
	t.Helper()
	due, err := db.Due(t.Context(), "", at(100*time.Hour), 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(due)
}

func TestCampaignsAreKept(t *testing.T) {
	db := openNew(t)
	full := order.Campaign{
		Name: "again", State: order.CampaignRunning, Segment: `last.status == "closed_unpaid"`, Shops: []string{"a", "b"}, Text: "again", Offer: "10 %",
		Link: "https://a.example/x", By: []order.Channel{order.ByEmail, order.BySMS}, From: at(0), To: at(99 * time.Hour),
		Rate: order.Limit{Count: 100, Per: time.Hour}, Created: at(-time.Hour), Changed: at(0), People: 7, Quiet: 30 * 24 * time.Hour,
	}
	if err := db.PutCampaign(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	put(t, db, "older", order.CampaignOver)
	if got, ok, err := db.Campaign("again"); err != nil || !ok || cmp.Diff(full, got) != "" {
		t.Errorf("%v %v %s", ok, err, cmp.Diff(full, got))
	}
	if _, ok, err := db.Campaign("none"); err != nil || ok {
		t.Errorf("%v %v", ok, err)
	}
	full.Name, full.Created = "newest", at(0)
	if err := db.PutCampaign(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Campaigns(); err != nil || len(all) != 3 || all[0].Name != "newest" {
		t.Errorf("%+v %v", all, err)
	}
	for _, c := range []order.Campaign{{State: order.CampaignRunning}, {Name: "x"}, {Name: "x", State: "asleep"}, {Name: string(make([]byte, 1020)), State: order.CampaignRunning}} {
		if err := db.PutCampaign(t.Context(), c); err == nil {
			t.Errorf("kept: %+v", c)
		}
	}
}

// A person is known by two orders, a list, and both contacts; they get one message.
func TestACampaignWritesToAPersonOnce(t *testing.T) {
	db := openNew(t)
	importBuyers(t, db, on("c", "Ann", "", "+8613800138000"))
	row := oneBuyer(t, db, "+8613800138000").Key
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""), of("b", "2", "ann@example.com", "+8613800138000"), of("a", "3", "bob@example.com", ""), of("a", "4", "", ""))
	one, other, nobody := order.Key{Shop: "a", ID: "1"}, order.Key{Shop: "b", ID: "2"}, order.Key{Shop: "a", ID: "4"}
	if n, err := db.PlanCampaign(t.Context(), "again", []order.Reminder{offer(one, order.ByEmail, at(0))}); !errors.Is(err, store.ErrNoCampaign) || n != 0 {
		t.Errorf("%d %v", n, err)
	}
	put(t, db, "again", order.CampaignStopped)
	if n, err := db.PlanCampaign(t.Context(), "again", []order.Reminder{offer(one, order.ByEmail, at(0))}); !errors.Is(err, store.ErrNotRunning) || n != 0 {
		t.Errorf("%d %v", n, err)
	}
	put(t, db, "again", order.CampaignRunning)
	if _, err := db.PlanCampaign(t.Context(), "again", []order.Reminder{planned(rkey("a", "1", "x"), at(0))}); err == nil {
		t.Error("a reminder is taken for a message of a campaign")
	}
	bob := offer(order.Key{Shop: "a", ID: "3"}, order.ByEmail, at(0))
	planCampaign(t, db, 2, offer(one, order.ByEmail, at(0)), offer(other, order.BySMS, at(0)), bob, bob, offer(nobody, order.ByEmail, at(0)), offer(row, order.BySMS, at(0)))
	first := offer(one, order.ByEmail, at(0)).Key
	if err := db.Begin(t.Context(), first, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	planCampaign(t, db, 0, offer(other, order.BySMS, at(0)), bob)
	settle(t, db, first, order.Failed, at(0), "")
	planCampaign(t, db, 0, offer(other, order.BySMS, at(0)))
	if err := db.Begin(t.Context(), first, "", at(0), order.Limit{}); err != nil {
		t.Errorf("its own second try: %v", err)
	}
	settle(t, db, first, order.Sent, time.Time{}, "")
	planCampaign(t, db, 0, offer(other, order.BySMS, at(0)), offer(one, order.ByEmail, at(0)))
	if had, err := db.HadCampaign(offer(other, order.BySMS, at(0)).Key); err != nil || !had {
		t.Errorf("%v %v", had, err)
	}
	if had, err := db.HadCampaign(first); err != nil || had {
		t.Errorf("by its own key: %v %v", had, err)
	}
	if all, err := db.CampaignReminders(t.Context(), "again"); err != nil || len(all) != 2 {
		t.Errorf("%+v %v", all, err)
	}
	put(t, db, "more", order.CampaignRunning)
	again := offer(other, order.BySMS, at(0))
	again.Key.Step = order.CampaignStep("more")
	if n, err := db.PlanCampaign(t.Context(), "more", []order.Reminder{again}); err != nil || n != 1 {
		t.Errorf("another campaign: %d %v", n, err)
	}
}

// Two have a message waiting each, and turn out to be one.
func TestACampaignAndPeopleWhoTurnOutToBeOne(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", ""), of("b", "2", "", "+8613800138000"))
	importBuyers(t, db, on("c", "Ann", "ann@second.example", ""))
	put(t, db, "again", order.CampaignRunning)
	mail, sms := offer(order.Key{Shop: "a", ID: "1"}, order.ByEmail, at(0)), offer(order.Key{Shop: "b", ID: "2"}, order.BySMS, at(0))
	row := offer(oneBuyer(t, db, "ann@second.example").Key, order.ByEmail, at(0))
	planCampaign(t, db, 3, mail, sms, row)
	if err := db.Begin(t.Context(), row.Key, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if lost, err := db.Recover(t.Context(), at(0)); err != nil || len(lost) != 1 {
		t.Fatalf("%v %v", lost, err)
	}
	recordAllOf(t, db, of("a", "3", "ann@example.com", "+8613800138000"))
	importBuyers(t, db, on("c", "Ann", "ann@second.example", "+8613800138000"))
	for _, r := range []order.Reminder{mail, sms} {
		err := db.Begin(t.Context(), r.Key, "", at(0), order.Limit{})
		if !errors.Is(err, order.ErrNotDue) || !errors.Is(err, order.ErrHadCampaign) {
			t.Errorf("%s: %v", r.Key, err)
		}
	}
	// A reminder of an order is none of the campaign.
	if err := send(t, db, rkey("a", "1", "x"), at(0), order.Sent, order.Limit{}); err != nil {
		t.Error(err)
	}
}

func TestAStoppedCampaignHasNothingDue(t *testing.T) {
	db := openNew(t)
	var rs []order.Reminder
	for i := range 4 {
		o := of("a", fmt.Sprint(i), fmt.Sprintf("ann%d@example.com", i), "")
		recordAllOf(t, db, o)
		rs = append(rs, offer(o.Key(), order.ByEmail, at(0)))
	}
	put(t, db, "again", order.CampaignRunning)
	planCampaign(t, db, 4, rs...)
	plan(t, db, planned(rkey("a", "0", "x"), at(0)))
	if err := db.Begin(t.Context(), rs[3].Key, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	if err := db.PauseCampaign(t.Context(), "again"); err != nil {
		t.Fatal(err)
	}
	if c, _, err := db.Campaign("again"); err != nil || c.State != order.CampaignStopped || !c.Changed.Equal(at(0)) {
		t.Errorf("%+v %v", c, err)
	}
	settle(t, db, rs[3].Key, order.Failed, at(0), "")                                         // under way when it was stopped
	settle(t, db, rs[2].Key, order.Held, at(0), "stopped")                                    // taken up by the dispatcher before
	if err := db.Plan(t.Context(), []order.Reminder{planned(rs[1].Key, at(1))}); err != nil { // and moved
		t.Fatal(err)
	}
	if n := dueNow(t, db); n != 1 {
		t.Errorf("%d are due", n)
	}
	if err := db.Begin(t.Context(), rs[0].Key, "", at(0), order.Limit{}); !errors.Is(err, store.ErrNotDue) {
		t.Errorf("begun: %v", err)
	}
	put(t, db, "again", order.CampaignRunning)
	if n := dueNow(t, db); n != 1 {
		t.Errorf("%d are due before they are planned anew", n)
	}
	for i := range rs {
		rs[i].Planned = at(time.Hour)
	}
	// One of them is planned by a newer order: it keeps the key that it has.
	newer := of("b", "9", "ann1@example.com", "")
	recordAllOf(t, db, newer)
	rs[1] = offer(newer.Key(), order.ByEmail, at(time.Hour))
	planCampaign(t, db, 3, rs[1:]...)
	planCampaign(t, db, 0, rs[1:]...)
	if n := dueNow(t, db); n != 4 {
		t.Errorf("%d are due", n)
	}
	if all, err := db.CampaignReminders(t.Context(), "again"); err != nil || len(all) != 4 || all[1].Key.Order.ID != "1" || !all[1].Due.Equal(at(time.Hour)) {
		t.Errorf("%+v %v", all, err)
	}
	put(t, db, "again", order.CampaignOver)
	if err := db.Begin(t.Context(), rs[2].Key, "", at(2*time.Hour), order.Limit{}); !errors.Is(err, store.ErrNotDue) {
		t.Errorf("begun after the end: %v", err)
	}
	settle(t, db, rs[2].Key, order.Skipped, time.Time{}, "over")
	if err := db.PauseCampaign(t.Context(), "again"); err != nil {
		t.Fatal(err)
	}
	if c, _, err := db.Campaign("again"); err != nil || c.State != order.CampaignOver || dueNow(t, db) != 3 {
		t.Errorf("%+v %v, %d are due", c, err, dueNow(t, db))
	}
	if err := db.PauseCampaign(t.Context(), "none"); !errors.Is(err, store.ErrNoCampaign) {
		t.Error(err)
	}
}

func TestWhatWentOutOfACampaign(t *testing.T) {
	db := openNew(t)
	put(t, db, "again", order.CampaignRunning)
	states := []order.State{order.Sent, order.Failed, order.Lost, order.Sending, order.Parked}
	for i, s := range states {
		o := of("a", fmt.Sprint(i), fmt.Sprintf("ann%d@example.com", i), "")
		recordAllOf(t, db, o)
		r := offer(o.Key(), order.ByEmail, at(time.Duration(i)*time.Minute))
		planCampaign(t, db, 1, r)
		if err := db.Begin(t.Context(), r.Key, "", r.Planned, order.Limit{}); err != nil {
			t.Fatal(err)
		}
		if s != order.Sending {
			settle(t, db, r.Key, s, r.Planned, "")
		}
	}
	for since, want := range map[time.Duration]int{-1: 3, 0: 2, time.Minute: 2, 2 * time.Minute: 1, time.Hour: 0} {
		n, oldest, err := db.CampaignOut("again", at(since))
		if err != nil || n != want || want == 2 && !oldest.Equal(at(2*time.Minute)) || want == 3 && !oldest.Equal(at(0)) || want == 0 && !oldest.IsZero() {
			t.Errorf("since %s: %d from %s, %v", since, n, oldest, err)
		}
	}
	if n, _, err := db.CampaignOut("agai", time.Time{}); err != nil || n != 0 {
		t.Errorf("%d %v", n, err)
	}
	if k, when, ok, err := db.LastTold(oneBuyer(t, db, "ann2@example.com").ID); err != nil || !ok || k.Order.ID != "2" || !when.Equal(at(2*time.Minute)) {
		t.Errorf("%s %s %v %v", k, when, ok, err)
	}
	if _, _, ok, err := db.LastTold(oneBuyer(t, db, "ann1@example.com").ID); err != nil || ok {
		t.Errorf("%v %v", ok, err)
	}
}

// Guests who share a placeholder are not one person: each gets theirs, and the
// placeholder itself one.
func TestACampaignInACrowd(t *testing.T) {
	db := openNew(t)
	put(t, db, "again", order.CampaignRunning)
	var rs []order.Reminder
	for i := range 40 {
		o := of("a", fmt.Sprint(i), "guest@shop.example", fmt.Sprintf("+86138001380%02d", i))
		recordAllOf(t, db, o)
		rs = append(rs, offer(o.Key(), order.BySMS, at(0)))
	}
	people := everybody(t, db)
	if len(people) != 40 || people[0].ID != people[39].ID || len(people[7].Orders) != 1 || len(buyersOf(t, db, "guest@shop.example")) != 40 {
		t.Fatalf("%d people", len(people))
	}
	if b := oneBuyer(t, db, "+8613800138007"); b.Key.ID != "7" {
		t.Errorf("%+v", b)
	}
	if b, ok, err := db.BuyerOf(order.Key{Shop: "a", ID: "9"}); err != nil || !ok || b.Contact.Phone != "+8613800138009" {
		t.Errorf("%+v %v %v", b, ok, err)
	}
	if some := must(db.LatestBuyers(t.Context(), 50)); len(some) != 40 {
		t.Errorf("%d latest", len(some))
	}
	planCampaign(t, db, 40, rs...)
	planCampaign(t, db, 0, rs...)
	again := of("b", "x", "guest@shop.example", "+8613800138007")
	recordAllOf(t, db, again)
	mails := []order.Reminder{offer(again.Key(), order.BySMS, at(0)), offer(again.Key(), order.ByEmail, at(0)), offer(rs[1].Key.Order, order.ByEmail, at(0))}
	planCampaign(t, db, 1, mails...)
	for _, r := range rs {
		if err := db.Begin(t.Context(), r.Key, "", at(0), order.Limit{}); err != nil {
			t.Fatal(err)
		}
	}
	plan(t, db, planned(mails[0].Key, at(0)))
	if err := db.Begin(t.Context(), mails[0].Key, "", at(0), order.Limit{}); !errors.Is(err, order.ErrHadCampaign) {
		t.Errorf("twice to one number: %v", err)
	}
}

// Whether it ran or was stopped, nothing of a campaign that is over waits.
func TestACampaignThatIsOverLeavesNothingWaiting(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		db := openNew(t)
		put(t, db, "again", order.CampaignRunning)
		const people = 1200 // more than one transaction takes
		var rs []order.Reminder
		var rows []order.Order
		for i := range people {
			o := of("a", fmt.Sprint(i), fmt.Sprintf("ann%d@example.com", i), "")
			rows, rs = append(rows, o), append(rs, offer(o.Key(), order.ByEmail, at(0)))
		}
		record(t, db, scanOf("a", at(0), rows...))
		planCampaign(t, db, people, rs...)
		plan(t, db, planned(rkey("a", "0", "x"), at(0)))
		for _, r := range rs[:2] {
			if err := db.Begin(t.Context(), r.Key, "", at(0), order.Limit{}); err != nil {
				t.Fatal(err)
			}
		}
		settle(t, db, rs[0].Key, order.Sent, time.Time{}, "")
		settle(t, db, rs[2].Key, order.Held, at(time.Hour), "quiet")
		if stopped {
			if err := db.PauseCampaign(t.Context(), "again"); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // again, it changes nothing
			if err := db.EndCampaign(t.Context(), "again", at(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if c, _, err := db.Campaign("again"); err != nil || c.State != order.CampaignOver || !c.Changed.Equal(at(2*time.Hour)) {
			t.Errorf("%+v %v", c, err)
		}
		states := map[order.State]int{}
		for _, r := range must(db.CampaignReminders(t.Context(), "again")) {
			states[r.State]++
			if r.State == order.Skipped && (r.Cause != order.CauseCampaign || r.Reason != "the campaign is over") {
				t.Errorf("%+v", r)
			}
		}
		if states[order.Skipped] != people-2 || states[order.Sent] != 1 || states[order.Sending] != 1 {
			t.Errorf("stopped %v: %v", stopped, states)
		}
		if n := dueNow(t, db); n != 1 {
			t.Errorf("stopped %v: %d are due beside the reminder", stopped, n)
		}
		lines := 0
		for _, e := range must(db.Ledger(t.Context(), at(time.Hour), at(3*time.Hour))) {
			if e.State == order.Skipped && e.Cause == order.CauseCampaign && e.At.Equal(at(2*time.Hour)) {
				lines++
			}
		}
		if lines != people-2 {
			t.Errorf("stopped %v: %d lines in the ledger", stopped, lines)
		}
	}
	if err := openNew(t).EndCampaign(t.Context(), "none", at(0)); !errors.Is(err, store.ErrNoCampaign) {
		t.Error(err)
	}
}
