package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Consent is the consent on record for one of a buyer's contacts, the address
// first; false if there is none.
func (db *DB) Consent(b order.Buyer) (order.Consent, bool, error) {
	const what = "read a buyer's consent"
	var rec consentRecord
	if db.keys.none() {
		return order.Consent{}, false, fmt.Errorf("%s: %w", what, ErrNoKey)
	}
	found := false
	err := db.read(what, func(tx *bolt.Tx) error {
		if err := db.keys.check(tx); err != nil {
			return err
		}
		for _, c := range (contactRecord{Email: b.Email.Reveal(), Phone: b.Phone.Reveal()}).contacts() {
			if value := open(tx, bucketConsents).Get(db.keys.mac(c)); value != nil && !found {
				found = true
				if err := decode(value, &rec); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return order.Consent{}, false, err
	}
	return order.Consent(rec), found, nil
}

// SetConsent keeps a person's consent by an e-mail address or phone number; one
// without At withdraws it. Like the list of the suppressed it holds no contact:
// the texts are stored with those masked.
func (db *DB) SetConsent(ctx context.Context, who string, c order.Consent) error {
	const what = "keep a buyer's consent"
	kind, normal, err := normalContact(who)
	if err == nil && db.keys.none() {
		err = ErrNoKey
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	key := contact{kind, normal}
	person := key.buyer()
	value, err := encode(consentRecord{At: cleanTime(c.At), Source: scrub(c.Source, person), Wording: scrub(c.Wording, person)})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error {
		if err := db.keys.claim(tx); err != nil {
			return err
		}
		if cleanTime(c.At).IsZero() {
			return open(tx, bucketConsents).Delete(db.keys.mac(key))
		}
		return open(tx, bucketConsents).Put(db.keys.mac(key), value)
	})
}
