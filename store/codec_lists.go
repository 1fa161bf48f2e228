package store

import (
	"time"

	"nudged/store/order"
)

// listedRecord is what a list of the seller's says of a person; its key is the
// row's. Who it is stands in the contacts.
type listedRecord struct {
	Orders int           `json:"orders,omitempty"`
	Spent  []moneyRecord `json:"spent,omitempty"`
	First  time.Time     `json:"first,omitzero"`
	Last   time.Time     `json:"last,omitzero"`
	At     time.Time     `json:"at"`   // when a list said so for the first time
	Read   time.Time     `json:"read"` // when a list had something new last, also a contact
	Source string        `json:"source,omitempty"`
}

func (r listedRecord) past() order.Past {
	out := order.Past{Orders: r.Orders, First: r.First, Last: r.Last}
	for _, m := range r.Spent {
		out.Spent = append(out.Spent, order.Money(m))
	}
	return out
}

type campaignRecord struct {
	State   order.CampaignState `json:"state"`
	Segment string              `json:"segment,omitempty"`
	Shops   []string            `json:"shops,omitempty"`
	Text    string              `json:"text,omitempty"`
	Offer   string              `json:"offer,omitempty"`
	Link    string              `json:"link,omitempty"`
	By      []order.Channel     `json:"by,omitempty"`
	From    time.Time           `json:"from,omitzero"`
	To      time.Time           `json:"to,omitzero"`
	Count   int                 `json:"rate_count,omitempty"`
	Per     time.Duration       `json:"rate_per,omitempty"`
	Created time.Time           `json:"created,omitzero"`
	Changed time.Time           `json:"changed,omitzero"`
	People  int                 `json:"people,omitempty"`
	Quiet   time.Duration       `json:"quiet,omitempty"`
}

func campaignRecordOf(c order.Campaign) campaignRecord {
	return campaignRecord{
		State: c.State, Segment: clip(c.Segment, maxText), Shops: c.Shops, Text: clip(c.Text, maxText), Offer: clip(c.Offer, maxText),
		Link: clip(c.Link, maxText), By: c.By, From: cleanTime(c.From), To: cleanTime(c.To), Count: c.Rate.Count, Per: c.Rate.Per,
		Created: cleanTime(c.Created), Changed: cleanTime(c.Changed), People: c.People, Quiet: c.Quiet,
	}
}

func (r campaignRecord) campaign(name string) order.Campaign {
	return order.Campaign{
		Name: name, State: r.State, Segment: r.Segment, Shops: r.Shops, Text: r.Text, Offer: r.Offer, Link: r.Link, By: r.By,
		From: r.From, To: r.To, Rate: order.Limit{Count: r.Count, Per: r.Per}, Created: r.Created, Changed: r.Changed,
		People: r.People, Quiet: r.Quiet,
	}
}
