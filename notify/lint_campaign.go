package notify

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nudged/store/order"
)

// LintCampaign reads the text of a campaign as its channels and providers will, at
// every shop that it is for. What is wrong at several shops is told once; errors
// come first.
func (t *Texts) LintCampaign(s Settings, c order.Campaign, providers map[order.Channel]Provider) []Finding {
	l := linter{texts: t, s: s, seen: map[Finding]bool{}}
	shops := c.Shops
	if len(shops) == 0 {
		shops = slices.Sorted(maps.Keys(s.Shops))
	}
	for _, shop := range shops {
		for _, channel := range c.By {
			u := l.use(s.Shops[shop], campaignStep(c, channel), channel, providers)
			u.where = inFiles(fmt.Sprintf("campaign %q, text %q in %s, by %s", c.Name, c.Text, u.language, channel), t.sources[u.language+"/"+c.Text])
			if u.campaign(c, shop) {
				u.rules()
			}
		}
	}
	return l.told()
}

// campaign writes the text to a person who does not exist.
func (u *use) campaign(c order.Campaign, shop string) bool {
	u.class, _ = u.l.texts.Class(u.language, c.Text)
	m, err := u.l.texts.TryCampaign(u.l.s, c, shop, u.channel)
	switch {
	case errors.Is(err, ErrNoOffer):
		u.wrong("the text is nothing without an offer; write `offer:` into the campaign's file")
	case errors.Is(err, ErrMissing) && strings.Contains(err.Error(), factLabels("Address")):
		u.noAddress(shop)
	case err != nil:
		u.wrong("it could go out to nobody at shop %s: %v", shop, err)
	case u.class != Marketing:
		u.wrong("a campaign is marketing, and this text is about an open order; take one of %s", strings.Join(u.l.texts.Marketing(u.language), ", "))
	default:
		u.m = m
		return true
	}
	return false
}
