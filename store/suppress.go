package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// errOtherKey keeps a new key file from quietly emptying the list of those who
// opted out.
var errOtherKey = errors.New("the key file is not the one that the list of suppressed buyers was made with: " +
	"put the old key file back from a backup; nothing is sent until then")

// Suppression is an entry of the list of those who are not written to. It does
// not tell who they are.
type Suppression struct {
	ID     string // the same for the same contact
	Kind   string // "email" or "phone"
	Reason string
	At     time.Time
}

const (
	kindEmail = "email"
	kindPhone = "phone"
)

// normalContact tells an address from a number. A number must have its country
// code, since shops show numbers in many ways and only that one is kept.
func normalContact(contact string) (kind, normal string, err error) {
	if strings.Contains(contact, "@") {
		return kindEmail, order.NormalEmail(contact).Reveal(), nil
	}
	p := normalPhone(contact)
	if !strings.HasPrefix(p, "+") || len(p) < 8 {
		return "", "", errors.New("this is neither an e-mail address nor a phone number with its country code, like +86 138 0013 8000")
	}
	return kindPhone, p, nil
}

func (k keys) suppressed(kind, normal string) []byte { return mac(k.suppress, kind, normal) }

// Suppress puts an e-mail address or a phone number on the list of those who are
// not written to. The list outlives the contact: it holds keyed hashes.
func (db *DB) Suppress(ctx context.Context, contact, reason string, at time.Time) error {
	kind, normal, err := normalContact(contact)
	if err == nil && db.keys.none() {
		err = ErrNoKey
	}
	if err != nil {
		return fmt.Errorf("suppress a buyer: %w", err)
	}
	person := order.Buyer{Email: order.NormalEmail(contact), Phone: order.Phone(strings.TrimSpace(contact))}
	value, err := encode(suppressionRecord{Kind: kind, Reason: scrub(reason, person), At: cleanTime(at)})
	if err != nil {
		return fmt.Errorf("suppress a buyer: %w", err)
	}
	return db.update(ctx, "suppress a buyer", func(tx *bolt.Tx) error {
		if err := db.keys.claim(tx); err != nil {
			return err
		}
		return open(tx, bucketSuppressed).Put(db.keys.suppressed(kind, normal), value)
	})
}

// Unsuppress takes a contact off the list; false if it was not on it.
func (db *DB) Unsuppress(ctx context.Context, contact string) (bool, error) {
	kind, normal, err := normalContact(contact)
	if err == nil && db.keys.none() {
		err = ErrNoKey
	}
	if err != nil {
		return false, fmt.Errorf("unsuppress a buyer: %w", err)
	}
	found := false
	err = db.update(ctx, "unsuppress a buyer", func(tx *bolt.Tx) error {
		if err := db.keys.check(tx); err != nil {
			return err
		}
		list, k := open(tx, bucketSuppressed), db.keys.suppressed(kind, normal)
		found = list.Get(k) != nil
		return list.Delete(k)
	})
	return found, err
}

// Suppressed reports whether a buyer is on the list, by e-mail or phone, and why.
// An error means that nobody can tell: then nothing may be sent.
func (db *DB) Suppressed(b order.Buyer) (yes bool, reason string, err error) {
	if db.keys.none() {
		return false, "", fmt.Errorf("look whether a buyer is suppressed: %w", ErrNoKey)
	}
	var asked [][]byte
	for _, c := range []string{b.Email.Reveal(), b.Phone.Reveal()} {
		if kind, normal, err := normalContact(c); err == nil {
			asked = append(asked, db.keys.suppressed(kind, normal))
		}
	}
	err = db.read("look whether a buyer is suppressed", func(tx *bolt.Tx) error {
		if err := db.keys.check(tx); err != nil {
			return err
		}
		for _, k := range asked {
			value := open(tx, bucketSuppressed).Get(k)
			if value == nil {
				continue
			}
			yes = true
			var rec suppressionRecord
			if err := decode(value, &rec); err != nil {
				return err
			}
			reason = rec.Reason
			return nil
		}
		return nil
	})
	return yes, reason, err
}

// silent reports whether one of the contacts of an order is on the list.
func (db *DB) silent(tx *bolt.Tx, who contactRecord) bool {
	list := open(tx, bucketSuppressed)
	return slices.ContainsFunc(db.whom(who.contacts()), func(mac []byte) bool { return list.Get(mac) != nil })
}

// Suppressions is the whole list, oldest first.
func (db *DB) Suppressions() ([]Suppression, error) {
	var out []Suppression
	err := db.read("read the suppressed buyers", func(tx *bolt.Tx) error {
		return scan(open(tx, bucketSuppressed), nil, func(k, v []byte) error {
			var rec suppressionRecord
			if err := decode(v, &rec); err != nil {
				return err
			}
			out = append(out, Suppression{ID: hex.EncodeToString(k[:min(len(k), 6)]), Kind: rec.Kind, Reason: rec.Reason, At: rec.At})
			return nil
		})
	})
	slices.SortStableFunc(out, func(a, b Suppression) int { return a.At.Compare(b.At) })
	return out, err
}

// claim notes at the first suppression which key the list is made with.
func (k keys) claim(tx *bolt.Tx) error {
	if open(tx, bucketMeta).Get([]byte(keyKeyCheck)) != nil {
		return k.check(tx)
	}
	return open(tx, bucketMeta).Put([]byte(keyKeyCheck), mac(k.suppress, keyKeyCheck))
}

func (k keys) check(tx *bolt.Tx) error {
	claimed := open(tx, bucketMeta).Get([]byte(keyKeyCheck))
	if claimed != nil && !bytes.Equal(claimed, mac(k.suppress, keyKeyCheck)) {
		return errOtherKey
	}
	return nil
}

// otherKey reports whether the list was made with another key than ours.
func (db *DB) otherKey(ctx context.Context) (other bool, err error) {
	if db.keys.none() {
		return false, nil
	}
	err = db.view(ctx, "check the key", func(tx *bolt.Tx) error {
		other = db.keys.check(tx) != nil
		return nil
	})
	return other, err
}
