package order

import "time"

// Back is something that came back after messages went out: a delivery report, a
// bounce, a reply, an opt-out. Senders and the inbox make it, the store records
// it.
type Back struct {
	At      time.Time
	Channel Channel
	State   State // Delivered, Bounced, Replied or OptedOut
	// Ref names this very thing, so that reading it twice records it once: the
	// Message-ID of a mail, the id and state of a report. Never "".
	Ref string
	// Message is the id of our message that it is about, see [Event.Message]; ""
	// if it does not say.
	Message string
	// Token is the unsubscribe token that it carries; "" if none.
	Token string
	// Email or Phone is who it is about: the sender of a reply, the recipient that
	// bounced. Both may be empty where Message says it.
	Email Email
	Phone Phone
	// Final is true for a bounce that will not get better: the address does not
	// exist. The person is not written to again.
	Final bool
	// Words are the person's own, or the other side's, cleaned and cut; a reply
	// may hold anything.
	Words string
	Cost  Money // what the provider says it cost; no Currency: it does not say
}

// Answered is what the store made of a [Back].
type Answered struct {
	New      bool        // false: it was recorded before, nothing was done
	Reminder ReminderKey // zero if it could not be told which message it is about
	Order    Key         // the order that it is about, or the person's latest; zero if the person is not known
	// Suppressed is true if the person is not written to from now on because of it.
	Suppressed bool
}
