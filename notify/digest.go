package notify

import (
	"time"

	"nudged/store/order"
)

// Facts is everything a digest tells, as plain values. Lists come in the order
// in which they are to be read; the digest cuts long ones itself.
type Facts struct {
	Number   int // counts up by one a digest, so that a missing one is noticed
	From, To time.Time
	Zone     *time.Location // nil is UTC
	Language string         // "" is en
	Mode     Mode
	FirstDay bool // the first digest explains preview mode

	Needs    []Need
	Statuses []UnknownStatus
	HandOffs []HandOff
	Holds    []Hold

	Unpaid    int // open and unpaid now, over all shops
	New       []OrderLine
	Recovered []OrderLine // paid after a reminder
	Paid      int         // paid without one
	Closed    []OrderLine // closed unpaid in this day
	Refunded  int
	Closing   []OrderLine // unpaid, by closing time

	Sent     []MessageLine
	Previews []MessageLine
	Failed   []MessageLine // parked, or failing still
	Lost     []MessageLine // outcome unknown

	Delivered int           // of what was sent, confirmed by the other side
	Cost      []order.Money // of the text messages sent, one a currency
	Replies   []ReplyLine
	Bounced   []MessageLine // came back
	OptedOut  []MessageLine // want no more messages

	Shops []ShopDay
}

// Need is something only the seller can do: sign in, renew a password, mend the
// mail account.
type Need struct {
	Shop string // "" if it concerns no single shop
	What string // one sentence, the shop's own words included
	Do   string // the command or config line that mends it; may be ""
}

// UnknownStatus is a status text that the recipe does not map.
type UnknownStatus struct {
	Shop, Recipe, Text string
	Orders             int
	Line               string // to be added to the recipe, as it stands there
	Copy               string // the command that makes a built-in recipe one's own; "" if it is
}

// HandOff is an order whose buyer left no usable contact: the seller may paste
// the text into the shop's own chat.
type HandOff struct {
	Order OrderLine
	Text  string
	Chat  string    // link to the chat or the order in the back-office; may be ""
	AsOf  time.Time // of the look at the order
}

// Hold groups reminders that wait, or were skipped, for one cause.
type Hold struct {
	Cause  order.Cause
	Count  int
	Detail string // the last reason, in words
	Do     string // what the seller can do; "" uses the digest's own words for the cause
}

// OrderLine is one order in a list. It carries no contact.
type OrderLine struct {
	Key     order.Key
	Number  string
	Name    string
	Total   order.Money
	Items   string // the first item, "and 2 more"
	Status  order.Status
	Created time.Time
	Closes  time.Time
	At      time.Time // of what the list is about: paid, closed
	Step    string    // for a recovered order, the last step sent before
	Next    string    // for an open one, the next step in words
}

// MessageLine is one message in a list.
type MessageLine struct {
	Key    order.ReminderKey
	Number string
	Name   string
	At     time.Time
	Reason string
}

// ReplyLine is a buyer's answer. An answer whose message could not be told has no
// order.
type ReplyLine struct {
	Order   OrderLine
	Channel order.Channel
	At      time.Time
	Words   string // the buyer's own
}

// ShopDay is one shop's health.
type ShopDay struct {
	Name      string
	LastVisit time.Time // zero if there was none yet
	LastGood  time.Time // last visit that read the shop; zero if none
	Outcome   string    // of the last visit
	Words     string    // what went wrong, for people
	Visits    int       // in this day
	Failed    int
	Orders    int // read in this day
	Unpaid    int
	Problems  []string
	Blocked   int // requests the read-only guard stopped
	// Waited is set when the shop waited for a person and goes on since this day.
	Waited *Waited
}

// Waited is a need that was met.
type Waited struct {
	From, To time.Time
	Why      string // what the shop wanted
}
