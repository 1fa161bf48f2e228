package order

import "time"

// Consent is a person's yes to messages that advertise something.
type Consent struct {
	At      time.Time
	Source  string // where it was given: a form, a call, a list that was taken over
	Wording string // what the person said yes to

	Withdrawn bool // at At it was taken back: a no, also where a shop would not ask
}
