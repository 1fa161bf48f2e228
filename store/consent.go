package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Consent is the last word on record of a buyer, by either contact; false if there
// is none, or if it was to take a consent back, which Withdrawn tells.
func (db *DB) Consent(b order.Buyer) (order.Consent, bool, error) {
	const what = "read a buyer's consent"
	var rec consentRecord
	if db.keys.none() {
		return order.Consent{}, false, fmt.Errorf("%s: %w", what, ErrNoKey)
	}
	err := db.read(what, func(tx *bolt.Tx) error {
		if err := db.keys.check(tx); err != nil {
			return err
		}
		for _, c := range (contactRecord{Email: b.Email.Reveal(), Phone: b.Phone.Reveal()}).contacts() {
			value := open(tx, bucketConsents).Get(db.keys.mac(c))
			if value == nil {
				continue
			}
			var one consentRecord
			if err := decode(value, &one); err != nil {
				return err
			}
			if rec.At.IsZero() || one.At.After(rec.At) {
				rec = one
			}
		}
		return nil
	})
	if err != nil {
		return order.Consent{}, false, err
	}
	return order.Consent(rec), !rec.At.IsZero() && !rec.Withdrawn, nil
}

// SetConsent keeps a person's consent by an e-mail address or phone number; one
// without At withdraws it, which is kept in its place. Like the list of the suppressed it holds no contact:
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
	rec := consentRecord{At: cleanTime(c.At), Source: scrub(c.Source, person), Wording: scrub(c.Wording, person)}
	if rec.At.IsZero() {
		rec = consentRecord{At: cleanTime(db.now()), Withdrawn: true}
	}
	value, err := encode(rec)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error {
		if err := db.keys.claim(tx); err != nil {
			return err
		}
		return open(tx, bucketConsents).Put(db.keys.mac(key), value)
	})
}
