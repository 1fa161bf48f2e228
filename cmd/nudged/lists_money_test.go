package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/store/order"
)

// Who asks for the largest amounts is told that those of another currency were cut
// off, which may be worth more.
func TestAListByAmountTellsOfOtherCurrencies(t *testing.T) {
	for _, c := range []struct {
		limit      int
		currencies []string
		want       string
	}{
		{2, []string{"EUR"}, ""},
		{0, []string{"EUR", "CNY"}, "Currencies are not compared: each stands by itself, one below the other.\n"},
		{2, []string{"EUR", "CNY"}, `Left out by the limit: 3 in EUR. One currency alone: --min "0 EUR".`},
	} {
		var b bytes.Buffer
		l := lot(0, listFlags{Sort: "total", Columns: "number,total", Limit: &c.limit}, &b, nil)
		l.all = func(fn func(*orderRow) (bool, error)) error {
			for i := range 5 {
				name := c.currencies[min(i/3, len(c.currencies)-1)]
				o := order.Order{Shop: "demo", ID: fmt.Sprint(i), Total: order.Money{Minor: int64(100 + i), Currency: name}}
				if more, err := fn(&orderRow{Order: o, zone: time.UTC}); err != nil || !more {
					return err
				}
			}
			return nil
		}
		err := errors.Join(l.check(), l.write())
		if got := b.String(); err != nil || c.want == "" && strings.Contains(got, "Currencies") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %v\n%s", c, err, got)
		}
	}
}
