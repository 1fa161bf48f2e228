package main

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

type remindCmd struct {
	DryRun bool `help:"Only show what is due now and in the next 24 hours."`
	JSON   bool `name:"json" help:"As JSON; with --dry-run."`
}

func (remindCmd) remote() {}

// ahead24 is how far a dry run looks.
const ahead24 = 24 * time.Hour

// Run shows what is due, or handles it now.
func (c remindCmd) Run(s *session) error {
	a, done, err := s.open(!c.DryRun)
	if err != nil {
		return err
	}
	defer done()
	if c.DryRun {
		return c.show(s, a)
	}
	var errs []error
	for _, shop := range a.cfg.Shops {
		leave, err := a.enter(s.ctx, shop.Name)
		if err != nil {
			return err
		}
		err = a.plan(s.ctx, shop.Name) // the config may have changed since the last visit
		tally, telling := a.tell(s.ctx, shop.Name)
		a.spider.Idle(shop.Name)
		leave()
		errs = append(errs, err, telling)
		s.printf("%s: %d sent, %d shown to you, %d skipped, %d held, %d failed, %d given up, %d unknown\n", shop.Name,
			tally.Sent, tally.Shown, tally.Skipped, tally.Held, tally.Failed, tally.Parked, tally.Unknown)
	}
	return errors.Join(errs...)
}

// dueJSON is a reminder for other programs.
type dueJSON struct {
	Due     time.Time `json:"due"`
	Shop    string    `json:"shop"`
	Order   string    `json:"order"`
	Step    string    `json:"step"`
	Channel string    `json:"channel"`
	State   string    `json:"state"`
	Outlook string    `json:"outlook"`
}

func (c remindCmd) show(s *session, a *app) error {
	waiting, err := a.db.Waiting(s.ctx, "", 0)
	if err != nil {
		return err
	}
	now := a.now()
	t := table.Table{Columns: []table.Column{{Title: "Due"}, {Title: "Order", Max: 28}, {Title: "Step"}, {Title: "By"}, {Title: "Outlook", Max: 80}}}
	out := []dueJSON{}
	slices.SortStableFunc(waiting, func(x, y order.Reminder) int {
		return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Key.Order.ID, y.Key.Order.ID))
	})
	for _, r := range waiting {
		if r.Due.After(now.Add(ahead24)) {
			break
		}
		o, _, err := a.db.Order(r.Key.Order)
		if err != nil {
			return err
		}
		at := r.Due.In(zoneOf(a.cfg, r.Key.Order.Shop))
		outlook, err := a.outlook(o, r, now)
		if err != nil {
			return err
		}
		when := at.Format("01-02 15:04")
		if !r.Due.After(now) {
			when = "now"
		}
		t.Add(when, label(o), r.Key.Step, string(r.Key.Channel), outlook)
		out = append(out, dueJSON{at, r.Key.Order.Shop, r.Key.Order.ID, r.Key.Step, string(r.Key.Channel), string(r.State), outlook})
	}
	if c.JSON {
		return table.JSON(s.stdout, out)
	}
	if len(t.Rows) == 0 {
		s.sayf("Nothing is due in the next 24 hours.\n")
		return nil
	}
	if a.settings.Live() {
		s.sayf("Each order is looked at again before anything is sent.\n")
	} else {
		s.sayf("Mode is preview: buyers get nothing, you are shown each message.\n")
	}
	return t.Write(s.stdout, s.width)
}

// outlook says what would become of a reminder by what is known now.
func (a *app) outlook(o order.Order, r order.Reminder, now time.Time) (string, error) {
	stop, why, err := a.db.Suppressed(o.Buyer)
	switch {
	case err != nil:
		return "", err
	case o.Status != order.Unpaid:
		return "skip: the order is " + string(o.Status), nil
	case stop:
		return "skip: the buyer is not to be written to: " + why, nil
	case o.Buyer.Email == "" && !o.Looked.IsZero():
		return "skip: no e-mail address", nil
	case !o.Closes.IsZero() && !o.Closes.After(now):
		return "skip: the shop has closed the order", nil
	case r.State == order.Held:
		return "held: " + r.Reason, nil
	case r.State == order.Failed:
		return "another try: " + r.Reason, nil
	}
	return "send, after a look", nil
}
