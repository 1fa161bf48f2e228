package notify

import (
	"time"

	"nudged/store/order"
)

// Facts is everything a digest tells, as plain values. Lists come in the order
// in which they are to be read; the digest cuts long ones itself, and sums up
// what it is given whole. Sums hold one amount a currency, the weightiest first.
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

	Unpaid      int           // open and unpaid now, over all shops
	AtRisk      []order.Money // what they are worth
	ClosingSoon int           // of them, within 24 hours of To
	Open        []OrderLine   // the first of them, by close; those without a known close last, the newest first
	NewCount    int           // placed in this day and not paid at first sight

	Recovered []OrderLine // paid after a reminder
	By        []Recovery  // the same by step and channel of the last message before
	Paid      int         // paid without one
	Closed    []OrderLine // closed unpaid in this day, with the presumed reasons
	Refunded  int

	Days    []DayCount // the last 14 or fewer, from digest to digest, oldest first; the last one is the day told
	WeekAgo *DayCount  // the same weekday of last week; nil if nothing is known of it

	Sent     []MessageLine
	Previews []MessageLine
	Failed   []MessageLine // parked, or failing still
	Lost     []MessageLine // outcome unknown

	Delivered int           // of what was sent, confirmed by the other side
	Cost      []order.Money // of the text messages sent
	Replies   []ReplyLine
	Bounced   []MessageLine // came back
	OptedOut  []MessageLine // want no more messages

	Campaigns []CampaignDay // that run, or have ended or were stopped within a week

	Shops []ShopDay
}

// Need is something only the seller can do: sign in, renew a password, mend the
// mail account. The sentence about it stands in the templates, by its kind.
type Need struct {
	Kind   string
	Shop   string // "" if it concerns no single shop
	Recipe string // of a trial, or of a changed layout
	Words  string // verbatim: the shop's own, or the server's; "" if there are none
	Do     string // the one command or config line that mends it; may be ""
}

// Kinds of needs.
const (
	NeedRefused = "refused" // the shop refused user and password
	NeedTrial   = "trial"   // the recipe was never tried on this shop; Words say why it is on trial
	NeedWaits   = "waits"   // the shop wants a person: captcha, code, QR
	NeedLocked  = "locked"  // the shop has locked the account
	NeedLayout  = "layout"  // the pages do not fit the recipe any more
	NeedMail    = "mail"    // mail does not go out
	NeedSMS     = "sms"     // text messages do not go out
	NeedInbox   = "inbox"   // the mailbox of replies cannot be read
)

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

// Hold groups reminders that wait, or were skipped, for one cause. Its sentence
// stands in the templates, by the cause.
type Hold struct {
	Cause  order.Cause
	Count  int
	Shops  []string // whose orders they are about; may be empty
	Detail string   // the last reason as it is on record, in English; other languages leave it out
	Do     string   // the one command or config line; "" uses that of the cause, if it has one
}

// OrderLine is one order in a list. It carries no contact.
type OrderLine struct {
	Key     order.Key
	Number  string
	Name    string
	Total   order.Money
	Items   string // the title of the first item
	More    int    // items beyond the first
	Status  order.Status
	Created time.Time
	Closes  time.Time
	At      time.Time       // of what the list is about: paid, closed
	New     bool            // it came in this day
	Ways    []order.Channel // by which the buyer can be reached
	Reasons []Reason        // why it was presumably not paid

	Step    string        // for a recovered order, the last step sent before
	Channel order.Channel // by which that step went

	NextStep  string // of an open order; "" if nothing more is planned
	NextAt    time.Time
	NextState order.State // planned, held or failed
	Stopped   order.Cause // why no reminder comes any more, where it is known; "" if there is a next one
}

// Recovery counts orders that were paid after a reminder.
type Recovery struct {
	Step    string
	Channel order.Channel
	Orders  int
	Sum     []order.Money
}

// DayCount is one day in numbers.
type DayCount struct {
	Day       time.Time     // midnight of its date, in the zone of the digest
	New       int           // unpaid orders that came in
	Paid      int           // paid without a reminder
	Recovered int           // paid after one
	Closed    int           // closed unpaid
	Sum       []order.Money // of the recovered
}

// CampaignDay is how a campaign stands.
type CampaignDay struct {
	Name     string
	State    order.CampaignState
	People   int // who are meant
	Sent     int // all told; Today of them in this day
	Today    int
	Waiting  int
	Skipped  int // left out: no consent, bought since, opted out and the like
	Bounced  int
	Replied  int
	OptedOut int
	Ordered  int // people who have ordered since they got it
	Sum      []order.Money
}

// MessageLine is one message in a list.
type MessageLine struct {
	Key    order.ReminderKey
	Number string
	Name   string
	At     time.Time
	Reason string // as the other side gave it
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
	LastGood  time.Time // last visit that read the shop, also before this day; zero if not known
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
