package demoshop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// apiRow is an order in the JSON list. The id is a bare number, as many shops
// send it, and loses its last digits in JavaScript; ref is the same as text.
type apiRow struct {
	ID       json.Number `json:"id"`
	Ref      string      `json:"ref"`
	Number   string      `json:"number"`
	Created  string      `json:"created"`
	Name     string      `json:"customer"`
	Status   string      `json:"status,omitempty"`
	State    string      `json:"state,omitempty"` // after "changed column"
	Total    string      `json:"total"`
	Currency string      `json:"currency"`
}

func (s *Shop) apiMe(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"user": s.o.User, "store": s.Store()})
}

func (s *Shop) apiRow(o row) apiRow {
	return apiRow{
		ID: json.Number(o.ID), Ref: o.ID, Number: o.Number, Created: o.ISO, Name: o.Name, Status: o.Status,
		Total: decimal(o.Minor), Currency: o.Code,
	}
}

func decimal(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

func (s *Shop) apiOrders(w http.ResponseWriter, r *http.Request) {
	page := s.slice(r)
	rows := make([]apiRow, 0, len(page.Orders))
	for _, o := range page.Orders {
		line := s.apiRow(o)
		if page.Renamed {
			line.Status, line.State = "", o.Status
		}
		rows = append(rows, line)
	}
	answer := map[string]any{"orders": rows, "page": page.Page, "pages": page.Pages, "total": page.Total}
	if page.Silent {
		delete(answer, "orders")
		delete(answer, "total")
	}
	if broken(r, Cut) {
		cut(w, func(w http.ResponseWriter) { writeJSON(w, http.StatusOK, answer) })
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *Shop) apiOrder(w http.ResponseWriter, r *http.Request) {
	o, ok := s.Order(r.PathValue("id"))
	if !ok {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such order"})
		return
	}
	type line struct {
		Title, SKU string
		Quantity   int
		Total      string
		SoldOut    bool
	}
	lines := make([]line, 0, len(o.Lines))
	for _, l := range o.Lines {
		lines = append(lines, line{l.Title, l.SKU, l.Quantity, decimal(l.Minor), l.SoldOut})
	}
	answer := map[string]any{
		"order": s.apiRow(s.row(o)), "email": o.Email, "phone": o.Phone, "payment": o.Payment, "lines": lines,
		"closes": o.Closes().In(s.o.Zone).Format(time.RFC3339), "coupon": o.Coupon, "pay_failed": o.PayFailed,
	}
	if broken(r, Cut) {
		cut(w, func(w http.ResponseWriter) { writeJSON(w, http.StatusOK, answer) })
	}
	writeJSON(w, http.StatusOK, answer)
}
