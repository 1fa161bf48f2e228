package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nudged/store/order"
)

// recordVersion stands before the JSON of every record. It grows when the
// meaning of a field changes; a field that is merely added needs no new one.
const recordVersion = 1

var errBadRecord = errors.New("record cannot be read")

func encode(rec any) ([]byte, error) {
	body, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", rec, err)
	}
	out := make([]byte, 0, len(body)+1)
	return append(append(out, recordVersion), body...), nil
}

func decode(value []byte, rec any) error {
	if len(value) < 2 || value[0] == 0 {
		return errBadRecord
	}
	if value[0] > recordVersion {
		return fmt.Errorf("%w: it was written by a newer nudged (record version %d, this one knows %d)", errBadRecord, value[0], recordVersion)
	}
	if err := json.Unmarshal(value[1:], rec); err != nil {
		return fmt.Errorf("%w: %w", errBadRecord, err)
	}
	return nil
}

type shopRecord struct {
	Enabled time.Time               `json:"enabled,omitzero"`
	Need    needRecord              `json:"need,omitzero"`
	Samples map[string]sampleRecord `json:"samples,omitempty"`
}

type needRecord struct {
	Why         string    `json:"why,omitempty"`
	Picture     string    `json:"picture,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	At          time.Time `json:"at,omitzero"`
	Told        time.Time `json:"told,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	Met         time.Time `json:"met,omitzero"`
}

type sampleRecord struct {
	Value string    `json:"value"`
	At    time.Time `json:"at"`
}

// orderRecord holds the facts of an order; shop and id are its key.
type orderRecord struct {
	Number  string       `json:"number,omitempty"`
	Status  order.Status `json:"status"`
	Text    string       `json:"text,omitempty"`
	Created time.Time    `json:"created,omitzero"`
	DayOnly bool         `json:"day_only,omitempty"`
	First   time.Time    `json:"first,omitzero"`
	Updated time.Time    `json:"updated,omitzero"`
	Closes  time.Time    `json:"closes,omitzero"`
	Total   moneyRecord  `json:"total,omitzero"`
	Lines   []lineRecord `json:"lines,omitempty"`
	Payment string       `json:"payment,omitempty"`
	Link    string       `json:"link,omitempty"`
	Chat    string       `json:"chat,omitempty"`
	Coupon  string       `json:"coupon,omitempty"`
	Failed  bool         `json:"pay_failed,omitempty"`
	Seen    time.Time    `json:"seen,omitzero"`
	Looked  time.Time    `json:"looked,omitzero"`
	Page    fact         `json:"page,omitempty"`   // facts that the order's own page gave
	Source  string       `json:"source,omitempty"` // the list that an imported order comes from
	// Taken is the shop's own order that has taken the place of an imported one: it
	// is kept, since messages may be about it, but is in no list.
	Taken string `json:"taken,omitempty"`
}

type moneyRecord struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency,omitempty"`
}

type lineRecord struct {
	Title    string      `json:"title,omitempty"`
	SKU      string      `json:"sku,omitempty"`
	Quantity int         `json:"quantity"`
	Total    moneyRecord `json:"total,omitzero"`
	SoldOut  bool        `json:"sold_out,omitempty"`
}

// contactRecord is the person of one order, apart from its facts so that it can
// be erased while they stay.
type contactRecord struct {
	Buyer uint64 `json:"buyer,omitempty"` // 0 when there is nothing to join by
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	Gone  bool   `json:"gone,omitempty"` // erased or forgotten: never filled again
}

func (c contactRecord) person() order.Buyer {
	return order.Buyer{Name: c.Name, Email: order.Email(c.Email), Phone: order.Phone(c.Phone)}
}

func contactRecordOf(b order.Buyer) contactRecord {
	return contactRecord{Name: b.Name, Email: b.Email.Reveal(), Phone: b.Phone.Reveal()}
}

func (r orderRecord) order(k order.Key, who contactRecord) order.Order {
	o := order.Order{
		Shop: k.Shop, ID: k.ID, Number: r.Number, Status: r.Status, StatusText: r.Text,
		Created: r.Created, DayOnly: r.DayOnly, First: r.First, Updated: r.Updated, Closes: r.Closes,
		Total: order.Money(r.Total), Buyer: who.person(), Payment: r.Payment, Link: r.Link, Chat: r.Chat,
		Coupon: r.Coupon, PayFailed: r.Failed, Seen: r.Seen, Looked: r.Looked,
	}
	if len(r.Lines) > 0 {
		o.Lines = make([]order.Line, len(r.Lines))
		for i, l := range r.Lines {
			o.Lines[i] = order.Line{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity, Total: order.Money(l.Total), SoldOut: l.SoldOut}
		}
	}
	return o
}

func lineRecords(lines []order.Line) []lineRecord {
	out := make([]lineRecord, len(lines))
	for i, l := range lines {
		out[i] = lineRecord{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity, Total: moneyRecord(l.Total), SoldOut: l.SoldOut}
	}
	return out
}

// changeRecord names its order in bytes: an id need not be text that JSON can hold.
type changeRecord struct {
	Shop []byte       `json:"shop"`
	ID   []byte       `json:"id"`
	At   time.Time    `json:"at"`
	From order.Status `json:"from,omitempty"`
	To   order.Status `json:"to"`
	Text string       `json:"text,omitempty"`
	// Total of the order then, so that a day is summed up without reading its
	// orders; files of before have none.
	Total moneyRecord `json:"total,omitzero"`
}

func (r changeRecord) change() Changed {
	return Changed{
		Key:    order.Key{Shop: string(r.Shop), ID: string(r.ID)},
		Change: order.Change{At: r.At, From: r.From, To: r.To, Text: r.Text},
	}
}

type visitRecord struct {
	Kind     order.Kind      `json:"kind"`
	At       time.Time       `json:"at"`
	Ended    time.Time       `json:"ended,omitzero"`
	Complete bool            `json:"complete,omitempty"`
	Full     bool            `json:"full,omitempty"`
	Pages    int             `json:"pages"`
	Orders   int             `json:"orders,omitempty"`
	Blocked  int             `json:"blocked,omitempty"`
	Outcome  string          `json:"outcome"`
	Words    string          `json:"words,omitempty"`
	Problems []problemRecord `json:"problems,omitempty"`
}

type problemRecord struct {
	Kind   order.ProblemKind `json:"kind"`
	Order  []byte            `json:"order,omitempty"`
	Field  string            `json:"field,omitempty"`
	Select string            `json:"select,omitempty"`
	Found  string            `json:"found,omitempty"`
	Good   string            `json:"good,omitempty"`
	Text   string            `json:"text,omitempty"`
}

func (r visitRecord) visit(shop string) order.Visit {
	v := order.Visit{
		Shop: shop, Kind: r.Kind, At: r.At, Ended: r.Ended, Complete: r.Complete, Full: r.Full,
		Pages: r.Pages, Read: r.Orders, Blocked: r.Blocked, Outcome: r.Outcome, Words: r.Words,
	}
	for _, p := range r.Problems {
		v.Problems = append(v.Problems, order.Problem{
			Kind: p.Kind, Order: string(p.Order), Field: p.Field, Select: p.Select, Found: p.Found, Good: p.Good, Text: p.Text,
		})
	}
	return v
}

type reminderRecord struct {
	State    order.State `json:"state"`
	Planned  time.Time   `json:"planned,omitzero"`
	Due      time.Time   `json:"due,omitzero"`
	Reason   string      `json:"reason,omitempty"`
	Cause    order.Cause `json:"cause,omitempty"`
	Attempts int         `json:"attempts,omitempty"`
	Changed  time.Time   `json:"changed,omitzero"`
	Out      time.Time   `json:"out,omitzero"`      // when the hand-over began that stands, or it was shown
	Said     time.Time   `json:"said,omitzero"`     // the other side's time of what came back last
	To       []byte      `json:"to,omitempty"`      // HMAC of the contact that it went to
	Message  string      `json:"message,omitempty"` // the id of the one that is being handed over
}

func (r reminderRecord) reminder(k order.ReminderKey) order.Reminder {
	return order.Reminder{
		Key: k, State: r.State, Planned: r.Planned, Due: r.Due, Reason: r.Reason,
		Cause: r.Cause, Attempts: r.Attempts, Changed: r.Changed, Out: r.Out,
	}
}

type eventRecord struct {
	Shop     []byte        `json:"shop"`
	ID       []byte        `json:"id"`
	Step     []byte        `json:"step"`
	Channel  order.Channel `json:"channel"`
	At       time.Time     `json:"at"`
	State    order.State   `json:"state"`
	Cause    order.Cause   `json:"cause,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Provider string        `json:"provider,omitempty"`
	Message  string        `json:"message,omitempty"`
	Cost     moneyRecord   `json:"cost,omitzero"`
}

func (r eventRecord) event() order.Event {
	return order.Event{
		At: r.At,
		Key: order.ReminderKey{
			Order: order.Key{Shop: string(r.Shop), ID: string(r.ID)},
			Step:  string(r.Step), Channel: r.Channel,
		},
		State: r.State, Cause: r.Cause, Reason: r.Reason, Provider: r.Provider,
		Message: r.Message, Cost: order.Money(r.Cost),
	}
}

type refusalRecord struct {
	Fingerprint string    `json:"fingerprint"`
	Words       string    `json:"words,omitempty"`
	At          time.Time `json:"at"`
}

type suppressionRecord struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}
