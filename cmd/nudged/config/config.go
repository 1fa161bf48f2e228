package config

import (
	"net/url"
	"time"

	"nudged/crawler/recipe"
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
	Email     *Email // nil: nothing can be mailed
	Digest    *Digest
	Browser   Browser

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
	MaxPagesPerHour int // zero: the crawler's default
}

// Mode says who gets the reminders.
type Mode string

// Modes. Preview is the default: the seller sees every message, buyers none.
const (
	Preview Mode = "preview"
	Live    Mode = "live"
)

// Reminders is the sequence that an unpaid order goes through.
type Reminders struct {
	Mode  Mode
	Steps []Step
}

// Step is one reminder. Exactly one of After and BeforeClose is set.
type Step struct {
	Name        string
	After       time.Duration // since the order was made
	BeforeClose time.Duration // before the shop closes it
	By          []order.Channel
	Template    string
	MaxLateness time.Duration // a step later than this is skipped; zero: a default of notify
}

// Quiet hours, in minutes since midnight; From may lie after To.
type Quiet struct{ From, To int }

// Security of the connection to the mail server.
type Security string

// Kinds of security. StartTLS is the default and is required, not tried.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	NoTLS    Security = "none"
)

// Email is the server that mail is handed to.
type Email struct {
	Host        string
	Port        int
	User        string
	Password    order.Secret
	From        Address
	ReplyTo     Address // From if not given
	Unsubscribe order.Email
	Security    Security
	CAFile      string // PEM; for a server with a certificate of your own
}

// Address is a name and an e-mail address.
type Address struct {
	Name string
	Addr order.Email
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
