package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

type recipeTestCmd struct {
	Recipe string `arg:"" help:"A recipe's name, or a file of your own."`
	Page   string `required:"" help:"A page of orders that you saved: HTML, or the JSON that the page fetches." placeholder:"FILE"`
	URL    string `name:"url" help:"The address of the page, for links that start from it."`
	Detail bool   `help:"The page is that of a single order, not of the list."`
	View   string `help:"Which of the recipe's views of the list it is; otherwise the first."`
	Shop   string `help:"Read it as this shop of the config: its zone, currency and region."`
	Zone   string `help:"The time zone that the page shows its times in; otherwise the shop's, or UTC." placeholder:"Asia/Shanghai"`
	Region string `help:"The country of phone numbers without a country code; otherwise the shop's." placeholder:"CN"`
}

// maxPage bounds a saved page as the crawler bounds those it fetches.
const maxPage = 10 << 20

// Run shows what comes out of a page. It asks no shop. What is wrong is told
// with the exit code 1.
func (c recipeTestCmd) Run(s *session) error {
	r, err := recipe.Load(c.Recipe)
	if err != nil {
		return err
	}
	shop, err := c.shop(s)
	if err != nil {
		return err
	}
	if err := c.knownView(r); err != nil {
		return err
	}
	p, err := c.page(s, r, shop)
	if err != nil {
		return err
	}
	read := c.list
	if c.Detail {
		read = c.detail
	}
	problems, err := read(s, r, shop, p)
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, text := range problems {
		s.sayf("problem: %s\n", table.Clean(text))
	}
	if len(problems) > 0 {
		s.sayf("%d problem(s).\n", len(problems))
		return &doneError{exitFailed}
	}
	s.sayf("No problems.\n")
	if r.Trial != "" && !c.Detail {
		return c.pass(s)
	}
	return nil
}

// pass notes that a recipe on trial has read a page of the seller's own shop.
func (c recipeTestCmd) pass(s *session) error {
	if _, err := os.Stat(s.cli.Config); err != nil {
		s.sayf("There is no config %s, so it is not noted that the recipe passed: run this again once there is one.\n", s.cli.Config)
		return nil
	}
	if err := s.noteTried(c.Recipe); err != nil {
		return fmt.Errorf("the recipe passed, but that could not be noted: %w", err)
	}
	s.sayf("The recipe is on trial no more: its shops are visited from now on. A change of the recipe asks for a new test.\n")
	return nil
}

// shop is the shop of the config, or one made up, with what the flags say.
func (c recipeTestCmd) shop(s *session) (extract.Shop, error) {
	shop := extract.Shop{Name: "test", URL: "https://shop.example/", Zone: time.UTC}
	if c.Shop != "" {
		cfg, err := s.config(false)
		if err != nil {
			return shop, err
		}
		known, err := named(cfg, c.Shop)
		if err != nil {
			return shop, err
		}
		shop = targetOf(known).Shop
	}
	if c.Zone != "" {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			return shop, &usageError{fmt.Errorf("--zone: there is no time zone %q; write one as Asia/Shanghai, Europe/Berlin or UTC", c.Zone)}
		}
		shop.Zone = zone
	}
	if c.Region != "" {
		if shop.Region = strings.ToUpper(c.Region); !country.MatchString(shop.Region) {
			return shop, &usageError{fmt.Errorf("--region: %q is not a country of two letters, as CN or DE", c.Region)}
		}
	}
	return shop, nil
}

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// knownView reports a view that the recipe does not have.
func (c recipeTestCmd) knownView(r *recipe.Recipe) error {
	var names []string
	for _, v := range r.List.Views {
		names = append(names, v.Name)
	}
	switch {
	case c.View == "" || slices.Contains(names, c.View):
		return nil
	case len(names) == 0:
		return &usageError{fmt.Errorf("--view %s: the list of recipe %s has no views", c.View, r.Name)}
	}
	return &usageError{fmt.Errorf("--view %s: recipe %s has no such view; its views are %s", c.View, r.Name, strings.Join(names, ", "))}
}

// page reads the file as if it had been fetched.
func (c recipeTestCmd) page(s *session, r *recipe.Recipe, shop extract.Shop) (recipe.Page, error) {
	f, err := os.Open(filepath.Clean(c.Page))
	if err != nil {
		return recipe.Page{}, fmt.Errorf("read the saved page: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPage+1))
	if err != nil || len(raw) > maxPage {
		return recipe.Page{}, fmt.Errorf("the saved page %s cannot be read or is over 10 MiB", c.Page)
	}
	url := c.URL
	if url == "" {
		url = shop.URL
	}
	p, err := crawler.SavedPage(raw, url, r, s.now())
	if err != nil {
		return p, fmt.Errorf("the saved page %s is not text that can be read: %w; save it as UTF-8, or write charset: into the recipe", c.Page, err)
	}
	return p, nil
}

func (c recipeTestCmd) list(s *session, r *recipe.Recipe, shop extract.Shop, p recipe.Page) ([]string, error) {
	if extract.SignedIn(r, p) == extract.No {
		return nil, errors.New("this is a page for people who are not signed in: one of the recipe's signed_out signs is on it; save the list while you are signed in")
	}
	view := c.View
	if view == "" && len(r.List.Views) > 0 {
		view = r.List.Views[0].Name
	}
	got, err := extract.List(withPhoneText(r), shop, p, view)
	if len(got.Orders) > 0 {
		if err := writeRead(s, got.Orders, shop.Zone); err != nil {
			return nil, err
		}
	}
	problems := grouped(got.Problems)
	if err != nil {
		return problems, err
	}
	listFacts(s, got)
	listRemarks(s, r, shop, p, got)
	if got.Narrowed {
		problems = append(problems, "a filter is on (list.narrowed is on the page), so that it does not show all orders; reset it in the shop and save the page again")
	}
	if len(got.Orders) == 0 {
		problems = append(problems, "the page shows no orders; save one that shows some")
	}
	return problems, nil
}

func (c recipeTestCmd) detail(s *session, r *recipe.Recipe, shop extract.Shop, p recipe.Page) ([]string, error) {
	if r.Detail == nil {
		return nil, errors.New("the recipe opens no order's own page: it has no detail section")
	}
	o, vars, problems, err := extract.Detail(withPhoneText(r), shop, p, order.Order{Shop: shop.Name})
	if errors.Is(err, extract.ErrNoOrder) {
		return nil, errors.New("the page says that there is no such order: the recipe's detail.missing sign is on it")
	}
	var texts []string
	for _, one := range problems {
		texts = append(texts, one.Text)
	}
	var field *extract.FieldError
	if err != nil {
		if errors.As(err, &field) && len(texts) > 0 {
			err = nil // it is among the problems
		}
		return texts, asWanted(err, r.Detail.Found, p)
	}
	if lacksCountry(vars, o, shop) {
		s.sayf(phoneRemark, "the page")
	}
	delete(vars, phoneText)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		s.sayf("var %s was found.\n", name)
	}
	return texts, writeOrder(s, o)
}

// writeOrder lists the facts of one order, contacts masked.
func writeOrder(s *session, o order.Order) error {
	t := table.Table{Columns: []table.Column{{Title: "field"}, {Title: "value", Max: 100}}}
	add := func(name, value string) {
		if value != "" {
			t.Add(name, value)
		}
	}
	add("id", o.ID)
	add("number", o.Number)
	add("status", strings.TrimSpace(fmt.Sprintf("%s (%q)", statusWords(o), o.StatusText)))
	for _, when := range []struct {
		name string
		at   time.Time
	}{{"created", o.Created}, {"updated", o.Updated}, {"closes", o.Closes}} {
		if !when.at.IsZero() {
			add(when.name, when.at.Format("2006-01-02 15:04:05 MST"))
		}
	}
	if o.Total != (order.Money{}) {
		add("total", o.Total.String())
	}
	add("name", o.Buyer.Name)
	add("email", o.Buyer.Email.String())
	add("phone", o.Buyer.Phone.String())
	add("payment", o.Payment)
	add("coupon", o.Coupon)
	if o.PayFailed {
		add("pay_failed", "yes")
	}
	add("link", o.Link)
	add("chat", o.Chat)
	for i, l := range o.Lines {
		soldOut := ""
		if l.SoldOut {
			soldOut = "  sold out"
		}
		add(fmt.Sprintf("line %d", i+1), fmt.Sprintf("%d × %s  %s  %s%s", l.Quantity, l.Title, l.SKU, l.Total, soldOut))
	}
	return t.Write(s.stdout, s.width)
}
