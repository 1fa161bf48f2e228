package order

import (
	"errors"
	"strings"
	"time"
)

// Campaign is one marketing message to many people, as it was when it began:
// what the seller changes in its file later is not part of it.
type Campaign struct {
	Name     string
	State    CampaignState
	Segment  string // who gets it: a condition over a buyer
	Shops    []string
	Text     string
	Offer    string
	Link     string
	By       []Channel
	From, To time.Time     // when it may go out; To is its end
	Rate     Limit         // messages of the campaign in any stretch of time; Count 0 is none
	Created  time.Time     // when it was first sent
	Changed  time.Time     // when its state last changed
	People   int           // who fitted when it was planned
	Quiet    time.Duration // nobody who has had an offer within this time; 0 is none
}

// CampaignState is where a campaign stands.
type CampaignState string

// States of a campaign. What was stopped can be sent again: nobody gets it twice.
const (
	CampaignRunning CampaignState = "running"
	CampaignStopped CampaignState = "stopped"
	CampaignOver    CampaignState = "over"
)

// campaignStep begins the step of a campaign's messages. No step of the config
// has a colon in its name.
const campaignStep = "campaign:"

// CampaignStep is the step of the messages of a campaign. Their order is the one
// by which the person is known: the newest, or the row of an imported list.
func CampaignStep(name string) string { return campaignStep + name }

// Campaign is the name of the campaign that a message belongs to; false for a
// reminder.
func (k ReminderKey) Campaign() (name string, ok bool) {
	return strings.CutPrefix(k.Step, campaignStep)
}

// ErrHadCampaign says that a person has had a message of the same campaign, by
// another order or at another contact: each gets one at most.
var ErrHadCampaign = errors.New("this person has had a message of the campaign")

// Past is what the seller's own list says of a person, beyond the orders on
// record.
type Past struct {
	Orders      int     // paid ones
	Spent       []Money // for those, one a currency
	First, Last time.Time
}

// IsZero reports whether it says nothing.
func (p Past) IsZero() bool {
	return p.Orders == 0 && len(p.Spent) == 0 && p.First.IsZero() && p.Last.IsZero()
}

// How ids begin that no shop gave.
const (
	ListRow  = "person:" // somebody on a list of the seller's, known without an order
	Imported = "import:" // an order from a list of the seller's, by its number
)

// ListRow reports whether a key stands for a person on a list, not for an order.
func (k Key) ListRow() bool { return strings.HasPrefix(k.ID, ListRow) }

// Imported reports whether an order comes from a list, so that the shop has no
// page of it.
func (k Key) Imported() bool { return strings.HasPrefix(k.ID, Imported) }
