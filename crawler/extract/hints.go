package extract

import (
	"strings"

	"nudged/crawler/recipe"
)

// hints reads what may have kept the buyer from paying. A page that has such a
// field and shows nothing there says that it is over.
func (w *row) hints(f *recipe.Fields) {
	if t, ok := w.text("coupon", f.Coupon, maxText); ok {
		w.order.Coupon = t
	}
	if t, ok := w.text("pay_failed", f.PayFailed, maxText); ok {
		w.order.PayFailed = yes(t)
	}
}

// yes reads a field that says whether: any text but these few does.
func yes(t string) bool {
	switch strings.ToLower(t) {
	case "", "0", "0.00", "false", "no":
		return false
	}
	return true
}
