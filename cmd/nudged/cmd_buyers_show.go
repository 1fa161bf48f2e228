package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nudged/cmd/nudged/table"
	"nudged/store"
	"nudged/store/order"
)

// mostNamesakes is how many people are shown where a name means several.
const mostNamesakes = 20

type buyersShowCmd struct {
	Who      string `arg:"" help:"E-mail address, phone number with country code, an order, or a part of a name." placeholder:"CONTACT|ORDER|NAME"`
	Contacts bool   `help:"Show addresses and numbers in clear."`
	JSON     bool   `name:"json" help:"As JSON."`
}

func (buyersShowCmd) remote() {}

// Run shows a person's page.
func (c buyersShowCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	people, err := a.peopleCalled(s.ctx, c.Who)
	if err != nil {
		return err
	}
	rows := a.buyerRows(c.Contacts)
	if len(people) > 1 {
		return c.choose(s, rows, people)
	}
	p, err := a.page(rows.row(people[0]))
	if err = errors.Join(err, rows.failed); err != nil {
		return err
	}
	if !c.JSON {
		return errors.Join(p.write(s), rows.failed)
	}
	out, err := p.json()
	if err = errors.Join(err, rows.failed); err != nil {
		return err
	}
	return table.JSON(s.stdout, out)
}

// choose shows who is meant where a name means several people.
func (c buyersShowCmd) choose(s *session, rows *buyerRows, people []store.Buyer) error {
	columns := buyerColumns()
	var all []*buyerRow
	for _, p := range people {
		all = append(all, rows.row(p))
	}
	slices.SortStableFunc(all, func(x, y *buyerRow) int { return y.Last().Compare(x.Last()) })
	if err := errors.Join(showRows(s, columns.must([]string{"name", "contact", "kind", "orders", "last_order", "latest"}), all), rows.failed); err != nil {
		return err
	}
	some := counted(len(people), "buyer")
	if len(people) == mostNamesakes {
		some = "at least " + some
	}
	return &usageError{fmt.Errorf("%q is %s; choose one by an order of theirs, as nudged buyers show %s, or by address or number", c.Who, some, sampleOrder(all))}
}

func sampleOrder(people []*buyerRow) string {
	for _, p := range people {
		if len(p.Orders) > 0 {
			return label(p.Orders[0])
		}
	}
	return "SHOP/NUMBER"
}

// peopleCalled finds who is meant: by a contact, by an order, else by a name.
func (a *app) peopleCalled(ctx context.Context, who string) ([]store.Buyer, error) {
	who = strings.TrimSpace(who)
	if who == "" {
		return nil, &usageError{errors.New("nobody is named; write an address, a number, an order or a name")}
	}
	if strings.Contains(who, "@") || strings.HasPrefix(who, "+") {
		people, err := a.db.BuyersOf(who)
		if err == nil && len(people) == 0 {
			err = errors.New("nobody with this contact is on record; nudged buyers lists people, and a part of a name finds them too")
		}
		return people, err
	}
	if key, ok := listRow(who); ok {
		b, found, err := a.db.BuyerOf(key)
		if err != nil || found {
			return []store.Buyer{b}, err
		}
	}
	keys, err := a.findAll(who)
	if err != nil {
		return nil, err
	}
	people, err := a.buyersOfOrders(keys)
	if err != nil || len(people) > 0 {
		return people, err
	}
	if len(keys) > 0 {
		return nil, fmt.Errorf("nothing is known of the buyer of %s: no contact is on record; nudged why %s tells the rest", keys[0], keys[0])
	}
	people, err = a.db.FindBuyers(ctx, who, mostNamesakes)
	if err == nil && len(people) == 0 {
		err = fmt.Errorf("nobody called %q and no such order is on record; nudged buyers lists people, nudged orders lists orders; a phone number begins with + and its country code", who)
	}
	return people, err
}

// listRow reads what stands for somebody on a list, as SHOP/person:….
func listRow(who string) (order.Key, bool) {
	shop, id, _ := strings.Cut(strings.TrimSpace(who), "/")
	key := order.Key{Shop: shop, ID: id}
	return key, shop != "" && key.ListRow()
}

// buyersOfOrders are the people behind orders, each once.
func (a *app) buyersOfOrders(keys []order.Key) ([]store.Buyer, error) {
	var out []store.Buyer
	have := map[uint64]bool{}
	for _, key := range keys {
		b, ok, err := a.db.BuyerOf(key)
		if err != nil {
			return nil, err
		}
		if ok && !have[b.ID] {
			have[b.ID] = true
			out = append(out, b)
		}
	}
	return out, nil
}
