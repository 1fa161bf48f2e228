package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/recipe"
	"nudged/notify"
	"nudged/store"
)

type checkCmd struct {
	Online bool `help:"Also sign in to every shop and to the mail server. Nothing is sent."`
}

// Run looks at everything and says all that is wrong at once.
func (c checkCmd) Run(s *session) error {
	cfg, err := s.config(true)
	if cfg != nil {
		for _, w := range cfg.Warnings {
			s.sayf("warning: %s\n", w)
		}
	}
	if err != nil {
		return err
	}
	texts, err := notify.LoadTexts(cfg.Reminders.Texts)
	if err != nil {
		return &usageError{err}
	}
	if err := errors.Join(lint(s, cfg, texts), checkCampaigns(s, cfg, texts)); err != nil {
		return err
	}
	s.printf("%s: %d shop(s), %d reminder step(s), mode %s: no mistakes found\n",
		s.cli.Config, len(cfg.Shops), steps(cfg), cfg.Reminders.Mode)
	if err := errors.Join(c.machine(s, cfg), c.recipes(s, cfg)); err != nil {
		return err
	}
	if !c.Online {
		s.sayf("Signing in was not tried; nudged check --online does.\n")
		return nil
	}
	return c.online(s, cfg)
}

// machine checks what is needed besides the config.
func (c checkCmd) machine(s *session, cfg *config.Config) error {
	var errs []error
	if needsBrowser(cfg) {
		path, err := browser.Find(cfg.Browser.Path)
		if err != nil {
			errs = append(errs, err)
		} else {
			s.printf("browser: %s\n", path)
		}
	}
	if _, err := store.KeyFile(cfg.Key); err != nil {
		errs = append(errs, err)
	}
	if err := writable(cfg.Data); err != nil {
		errs = append(errs, err)
	} else {
		s.printf("data: %s\n", cfg.Data)
	}
	return errors.Join(errs...)
}

// recipes says which shops are off, and what the others' recipes want to be known.
func (c checkCmd) recipes(s *session, cfg *config.Config) error {
	for _, shop := range cfg.Shops {
		if shop.Recipe.Trial != "" {
			tried, err := s.tried(recipeSource(shop))
			if err != nil {
				return fmt.Errorf("shop %s: whether its recipe was tried is not known: %w", shop.Name, err)
			}
			if !tried {
				s.sayf("%s: %s\n", shop.Name, &trialError{shop.Name, shop.RecipeName, shop.Recipe.Trial})
			}
		}
		if shop.Recipe.Terms != "" {
			s.sayf("%s: mind the terms: %s\n", shop.Name, shop.Recipe.Terms)
		}
		if shop.Recipe.SignIn.Person != nil {
			s.printf("%s: you sign in yourself, with: nudged login %s\n", shop.Name, shop.Name)
		}
	}
	return nil
}

func needsBrowser(cfg *config.Config) bool {
	for _, shop := range cfg.Shops {
		r := shop.Recipe
		if r == nil {
			continue
		}
		if len(r.SignIn.Steps) > 0 || r.List.Request.Engine == recipe.EngineBrowser || r.Detail != nil && r.Detail.Request.Engine == recipe.EngineBrowser {
			return true
		}
	}
	return false
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data directory cannot be made: %w; write data: with another one", err)
	}
	f, err := os.CreateTemp(dir, ".check-")
	if err != nil {
		return fmt.Errorf("the data directory cannot be written to: %w; write data: with another one", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// online signs in everywhere, beside the daemon too. It is the seller's own word to
// try a refused password again; one that is refused is noted, so that visits do
// not send it once more.
func (c checkCmd) online(s *session, cfg *config.Config) error {
	var errs []error
	spider := crawler.New(crawler.Options{
		Browser: browser.Options{
			Path: cfg.Browser.Path, Headed: cfg.Browser.Headed, LoopbackOnly: onLoopback(cfg.Shops),
			ProfileRoot: filepath.Join(cfg.Data, "chrome-check"), Log: s.log,
		},
		Log: s.log, Now: s.now, SaveDir: filepath.Join(cfg.Data, "saved"), Progress: s.progress(),
	})
	for _, shop := range cfg.Shops {
		if s.ctx.Err() != nil {
			break
		}
		if shop.Recipe.SignIn.Person != nil || c.off(s, shop) {
			continue
		}
		if err := c.signIn(s, spider, shop); err != nil {
			errs = append(errs, err, s.noteRefused(shop, err))
			s.sayf("%s: %s\n", shop.Name, err)
			continue
		}
		s.printf("%s: signed in, and the order list can be read\n", shop.Name)
	}
	errs = append(errs, spider.Close())
	s.endProgress()
	if cfg.Email != nil {
		errs = append(errs, c.mail(s, cfg))
	}
	if cfg.Inbox != nil {
		errs = append(errs, c.inbox(s, cfg))
	}
	if cfg.SMS != nil {
		s.sayf("sms: %s is not tried, since a message would go out\n", cfg.SMS.Provider)
	}
	if err := errors.Join(errs...); err != nil {
		return &failedError{err}
	}
	return nil
}

// off reports whether a shop's recipe is on trial still, which was said already.
func (checkCmd) off(s *session, shop config.Shop) bool {
	if shop.Recipe.Trial == "" {
		return false
	}
	tried, err := s.tried(recipeSource(shop))
	return err != nil || !tried
}

// signIn reads one page of the list: the budget ends the visit after it.
func (c checkCmd) signIn(s *session, spider visitor, shop config.Shop) error {
	target := targetOf(shop)
	target.PagesPerHour = 1
	_, err := spider.Visit(s.ctx, target, crawler.Known{})
	spider.Idle(shop.Name)
	var spent *crawler.BudgetError
	if errors.As(err, &spent) {
		return nil
	}
	return err
}

func (c checkCmd) mail(s *session, cfg *config.Config) error {
	sender, err := newMailer(cfg.Email, s.now)
	if err == nil {
		err = errors.Join(sender.Probe(s.ctx), sender.Close())
	}
	if err != nil {
		s.sayf("mail: %s\n", err)
		return err
	}
	s.printf("mail: %s answers\n", cfg.Email.Host)
	return nil
}

func (c checkCmd) inbox(s *session, cfg *config.Config) error {
	box, err := newInbox(cfg, s.now, s.log)
	if err == nil {
		err = box.Probe(s.ctx)
	}
	if err != nil {
		s.sayf("inbox: %s\n", err)
		return err
	}
	s.printf("inbox: %s answers\n", cfg.Inbox.Host)
	return nil
}
