package notify_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

var asked = time.Date(2026, 11, 21, 15, 30, 0, 0, time.UTC) // a Saturday

// askable is an order of which everything is known.
func askable() order.Order {
	return order.Order{
		Shop: "buckles", ID: "17", Number: "B-17", Status: order.Unpaid,
		Created: asked.Add(-90 * time.Minute), Closes: asked.Add(5 * time.Hour),
		Total: order.Money{Minor: 1999, Currency: "USD"},
		Lines: []order.Line{{Title: "Brass buckle", Quantity: 2}, {Title: "Gift card", Quantity: 1}},
		Buyer: order.Buyer{Name: "Ann Lee", Email: "Ann.Lee@Example.com", Phone: "+8613800138000"}, Payment: "PayPal",
	}
}

func ask(t *testing.T, src string, o order.Order, p notify.Person) (bool, error) {
	t.Helper()
	c, err := notify.Compile(src)
	if err != nil {
		t.Fatalf("Compile(%s): %v", src, err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	s := notify.Settings{
		Shops:  map[string]notify.ShopFacts{"buckles": {Zone: zone}},
		Levels: []notify.Level{{Name: "gold", Orders: 2}},
	}
	return c.Holds(notify.NewEnv(s, o, p, notify.Step{Name: "first"}, 1, asked))
}

func TestConditionHolds(t *testing.T) {
	for src, want := range map[string]bool{
		`order.total > 19`:                                       true,
		`order.total == 19.99`:                                   true,
		`order.total > 20`:                                       false,
		`order["total"] > 19`:                                    true,
		`order.currency == "USD"`:                                true,
		`order.currency in ["EUR", "GBP"]`:                       false,
		`order.count == 3`:                                       true,
		`len(order.items) == 2`:                                  true,
		`"Gift card" in order.items`:                             true,
		`any(order.items, # contains "Gift")`:                    true,
		`none(order.items, # matches "^Br.ss")`:                  false,
		`all(order.items, len(#) > 3) and not (order.count > 3)`: true,
		`order.payment == "PayPal"`:                              true,
		`lower(order.payment) contains "paypal"`:                 true,
		`order.age == 1.5`:                                       true,
		`order.closes_in == 5`:                                   true,
		`order.coupon == ""`:                                     true,
		`order.number startsWith "B-"`:                           true,
		`buyer.kind == "new"`:                                    true,
		`buyer.orders + buyer.paid == 0`:                         true,
		`buyer.spent == 0`:                                       true,
		`buyer.country == "CN"`:                                  true,
		`buyer.domain == "example.com"`:                          true,
		`buyer.name == "Ann Lee"`:                                true,
		`shop.name == "buckles"`:                                 true,
		`step.name == "first" && step.sent == 1`:                 true,
		`"first order" in reason`:                                true,
		`"ordered twice" in reason`:                              false,
		`hour == 23 or hour < 8`:                                 true, // in Shanghai
		`weekday == "saturday"`:                                  true,
		`order.total > 100 ? buyer.kind == "gold" : true`:        true,
		"order.total > 19 // pays the postage\n and hour > 0":    true,
		`hour % 2 == 1`:                                          true,
		`round(order.total) == 20`:                               true,
		`true`:                                                   true,
	} {
		if got, err := ask(t, src, askable(), notify.Person{}); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", src, got, err, want)
		}
	}
}

// What the shop does not show is never taken for zero, and only asked for where
// the answer depends on it.
func TestConditionUnknown(t *testing.T) {
	bare := order.Order{Shop: "buckles", ID: "1", Status: order.Unpaid}
	for src, words := range map[string]string{
		`order.total < 5`:                            "amount is not known",
		`not (order.total > 5)`:                      "amount is not known",
		`order.closes_in < 2`:                        "auto_close",
		`none(order.items, # == "Gift card")`:        "what was ordered",
		`order.count < 3`:                            "what was ordered",
		`buyer.spent < 3`:                            "currency",
		`shop.name != "books" and order.total != 7`:  "amount is not known",
		`order.closes_in > 1 or buyer.kind == "new"`: "auto_close",
		`hour % (step.sent - 1) == 0`:                "divide by zero",
		`hour / (step.sent - 1) > 0`:                 "divide by zero", // more than any number
		`not (0 / buyer.paid < 5)`:                   "divide by zero", // no number at all
		`order.age > 24`:                             "when the order was placed",
	} {
		holds, err := ask(t, src, bare, notify.Person{})
		if holds || err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), src) {
			t.Errorf("%s: %v, %v; want an error with %q", src, holds, err, words)
		}
	}
	for src, want := range map[string]bool{
		`shop.name == "books" and order.total > 5`:   false,
		`buyer.kind == "new" or order.closes_in > 1`: true,
		`order.payment == ""`:                        true,
		`buyer.country == "" and buyer.domain == ""`: true,
	} {
		if got, err := ask(t, src, bare, notify.Person{}); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", src, got, err, want)
		}
	}
}

// What is said of all items needs the titles of all of them.
func TestConditionUnknownTitles(t *testing.T) {
	untitled, many := askable(), askable()
	untitled.Lines = append(untitled.Lines, order.Line{SKU: "GIFT-50", Quantity: 1})
	for range 100 {
		many.Lines = append(many.Lines, order.Line{Title: "Rivet", Quantity: 1})
	}
	for name, o := range map[string]order.Order{"one without a title": untitled, "more than are looked at": many} {
		holds, err := ask(t, `none(order.items, # contains "Voucher")`, o, notify.Person{})
		if holds || err == nil || !strings.Contains(err.Error(), "what was ordered") {
			t.Errorf("%s: %v, %v", name, holds, err)
		}
		if holds, err := ask(t, `order.count > 3`, o, notify.Person{}); err != nil || !holds {
			t.Errorf("%s: pieces: %v, %v", name, holds, err)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	for _, tc := range []struct {
		src       string
		line, col int
		words     string
	}{
		{``, 1, 1, "empty"},
		{"  \n", 1, 1, "empty"},
		{"order.total > \xff", 1, 1, "UTF-8"},
		{`order.totl > 20`, 1, 1, "order.totl is not known; did you mean order.total?"},
		{`hour > 8 and ordr.total > 20`, 1, 14, "did you mean order.total?"},
		{`total > 20`, 1, 1, "did you mean order.total?"},
		{`order.total > 20` + "\n" + `and order.postage > 3`, 2, 5, "order.postage is not known; order has total, currency"},
		{`订单 > 20`, 1, 1, "订单 is not known"},
		{`order.number == "订单" and x`, 1, 26, "x is not known"},
		{`order`, 1, 1, "order has parts: order.total"},
		{`shop == "buckles"`, 1, 1, "shop has parts: shop.name"},
		{`order.total`, 1, 1, "expected yes or no, but got number"},
		{`order.total > "20"`, 1, 13, "number and text"},
		{`order.number == 5`, 1, 14, "text and number"},
		{`order.total = 20`, 1, 13, "write == to compare"},
		{`order.total >`, 1, 13, "ends too early"},
		{`(order.total > 1`, 1, 16, "ends too early"},
		{`"orderd twice" in reason`, 1, 1, "did you mean ordered twice?"},
		{`reason == "ordered twice"`, 1, 8, `write "text" in list`},
		{`"Pay" in order.payment`, 1, 7, "contains"},
		{`weekday in ["monday", "Sat"]`, 1, 23, "did you mean saturday?"},
		{`buyer.country == "China"`, 1, 18, "as CN"},
		{`"usd" == order.currency`, 1, 1, "as USD"},
		{`buyer.domain == "@Example.com"`, 1, 17, "small letters"},
		{`buyer.email == "a@b.c"`, 1, 1, "buyer.email is not known"},
		{`buyer.phone != ""`, 1, 1, "buyer.phone is not known"},
		{`order.age % 2 == 1`, 1, 11, "whole numbers"},
		{`order.number matches "("`, 1, 22, "missing closing )"},
		{`order.number matches buyer.name`, 1, 28, "a fixed text must follow matches"},
		{`order.items[0] == "x"`, 1, 12, "no other parts"},
		{`order?.total > 1`, 1, 8, "cannot stand"},
		{`order.coupon == nil`, 1, 17, `""`},
		{`_known.total`, 1, 1, "is not known"},
		{`_fact(true, 1, "") > 0`, 1, 1, "no function _fact"},
		{`$env == 1`, 1, 1, "is not known"},
		{`$env.order.total > 1`, 1, 1, "is not known"},
		// What could run long or grow large.
		{`len(1..1000000) > 3`, 1, 6, ".. cannot stand"},
		{`order.total ** 900 > 5`, 1, 13, "** cannot stand"},
		{`let a = order.number + order.number; a == ""`, 1, 5, "let cannot stand"},
		{`any(order.items, any(reason, # == "x"))`, 1, 18, "cannot stand within"},
		{`len(filter(order.items, true)) > 0`, 1, 5, "no function filter"},
		{`repeat(buyer.name, 1000000) == ""`, 1, 1, "no function repeat"},
		{`now() != now()`, 1, 1, "no function now"},
		{`{"a": 1} == {"a": 1}`, 1, 1, "cannot stand"},
		{`order.items[0:1] == []`, 1, 12, "cannot stand"},
		{`hour == 1` + strings.Repeat(` or hour == 1`, 50), 1, 1, "characters; 500 are allowed"},
		{strings.Repeat(`!`, 200) + `true`, 1, 204, "too many parts"},
	} {
		c, err := notify.Compile(tc.src)
		var ce *notify.ConditionError
		if c != nil || !errors.As(err, &ce) {
			t.Errorf("%s: %v, %v; want a ConditionError", tc.src, c, err)
			continue
		}
		if ce.Line != tc.line || ce.Col != tc.col || !strings.Contains(ce.Message, tc.words) || strings.Contains(ce.Message, "\n") {
			t.Errorf("%s: line %d, col %d: %s; want %d, %d: %s", tc.src, ce.Line, ce.Col, ce.Message, tc.line, tc.col, tc.words)
		}
	}
}

// Hostile texts of a shop are only looked at, and errors do not repeat them.
func TestConditionHostileFacts(t *testing.T) {
	o := askable()
	o.Buyer.Name = strings.Repeat("(((a+)+)+)\u202e\n", 10_000)
	o.Payment = strings.Repeat("x", 1_000_000)
	o.Lines = nil
	for range 100 {
		o.Lines = append(o.Lines, order.Line{Title: strings.Repeat("y", 100_000), Quantity: 1 << 40})
	}
	began := time.Now()
	got, err := ask(t, `none(order.items, # matches "^(y+)+z$") and order.payment contains "xx" and len(buyer.name) < 300 and order.count > 3`, o, notify.Person{})
	if err != nil || !got {
		t.Errorf("%v, %v", got, err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

func TestConditionTexts(t *testing.T) {
	c, err := notify.Compile(`buyer.kind in ["gold", "new"] and step.name != "last" or "silver" == buyer.kind`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Texts("buyer.kind"), " "); got != "gold new silver" {
		t.Errorf("kinds: %s", got)
	}
	if got := strings.Join(c.Texts("step.name"), " "); got != "last" {
		t.Errorf("steps: %s", got)
	}
	if got := c.Texts("shop.name"); got != nil {
		t.Errorf("shops: %v", got)
	}
	if got := c.String(); !strings.HasPrefix(got, "buyer.kind in") {
		t.Errorf("String: %s", got)
	}
}

func TestConditionAtOnce(t *testing.T) {
	c, err := notify.Compile(`any(order.items, # == "Gift card") and order.total > 19`)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				if ok, err := c.Holds(notify.NewEnv(notify.Settings{}, askable(), notify.Person{}, notify.Step{}, 0, asked)); !ok || err != nil {
					t.Errorf("%v, %v", ok, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		`order.total > 20`, `"ordered twice" in reason or any(order.items, # contains "Gift card")`, `hour in [9, 10] ? true : !false`,
		`order.number matches "^[A-Z]{2}\\d+$"`, `let a = 1; a == 1`, `$env?.order ?? {"a": 1}`, `if true { 1 == 1 } else { false }`, `#.x`, `1..9`, "a`b", `'\u{110000}'`,
		`buyer.spent ** 999 > -1e308 / 0`, `order.items | any(# == "") `, `hour % 0 == 1`, `((((((((((`, `len("é") == 1 // x`, `map(reason, {#acc})`,
	} {
		f.Add(src)
	}
	whole := notify.NewEnv(notify.Settings{}, askable(), notify.Person{Orders: []order.Order{askable()}}, notify.Step{Name: "first"}, 1, asked)
	bare := notify.NewEnv(notify.Settings{}, order.Order{}, notify.Person{}, notify.Step{}, 0, asked)
	f.Fuzz(func(t *testing.T, src string) {
		c, err := notify.Compile(src)
		if err != nil {
			var ce *notify.ConditionError
			if !errors.As(err, &ce) || ce.Line < 1 || ce.Col < 1 || ce.Message == "" || strings.Contains(ce.Message, "notify.") {
				t.Fatalf("%q: %v", src, err)
			}
			return
		}
		for _, e := range []notify.Env{whole, bare} {
			if ok, err := c.Holds(e); ok && err != nil {
				t.Fatalf("%q holds with an error: %v", src, err)
			}
		}
	})
}
