package notify

import (
	"time"

	"nudged/store/order"
)

// Mode says whether buyers get anything.
type Mode string

// Modes. Preview is the default; live is one deliberate word.
const (
	Preview Mode = "preview"
	Live    Mode = "live"
)

// Settings is what the config says about messages, as plain values.
type Settings struct {
	Mode      Mode   // "" is preview
	Steps     []Step // of orders that no sequence fits
	Sequences []Sequence
	Exclude   []*Condition  // orders for which one of them holds get nothing
	Levels    []Level       // kinds of buyers
	Lapsed    time.Duration // since the last paid order of a lapsed customer; 0 is DefaultLapsed
	Quiet     Quiet
	MinGap    time.Duration // between two messages on one order; 0 is DefaultMinGap, negative is none
	Limit     order.Limit   // of messages to one person; Shown is set by the mode
	Shops     map[string]ShopFacts
	Seller    []order.Email // the first one gets the previews
	// SellerLanguage is that of the frame around a preview; "" is en.
	SellerLanguage string
	// TextDir is the directory of the seller's own texts; "" is none.
	TextDir string
	// Zones tells where a phone number may be: quiet hours are kept in all of them.
	// nil, or an empty answer, is the shop's zone. See [NewZones].
	Zones func(order.Phone) []*time.Location
}

// Live reports whether buyers get messages.
func (s Settings) Live() bool { return s.Mode == Live }

// Sequence is a row of steps for some orders. What is empty fits all. The first
// sequence that fits is taken.
type Sequence struct {
	Name    string
	Shops   []string
	Payment []string // words, found in the payment method whatever their case
	Buyers  []string // new, known, or the name of a level
	Steps   []Step
}

// Step is one reminder of a sequence. Exactly one of After and BeforeClose is
// set.
type Step struct {
	Name        string
	After       time.Duration // from the creation of the order
	BeforeClose time.Duration // before the shop closes it; an order without a known close has no such step
	By          []order.Channel
	All         bool // by every usable channel of By; else by the first one
	Template    string
	MaxLateness time.Duration // 0 is the default of [Step.Lateness]
	If          *Condition    // asked at the look; nil is always
	Offer       string        // the seller's own words for a marketing text; "" is none
	// Link is where the text of a campaign leads, instead of to an order.
	Link string
}

// DefaultMinGap keeps two messages on one order apart.
const DefaultMinGap = 2 * time.Hour

// DefaultLateness is how late a step may go out, unless it says otherwise.
const DefaultLateness = 6 * time.Hour

// Lateness is how long after its planned time a step may still go out, quiet
// hours not counted: as
// configured, else six hours, and for a step before the close at most three
// quarters of the time that was left, so that the buyer can still act on it.
func (s Step) Lateness() time.Duration {
	if s.MaxLateness > 0 {
		return s.MaxLateness
	}
	if s.BeforeClose > 0 {
		return min(DefaultLateness, s.BeforeClose*3/4)
	}
	return DefaultLateness
}

func (s Settings) minGap() time.Duration {
	switch {
	case s.MinGap < 0:
		return 0
	case s.MinGap == 0:
		return DefaultMinGap
	}
	return s.MinGap
}

// ShopFacts is what messages say about a shop, and how they are addressed.
type ShopFacts struct {
	Name     string         // as buyers know it
	Zone     *time.Location // nil is UTC
	Language string         // of the templates; "" is en
	Contact  string         // where a person answers, in the seller's own words; may be ""
	HowToPay string         // one sentence for orders without a link; "" is a general one
	From     order.Email
	ReplyTo  order.Email // "" if answers go to From
	// Unsubscribe is the address that unsubscribe mails go to; "" is ReplyTo, else From.
	Unsubscribe order.Email
	// OfflinePayment are the shop's words for payment by bank transfer and the like.
	OfflinePayment []string
	SoftOptIn      bool   // the seller declares that buyers may get marketing about similar goods
	Address        string // postal, for marketing mail
	Sign           string // SMS signature as phones show it, without brackets; "" is none
	Host           string // of the shop's address; links lead there
}

func (f ShopFacts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

func (f ShopFacts) language() string {
	if f.Language == "" {
		return "en"
	}
	return f.Language
}

// replyTo is where an answer arrives.
func (f ShopFacts) replyTo() order.Email {
	if f.ReplyTo != "" {
		return f.ReplyTo
	}
	return f.From
}

// Quiet is the part of the day in which no buyer is written to, in minutes from
// midnight of the shop's zone. From after To runs over midnight; equal values
// mean that there is none.
type Quiet struct{ From, To int }
