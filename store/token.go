package store

import (
	"bytes"
	"context"
	"encoding/hex"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// tokenLen is how much of the fingerprint stands in an unsubscribe token, in
// bytes: nobody guesses it, and it fits into a subject.
const tokenLen = 10

// Token is the opaque text by which a person unsubscribes, and tells a stranger
// nothing; "" for one without an e-mail address. [DB.Back] knows it from the
// moment at which a mail to that address was begun, for ever.
func (db *DB) Token(b order.Buyer) string { return hex.EncodeToString(db.keys.token(b.Email.Reveal())) }

// token is nil for what is no address, and without a key.
func (k keys) token(email string) []byte {
	kind, normal, err := normalContact(email)
	if err != nil || kind != kindEmail || k.none() {
		return nil
	}
	return mac(k.fingerprint, "unsubscribe", normal)[:tokenLen]
}

// putToken makes the token known that a mail to this contact carries: whose it
// is, and the HMAC of the address, by which it works when the contact is gone.
func (k keys) putToken(tx *bolt.Tx, who contactRecord) error {
	key := k.token(who.Email)
	if key == nil {
		return nil
	}
	c := contact{kindEmail, string(order.NormalEmail(who.Email))}
	return open(tx, bucketTokens).Put(key, append(seqKey(nil, who.Buyer), k.mac(c)...))
}

// tokenOf finds the person of a token, and the HMAC of the address; 0 and nil if
// it is none of ours.
func tokenOf(tx *bolt.Tx, token string) (buyer uint64, address []byte) {
	key, err := hex.DecodeString(token)
	if err != nil || len(key) != tokenLen {
		return 0, nil
	}
	value := open(tx, bucketTokens).Get(key)
	if len(value) <= 8 {
		return 0, nil
	}
	return resolveIn(tx, number(value[:8])), bytes.Clone(value[8:])
}

// fillTokens makes the tokens of the mails that went out before the file knew
// tokens. That takes the key: without one it waits for a start that has it.
func (db *DB) fillTokens(ctx context.Context) error {
	const what = "make the unsubscribe tokens"
	if db.keys.none() {
		return nil
	}
	done := false
	err := db.view(ctx, what, func(tx *bolt.Tx) error {
		done = open(tx, bucketMeta).Get([]byte(keyTokens)) != nil
		return nil
	})
	if err != nil || done {
		return err
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error {
		err := scan(open(tx, bucketReminders), nil, func(k, v []byte) error {
			var rec reminderRecord
			if decode(v, &rec) != nil || !rec.State.Out() {
				return nil // one that cannot be read is told of elsewhere
			}
			key, err := parseReminderKey(k)
			if err != nil {
				return err
			}
			who, err := getContact(tx, orderKey(key.Order))
			if err != nil {
				return nil
			}
			return db.keys.putToken(tx, who)
		})
		if err != nil {
			return err
		}
		return open(tx, bucketMeta).Put([]byte(keyTokens), []byte{1})
	})
}
