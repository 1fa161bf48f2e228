package extract

import (
	"strconv"
	"strings"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// lines reads the positions of an order.
func (w *row) lines(l *recipe.Lines) {
	rows, err := w.scope().rows(w.at, l.Rows, l.Exclude)
	if err != nil {
		w.fail("lines.rows", &recipe.Value{In: l.Rows.In, Path: l.Rows.Path, Select: l.Rows.Select}, "", err)
		return
	}
	const most = 500 // positions of one order
	var lines []order.Line
	for _, at := range rows {
		if len(lines) == most {
			break
		}
		if at.err != nil {
			w.fail("lines.rows.each", l.Rows.Each, "", at.err)
			return
		}
		lines = append(lines, w.line(l, at))
	}
	if w.err == nil && len(lines) > 0 {
		w.order.Lines = lines
	}
}

func (w *row) line(l *recipe.Lines, at place) order.Line {
	in := w.row(at, w.order)
	in.vars, in.samples, in.err, in.top = w.vars, w.samples, w.err, w.top
	var line order.Line
	line.Title, _ = in.text("lines.title", l.Title, maxText)
	line.SKU, _ = in.text("lines.sku", l.SKU, maxText)
	line.Quantity = 1
	if r, ok := in.needed("lines.quantity", l.Quantity, maxText); ok {
		n, err := quantity(r.text)
		if err != nil {
			in.fail("lines.quantity", l.Quantity, r.text, err)
		}
		line.Quantity = n
	}
	if r, ok := in.needed("lines.total", l.Total, maxText); ok {
		m, err := parseMoney(r.text, r.number, l.Total.Money, w.order.Total.Currency, w.shop.Currency)
		if err != nil {
			in.fail("lines.total", l.Total, r.text, err)
		}
		line.Total = m
	}
	soldOut, _ := in.text("lines.sold_out", l.SoldOut, maxText)
	line.SoldOut = yes(soldOut)
	w.err = in.err
	return line
}

// quantity reads "3", "× 3", "3.00" and "3 pcs".
func quantity(t string) (int, error) {
	t = strings.TrimLeft(t, "×xX* ")
	if i := strings.IndexByte(t, ' '); i > 0 {
		t = t[:i]
	}
	if head, tail, ok := strings.Cut(t, "."); ok && strings.Trim(tail, "0") == "" {
		t = head
	}
	n, err := strconv.Atoi(t)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return 0, errNoNumber
	}
	return n, nil
}
