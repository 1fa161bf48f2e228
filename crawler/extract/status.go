package extract

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// facts are what a status is judged by.
type facts struct {
	text, code, payment string
	view                string // of the list
	vars                map[string]string
	refunded            bool
}

// judge maps the shop's words to a status; the first rule that fits wins.
func judge(r *recipe.Recipe, shop Shop, f facts) order.Status {
	for _, rule := range r.Statuses {
		if fits(rule, shop, f) {
			return order.Status(rule.Is)
		}
	}
	return order.Unknown
}

func fits(rule recipe.StatusRule, shop Shop, f facts) bool {
	switch {
	case rule.Code != nil && *rule.Code != f.code,
		rule.Text != nil && *rule.Text != f.text,
		rule.Match != nil && !rule.Match.MatchString(f.text),
		rule.View != "" && rule.View != f.view,
		rule.Refunded != nil && *rule.Refunded != f.refunded,
		rule.Payment == recipe.OfflinePayment && !offline(shop, f.payment),
		rule.Payment == recipe.OnlinePayment && offline(shop, f.payment):
		return false
	}
	return !slices.ContainsFunc(rule.Vars, func(v recipe.Texts) bool { return !slices.Contains(v.Texts, f.vars[v.Name]) })
}

// asked are the vars that status rules ask for, in their order.
func asked(r *recipe.Recipe) []string {
	var names []string
	for _, rule := range r.Statuses {
		for _, v := range rule.Vars {
			if !slices.Contains(names, v.Name) {
				names = append(names, v.Name)
			}
		}
	}
	return names
}

// words are the shop's words for the status, or what stands for them where it
// has none: a change of it must show.
func (f facts) words(r *recipe.Recipe) string {
	if f.text != "" || f.code != "" {
		return cmp.Or(f.text, f.code)
	}
	var parts []string
	if f.view != "" {
		parts = append(parts, f.view)
	}
	for _, name := range asked(r) {
		if value, ok := f.vars[name]; ok {
			parts = append(parts, name+" "+value)
		}
	}
	return clean(strings.Join(parts, ", "), maxText)
}

// offline reports whether the seller lists a payment method as offline. Of an
// order with several, all must be: what is paid in part is not reminded.
func offline(shop Shop, payment string) bool {
	listed := func(method string) bool {
		return slices.ContainsFunc(shop.OfflinePayment, func(known string) bool {
			return method != "" && strings.EqualFold(strings.TrimSpace(known), strings.TrimSpace(method))
		})
	}
	if listed(payment) {
		return true
	}
	for _, method := range strings.Split(payment, ",") {
		if !listed(method) {
			return false
		}
	}
	return true
}

// unknownStatus says which line the recipe lacks.
func unknownStatus(r *recipe.Recipe, id string, f facts, want string) order.Problem {
	rule := "text: " + strconv.Quote(f.text)
	switch {
	case f.code != "":
		rule = "code: " + strconv.Quote(f.code)
	case f.text == "" && f.view != "":
		rule = "view: " + f.view
	}
	var vars []string
	for _, name := range asked(r) {
		if value, ok := f.vars[name]; ok {
			vars = append(vars, name+": "+strconv.Quote(value))
		}
	}
	if vars != nil {
		rule = strings.TrimPrefix(rule+", vars: {"+strings.Join(vars, ", ")+"}", `text: "", `)
	}
	said := shown(f.words(r))
	return order.Problem{
		Kind: order.UnknownStatus, Order: id, Field: "statuses", Select: want, Found: said,
		Text: fmt.Sprintf("the shop shows the status %q, which recipe %s does not map; orders in it are held. "+
			"Add the line that is true to its statuses: - {%s, is: unpaid} (or paid, closed_unpaid, closed_refunded, other)",
			said, r.Name, mask(rule)),
	}
}
