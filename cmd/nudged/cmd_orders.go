package main

import (
	"slices"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

type ordersCmd struct {
	orderFlags
	listFlags
	Contacts bool `help:"Show addresses and numbers in clear."`
}

func (ordersCmd) remote() {}

// Help tells the columns and what a condition can ask.
func (ordersCmd) Help() string {
	return `Lists what is on record, the newest orders first. A terminal shows 50 of them,
JSON as well, unless --limit says otherwise; --csv and --xlsx take all.

Examples:
  nudged orders --status unpaid --sort total      the largest open orders
  nudged orders --status unpaid --until 3d        open for more than three days
  nudged orders --status unpaid --contact none    open, and nobody can be written to
  nudged orders --since 2026-11-01 --xlsx november.xlsx

Columns:
` + orderColumns().helpOf() + `
A condition (--if) asks for:
` + helpOfNames(slices.DeleteFunc(notify.EnvHelp(), func(n notify.EnvName) bool { return n.Name == "step.name" }))
}

// Run lists what is on record.
func (c ordersCmd) Run(s *session) error {
	l := &list[*orderRow]{
		s: s, flags: c.listFlags, columns: orderColumns(), what: "order", begins: "newest", contacts: c.Contacts,
		none: "No orders. nudged crawl reads the shops.",
	}
	choice, err := c.choice(s.now())
	if err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	shops, err := a.shopsNamed(c.Shop)
	if err != nil {
		return err
	}
	if err := choice.cond.known(a); err != nil {
		return err
	}
	if c.narrows() {
		l.none = "No orders fit; nudged orders alone lists all."
	}
	l.all = func(fn func(*orderRow) (bool, error)) error { return a.listOrders(s, choice, shops, c.Contacts, fn) }
	if err := l.write(); err != nil {
		return err
	}
	choice.cond.say(s)
	return nil
}

// narrows reports whether any flag leaves orders out.
func (f orderFlags) narrows() bool {
	return len(f.Shop)+len(f.Status) > 0 || f.Since+f.Until+f.Min+f.Max+f.Contact+f.Payment+f.If != ""
}

// listOrders goes through the orders that are chosen, the newest first.
func (a *app) listOrders(s *session, c orderChoice, shops []string, contacts bool, fn func(*orderRow) (bool, error)) error {
	filter := c.filter("")
	if len(shops) == 1 {
		filter.Shop = shops[0]
	}
	var failed error
	zones := a.zones()
	err := a.db.EachOrder(s.ctx, filter, func(o order.Order) (bool, error) {
		if len(shops) > 1 && !slices.Contains(shops, o.Shop) {
			return true, nil
		}
		row := a.orderRow(o, zones(o.Shop), contacts, &failed)
		if !c.fits(row) {
			return true, nil
		}
		if ok, err := c.cond.holds(a, o); err != nil || !ok {
			return err == nil, err
		}
		more, err := fn(row)
		if err == nil {
			err = failed
		}
		return more, err
	})
	if err == nil {
		err = failed
	}
	return err
}

// orderRow makes a row of an order that is on record.
func (a *app) orderRow(o order.Order, zone *time.Location, contacts bool, failed *error) *orderRow {
	row := &orderRow{Order: o, zone: zone, now: a.now(), contacts: contacts, failed: failed}
	row.next = func() (string, error) { return a.nextOf(row.Order, row.zone) }
	return row
}

// zones finds a shop's zone, asked for many orders in a row.
func (a *app) zones() func(shop string) *time.Location {
	known := map[string]*time.Location{}
	return func(shop string) *time.Location {
		zone, ok := known[shop]
		if !ok {
			zone = zoneOf(a.cfg, shop)
			known[shop] = zone
		}
		return zone
	}
}

// stepName is a step, or the campaign that a message belongs to.
func stepName(k order.ReminderKey) string {
	if name, ok := k.Campaign(); ok {
		return "campaign " + name
	}
	return k.Step
}

// writeOrders shows orders as nudged orders does.
func writeOrders(s *session, orders []order.Order) error {
	columns := orderColumns()
	rows := make([]*orderRow, len(orders))
	for i, o := range orders {
		rows[i] = &orderRow{Order: o, now: s.now()}
	}
	return showRows(s, columns.must(columns.screen), rows)
}
