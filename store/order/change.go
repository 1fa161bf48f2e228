package order

import "time"

// Change is one entry of an order's status history, which only ever grows.
type Change struct {
	At   time.Time // when the visit or look that noticed it ended
	From Status    // "" for the first time the order was seen
	To   Status
	Text string // the shop's own words for To
}
