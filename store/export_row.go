package store

import (
	"fmt"
	"time"

	"nudged/store/order"
)

// ExportedRow is what a list of the seller's says of the person, and what was
// sent to them because of it.
type ExportedRow struct {
	Shop      string             `json:"shop"`
	Source    string             `json:"source,omitempty"` // the name of the list
	Name      string             `json:"name,omitempty"`
	Email     string             `json:"email,omitempty"`
	Phone     string             `json:"phone,omitempty"`
	Orders    int                `json:"orders,omitempty"`
	Spent     []string           `json:"spent,omitempty"`
	First     time.Time          `json:"first,omitzero"`
	Last      time.Time          `json:"last,omitzero"`
	Read      time.Time          `json:"read,omitzero"`
	Reminders []ExportedReminder `json:"reminders,omitempty"`
	Ledger    []ExportedEvent    `json:"ledger,omitempty"`
	CameBack  []ExportedBack     `json:"came_back,omitempty"`
}

func (e *erasure) exportRow(key order.Key) (ExportedRow, error) {
	k := orderKey(key)
	var rec listedRecord // none once it was erased or forgotten
	if value := open(e.tx, bucketListed).Get(k); value != nil {
		if err := decode(value, &rec); err != nil {
			return ExportedRow{}, fmt.Errorf("person on a list %q: %w", key, err)
		}
	}
	who, err := getContact(e.tx, k)
	if err != nil {
		return ExportedRow{}, fmt.Errorf("person on a list %q: %w", key, err)
	}
	out := ExportedRow{
		Shop: key.Shop, Source: rec.Source, Name: who.Name, Email: who.Email, Phone: who.Phone,
		Orders: rec.Orders, First: rec.First, Last: rec.Last, Read: rec.Read,
	}
	for _, m := range rec.past().Spent {
		out.Spent = append(out.Spent, plainMoney(m))
	}
	var story ExportedOrder
	err = e.exportStory(k, &story)
	out.Reminders, out.Ledger, out.CameBack = story.Reminders, story.Ledger, story.CameBack
	return out, err
}
