package main

import (
	"time"

	"nudged/store/order"
)

// surveyJSON is a preview for other programs.
type surveyJSON struct {
	Name   string      `json:"name"`
	To     string      `json:"to"`
	Text   string      `json:"text"`
	People int         `json:"people"`
	NoRoom int         `json:"no_room"` // before its end
	First  *time.Time  `json:"first,omitempty"`
	Last   *time.Time  `json:"last,omitempty"`
	Others int         `json:"not_for"`
	Nots   []surveyNot `json:"not"`
	Parts  int         `json:"parts"` // of text messages
	Cost   string      `json:"cost,omitempty"`
	Who    []personRow `json:"who"`
	Texts  []textJSON  `json:"texts"`
	Still  []string    `json:"still,omitempty"` // why nothing goes out for now
}

type textJSON struct {
	Shop    string `json:"shop"`
	Channel string `json:"channel"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
}

func (v *survey) json(a *app) surveyJSON {
	out := surveyJSON{
		Name: v.c.Name, To: v.c.Segment, Text: v.c.Text, People: len(v.plan), NoRoom: v.noRoom(), Others: v.others,
		Nots: append([]surveyNot{}, v.nots...), Parts: v.parts, Who: v.rows(a, len(v.plan)), Texts: []textJSON{}, Still: v.still,
	}
	if v.cost.Currency != "" {
		out.Cost = v.cost.String()
	}
	if first, last := v.span(); !first.IsZero() {
		first, last = first.In(a.zone()), last.In(a.zone())
		out.First, out.Last = &first, &last
	}
	for _, m := range v.texts {
		out.Texts = append(out.Texts, textJSON{m.Key.Order.Shop, string(m.Key.Channel), m.Subject, m.Signed()})
	}
	return out
}

// campaignJSON is how a campaign stands, for other programs. It counts people.
type campaignJSON struct {
	Name     string         `json:"name"`
	State    string         `json:"state"`
	Begun    time.Time      `json:"begun"`
	Until    time.Time      `json:"until"`
	People   int            `json:"people"`
	Sent     int            `json:"sent"`
	Waiting  int            `json:"waiting"`
	Skipped  int            `json:"skipped"`
	Bounced  int            `json:"bounced"`
	Replied  int            `json:"replied"`
	OptedOut int            `json:"opted_out"`
	Ordered  int            `json:"ordered_since"`
	Sums     []string       `json:"ordered_sums,omitempty"`
	Next     *time.Time     `json:"next,omitempty"`
	Last     *time.Time     `json:"last,omitempty"`
	Why      []campaignNote `json:"why,omitempty"`
}

// campaignNote says for which cause some wait, or did not get it.
type campaignNote struct {
	State  order.State `json:"state"`
	Cause  order.Cause `json:"cause"`
	Count  int         `json:"count"`
	Reason string      `json:"reason"`
}
