package crawler_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// pagingTrait is how a list goes on.
type pagingTrait struct {
	name   string
	params [][2]string
	next   func(meta locate) string // lines of the recipe
	page   func(s *traitShop, in map[string]string, n int) (from int, meta map[string]string)
}

func pagingTraits() []pagingTrait {
	number := func(in map[string]string, key string, otherwise int) int {
		if n, err := strconv.Atoi(in[key]); err == nil {
			return n
		}
		return otherwise
	}
	pages := func(name, beyond string, first int) pagingTrait {
		return pagingTrait{
			name: name, params: [][2]string{{"p", "{page}"}}, next: func(locate) string { return fmt.Sprintf("  next: {page: %d}", first) },
			page: func(s *traitShop, in map[string]string, n int) (int, map[string]string) {
				p, last := number(in, "p", first)-first, max(0, (n-1)/s.size)
				switch {
				case p > last && beyond == "last":
					p = last
				case p > last && beyond == "first":
					p = 0
				}
				return p * s.size, nil
			},
		}
	}
	link := func(s *traitShop, in map[string]string, n int) (int, map[string]string) {
		from := number(in, "from", 0)
		if from+s.size >= n {
			return from, nil
		}
		next := url.Values{"from": {fmt.Sprint(from + s.size)}}
		if tab := in["tab"]; tab != "" {
			next.Set("tab", tab)
		}
		return from, map[string]string{"next": "orders?" + next.Encode()}
	}
	return []pagingTrait{
		{name: "link", page: link, next: func(meta locate) string {
			at := meta("next")
			if strings.HasPrefix(at, "select") {
				at += ", own: true" // its text, not its href
			}
			return "  next: {link: {" + at + "}}"
		}},
		pages("pages, empty behind the last", "", 1),
		pages("pages, the last again", "last", 1),
		pages("pages from 0, the first again", "first", 0),
		{
			name: "skip and take, with a total", params: [][2]string{{"skip", "{offset}"}, {"take", "{size}"}},
			next: func(meta locate) string { return "  next: {offset: 5}\n  total: {" + meta("count") + "}" },
			page: func(_ *traitShop, in map[string]string, n int) (int, map[string]string) {
				return number(in, "skip", 0), map[string]string{"count": fmt.Sprint(n)}
			},
		},
		{
			name: "cursor", params: [][2]string{{"after", "{cursor}"}}, next: func(meta locate) string { return "  next: {cursor: {" + meta("cursor") + ", optional: true}}" },
			page: func(s *traitShop, in map[string]string, n int) (int, map[string]string) {
				from := number(in, "after", 1000) - 1000
				if from+s.size >= n {
					return from, nil
				}
				return from, map[string]string{"cursor": fmt.Sprint(1000 + from + s.size)}
			},
		},
	}
}

// asked are the parameters of a request, wherever they stand.
func askedFor(q *http.Request) map[string]string {
	out := map[string]string{}
	add := func(values map[string]any) {
		for k, v := range values {
			out[k] = fmt.Sprint(v)
		}
	}
	if strings.HasPrefix(q.Header.Get("Content-Type"), "application/json") {
		var body map[string]any
		text, _ := io.ReadAll(q.Body)
		_ = json.Unmarshal(text, &body)
		add(body)
		for _, inner := range []string{"params", "variables"} {
			if values, ok := body[inner].(map[string]any); ok {
				add(values)
			}
		}
		return out
	}
	_ = q.ParseForm()
	for k := range q.Form {
		out[k] = q.Form.Get(k)
	}
	return out
}

func (s *traitShop) list(w http.ResponseWriter, q *http.Request) {
	in := askedFor(q)
	var all []int
	for i, o := range s.orders {
		if len(s.status.views) == 0 || in["tab"] == tabOf(o.status) {
			all = append(all, i)
		}
	}
	from, meta := s.paging.page(s, in, len(all))
	p := traitPage{meta: map[string]string{}}
	maps.Copy(p.meta, meta)
	for _, i := range all[min(from, len(all)):min(from+s.size, len(all))] {
		p.rows = append(p.rows, s.row(i))
	}
	if len(p.rows) == 0 {
		p.meta["none"] = "No orders"
	}
	s.source.render(s, w, p)
}

// row is an order as the shop shows it.
func (s *traitShop) row(i int) map[string]string {
	o := s.orders[i]
	_, created := s.values.created(s, i)
	row := map[string]string{"id": o.id, "number": o.number, "created": created, "total": s.values.total(o.cents), "name": s.values.shown(o.name)}
	if s.source.detail == "" {
		row["email"] = o.email
	}
	maps.Copy(row, s.status.cells(o.status))
	return row
}

func (s *traitShop) detail(w http.ResponseWriter, q *http.Request) {
	for i, o := range s.orders {
		if o.id == q.PathValue("id") {
			cells := map[string]any{"id": o.id, "customer": fmt.Sprintf("http://%s/back/c/%d?key=a-b", q.Host, i)}
			for k, v := range s.status.page(o.status) {
				cells[k] = v
			}
			sendJSON(w, map[string]any{"order": cells})
			return
		}
	}
	http.NotFound(w, q)
}

func (s *traitShop) customer(w http.ResponseWriter, q *http.Request) {
	i, err := strconv.Atoi(q.PathValue("id"))
	if err != nil || i >= len(s.orders) || q.FormValue("key") != "a-b" {
		http.NotFound(w, q)
		return
	}
	s.page(w, "<div class=who><span class=f-email>"+s.orders[i].email+"</span></div>")
}
