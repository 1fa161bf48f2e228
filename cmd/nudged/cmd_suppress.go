package main

import (
	"errors"
	"fmt"

	"nudged/cmd/nudged/table"
)

type suppressCmd struct {
	Contact string `arg:"" help:"E-mail address, or phone number with country code."`
	Reason  string `default:"asked by the buyer" help:"For why."`
}

func (suppressCmd) remote() {}

// Run puts a contact on the list.
func (c suppressCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	if err := a.db.Suppress(s.ctx, c.Contact, c.Reason, a.now()); err != nil {
		return err
	}
	s.printf("Done. Nothing is sent there any more, in no shop.\n")
	return nil
}

type unsuppressCmd struct {
	Contact string `arg:"" help:"E-mail address, or phone number with country code."`
}

func (unsuppressCmd) remote() {}

// Run takes a contact off the list.
func (c unsuppressCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	found, err := a.db.Unsuppress(s.ctx, c.Contact)
	if err != nil {
		return err
	}
	if !found {
		return errors.New("this contact was not on the list; nothing has changed")
	}
	s.printf("Done. Reminders may go there again.\n")
	return nil
}

type suppressedCmd struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (suppressedCmd) remote() {}

// Run shows the list.
func (c suppressedCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	list, err := a.db.Suppressions()
	if err != nil {
		return err
	}
	t := table.Table{Columns: []table.Column{{Title: "Since"}, {Title: "Kind"}, {Title: "Reason", Max: 60}, {Title: "Id"}}}
	out := []map[string]string{}
	for _, e := range list {
		at := minute(e.At)
		t.Add(at, e.Kind, e.Reason, e.ID)
		out = append(out, map[string]string{"since": at, "kind": e.Kind, "reason": e.Reason, "id": e.ID})
	}
	if c.JSON {
		return table.JSON(s.stdout, out)
	}
	if len(list) == 0 {
		s.sayf("Nobody is on the list.\n")
		return nil
	}
	if err := t.Write(s.stdout, s.width); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	return nil
}
