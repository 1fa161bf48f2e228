package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// ErrNoOffer says that a text is nothing without the seller's own words.
var ErrNoOffer = errors.New("the text shows an offer, and there is none")

// Marketing lists the texts that a campaign may have in a language.
func (t *Texts) Marketing(language string) []string {
	return slices.DeleteFunc(t.Names(language), func(name string) bool {
		class, _ := t.Class(language, name)
		return class != Marketing || t.CampaignFor(language, name) == order.Unknown
	})
}

// CampaignFor is the status that a person's order must have for a campaign's
// text, "" if the text needs no order. A text that nobody can get has
// [order.Unknown].
func (t *Texts) CampaignFor(language, name string) order.Status {
	s := Settings{Shops: map[string]ShopFacts{"sample": sampleShop(language)}}
	for _, o := range campaignSamples(s.Shops["sample"], "sample") {
		if _, err := t.Write(s, campaignWriting(sampleCampaign(name), o, order.ByEmail)); !errors.Is(err, ErrMissing) {
			return o.Status
		}
	}
	return order.Unknown
}

// TryCampaign writes a campaign's message at a shop to a person who does not
// exist: to one who is known from a list only, or, where the text is about an
// order, to somebody who had one. What it lacks is the error: it wraps
// [ErrNoOffer] or [ErrMissing].
func (t *Texts) TryCampaign(s Settings, c order.Campaign, shop string, by order.Channel) (m Message, err error) {
	for _, o := range campaignSamples(s.Shops[shop], shop) {
		if m, err = t.Write(s, campaignWriting(c, o, by)); err == nil {
			return m, nil
		}
		if !errors.Is(err, ErrMissing) {
			return m, err
		}
		if err = missing(err); strings.Contains(err.Error(), factLabels("Offer")) {
			return m, fmt.Errorf("%w: %w", ErrNoOffer, err)
		}
	}
	return m, err
}

// campaignSamples are the people that a campaign may be for: one of a list, one
// whose order was closed, one who has paid.
func campaignSamples(facts ShopFacts, shop string) []order.Order {
	closed := SampleOrder(facts)
	closed.Shop, closed.Status, closed.Looked = shop, order.ClosedUnpaid, closed.Closes.Add(2*time.Hour)
	paid := closed
	paid.Status = order.Paid
	row := order.Order{Shop: shop, ID: order.ListRow + "1", Buyer: closed.Buyer, Seen: closed.Seen}
	return []order.Order{row, closed, paid}
}

// campaignWriting is what a campaign's message is made from.
func campaignWriting(c order.Campaign, o order.Order, by order.Channel) Writing {
	return Writing{
		Order: o, Step: campaignStep(c, by), Token: "sample", At: latest(o.Looked, o.Seen), Kind: KindKnown,
		Key: order.ReminderKey{Order: o.Key(), Step: order.CampaignStep(c.Name), Channel: by},
	}
}

// sampleCampaign shows all that a campaign can show.
func sampleCampaign(text string) order.Campaign {
	return order.Campaign{Name: "sample", Text: text, Offer: "Free shipping.", Link: "https://shop.example/", By: []order.Channel{order.ByEmail, order.BySMS}}
}

func sampleShop(language string) ShopFacts {
	return ShopFacts{
		Name: "Sample Shop", Language: language, Contact: "help@shop.example", Address: "1 Sample Street", HowToPay: "Pay in the shop.",
		Host: "shop.example", From: "shop@shop.example",
	}
}
