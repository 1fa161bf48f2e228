package store

import "nudged/store/order"

// consent keeps the one that a list tells of, for each contact to which it says
// something new. A yes is kept for nobody who has said no by any contact, and only
// for what this list gives: it was not asked about the rest. A no is for all.
func (im *importer) consent(who, read contactRecord, c order.Consent) (changed bool, err error) {
	rec := consentRecordOf(c, who.contacts())
	if rec.Withdrawn {
		return im.no(who, rec)
	}
	if rec.At.IsZero() {
		return false, nil
	}
	if no, err := im.refused(who); err != nil || no {
		if no {
			im.done.Refused++
		}
		return false, err
	}
	for _, one := range read.contacts() {
		put, err := im.agree(one, rec)
		if err != nil {
			return changed, err
		}
		changed = changed || put
	}
	return changed, nil
}

// refusal is a no of a list, and whose.
type refusal struct {
	who contactRecord
	rec consentRecord
}

// no keeps one; it counts from now on if nobody says since when.
func (im *importer) no(who contactRecord, rec consentRecord) (changed bool, err error) {
	if now := cleanTime(im.now); rec.At.IsZero() || rec.At.After(now) {
		rec.At = now
	}
	im.refusals = append(im.refusals, refusal{who, rec})
	changed, outdated, err := im.withdraw(who, rec)
	if outdated {
		im.done.Outdated++
	}
	return changed, err
}

// withdrawAll asks once more whom each no is of: the rows of a list are joined to
// each other only when all of them are written.
func (im *importer) withdrawAll() error {
	for _, r := range im.refusals {
		r.who.Buyer = im.resolve(r.who.Buyer)
		if _, _, err := im.withdraw(r.who, r.rec); err != nil {
			return err
		}
	}
	return nil
}

// withdraw keeps a no for the contacts of a row, and for those by which the same
// person has agreed before.
func (im *importer) withdraw(who contactRecord, rec consentRecord) (changed, outdated bool, err error) {
	all, own, err := im.contactsOf(who)
	if err != nil {
		return false, false, err
	}
	for i, c := range all {
		mac := im.db.keys.mac(c)
		old, err := getConsent(im.tx, mac)
		switch {
		case err != nil:
			return changed, outdated, err
		case old.At.After(rec.At) && !old.Withdrawn:
			outdated = true
			continue
		case old.Withdrawn, i >= own && old.At.IsZero():
			continue
		}
		if err := im.db.keys.putConsent(im.tx, mac, rec); err != nil {
			return changed, outdated, err
		}
		changed = true
	}
	return changed, outdated, nil
}

// contactsOf are the contacts of a row, own of them, and behind those what else the
// person has; nothing else in a crowd.
func (im *importer) contactsOf(who contactRecord) (all []contact, own int, err error) {
	all = who.contacts()
	own = len(all)
	others, crowd, err := contactsOf(im.tx, who.Buyer)
	if !crowd {
		all = append(all, others...)
	}
	return all, own, err
}

// refused reports whether a person has taken a consent back, or opted out.
func (im *importer) refused(who contactRecord) (bool, error) {
	all, _, err := im.contactsOf(who)
	if err != nil {
		return false, err
	}
	for _, c := range all {
		mac := im.db.keys.mac(c)
		if open(im.tx, bucketSuppressed).Get(mac) != nil {
			return true, nil
		}
		if old, err := getConsent(im.tx, mac); err != nil || old.Withdrawn {
			return true, err
		}
	}
	return false, nil
}

func (im *importer) agree(c contact, rec consentRecord) (bool, error) {
	mac := im.db.keys.mac(c)
	old, err := getConsent(im.tx, mac)
	if err != nil || !rec.At.After(old.At) {
		return false, err
	}
	if now := cleanTime(im.now); rec.At.After(now) { // else nothing said later would be the last word
		if rec.At = now; !old.At.IsZero() {
			return false, nil
		}
	}
	return true, im.db.keys.putConsent(im.tx, mac, rec)
}
