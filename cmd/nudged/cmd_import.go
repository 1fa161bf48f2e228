package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
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
	return importHelp(intake.Orders, `Old orders tell who has bought before. They are history: none of them is reminded
of, and an order that the shop's own pages show is left as it stands there.`)
}

// Run takes in orders.
func (c importOrdersCmd) Run(s *session) error {
	o := c.options()
	o.Statuses = c.Status
	return c.run(s, intake.Orders, o)
}

type importBuyersCmd struct {
	importFlags
	ConsentSource  string `help:"Where the people on the list said yes to offers: a form, a call." placeholder:"TEXT"`
	ConsentWording string `help:"What they said yes to, word for word." placeholder:"TEXT"`
	ConsentDate    string `help:"When, as 2025-03-01." placeholder:"DATE"`
}

// Help tells what the columns can hold.
func (importBuyersCmd) Help() string {
	return importHelp(intake.Buyers, `Without a column that says who agreed to offers, --consent-source, -wording and
-date mean everybody on the list; with one, those who said yes. Who said no, or
unsubscribed, gets no offers from then on, also none by soft_opt_in.`)
}

// Run takes in people.
func (c importBuyersCmd) Run(s *session) error {
	o := c.options()
	o.Consent = order.Consent{Source: strings.TrimSpace(c.ConsentSource), Wording: strings.TrimSpace(c.ConsentWording)}
	if c.ConsentDate != "" {
		at, err := o.Day(c.ConsentDate)
		if err != nil || at.After(s.now()) {
			return &usageError{fmt.Errorf("--consent-date %s: write a day of the past, as 2025-03-01", c.ConsentDate)}
		}
		o.Consent.At = at
	}
	return c.run(s, intake.Buyers, o)
}

func importHelp(k intake.Kind, more string) string {
	return fmt.Sprintf(`Reads the list, shows how it understands the columns, and takes it in after a yes.
A row that cannot be read is named, the others go in. Taking in the same list
again changes nothing.

%s

A column can hold: %s.

Examples:
  nudged import %ss list.xlsx --dry-run
  nudged import %ss list.csv --map "Telefon=phone" --dates dmy`, more, strings.Join(k.Fields(), ", "), k, k)
}

// options are what the flags say of a list.
func (c importFlags) options() intake.Options {
	return intake.Options{
		File: filepath.Base(c.File), Sheet: c.Sheet, Columns: c.Map, Days: c.Dates, Decimal: c.Decimal,
		Region: c.Region, Currency: c.Currency, Nearest: config.Nearest,
	}
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
func (c importFlags) run(s *session, k intake.Kind, o intake.Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	cfg, err := s.config(false)
	if err != nil {
		return err
	}
	shop, err := c.into(cfg)
	if err != nil {
		return err
	}
	o.Shop, o.Zone = shop.Name, zoneOf(cfg, shop.Name)
	o.Region, o.Currency = cmp.Or(o.Region, shop.Region), cmp.Or(o.Currency, shop.Currency)
	d := newDialog(s)
	if !c.Yes && !c.DryRun {
		o.AskDays = askDays(d)
	}
	book, err := c.book()
	if err != nil {
		return err
	}
	p, err := k.Plan(book, o)
	if err != nil {
		return err
	}
	s.showColumns(k, o.File, book, p)
	r, err := p.Read()
	if err != nil {
		return err
	}
	t, err := pack(k, o, r)
	if err != nil {
		return err
	}
	s.showTaken(r, t)
	return c.finish(s, d, t)
}

// finish asks and takes in.
func (c importFlags) finish(s *session, d *dialog, t takings) error {
	if t.len() == 0 {
		return fmt.Errorf("%s: no row of the list can be taken in; nothing has changed", t.file)
	}
	if c.DryRun {
		s.sayf("Nothing has changed.\n")
		if t.lost > 0 {
			return &doneError{exitPartly}
		}
		return nil
	}
	if !c.Yes {
		if yes, err := d.sure("Take them in?", "nothing was taken in", "--yes"); err != nil || !yes {
			return err
		}
	}
	return s.takeIn(t)
}

// askDays asks which of two numbers is the day; "" if nobody says it.
func askDays(d *dialog) func(column, example string) (string, error) {
	return func(column, example string) (string, error) {
		for range 3 {
			said, err := d.line(fmt.Sprintf("Column %s: in %s, does the day come first (dmy) or the month (mdy)? ", column, example))
			if errors.Is(err, errNoAnswer) {
				return "", nil
			}
			if err != nil {
				return "", err
			}
			if said = strings.ToLower(said); said == "dmy" || said == "mdy" {
				return said, nil
			}
		}
		return "", nil
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
