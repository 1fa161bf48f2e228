package config

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"nudged/crawler/recipe"
)

// across holds the rules that look at several sections at once.
func (l *loader) across(root mapping) {
	l.named()
	steps := 0
	for _, row := range l.rows {
		for i, node := range row.nodes {
			steps++
			l.template(node.child("template"), row.steps[i].Template, row)
			l.marketing(node, row.steps[i], row)
			l.approved(node, row.steps[i])
		}
	}
	if steps == 0 {
		return
	}
	if l.cfg.Reminders.Mode == Preview && l.cfg.Digest == nil && !root.get("digest").there() {
		root.get("reminders").problem("preview mails every message to you instead of the buyer, but there is no digest section that says where; write one")
	}
	if l.cfg.Reminders.Mode == Live && l.cfg.Email != nil && !root.get("inbox").there() {
		root.get("email").warn("nobody reads the mails that come back: answers, undelivered mails and \"no more messages\"; " +
			"write an inbox section, or see to them yourself with: nudged buyers suppress CONTACT")
	}
	l.reach()
	if !l.opts.Quick {
		l.feasible(root)
	}
}

// shopsOf lists the shops that a row of steps is for.
func (l *loader) shopsOf(row sequenceAt) []Shop {
	if len(row.shops) == 0 {
		return l.cfg.Shops
	}
	var out []Shop
	for _, s := range l.cfg.Shops {
		if slices.Contains(row.shops, s.Name) {
			out = append(out, s)
		}
	}
	return out
}

// feasible tries every row of steps at every shop that it is for.
func (l *loader) feasible(root mapping) {
	t := trial{l: l, left: maxTurns, done: map[string][]int{}}
	for i, shop := range l.cfg.Shops {
		node := root.get("shops").item(i)
		switch {
		case shop.Name == "" || shop.Visit.next == nil || shop.Zone == nil:
			continue // said already
		case shop.AutoClose == 0 && node.child("auto_close").node != node.node:
			continue // it could not be read, which is said already
		}
		l.tooSlow(node, shop)
		for _, row := range l.rows {
			if len(row.shops) == 0 || slices.Contains(row.shops, shop.Name) {
				t.row(row, shop)
			}
		}
	}
	t.report()
}

func (v value) item(i int) value {
	if v.node == nil || i >= len(v.node.Content) {
		return v
	}
	return value{node: resolve(v.node.Content[i]), path: v.path + "[" + strconv.Itoa(i) + "]", file: v.file}
}

// tooSlow reports a shop many of whose orders are closed before a visit can see
// them.
func (l *loader) tooSlow(v value, shop Shop) {
	if shop.AutoClose == 0 {
		return
	}
	every := shop.Visit.shortest(shop.Zone)
	longest, unseen := shop.Visit.gaps(shop.Zone, shop.AutoClose)
	come := "come every " + human(every)
	if longest > every {
		come = "are up to " + human(longest) + " apart"
	}
	say, many := v.child("visit").problem, "most"
	switch {
	case unseen >= 0.5:
	case unseen > 0.1:
		say, many = v.child("visit").warn, fmt.Sprintf("%.0f %% of them", 100*unseen)
	default:
		return
	}
	say("orders are closed after %s, but visits %s, so %s are never seen open; visit at least every %s",
		human(shop.AutoClose), come, many, human(max(shop.AutoClose/3, time.Minute).Truncate(time.Minute)))
}

// TellsClose reports whether a recipe reads the close time from the page.
func TellsClose(r *recipe.Recipe) bool {
	return r.List.Fields.Closes != nil || r.Detail != nil && r.Detail.Fields.Closes != nil
}
