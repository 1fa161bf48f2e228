package notify_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// Past is what the lists say of whom a key belongs to.
func (m *memory) Past(key order.Key) (order.Past, error) {
	var first order.Key
	for k := range m.same(key) {
		if k.ListRow() && (first == order.Key{} || k.String() < first.String()) {
			first = k
		}
	}
	return m.pasts[first], nil
}

// person is what is on record of the buyer of an order besides it.
func (m *memory) person(key order.Key) notify.Person {
	others, _ := m.Others(key)
	past, _ := m.Past(key)
	return notify.Person{Orders: others, Past: past}
}

const aDay = 24 * time.Hour

func TestGroups(t *testing.T) {
	levels := []notify.Level{{Name: "regular", Orders: 3}, {Name: "gold", Orders: 3, Spent: order.Money{Minor: 100_000, Currency: "CNY"}}}
	at := func(status order.Status, days int) order.Order {
		return order.Order{
			Shop: "b", ID: fmt.Sprint(status, days), Status: status, Created: noon.Add(-time.Duration(days) * aDay),
			Total: order.Money{Minor: 40_000, Currency: "CNY"},
		}
	}
	orders := func(os ...order.Order) notify.Person { return notify.Person{Orders: os} }
	undated := at(order.Paid, 1)
	undated.Created = time.Time{}
	seen := undated
	seen.First = noon.Add(-200 * aDay)
	for name, c := range map[string]struct {
		p    notify.Person
		want string
	}{
		"nobody knows them":                  {notify.Person{}, "new"},
		"ordered and never paid":             {orders(at(order.ClosedUnpaid, 5)), "potential known"},
		"an open order":                      {orders(at(order.Unpaid, 0)), "potential known"},
		"paid and given back":                {orders(at(order.ClosedRefunded, 5)), "known"},
		"given back, and one never paid":     {orders(at(order.ClosedRefunded, 5), at(order.ClosedUnpaid, 9)), "known"},
		"a status that says nothing":         {orders(at(order.Unknown, 5), at(order.Other, 7)), "known"},
		"that, and one never paid":           {orders(at(order.Unknown, 5), at(order.ClosedUnpaid, 7)), "potential known"},
		"paid lately":                        {orders(at(order.Paid, 5)), "customer known"},
		"paid lately, and one closed":        {orders(at(order.ClosedUnpaid, 1), at(order.Paid, 5)), "customer known"},
		"paid half a year ago to the day":    {orders(at(order.Paid, 180)), "customer known"},
		"paid longer ago":                    {orders(at(order.Paid, 181)), "lapsed customer known"},
		"ordered since and not paid":         {orders(at(order.ClosedUnpaid, 3), at(order.Paid, 181)), "lapsed customer known"},
		"paid once long ago and once lately": {orders(at(order.Paid, 3), at(order.Paid, 900)), "customer known"},
		"paid nobody knows when":             {orders(undated), "customer known"},
		"seen long ago, of no date":          {orders(seen), "lapsed customer known"},
		"a level":                            {orders(at(order.Paid, 3), at(order.Paid, 4), at(order.ClosedUnpaid, 5), at(order.ClosedUnpaid, 6), at(order.Paid, 900)), "gold customer known"},
		"a level, long ago":                  {orders(at(order.Paid, 300), at(order.Paid, 400), at(order.Paid, 900)), "gold lapsed customer known"},
		"from the future":                    {orders(at(order.Paid, -30)), "customer known"},

		"a row of a list that says nothing":  {notify.Person{}, "new"},
		"bought by a list":                   {notify.Person{Past: order.Past{Orders: 1, Last: noon.Add(-9 * aDay)}}, "customer known"},
		"bought long ago by a list":          {notify.Person{Past: order.Past{Orders: 1, Last: noon.Add(-181 * aDay)}}, "lapsed customer known"},
		"a sum on a list, and no count":      {notify.Person{Past: order.Past{Spent: []order.Money{{Minor: 1, Currency: "USD"}}}}, "customer known"},
		"a day on a list, and nothing paid":  {notify.Person{Past: order.Past{Last: noon}}, "known"},
		"nothing but nonsense on a list":     {notify.Person{Past: order.Past{Orders: -5, Spent: []order.Money{{Minor: -100, Currency: "USD"}}}}, "known"},
		"a level by a list":                  {notify.Person{Past: order.Past{Orders: 3}}, "regular customer known"},
		"a level by a list and orders":       {notify.Person{Orders: []order.Order{at(order.Paid, 3), at(order.Paid, 9)}, Past: order.Past{Orders: 1, Spent: []order.Money{{Minor: 20_000, Currency: "CNY"}}}}, "gold customer known"},
		"money of another country on a list": {notify.Person{Orders: []order.Order{at(order.Paid, 3), at(order.Paid, 9)}, Past: order.Past{Orders: 1, Spent: []order.Money{{Minor: 20_000, Currency: "USD"}}}}, "regular customer known"},
		"lapsed by the list, not by orders":  {notify.Person{Orders: []order.Order{at(order.Paid, 3)}, Past: order.Past{Orders: 1, Last: noon.Add(-900 * aDay)}}, "customer known"},
		"lapsed by orders, not by the list":  {notify.Person{Orders: []order.Order{at(order.Paid, 900)}, Past: order.Past{Orders: 1, Last: noon.Add(-3 * aDay)}}, "customer known"},
		"more than anybody can have paid":    {notify.Person{Orders: []order.Order{at(order.Paid, 3)}, Past: order.Past{Orders: math.MaxInt, Spent: []order.Money{{Minor: math.MaxInt64, Currency: "CNY"}}}}, "gold customer known"},
	} {
		if got := strings.Join(c.p.Groups(levels, 0, noon), " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	soon := orders(at(order.Paid, 8))
	if got := strings.Join(soon.Groups(nil, 7*aDay, noon), " "); got != "lapsed customer known" {
		t.Errorf("after a week: %s", got)
	}
}

// Whatever is on record: the groups of a person do not contradict each other,
// and the first one is the one kind, where that says more than known.
func TestGroupsAgree(t *testing.T) {
	levels := []notify.Level{{Name: "regular", Orders: 2}, {Name: "rich", Spent: order.Money{Minor: 500, Currency: "CNY"}}}
	rapid.Check(t, func(t *rapid.T) {
		var p notify.Person
		for i := range rapid.IntRange(0, 5).Draw(t, "orders") {
			p.Orders = append(p.Orders, order.Order{
				ID: fmt.Sprint(i), Status: rapid.SampledFrom(order.Statuses()).Draw(t, "status"),
				Created: noon.Add(-time.Duration(rapid.IntRange(0, 400).Draw(t, "age")) * aDay),
				Total:   order.Money{Minor: rapid.Int64Range(-5, 900).Draw(t, "total"), Currency: "CNY"},
			})
		}
		p.Past.Orders = rapid.IntRange(-1, 3).Draw(t, "past")
		got := p.Groups(levels, 0, noon)
		has := func(group string) bool {
			for _, g := range got {
				if g == group {
					return true
				}
			}
			return false
		}
		switch kind := p.Kind(levels); {
		case len(got) == 0, has("new") != (len(got) == 1 && got[0] == "new"), has("known") == has("new"):
			t.Fatalf("new and known: %v", got)
		case has("customer") && has("potential"), has("lapsed") && !has("customer"):
			t.Fatalf("they contradict each other: %v", got)
		case has("customer") != p.Customer(), has("potential") != p.Potential(), has("lapsed") != p.Lapsed(0, noon):
			t.Fatalf("they are not what the person is: %v", got)
		case kind != "known" && kind != got[0], kind == "known" && (has("regular") || has("rich")):
			t.Fatalf("the kind is %s, the groups are %v", kind, got)
		}
	})
}

// A sequence takes whoever is in one of its groups. Whether a customer has lapsed
// is asked of the day of the order, so that no order changes its steps on the
// way.
func TestSequencesByGroup(t *testing.T) {
	step := func(name string) []notify.Step { return []notify.Step{{Name: name, After: time.Hour}} }
	s := notify.Settings{
		Levels: []notify.Level{{Name: "gold", Orders: 2}}, Lapsed: 90 * aDay,
		Sequences: []notify.Sequence{
			{Name: "back", Buyers: []string{"lapsed"}, Steps: step("back")},
			{Name: "gold", Buyers: []string{"gold"}, Steps: step("gold")},
			{Name: "first", Buyers: []string{"potential", "new"}, Steps: step("first")},
			{Name: "others", Buyers: []string{"known"}, Steps: step("others")},
		},
	}
	o := anOrder()
	paid := func(days int) order.Order {
		return order.Order{Shop: "x", ID: fmt.Sprint(days), Status: order.Paid, Created: o.Created.Add(-time.Duration(days) * aDay)}
	}
	for want, p := range map[string]notify.Person{
		"back":   {Orders: []order.Order{paid(91), paid(95)}},
		"gold":   {Orders: []order.Order{paid(89), paid(95)}},
		"first":  {Orders: []order.Order{{Shop: "x", ID: "1", Status: order.ClosedUnpaid}}},
		"others": {Past: order.Past{Orders: 1, Last: o.Created}},
	} {
		if _, got, _ := s.SequenceOf(o, p); got != want {
			t.Errorf("%s, want %s: %v", got, want, p.Groups(s.Levels, s.Lapsed, o.Created))
		}
	}
	looked := o
	looked.Looked = o.Created.Add(10 * aDay)
	if _, got, _ := s.SequenceOf(looked, notify.Person{Orders: []order.Order{paid(85)}}); got != "others" {
		t.Errorf("ten days later it is %s", got)
	}
}

func TestConditionsByGroup(t *testing.T) {
	o := askable()
	paid := notify.Person{Orders: []order.Order{{Shop: "x", ID: "1", Status: order.Paid, Created: o.Created.Add(-200 * aDay)}}, Past: order.Past{Orders: 4}}
	never := notify.Person{Orders: []order.Order{{Shop: "x", ID: "1", Status: order.ClosedUnpaid}}}
	for src, p := range map[string]notify.Person{
		`buyer.lapsed and buyer.customer and not buyer.potential`:         paid,
		`"lapsed" in buyer.kinds and "known" in buyer.kinds`:              paid,
		`buyer.orders == 5 and buyer.paid == 5`:                           paid,
		`not ("first order" in reason)`:                                   {Past: order.Past{Orders: 1}},
		`buyer.potential and not buyer.customer and not buyer.lapsed`:     never,
		`any(buyer.kinds, # == "potential") and len(buyer.kinds) == 2`:    never,
		`buyer.kinds == ["new"] and buyer.orders == 0 and hour >= 0`:      {},
		`not buyer.potential and not buyer.customer and not buyer.lapsed`: {},
	} {
		if got, err := ask(t, src, o, p); err != nil || !got {
			t.Errorf("%s: %v, %v", src, got, err)
		}
	}
}
