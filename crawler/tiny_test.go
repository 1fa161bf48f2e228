package crawler_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// tiny is a shop of a few lines, whose list can be paged in every way.
type tiny struct {
	t *testing.T
	*httptest.Server
	spider  *crawler.Spider
	shop    crawler.Shop
	now     time.Time
	known   map[string]crawler.Seen
	session []byte

	mu     sync.Mutex
	orders []tinyOrder // newest first
	size   int
	beyond string // what comes behind the last page
	total  bool   // the list says how many there are
	asked  []string
	before func(path string) // each answer
	faults map[string]int    // status by path and query
	under  int               // requests that are being answered
	most   int
	slow   time.Duration
	filter string
}

type tinyOrder struct{ id, status, customer string }

// tinyRecipe is the head and tail of every recipe for a tiny shop.
func tinyRecipe(head, list, detail string) string {
	return "schema: 1\nname: tiny\n" + head + `
sign_in:
  steps:
    - get: login
    - submit: {select: form, fields: {user: "{user}", password: "{password}"}}
  refused: .refused
  proof: {request: me, sign: .me}
signed_out: form
list:
` + list + `
  rows: tr.o
  empty: .none
  narrowed: .filter
  fields: {id: {attr: data-id}, status: .s, created: .c, total: .t}
` + detail + `
statuses:
  - {text: Open, is: unpaid}
  - {text: Paid, is: paid}
  - {text: Gone, is: closed_unpaid}
`
}

const tinyDetail = `detail:
  request: "order/{id}"
  found: .order
  fields: {id: .id, status: .s, email: .mail}
`

func newTiny(t *testing.T, n int, text string) *tiny {
	t.Helper()
	rec, err := recipe.Parse("tiny.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := &tiny{t: t, size: 10, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), known: map[string]crawler.Seen{}, faults: map[string]int{}}
	for i := n; i > 0; i-- {
		s.orders = append(s.orders, tinyOrder{id: fmt.Sprint(1000 + i), status: []string{"Paid", "Open", "Gone"}[i%3], customer: fmt.Sprint("c", i)})
	}
	s.Server = httptest.NewServer(s.routes())
	t.Cleanup(s.Close)
	s.shop = crawler.Shop{Shop: extract.Shop{Name: "tiny", URL: s.URL + "/", Currency: "USD"}, User: "u", Password: canaryPassword, Recipe: rec, PagesPerHour: 1000}
	s.restart(crawler.Options{})
	return s
}

// restart is a new run of the program.
func (s *tiny) restart(o crawler.Options) {
	o.Now = func() time.Time { return s.now }
	o.Browser = browser.Options{ProfileRoot: s.t.TempDir(), LoopbackOnly: true, StepTimeout: time.Minute}
	s.spider = crawler.New(o)
	s.t.Cleanup(func() { _ = s.spider.Close() })
}

func (s *tiny) visit(full bool) (crawler.Result, error) {
	s.t.Helper()
	result, err := s.spider.Visit(s.t.Context(), s.shop, s.knows(full))
	s.session = result.Session
	s.learn(result.Orders)
	return result, err
}

func (s *tiny) knows(full bool) crawler.Known {
	return crawler.Known{Full: full, Session: s.session, Seen: func(id string) (crawler.Seen, bool) { k, ok := s.known[id]; return k, ok }}
}

func (s *tiny) learn(orders []order.Order) {
	for _, o := range orders {
		s.known[o.ID] = crawler.Seen{StatusText: o.StatusText, Status: o.Status, Looked: !o.Looked.IsZero() || s.known[o.ID].Looked}
	}
}

func (s *tiny) must(full bool) crawler.Result {
	s.t.Helper()
	result, err := s.visit(full)
	if err != nil {
		s.t.Fatalf("%v\n%+v\nasked %v", err, result.Problems, s.took())
	}
	return result
}

// has fails unless exactly the orders of the shop, or those given, were read.
func (s *tiny) has(got []order.Order, want ...string) {
	s.t.Helper()
	var ids []string
	for _, o := range got {
		ids = append(ids, o.ID)
	}
	if len(want) == 0 {
		for _, o := range s.orders {
			want = append(want, o.id)
		}
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		s.t.Errorf("read %d orders %v\nwant %d %v", len(ids), ids, len(want), want)
	}
}

// took gives what was asked since it was called last.
func (s *tiny) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	return out
}

func (s *tiny) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", s.login)
	page := func(path string, answer func(w http.ResponseWriter, q *http.Request)) {
		mux.HandleFunc(path, s.guarded(answer))
	}
	page("/me", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p class=me>u</p>") })
	page("/list", func(w http.ResponseWriter, q *http.Request) {
		n, _ := strconv.Atoi(cmp.Or(q.FormValue("page"), "1"))
		s.list(w, q, n)
	})
	page("/skip", func(w http.ResponseWriter, q *http.Request) {
		var body struct{ Skip, Take int }
		if q.Method == http.MethodPost {
			text, _ := io.ReadAll(q.Body)
			_ = json.Unmarshal(text, &body)
		} else {
			body.Skip, _ = strconv.Atoi(q.FormValue("skip"))
		}
		s.list(w, q, body.Skip/s.size+1)
	})
	page("/after", s.after)
	page("/live", s.live)
	page("/order/{id}", s.order)
	page("/customer/{id}", func(w http.ResponseWriter, q *http.Request) {
		if q.PathValue("id") == "lost" {
			http.NotFound(w, q)
			return
		}
		fmt.Fprintf(w, "<p class=customer><b class=mail>%s@example.test</b></p>", q.PathValue("id"))
	})
	return mux
}

func (s *tiny) login(w http.ResponseWriter, q *http.Request) {
	if q.Method == http.MethodPost {
		http.SetCookie(w, &http.Cookie{Name: "in", Value: "1", Path: "/"})
		http.Redirect(w, q, "/me", http.StatusSeeOther)
		return
	}
	fmt.Fprint(w, `<form method=post action="/login"><input name=user><input name=password type=password></form>`)
}

// guarded answers only who is signed in, notes what was asked, and does what a
// test wants to happen.
func (s *tiny) guarded(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := q.Cookie("in"); err != nil {
			s.login(w, &http.Request{Method: http.MethodGet})
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, q.URL.RequestURI())
		if s.before != nil {
			s.before(q.URL.RequestURI())
		}
		if status := s.faults[q.URL.RequestURI()]; status != 0 {
			w.WriteHeader(status)
			return
		}
		if s.slow > 0 {
			s.under++
			s.most = max(s.most, s.under)
			s.mu.Unlock()
			time.Sleep(s.slow)
			s.mu.Lock()
			s.under--
		}
		answer(w, q)
	}
}
