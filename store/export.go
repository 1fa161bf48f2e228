package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Exported is all that is on record of one person, in plain text: it is for that
// person, never for a log.
type Exported struct {
	Contacts []ExportedContact `json:"contacts"`
	Orders   []ExportedOrder   `json:"orders"`
	Lists    []ExportedRow     `json:"lists,omitempty"`
	CameBack []ExportedBack    `json:"came_back"` // about no order
}

// ExportedContact is one address or number of the person.
type ExportedContact struct {
	Kind       string           `json:"kind"` // email or phone
	Contact    string           `json:"contact"`
	Suppressed bool             `json:"suppressed"` // nothing is sent there
	Reason     string           `json:"reason,omitempty"`
	Consent    *ExportedConsent `json:"consent,omitempty"`
}

// ExportedConsent is a consent to advertising.
type ExportedConsent struct {
	At      time.Time `json:"at"`
	Source  string    `json:"source"`
	Wording string    `json:"wording"`

	Withdrawn bool `json:"withdrawn,omitempty"` // then At is when it was taken back
}

// ExportedOrder is one order and all that happened to it.
type ExportedOrder struct {
	Source     string             `json:"source,omitempty"` // the list that it comes from
	Shop       string             `json:"shop"`
	ID         string             `json:"id"`
	Number     string             `json:"number,omitempty"`
	Name       string             `json:"name,omitempty"`
	Email      string             `json:"email,omitempty"`
	Phone      string             `json:"phone,omitempty"`
	Status     string             `json:"status"`
	StatusText string             `json:"status_text,omitempty"`
	Created    time.Time          `json:"created,omitzero"`
	Closes     time.Time          `json:"closes,omitzero"`
	Total      string             `json:"total,omitempty"`
	Lines      []ExportedLine     `json:"lines,omitempty"`
	Payment    string             `json:"payment,omitempty"`
	Coupon     string             `json:"coupon,omitempty"`
	Link       string             `json:"link,omitempty"`
	Chat       string             `json:"chat,omitempty"`
	FirstRead  time.Time          `json:"first_read,omitzero"`
	LastRead   time.Time          `json:"last_read,omitzero"`
	History    []ExportedChange   `json:"history,omitempty"`
	Reminders  []ExportedReminder `json:"reminders,omitempty"`
	Ledger     []ExportedEvent    `json:"ledger,omitempty"`
	CameBack   []ExportedBack     `json:"came_back,omitempty"`
}

// ExportedLine is a position of an order.
type ExportedLine struct {
	Title    string `json:"title"`
	SKU      string `json:"sku,omitempty"`
	Quantity int    `json:"quantity"`
	Total    string `json:"total,omitempty"`
}

// ExportedChange is an entry of the status history.
type ExportedChange struct {
	At   time.Time `json:"at"`
	From string    `json:"from,omitempty"`
	To   string    `json:"to"`
	Text string    `json:"text,omitempty"`
}

// ExportedReminder is a message that was sent, or is planned.
type ExportedReminder struct {
	Step    string    `json:"step"`
	Channel string    `json:"channel"`
	State   string    `json:"state"`
	Planned time.Time `json:"planned,omitzero"`
	Changed time.Time `json:"changed,omitzero"`
	Reason  string    `json:"reason,omitempty"`
}

// ExportedEvent is a line of the ledger.
type ExportedEvent struct {
	At       time.Time `json:"at"`
	Step     string    `json:"step"`
	Channel  string    `json:"channel"`
	State    string    `json:"state"`
	Reason   string    `json:"reason,omitempty"`
	Provider string    `json:"provider,omitempty"`
	Message  string    `json:"message,omitempty"`
	Cost     string    `json:"cost,omitempty"`
}

// ExportedBack is something that came back.
type ExportedBack struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel,omitempty"`
	State   string    `json:"state"`
	Email   string    `json:"email,omitempty"`
	Phone   string    `json:"phone,omitempty"`
	Words   string    `json:"words,omitempty"`
}

// Export gathers all that is on record of the person with this e-mail address or
// phone number. Of somebody who was erased that is next to nothing: whether they
// are suppressed, and the facts of their orders.
func (db *DB) Export(ctx context.Context, who string) (Exported, error) {
	const what = "export what is known of a buyer"
	kind, normal, err := normalContact(who)
	if err == nil && db.keys.none() {
		err = ErrNoKey
	}
	if err != nil {
		return Exported{}, fmt.Errorf("%s: %w", what, err)
	}
	var out Exported
	err = db.view(ctx, what, func(tx *bolt.Tx) error {
		e, err := db.newErasure(tx, contact{kind, normal})
		if err != nil {
			return err
		}
		out, err = e.export()
		return err
	})
	if err != nil {
		return Exported{}, err
	}
	return out, nil
}

func (e *erasure) export() (out Exported, err error) {
	for _, c := range e.contacts {
		one, err := e.exportContact(c)
		if err != nil {
			return out, err
		}
		out.Contacts = append(out.Contacts, one)
	}
	known := map[string]bool{}
	for _, k := range e.orders {
		known[string(k)] = true
		if key, _, err := parseOrderKey(k); err == nil && key.ListRow() {
			one, err := e.exportRow(key)
			if err != nil {
				return out, err
			}
			out.Lists = append(out.Lists, one)
			continue
		}
		one, err := e.exportOrder(k)
		if err != nil {
			return out, err
		}
		out.Orders = append(out.Orders, one)
	}
	err = scan(openContacts(e.tx, contactWords), nil, func(seq, v []byte) error {
		var w wordsRecord
		if decode(v, &w) != nil || !e.said(w) || known[string(w.Order)] {
			return nil
		}
		out.CameBack = append(out.CameBack, ExportedBack{
			At: w.At, Channel: string(w.Channel), State: string(w.State), Email: w.Email, Phone: w.Phone, Words: w.Words,
		})
		return nil
	})
	return out, err
}

func (e *erasure) exportContact(c contact) (ExportedContact, error) {
	out := ExportedContact{Kind: c.kind, Contact: c.normal}
	if value := open(e.tx, bucketSuppressed).Get(e.db.keys.mac(c)); value != nil {
		var rec suppressionRecord
		if err := decode(value, &rec); err != nil {
			return out, err
		}
		out.Suppressed, out.Reason = true, rec.Reason
	}
	if value := open(e.tx, bucketConsents).Get(e.db.keys.mac(c)); value != nil {
		var rec consentRecord
		if err := decode(value, &rec); err != nil {
			return out, err
		}
		out.Consent = &ExportedConsent{At: rec.At, Source: rec.Source, Wording: rec.Wording, Withdrawn: rec.Withdrawn}
	}
	return out, nil
}

func (e *erasure) exportOrder(k []byte) (ExportedOrder, error) {
	key, _, err := parseOrderKey(k)
	if err != nil {
		return ExportedOrder{}, err
	}
	rec, who, _, err := getWhole(e.tx, k)
	if err != nil {
		return ExportedOrder{}, fmt.Errorf("order %q: %w", key, err)
	}
	o := rec.order(key, who)
	out := ExportedOrder{
		Source: rec.Source, Shop: o.Shop, ID: o.ID, Number: o.Number, Name: o.Buyer.Name, Email: o.Buyer.Email.Reveal(), Phone: o.Buyer.Phone.Reveal(),
		Status: string(o.Status), StatusText: o.StatusText, Created: o.Created, Closes: o.Closes, Total: plainMoney(o.Total),
		Payment: o.Payment, Coupon: o.Coupon, Link: o.Link, Chat: o.Chat, FirstRead: o.First, LastRead: o.Seen,
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, ExportedLine{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity, Total: plainMoney(l.Total)})
	}
	return out, e.exportStory(k, &out)
}

func plainMoney(m order.Money) string {
	if m == (order.Money{}) {
		return ""
	}
	return m.String()
}

// exportStory adds what happened to an order.
func (e *erasure) exportStory(k []byte, out *ExportedOrder) error {
	err := newJournal(e.tx, bucketChanges, bucketHistory).of(k, func(v []byte) error {
		var rec changeRecord
		err := decode(v, &rec)
		out.History = append(out.History, ExportedChange{At: rec.At, From: string(rec.From), To: string(rec.To), Text: rec.Text})
		return err
	})
	if err != nil {
		return err
	}
	err = scan(open(e.tx, bucketReminders), k, func(key, v []byte) error {
		rk, err := parseReminderKey(key)
		if err != nil {
			return err
		}
		var rec reminderRecord
		err = decode(v, &rec)
		out.Reminders = append(out.Reminders, ExportedReminder{
			Step: rk.Step, Channel: string(rk.Channel), State: string(rec.State), Planned: rec.Planned, Changed: rec.Changed, Reason: rec.Reason,
		})
		return err
	})
	if err != nil {
		return err
	}
	if err := e.exportLedger(k, out); err != nil {
		return err
	}
	backs, err := backsOf(e.tx, k)
	for _, b := range backs {
		out.CameBack = append(out.CameBack, ExportedBack{
			At: b.At, Channel: string(b.Channel), State: string(b.State), Email: b.Email.Reveal(), Phone: b.Phone.Reveal(), Words: b.Words,
		})
	}
	return err
}

func (e *erasure) exportLedger(k []byte, out *ExportedOrder) error {
	return newJournal(e.tx, bucketLedger, bucketLedgerOf).of(k, func(v []byte) error {
		var rec eventRecord
		err := decode(v, &rec)
		out.Ledger = append(out.Ledger, ExportedEvent{
			At: rec.At, Step: string(rec.Step), Channel: string(rec.Channel), State: string(rec.State), Reason: rec.Reason,
			Provider: rec.Provider, Message: rec.Message, Cost: plainMoney(order.Money(rec.Cost)),
		})
		return err
	})
}
