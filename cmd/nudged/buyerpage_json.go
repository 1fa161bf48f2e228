package main

import (
	"encoding/json"
	"time"
)

// pageJSON is the page for other programs.
type pageJSON struct {
	Buyer   json.RawMessage   `json:"buyer"`
	Lists   *pastJSON         `json:"on_your_lists,omitempty"`
	Consent *consentJSON      `json:"consent,omitempty"`
	Orders  []json.RawMessage `json:"orders"`
}

type pastJSON struct {
	Orders int       `json:"orders"`
	Spent  []sumJSON `json:"spent"`
	First  string    `json:"first,omitempty"`
	Last   string    `json:"last,omitempty"`
}

type consentJSON struct {
	At        string `json:"at"`
	Source    string `json:"source,omitempty"`
	Wording   string `json:"wording,omitempty"`
	Withdrawn bool   `json:"withdrawn"`

	By []string `json:"by,omitempty"` // "email", "sms"
}

func (p *page) json() (pageJSON, error) {
	people, orders := buyerColumns(), orderColumns()
	out := pageJSON{Orders: []json.RawMessage{}}
	var err error
	if out.Buyer, err = object(people.must(people.api), p.buyerRow); err != nil {
		return out, err
	}
	chosen := orders.must(append(orders.api, "next"))
	for _, o := range p.orders {
		one, err := object(chosen, o)
		if err != nil {
			return out, err
		}
		out.Orders = append(out.Orders, one)
	}
	if !p.Past.IsZero() {
		out.Lists = &pastJSON{Orders: p.Past.Orders, Spent: moneyJSON(p.Past.Spent), First: p.stamp(p.Past.First), Last: p.stamp(p.Past.Last)}
	}
	if !p.consent.At.IsZero() {
		out.Consent = &consentJSON{p.stamp(p.consent.At), p.consent.Source, p.consent.Wording, p.consent.Withdrawn, p.agreed}
	}
	return out, nil
}

// stamp is a moment for programs; "" where none is known.
func (p *page) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.zone).Format(time.RFC3339)
}
