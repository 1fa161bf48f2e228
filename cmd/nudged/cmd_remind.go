package main

import (
	"cmp"
	"context"
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
	waiting, err := a.upcoming(s.ctx)
	if err != nil {
		return err
	}
	now := a.now()
	t := table.Table{Columns: []table.Column{{Title: "Due"}, {Title: "Order", Max: 28}, {Title: "Step"}, {Title: "By"}, {Title: "Outlook", Max: 80}}}
	out := []dueJSON{}
	for _, r := range waiting {
		if r.Due.After(now.Add(ahead24)) {
			break
		}
		at := r.Due.In(zoneOf(a.cfg, r.Key.Order.Shop))
		o, outlook := a.outlook(r, now)
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

// upcoming are the reminders that wait, as they would after planning: the config
// may have changed since the last visit.
func (a *app) upcoming(ctx context.Context) ([]order.Reminder, error) {
	waiting, err := a.db.Waiting(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	place := map[order.ReminderKey]int{}
	for i, r := range waiting {
		place[r.Key] = i
	}
	for _, shop := range a.cfg.Shops {
		planned, err := a.planned(ctx, shop.Name)
		if err != nil {
			return nil, err
		}
		for _, p := range planned {
			i, ok := place[p.Key]
			switch {
			case ok && !waiting[i].Planned.Equal(p.Planned):
				waiting[i].Planned, waiting[i].Due = p.Planned, p.Due
			case !ok && p.State == order.Planned && a.isNew(p):
				waiting = append(waiting, p)
			}
		}
	}
	slices.SortStableFunc(waiting, func(x, y order.Reminder) int {
		return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Key.Order.ID, y.Key.Order.ID))
	})
	return waiting, nil
}

// isNew reports whether a reminder is not on record in any state.
func (a *app) isNew(r order.Reminder) bool {
	known, err := a.db.Reminders(r.Key.Order)
	return err == nil && !slices.ContainsFunc(known, func(k order.Reminder) bool { return k.Key == r.Key })
}

// outlook says what would become of a reminder by what is known now: at once if
// it is due, else when it falls due. The dispatcher itself says it.
func (a *app) outlook(r order.Reminder, now time.Time) (order.Order, string) {
	o, _, err := a.db.Order(r.Key.Order)
	if err != nil {
		return order.Order{Shop: r.Key.Order.Shop, ID: r.Key.Order.ID}, "cannot be told: " + err.Error()
	}
	if o.ID == "" {
		o.Shop, o.ID = r.Key.Order.Shop, r.Key.Order.ID
	}
	at := now
	if r.Due.After(now) {
		at = r.Due
	}
	v, err := a.dispatcher.Foresee(r, at)
	switch {
	case err != nil:
		return o, "cannot be told: " + err.Error()
	case v.State == order.Skipped:
		return o, "skip: " + v.Reason
	case v.State == order.Planned && v.Reason == "":
		return o, "moves to " + v.Due.In(zoneOf(a.cfg, o.Shop)).Format("01-02 15:04")
	case v.State != "":
		return o, "held: " + v.Reason
	case r.State == order.Held && r.Due.After(now):
		return o, "held: " + r.Reason
	case r.State == order.Failed:
		return o, "another try: " + r.Reason
	}
	return o, "send, after a look"
}
