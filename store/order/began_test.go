package order_test

import (
	"testing"
	"time"

	"nudged/store/order"
)

func TestBegan(t *testing.T) {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return day.Add(time.Duration(hours) * time.Hour) }
	for name, c := range map[string]struct {
		created, first int // hours of the day
		dayOnly        bool
		want           int
	}{
		"a time is a time":          {15, 18, false, 15},
		"first read within the day": {0, 18, true, 18},
		"first read days later":     {0, 72, true, 24},
		"first read on a bad clock": {0, -5, true, 0},
	} {
		o := order.Order{Created: at(c.created), First: at(c.first), DayOnly: c.dayOnly}
		if got := o.Began(); !got.Equal(at(c.want)) {
			t.Errorf("%s: began %s, want %s", name, got, at(c.want))
		}
	}
	if o := (order.Order{Created: at(0), DayOnly: true}); !o.Began().Equal(at(0)) {
		t.Errorf("never recorded: began %s", o.Began())
	}
}
