package store_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"nudged/store"
	"nudged/store/order"
)

// lists drives a database with visits of a shop and lists of the same orders.
type lists struct {
	t       *testing.T
	db      *store.DB
	visited map[string]bool            // numbers that the shop itself has shown
	listed  map[string]order.Order     // the last row of a number
	people  map[string]map[string]bool // contact: numbers that it stood with
}

// visit reads an order. The shop calls order 3 by the id "id3"; its row may hide
// the number, and who it is.
func (m *lists) visit(r *rapid.T) {
	n := fmt.Sprint(rapid.IntRange(1, 6).Draw(r, "number"))
	o := unpaid("s", "id"+n, noon)
	o.Number, o.Buyer, o.Total = "#"+n, order.Buyer{}, order.Money{}
	if rapid.Bool().Draw(r, "paid") {
		o = as(o, order.Paid, "Paid")
	}
	if rapid.IntRange(0, 3).Draw(r, "hidden") == 0 && !m.visited[n] {
		o.Number = ""
	}
	if rapid.Bool().Draw(r, "contact") {
		o.Buyer.Email = order.Email("ann" + n + "@example.com")
		m.with(o.Buyer.Email.Reveal(), n)
	}
	v := scanOf("s", noon, o)
	v.Full = false
	got, err := m.db.Record(m.t.Context(), v)
	if err != nil {
		r.Fatal(err)
	}
	for _, news := range got.News {
		if news.Order.Key().Imported() {
			r.Fatalf("%+v", news)
		}
	}
	if o.Number != "" {
		m.visited[n] = true
	}
}

func (m *lists) with(contact, n string) {
	if m.people[contact] == nil {
		m.people[contact] = map[string]bool{}
	}
	m.people[contact][n] = true
}

func (m *lists) take(r *rapid.T) {
	n := fmt.Sprint(rapid.IntRange(1, 6).Draw(r, "number"))
	o := sold("s", rapid.SampledFrom([]string{n, "#" + n, " " + n + " "}).Draw(r, "written"), "ann"+n+"@example.com",
		rapid.SampledFrom(order.Statuses()).Draw(r, "status"), noon)
	got, err := m.db.ImportOrders(m.t.Context(), "list", []order.Order{o})
	if err != nil || got.New+got.Changed+got.Same+got.Crossed != 1 {
		r.Fatal(got, err)
	}
	if m.visited[n] != (got.Crossed == 1) {
		r.Fatalf("%s: %+v", n, got)
	}
	if got.Crossed == 0 {
		m.listed[n] = o
		m.with(o.Buyer.Email.Reveal(), n)
	}
	again, err := m.db.ImportOrders(m.t.Context(), "list", []order.Order{o})
	if err != nil || again.Same+again.Crossed != 1 {
		r.Fatal(again, err)
	}
}

func (m *lists) check(r *rapid.T) {
	all, err := m.db.Orders(m.t.Context(), store.Filter{})
	if err != nil {
		r.Fatal(err)
	}
	seen := map[string]bool{}
	for _, o := range all {
		n := strings.Trim(o.Number, "# ")
		if n == "" {
			continue // its number is hidden still
		}
		if seen[n] || o.Key().Imported() == m.visited[n] || o.Key().Imported() && o.Status == order.Unpaid {
			r.Fatalf("%+v of %s", o, ids(all))
		}
		seen[n] = true
		if found := must(m.db.Find(n)); len(found) != 1 || found[0] != o.Key() {
			r.Fatalf("%s is found as %v", n, found)
		}
	}
	for n := range m.listed {
		if !seen[n] {
			r.Fatalf("%s is lost: %s", n, ids(all))
		}
	}
	open, err := m.db.Unpaid(m.t.Context(), "")
	if err != nil || strings.Contains(ids(open), "import") {
		r.Fatal(ids(open), err)
	}
	for contact, numbers := range m.people {
		b := buyersOf(m.t, m.db, contact)
		if len(b) != 1 {
			r.Fatalf("%s: %+v", contact, b)
		}
		for n := range numbers {
			had := 0
			for _, o := range b[0].Orders {
				if strings.Trim(o.Number, "# ") == n || o.ID == "id"+n {
					had++
				}
			}
			if hidden := !m.visited[n] && had == 2; had != 1 && !hidden {
				r.Fatalf("%s has order %s %d times: %s", contact, n, had, ids(b[0].Orders))
			}
		}
	}
}

// In whatever order lists and visits come, an order stands there once, as the
// shop shows it, and with its person.
func TestListsAndVisitsOfTheSameOrders(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &lists{t: t, visited: map[string]bool{}, listed: map[string]order.Order{}, people: map[string]map[string]bool{}}
		var err error
		if m.db, err = store.Open(t.Context(), fmt.Sprintf("%s/%d.db", dir, n), options()); err != nil {
			r.Fatal(err)
		}
		defer func() { _ = m.db.Close() }()
		r.Repeat(map[string]func(*rapid.T){"visit": m.visit, "take": m.take, "": m.check})
	})
}
