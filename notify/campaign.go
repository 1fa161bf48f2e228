package notify

import (
	"time"

	"nudged/store/order"
)

// Member is a person whom a campaign may be for, as on record now.
type Member struct {
	// Key is by what messages reach them: the newest order with a contact, else the
	// row of a list.
	Key order.Key
	// Contact is the newest that is known of them, put together of all.
	Contact order.Buyer
	// Row is the contact on the list's row by which messages reach them: of Key, if
	// that is one, or of the one that was asked about. Zero if it is gone.
	Row order.Buyer
	// Contacts are all addresses and numbers that are known of them: who has opted
	// out by one of them gets no campaign by another.
	Contacts []order.Buyer
	// Person holds all their orders, that of Key among them.
	Person Person
	// Paid is when an order of theirs was last seen to become paid; zero if never.
	Paid time.Time
	// Told is what has gone out to them, or may have, by whatever order or contact,
	// the newest first.
	Told []order.Reminder
	// By is the channel by which [Dispatcher.Consider] found that they may be
	// written to; "" is whichever of the campaign's reaches them first.
	By order.Channel
}

// Campaigns is what is on record of campaigns and of the people whom they are
// for.
type Campaigns interface {
	// Campaign as it was frozen when it was first sent, with its state now.
	Campaign(name string) (order.Campaign, bool, error)
	// CampaignOut counts the messages of a campaign whose hand-over began after a
	// moment, and says when the oldest of them did.
	CampaignOut(name string, since time.Time) (n int, oldest time.Time, err error)
	// HadCampaign reports whether the person has had a message of the same campaign
	// by another key.
	HadCampaign(key order.ReminderKey) (bool, error)
	// Member is the person of an order or of a list's row; false if nobody is on
	// record there (any more).
	Member(key order.Key) (Member, bool, error)
}

// campaignStep is the step of a campaign's messages.
func campaignStep(c order.Campaign, by order.Channel) Step {
	return Step{Name: order.CampaignStep(c.Name), By: []order.Channel{by}, Template: c.Text, Offer: c.Offer, Link: c.Link}
}

// offers reports whether a step is a campaign's.
func (st Step) offers() bool {
	_, ok := campaignOf(st.Name)
	return ok
}

// campaignOf is the campaign that a step belongs to, by the step's name.
func campaignOf(step string) (name string, ok bool) { return order.ReminderKey{Step: step}.Campaign() }

// noEnd is far beyond the window of any campaign.
const noEnd = 10 * 365 * 24 * time.Hour

// ends is when a campaign is over.
func ends(c order.Campaign, now time.Time) time.Time {
	if c.To.IsZero() {
		return now.Add(noEnd)
	}
	return c.To
}
