package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

var errSealed = errors.New("it was sealed with another key, or is damaged")

// sessionVersion stands before the nonce of a sealed session.
const sessionVersion = 1

// SetSession keeps what a shop needs to know us again, sealed.
func (db *DB) SetSession(ctx context.Context, shop string, plain []byte) error {
	what := fmt.Sprintf("keep the session of shop %q", shop)
	if err := checkName("shop name", shop); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if len(plain) == 0 {
		return db.ForgetSession(ctx, shop)
	}
	sealed, err := db.keys.seal(shop, plain)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return db.update(ctx, what, func(tx *bolt.Tx) error { return open(tx, bucketSessions).Put(shopKey(shop), sealed) })
}

// Session is what SetSession kept; nil if there is none. One that cannot be
// opened, since the key file is another, is none too: the shop is signed in to
// again.
func (db *DB) Session(shop string) ([]byte, error) {
	what := fmt.Sprintf("read the session of shop %q", shop)
	if err := checkName("shop name", shop); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	var sealed []byte
	err := db.read(what, func(tx *bolt.Tx) error {
		sealed = bytes.Clone(open(tx, bucketSessions).Get(shopKey(shop)))
		return nil
	})
	if err != nil || sealed == nil {
		return nil, err
	}
	plain, err := db.keys.unseal(shop, sealed)
	if err != nil {
		db.log.Warn("the kept session cannot be used; signing in again", "shop", shop, "err", err)
		return nil, nil
	}
	return plain, nil
}

// ForgetSession makes the next visit sign in.
func (db *DB) ForgetSession(ctx context.Context, shop string) error {
	return db.remove(ctx, fmt.Sprintf("forget the session of shop %q", shop), bucketSessions, shop)
}

func (k keys) aead() (cipher.AEAD, error) {
	if k.none() {
		return nil, ErrNoKey
	}
	block, err := aes.NewCipher(k.session)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal binds the session to its shop: moved to another shop's key it does not open.
func (k keys) seal(shop string, plain []byte) ([]byte, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	return aead.Seal([]byte{sessionVersion}, nil, plain, []byte(shop)), nil
}

func (k keys) unseal(shop string, sealed []byte) ([]byte, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != sessionVersion {
		return nil, errSealed
	}
	plain, err := aead.Open(nil, nil, sealed[1:], []byte(shop))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
