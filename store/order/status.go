package order

import "fmt"

// Status says where an order stands between the buyer and the seller's money.
type Status string

// The six statuses. Closed orders are ClosedUnpaid and ClosedRefunded.
const (
	// Unpaid is waiting for the buyer's payment: the only status that is reminded.
	Unpaid Status = "unpaid"
	// Paid is everything after payment, also shipped and completed.
	Paid Status = "paid"
	// ClosedUnpaid was cancelled, expired, voided or failed before payment.
	ClosedUnpaid Status = "closed_unpaid"
	// ClosedRefunded was paid and then given back.
	ClosedRefunded Status = "closed_refunded"
	// Other is neither: drafts, quotes, missing orders.
	Other Status = "other"
	// Unknown is a status text that the recipe does not map. It is held, never guessed.
	Unknown Status = "unknown"
)

// Statuses lists every status in the order in which people are told of them.
func Statuses() []Status {
	return []Status{Unpaid, Paid, ClosedUnpaid, ClosedRefunded, Other, Unknown}
}

// ParseStatus reads one of the six words.
func ParseStatus(s string) (Status, error) {
	for _, known := range Statuses() {
		if s == string(known) {
			return known, nil
		}
	}
	return "", fmt.Errorf("status %q is not one of unpaid, paid, closed_unpaid, closed_refunded, other, unknown", s)
}

// Closed reports whether the order ended, with or without the money.
func (s Status) Closed() bool { return s == ClosedUnpaid || s == ClosedRefunded }

// WantsDetail reports whether an order in this status is worth its own page:
// paid orders are recorded from their list rows.
func (s Status) WantsDetail() bool { return s == Unpaid || s.Closed() }
