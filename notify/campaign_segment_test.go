package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// regular is a person with a past: two orders paid, one closed unpaid since, and
// what a list says.
func regular() notify.Member {
	paid, lately, closed := anOrder(), anOrder(), anOrder()
	paid.ID, paid.Status, paid.Created = "1", order.Paid, noon.Add(-400*day)
	lately.ID, lately.Shop, lately.Status, lately.Created = "2", "belts", order.Paid, noon.Add(-30*day)
	lately.Lines, lately.Total = []order.Line{{Title: "Gürtel, schwarz", Quantity: 1}}, order.Money{Minor: 5000, Currency: "EUR"}
	closed.ID, closed.Status, closed.Created, closed.Total = "3", order.ClosedUnpaid, noon.Add(-10*day), order.Money{}
	closed.Lines = nil
	return notify.Member{
		Key: closed.Key(), Contact: order.Buyer{Email: "Ada@Example.com", Phone: "+8613800138000"},
		Person: notify.Person{
			Orders: []order.Order{closed, lately, paid},
			Past:   order.Past{Orders: 3, Spent: []order.Money{{Minor: 100000, Currency: "CNY"}, {Minor: 700, Currency: "EUR"}}, Last: noon.Add(-500 * day)},
		},
	}
}

func TestCampaignSegments(t *testing.T) {
	s := settings()
	s.Levels = []notify.Level{{Name: "gold", Orders: 5}}
	stranger := notify.Member{Key: order.Key{Shop: "buckles", ID: order.ListRow + "x"}, Contact: order.Buyer{Email: "x@example.com"}}
	for src, want := range map[string]struct {
		regular, stranger string // yes, no, or a part of the error
	}{
		`true`:                                  {"yes", "yes"},
		`buyer.kind == "gold"`:                  {"yes", "no"},
		`buyer.kind == "new"`:                   {"no", "yes"},
		`"customer" in buyer.kinds`:             {"yes", "no"},
		`buyer.customer and not buyer.lapsed`:   {"yes", "no"},
		`buyer.potential`:                       {"no", "no"},
		`buyer.orders == 6 and buyer.paid == 5`: {"yes", "no"},
		`buyer.spent == 57`:                     {"yes", "no"}, // of the last currency
		`buyer.spent == 0`:                      {"no", "yes"},
		`buyer.last_order == 10`:                {"yes", "it is not known when they ordered last"},
		`buyer.last_paid == 30`:                 {"yes", "it is not known when they paid"},
		`buyer.customer and buyer.last_paid > 29 and buyer.last_paid < 31`: {"yes", "no"},
		`buyer.country == "CN"`:                          {"yes", "no"},
		`buyer.domain == "example.com"`:                  {"yes", "yes"},
		`"belts" in buyer.shops`:                         {"yes", "no"},
		`"buckles" in buyer.shops`:                       {"yes", "yes"},
		`last.status == "closed_unpaid"`:                 {"yes", "no"},
		`last.status == ""`:                              {"no", "yes"},
		`last.status != "paid" and last.age == 10`:       {"yes", "it is not known when they ordered last"},
		`last.total > 0`:                                 {"the amount of their last order is not known", "the amount of their last order is not known"},
		`last.status == "paid" and last.total > 0`:       {"no", "no"},
		`any(last.items, # contains "belt")`:             {"it is not known what they ordered last", "it is not known what they ordered last"},
		`last.payment == "Card"`:                         {"yes", "no"},
		`last.shop == "buckles" and last.currency == ""`: {"yes", "no"},
		`has("LEATHER belt")`:                            {"yes", "no"},
		`has("gurtel")`:                                  {"yes", "no"},
		`has("braces")`:                                  {"it is not known what they ordered", "no"},
		`not has("braces")`:                              {"it is not known what they ordered", "yes"},
		`has("皮带扣") or has("braces")`:                    {"yes", "no"},
	} {
		c, err := notify.CompileSegment(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		for m, want := range map[*notify.Member]string{ptr(regular()): want.regular, &stranger: want.stranger} {
			ok, err := c.Fits(notify.NewSegmentEnv(s, *m, noon))
			switch {
			case want == "yes" && (err != nil || !ok), want == "no" && (err != nil || ok):
				t.Errorf("%s of %s: %v, %v; it is %s", src, m.Key, ok, err, want)
			case want != "yes" && want != "no" && (err == nil || ok || !strings.Contains(err.Error(), want)):
				t.Errorf("%s of %s: %v, %v; it is %s", src, m.Key, ok, err, want)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestSegmentMistakes(t *testing.T) {
	for src, want := range map[string]string{
		`last.stauts == "paid"`:             "character 1: last.stauts is not known; did you mean last.status?",
		`last.status == "closed"`:           `character 16: "closed" is no last.status`,
		`last == "paid"`:                    "character 1: last has parts: last.status",
		`order.total > 5`:                   "character 1: order.total is not known",
		`buyer.paid > 1 and has(1)`:         "character 20: has asks for one fixed text",
		`has("")`:                           "character 1: put a word between the quotes",
		`has("a", "b")`:                     "character 1: has asks for one fixed text",
		`has(last.payment)`:                 "character 1: has asks for one fixed text",
		`has`:                               "has is not known",
		`len(filter(last.items, true)) > 0`: "there is no function filter here; there are",
		`buyer.customer == 1`:               "character 16:",
		`buyer.country == "cn"`:             "two capital letters",
		`any(last.items, has("belt"`:        "character",
		`_known.spent`:                      "not known",
		`buyer.paid`:                        "character",
		`buyer.name == "Ada"`:               "buyer.name is not known",
		`true and last.age > "a day"`:       "character",
	} {
		_, err := notify.CompileSegment(src)
		var ce *notify.ConditionError
		if !errors.As(err, &ce) || !strings.Contains(err.Error(), want) || ce.Col < 1 {
			t.Errorf("%s: %v; it says nothing of %q", src, err, want)
		}
	}
	if _, err := notify.Compile(`has("belt")`); err == nil || !strings.Contains(err.Error(), "no function has") {
		t.Errorf("a step asks has: %v", err)
	}
}

// What is about a person is not asked of an order, and the other way round.
func TestSegmentIsNoCondition(t *testing.T) {
	segment, err := notify.CompileSegment(`buyer.kind == "new"`)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := segment.Holds(notify.Env{}); ok || err == nil {
		t.Errorf("a segment was asked of an order: %v, %v", ok, err)
	}
	if ok, err := condition(`buyer.kind == "new"`).Fits(notify.SegmentEnv{}); ok || err == nil {
		t.Errorf("a condition was asked of a person: %v, %v", ok, err)
	}
	if !segment.Asks("buyer") || !segment.Asks("buyer.kind") || segment.Asks("last") || segment.Asks("buy") {
		t.Error("the segment does not know what it asks")
	}
}

// Every name that the help lists can be used, and says what it means.
func TestSegmentHelp(t *testing.T) {
	help := notify.SegmentHelp()
	if len(help) != len(notify.SegmentNames())+1 || len(help) != 21 {
		t.Errorf("%d names", len(help))
	}
	for _, n := range help {
		src := map[string]string{"number": n.Name + " >= 0", "text": n.Name + ` != "-"`, "yes or no": n.Name, "list of texts": `"paid" in ` + n.Name}[n.Type]
		if strings.HasSuffix(n.Name, ".domain") || strings.HasSuffix(n.Name, ".status") || strings.HasSuffix(n.Name, ".country") || strings.HasSuffix(n.Name, ".currency") {
			src = n.Name + ` == ""`
		}
		if _, err := notify.CompileSegment(src); err != nil || n.Help == "" {
			t.Errorf("%s, %s, %q: %v", n.Name, n.Type, n.Help, err)
		}
	}
}

// Whatever is written there: an error with its place, or a segment that answers.
func FuzzCampaignSegment(f *testing.F) {
	for _, src := range []string{`last.status == "closed_unpaid" and last.age > 2`, `has("belt") or not buyer.lapsed`, `any(last.items, has("x"))`, "has(", "\x00"} {
		f.Add(src)
	}
	m, s := regular(), settings()
	f.Fuzz(func(t *testing.T, src string) {
		c, err := notify.CompileSegment(src)
		if err != nil {
			var ce *notify.ConditionError
			if !errors.As(err, &ce) || ce.Line < 1 || ce.Col < 1 || ce.Message == "" {
				t.Errorf("%q: %v", src, err)
			}
			return
		}
		if ok, err := c.Fits(notify.NewSegmentEnv(s, m, noon.Add(time.Hour))); ok && err != nil {
			t.Errorf("%q: true, and %v", src, err)
		}
	})
}
