package main

import (
	"errors"
)

type remindCmd struct {
	Now     remindNowCmd     `cmd:"" default:"withargs" help:"Send what is due now, also without the word now; --dry-run shows what would go out, with --full or --json."`
	Preview remindPreviewCmd `cmd:"" help:"Render every text with your own last orders into files. Nothing is sent."`
}

type remindNowCmd struct {
	DryRun bool `help:"Only show what would go out now and in the next 24 hours, and what is held."`
	Full   bool `help:"The texts in full; with --dry-run."`
	JSON   bool `name:"json" help:"As JSON; with --dry-run."`
}

func (remindNowCmd) remote() {}

// Run shows what is due, or handles it now.
func (c remindNowCmd) Run(s *session) error {
	if !c.DryRun && (c.Full || c.JSON) {
		return &usageError{errors.New("--full and --json go with --dry-run")}
	}
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
