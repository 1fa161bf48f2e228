package crawler_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/store/order"
)

// truth is an order as it is.
type truth struct {
	id, number, name, email string
	status                  order.Status
	created                 time.Time
	cents                   int64
}

// traitShop is a back-office made of traits.
type traitShop struct {
	traits
	mux    *http.ServeMux
	now    time.Time
	zone   *time.Location
	orders []truth // newest first
	size   int

	mu       sync.Mutex
	sessions map[string]bool
	expireIn int // pages until every session ends, once
	signIns  int
	refused  int
	users    map[string]bool // of a sign-in in two steps
}

func newTraitShop(x traits, orders, expireIn int) *traitShop {
	s := &traitShop{
		traits: x, mux: http.NewServeMux(), zone: time.FixedZone("shop", 8*3600), size: 5, sessions: map[string]bool{}, users: map[string]bool{},
		now: time.Date(2026, 11, 22, 4, 30, 29, 900e6, time.UTC), expireIn: expireIn,
	}
	statuses := []order.Status{order.Unpaid, order.Paid, order.ClosedUnpaid, order.Unpaid, order.ClosedRefunded, order.Other}
	for i := range orders {
		s.orders = append(s.orders, truth{
			id: fmt.Sprint(9007199254740993 + int64(orders-i)*2), number: fmt.Sprintf("N-%04d", orders-i), status: statuses[i%len(statuses)],
			name: fmt.Sprintf("Tom & Söhne %d 张", i), email: fmt.Sprintf("buyer%d@example.test", i), cents: int64(i)*123457 + 5,
		})
		s.orders[i].created, _ = x.values.created(s, i)
	}
	x.signIn.serve(s)
	s.mux.HandleFunc("/back/me", s.inside(func(w http.ResponseWriter, _ *http.Request) { s.page(w, "<p class=me>boss</p>") }))
	s.mux.HandleFunc("/back/orders", s.inside(s.list))
	s.mux.HandleFunc("/back/o/{id}", s.inside(s.detail))
	s.mux.HandleFunc("/back/c/{id}", s.inside(s.customer))
	return s
}

func (s *traitShop) ServeHTTP(w http.ResponseWriter, q *http.Request) { s.mux.ServeHTTP(w, q) }

func (s *traitShop) page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><html><body>%s</body></html>", body)
}

// inside answers only who is signed in.
func (s *traitShop) inside(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		key := strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer ")
		if c, err := q.Cookie("sid"); err == nil && s.signIn.headers == "" {
			key = c.Value
		}
		if q.URL.Path != "/back/me" && s.sessions[key] {
			if s.expireIn--; s.expireIn == 0 {
				s.sessions = map[string]bool{}
			}
		}
		if !s.sessions[key] {
			s.session.out(w, q)
			return
		}
		answer(w, q)
	}
}

// open begins a session if user and password are right.
func (s *traitShop) open(w http.ResponseWriter, user, password string) (key string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user != "boss" || password != canaryPassword {
		s.refused++
		return "", false
	}
	s.signIns++
	key = fmt.Sprintf("s%d-%x", s.signIns, rand.Uint64())
	s.sessions[key] = true
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: key, Path: "/", HttpOnly: true})
	return key, true
}

func (s *traitShop) wrong(w http.ResponseWriter) {
	s.page(w, `<noscript><p class=refused>Please turn JavaScript on</p></noscript><p class=refused>Wrong name or password</p>`+loginForm)
}

// compare holds what was read against the truth.
func (s *traitShop) compare(t *testing.T, got []order.Order) {
	t.Helper()
	if len(got) != len(s.orders) {
		t.Errorf("read %d orders of %d", len(got), len(s.orders))
	}
	for _, w := range s.orders {
		g, _ := find(got, w.id)
		money := order.Money{Minor: w.cents, Currency: s.values.currency}
		mail := w.email
		if s.source.detail != "" && !w.status.WantsDetail() {
			mail = ""
		}
		if g.Number != w.number || g.Status != w.status || !g.Created.Equal(w.created) || g.Total != money || g.Buyer.Name != w.name || g.Buyer.Email.Reveal() != mail {
			t.Errorf("read  %s %s %v %v %q %q\nthe shop has %+v", g.Number, g.Status, g.Created, g.Total, g.Buyer.Name, g.Buyer.Email.Reveal(), w)
		}
	}
}

// recipe puts the lines of the traits together.
func (x traits) recipe() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("schema: 1\nname: traits")
	if x.source.charset != "" {
		line("charset: %s", x.source.charset)
	}
	line("sign_in:\n  steps:\n%s\n  refused: .refused", x.signIn.steps)
	line("  proof: {request: {get: me%s}, sign: .me}", x.headers())
	line("signed_out: %s\nlist:", x.session.sign)
	if len(x.status.views) > 0 {
		line("  views: {%s}", strings.Join(x.status.views, ", "))
	}
	line("  request: %s\n  rows: %s\n  empty: {%s}\n  sorted: true", x.request(), x.source.rows, x.source.meta("none"))
	line("%s", x.paging.next(x.source.meta))
	if x.source.joins != "" {
		line("  joins: %s", x.source.joins)
	}
	line("  fields:")
	x.fields(line, x.source.at)
	if x.source.detail == "" {
		line("    email: {%s}", x.source.email())
	} else {
		with := strings.NewReplacer("HEADERS", x.headers())
		line("%s", strings.TrimRight(with.Replace(x.source.detail), "\n"))
		x.status.fields(line, path("order."))
		line("%s", strings.TrimRight(with.Replace(x.source.more), "\n"))
	}
	line("statuses:\n%s", x.status.rules)
	if x.source.post != "" {
		line("allow: [{url: /orders$, %s}]", x.source.allow)
	}
	// Source and status may both have vars of the order's page; they are one key.
	const customer = "customer: $.order.customer"
	if head, tail, ok := strings.Cut(b.String(), "    vars: {"+customer+"}\n"); ok && strings.Contains(tail, "    vars: {") {
		return head + strings.Replace(tail, "    vars: {", "    vars: {"+customer+", ", 1)
	}
	return b.String()
}

func (x traits) headers() string {
	if x.signIn.headers == "" {
		return ""
	}
	return ", headers: {" + x.signIn.headers + "}"
}

// fields of a list row.
func (x traits) fields(line func(string, ...any), at locate) {
	line("    id: {%s}\n    number: {%s}", at("id"), at("number"))
	line("    created: {%s%s}", at("created"), x.values.date)
	line("    total: {%s%s}", at("total"), x.values.money)
	line("    name: {%s%s}", at("name"), x.values.text)
	x.status.fields(line, at)
}

// request of the list, with what the paging and the status need.
func (x traits) request() string {
	params := slices.Clone(x.paging.params)
	if len(x.status.views) > 0 {
		params = append(params, [2]string{"tab", "{tab}"})
	}
	var query, pairs []string
	for _, p := range params {
		query = append(query, p[0]+"="+p[1])
		pairs = append(pairs, fmt.Sprintf("%s: '%s'", p[0], p[1]))
	}
	body := strings.Join(pairs, ", ")
	switch x.source.post {
	case "form":
		return fmt.Sprintf("{post: orders, form: {do: list%s}%s}", comma(body), x.headers())
	case "json":
		return fmt.Sprintf("{post: orders, json: {do: list%s}%s}", comma(body), x.headers())
	case "rpc":
		return fmt.Sprintf("{post: orders, json: {jsonrpc: '2.0', id: 1, method: orders.search, params: {%s}}%s}", body, x.headers())
	case "graphql":
		return fmt.Sprintf("{post: orders, graphql: {query: 'query L { orders { id } }', variables: {%s}}%s}", strings.TrimPrefix(comma(body)+", do: list", ", "), x.headers())
	}
	return fmt.Sprintf("{get: 'orders?do=list%s'%s}", strings.Join(append([]string{""}, query...), "&"), x.headers())
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}
