package crawler_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/store/order"
)

// pagings are all ways to the next page that need no browser.
func pagings() map[string]string {
	return map[string]string{
		"link":   "  request: list\n  next: {link: a.next}\n  sorted: true",
		"page":   "  request: 'list?page={page}'\n  next: {page: 1}\n  sorted: true",
		"offset": "  request: 'skip?skip={offset}&take={size}'\n  next: {offset: 10}\n  sorted: true",
		"cursor": "  request: 'after?cursor={cursor}'\n  next: {cursor: .cursor}\n  sorted: true",
		"body":   "  request: {post: skip, json: {skip: '{offset}', take: '{size}'}}\n  next: {offset: 10}\n  total: .n\n  sorted: true",
	}
}

const allowSkip = "allow: [{url: /skip$, body: '^\\{\"skip\":\\d+,\"take\":\\d+\\}$'}]"

func TestPagingKinds(t *testing.T) {
	for name, list := range pagings() {
		t.Run(name, func(t *testing.T) {
			s := newTiny(t, 35, tinyRecipe(allowSkip, list, tinyDetail))
			s.total = true
			result := s.must(false)
			s.has(result.Orders)
			if !result.Complete || !result.Full || !result.Done {
				t.Errorf("complete %v, full %v, done %v", result.Complete, result.Full, result.Done)
			}
			asked := s.took()
			if n := lists(asked); n > 5 || (name != "page" && name != "offset" && n != 4) {
				t.Errorf("%d list pages: %v", n, asked)
			}
			s.now = s.now.Add(time.Minute)
			if result := s.must(false); result.Pages != 1 || result.Complete {
				t.Errorf("a visit with nothing new read %d pages: %v", result.Pages, s.took())
			}
			s.took()
			s.insert("2000")
			if result := s.must(false); lists(s.took()) != 2 || result.Orders[0].ID != "2000" {
				t.Errorf("one new order cost %d pages", result.Pages)
			}
			if result := s.must(true); !result.Complete || len(result.Orders) != 36 {
				t.Errorf("a full scan read %d orders, complete %v", len(result.Orders), result.Complete)
			}
		})
	}
}

func TestPagingByScript(t *testing.T) {
	needChrome(t)
	for name, list := range map[string]string{
		"click":  "  request: {engine: browser, get: 'live?by=click'}\n  next: {click: '#more'}\n  sorted: true",
		"scroll": "  request: {engine: browser, get: 'live?by=scroll'}\n  next: {scroll: '#box'}\n  sorted: true",
	} {
		t.Run(name, func(t *testing.T) {
			s := newTiny(t, 35, tinyRecipe("", list, ""))
			result := s.must(false)
			s.has(result.Orders)
			if !result.Complete || len(result.Problems) != 0 {
				t.Errorf("complete %v, problems %+v", result.Complete, result.Problems)
			}
			if result := s.must(false); result.Pages != 1 {
				t.Errorf("a visit with nothing new read %d pages", result.Pages)
			}
		})
	}
}

func TestBehindTheLastPage(t *testing.T) {
	const list = "  request: 'list?page={page}'\n  next: {page: 1}\n  exclude: .none"
	for _, beyond := range []string{"empty", "row", "last", "first", "redirect"} {
		for _, n := range []int{0, 7, 10, 30, 34} {
			s := newTiny(t, n, tinyRecipe("", list, ""))
			s.beyond = beyond
			result := s.must(true)
			s.has(result.Orders)
			asked := s.took()
			if want := max(1, (n+9)/10) + 1; !result.Complete || lists(asked) > want+1 { // a redirect is two
				t.Errorf("%s behind %d orders: complete %v, %d pages (want %d): %v", beyond, n, result.Complete, lists(asked), want, asked)
			}
			if len(result.Problems) != 0 {
				t.Errorf("%s behind %d orders: %+v", beyond, n, result.Problems)
			}
		}
	}
}

// A key that rows carry is not there on the page past the end; that of the pages
// before it still opens the orders.
func TestVarOfARowBehindTheLastPage(t *testing.T) {
	const list = "  request: 'list?page={page}'\n  next: {page: 1}\n  vars: {key: {select: tr.o, attr: data-c, optional: true}}"
	s := newTiny(t, 20, tinyRecipe("", list, strings.Replace(tinyDetail, "{id}", "{id}?key={key}", 1)))
	s.beyond = "empty"
	s.must(true)
	opened := 0
	for _, a := range s.took() {
		if strings.HasPrefix(a, "/order/") {
			opened++
			if !strings.Contains(a, "?key=c") {
				t.Errorf("asked for %s", a)
			}
		}
	}
	if opened == 0 {
		t.Error("no order was opened")
	}
}

func TestFilterThatTheShopRemembers(t *testing.T) {
	s := newTiny(t, 12, tinyRecipe("", pagings()["link"], ""))
	s.filter = "<p class=filter>Status: Open</p>"
	result := s.must(true)
	if result.Complete || len(result.Orders) != 12 || len(result.Problems) != 1 {
		t.Fatalf("complete %v, %d orders, %+v", result.Complete, len(result.Orders), result.Problems)
	}
	if p := result.Problems[0]; p.Field != "list.narrowed" || !strings.Contains(p.Text, "reset the filter") {
		t.Errorf("the seller reads %q", p.Text)
	}
	s.filter = ""
	if !s.must(true).Complete {
		t.Error("without the filter the scan is not complete")
	}
}

// An order is taken off the list, or a new one comes, between two pages and
// while orders are opened: every other order is read, and none of them is
// missing in a scan that says it is complete.
func TestListThatShifts(t *testing.T) {
	for name, c := range map[string]struct {
		list  string
		at    string // before this is answered
		shift func(s *tiny)
	}{
		"removed, page":        {"page", "/list?page=3", func(s *tiny) { s.remove("1118") }},
		"removed, link":        {"link", "/list?page=3&tab=", func(s *tiny) { s.remove("1118") }},
		"removed, offset":      {"offset", "/skip?skip=20&take=10", func(s *tiny) { s.remove("1118") }},
		"removed, cursor":      {"cursor", "/after?cursor=1101", func(s *tiny) { s.remove("1118") }},
		"many removed":         {"page", "/list?page=4", func(s *tiny) { s.orders = s.orders[25:] }},
		"last page removed":    {"page", "/list?page=12", func(s *tiny) { s.orders = s.orders[10:] }},
		"inserted":             {"page", "/list?page=3", func(s *tiny) { s.insert("2000") }},
		"inserted and removed": {"link", "/list?page=3&tab=", func(s *tiny) { s.insert("2000"); s.remove("1118"); s.remove("1117") }},
		"while details, page":  {"page", "/order/1080", func(s *tiny) { s.remove("1118") }},
		"while details, link":  {"link", "/order/1080", func(s *tiny) { s.remove("1118") }},
	} {
		for _, total := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				list := pagings()[c.list]
				if total && !strings.Contains(list, "total") {
					list += "\n  total: .n"
				}
				s := newTiny(t, 120, tinyRecipe(allowSkip, list, tinyDetail))
				s.total = total
				done := false
				s.before = func(path string) {
					if path == c.at && !done {
						done = true
						c.shift(s)
					}
				}
				result := s.must(true)
				if !done {
					t.Fatalf("it did not happen: %v", s.took())
				}
				var missing []string
				for _, o := range s.orders {
					if _, ok := s.known[o.id]; !ok && o.id != "2000" {
						missing = append(missing, o.id)
					}
				}
				between := !strings.HasPrefix(c.at, "/order/") && !strings.HasPrefix(name, "inserted") && c.list != "cursor"
				switch {
				case total && len(missing) > 0, !total && !between && name != "inserted and removed" && len(missing) > 0:
					t.Errorf("total %v: lost %v; complete %v", total, missing, result.Complete)
				case total && result.Complete && len(missing) > 0:
					t.Errorf("complete, without %v", missing)
				}
				if n := lists(s.took()); n > 20 {
					t.Errorf("it cost %d list pages", n)
				}
			})
		}
	}
}

func TestThirdHop(t *testing.T) {
	detail := strings.Replace(tinyDetail, ", email: .mail}", ", vars: {customer: {select: a.c, attr: data-c, optional: true}}}", 1) + `  more:
    - request: "customer/{customer}"
      found: .customer
      fields: {email: .mail}
`
	s := newTiny(t, 12, tinyRecipe("", pagings()["link"], detail))
	s.orders[1].customer, s.orders[2].customer, s.orders[4].customer = "", "", "lost" // 1010 is Open, 1008 is Gone
	result := s.must(true)
	for _, o := range result.Orders {
		var want string
		for _, w := range s.orders {
			if w.id == o.ID && o.Status.WantsDetail() && w.customer != "" && w.customer != "lost" {
				want = w.customer + "@example.test"
			}
		}
		if string(o.Buyer.Email) != want || o.Status.WantsDetail() == o.Looked.IsZero() {
			t.Errorf("order %s (%s): e-mail %q, want %q, looked %v", o.ID, o.Status, o.Buyer.Email.Reveal(), want, o.Looked)
		}
	}
	if slices.Contains(s.took(), "/customer/") || len(result.Problems) != 1 || !strings.Contains(result.Problems[0].Text, "404") {
		t.Errorf("problems %+v", result.Problems)
	}
	o, _, err := s.spider.Look(t.Context(), s.shop, "1007", s.session)
	if err != nil || string(o.Buyer.Email) != "c7@example.test" {
		t.Errorf("a look reads %+v, %v", o, err)
	}
	s.faults["/customer/c7"] = http.StatusInternalServerError
	if o, _, err := s.spider.Look(t.Context(), s.shop, "1007", s.session); err == nil {
		t.Errorf("a look without the customer's page passes: %+v", o)
	}
}

func TestAtOnce(t *testing.T) {
	read := func(head string, prepare func(s *tiny)) (*tiny, crawler.Result, error) {
		s := newTiny(t, 90, tinyRecipe(head, pagings()["link"], tinyDetail))
		s.slow = 2 * time.Millisecond
		prepare(s)
		result, err := s.visit(true)
		return s, result, err
	}
	alone, want, err := read("", func(*tiny) {})
	if err != nil || alone.most != 1 {
		t.Fatalf("%d at once, %v", alone.most, err)
	}
	s, got, err := read("at_once: 4", func(*tiny) {})
	if err != nil || s.most < 2 || s.most > 4 {
		t.Errorf("%d at once, %v", s.most, err)
	}
	if len(got.Orders) != len(want.Orders) || got.Pages != want.Pages || !got.Complete {
		t.Errorf("%d orders, %d pages, complete %v", len(got.Orders), got.Pages, got.Complete)
	}
	for i := range want.Orders {
		if g, w := got.Orders[i], want.Orders[i]; g.ID != w.ID || g.Status != w.Status || g.Buyer.Email != w.Buyer.Email || g.Looked.IsZero() != w.Looked.IsZero() {
			t.Errorf("row %d: %+v, one by one %+v", i, g, w)
		}
	}
	s, got, err = read("at_once: 4", func(s *tiny) { s.shop.PagesPerHour = 30 })
	if n := len(s.took()); err == nil || got.Outcome != order.OK || n > 31 { // the proof is free
		t.Errorf("%d pages of 30, %v", n, err)
	}
	s, got, err = read("at_once: 4", func(s *tiny) { s.faults["/order/1050"] = http.StatusServiceUnavailable })
	if opened := strings.Count(strings.Join(s.took(), " "), "/order/"); err == nil || opened > 40 {
		t.Errorf("a shop that goes down was asked for %d orders, %v", opened, err)
	}
	s.has(got.Orders)
	out := 0
	s, got, err = read("at_once: 4", func(s *tiny) {
		s.before = func(path string) {
			if path == "/order/1050" {
				out++
			}
		}
		s.Config.Handler = signsOutAt(s.Config.Handler, "/order/1050")
	})
	if err != nil || !got.Complete || out == 0 {
		t.Errorf("a session that ends: %v", err)
	}
	for _, o := range got.Orders {
		if o.Status.WantsDetail() && o.Looked.IsZero() {
			t.Errorf("order %s was not opened", o.ID)
		}
	}
	_ = s
}

// signsOutAt forgets every cookie once, at a path.
func signsOutAt(next http.Handler, path string) http.Handler {
	var mu sync.Mutex
	out, done := false, false
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		if q.URL.Path == path && !done {
			out, done = true, true
		}
		if q.URL.Path == "/login" {
			out = false
		}
		if out {
			q.Header.Del("Cookie")
		}
		mu.Unlock()
		next.ServeHTTP(w, q)
	})
}
