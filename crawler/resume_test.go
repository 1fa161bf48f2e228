package crawler_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// clocked is a rig in which time passes only when told.
type clocked struct {
	*rig
	now time.Time
}

func newClocked(t *testing.T, orders []demoshop.Order, perHour int) *clocked {
	c := &clocked{now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return c.now }
	c.rig = newRig(t, demoshop.Options{Now: clock, Orders: orders, Tame: true}, demoshop.FormRecipe())
	c.restart()
	c.shop.PagesPerHour = perHour
	return c
}

// restart forgets all that is not kept in the session.
func (c *clocked) restart() {
	c.spider = crawler.New(crawler.Options{Now: func() time.Time { return c.now }})
}

// stock has n orders, newest first, every tenth of which waits for payment.
func stock(n int) []demoshop.Order {
	orders := demoshop.Many(n, time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	for i := range orders {
		orders[i].Status = demoshop.Shipped
		if i%10 == 3 {
			orders[i].Status = demoshop.Awaiting
		}
	}
	return orders
}

// busiest is the most order and list pages that the shop gave in any hour.
func (c *clocked) busiest() int {
	var at []time.Time
	for _, r := range c.demo.Log() {
		if strings.HasPrefix(r.Path, "/admin/orders") {
			at = append(at, r.At)
		}
	}
	most, from := 0, 0
	for i := range at {
		for !at[from].After(at[i].Add(-time.Hour)) {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func (c *clocked) missing() (unknown, unlooked int) {
	for _, o := range c.demo.Orders() {
		s, ok := c.known[o.ID]
		if !ok {
			unknown++
		} else if s.Status.WantsDetail() && !s.Looked {
			unlooked++
		}
	}
	return unknown, unlooked
}

func TestFullScanOfABigShopGoesOnHourByHour(t *testing.T) {
	c := newClocked(t, stock(3000), 100) // 300 list pages and 300 orders to open
	done := -1
	for minute := 0; minute <= 7*60; minute += 10 {
		var added demoshop.Order
		if minute%60 == 30 {
			added = c.demo.Add(demoshop.Order{Name: "New", Email: "new@example.test"})
		}
		if minute == 200 {
			c.demo.ExpireSessions()
		}
		if minute == 240 {
			c.restart()
		}
		result, err := c.visit(minute == 0)
		var spent *crawler.BudgetError
		if err != nil && !errors.As(err, &spent) || result.Outcome != order.OK {
			t.Fatalf("minute %d: outcome %q, %v", minute, result.Outcome, err)
		}
		if o, ok := find(result.Orders, added.ID); added.ID != "" && (!ok || o.Looked.IsZero()) {
			t.Errorf("minute %d: the new order was not read: %+v", minute, o)
		}
		if result.Complete {
			t.Errorf("minute %d: a scan in parts passes as complete", minute)
		}
		if result.Done && done < 0 {
			done = minute
		}
		c.now = c.now.Add(10 * time.Minute)
	}
	if unknown, unlooked := c.missing(); unknown > 0 || unlooked > 0 {
		t.Errorf("after seven hours %d orders are not known, %d not looked at", unknown, unlooked)
	}
	if n := c.busiest(); n > 100 {
		t.Errorf("%d pages were read in an hour", n)
	}
	if done < 300 {
		t.Errorf("the scan was done after %d minutes", done)
	}
	t.Logf("done after %d minutes, %d pages in the busiest hour", done, c.busiest())
	c.demo.ResetLog()
	c.now = c.now.Add(time.Hour)
	if result := c.must(false); result.Pages != 1 {
		t.Errorf("when all is done a visit reads %d pages", result.Pages)
	}
}

func TestBudgetHoldsOverARestart(t *testing.T) {
	c := newClocked(t, stock(300), 20)
	for range 5 {
		_, _ = c.visit(true)
		c.restart()
		c.now = c.now.Add(time.Minute)
	}
	if n := c.busiest(); n > 20 {
		t.Errorf("%d pages were read in an hour", n)
	}
}

func TestLooksHaveRoomBesideAFullScan(t *testing.T) {
	c := newClocked(t, stock(300), 20)
	if _, err := c.visit(true); err == nil {
		t.Fatal("the scan fits")
	}
	if _, session, err := c.spider.Look(t.Context(), c.shop, c.demo.Orders()[3].ID, c.session); err != nil {
		t.Errorf("no look is possible while a scan goes on: %v", err)
	} else {
		c.session = session
	}
	for range 40 { // a look does not lose the place
		c.now = c.now.Add(20 * time.Minute)
		if result, _ := c.visit(false); result.Done {
			break
		}
	}
	if unknown, unlooked := c.missing(); unknown > 0 || unlooked > 0 {
		t.Errorf("%d orders are not known, %d not looked at", unknown, unlooked)
	}
}

// A shop that goes down in the middle of new orders leaves no gap behind the
// first page.
func TestCutVisitLeavesNoGap(t *testing.T) {
	for _, fault := range []demoshop.Fault{
		{Kind: demoshop.Answer, Status: 503, Path: "/admin/orders/plain", Skip: 2},
		{Kind: demoshop.Answer, Status: 503, Path: "/admin/orders/1", Skip: 3},
	} {
		c := newClocked(t, stock(300), 10_000)
		c.must(true)
		for i := range 35 {
			c.demo.Add(demoshop.Order{Name: fmt.Sprint("New ", i)})
		}
		c.demo.Break(fault)
		if _, err := c.visit(false); err == nil {
			t.Fatal("the fault did not hit")
		}
		c.demo.Mend()
		c.now = c.now.Add(time.Minute)
		c.must(false)
		if unknown, unlooked := c.missing(); unknown > 0 || unlooked > 0 {
			t.Errorf("%+v: %d orders are not known, %d not looked at", fault, unknown, unlooked)
		}
		if result := c.must(false); result.Pages != 1 {
			t.Errorf("then %d pages", result.Pages)
		}
	}
}

// A page that always fails does not fail every visit.
func TestBookmarkThatLeadsNowhere(t *testing.T) {
	c := newClocked(t, stock(300), 10_000)
	c.demo.Break(demoshop.Fault{Kind: demoshop.Answer, Status: 500, Path: "/admin/orders/plain", Skip: 14})
	if result, err := c.visit(true); err == nil || len(result.Orders) != 140 {
		t.Fatalf("%d orders, %v", len(result.Orders), err)
	}
	c.demo.Mend()
	c.now = c.now.Add(time.Hour)
	c.demo.Break(demoshop.Fault{Kind: demoshop.Answer, Status: 500, Path: "/admin/orders/plain", Skip: 1})
	if _, err := c.visit(false); err == nil {
		t.Error("the bookmark is not followed")
	}
	c.demo.Mend()
	c.now = c.now.Add(time.Hour)
	c.demo.Break(demoshop.Fault{Kind: demoshop.Answer, Status: 500, Path: "/admin/orders/plain", Skip: 1})
	c.must(false)
}

func TestOrdersThatLeaveTheListBetweenTwoParts(t *testing.T) {
	c := newClocked(t, stock(400), 30)
	_, _ = c.visit(true)
	for _, o := range c.demo.Orders()[20:28] { // fewer than a page
		c.demo.Remove(o.ID)
	}
	for range 12 {
		c.now = c.now.Add(30 * time.Minute)
		if result, _ := c.visit(false); result.Done {
			break
		}
	}
	if unknown, unlooked := c.missing(); unknown > 0 || unlooked > 0 {
		t.Errorf("%d orders are not known, %d not looked at", unknown, unlooked)
	}
}
