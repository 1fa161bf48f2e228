package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// Names of the buckets; doc.go tells what is in them. No other file spells one.
const (
	bucketMeta       = "meta"
	bucketShops      = "shops"
	bucketOrders     = "orders"
	bucketContacts   = "contacts"
	bucketBuyers     = "buyers"
	bucketMerged     = "merged_buyers"
	bucketCreated    = "created"
	bucketUnpaid     = "unpaid"
	bucketNumbers    = "numbers"
	bucketChanges    = "changes"
	bucketHistory    = "history"
	bucketVisits     = "visits"
	bucketLastVisits = "last_visits"
	bucketReminders  = "reminders"
	bucketDue        = "due"
	bucketSending    = "sending"
	bucketLedger     = "ledger"
	bucketLedgerOf   = "ledger_of"
	bucketSessions   = "sessions"
	bucketRefusals   = "refusals"
	bucketSuppressed = "suppressed"
	bucketMarks      = "marks"
	bucketCounters   = "counters"
	bucketTold       = "told"
	bucketMessages   = "messages"
	bucketBacks      = "backs"
	bucketBacksOf    = "backs_of"
	bucketRefs       = "refs"
	bucketTokens     = "tokens"
	bucketGone       = "gone"
	bucketHashes     = "hashes"
	bucketConsents   = "consents"
	bucketCursors    = "cursors"
	bucketAlerts     = "alerts"

	bucketListed      = "listed"
	bucketCampaigns   = "campaigns"
	bucketCampaignOf  = "campaign_of"
	bucketCampaignTo  = "campaign_to"
	bucketCampaignOut = "campaign_out"

	// Within contacts.
	contactRecords = "records"
	contactEmail   = "email"
	contactPhone   = "phone"
	contactWords   = "words"

	// Keys of meta.
	keyVersion  = "version"
	keyKeyCheck = "key_check"
	keyTokens   = "tokens"
	keyImported = "imported"
)

func topBuckets() []string {
	return []string{
		bucketMeta, bucketShops, bucketOrders, bucketContacts, bucketBuyers, bucketMerged, bucketCreated,
		bucketUnpaid, bucketNumbers, bucketChanges, bucketHistory, bucketVisits, bucketLastVisits,
		bucketReminders, bucketDue, bucketSending, bucketLedger, bucketLedgerOf, bucketSessions,
		bucketRefusals, bucketSuppressed, bucketMarks, bucketCounters, bucketTold, bucketMessages,
		bucketBacks, bucketBacksOf, bucketRefs, bucketTokens, bucketGone, bucketHashes, bucketConsents,
		bucketCursors, bucketAlerts, bucketListed, bucketCampaigns, bucketCampaignOf, bucketCampaignTo, bucketCampaignOut,
	}
}

func contactBuckets() []string {
	return []string{contactRecords, contactEmail, contactPhone, contactWords}
}

// missing is what open panics with; view and update turn it into an error.
type missing string

func (m missing) Error() string { return fmt.Sprintf("bucket %q is missing", string(m)) }

// open gives a bucket that every file of the current version has.
func open(tx *bolt.Tx, name string) *bolt.Bucket {
	b := tx.Bucket([]byte(name))
	if b == nil {
		panic(missing(name))
	}
	return b
}

func openContacts(tx *bolt.Tx, name string) *bolt.Bucket {
	b := open(tx, bucketContacts).Bucket([]byte(name))
	if b == nil {
		panic(missing(bucketContacts + "/" + name))
	}
	return b
}

// maxName bounds shops, ids, steps and names in keys.
const maxName = 1024

var errBadKey = errors.New("key cannot be read")

func checkName(what, s string) error {
	if s == "" {
		return fmt.Errorf("%s is empty", what)
	}
	if len(s) > maxName {
		return fmt.Errorf("%s %.40q… is %d bytes long; the store takes up to %d", what, s, len(s), maxName)
	}
	return nil
}

func checkKey(k order.Key) error {
	if err := checkName("shop name", k.Shop); err != nil {
		return err
	}
	if err := checkName("order id", k.ID); err != nil {
		return fmt.Errorf("shop %q: %w", k.Shop, err)
	}
	return nil
}

func checkReminderKey(k order.ReminderKey) error {
	if err := checkKey(k.Order); err != nil {
		return err
	}
	if err := checkName("step", k.Step); err != nil {
		return fmt.Errorf("order %q: %w", k.Order, err)
	}
	if err := checkName("channel", string(k.Channel)); err != nil {
		return fmt.Errorf("order %q: %w", k.Order, err)
	}
	return nil
}

// part appends a text with its length. Callers have checked that it is short.
func part(key []byte, s string) []byte {
	key = binary.BigEndian.AppendUint16(key, uint16(len(s)))
	return append(key, s...)
}

// cutPart takes the first text off a key.
func cutPart(key []byte) (string, []byte, error) {
	if len(key) < 2 {
		return "", nil, errBadKey
	}
	n := int(binary.BigEndian.Uint16(key))
	if len(key) < 2+n {
		return "", nil, errBadKey
	}
	return string(key[2 : 2+n]), key[2+n:], nil
}

func shopKey(shop string) []byte { return part(make([]byte, 0, 2+len(shop)+64), shop) }

func orderKey(k order.Key) []byte { return part(shopKey(k.Shop), k.ID) }

func parseOrderKey(key []byte) (order.Key, []byte, error) {
	shop, rest, err := cutPart(key)
	if err != nil {
		return order.Key{}, nil, err
	}
	id, rest, err := cutPart(rest)
	return order.Key{Shop: shop, ID: id}, rest, err
}

func reminderKey(k order.ReminderKey) []byte {
	return part(part(orderKey(k.Order), k.Step), string(k.Channel))
}

func parseReminderKey(key []byte) (order.ReminderKey, error) {
	o, rest, err := parseOrderKey(key)
	if err != nil {
		return order.ReminderKey{}, err
	}
	return reminderRest(o, rest)
}

func reminderRest(o order.Key, rest []byte) (order.ReminderKey, error) {
	step, rest, err := cutPart(rest)
	if err != nil {
		return order.ReminderKey{}, err
	}
	channel, rest, err := cutPart(rest)
	if err == nil && len(rest) > 0 {
		err = errBadKey
	}
	return order.ReminderKey{Order: o, Step: step, Channel: order.Channel(channel)}, err
}

const timeLen = 12

// timeKey appends a time so that byte order is time order.
func timeKey(key []byte, t time.Time) []byte {
	key = binary.BigEndian.AppendUint64(key, uint64(t.Unix())^(1<<63))
	return binary.BigEndian.AppendUint32(key, uint32(t.Nanosecond()))
}

func cutTime(key []byte) (time.Time, []byte, error) {
	if len(key) < timeLen {
		return time.Time{}, nil, errBadKey
	}
	sec := int64(binary.BigEndian.Uint64(key) ^ (1 << 63))
	nano := int64(binary.BigEndian.Uint32(key[8:]))
	if nano >= int64(time.Second) {
		return time.Time{}, nil, errBadKey
	}
	return time.Unix(sec, nano).UTC(), key[timeLen:], nil
}

// placeKey is the key of an order in created and unpaid.
func placeKey(k order.Key, created time.Time) []byte {
	return part(timeKey(shopKey(k.Shop), created), k.ID)
}

func parsePlaceKey(key []byte) (order.Key, error) {
	shop, rest, err := cutPart(key)
	if err != nil {
		return order.Key{}, err
	}
	_, rest, err = cutTime(rest)
	if err != nil {
		return order.Key{}, err
	}
	id, rest, err := cutPart(rest)
	if err == nil && len(rest) > 0 {
		err = errBadKey
	}
	return order.Key{Shop: shop, ID: id}, err
}

// dueKey is the key of a waiting reminder in due.
func dueKey(k order.ReminderKey, due time.Time) []byte {
	key := timeKey(shopKey(k.Order.Shop), due)
	return part(part(part(key, k.Order.ID), k.Step), string(k.Channel))
}

func parseDueKey(key []byte) (order.ReminderKey, time.Time, error) {
	shop, rest, err := cutPart(key)
	if err != nil {
		return order.ReminderKey{}, time.Time{}, err
	}
	due, rest, err := cutTime(rest)
	if err != nil {
		return order.ReminderKey{}, time.Time{}, err
	}
	id, rest, err := cutPart(rest)
	if err != nil {
		return order.ReminderKey{}, time.Time{}, err
	}
	k, err := reminderRest(order.Key{Shop: shop, ID: id}, rest)
	return k, due, err
}

func numberKey(number string, k order.Key) []byte {
	return append(shopKey(number), orderKey(k)...)
}

func seqKey(key []byte, seq uint64) []byte { return binary.BigEndian.AppendUint64(key, seq) }

func buyerKey(buyer uint64, k order.Key) []byte { return append(seqKey(nil, buyer), orderKey(k)...) }

// after is the first key behind all that begin with prefix; nil if there is none.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}
