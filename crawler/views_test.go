package crawler_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/store/order"
)

const tabs = `  views: {open: {tab: Open}, gone: {tab: Gone}, done: {tab: Paid}}
  request: 'list?tab={tab}&page={page}'
  next: {page: 1}
  total: .n
`

func TestViews(t *testing.T) {
	s := newTiny(t, 75, tinyRecipe("", tabs+"  sorted: true", ""))
	s.total = true
	result := s.must(false)
	s.has(result.Orders)
	if !result.Complete || !result.Full || lists(s.took()) != 9 {
		t.Errorf("complete %v, full %v, %d pages", result.Complete, result.Full, result.Pages)
	}
	if result := s.must(false); result.Complete || result.Full || !slices.Equal(s.took(), []string{"/list?tab=Open&page=1", "/list?tab=Gone&page=1", "/list?tab=Paid&page=1"}) {
		t.Errorf("nothing new cost %d pages, complete %v", result.Pages, result.Complete)
	}
	// An order that goes from one tab to another between two pages is read once,
	// as it is in the end.
	s.before = func(path string) {
		if strings.HasPrefix(path, "/list?tab=Gone") {
			s.orders[1].status = "Gone"
		}
	}
	result = s.must(true)
	s.has(result.Orders)
	if o, _ := find(result.Orders, s.orders[1].id); o.Status != order.ClosedUnpaid || o.StatusText != "Gone" {
		t.Errorf("it was read as %s %q", o.Status, o.StatusText)
	}
}

// The name of the view may be all that tells the status, and a row may stand in
// two views.
func TestStatusByView(t *testing.T) {
	text := tinyRecipe("", strings.Replace(tabs, "{open:", "{all: {tab: ''}, open:", 1), "")
	text = strings.Replace(text, "  - {text: Open, is: unpaid}\n", "  - {view: open, is: unpaid}\n", 1)
	s := newTiny(t, 25, text)
	s.total = true
	result := s.must(true)
	s.has(result.Orders)
	for _, o := range result.Orders {
		if o.Status == order.Unknown {
			t.Errorf("order %s (%s) is of an unknown status", o.ID, o.StatusText)
		}
	}
}

// A scan is cut in the second view, and goes on there; nothing is concluded from
// it.
func TestViewsGoOnWhereTheyWereCut(t *testing.T) {
	s := newTiny(t, 300, tinyRecipe("", tabs+"  sorted: true", tinyDetail))
	s.total = true
	s.faults["/list?tab=Gone&page=6"] = http.StatusBadGateway
	if result, err := s.visit(true); err == nil || result.Complete || result.Done {
		t.Fatalf("complete %v, done %v, %v", result.Complete, result.Done, err)
	}
	if !strings.Contains(string(s.session), `"view":"gone"`) {
		t.Errorf("the bookmark does not name the view")
	}
	s.faults = map[string]int{}
	s.took()
	s.now = s.now.Add(time.Hour)
	s.restart(crawler.Options{})
	result := s.must(false)
	if asked := strings.Join(s.took(), " "); strings.Contains(asked, "tab=Open&page=2") || !strings.Contains(asked, "tab=Gone&page=10") || !strings.Contains(asked, "tab=Paid&page=10") {
		t.Errorf("it went on with %s", asked)
	}
	if result.Complete || !result.Done {
		t.Errorf("complete %v, done %v", result.Complete, result.Done)
	}
	for _, o := range s.orders {
		if k, ok := s.known[o.id]; !ok || k.Status.WantsDetail() && !k.Looked {
			t.Errorf("order %s: %+v", o.id, k)
		}
	}
	s.took()
	if result := s.must(false); result.Pages != 3 {
		t.Errorf("then nothing new costs %d pages: %v", result.Pages, s.took())
	}
}

// A view that cannot be read makes no scan complete, and a view that is empty
// is no failure.
func TestViewsAreCompleteTogether(t *testing.T) {
	s := newTiny(t, 40, tinyRecipe("", tabs, ""))
	s.total = true
	s.orders = slices.DeleteFunc(s.orders, func(o tinyOrder) bool { return o.status == "Gone" })
	if result := s.must(true); !result.Complete {
		t.Errorf("an empty view: complete %v, %+v", result.Complete, result.Problems)
	}
	s.faults["/list?tab=Paid&page=1"] = http.StatusNotFound
	result, err := s.visit(true)
	if err == nil || result.Complete || result.Full || len(result.Orders) == 0 {
		t.Errorf("a view that is not there: complete %v, %v", result.Complete, err)
	}
}
