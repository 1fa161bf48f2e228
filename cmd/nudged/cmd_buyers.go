package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

type buyersCmd struct {
	List       buyersListCmd `cmd:"" default:"withargs" help:"List people, those who ordered last first. nudged buyers alone does the same."`
	Show       buyersShowCmd `cmd:"" help:"Show all about one person: orders, what was paid, messages, consent."`
	Suppress   suppressCmd   `cmd:"" help:"Never write to this e-mail address or phone number again."`
	Unsuppress unsuppressCmd `cmd:"" help:"Take a contact off that list."`
	Suppressed suppressedCmd `cmd:"" help:"Show the list; it does not tell who is on it."`
	Consent    consentCmd    `cmd:"" help:"Note that a person said yes to offers, or took it back."`
}

type buyersListCmd struct {
	Shop    []string `help:"Only people who ordered in these shops." placeholder:"SHOP"`
	Kind    []string `help:"Only these groups: new, known, potential, customer, lapsed, or one of your levels." placeholder:"KIND"`
	Since   string   `help:"Whose last order was placed since then: 7d, yesterday, 2026-11-01." placeholder:"WHEN"`
	Until   string   `help:"Whose last order was placed until then; with an age, longer ago than that: 180d." placeholder:"WHEN"`
	Min     string   `help:"Who paid at least this in all: 100, or \"100 EUR\"." placeholder:"AMOUNT"`
	Max     string   `help:"Who paid at most this in all." placeholder:"AMOUNT"`
	Contact string   `help:"By how they can be reached: email, phone, both, any, none; or one address or number." placeholder:"WAY"`
	If      string   `help:"For whom this holds, in the language of campaigns: 'buyer.customer and buyer.last_paid > 90'." placeholder:"CONDITION"`
	listFlags
	Contacts bool `help:"Show addresses and numbers in clear."`
}

func (buyersListCmd) remote() {}

// Help tells the columns and what a condition can ask.
func (buyersListCmd) Help() string {
	return `Lists the people who have ordered, and those on lists that you imported. Orders
with the same e-mail address or phone number are one person, over all shops. A
terminal shows 50 people, JSON as well, unless --limit says otherwise; --csv and
--xlsx take all.

Examples:
  nudged buyers --kind potential                  ordered, and never paid
  nudged buyers --sort spent --limit 20           the twenty best customers
  nudged buyers --kind lapsed --contacts --xlsx lapsed.xlsx

Groups: new and known say whether there is more than one order. Of those who are
known, potential have never paid, customers have, and lapsed are customers who
have not come back. Levels are your own words, under levels: in the config.

Columns:
` + buyerColumns().helpOf() + `
A condition (--if) asks for:
` + helpOfNames(notify.SegmentHelp())
}

// buyerChoice is what the flags mean.
type buyerChoice struct {
	bounds
	shops, kinds []string
	cond         *notify.Condition
	unjudged
}

// Run lists people.
func (c buyersListCmd) Run(s *session) error {
	l := &list[*buyerRow]{
		s: s, flags: c.listFlags, columns: buyerColumns(), what: "buyer", begins: "latest", contacts: c.Contacts,
		none: "Nobody yet. nudged crawl reads the shops.",
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
	if err := choice.known(a, c); err != nil {
		return err
	}
	if c.narrows() {
		l.none = "Nobody fits; nudged buyers alone lists all."
	}
	rows := a.buyerRows(c.Contacts)
	l.all = func(fn func(*buyerRow) (bool, error)) error { return rows.each(s.ctx, choice, fn) }
	switch {
	case l.by != nil:
	case !c.narrows() && l.limit > 0 && !l.flags.Reverse: // the index of the newest orders says it
		l.all = func(fn func(*buyerRow) (bool, error)) error { return rows.latest(s.ctx, l.limit+1, fn) }
	case l.streams(): // in no order: everybody need not be held to be put in one
	default:
		l.sortBy("last_order")
	}
	if err := l.write(); err != nil {
		return err
	}
	choice.say(s, "buyer")
	return nil
}

func (c buyersListCmd) narrows() bool {
	return len(c.Shop)+len(c.Kind) > 0 || c.Since+c.Until+c.Min+c.Max+c.Contact+c.If != ""
}

func (c buyersListCmd) choice(now time.Time) (*buyerChoice, error) {
	out := &buyerChoice{}
	var err error
	if out.bounds, err = parseBounds(c.Since, c.Until, c.Min, c.Max, c.Contact, now); err != nil || c.If == "" {
		return out, err
	}
	if out.cond, err = notify.CompileSegment(c.If); err != nil {
		return nil, badCondition(c.If, err, "buyers")
	}
	return out, nil
}

// known checks the names of shops and groups, which only the config knows.
func (c *buyerChoice) known(a *app, flags buyersListCmd) error {
	var err error
	if c.shops, err = a.shopsNamed(flags.Shop); err != nil {
		return err
	}
	kinds := a.buyerKinds()
	for _, said := range flags.Kind {
		i := slices.IndexFunc(kinds, func(k string) bool { return strings.EqualFold(k, said) })
		if i < 0 {
			return &usageError{fmt.Errorf("--kind %s: there is no such group of buyers; %s", said, meantOf(said, kinds))}
		}
		c.kinds = append(c.kinds, kinds[i])
	}
	if c.cond == nil {
		return nil
	}
	return knownTexts(a, c.cond, "buyers")
}

func (c *buyerChoice) fits(r *buyerRow) bool {
	if c == nil {
		return true
	}
	if len(c.shops) > 0 && !slices.ContainsFunc(r.shops(), func(s string) bool { return slices.Contains(c.shops, s) }) {
		return false
	}
	if len(c.kinds) > 0 && !slices.ContainsFunc(r.groups(), func(g string) bool { return slices.Contains(c.kinds, g) }) {
		return false
	}
	if !c.when.holds(r.Last(), r.zone) || !c.contact.fits(r.Contact) || !r.paidBetween(c.least, c.most) {
		return false
	}
	if c.cond == nil {
		return true
	}
	member := notify.Member{Key: r.Key, Contact: r.Contact, Person: r.person()}
	ok, err := c.cond.Fits(notify.NewSegmentEnv(r.a.settings, member, r.now))
	if err != nil {
		c.add(c.cond, err)
	}
	return ok && err == nil
}

// paidBetween asks each currency for itself. Who has paid nothing has paid at
// most anything.
func (r *buyerRow) paidBetween(least, most amount) bool {
	sums := r.sums()
	if len(sums) == 0 {
		return !least.said || least.value == 0
	}
	return slices.ContainsFunc(sums, func(m order.Money) bool { return between(m, least, most) })
}

// buyerRows makes rows of people.
type buyerRows struct {
	a        *app
	contacts bool
	zones    func(shop string) *time.Location
	now      time.Time
	failed   error
}

func (a *app) buyerRows(contacts bool) *buyerRows {
	return &buyerRows{a: a, contacts: contacts, zones: a.zones(), now: a.now()}
}

func (b *buyerRows) row(p store.Buyer) *buyerRow {
	return &buyerRow{Buyer: p, a: b.a, zone: b.zones(p.Key.Shop), now: b.now, contacts: b.contacts, failed: &b.failed}
}

// each goes through everybody whom the choice means; nil means all.
func (b *buyerRows) each(ctx context.Context, c *buyerChoice, fn func(*buyerRow) (bool, error)) error {
	err := b.a.db.Buyers(ctx, 0, func(p store.Buyer) (bool, error) {
		row := b.row(p)
		if !c.fits(row) {
			return true, nil
		}
		more, err := fn(row)
		return more, errors.Join(err, b.failed)
	})
	return errors.Join(err, b.failed)
}

// latest are those with the newest orders.
func (b *buyerRows) latest(ctx context.Context, limit int, fn func(*buyerRow) (bool, error)) error {
	people, err := b.a.db.LatestBuyers(ctx, limit)
	if err != nil {
		return err
	}
	for _, p := range people {
		if more, err := fn(b.row(p)); err != nil || !more {
			return errors.Join(err, b.failed)
		}
	}
	return b.failed
}
