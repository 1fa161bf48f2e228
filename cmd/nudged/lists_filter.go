package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/store"
	"nudged/store/order"
)

// amount is a sum that people type: 100, 19.90 EUR. Without a currency it is
// compared with the plain number.
type amount struct {
	said     bool
	value    float64
	currency string
}

var amountShape = regexp.MustCompile(`^(\d{1,12}(?:\.\d{1,4})?)\s*([A-Za-z]{3})?$`)

func parseAmount(flag, s string) (amount, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return amount{}, nil
	}
	m := amountShape.FindStringSubmatch(s)
	if m == nil {
		return amount{}, &usageError{fmt.Errorf("--%s %q is no amount; write for example 100, or \"19.90 EUR\"", flag, s)}
	}
	value, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return amount{}, &usageError{fmt.Errorf("--%s %q is no amount", flag, s)}
	}
	return amount{true, value, strings.ToUpper(m[2])}, nil
}

// between reports whether a sum is at least min and at most max.
func between(m order.Money, least, most amount) bool {
	value := float64(m.Minor) / math.Pow10(order.Exponent(m.Currency))
	for _, a := range []amount{least, most} {
		if a.said && (m == (order.Money{}) || a.currency != "" && a.currency != m.Currency) {
			return false
		}
	}
	return (!least.said || value >= least.value) && (!most.said || value <= most.value)
}

// contactChoice is what stands after --contact: a way to the buyer, or the very
// address or number.
type contactChoice struct {
	way   string
	email order.Email
	phone string
}

func parseContact(s string) (contactChoice, error) {
	s = strings.TrimSpace(s)
	switch word := strings.ToLower(s); {
	case word == "", word == "email", word == "phone", word == "both", word == "any", word == "none":
		return contactChoice{way: word}, nil
	case word == "e-mail", word == "mail":
		return contactChoice{way: "email"}, nil
	case strings.Contains(s, "@"):
		return contactChoice{way: "this", email: order.NormalEmail(s)}, nil
	case strings.HasPrefix(s, "+") && len(plainNumber(s)) >= 7:
		return contactChoice{way: "this", phone: plainNumber(s)}, nil
	}
	return contactChoice{}, &usageError{fmt.Errorf("--contact %q is not one of email, phone, both, any, none, or an address, or a number with its country code, as +86 138 0013 8000", s)}
}

// plainNumber leaves the digits, as +8613800138000.
func plainNumber(s string) string {
	return "+" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (c contactChoice) fits(b order.Buyer) bool {
	switch c.way {
	case "email":
		return b.Email != ""
	case "phone":
		return b.Phone != ""
	case "both":
		return b.Email != "" && b.Phone != ""
	case "any":
		return b.Reachable()
	case "none":
		return !b.Reachable()
	case "this":
		return c.email != "" && order.NormalEmail(b.Email.Reveal()) == c.email ||
			c.phone != "" && b.Phone != "" && plainNumber(b.Phone.Reveal()) == c.phone
	}
	return true
}

// orderFlags choose orders.
type orderFlags struct {
	Shop    []string `help:"Only these shops." placeholder:"SHOP"`
	Status  []string `help:"Only these: unpaid, paid, closed_unpaid, closed_refunded, other, unknown." placeholder:"STATUS"`
	Since   string   `help:"Placed since then: 7d is the last seven days; or a day, as 2026-11-01, today, yesterday." placeholder:"WHEN"`
	Until   string   `help:"Placed until then, that day included; with an age, older than that: 3d." placeholder:"WHEN"`
	Min     string   `help:"Of at least this amount: 100, or \"100 EUR\"." placeholder:"AMOUNT"`
	Max     string   `help:"Of at most this amount." placeholder:"AMOUNT"`
	Contact string   `help:"By how the buyer can be reached: email, phone, both, any, none; or one address or number." placeholder:"WAY"`
	Payment string   `help:"With these words in the payment method." placeholder:"WORDS"`
	If      string   `help:"For which this holds, in the language of the config: 'order.total > 100 and buyer.potential'." placeholder:"CONDITION"`
}

// bounds are what lists of orders and of people are both narrowed by.
type bounds struct {
	when        period
	least, most amount
	contact     contactChoice
}

func parseBounds(since, until, least, most, contact string, now time.Time) (b bounds, err error) {
	if b.when, err = parsePeriod(since, until, now); err != nil {
		return b, err
	}
	if b.least, err = parseAmount("min", least); err != nil {
		return b, err
	}
	if b.most, err = parseAmount("max", most); err != nil {
		return b, err
	}
	b.contact, err = parseContact(contact)
	return b, err
}

// orderChoice is what the flags mean.
type orderChoice struct {
	bounds
	status  []order.Status
	payment string
	cond    *orderCondition
}

func (f orderFlags) choice(now time.Time) (c orderChoice, err error) {
	for _, word := range f.Status {
		status, statusErr := order.ParseStatus(strings.ToLower(strings.TrimSpace(word)))
		err = errors.Join(err, statusErr)
		c.status = append(c.status, status)
	}
	if err != nil {
		return c, &usageError{err}
	}
	if c.bounds, err = parseBounds(f.Since, f.Until, f.Min, f.Max, f.Contact, now); err != nil {
		return c, err
	}
	c.payment = strings.ToLower(strings.TrimSpace(f.Payment))
	c.cond, err = parseOrderCondition(f.If)
	return c, err
}

// fits asks what costs least first.
func (c orderChoice) fits(r *orderRow) bool {
	return c.when.holds(r.Created, r.zone) && between(r.Total, c.least, c.most) && c.contact.fits(r.Buyer) &&
		(c.payment == "" || strings.Contains(strings.ToLower(r.Payment), c.payment))
}

// filter is the part of the choice that an index answers.
func (c orderChoice) filter(shop string) store.Filter {
	f := store.Filter{Shop: shop, Status: c.status}
	f.Since, f.Until = c.when.widest()
	return f
}

// shopsNamed checks the names after --shop: those of the config, in whatever
// case, and those that have orders still.
func (a *app) shopsNamed(said []string) ([]string, error) {
	var out []string
	for _, name := range said {
		known, err := a.shopNamed(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, known) {
			out = append(out, known)
		}
	}
	return out, nil
}

func (a *app) shopNamed(name string) (string, error) {
	if shop, ok := a.cfg.Shop(name); ok {
		return shop.Name, nil
	}
	all, err := a.db.Shops()
	if err != nil {
		return "", err
	}
	for _, s := range shopNames(a.cfg) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, s := range all {
		if strings.EqualFold(s, name) {
			return s, nil
		}
	}
	hint := "there is " + strings.Join(all, ", ")
	if near := config.Nearest(name, all); near != "" {
		hint = "did you mean " + near + "?"
	}
	return "", &usageError{fmt.Errorf("there is no shop %q; %s", name, hint)}
}
