package store

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// rowKey is the key of a person on the lists of a shop: keyed hash of the e-mail
// address, or of the number where there is none, so that the key tells nobody.
func (k keys) rowKey(shop string, c contact) order.Key {
	return order.Key{Shop: shop, ID: order.ListRow + hex.EncodeToString(k.mac(c)[:16])}
}

// person keeps one row of a list.
func (im *importer) person(row ListRow) error {
	b := cleanOrder(order.Order{Buyer: row.Buyer}).Buyer
	read := contactRecordOf(b)
	contacts := read.contacts()
	if len(contacts) == 0 {
		return im.bad("there is neither an e-mail address nor a phone number with its country code")
	}
	key := im.db.keys.rowKey(row.Shop, contacts[0])
	if err := checkKey(key); err != nil {
		return im.bad(err.Error())
	}
	known, erased, err := im.db.goneBuyer(im.tx, contacts)
	if err != nil {
		return err
	}
	if erased {
		im.done.Erased++
		return nil
	}
	return im.keepRow(key, read, known, row)
}

func (im *importer) keepRow(key order.Key, read contactRecord, gone uint64, row ListRow) (err error) {
	k := orderKey(key)
	var was contactRecord
	var old listedRecord
	if value := im.contacts.get(k); value != nil {
		if err := decode(value, &was); err != nil {
			return im.bad("what the database holds of this person cannot be read, so nothing is added to it")
		}
	}
	value := im.listed.get(k)
	known := value != nil
	damaged := known && decode(value, &old) != nil
	if damaged {
		old = listedRecord{} // it is written anew
	}
	who := read.filled(was)
	who.Buyer, who.Gone = was.Buyer, false // one that was only forgotten is known again
	said := old.with(row.Past)
	changed := !known || damaged || who != was || !said.same(old)
	if changed {
		if said.Read = cleanTime(im.now); !known || damaged || !said.same(old) {
			said.At = said.Read
		}
		if row.Source != "" {
			said.Source = clip(row.Source, maxWords)
		}
		if who, err = im.putRow(key, was, who, gone, said); err != nil {
			return err
		}
	}
	agreed, err := im.consent(who, read, row.Consent)
	im.count(known, changed || agreed)
	return err
}

// putRow joins and writes a row, and gives the contact with its buyer.
func (im *importer) putRow(key order.Key, was, who contactRecord, gone uint64, said listedRecord) (contactRecord, error) {
	err := putShop(im.tx, key.Shop)
	if err != nil {
		return who, err
	}
	if who.Buyer, err = im.join(key, was, who, gone); err != nil {
		return who, err
	}
	k := orderKey(key)
	value, err := encode(said)
	if err != nil {
		return who, err
	}
	im.listed.put(k, value)
	if who == was {
		return who, nil
	}
	value, err = encode(who)
	if err == nil {
		im.contacts.put(k, value)
	}
	return who, err
}

// with is what is known with what another list says.
func (r listedRecord) with(p order.Past) listedRecord {
	p.First, p.Last = cleanTime(p.First), cleanTime(p.Last)
	if p.Orders > 0 {
		r.Orders = p.Orders
	}
	if spent := sumsOf(p.Spent); len(spent) > 0 {
		r.Spent = nil
		for _, m := range spent {
			r.Spent = append(r.Spent, moneyRecord(m))
		}
	}
	if !p.First.IsZero() {
		r.First = p.First
	}
	if !p.Last.IsZero() {
		r.Last = p.Last
	}
	return r
}

func (r listedRecord) same(o listedRecord) bool {
	return r.Orders == o.Orders && slices.Equal(r.Spent, o.Spent) && r.First.Equal(o.First) && r.Last.Equal(o.Last)
}

// sumsOf adds up each currency, in the order of their names.
func sumsOf(all []order.Money) (out []order.Money) {
	for _, m := range all {
		out = addSum(out, order.Money{Minor: m.Minor, Currency: clip(m.Currency, maxWords)})
	}
	return out
}

// addSum adds an amount to that of its currency; sums stand in the order of the
// currencies' names.
func addSum(sums []order.Money, m order.Money) []order.Money {
	if m.Minor == 0 {
		return sums
	}
	i, known := slices.BinarySearchFunc(sums, m.Currency, func(s order.Money, name string) int { return strings.Compare(s.Currency, name) })
	if !known {
		return slices.Insert(sums, i, m)
	}
	sums[i].Minor += m.Minor
	return sums
}

// asOf is until when the orders of a person are in what a list says of them: a
// list may give a day without a time.
func (r listedRecord) asOf() time.Time {
	if r.Last.IsZero() {
		return r.At
	}
	return r.Last.AddDate(0, 0, 1)
}
