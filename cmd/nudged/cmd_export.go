package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"nudged/cmd/nudged/sheet"
)

type exportCmd struct {
	Orders exportOrdersCmd `cmd:"" help:"Write all orders on record, the newest first."`
	Buyers exportBuyersCmd `cmd:"" help:"Write all people on record."`
}

// exportFlags are what both take.
type exportFlags struct {
	File     string   `arg:"" help:"Where to: a name that ends in .xlsx or .csv."`
	Shop     []string `help:"Only of these shops." placeholder:"SHOP"`
	Contacts bool     `help:"With addresses and numbers, in clear. Without it the file has none."`
	Replace  bool     `help:"Write over a file that is there."`
}

type exportOrdersCmd struct{ exportFlags }

// Run writes the orders.
func (c exportOrdersCmd) Run(s *session) error { return c.write(s, "orders") }

type exportBuyersCmd struct{ exportFlags }

// Run writes the people.
func (c exportBuyersCmd) Run(s *session) error { return c.write(s, "buyers") }

// write makes the file here, also where a daemon has the database: its rows come
// through the socket as it reads them, so that their number is no matter.
func (c exportFlags) write(s *session, what string) (err error) {
	form := strings.ToLower(strings.TrimPrefix(filepath.Ext(c.File), "."))
	if form != "xlsx" && form != "csv" {
		return &usageError{fmt.Errorf("%s: the name must end in .xlsx or .csv", c.File)}
	}
	if _, err := os.Lstat(c.File); err == nil && !c.Replace {
		return &usageError{fmt.Errorf("%s is there already and stays as it is; --replace writes over it", c.File)}
	}
	// Beside the file, so that it appears whole or not at all. It is for its owner
	// only.
	part, err := os.CreateTemp(filepath.Dir(c.File), "."+filepath.Base(c.File)+"-")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.File, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	err = s.handOut(what, form, c, part)
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), c.File); err != nil {
		return fmt.Errorf("cannot write %s: %w", c.File, err)
	}
	s.printf("%s\n", c.File)
	return nil
}

// handOut runs the command that writes the bytes, where the database is open.
func (s *session) handOut(what, form string, c exportFlags, into io.Writer) error {
	args := []string{"--config", s.cli.Config, "hand-out", what, form}
	if c.Contacts {
		args = append(args, "--contacts")
	}
	for _, shop := range c.Shop {
		args = append(args, "--shop", shop)
	}
	w := s.world
	w.stdout, w.tty, w.width = into, false, 0
	return command(s.ctx, args, w)
}

// handOutCmd writes a whole list as the bytes of a file. It is no command for
// people.
type handOutCmd struct {
	What     string `arg:"" enum:"orders,buyers"`
	Form     string `arg:"" enum:"xlsx,csv"`
	Shop     []string
	Contacts bool
}

func (handOutCmd) remote() {}

// Run writes to standard output; how many there are is said beside it.
func (c handOutCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	shops, err := a.shopsNamed(c.Shop)
	if err != nil {
		return err
	}
	flags := listFlags{CSV: true} // a file, with all rows
	if c.What == "buyers" {
		rows := a.buyerRows(c.Contacts)
		l := &list[*buyerRow]{s: s, flags: flags, columns: buyerColumns(), what: "buyer", contacts: c.Contacts}
		l.all = func(fn func(*buyerRow) (bool, error)) error { return rows.each(s.ctx, &buyerChoice{shops: shops}, fn) }
		return handOut(l, c.Form)
	}
	l := &list[*orderRow]{s: s, flags: flags, columns: orderColumns(), what: "order", contacts: c.Contacts}
	l.all = func(fn func(*orderRow) (bool, error)) error {
		return a.listOrders(s, orderChoice{}, shops, c.Contacts, fn)
	}
	return handOut(l, c.Form)
}

func handOut[T any](l *list[T], form string) error {
	if err := l.check(); err != nil {
		return err
	}
	n, cut := 0, false
	rows, failure := l.rows(&n, &cut)
	var err error
	if form == "xlsx" {
		err = sheet.WriteXLSX(l.s.stdout, l.what+"s", titlesAbove(l.chosen), l.cells(rows))
	} else if _, err = io.WriteString(l.s.stdout, sheet.BOM); err == nil {
		err = sheet.WriteCSV(l.s.stdout, titlesAbove(l.chosen), l.cells(rows))
	}
	if err = errors.Join(err, *failure); err != nil {
		return err
	}
	l.s.sayf("%s", counted(n, l.what))
	if l.contacts && n > 0 {
		l.s.sayf(", with addresses and numbers in clear: keep the file where only you can read it")
	}
	l.s.sayf(".\n")
	return nil
}
