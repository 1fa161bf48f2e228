package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Back keeps what came back after a message, once for each Ref of a channel, and
// does what follows from it, in one transaction: it moves the reminder that it is
// about, writes the ledger line, and puts those who want no more messages, or
// cannot get any, on the list of the suppressed.
//
// The reminder is the one whose message it names. If it names none, it is the
// last that went out to the person, whom the unsubscribe token, the address or
// the number tells. One that names a message which is none of ours is about no
// reminder, unless a hand-over that is under way turns out to have that id.
//
// A mail's sender can be forged, a token or the id of a message hardly: an
// opt-out by those, or from a phone, is the whole person's, one by the sender of
// a mail counts for that address alone. A bounce keeps a person from being
// written to only if it is final, names our message, and that went to the
// contact which bounced.
func (db *DB) Back(ctx context.Context, b order.Back) (order.Answered, error) {
	const what = "record what came back"
	var out order.Answered
	now := cleanTime(db.now())
	b, err := cleanBack(b, now)
	if err != nil {
		return out, fmt.Errorf("%s: %w", what, err)
	}
	err = db.update(ctx, what, func(tx *bolt.Tx) (err error) {
		in := intake{db: db, tx: tx, now: now, b: b, outbox: db.outbox(tx)}
		out, err = in.take()
		return err
	})
	if err != nil {
		return order.Answered{}, err
	}
	return out, nil
}

func cleanBack(b order.Back, now time.Time) (order.Back, error) {
	switch b.State {
	case order.Delivered, order.Bounced, order.Replied, order.OptedOut:
	default:
		return b, fmt.Errorf("%w: a message cannot come back as %q", ErrState, string(b.State))
	}
	if b.Ref == "" {
		return b, errors.New("it has no reference by which a second reading is known")
	}
	// The other side sets this time: it may be anything.
	if b.At = cleanTime(b.At); b.At.IsZero() || b.At.After(now) {
		b.At = now
	}
	b.Channel = order.Channel(clip(string(b.Channel), maxName))
	b.Message = normalMessage(b.Message)
	b.Email = order.NormalEmail(clip(b.Email.Reveal(), maxWords))
	b.Phone = order.Phone(clip(normalPhone(b.Phone.Reveal()), maxWords))
	b.Words, b.Cost = clip(b.Words, maxWords), order.Money(cleanCost(b.Cost))
	return b, nil
}

// cleanCost is nothing without a currency: a provider's words may be any.
func cleanCost(m order.Money) moneyRecord {
	if len(m.Currency) != 3 || strings.Trim(m.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return moneyRecord{}
	}
	return moneyRecord(m)
}

// normalMessage is the id of a message as it is compared.
func normalMessage(id string) string { return clip(strings.Trim(id, "<> \t\r\n"), maxName) }

func messageKey(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

// intake is one call of Back.
type intake struct {
	db     *DB
	tx     *bolt.Tx
	now    time.Time
	b      order.Back
	outbox outbox
}

func (in *intake) take() (order.Answered, error) {
	ref := sha256.Sum256(append(part(nil, string(in.b.Channel)), in.b.Ref...))
	refs := open(in.tx, bucketRefs)
	if main := refs.Get(ref[:]); main != nil {
		rec, err := getBack(in.tx, main)
		return rec.answered(false), err
	}
	own := in.contacts()
	whom := in.db.whom(own)
	about, err := in.find(own, whom)
	if err != nil {
		return order.Answered{}, err
	}
	rec := backRecord{
		At: in.b.At, Channel: in.b.Channel, State: in.b.State, Final: in.b.Final, Cost: moneyRecord(in.b.Cost),
		Shop: []byte(about.order.Shop), ID: []byte(about.order.ID), Message: about.message, Sure: about.message != "",
	}
	if about.message == "" && in.b.Message != "" {
		rec.Hash, rec.Pending = messageKey(in.b.Message), true
	}
	if rec.Final {
		rec.Whom = whom
	}
	if about.reminder != (order.ReminderKey{}) {
		rec.about(about.reminder)
		if err := in.outbox.cameBack(&rec, in.now); err != nil {
			return order.Answered{}, err
		}
	}
	if rec.Suppressed, err = in.db.silence(in.tx, rec, about, own, in.now); err != nil {
		return order.Answered{}, err
	}
	main, err := in.keep(rec, about)
	if err != nil {
		return order.Answered{}, err
	}
	return rec.answered(true), refs.Put(ref[:], main)
}

func (r backRecord) answered(isNew bool) order.Answered {
	return order.Answered{New: isNew, Reminder: r.reminder(), Order: r.order(), Suppressed: r.Suppressed}
}

// about is what a Back is about.
type about struct {
	buyer    uint64
	order    order.Key
	reminder order.ReminderKey
	message  string // ours, that it names
	token    []byte // HMAC of the address whose token it carries
	to       []byte // HMAC of the contact that the message went to
}

// sure reports whether it came from somebody who holds what we sent.
func (a about) sure() bool { return a.message != "" || a.token != nil }

// whom are contacts by their HMAC.
func (db *DB) whom(contacts []contact) (out [][]byte) {
	if db.keys.none() {
		return nil
	}
	for _, c := range contacts {
		out = append(out, db.keys.mac(c))
	}
	return out
}

func (in *intake) find(own []contact, whom [][]byte) (about, error) {
	a, err := in.byMessage()
	if err != nil || a.message != "" {
		return a, err
	}
	a.buyer, a.token = tokenOf(in.tx, in.b.Token)
	for _, c := range own {
		if a.buyer == 0 {
			if a.buyer, err = in.db.buyerOf(in.tx, c); err != nil {
				return a, err
			}
		}
	}
	if a.token != nil || in.b.Message == "" {
		if a.reminder, err = in.outbox.lastOut(a.buyer, in.b.Channel, whom); err != nil {
			return a, err
		}
		a.order = a.reminder.Order
	}
	if a.order == (order.Key{}) {
		a.order, err = in.db.newestOrder(in.tx, a.buyer)
	}
	return a, err
}

func (in *intake) byMessage() (a about, err error) {
	if in.b.Message == "" {
		return a, nil
	}
	value := open(in.tx, bucketMessages).Get(messageKey(in.b.Message))
	if value == nil {
		return a, nil
	}
	k, err := parseReminderKey(value)
	if err != nil || in.b.Channel != "" && in.b.Channel != k.Channel {
		return a, err
	}
	return in.outbox.aboutMessage(k, in.b.Message)
}

// aboutMessage is what a Back is about that names a message of ours.
func (b outbox) aboutMessage(k order.ReminderKey, id string) (about, error) {
	a := about{reminder: k, order: k.Order, message: id}
	who, err := getContact(b.tx, orderKey(k.Order))
	if err := unlessBad(err); err != nil { // what came back after it must not wait for ever
		return a, err
	}
	a.buyer = who.Buyer
	rec, _, err := b.get(k)
	a.to = rec.To
	return a, unlessBad(err)
}

// contacts are those that the Back itself names. A gateway may leave out the
// plus of a number.
func (in *intake) contacts() []contact {
	all := contactRecord{Email: in.b.Email.Reveal(), Phone: in.b.Phone.Reveal()}.contacts()
	if p := in.b.Phone.Reveal(); len(p) >= 10 && p[0] != '+' {
		all = append(all, contact{kindPhone, "+" + p})
	}
	return all
}

// keep writes the record, and apart from it what tells of the person.
func (in *intake) keep(rec backRecord, a about) (main []byte, err error) {
	j := newJournal(in.tx, bucketBacks, bucketBacksOf)
	var owner []byte
	if a.order != (order.Key{}) {
		owner = orderKey(a.order)
	}
	main, index, err := j.keys(later(j, in.now), owner)
	if err != nil {
		return nil, err
	}
	if in.b.Words != "" || a.reminder == (order.ReminderKey{}) && len(in.contacts()) > 0 {
		rec.Words = true
		words, err := in.words(a, owner)
		if err != nil {
			return nil, err
		}
		if err := openContacts(in.tx, contactWords).Put(bytes.Clone(main[timeLen:]), words); err != nil {
			return nil, err
		}
	}
	value, err := encode(rec)
	if err != nil {
		return nil, err
	}
	if err := j.main.Put(main, value); err != nil || owner == nil {
		return main, err
	}
	return main, j.index.Put(index, main[:timeLen])
}

// later is now, or just after the last entry if that is not earlier: whoever
// reads on from the last one misses none, on a clock that was set back either.
func later(j journal, now time.Time) time.Time {
	last, _ := j.main.Cursor().Last()
	if when, _, err := cutTime(last); err == nil && !when.Before(now) {
		return when.Add(1)
	}
	return now
}

// words leaves out the contact of somebody who was erased.
func (in *intake) words(a about, owner []byte) ([]byte, error) {
	rec := wordsRecord{
		At: in.now, Channel: in.b.Channel, State: in.b.State, Order: owner, Buyer: a.buyer,
		Email: in.b.Email.Reveal(), Phone: in.b.Phone.Reveal(), Words: in.b.Words,
	}
	erased, err := in.db.erased(in.tx, in.contacts())
	if err != nil {
		return nil, err
	}
	if erased {
		rec.Words = scrub(rec.Words, order.Buyer{Email: in.b.Email, Phone: in.b.Phone})
		rec.Email, rec.Phone = "", ""
	}
	return encode(rec)
}
