package notify

import (
	"fmt"
	"time"

	"nudged/store/order"
)

// Foresight is what will become of a reminder by what is on record. A zero State
// means that its order will be looked at and, if it is still unpaid then, the
// message goes out.
type Foresight struct {
	State  order.State
	Reason string
	Due    time.Time // for what is held, or planned for later
}

// Foresee says what [Dispatcher.Flush] would do with a waiting reminder at a
// moment, by the very rules of Flush. It changes nothing and asks no shop.
func (d *Dispatcher) Foresee(r order.Reminder, at time.Time) (Foresight, error) {
	shop := r.Key.Order.Shop
	if _, ok := d.o.Settings.Shops[shop]; !ok {
		return Foresight{r.State, fmt.Sprintf("shop %s is no longer in the config", shop), r.Due}, nil
	}
	f, visited, err := d.newFlush(shop, func() time.Time { return at })
	switch {
	case err != nil:
		return Foresight{}, fmt.Errorf("look ahead at %s: %w", r.Key, err)
	case !visited:
		return Foresight{r.State, "the shop was never visited", r.Due}, nil
	}
	v, err := f.known(&r)
	if err != nil {
		return Foresight{}, fmt.Errorf("look ahead at %s: %w", r.Key, err)
	}
	return Foresight{v.state, v.reason, v.due}, nil
}
