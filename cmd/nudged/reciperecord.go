package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/browser"
)

type recipeRecordCmd struct {
	Shop  string `arg:"" help:"The shop to visit."`
	Dir   string `help:"Where to keep the pages; otherwise recorded-SHOP." placeholder:"DIR"`
	Pages int    `default:"12" help:"How many pages to read at most."`
}

// Run visits a shop with a spider of its own that keeps what it reads, without
// contacts. Nothing of it is recorded as orders.
func (c recipeRecordCmd) Run(s *session) error {
	cfg, err := s.config(true)
	if err != nil {
		return err
	}
	shop, err := named(cfg, c.Shop)
	if err != nil {
		return err
	}
	dir := c.Dir
	if dir == "" {
		dir = "recorded-" + shop.Name
	}
	kept, err := s.inside([]string{"session", shop.Name}, nil)
	if err != nil {
		return err
	}
	tape, err := crawler.NewRecorder(dir)
	if err != nil {
		return fmt.Errorf("record shop %s: %w", shop.Name, err)
	}
	result, err := c.visit(s, cfg, shop, []byte(kept), tape)
	var spent *crawler.BudgetError
	if err != nil && !(errors.As(err, &spent) && len(result.Orders) > 0) {
		return err
	}
	if err := tape.Err(); err != nil {
		return fmt.Errorf("shop %s was read, but not all of it recorded: %w", shop.Name, err)
	}
	s.printf("Kept %d page(s) of %s in %s, without contacts and tokens. Look at them before you give them to anybody.\n", tape.Answers(), shop.Name, dir)
	s.sayf("They are read again, without the shop, by: nudged crawl %s --replay %s\n", shop.Name, dir)
	return nil
}

func (c recipeRecordCmd) visit(s *session, cfg *config.Config, shop config.Shop, kept []byte, tape *crawler.Recorder) (crawler.Result, error) {
	spider := crawler.New(crawler.Options{
		Browser: browser.Options{
			Path: cfg.Browser.Path, Headed: cfg.Browser.Headed, LoopbackOnly: onLoopback(cfg.Shops),
			ProfileRoot: filepath.Join(cfg.Data, "chrome-record"), Log: s.log,
		},
		Log: s.log, Now: s.now, SaveDir: filepath.Join(cfg.Data, "saved"), Progress: s.progress(), Record: tape,
	})
	target := targetOf(shop)
	target.PagesPerHour = c.Pages
	result, err := spider.Visit(s.ctx, target, crawler.Known{Session: kept})
	err = errors.Join(err, spider.Close(), s.noteRefused(shop, err))
	s.endProgress()
	if len(result.Session) > 0 {
		_, failed := s.inside([]string{"session", shop.Name, "--keep"}, result.Session)
		err = errors.Join(err, failed)
	}
	return result, err
}

// replay reads shops from a recording. Nothing is asked and nothing recorded.
func (c crawlCmd) replay(s *session) error {
	cfg, err := s.config(false)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Replay); err != nil {
		return &usageError{fmt.Errorf("the recording cannot be read: %w", err)}
	}
	tape, err := crawler.NewReplayer(c.Replay)
	if err != nil {
		return err
	}
	shops, err := chosen(cfg, c.Shop)
	if err != nil {
		return err
	}
	if len(shops) > 1 {
		shops = slices.DeleteFunc(slices.Clone(shops), func(s config.Shop) bool { return s.URL.String() != tape.URL() })
	}
	if len(shops) != 1 {
		return &usageError{fmt.Errorf("the recording is of %s, and it is not clear which shop of the config that is; name it: nudged crawl SHOP --replay %s; there is %s", tape.URL(), c.Replay, names(cfg))}
	}
	spider := crawler.New(crawler.Options{Log: s.log, Now: s.now, Replay: tape, Progress: s.progress()})
	result, err := spider.Visit(s.ctx, targetOf(shops[0]), crawler.Known{Full: c.Full})
	err = errors.Join(err, spider.Close())
	s.endProgress()
	c.DryRun = true
	results := []crawled{{shop: shops[0], flowed: flowed{Visit: result.Visit}, err: err}}
	if err := c.show(s, results); err != nil {
		return err
	}
	return outcomeOf(results)
}
