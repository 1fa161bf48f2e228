package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nudged/cmd/nudged/table"
	"nudged/store"
	"nudged/store/order"
)

type privacyCmd struct {
	Export exportPersonCmd `cmd:"" help:"Write down all that is on record of a person, for that person."`
	Erase  erasePersonCmd  `cmd:"" help:"Take a person's name and contacts off the record, for good. Order facts stay."`
}

type exportPersonCmd struct {
	Who string `arg:"" help:"E-mail address, phone number with country code, or an order." placeholder:"CONTACT|ORDER"`
	To  string `help:"Write into this file, which only you can read, instead of showing it." placeholder:"FILE"`
}

func (exportPersonCmd) remote() {}

// Run gathers it, as JSON in plain text: it is the answer to the person's own
// question.
func (c exportPersonCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	contact, err := a.contactOf(c.Who)
	if err != nil {
		return err
	}
	all, err := a.db.Export(s.ctx, contact)
	if err != nil {
		return err
	}
	if len(all.Orders) == 0 && len(all.Lists) == 0 && len(all.CameBack) == 0 && unknown(all) {
		return errors.New("nothing is on record of this person")
	}
	if c.To == "" {
		return table.JSON(s.stdout, all)
	}
	var out bytes.Buffer
	if err := table.JSON(&out, all); err != nil {
		return err
	}
	if err := s.file(c.To, out.Bytes()); err != nil {
		return err
	}
	s.printf("%s\n", c.To)
	return nil
}

type erasePersonCmd struct {
	Who    string `arg:"" help:"E-mail address, phone number with country code, or an order." placeholder:"CONTACT|ORDER"`
	Yes    bool   `help:"Do not ask."`
	DryRun bool   `help:"Only say what would be taken away."`
}

func (erasePersonCmd) remote() {}

// alone reports whether somebody has to be asked first, which is done where they
// sit and not in the daemon.
func (c erasePersonCmd) alone() bool { return !c.Yes && !c.DryRun }

// Run erases a person.
func (c erasePersonCmd) Run(s *session) error {
	if c.alone() {
		return c.ask(s)
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	contact, err := a.contactOf(c.Who)
	if err != nil {
		return err
	}
	if c.DryRun {
		all, err := a.db.Export(s.ctx, contact)
		if err != nil {
			return err
		}
		s.printf("Name, address, number and answers would be taken off %d order(s)%s. What was ordered, when and for how much stays.\n",
			len(all.Orders), fromLists(len(all.Lists)))
		return nil
	}
	gone, err := a.db.Erase(s.ctx, contact)
	if err != nil {
		return err
	}
	if err := a.db.Compact(s.ctx); err != nil {
		return fmt.Errorf("erased, but what was erased may stand in unused parts of the file still, as it could not be written anew; type the same again later: %w", err)
	}
	s.printf("Done: %d order(s) and %d answer(s) no longer tell who it was%s. Nobody is written to there any more, and what the shop shows of this person is not kept again.\n",
		gone.Orders, gone.Replies, fromLists(gone.Lists))
	s.sayf("The shop itself and older backups still have it.\n")
	return nil
}

// ask shows what would go, and erases only after a yes.
func (c erasePersonCmd) ask(s *session) error {
	said, err := s.inside([]string{"privacy", "erase", c.Who, "--dry-run"}, nil)
	if err != nil {
		return err
	}
	s.sayf("%s", said)
	yes, err := newDialog(s).sure("This cannot be undone. Erase?", "nothing was erased", "nudged privacy erase … --yes")
	if err != nil || !yes {
		return err
	}
	said, err = s.inside([]string{"privacy", "erase", c.Who, "--yes"}, nil)
	s.printf("%s", said)
	return err
}

// fromLists tells of the rows that the seller's own lists had of a person.
func fromLists(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and what %d row(s) of your lists said is taken out", n)
}

// unknown reports whether nothing but the question itself stands there.
func unknown(all store.Exported) bool {
	return !slices.ContainsFunc(all.Contacts, func(c store.ExportedContact) bool { return c.Suppressed || c.Consent != nil })
}

// contactOf gives a contact as it was typed, or one of the buyer of an order.
func (a *app) contactOf(who string) (string, error) {
	if strings.Contains(who, "@") || strings.HasPrefix(strings.TrimSpace(who), "+") {
		return who, nil
	}
	key, err := a.find(who)
	if err != nil {
		return "", fmt.Errorf("%w; a phone number begins with + and its country code", err)
	}
	o, _, err := a.db.Order(key)
	if err != nil {
		return "", err
	}
	switch {
	case o.Buyer.Email != "":
		return o.Buyer.Email.Reveal(), nil
	case o.Buyer.Phone != "":
		return o.Buyer.Phone.Reveal(), nil
	}
	return "", fmt.Errorf("no contact of the buyer of %s is on record", key)
}

// find gives the one order that is meant by a number or id, or SHOP/ID.
func (a *app) find(what string) (order.Key, error) {
	keys, err := a.findAll(what)
	if err != nil {
		return order.Key{}, err
	}
	switch {
	case len(keys) == 0:
		return order.Key{}, fmt.Errorf("no order %q is on record; nudged orders lists them, nudged crawl reads the shops", what)
	case len(keys) > 1:
		var all []string
		for _, k := range keys {
			all = append(all, k.String())
		}
		return order.Key{}, &usageError{fmt.Errorf("%q is more than one order; choose one: %s", what, strings.Join(all, ", "))}
	}
	return keys[0], nil
}

// findAll gives the orders that a text may mean; also SHOP/NUMBER is one.
func (a *app) findAll(what string) ([]order.Key, error) {
	keys, err := a.db.Find(what)
	shop, number, ok := strings.Cut(what, "/")
	if err != nil || !ok || len(keys) > 0 {
		return keys, err
	}
	all, err := a.db.Find(number)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if strings.EqualFold(k.Shop, shop) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}
