package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
)

type importCmd struct {
	Orders importOrdersCmd `cmd:"" help:"Take in old orders from your own list."`
	Buyers importBuyersCmd `cmd:"" help:"Take in people from your own list, with what they bought and what they agreed to."`
}

// importFlags are what all lists take.
type importFlags struct {
	File     string   `arg:"" help:"An Excel file (.xlsx) or a CSV."`
	Shop     string   `help:"The shop that the list belongs to; not needed if there is only one."`
	Sheet    string   `help:"The sheet to read. Otherwise the first, and those with the same columns."`
	Map      []string `sep:"none" help:"What a column holds, by its title or letter: --map Telefon=phone. TITLE=- leaves it out. Can be given several times." placeholder:"TITLE=FIELD"`
	Dates    string   `help:"Whether 03/04/2026 is 3 April (dmy) or 4 March (mdy), where the list does not tell." placeholder:"dmy|mdy"`
	Decimal  string   `help:"The sign before the cents, where the list does not tell." placeholder:".|,"`
	Currency string   `help:"Of amounts without one; otherwise the shop's." placeholder:"CODE"`
	Region   string   `help:"The country of phone numbers without a country code, as CN; otherwise the shop's." placeholder:"CODE"`
	Yes      bool     `short:"y" help:"Do not ask."`
	DryRun   bool     `help:"Only show how the list is read."`
}

type importOrdersCmd struct {
	importFlags
	Status []string `sep:"none" help:"What a status of the list means: --status 待评价=paid. The word * is for all others. Can be given several times." placeholder:"WORD=STATUS"`
}

// Help tells what the columns can hold.
func (importOrdersCmd) Help() string {
	return importHelp(ordersList(), `Old orders tell who has bought before. They are history: none of them is reminded
of, and an order that the shop's own pages show is left as it stands there.`)
}

// Run takes in orders.
func (c importOrdersCmd) Run(s *session) error {
	statuses, err := statusRules(c.Status)
	if err != nil {
		return err
	}
	p := &importPlan{kind: ordersList(), statuses: statuses}
	return c.run(s, p, func(r *reader) (takings, error) { return packOrders(r.orders()) })
}

type importBuyersCmd struct {
	importFlags
	ConsentSource  string `help:"Where the people on the list said yes to offers: a form, a call." placeholder:"TEXT"`
	ConsentWording string `help:"What they said yes to, word for word." placeholder:"TEXT"`
	ConsentDate    string `help:"When, as 2025-03-01." placeholder:"DATE"`
}

// Help tells what the columns can hold.
func (importBuyersCmd) Help() string {
	return importHelp(buyersList(), `Without a column that says who agreed to offers, --consent-source, -wording and
-date mean everybody on the list; with one, those who said yes. Who said no, or
unsubscribed, gets no offers from then on, also none by soft_opt_in.`)
}

// Run takes in people.
func (c importBuyersCmd) Run(s *session) error {
	rule := consentRule{source: strings.TrimSpace(c.ConsentSource), wording: strings.TrimSpace(c.ConsentWording)}
	if c.ConsentDate != "" {
		at, _, err := dateOf(sheet.Value{Kind: sheet.Text, Text: c.ConsentDate}, dayOrder(c.Dates), time.UTC)
		if err != nil || at.After(s.now()) {
			return &usageError{fmt.Errorf("--consent-date %s: write a day of the past, as 2025-03-01", c.ConsentDate)}
		}
		rule.at = at
	}
	p := &importPlan{kind: buyersList(), consent: rule}
	return c.run(s, p, func(r *reader) (takings, error) { return packPeople(r.people()) })
}

func importHelp(k listKind, more string) string {
	return fmt.Sprintf(`Reads the list, shows how it understands the columns, and takes it in after a yes.
A row that cannot be read is named, the others go in. Taking in the same list
again changes nothing.

%s

A column can hold: %s.

Examples:
  nudged import %ss list.xlsx --dry-run
  nudged import %ss list.csv --map "Telefon=phone" --dates dmy`, more, strings.Join(k.names(), ", "), k.what, k.what)
}

// check reads the flags that can be wrong in themselves.
func (c importFlags) check() error {
	switch d := dayOrder(c.Dates); {
	case d != daysUnknown && d != daysFirst && d != monthsFirst:
		return &usageError{fmt.Errorf("--dates %s: write dmy if the day comes first, mdy if the month does", c.Dates)}
	case c.Decimal != "" && c.Decimal != "." && c.Decimal != ",":
		return &usageError{fmt.Errorf("--decimal %s: write . or ,", c.Decimal)}
	case c.Region != "" && (len(c.Region) != 2 || strings.ToUpper(c.Region) != c.Region):
		return &usageError{fmt.Errorf("--region %s: write the two letters of a country, as DE", c.Region)}
	}
	if c.Currency != "" {
		if code, err := extract.Currency(c.Currency, ""); err != nil || code != c.Currency {
			return &usageError{fmt.Errorf("--currency %s: write the three letters of a currency, as EUR", c.Currency)}
		}
	}
	return nil
}

// into is the shop that a list belongs to.
func (c importFlags) into(cfg *config.Config) (config.Shop, error) {
	if c.Shop == "" && len(cfg.Shops) == 1 {
		return cfg.Shops[0], nil
	}
	if c.Shop == "" {
		return config.Shop{}, &usageError{fmt.Errorf("say to which shop the list belongs: --shop with one of %s", names(cfg))}
	}
	return named(cfg, c.Shop)
}

// book reads the file, here where the seller is: a daemon may not see it.
func (c importFlags) book() (*sheet.Book, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, fmt.Errorf("cannot read the list: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read the list: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &usageError{fmt.Errorf("%s is no file", c.File)}
	}
	return sheet.Read(filepath.Base(c.File), f, info.Size())
}

// run reads the list, shows it, asks, and takes it in.
func (c importFlags) run(s *session, p *importPlan, read func(*reader) (takings, error)) error {
	if err := c.check(); err != nil {
		return err
	}
	cfg, err := s.config(false)
	if err != nil {
		return err
	}
	if p.shop, err = c.into(cfg); err != nil {
		return err
	}
	p.file, p.zone = filepath.Base(c.File), zoneOf(cfg, p.shop.Name)
	p.region, p.currency = cmp.Or(c.Region, p.shop.Region), cmp.Or(c.Currency, p.shop.Currency)
	book, err := c.book()
	if err != nil {
		return err
	}
	if err := p.read(book, c.Sheet, c.Map); err != nil {
		return err
	}
	d := newDialog(s)
	if err := p.decide(dayOrder(c.Dates), c.Decimal, c.askDays(d)); err != nil {
		return err
	}
	s.showColumns(book, p)
	if err := p.proved(); err != nil {
		return err
	}
	r := &reader{importPlan: p}
	t, err := read(r)
	if err != nil {
		return err
	}
	s.showTaken(r, t)
	if t.len() == 0 {
		return fmt.Errorf("%s: %w; nothing has changed", p.file, errNothing)
	}
	return c.finish(s, d, r, t)
}

// finish asks and takes in.
func (c importFlags) finish(s *session, d *dialog, r *reader, t takings) error {
	if c.DryRun {
		s.sayf("Nothing has changed.\n")
		if r.lost() > 0 {
			return &doneError{exitPartly}
		}
		return nil
	}
	if !c.Yes {
		yes, err := d.yes("Take them in?", false)
		switch {
		case errors.Is(err, errNoAnswer):
			return &usageError{errors.New("there is nobody to answer; nothing was taken in. For scripts: --yes")}
		case err != nil:
			return err
		case !yes:
			s.sayf("Nothing was taken in.\n")
			return nil
		}
	}
	return s.takeIn(r, t)
}

// askDays asks which of two numbers is the day, where somebody sits.
func (c importFlags) askDays(d *dialog) func(title, example string) (dayOrder, error) {
	var answer dayOrder // one for all columns
	return func(title, example string) (dayOrder, error) {
		if answer != daysUnknown {
			return answer, nil
		}
		unsaid := &usageError{fmt.Errorf("column %s: %q can be two dates; say with --dates whether the day comes first (dmy) or the month (mdy)", title, example)}
		if c.Yes || c.DryRun {
			return "", unsaid
		}
		for range 3 {
			said, err := d.line(fmt.Sprintf("Column %s: in %s, does the day come first (dmy) or the month (mdy)? ", title, example))
			if errors.Is(err, errNoAnswer) {
				return "", unsaid
			}
			if err != nil {
				return "", err
			}
			if answer = dayOrder(strings.ToLower(said)); answer == daysFirst || answer == monthsFirst {
				return answer, nil
			}
		}
		answer = daysUnknown
		return "", unsaid
	}
}

// whichList says what is missing where somebody names a file and not what it
// holds; nil for any other command line.
func whichList(args []string) error {
	i := slices.Index(args, "import")
	if i < 0 || i+1 == len(args) || slices.Contains([]string{"orders", "buyers"}, args[i+1]) {
		return nil
	}
	for _, a := range args[i+1:] {
		switch strings.ToLower(filepath.Ext(a)) {
		case ".xlsx", ".xls", ".csv", ".tsv", ".txt":
			return fmt.Errorf("say what %s holds: nudged import buyers %s for people, nudged import orders %s for orders", a, a, a)
		}
	}
	return nil
}
