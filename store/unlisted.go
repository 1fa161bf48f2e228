package store

import (
	"errors"

	"nudged/store/order"
)

// unlisted finds the open orders that the shop no longer lists. Only a scan that
// went through all pages and saw everything may say so.
func (r *recorder) unlisted() error {
	v := r.visit
	if v.Kind != order.Scan || !v.Complete || !v.Full || v.Outcome != order.OK {
		return nil
	}
	for _, p := range v.Problems {
		if p.Order != "" { // a row that could not be read is listed all the same
			r.read[p.Order] = true
		}
	}
	prefix := shopKey(v.Shop)
	return scan(r.unpaid.bucket, prefix, func(place, _ []byte) error {
		k, err := parsePlaceKey(place)
		if err != nil || r.read[k.ID] {
			return err
		}
		rec, _, known, err := r.load(orderKey(k))
		switch {
		case errors.Is(err, errBadRecord):
			return nil
		case err != nil:
			return err
		}
		// One that was read after this visit began may be younger than its list.
		if known && !rec.Seen.After(v.At) {
			r.out.Unlisted = append(r.out.Unlisted, k.ID)
		}
		return nil
	})
}
