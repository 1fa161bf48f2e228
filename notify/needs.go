package notify

import (
	"context"
	"time"

	"nudged/store/order"
)

// Outbox is the durable list of reminders.
type Outbox interface {
	// DueOf lists the messages of campaigns, or else the reminders, of the shop that
	// are planned, held or failed with Due not after now, earliest first, at most
	// limit. However many wait in one line, they hide none of the other.
	DueOf(ctx context.Context, shop string, campaigns bool, now time.Time, limit int) ([]order.Reminder, error)
	// Plan keeps reminders that are not on record yet, and moves those that wait
	// when their planned time has changed, without a ledger line. It leaves alone
	// what is begun or final.
	Plan(ctx context.Context, rs []order.Reminder) error
	// Begin puts a planned, held or failed reminder into sending, durable before it
	// returns; any other state is order.ErrNotDue. If the person has had as many
	// messages as the limit allows, it changes nothing and answers an
	// *order.LimitError; count and begin are one transaction. message is the id that
	// the message carries, by which what comes back finds one that was cut off.
	Begin(ctx context.Context, key order.ReminderKey, message string, at time.Time, limit order.Limit) error
	// Settle writes a reminder's new state and its ledger line in one transaction.
	Settle(ctx context.Context, r order.Reminder, e order.Event) error
}

// Budget is asked ahead what [Outbox.Begin] would say of a person's limit: an
// *order.LimitError, or nil. An Outbox that has it lets Foresee tell of it.
type Budget interface {
	Spent(key order.ReminderKey, at time.Time, limit order.Limit) error
}

// Register is what is on record about orders, people and shops.
type Register interface {
	// Order as it was last recorded.
	Order(key order.Key) (order.Order, bool, error)
	// Reminders lists all reminders of one order, in any state.
	Reminders(key order.Key) ([]order.Reminder, error)
	// Suppressed reports whether this person must not be written to, and why.
	Suppressed(b order.Buyer) (bool, string, error)
	// Enabled is when the shop was first visited.
	Enabled(shop string) (time.Time, bool, error)
}

// People is what is known of a buyer beyond the order at hand.
type People interface {
	// Others are all other orders of the buyer of this one, in every shop, newest
	// first. It must not read through all orders.
	Others(key order.Key) ([]order.Order, error)
	// Past is what a list of the seller's says of the buyer of this order, beyond
	// what is on record; zero if none does.
	Past(key order.Key) (order.Past, error)
	// Consent to marketing that this person has given; false if none.
	Consent(b order.Buyer) (order.Consent, bool, error)
}

// Looker reads an order's own page now, and records what it read before it
// answers. Looked (or Seen, where a shop has no page for an order) tells when it
// was read; an answer that is older than the question counts as no look.
// Trouble is best told as a *[LookError]; any other error leaves the shop alone
// for this flush.
type Looker interface {
	Look(ctx context.Context, shop, id string) (order.Order, error)
}

// LookError says why an order could not be looked at.
type LookError struct {
	// Cause is CauseLook when only this order is concerned, CauseShop or
	// CauseBudget when no other order of the shop would do better now.
	Cause order.Cause
	Until time.Time // not before then; zero if not known
	Err   error
}

// Error gives the cause's words.
func (e *LookError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *LookError) Unwrap() error { return e.Err }
