package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/store/order"
)

// maxVisits at a time: each may have a Chrome of its own.
const maxVisits = 3

type crawlCmd struct {
	Shop   string `arg:"" optional:"" help:"Only this shop."`
	DryRun bool   `help:"Read and show; record nothing, send nothing."`
	JSON   bool   `name:"json" help:"What was read, as JSON."`
	Full   bool   `help:"Read all list pages, also those with nothing new."`
	Again  bool   `help:"Try user and password once more that the shop has refused."`
	Replay string `help:"Read a recording instead of the shop; record nothing." placeholder:"DIR"`
}

func (crawlCmd) remote() {}

// alone: a recording needs no database.
func (c crawlCmd) alone() bool { return c.Replay != "" }

// crawled is what came of one shop.
type crawled struct {
	shop config.Shop
	flowed
	err error
}

// Run visits the shops, several at a time.
func (c crawlCmd) Run(s *session) error {
	if c.Replay != "" {
		return c.replay(s)
	}
	a, done, err := s.open(true)
	if err != nil {
		return err
	}
	defer done()
	shops, err := chosen(a.cfg, c.Shop)
	if err != nil {
		return err
	}
	results := make([]crawled, len(shops))
	slots := make(chan struct{}, maxVisits)
	var wg sync.WaitGroup
	for i, shop := range shops {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = c.one(s.ctx, a, shop)
		})
	}
	wg.Wait()
	s.endProgress()
	if err := c.show(s, results); err != nil {
		return err
	}
	return outcomeOf(results)
}

func chosen(cfg *config.Config, name string) ([]config.Shop, error) {
	if name == "" {
		return cfg.Shops, nil
	}
	shop, err := named(cfg, name)
	return []config.Shop{shop}, err
}

// named finds the one shop that a command is about.
func named(cfg *config.Config, name string) (config.Shop, error) {
	shop, ok := cfg.Shop(name)
	if !ok {
		return shop, &usageError{fmt.Errorf("there is no shop %q in the config; there is %s", name, names(cfg))}
	}
	return shop, nil
}

func (c crawlCmd) one(ctx context.Context, a *app, shop config.Shop) crawled {
	out := crawled{shop: shop}
	if c.Again {
		if out.err = errors.Join(a.db.ClearRefusal(ctx, shop.Name), a.met(ctx, shop.Name)); out.err != nil {
			return out
		}
		if s, ok := a.spider.(interface{ Again(shop string) }); ok {
			s.Again(shop.Name)
		}
	}
	if c.DryRun {
		out.Visit, out.err = a.rehearse(ctx, shop, c.Full)
	} else {
		out.flowed, out.err = a.flow(ctx, shop, c.Full)
	}
	var spent *crawler.BudgetError
	if errors.As(out.err, &spent) && len(out.Visit.Orders) > 0 {
		out.err = &partlyError{out.err}
	}
	return out
}

// rehearse is a visit that nothing is kept of, but that the shop refused the
// password or wants a person: trying again and again could lock the account.
func (a *app) rehearse(ctx context.Context, shop config.Shop, full bool) (order.Visit, error) {
	leave, err := a.enter(ctx, shop.Name)
	if err != nil {
		return order.Visit{}, err
	}
	defer leave()
	defer a.spider.Idle(shop.Name)
	known, err := a.known(ctx, shop, full)
	if err != nil {
		return order.Visit{}, err
	}
	known.Seen = nil // show everything
	result, err := a.spider.Visit(ctx, targetOf(shop), known)
	var refused *crawler.RefusedError
	var needs *crawler.NeedsYouError
	switch keep := context.WithoutCancel(ctx); {
	case errors.As(err, &refused):
		err = errors.Join(err, a.keepRefusal(keep, shop, refused.Words))
	case errors.As(err, &needs):
		err = errors.Join(err, a.keepNeed(keep, shop, needs))
	}
	return result.Visit, err
}

// outcomeOf gives one error for all shops: done in part if some were read.
func outcomeOf(results []crawled) error {
	var errs []error
	for _, r := range results {
		if r.err != nil {
			errs = append(errs, r.err)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	all := errors.Join(errs...)
	if len(errs) < len(results) {
		return &partlyError{all}
	}
	return all
}

func (c crawlCmd) show(s *session, results []crawled) error {
	if c.JSON {
		return c.json(s, results)
	}
	if c.DryRun {
		var all []order.Order
		for _, r := range results {
			all = append(all, r.Visit.Orders...)
		}
		if err := writeOrders(s, all); err != nil {
			return err
		}
	}
	for _, r := range results {
		if r.err != nil && len(r.Visit.Orders) == 0 {
			continue // nothing was read; the error says why
		}
		s.sayf("%s: %s\n", r.shop.Name, r.summary(c.DryRun))
		r.sayProblems(s)
	}
	return nil
}

// alike is how many problems with one field are shown: a column that has moved is
// one in every row.
const alike = 3

func (r crawled) sayProblems(s *session) {
	type about struct {
		kind          order.ProblemKind
		field, choice string
	}
	count := map[about]int{}
	var more []about
	for _, p := range r.Visit.Problems {
		k := about{p.Kind, p.Field, p.Select}
		count[k]++
		switch n := count[k]; {
		case n <= alike || p.Field == "":
			s.sayf("%s: %s\n", r.shop.Name, table.Clean(p.Text))
		case n == alike+1:
			more = append(more, k)
		}
	}
	for _, k := range more {
		s.sayf("%s: and %d more of field %s\n", r.shop.Name, count[k]-alike, table.Clean(k.field))
	}
}

// summary is a visit in one line.
func (r crawled) summary(dry bool) string {
	v := r.Visit
	text := fmt.Sprintf("%d order(s) on %d page(s) in %s", len(v.Orders), v.Pages, v.Ended.Sub(v.At).Round(100*time.Millisecond))
	if dry {
		return text + "; nothing was recorded"
	}
	count := map[order.NewsKind]int{}
	for _, n := range r.News {
		count[n.Kind]++
	}
	text += fmt.Sprintf(", %d new, %d with a new status", count[order.Appeared], count[order.Moved])
	if n := r.Tally.Sent; n > 0 {
		text += fmt.Sprintf(", %d reminder(s) sent", n)
	}
	if n := r.Tally.Shown; n > 0 {
		text += fmt.Sprintf(", %d reminder(s) shown to you", n)
	}
	return text
}

func (c crawlCmd) json(s *session, results []crawled) error {
	type visit struct {
		Shop     string      `json:"shop"`
		Outcome  string      `json:"outcome"`
		Words    string      `json:"words,omitempty"`
		Complete bool        `json:"complete"`
		Full     bool        `json:"full"`
		Pages    int         `json:"pages"`
		Blocked  int         `json:"blocked"`
		Orders   []orderJSON `json:"orders"`
		Problems []string    `json:"problems"`
	}
	out := []visit{}
	for _, r := range results {
		v := visit{
			Shop: r.shop.Name, Outcome: r.Visit.Outcome, Words: r.Visit.Words, Complete: r.Visit.Complete, Full: r.Visit.Full,
			Pages: r.Visit.Pages, Blocked: r.Visit.Blocked, Orders: []orderJSON{}, Problems: []string{},
		}
		for _, o := range r.Visit.Orders {
			v.Orders = append(v.Orders, jsonOf(o, r.shop.Zone))
		}
		for _, p := range r.Visit.Problems {
			v.Problems = append(v.Problems, p.Text)
		}
		out = append(out, v)
	}
	return table.JSON(s.stdout, out)
}
