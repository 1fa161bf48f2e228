package extract_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// The recipe asks the API, of which no answers were recorded: what is held
// against the recorded pages are its signs. The rest is tried on a running shop.
func TestCapturesEverShop(t *testing.T) {
	dir := filepath.Join(capturesRoot(t), "evershop")
	r, err := recipe.Load("evershop")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, want := range map[string]extract.Access{
		"01-login.html": extract.No, "02-login-wrong.html": extract.No,
		"04-orders-p1.html": extract.Yes, "06-orders-pending.html": extract.Yes, "07-order-detail.html": extract.Yes, "curl-orders.html": extract.Yes,
	} {
		p := recipe.Page{URL: "http://127.0.0.1:3101/admin", Status: 200, Type: "text/html", Body: read(name)}
		if got := extract.SignedIn(r, p); got != want {
			t.Errorf("%s: access %v, want %v", name, got, want)
		}
		if found := extract.Check(&r.Detect[0], p); found != (want == extract.No) {
			t.Errorf("%s: detected %v", name, found)
		}
	}
	var calls []struct {
		URL, Body string
		Status    int
	}
	if err := json.Unmarshal(read("network.json"), &calls); err != nil {
		t.Fatal(err)
	}
	answers := 0
	for _, c := range calls {
		if filepath.Base(c.URL) != "login" || c.Body == "" || c.Body[0] != '{' {
			continue
		}
		answers++
		words, refused := extract.Words(r.SignIn.Refused, recipe.Page{URL: c.URL, Status: c.Status, Type: "application/json", Body: []byte(c.Body)})
		if refused != (c.Status == 400) || refused && words != "Invalid email or password" {
			t.Errorf("%d %s: refused %v with %q", c.Status, c.Body, refused, words)
		}
	}
	if answers != 2 {
		t.Errorf("%d answers to a sign-in, want one of each kind", answers)
	}
}

func TestEverShopStatuses(t *testing.T) {
	r, err := recipe.Load("evershop")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		state, payment, action string
		want                   order.Status
	}{
		{"new", "pending", "", order.Unpaid},
		{"processing", "pending", "", order.Unpaid}, // sent before it was paid
		{"new", "stripe_failed", "", order.Unpaid},
		{"processing", "paid", "", order.Paid},
		{"completed", "paid", "", order.Paid},
		{"closed", "paid", "", order.Paid},
		{"processing", "paypal_authorized", "authorize", order.Paid},
		{"processing", "stripe_authorized", "authorize", order.Paid},
		{"completed", "paypal_captured", "capture", order.Paid},
		{"completed", "stripe_captured", "capture", order.Paid},
		{"completed", "stripe_partial_refunded", "capture", order.Paid},
		{"closed", "stripe_refunded", "capture", order.ClosedRefunded},
		{"canceled", "canceled", "", order.ClosedUnpaid},
		{"canceled", "canceled", "authorize", order.ClosedUnpaid},
		{"canceled", "canceled", "capture", order.ClosedRefunded},
		{"closed", "pending", "", order.Unknown},
		{"new", "voucher_waiting", "", order.Unknown},
	} {
		transactions := ""
		if tc.action != "" {
			transactions = `{"paymentAction":"` + tc.action + `"}`
		}
		body := `{"data":{"orders":{"total":1,"items":[{"uuid":"u-1","orderNumber":"10001","currency":"USD","customerFullName":"A","customerEmail":"a@example.test",
			"paymentMethod":"cod","createdAt":{"value":"1795268213245"},"updatedAt":{"value":"1795268213245"},"grandTotal":{"value":216.5},
			"status":{"code":"` + tc.state + `","name":"State"},"paymentStatus":{"code":"` + tc.payment + `","name":"Payment"},"paymentTransactions":[` + transactions + `]}]}}}`
		got, err := extract.List(r, extract.Shop{Name: "evershop"}, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)}, "")
		if err != nil || len(got.Orders) != 1 || got.Orders[0].Status != tc.want || got.Orders[0].StatusText != "State / Payment" {
			t.Errorf("%s with %s %s reads %v, %v; want %s", tc.state, tc.payment, tc.action, got.Orders, err, tc.want)
		}
		t.Logf("%-10s %-24s %-9s -> %s", tc.state, tc.payment, tc.action, tc.want)
	}
}

func TestEverShopFailedPayments(t *testing.T) {
	r, err := recipe.Load("evershop")
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]bool{"pending": false, "stripe_failed": true, "paid": false} {
		body := `{"data":{"order":{"uuid":"u-1","orderNumber":"10001","currency":"USD","customerFullName":"A","customerEmail":"a@example.test",
			"paymentMethod":"stripe","createdAt":{"value":"1795268213245"},"updatedAt":{"value":"1795268213245"},"grandTotal":{"value":216.5},
			"status":{"code":"new","name":"New"},"paymentStatus":{"code":"` + code + `","name":"Payment"},"paymentTransactions":[],
			"shippingAddress":{"fullName":"A","telephone":""},"billingAddress":{"fullName":"A","telephone":""},"items":[]}}}`
		base := order.Order{ID: "u-1", PayFailed: true} // as an earlier look left it
		got, _, _, err := extract.Detail(r, extract.Shop{Name: "evershop"}, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)}, base)
		if err != nil || got.PayFailed != want {
			t.Errorf("%s: payment failed %t, %v; want %t", code, got.PayFailed, err, want)
		}
	}
}
