package notify_test

import (
	"fmt"
	"strings"
	"testing"

	"nudged/notify"
	"nudged/store/order"
)

// Every name that help lists can be used, and as what help says.
func TestEnvHelp(t *testing.T) {
	help := notify.EnvHelp()
	if len(help) != 26 || len(notify.EnvNames()) != len(help) {
		t.Errorf("%d names", len(help))
	}
	for _, n := range help {
		src := map[string]string{"number": " >= 0", "text": ` != "x"`, "list of texts": ` != []`, "yes or no": ` == true`}[n.Type]
		if n.Name == "buyer.country" || n.Name == "order.currency" || n.Name == "weekday" {
			src = ` contains "x"`
		}
		if _, err := notify.Compile(n.Name + src); err != nil || src == "" || n.Help == "" {
			t.Errorf("%s, %s, %q: %v", n.Name, n.Type, n.Help, err)
		}
	}
}

func TestEnvHidesContacts(t *testing.T) {
	e := notify.NewEnv(notify.Settings{}, askable(), notify.Person{Orders: []order.Order{askable()}}, notify.Step{}, 0, asked)
	said := strings.ToLower(fmt.Sprintf("%#v", e))
	for _, contact := range []string{"ann.lee", "@", "13800", "8000"} {
		if strings.Contains(said, contact) {
			t.Errorf("%s is in %s", contact, said)
		}
	}
}

func TestEnvMoney(t *testing.T) {
	o := askable()
	paid := func(minor int64, currency string) order.Order {
		return order.Order{Shop: "b", ID: fmt.Sprint(minor), Status: order.Paid, Total: order.Money{Minor: minor, Currency: currency}}
	}
	p := notify.Person{Orders: []order.Order{paid(1000, "USD"), paid(50, "USD"), paid(9_999_999, "JPY"), {Shop: "b", ID: "x", Status: order.Unpaid, Total: order.Money{Minor: 7, Currency: "USD"}}}}
	e := notify.NewEnv(notify.Settings{}, o, p, notify.Step{}, 0, asked)
	if e.Buyer.Spent != 10.5 || e.Buyer.Orders != 4 || e.Buyer.Paid != 3 || e.Buyer.Kind != notify.KindKnown {
		t.Errorf("%+v", e.Buyer)
	}
	o.Total = order.Money{Minor: 500, Currency: "JPY"}
	if e := notify.NewEnv(notify.Settings{}, o, p, notify.Step{}, 0, asked); e.Order.Total != 500 || e.Buyer.Spent != 9_999_999 {
		t.Errorf("yen: %+v %+v", e.Order, e.Buyer)
	}
	for _, tc := range []struct{ phone, want order.Phone }{{"+14155550123", "US"}, {"+4930901820", "DE"}, {"+80012345678", ""}, {"", ""}, {"138****8000", ""}} {
		o.Buyer.Phone = tc.phone
		if e := notify.NewEnv(notify.Settings{}, o, p, notify.Step{}, 0, asked); e.Buyer.Country != tc.want.Reveal() {
			t.Errorf("country %q; want %q", e.Buyer.Country, tc.want.Reveal())
		}
	}
}
