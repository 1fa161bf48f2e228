package extract

import (
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
		rule.Refunded != nil && *rule.Refunded != f.refunded,
		rule.Payment == recipe.OfflinePayment && !offline(shop, f.payment),
		rule.Payment == recipe.OnlinePayment && offline(shop, f.payment):
		return false
	}
	return true
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

// wentBack reads the field "refunded".
func wentBack(t string) bool {
	switch strings.ToLower(t) {
	case "", "0", "0.00", "false", "no":
		return false
	}
	return true
}

// unknownStatus says which line the recipe lacks.
func unknownStatus(r *recipe.Recipe, id string, f facts, want string) order.Problem {
	rule := "text: " + strconv.Quote(f.text)
	if f.code != "" {
		rule = "code: " + strconv.Quote(f.code)
	}
	return order.Problem{
		Kind: order.UnknownStatus, Order: id, Field: "statuses", Select: want, Found: shown(f.text),
		Text: fmt.Sprintf("the shop shows the status %q, which recipe %s does not map; orders in it are held. "+
			"Add the line that is true to its statuses: - {%s, is: unpaid} (or paid, closed_unpaid, closed_refunded, other)",
			shown(f.text), r.Name, mask(rule)),
	}
}
