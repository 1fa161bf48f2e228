package demoshop

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

//go:embed templates/*.html static/*
var files embed.FS

// templates of the pages. They are embedded: one that does not parse is found by
// every test.
func templates() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"money": grouped,
		"badge": func(status string) string { return strings.ReplaceAll(strings.ToLower(status), " ", "-") },
	}).ParseFS(files, "templates/*.html"))
}

func (s *Shop) render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

// serve renders a page with the fault that the request carries, if any.
func (s *Shop) serve(w http.ResponseWriter, r *http.Request, name string, data any) {
	switch {
	case broken(r, Cut):
		cut(w, func(w http.ResponseWriter) { s.render(w, name, data) })
	case broken(r, GBK):
		page := httptest.NewRecorder()
		s.render(page, name, data)
		text := strings.Replace(page.Body.String(), `<meta charset="utf-8">`, `<meta charset="gbk">`, 1)
		out, _ := encoding.HTMLEscapeUnsupported(simplifiedchinese.GBK.NewEncoder()).String(text)
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(out))
	default:
		s.render(w, name, data)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func serveStatic(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("file"))
}

// serveDanger serves the parts of the danger page that other documents and
// workers load; without a session, since a foreign frame has none.
func serveDanger(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Service-Worker-Allowed", "/")
	http.ServeFileFS(w, r, files, "static/danger-"+r.PathValue("file"))
}

// shownAs is how the shop's people read a time.
const shownAs = "2 Jan 2006, 15:04"

// slice is one page of the list.
type slice struct {
	Orders             []row
	Page, Pages, Total int
	Next               int // 0 on the last page
	Tame               bool
	Silent, Renamed    bool // faults
	Empty              bool
}

type row struct {
	Order
	Shown string // the date as the shop's people read it
	ISO   string
}

func (s *Shop) slice(r *http.Request) slice {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size := s.o.PageSize
	out := slice{
		Page: page, Pages: max(1, (len(s.orders)+size-1)/size), Total: len(s.orders), Tame: s.o.Tame,
		Renamed: broken(r, ChangedColumn), Silent: broken(r, EmptyTable),
	}
	from, to := min((page-1)*size, len(s.orders)), min(page*size, len(s.orders))
	if !out.Silent {
		for _, o := range s.orders[from:to] {
			out.Orders = append(out.Orders, s.row(o))
		}
	}
	out.Empty = len(out.Orders) == 0 && !out.Silent
	if to < len(s.orders) {
		out.Next = page + 1
	}
	return out
}

func (s *Shop) row(o Order) row {
	local := o.Created.In(s.o.Zone)
	return row{Order: o, Shown: local.Format(shownAs), ISO: local.Format(time.RFC3339)}
}

func (s *Shop) dashboard(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	counts := map[string]int{}
	for _, o := range s.orders {
		counts[o.Status]++
	}
	s.mu.Unlock()
	s.serve(w, r, "dashboard.html", map[string]any{"Counts": counts, "User": s.o.User, "Store": s.Store()})
}

func (s *Shop) livePage(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, "live.html", map[string]any{"Tame": s.o.Tame})
}

func (s *Shop) plainPage(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, "plain.html", s.slice(r))
}

func (s *Shop) dangerPage(w http.ResponseWriter, r *http.Request) {
	_, port, _ := strings.Cut(r.Host, ":")
	s.serve(w, r, "danger.html", map[string]any{"Port": port})
}

func (s *Shop) detail(r *http.Request) (map[string]any, bool) {
	o, ok := s.Order(r.PathValue("id"))
	if !ok {
		return nil, false
	}
	return map[string]any{
		"Order": s.row(o), "Closes": o.Closes().In(s.o.Zone).Format(time.RFC3339), "ClosesShown": o.Closes().In(s.o.Zone).Format(shownAs), "Tame": s.o.Tame,
		"PayLink": "http://" + r.Host + "/pay/" + o.Number, "Waiting": o.Status == Awaiting,
	}, true
}

func (s *Shop) detailPage(w http.ResponseWriter, r *http.Request) {
	if data, ok := s.detail(r); ok {
		s.serve(w, r, "detail.html", data)
		return
	}
	s.noOrder(w)
}

func (s *Shop) liveDetail(w http.ResponseWriter, r *http.Request) {
	if data, ok := s.detail(r); ok {
		s.serve(w, r, "detail-live.html", data)
		return
	}
	s.noOrder(w)
}

// chatPage is where the seller would write to a customer. It only shows: nothing
// can be sent from it.
func (s *Shop) chatPage(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.Order(r.PathValue("id")); ok {
		s.serve(w, r, "chat.html", s.row(o))
		return
	}
	s.noOrder(w)
}

// noOrder is a 200, as with many shops: only the words say that nothing is there.
func (s *Shop) noOrder(w http.ResponseWriter) { s.render(w, "no-order.html", nil) }

func (s *Shop) payPage(w http.ResponseWriter, r *http.Request) {
	for _, o := range s.Orders() {
		if o.Number == r.PathValue("number") {
			s.serve(w, r, "pay.html", s.row(o))
			return
		}
	}
	http.NotFound(w, r)
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(into)
}
