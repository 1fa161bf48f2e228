package order

import (
	"errors"
	"time"
)

// Channel is a way to a buyer.
type Channel string

// Channels.
const (
	ByEmail Channel = "email"
	BySMS   Channel = "sms"
)

// State of one step for one order on one channel.
type State string

// The life of a step: planned, then held (reason, until) or skipped (reason,
// final) or sending, then sent, unknown, failed or parked. What went out, or may
// have, can be delivered, bounced, replied or opted out later.
const (
	Planned State = "planned"
	Held    State = "held"    // will be tried again at Due; Reason says why it waits
	Skipped State = "skipped" // final: will not be sent; Reason says why
	Sending State = "sending" // written ahead of the hand-over
	Sent    State = "sent"    // final
	Lost    State = "unknown" // final: outcome not known; never sent again by itself
	Failed  State = "failed"  // temporary failure: tried again at Due
	Parked  State = "parked"  // final: given up
	Shown   State = "shown"   // final: preview mode, shown to the seller instead of the buyer

	Delivered State = "delivered" // the other side has confirmed that it arrived
	Bounced   State = "bounced"   // it came back
	Replied   State = "replied"   // the buyer has answered
	OptedOut  State = "opted out" // the buyer wants no more
)

// Final reports whether nothing more will happen by itself.
func (s State) Final() bool {
	switch s {
	case Skipped, Sent, Lost, Parked, Shown, Delivered, Bounced, Replied, OptedOut:
		return true
	}
	return false
}

// Out reports whether the message left us, or may have.
func (s State) Out() bool {
	switch s {
	case Sending, Sent, Lost, Delivered, Bounced, Replied, OptedOut:
		return true
	}
	return false
}

// ReminderKey identifies one hand-over for ever: it is written ahead and never
// used twice.
type ReminderKey struct {
	Order   Key
	Step    string
	Channel Channel
}

// String prints "shop/id step channel".
func (k ReminderKey) String() string {
	return k.Order.String() + " " + k.Step + " " + string(k.Channel)
}

// ErrNotDue says that a reminder was not begun: it is not on record, or its
// state allows no hand-over (any more).
var ErrNotDue = errors.New("the reminder is not due for a hand-over")

// Reminder is a step of a sequence, for one order on one channel.
type Reminder struct {
	Key      ReminderKey
	State    State
	Planned  time.Time // when the step wants to go out: max_lateness counts from here
	Due      time.Time // when it is looked at next: Planned, or later when held or failed
	Reason   string    // why it is held, skipped, failed or parked; plain words
	Cause    Cause     // the same for machines: the digest groups by it
	Attempts int
	Changed  time.Time
	Out      time.Time // when the hand-over began that stands, or it was shown; zero if it did not go out
}

// Cause of a hold, skip or failure.
type Cause string

// Causes.
const (
	CausePaid          Cause = "paid"
	CauseClosed        Cause = "closed"
	CauseStatus        Cause = "status"         // unknown or other status
	CauseNoContact     Cause = "no contact"     // nothing usable: a hand-off
	CauseSuppressed    Cause = "suppressed"     // opted out, bounced, excluded
	CauseTooLate       Cause = "too late"       // max_lateness passed
	CauseQuiet         Cause = "quiet hours"    //
	CauseLook          Cause = "no look"        // the order's page could not be read
	CauseShop          Cause = "shop"           // sign-in, unavailable, layout changed, needs you
	CauseBudget        Cause = "budget"         // pages per hour spent
	CauseSender        Cause = "sender"         // the mail server said no, or could not be reached
	CauseText          Cause = "text"           // the template could not be filled
	CauseConfig        Cause = "config"         // the step or shop is gone from the config
	CauseBeforeEnabled Cause = "before enabled" // the order is older than the shop's first visit
	CauseZero          Cause = "nothing to pay"
	CauseTogether      Cause = "too close" // to another message on the same order
	CauseCrash         Cause = "crash"     // stopped between hand-over and answer
	CauseStopping      Cause = "stopping"
	CauseCondition     Cause = "condition" // the step's own if, or an exclude, says no
	CausePayment       Cause = "payment"   // the payment method is not one to remind of
	CauseTwice         Cause = "ordered twice"
	CauseLimit         Cause = "limit"    // the person's budget of messages is spent
	CauseSoldOut       Cause = "sold out" // a hand-off
	CauseConsent       Cause = "consent"  // marketing without consent
	CauseBounce        Cause = "bounce"
	CauseReplied       Cause = "answered"   // the buyer has answered an earlier message on the order
	CauseCampaign      Cause = "campaign"   // it was stopped, is over, or no longer means this person
	CauseOpen          Cause = "open order" // of the same person: no offer while it may be paid
)

// Event is one line of the ledger: append-only, everything that was sent, held,
// skipped, failed, and why.
type Event struct {
	At       time.Time
	Key      ReminderKey
	State    State
	Cause    Cause
	Reason   string
	Provider string // what the receiving side said when it took the message over
	// Message is the id by which a delivery report, a bounce or a reply names the
	// message: the Message-ID of a mail without angle brackets, the id of an SMS.
	Message string
	Cost    Money // of an SMS, as estimated when it was sent, or as the provider says; no Currency: not known
}

// Limit is a budget: at most Count messages to one person in any stretch of Per,
// over all shops and channels. A Count of 0 is no limit.
type Limit struct {
	Count int
	Per   time.Duration
	// Shown counts previews too, so that preview mode shows what live mode would do.
	Shown bool
}

// LimitError says that a person's budget is spent.
type LimitError struct{ Until time.Time }

// Error says so.
func (e *LimitError) Error() string {
	return "this person has had as many messages as the limit allows"
}
