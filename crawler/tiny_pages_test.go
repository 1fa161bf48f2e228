package crawler_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// shown are the orders of a tab.
func (s *tiny) shown(tab string) []tinyOrder {
	var out []tinyOrder
	for _, o := range s.orders {
		if tab == "" || o.status == tab {
			out = append(out, o)
		}
	}
	return out
}

func (s *tiny) list(w http.ResponseWriter, q *http.Request, n int) {
	all := s.shown(q.FormValue("tab"))
	last := max(1, (len(all)+s.size-1)/s.size)
	if n > last {
		switch s.beyond {
		case "last":
			n = last
		case "first":
			n = 1
		case "redirect":
			http.Redirect(w, q, fmt.Sprintf("/list?page=%d&tab=%s", last, q.FormValue("tab")), http.StatusFound)
			return
		}
	}
	rows := all[min((n-1)*s.size, len(all)):min(n*s.size, len(all))]
	next := ""
	if n < last {
		next = fmt.Sprintf(`<a class=next href="/list?page=%d&amp;tab=%s">more</a>`, n+1, q.FormValue("tab"))
	}
	s.table(w, rows, len(all), next)
}

func (s *tiny) table(w io.Writer, rows []tinyOrder, total int, more string) {
	fmt.Fprint(w, s.filter, "<table>")
	for _, o := range rows {
		fmt.Fprint(w, s.row(o))
	}
	if len(rows) == 0 && s.beyond == "row" {
		fmt.Fprint(w, `<tr class=o><td class=none colspan=4>No results</td></tr>`)
	}
	fmt.Fprint(w, "</table>", more)
	if s.total {
		fmt.Fprintf(w, "<b class=n>%d</b>", total)
	}
	if len(rows) == 0 && s.beyond != "row" {
		fmt.Fprint(w, "<p class=none>Nothing here</p>")
	}
}

func (s *tiny) row(o tinyOrder) string {
	return fmt.Sprintf(`<tr class=o data-id=%s data-c="%s"><td class=s>%s</td><td class=c>2026-11-20T10:00:00Z</td><td class=t>$12.50</td></tr>`, o.id, o.customer, o.status)
}

// after pages by a cursor: the id of the last order that was shown.
func (s *tiny) after(w http.ResponseWriter, q *http.Request) {
	from := slices.IndexFunc(s.orders, func(o tinyOrder) bool { return o.id < q.FormValue("cursor") })
	if q.FormValue("cursor") == "" {
		from = 0
	}
	if from < 0 {
		from = len(s.orders)
	}
	rows := s.orders[from:min(from+s.size, len(s.orders))]
	more := ""
	if from+s.size < len(s.orders) {
		more = fmt.Sprintf("<i class=cursor>%s</i>", rows[len(rows)-1].id)
	}
	s.table(w, rows, len(s.orders), more)
}

// live adds rows by script: at a click or when it is scrolled to its end.
func (s *tiny) live(w http.ResponseWriter, q *http.Request) {
	fmt.Fprint(w, `<div id=box style="height:200px;overflow:auto"><table id=rows></table></div><button id=more>More</button><script>const rows=[`)
	for _, o := range s.orders {
		fmt.Fprintf(w, "%q,", s.row(o))
	}
	fmt.Fprintf(w, `];let n=0;const table=document.getElementById("rows");
function more(){ table.insertAdjacentHTML("beforeend", rows.slice(n,n+%d).join("")); n+=%d; }
more(); const box=document.getElementById("box");
document.getElementById("more").onclick=more;
if (%t) box.onscroll=()=>{ if (box.scrollTop+box.clientHeight>=box.scrollHeight-5) more(); };
</script><style>tr{height:40px}</style>`, s.size, s.size, q.FormValue("by") == "scroll")
}

func (s *tiny) order(w http.ResponseWriter, q *http.Request) {
	for _, o := range s.orders {
		if o.id == q.PathValue("id") {
			fmt.Fprintf(w, `<div class=order><b class=id>%s</b><b class=s>%s</b><b class=mail>%s@example.test</b><a class=c data-c="%s">buyer</a></div>`, o.id, o.status, o.id, o.customer)
			return
		}
	}
	http.NotFound(w, q)
}

// remove takes an order off the list.
func (s *tiny) remove(id string) {
	s.orders = slices.DeleteFunc(s.orders, func(o tinyOrder) bool { return o.id == id })
}

func (s *tiny) insert(id string) {
	s.orders = slices.Insert(s.orders, 0, tinyOrder{id: id, status: "Paid", customer: "new"})
}

func lists(asked []string) int {
	n := 0
	for _, a := range asked {
		if !strings.HasPrefix(a, "/order/") && !strings.HasPrefix(a, "/customer/") && a != "/me" {
			n++
		}
	}
	return n
}
