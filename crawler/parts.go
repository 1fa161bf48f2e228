package crawler

import (
	"context"
	"fmt"
	"time"

	"nudged/store/order"
)

// A part is handed over after so many pages, or so much time.
const (
	partPages = 25
	partTime  = 30 * time.Second
)

// parts is what of a visit was handed over already.
type parts struct {
	at      time.Time
	pages   int
	orders  int          // of the visit's orders
	changed map[int]bool // of these, the ones that were read again since
}

// part hands over what was read since the last part, if it is time.
func (v *visit) part(ctx context.Context) error {
	done := &v.parts
	if now := v.s.o.Now(); v.known.Part == nil || v.pages-done.pages < partPages && now.Sub(done.at) < partTime {
		return nil
	}
	out := order.Visit{Shop: v.shop.Name, Kind: order.Part, At: v.at, Ended: v.s.o.Now(), Pages: v.pages - done.pages, Outcome: order.OK}
	for i := range done.changed {
		if i < done.orders {
			out.Orders = append(out.Orders, v.out.Orders[i])
		}
	}
	out.Orders = append(out.Orders, v.out.Orders[done.orders:]...)
	*done = parts{at: out.Ended, pages: v.pages, orders: len(v.out.Orders), changed: map[int]bool{}}
	if len(out.Orders) == 0 {
		return nil
	}
	before := v.resume
	v.resume = v.cut()
	session := v.blob()
	v.resume = before
	if err := v.known.Part(ctx, Result{Visit: out, Session: session}); err != nil {
		return fmt.Errorf("shop %s: keep what was read so far: %w", v.shop.Name, err)
	}
	return nil
}
