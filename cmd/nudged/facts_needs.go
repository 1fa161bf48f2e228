package main

import (
	"context"
	"fmt"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// need adds what a shop wants of the seller.
func (g *gatherer) need(shop config.Shop, last order.Visit) error {
	n, found, err := g.a.wants(g.ctx, shop, last)
	if found {
		g.f.Needs = append(g.f.Needs, n)
	}
	return err
}

// wants is what a shop wants of the seller, the most pressing thing alone; false
// if it wants nothing.
func (a *app) wants(ctx context.Context, shop config.Shop, last order.Visit) (n notify.Need, found bool, err error) {
	refusal, refused, err := a.db.Refusal(shop.Name)
	if err != nil {
		return n, false, err
	}
	waits, ever, err := a.db.Need(shop.Name)
	if err != nil {
		return n, false, err
	}
	n.Shop = shop.Name
	switch {
	case a.onTrial(ctx, shop) != nil:
		n.Kind, n.Recipe, n.Words = notify.NeedTrial, shop.RecipeName, shop.Recipe.Trial
		n.Do = "nudged recipe test " + shop.RecipeName + " --page saved.html --shop " + shop.Name
	case refused:
		n.Kind, n.Words, n.Do = notify.NeedRefused, refusal.Words, again(shop.Name)
	case waits.Standing():
		n = needOf(shop.Name, waits)
	case !ever && last.Outcome == order.NeedsYou:
		n = needOf(shop.Name, store.Need{Why: last.Words})
	case last.Outcome == order.LayoutChanged:
		n.Kind, n.Recipe, n.Words = notify.NeedLayout, shop.RecipeName, last.Words
		n.Do = "nudged recipe test " + shop.RecipeName + " --page saved.html --shop " + shop.Name
	default:
		return n, false, nil
	}
	return n, true, nil
}

// troubles are the seller's own accounts that do not work. That mail does not go
// out is no news in a mail.
func (g *gatherer) troubles() error {
	all, err := g.a.db.Alerts()
	if err != nil {
		return err
	}
	kinds := map[notify.AlertKind]string{notify.AlertSMS: notify.NeedSMS, notify.AlertInbox: notify.NeedInbox}
	if !g.mailed {
		kinds[notify.AlertEmail] = notify.NeedMail
	}
	for _, al := range all {
		kind, ok := kinds[alertKind(al.Key)]
		if ok && al.Over.IsZero() && al.Count >= times(alertKind(al.Key)) {
			g.f.Needs = append(g.f.Needs, notify.Need{Kind: kind, Words: al.Words, Do: "nudged check --online"})
		}
	}
	return nil
}

// unknown groups open questions about status texts, with the line that answers
// them.
func (g *gatherer) unknown() error {
	orders, err := g.a.db.Orders(g.ctx, store.Filter{Status: []order.Status{order.Unknown}, Limit: 5000})
	if err != nil {
		return err
	}
	index := map[[2]string]int{}
	for _, o := range orders {
		shop, ok := g.a.cfg.Shop(o.Shop)
		if !ok {
			continue
		}
		key := [2]string{o.Shop, o.StatusText}
		i, ok := index[key]
		if !ok {
			i = len(g.f.Statuses)
			index[key] = i
			g.f.Statuses = append(g.f.Statuses, notify.UnknownStatus{
				Shop: o.Shop, Recipe: shop.RecipeName, Text: o.StatusText,
				Line: fmt.Sprintf("- {text: %q, is: other}", o.StatusText), Copy: copyCommand(shop.RecipeName),
			})
		}
		g.f.Statuses[i].Orders++
	}
	return nil
}
