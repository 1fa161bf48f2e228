package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"nudged/store/order"
)

// importChunk is how many rows one transaction keeps.
const importChunk = 1000

// ListRow is a person on a list of the seller's.
type ListRow struct {
	Shop    string
	Buyer   order.Buyer // at least an e-mail address, or a phone number with its country code
	Past    order.Past  // empty: the list does not say
	Consent order.Consent
	Source  string // the name of the list
}

// Imported is what became of the rows of a list.
type Imported struct {
	New, Changed, Same int
	Crossed            int      // orders that the shop's own pages show: those are left alone
	Erased             int      // people who were erased: they are not brought back
	Refused            int      // a yes of those who have said no before, or opted out: that stays
	Outdated           int      // a no that is older than the yes on record: that stays
	Bad                []BadRow // rows that cannot be kept
}

// BadRow is a row that cannot be kept, and why.
type BadRow struct {
	Row int // its place among those that were given, from 0
	Why string
}

// ImportBuyers keeps the people of a list, who need not have an order: each
// becomes a row in the lists of a shop, joined to all else that is known of the
// same contacts. Taking in a list twice changes nothing. A value that a list does
// not give stays as it was.
//
// A consent counts unless a newer one stands, or the person has taken it back or
// opted out. One that is withdrawn is a no: it counts unless a newer consent
// stands, at the time of the import if it has none; for all contacts of the person.
// Nobody leaves the list of the suppressed by an import. What went in
// stays beside an error.
func (db *DB) ImportBuyers(ctx context.Context, rows []ListRow) (Imported, error) {
	const what = "take in a list of buyers"
	if db.keys.none() {
		return Imported{}, fmt.Errorf("%s: %w", what, ErrNoKey)
	}
	return importAll(ctx, db, what, rows, func(im *importer, row ListRow) error { return im.person(row) })
}

// ImportOrders keeps the orders of a list. Each needs Shop and Number; its ID is
// made of the number. They are history: none is waited for, planned or news, and
// one that the list calls unpaid or says nothing of is [order.Other].
//
// An order that the shop's own pages show is left alone, and one that they show
// later takes the imported one's place. Taking in a list twice changes nothing. A
// value that a list does not give stays as it was. What went in stays beside an
// error.
func (db *DB) ImportOrders(ctx context.Context, source string, orders []order.Order) (Imported, error) {
	source = clip(source, maxWords)
	return importAll(ctx, db, "take in a list of orders", orders, func(im *importer, o order.Order) error { return im.order(o, source) })
}

func importAll[T any](ctx context.Context, db *DB, what string, rows []T, one func(*importer, T) error) (out Imported, err error) {
	done := 0
	for some := range slices.Chunk(rows, importChunk) {
		var part Imported
		err := db.update(ctx, what, func(tx *bolt.Tx) error {
			im := db.newImporter(ctx, tx, len(some))
			for i, row := range some {
				im.row = done + i
				if err := one(im, row); err != nil {
					return fmt.Errorf("row %d: %w", im.row+1, err)
				}
			}
			part = im.done
			return im.flush()
		})
		if err != nil {
			return out, err
		}
		done += len(some)
		out = out.and(part)
	}
	return out, nil
}

func (m Imported) and(o Imported) Imported {
	m.New, m.Changed, m.Same = m.New+o.New, m.Changed+o.Changed, m.Same+o.Same
	m.Refused, m.Outdated = m.Refused+o.Refused, m.Outdated+o.Outdated
	m.Crossed, m.Erased, m.Bad = m.Crossed+o.Crossed, m.Erased+o.Erased, append(m.Bad, o.Bad...)
	return m
}

// importer is one transaction of an import.
type importer struct {
	*recorder
	listed *stage
	done   Imported
	// refusals are all of this transaction.
	refusals []refusal
	row      int // the one at hand
}

func (db *DB) newImporter(ctx context.Context, tx *bolt.Tx, n int) *importer {
	return &importer{
		recorder: db.newRecorder(ctx, tx, order.Visit{}, n),
		listed:   staged(open(tx, bucketListed), n),
	}
}

func (im *importer) flush() error {
	if err := errors.Join(im.recorder.flush(), im.listed.flush()); err != nil {
		return err
	}
	return im.withdrawAll()
}

func (im *importer) bad(why string) error {
	im.done.Bad = append(im.done.Bad, BadRow{Row: im.row, Why: why})
	return nil
}

// count notes what became of a row.
func (im *importer) count(known, changed bool) {
	switch {
	case !known:
		im.done.New++
	case changed:
		im.done.Changed++
	default:
		im.done.Same++
	}
}

// order keeps one order of a list.
func (im *importer) order(o order.Order, source string) error {
	o = importedOrder(o)
	if normalNumber(o.Number) == "" {
		return im.bad("the order has no number")
	}
	if err := checkKey(o.Key()); err != nil {
		return im.bad(err.Error())
	}
	o = cleanOrder(o)
	o.Seen = cleanTime(im.now)
	crossed, err := im.shown(o)
	if err != nil {
		return err
	}
	k := orderKey(o.Key())
	old, was, known, err := im.load(k)
	switch {
	case errors.Is(err, errBadRecord):
		return im.bad("what the database holds of this order cannot be read, so nothing is added to it")
	case err != nil:
		return err
	case crossed, old.Taken != "":
		im.done.Crossed++
		return nil
	}
	return im.keep(k, o, old, was, known, source)
}

// importedOrder leaves only what a list may say of an order.
func importedOrder(o order.Order) order.Order {
	k := importKey(o.Shop, o.Number)
	status := o.Status
	switch status {
	case order.Paid, order.ClosedUnpaid, order.ClosedRefunded:
	default:
		status = order.Other
	}
	text := o.StatusText
	if text == "" && o.Status != "" && status != o.Status {
		text = string(o.Status)
	}
	return order.Order{
		Shop: k.Shop, ID: k.ID, Number: strings.TrimSpace(o.Number), Status: status, StatusText: text,
		Created: o.Created, DayOnly: o.DayOnly, Updated: o.Updated, Total: o.Total, Lines: o.Lines, Buyer: o.Buyer, Payment: o.Payment,
	}
}

func (im *importer) keep(k []byte, o order.Order, old orderRecord, was contactRecord, known bool, source string) error {
	gone, o, err := im.admit(was, o)
	if err != nil {
		return err
	}
	rec, who, changed := merge(old, was, o, false, im.now)
	if known && !changed && who == was && gone == 0 {
		im.count(true, false)
		return nil
	}
	if rec.Source = source; !known {
		rec.First = o.Seen
		if err := errors.Join(putShop(im.tx, o.Shop), open(im.tx, bucketMeta).Put([]byte(keyImported), []byte{1})); err != nil {
			return err
		}
	}
	if who.Buyer, err = im.join(o.Key(), was, who, gone); err != nil {
		return err
	}
	if err := im.save(k, rec, who, was, known); err != nil {
		return err
	}
	im.index(o.Key(), old, rec, known)
	im.count(known, changed || who != was)
	return nil
}
