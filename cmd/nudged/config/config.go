package config

import (
	"net/url"
	"time"

	"nudged/crawler/recipe"
	"nudged/notify"
	"nudged/store/order"
)

// Config is the file as read, with defaults filled in. All of it is valid when
// [Load] gave no error.
type Config struct {
	File string // as named on the command line
	Data string // directory of the database and the socket
	Key  string // file of the key that sessions are encrypted with; outside Data

	Shops     []Shop
	Reminders Reminders
	Quiet     *Quiet // nil: no quiet hours
	Limits    Limits
	Levels    []Level       // of buyers, lowest first
	Lapsed    time.Duration // since the last paid order of a lapsed customer; zero: a default of notify
	// KeepContacts is how long contacts stay on record; zero: until they are erased.
	KeepContacts Age
	Email        *Email // nil: nothing can be mailed
	SMS          *SMS   // nil: no text messages
	Inbox        *Inbox // nil: what comes back by mail is not read
	Digest       *Digest
	Browser      Browser

	// Warnings are worth reading and stop nothing.
	Warnings Problems
}

// Shop is one back-office account.
type Shop struct {
	Name       string
	RecipeName string
	RecipeFile string // "" for one that comes with the program
	Recipe     *recipe.Recipe
	URL        *url.URL
	User       string       // "" only where a person signs in
	Password   order.Secret // the same
	TOTP       order.Secret // base32, of one-time codes; "" if the shop asks for none
	Zone       *time.Location
	Visit      Schedule

	AutoClose       time.Duration // the shop's, or else what its recipe says; zero: not known
	OrderLink       string
	LinkHosts       []string
	Title           string // as buyers know the shop; the name if not given
	Contact         string
	HowToPay        string // for orders without a link
	Language        string
	Region          string // of phone numbers without a country code: "CN"
	Currency        string // where a page shows a bare ¥ or $
	OfflinePayment  []string
	MaxPagesPerHour int    // zero: the crawler's default
	SoftOptIn       bool   // the seller says that buyers may get marketing of their own kind of goods
	Address         string // postal, for marketing mail
	Sign            string // of text messages; that of the sms section if not given
}

// Mode says who gets the reminders.
type Mode string

// Modes. Preview is the default: the seller sees every message, buyers none.
const (
	Preview Mode = "preview"
	Live    Mode = "live"
)

// Reminders are the sequences that an unpaid order may go through.
type Reminders struct {
	Mode      Mode
	Steps     []Step     // of orders that no sequence takes
	Sequences []Sequence // the first that fits takes an order
	Exclude   []*notify.Condition
	Texts     string // directory of the seller's own texts, absolute; "" if there is none
}

// Sequence is the steps of some orders. What is empty fits every order.
type Sequence struct {
	Name    string
	Shops   []string
	Payment []string // words of the payment method
	Buyers  []string // groups: "new", "known", "potential", "customer", "lapsed", or the name of a level
	Steps   []Step
}

// Step is one reminder. Exactly one of After and BeforeClose is set.
type Step struct {
	Name        string
	After       time.Duration // since the order was made
	BeforeClose time.Duration // before the shop closes it
	By          []order.Channel
	All         bool // by every way that is usable, not by the first one
	Template    string
	If          *notify.Condition // nil: always
	Offer       string            // the seller's own words; makes the message marketing
	MaxLateness time.Duration     // a step later than this is skipped; zero: a default of notify
}

// Quiet hours, in minutes since midnight; From may lie after To.
type Quiet struct{ From, To int }

// Limits keep messages to one person few.
type Limits struct {
	PerPerson order.Limit
	MinGap    time.Duration // between two messages on one order; zero: a default of notify
}

// Level is a kind of buyer: at least so many paid orders and so much money.
type Level struct {
	Name   string
	Orders int
	Spent  order.Money // no Currency: any
}

// Digest is the nightly mail to the seller.
type Digest struct {
	At       Schedule
	Zone     *time.Location
	To       []order.Email
	Language string
}

// Browser is how Chrome is found and shown.
type Browser struct {
	Path   string // "": looked for in the usual places
	Headed bool
}

// Schedule is a cron expression or an interval, parsed. The next time is asked
// of a time in the zone that the expression is meant in.
type Schedule struct {
	Spec string
	next func(time.Time) time.Time
}

// Next gives the first time after t, zero if there is none.
func (s Schedule) Next(t time.Time) time.Time {
	if s.next == nil {
		return time.Time{}
	}
	return s.next(t)
}

// Shop finds a shop by name, however its letters are cased.
func (c *Config) Shop(name string) (Shop, bool) {
	for _, s := range c.Shops {
		if fold(s.Name) == fold(name) {
			return s, true
		}
	}
	return Shop{}, false
}
