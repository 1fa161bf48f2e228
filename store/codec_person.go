package store

import (
	"time"

	"nudged/store/order"
)

// backRecord is what came back, without the person: who it was and what they
// said stand in a wordsRecord.
type backRecord struct {
	At      time.Time     `json:"at,omitzero"`
	Channel order.Channel `json:"channel,omitempty"`
	State   order.State   `json:"state"`
	Message string        `json:"message,omitempty"` // ours; empty if it named none of ours
	// Hash of the message that it names, as long as none of ours is known by that
	// id: a report may be faster than the answer to the hand-over.
	Hash    []byte      `json:"hash,omitempty"`
	Pending bool        `json:"pending,omitempty"` // its reminder is not known or not settled yet
	Sure    bool        `json:"sure,omitempty"`    // it names a message of ours
	Final   bool        `json:"final,omitempty"`
	Whom    [][]byte    `json:"whom,omitempty"` // HMAC of the contacts that it names
	Cost    moneyRecord `json:"cost,omitzero"`
	Words   bool        `json:"words,omitempty"` // it had words, or the person's contact

	Shop       []byte        `json:"shop,omitempty"` // of the order
	ID         []byte        `json:"id,omitempty"`
	Step       []byte        `json:"step,omitempty"` // of the reminder; empty if it could not be told
	By         order.Channel `json:"by,omitempty"`   // channel of the reminder
	Suppressed bool          `json:"suppressed,omitempty"`
}

func (r backRecord) order() order.Key { return order.Key{Shop: string(r.Shop), ID: string(r.ID)} }

func (r backRecord) reminder() order.ReminderKey {
	if len(r.Step) == 0 {
		return order.ReminderKey{}
	}
	return order.ReminderKey{Order: r.order(), Step: string(r.Step), Channel: r.By}
}

func (r *backRecord) about(k order.ReminderKey) {
	r.Shop, r.ID = []byte(k.Order.Shop), []byte(k.Order.ID)
	r.Step, r.By = []byte(k.Step), k.Channel
}

// wordsRecord is the part of what came back that is erased with the person.
type wordsRecord struct {
	At      time.Time     `json:"at,omitzero"`
	Channel order.Channel `json:"channel,omitempty"`
	State   order.State   `json:"state,omitempty"`
	Order   []byte        `json:"order,omitempty"` // key of the order that it is about
	Buyer   uint64        `json:"buyer,omitempty"`
	Email   string        `json:"email,omitempty"`
	Phone   string        `json:"phone,omitempty"`
	Words   string        `json:"words,omitempty"`
}

// goneRecord tells of a contact that was erased or forgotten; its key is the HMAC.
type goneRecord struct {
	Buyer  uint64    `json:"buyer,omitempty"`
	At     time.Time `json:"at"`
	Erased bool      `json:"erased,omitempty"` // never to be stored again; else only its old orders forgot it
}

type consentRecord struct {
	At      time.Time `json:"at"`
	Source  string    `json:"source,omitempty"`
	Wording string    `json:"wording,omitempty"`

	Withdrawn bool `json:"withdrawn,omitempty"`
}

type cursorRecord struct {
	Value []byte `json:"value"`
}

type alertRecord struct {
	Words    string    `json:"words,omitempty"`
	At       time.Time `json:"at"`
	Told     time.Time `json:"told,omitzero"`
	Over     time.Time `json:"over,omitzero"`
	OverTold time.Time `json:"over_told,omitzero"`
	Count    int       `json:"count,omitempty"`
}

func (r alertRecord) alert(key string) Alert {
	return Alert{Key: key, Words: r.Words, At: r.At, Told: r.Told, Over: r.Over, OverTold: r.OverTold, Count: r.Count}
}
