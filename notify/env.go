package notify

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"nudged/store/order"
)

// askedItems bounds how many items of an order a condition goes through.
const askedItems = 100

// Env is what a condition can ask about: one order at one moment. The tags give
// the names and say what they mean; [EnvHelp] lists them. Texts that the shop
// does not show are "".
type Env struct {
	Order   envOrder `expr:"order"`
	Buyer   envBuyer `expr:"buyer"`
	Shop    envShop  `expr:"shop"`
	Step    envStep  `expr:"step"`
	Reason  []string `expr:"reason" help:"why the buyer may not have paid yet: sold out, payment failed, ordered twice, coupon unused, high amount, first order"`
	Hour    int      `expr:"hour" help:"of the day in the shop's zone, 0 to 23"`
	Weekday string   `expr:"weekday" help:"in the shop's zone: monday, tuesday and so on"`

	// Known tells which facts that are no texts the shop shows: a condition that
	// asks for another one cannot be answered.
	Known envKnown `expr:"_known"`
}

type envOrder struct {
	Total    float64  `expr:"total" help:"amount, in the order's currency: 19.90"`
	Currency string   `expr:"currency" help:"of the amount, as USD; \"\" if the shop does not show it"`
	Items    []string `expr:"items" help:"titles of what was ordered"`
	Count    int      `expr:"count" help:"pieces ordered"`
	Payment  string   `expr:"payment" help:"payment method in the shop's words"`
	Age      float64  `expr:"age" help:"hours since the order"`
	ClosesIn float64  `expr:"closes_in" help:"hours until the shop closes the order"`
	Coupon   string   `expr:"coupon" help:"a coupon that was not used; \"\" if the shop shows none"`
	Number   string   `expr:"number" help:"the order's number"`
}

type envBuyer struct {
	Kind      string   `expr:"kind" help:"new, known, or one of your levels"`
	Kinds     []string `expr:"kinds" help:"all groups the buyer belongs to: new, known, potential, customer, lapsed, or one of your levels"`
	Potential bool     `expr:"potential" help:"the buyer has ordered before and never paid"`
	Customer  bool     `expr:"customer" help:"the buyer has paid an order before"`
	Lapsed    bool     `expr:"lapsed" help:"the buyer is a customer, and the last paid order was long before this one (buyers: lapsed)"`
	Orders    int      `expr:"orders" help:"other orders on record, of all shops and statuses, and those on your own lists"`
	Paid      int      `expr:"paid" help:"how many of them were paid"`
	Spent     float64  `expr:"spent" help:"what was paid for those in the currency of this order"`
	Country   string   `expr:"country" help:"of the phone number, as CN or DE; \"\" without one"`
	Domain    string   `expr:"domain" help:"of the e-mail address, as example.com; \"\" without one"`
	Name      string   `expr:"name" help:"as the shop shows it"`
}

type envShop struct {
	Name string `expr:"name" help:"the shop's name in the config"`
}

type envStep struct {
	Name string `expr:"name" help:"the step's name in the config"`
	Sent int    `expr:"sent" help:"messages on this order that went out already"`
}

type envKnown struct {
	Total    bool `expr:"total"`
	Items    bool `expr:"items"`
	Titles   bool `expr:"titles"`
	Age      bool `expr:"age"`
	ClosesIn bool `expr:"closes_in"`
	Spent    bool `expr:"spent"`
}

// NewEnv gathers what a condition can ask about an order whose step is at hand.
// sent is how many messages on this order went out already. Texts of the shop
// are cleaned and cut, as in a message; of the buyer's contacts nothing goes in
// but a country and a domain.
func NewEnv(s Settings, o order.Order, p Person, st Step, sent int, now time.Time) Env {
	local := now.In(s.Shops[o.Shop].zone())
	e := Env{
		Order:   orderEnv(o, now),
		Buyer:   buyerEnv(s, o, p),
		Shop:    envShop{Name: o.Shop},
		Step:    envStep{Name: st.Name, Sent: sent},
		Hour:    local.Hour(),
		Weekday: strings.ToLower(local.Weekday().String()),
		Known: envKnown{
			Total: o.Total != order.Money{}, Items: len(o.Lines) > 0, Titles: titled(o.Lines), Age: !o.Created.IsZero(),
			ClosesIn: !o.Closes.IsZero(), Spent: o.Total.Currency != "",
		},
	}
	for _, r := range Reasons(o, p) {
		e.Reason = append(e.Reason, string(r))
	}
	return e
}

// titled reports whether a condition sees the title of everything that was
// ordered.
func titled(lines []order.Line) bool {
	return len(lines) > 0 && len(lines) <= askedItems &&
		!slices.ContainsFunc(lines, func(l order.Line) bool { return clean(l.Title, maxTitle) == "" })
}

func orderEnv(o order.Order, now time.Time) envOrder {
	e := envOrder{
		Total: major(o.Total.Minor, o.Total.Currency), Currency: o.Total.Currency,
		Payment: clean(o.Payment, maxLine), Coupon: clean(o.Coupon, maxTitle), Number: clean(o.Number, maxNumber),
		Age: now.Sub(o.Began()).Hours(),
	}
	if !o.Closes.IsZero() {
		e.ClosesIn = o.Closes.Sub(now).Hours()
	}
	for i, l := range o.Lines {
		if i < askedItems {
			e.Items = append(e.Items, clean(l.Title, maxTitle))
		}
		e.Count += min(max(l.Quantity, 0), math.MaxInt32)
	}
	return e
}

func buyerEnv(s Settings, o order.Order, p Person) envBuyer {
	return envBuyer{
		Kind: p.Kind(s.Levels), Kinds: s.groups(o, p), Potential: p.Potential(), Customer: p.Customer(), Lapsed: p.Lapsed(s.Lapsed, asOf(o)),
		Orders: len(p.Orders) + p.listed(), Paid: p.payments(),
		Spent:   major(p.spent(o.Total.Currency), o.Total.Currency),
		Country: country(o.Buyer.Phone), Domain: domain(o.Buyer.Email), Name: clean(o.Buyer.Name, maxName),
	}
}

// major is an amount in the unit that people name: dollars, not cents.
func major(minor int64, currency string) float64 {
	return float64(minor) / math.Pow10(order.Exponent(currency))
}

// domain of an e-mail address; "" without one.
func domain(e order.Email) string {
	_, host, _ := strings.Cut(e.Reveal(), "@")
	return strings.ToLower(clean(host, maxTitle))
}

// country of a phone number, ISO 3166; "" if it belongs to none or many.
func country(p order.Phone) string {
	n, err := phonenumbers.Parse(p.Reveal(), "")
	if p == "" || err != nil {
		return ""
	}
	if region := phonenumbers.GetRegionCodeForNumber(n); len(region) == 2 && region != "ZZ" {
		return region
	}
	return ""
}

// EnvName is a name that a condition can use.
type EnvName struct {
	Name string // order.total
	Type string // number, text, list of texts
	Help string // what it means
}

// EnvHelp lists the names that a condition can use.
func EnvHelp() []EnvName { return topic{env: Env{}}.help() }

// EnvNames are the same names alone.
func EnvNames() []string { return topic{env: Env{}}.names() }

func listNames(t reflect.Type, under string, out *[]EnvName) {
	for f := range t.Fields() {
		name, help := under+f.Tag.Get("expr"), f.Tag.Get("help")
		switch {
		case help != "":
			*out = append(*out, EnvName{Name: name, Type: plainType(f.Type.String()), Help: help})
		case !strings.HasPrefix(name, "_") && f.Type.Kind() == reflect.Struct:
			listNames(f.Type, name+".", out)
		}
	}
}

// plainType says a Go type as a shopkeeper would.
func plainType(t string) string {
	switch t {
	case "int", "float64":
		return "number"
	case "string":
		return "text"
	case "[]string":
		return "list of texts"
	case "bool":
		return "yes or no"
	}
	return t
}
