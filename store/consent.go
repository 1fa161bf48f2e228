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
		for _, c := range contactRecordOf(b).contacts() {
			one, err := getConsent(tx, db.keys.mac(c))
			if err != nil {
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
// without At withdraws it, which is kept in its place. Like the list of the
// suppressed it holds no contact: the texts are stored with those masked.
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
	rec := consentRecordOf(c, []contact{key})
	if rec.At.IsZero() {
		rec = consentRecord{At: cleanTime(db.now()), Withdrawn: true}
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error { return db.keys.putConsent(tx, db.keys.mac(key), rec) })
}

// consentRecordOf is a consent as it is kept, with the contacts of the person masked.
func consentRecordOf(c order.Consent, of []contact) consentRecord {
	people := alone(of)
	return consentRecord{
		At: cleanTime(c.At), Source: scrub(c.Source, people...), Wording: scrub(c.Wording, people...), Withdrawn: c.Withdrawn,
	}
}

// getConsent is empty where there is none.
func getConsent(tx *bolt.Tx, mac []byte) (rec consentRecord, err error) {
	if value := open(tx, bucketConsents).Get(mac); value != nil {
		err = decode(value, &rec)
	}
	return rec, err
}

func (k keys) putConsent(tx *bolt.Tx, mac []byte, rec consentRecord) error {
	value, err := encode(rec)
	if err != nil {
		return err
	}
	if err := k.claim(tx); err != nil {
		return err
	}
	return open(tx, bucketConsents).Put(mac, value)
}
