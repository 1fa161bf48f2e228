package crawler_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/store/order"
)

// One order whose page the shop cannot show must not keep the others from being
// read, at no visit.
func TestAnOrderWhosePageAlwaysFails(t *testing.T) {
	s := newTiny(t, 12, tinyRecipe("", pagings()["link"], tinyDetail))
	s.faults["/order/1011"] = 500
	for _, full := range []bool{true, false, true} {
		result := s.must(full)
		if full && !result.Complete {
			t.Errorf("the scan is not complete: %+v", result.Problems)
		}
		for _, p := range result.Problems {
			if p.Kind != order.BadDetail || p.Order != "1011" || !strings.Contains(p.Text, "its server failed at the page of order 1011, with 500 (internal server error)") {
				t.Errorf("told %+v", p)
			}
		}
		if len(result.Problems) != 1 {
			t.Errorf("%d problems", len(result.Problems))
		}
	}
	for _, o := range s.orders {
		if k, ok := s.known[o.id]; !ok || o.status != "Paid" && k.Looked != (o.id != "1011") {
			t.Errorf("order %s (%s): %+v", o.id, o.status, k)
		}
	}
	delete(s.faults, "/order/1011")
	s.must(false)
	if !s.known["1011"].Looked {
		t.Error("the page was not read when it came again")
	}
}

// A look that fails is no news of the shop either, until several do in a row; what
// asks to wait, or stands for the whole shop, is.
func TestLooksThatFailAlone(t *testing.T) {
	s := newTiny(t, 12, tinyRecipe("", pagings()["link"], tinyDetail))
	s.must(true)
	look := func(id string) error {
		_, kept, err := s.spider.Look(t.Context(), s.shop, id, s.session)
		s.session = kept
		return err
	}
	var failed *crawler.FailedPageError
	var away *crawler.UnavailableError
	for _, id := range []string{"1001", "1002", "1004", "1005"} {
		s.faults["/order/"+id] = 500
	}
	s.faults["/order/1007"] = 503
	for _, id := range []string{"1001", "1002"} {
		if err := look(id); !errors.As(err, &failed) || errors.As(err, &away) {
			t.Errorf("order %s: %v", id, err)
		}
	}
	if err := look("1008"); err != nil {
		t.Errorf("the next one: %v", err)
	}
	for _, id := range []string{"1001", "1002"} {
		if err := look(id); !errors.As(err, &failed) {
			t.Errorf("order %s after a good one: %v", id, err)
		}
	}
	if err := look("1004"); !errors.As(err, &away) {
		t.Errorf("the third in a row: %v", err)
	}
	if err := look("1008"); !errors.As(err, &away) {
		t.Errorf("the shop is not left alone: %v", err)
	}
	s.now = s.now.Add(time.Hour)
	if err := look("1008"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if err := look("1007"); !errors.As(err, &away) {
		t.Errorf("503: %v", err)
	}
}

// Where all pages fail it is the shop.
func TestAShopWhoseOrderPagesAllFail(t *testing.T) {
	s := newTiny(t, 12, tinyRecipe("", pagings()["link"], tinyDetail))
	for _, o := range s.orders {
		s.faults["/order/"+o.id] = 502
	}
	result, err := s.visit(true)
	if err == nil || result.Outcome != order.Unavailable || !strings.Contains(result.Words, "502 (bad gateway)") {
		t.Errorf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
	s.has(result.Orders)
	if opened := strings.Count(strings.Join(s.took(), " "), "/order/"); opened > 3*2+1 {
		t.Errorf("%d requests for pages of orders", opened)
	}
}
