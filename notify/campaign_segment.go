package notify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// SegmentEnv is what the segment of a campaign can ask about: one person at one
// moment. The tags give the names and say what they mean; [SegmentHelp] lists
// them. Texts that are not known are "", also those of a last order where there
// is none.
type SegmentEnv struct {
	Buyer segmentBuyer `expr:"buyer"`
	Last  segmentLast  `expr:"last"`

	Has   func(words string) (bool, error) `expr:"has"`
	Known segmentKnown                     `expr:"_known"`
}

type segmentBuyer struct {
	Kind      string   `expr:"kind" help:"new, known, or one of your levels"`
	Kinds     []string `expr:"kinds" help:"all groups they belong to: new, known, potential, customer, lapsed, or one of your levels"`
	Potential bool     `expr:"potential" help:"they have ordered and never paid"`
	Customer  bool     `expr:"customer" help:"they have paid at least once"`
	Lapsed    bool     `expr:"lapsed" help:"a customer whose last paid order is long ago (buyers: lapsed)"`
	Orders    int      `expr:"orders" help:"orders on record, of all shops and statuses, and those on your own lists"`
	Paid      int      `expr:"paid" help:"how many of them were paid"`
	Spent     float64  `expr:"spent" help:"what was paid for those, in the currency of the last one"`
	LastOrder float64  `expr:"last_order" help:"days since they ordered last"`
	LastPaid  float64  `expr:"last_paid" help:"days since they placed the last order that was paid"`
	Country   string   `expr:"country" help:"of the phone number, as CN or DE; \"\" without one"`
	Domain    string   `expr:"domain" help:"of the e-mail address, as example.com; \"\" without one"`
	Shops     []string `expr:"shops" help:"names of your shops where they are known"`
}

type segmentLast struct {
	Status   string   `expr:"status" help:"of the last order: unpaid, paid, closed_unpaid, closed_refunded, other, unknown; \"\" if there is none"`
	Total    float64  `expr:"total" help:"amount of the last order, in its currency: 19.90"`
	Currency string   `expr:"currency" help:"of that amount, as USD; \"\" if the shop does not show it"`
	Items    []string `expr:"items" help:"titles of what was ordered last"`
	Age      float64  `expr:"age" help:"days since the last order"`
	Payment  string   `expr:"payment" help:"payment method of the last order in the shop's words"`
	Shop     string   `expr:"shop" help:"name of the shop of the last order"`
}

type segmentKnown struct {
	Spent     bool `expr:"spent"`
	LastOrder bool `expr:"buyer_last_order"`
	LastPaid  bool `expr:"buyer_last_paid"`
	Total     bool `expr:"last_total"`
	Items     bool `expr:"last_items"`
	Age       bool `expr:"last_age"`
}

// hasFunction asks for an item that the person ever ordered.
const hasFunction = "has"

func segmentTopic() topic { return topic{env: SegmentEnv{}, funcs: []string{hasFunction}} }

// CompileSegment reads the expression that says whom a campaign is for, such as
//
//	last.status == "closed_unpaid" and last.age > 2
//	buyer.customer and has("belt") and not buyer.lapsed
//
// It is of the same language as [Compile], with the names of [SegmentHelp] and
// one function more: has("words") holds if an item that the person ever ordered
// has the words in its title, whatever their case. The error is a
// [*ConditionError].
func CompileSegment(src string) (*Condition, error) { return compile(src, segmentTopic()) }

// asksLast reports whether a segment is about the last order; nil is everybody.
func (c *Condition) asksLast() bool { return c != nil && c.Asks("last") }

// SegmentHelp lists the names that a segment can use, and its function.
func SegmentHelp() []EnvName {
	return append(segmentTopic().help(), EnvName{
		Name: hasFunction + `("words")`, Type: plainType("bool"), Help: "an item they ever ordered has the words in its title",
	})
}

// SegmentNames are the names alone.
func SegmentNames() []string { return segmentTopic().names() }

// NewSegmentEnv gathers what a segment can ask about a person. Texts of the shops
// are cleaned and cut, as in a message; of the contacts nothing goes in but a
// country and a domain.
func NewSegmentEnv(s Settings, m Member, now time.Time) SegmentEnv {
	e := SegmentEnv{Buyer: m.buyerEnv(s, now), Has: m.has}
	if when := m.lastOrder(); !when.IsZero() {
		e.Known.LastOrder, e.Buyer.LastOrder = true, days(now.Sub(when))
	}
	if when := m.Person.LastPaid(); !when.IsZero() {
		e.Known.LastPaid, e.Buyer.LastPaid = true, days(now.Sub(when))
	}
	currency, known := m.currency()
	e.Known.Spent, e.Buyer.Spent = known, major(m.Person.spent(currency), currency)
	last, ok := m.last()
	if !ok {
		return e
	}
	o := orderEnv(last, now)
	e.Last = segmentLast{
		Status: string(last.Status), Total: o.Total, Currency: o.Currency, Items: o.Items, Payment: o.Payment, Shop: last.Shop,
	}
	e.Known.Total, e.Known.Items = last.Total != order.Money{}, titled(last.Lines)
	if when := placed(last); !when.IsZero() {
		e.Known.Age, e.Last.Age = true, days(now.Sub(when))
	}
	return e
}

func (m Member) buyerEnv(s Settings, now time.Time) segmentBuyer {
	p := m.Person
	b := segmentBuyer{
		Kind: p.Kind(s.Levels), Kinds: p.Groups(s.Levels, s.Lapsed, now), Potential: p.Potential(), Customer: p.Customer(), Lapsed: p.Lapsed(s.Lapsed, now),
		Orders: len(p.Orders) + p.listed(), Paid: p.payments(),
		Country: country(m.Contact.Phone), Domain: domain(m.Contact.Email),
		Shops: []string{m.Key.Shop},
	}
	for _, o := range p.Orders {
		b.Shops = append(b.Shops, o.Shop)
	}
	slices.Sort(b.Shops)
	b.Shops = slices.Compact(b.Shops)
	return b
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// last is the order that they placed last, in whatever shop.
func (m Member) last() (last order.Order, ok bool) {
	for _, o := range m.Person.Orders {
		if !ok || younger(o, last) {
			last, ok = o, true
		}
	}
	return last, ok
}

// lastOrder is when they ordered last, by the record or by a list.
func (m Member) lastOrder() time.Time {
	last, _ := m.last()
	return latest(placed(last), m.Person.Past.Last)
}

// currency in which they paid last; false if something was paid, and nobody knows
// in which.
func (m Member) currency() (string, bool) {
	var last *order.Order
	for o := range m.Person.paid() {
		if o.Total.Currency != "" && (last == nil || younger(*o, *last)) {
			last = o
		}
	}
	switch spent := m.Person.Past.Spent; {
	case last != nil:
		return last.Total.Currency, true
	case len(spent) > 0:
		most := slices.MaxFunc(spent, func(a, b order.Money) int { return cmp.Compare(a.Minor, b.Minor) })
		return most.Currency, most.Currency != ""
	}
	return "", m.Person.payments() == 0
}

// has reports whether an item that they ever ordered has the words in its title.
// Where it has not been found, all that they ordered must be known.
func (m Member) has(words string) (bool, error) {
	words = foldMethod(words)
	all := m.Person.Past.Orders <= 0
	for _, o := range m.Person.Orders {
		for _, l := range o.Lines {
			if strings.Contains(foldMethod(clean(l.Title, maxTitle)), words) {
				return true, nil
			}
		}
		all = all && titled(o.Lines)
	}
	if !all {
		return false, &unknownFact{hasFunction}
	}
	return false, nil
}
