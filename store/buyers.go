package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"nudged/store/order"
)

// joinKeys are the keys in contacts/email and contacts/phone by which an order
// finds its buyer; nil where the contact says nothing. They are hashes because
// a contact from a page may be longer than a key can be.
func joinKeys(who contactRecord) (email, phone []byte) {
	if e := string(order.NormalEmail(who.Email)); strings.Contains(e, "@") && !strings.Contains(e, "*") {
		sum := sha256.Sum256([]byte(e))
		email = sum[:]
	}
	if p := normalPhone(who.Phone); len(p) >= 7 && !strings.Contains(who.Phone, "*") {
		sum := sha256.Sum256([]byte(p))
		phone = sum[:]
	}
	return email, phone
}

// normalPhone leaves the digits and a leading plus; 00 before a country code is a plus.
func normalPhone(s string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		if r >= '0' && r <= '9' || r == '+' && b.Len() == 0 {
			b.WriteRune(r)
		}
	}
	if d, ok := strings.CutPrefix(b.String(), "00"); ok {
		return "+" + d
	}
	return b.String()
}

// join finds or makes the buyer of an order. An order that shares its e-mail
// with one buyer and its phone with another shows that both are one person. gone
// is the buyer that an erased or forgotten contact had, 0 for none.
func (r *recorder) join(k order.Key, was, who contactRecord, gone uint64) (uint64, error) {
	email, phone := joinKeys(who)
	buyer := uint64(0)
	for _, id := range []uint64{was.Buyer, gone, lookUp(r.emails, email), lookUp(r.phones, phone)} {
		if id == 0 {
			continue
		}
		var err error
		if buyer, err = r.unite(buyer, r.resolve(id)); err != nil {
			return 0, err
		}
	}
	if buyer == 0 && email == nil && phone == nil {
		return 0, nil
	}
	if buyer == 0 {
		id, err := r.buyers.bucket.NextSequence()
		if err != nil {
			return 0, err
		}
		buyer = id
	}
	id := seqKey(nil, buyer)
	putNew(r.emails, email, id)
	putNew(r.phones, phone, id)
	if was.Buyer != buyer {
		if was.Buyer != 0 {
			r.buyers.remove(buyerKey(was.Buyer, k))
		}
		r.buyers.put(buyerKey(buyer, k), nil)
	}
	return buyer, nil
}

func lookUp(s *stage, key []byte) uint64 {
	if key == nil {
		return 0
	}
	return number(s.get(key))
}

func number(v []byte) uint64 {
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

func putNew(s *stage, key, value []byte) {
	if key != nil && s.get(key) == nil {
		s.put(key, value)
	}
}

// resolve follows a merged buyer to the one it is now.
func (r *recorder) resolve(id uint64) uint64 { return followBuyer(id, r.merged.get) }

// unite makes one buyer of two: the one with fewer orders goes into the other.
func (r *recorder) unite(a, b uint64) (uint64, error) {
	if a == 0 || a == b {
		return b, nil
	}
	if b == 0 {
		return a, nil
	}
	if err := r.buyers.flush(); err != nil { // it is walked below
		return 0, err
	}
	small, large := r.smaller(a, b)
	from, to := seqKey(nil, small), seqKey(nil, large)
	var keys [][]byte
	c := r.buyers.bucket.Cursor()
	for k, _ := c.Seek(from); bytes.HasPrefix(k, from); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := r.giveTo(k[8:], large); err != nil {
			return 0, err
		}
		r.buyers.remove(k)
		r.buyers.put(slices.Concat(to, k[8:]), nil)
	}
	r.merged.put(from, to)
	for _, bucket := range []string{bucketTold, bucketHashes} {
		if err := moveKeys(open(r.tx, bucket), small, large); err != nil {
			return 0, err
		}
	}
	return large, nil
}

// giveTo writes the buyer into the contact record of one order.
func (r *recorder) giveTo(orderKey []byte, buyer uint64) error {
	value := r.contacts.get(orderKey)
	if value == nil {
		return nil
	}
	var who contactRecord
	if err := decode(value, &who); err != nil {
		return err
	}
	who.Buyer = buyer
	value, err := encode(who)
	if err != nil {
		return err
	}
	r.contacts.put(orderKey, value)
	return nil
}

// smaller walks both buyers' orders side by side, so that it takes as many steps
// as the smaller has orders.
func (r *recorder) smaller(a, b uint64) (small, large uint64) {
	if a > b {
		a, b = b, a
	}
	pa, pb := seqKey(nil, a), seqKey(nil, b)
	ca, cb := r.buyers.bucket.Cursor(), r.buyers.bucket.Cursor()
	ka, _ := ca.Seek(pa)
	kb, _ := cb.Seek(pb)
	for {
		if !bytes.HasPrefix(kb, pb) {
			return b, a
		}
		if !bytes.HasPrefix(ka, pa) {
			return a, b
		}
		ka, _ = ca.Next()
		kb, _ = cb.Next()
	}
}
