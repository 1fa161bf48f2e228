package extract_test

import (
	"errors"
	"testing"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

const hintList = `  request: o
  rows: tr
  empty: .none
  fields: {id: {attr: id}, status: .s, created: .d, total: .t, coupon: {select: .coupon, optional: true}}
detail:
  request: o/{id}
  found: h1
  fields:
    id: h1
    status: .s
    coupon: {select: .coupon, optional: true}
    pay_failed: {select: .failed, optional: true}
    lines: {rows: li, title: b, sold_out: {attr: data-gone, optional: true}}`

func TestHints(t *testing.T) {
	r := parsed(t, plainSignIn, plainOut, hintList)
	before := order.Order{ID: "1", Shop: "s", Coupon: "OLD", PayFailed: true, Lines: []order.Line{{Title: "Cup", Quantity: 1, SoldOut: true}}}
	for _, tc := range []struct {
		name, body string
		coupon     string
		failed     bool
		gone       []bool
	}{
		{"all shown", `<p class=coupon> SPRING&amp;5 </p><p class=failed>The card was declined.</p><li data-gone="1"><b>Cup</b></li><li data-gone=0><b>Pot</b></li><li><b>Pan</b></li>`, "SPRING&5", true, []bool{true, false, false}},
		{"words that mean no", `<p class=failed>No</p><li data-gone=false><b>Cup</b></li>`, "", false, []bool{false}},
		{"over: the page shows none", `<p class=failed></p><li><b>Cup</b></li>`, "", false, []bool{false}},
	} {
		o, _, problems, err := extract.Detail(r, extract.Shop{Name: "s"}, page("text/html", "<h1>1</h1><p class=s>Open</p>"+tc.body), before)
		if err != nil || len(problems) > 0 || o.Coupon != tc.coupon || o.PayFailed != tc.failed || len(o.Lines) != len(tc.gone) {
			t.Errorf("%s: %+v, %v, %v", tc.name, o, problems, err)
			continue
		}
		for i, gone := range tc.gone {
			if o.Lines[i].SoldOut != gone {
				t.Errorf("%s: line %d: %+v", tc.name, i, o.Lines[i])
			}
		}
	}
}

// A page whose recipe reads none of them leaves them as they were.
func TestHintsThatAreNotRead(t *testing.T) {
	r := parsed(t, plainSignIn, plainOut, plainList+"\ndetail: {request: \"o/{id}\", found: h1, fields: {id: h1, status: .s}}")
	o, _, _, err := extract.Detail(r, extract.Shop{Name: "s"}, page("text/html", "<h1>1</h1><p class=s>Open</p><p class=coupon>X</p>"), order.Order{ID: "1", Coupon: "OLD", PayFailed: true})
	if err != nil || o.Coupon != "OLD" || !o.PayFailed {
		t.Errorf("%+v, %v", o, err)
	}
}

// They are fields like others: missing is an error, unless the recipe says else.
func TestHintsMustBeThere(t *testing.T) {
	for field, with := range map[string]string{
		"detail.fields.coupon":         "coupon: .c",
		"detail.fields.pay_failed":     "pay_failed: .f",
		"detail.fields.lines.sold_out": "lines: {rows: li, title: b, sold_out: .g}",
	} {
		r := parsed(t, plainSignIn, plainOut, plainList+"\ndetail: {request: \"o/{id}\", found: h1, fields: {id: h1, status: .s, "+with+"}}")
		_, _, _, err := extract.Detail(r, extract.Shop{Name: "s"}, page("text/html", "<h1>1</h1><p class=s>Open</p><li><b>Cup</b></li>"), order.Order{ID: "1"})
		var fe *extract.FieldError
		if !errors.As(err, &fe) || fe.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestHintsInTheList(t *testing.T) {
	r := parsed(t, plainSignIn, plainOut, hintList)
	got, err := extract.List(r, extract.Shop{Name: "s", Currency: "USD"}, recipe.Page{Status: 200, Type: "text/html", Body: []byte(
		`<table><tr id=1><td class=s>Open</td><td class=d>2026-11-20T10:00:00Z</td><td class=t>5.00</td><td class=coupon>SPRING</td></tr></table>`)}, "")
	if err != nil || len(got.Orders) != 1 || got.Orders[0].Coupon != "SPRING" {
		t.Errorf("%+v, %v", got, err)
	}
}
