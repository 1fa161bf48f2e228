package extract_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// recordedAnswers are answers of the Admin API to the admin interface's own
// queries: fewer fields than the recipe asks for, in the same places.
func recordedAnswers(t *testing.T, dir, name string) []json.RawMessage {
	t.Helper()
	var calls []struct{ Res json.RawMessage }
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &calls); err != nil || len(calls) == 0 {
		t.Fatalf("%s: %v, %d calls", name, err, len(calls))
	}
	var out []json.RawMessage
	for _, c := range calls {
		out = append(out, c.Res)
	}
	return out
}

func TestCapturesVendure(t *testing.T) {
	dir := filepath.Join(capturesRoot(t), "vendure")
	r, err := recipe.Load("vendure")
	if err != nil {
		t.Fatal(err)
	}
	shop := extract.Shop{Name: "vendure", URL: "http://127.0.0.1:3102/admin", OfflinePayment: []string{"bank-transfer"}}
	answer := func(body []byte) recipe.Page {
		return recipe.Page{URL: "http://127.0.0.1:3102/admin-api", Status: 200, Type: "application/json", Body: body, At: readAt}
	}

	list := recordedAnswers(t, dir, "xhr-order-list.json")[0]
	var want struct {
		Data struct {
			Orders struct {
				Items      []truth
				TotalItems int
			}
		}
	}
	if err := json.Unmarshal(list, &want); err != nil {
		t.Fatal(err)
	}
	got, err := extract.List(r, shop, answer(list), "")
	if err != nil || len(got.Problems) > 0 || len(got.Orders) != len(want.Data.Orders.Items) || got.Total != want.Data.Orders.TotalItems {
		t.Fatalf("%d orders of %d, total %d, %v %v", len(got.Orders), len(want.Data.Orders.Items), got.Total, err, got.Problems)
	}
	for i, o := range got.Orders {
		sameTruth(t, o, want.Data.Orders.Items[i])
	}
	t.Logf("%d rows of a list of %d", len(got.Orders), got.Total)

	detail := recordedAnswers(t, dir, "xhr-order-detail.json")[0]
	var one struct{ Data struct{ Order truth } }
	if err := json.Unmarshal(detail, &one); err != nil {
		t.Fatal(err)
	}
	o, _, problems, err := extract.Detail(r, shop, answer(detail), order.Order{})
	if err != nil || len(problems) > 0 || o.Status != order.Unpaid || o.Payment != "bank-transfer" || len(o.Lines) != 1 ||
		o.Lines[0] != (order.Line{Title: "Widget 1", SKU: "W-1", Quantity: 1, Total: order.Money{Minor: 1500, Currency: "USD"}}) ||
		o.Buyer.Phone.Reveal() != "+15550100054" {
		t.Errorf("the detail reads %+v, %v %v", o, err, problems)
	}
	sameTruth(t, o, one.Data.Order)
	vendurePages(t, r, dir)
}

func sameTruth(t *testing.T, got order.Order, want truth) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, want.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != want.ID || got.Number != want.Code || got.StatusText != want.State || !got.Created.Equal(at) ||
		got.Total != (order.Money{Minor: want.TotalWithTax, Currency: want.CurrencyCode}) ||
		got.Buyer.Name != want.Customer.FirstName+" "+want.Customer.LastName {
		t.Errorf("order %s reads %+v, the answer says %+v", want.ID, got, want)
	}
}

func vendurePages(t *testing.T, r *recipe.Recipe, dir string) {
	t.Helper()
	read := func(name string) recipe.Page {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return recipe.Page{URL: "http://127.0.0.1:3102/admin/login", Status: 200, Type: "text/html", Body: b}
	}
	for _, name := range []string{"01-login.html", "02-login-wrong.html", "07-expired.html"} {
		if got := extract.SignedIn(r, read(name)); got != extract.No {
			t.Errorf("%s: access %v, want No", name, got)
		}
	}
	for _, name := range []string{"03-after-login.html", "04-orders-p1.html", "06-order-detail.html"} {
		if got := extract.SignedIn(r, read(name)); got != extract.Yes {
			t.Errorf("%s: access %v, want Yes", name, got)
		}
	}
	if words, ok := extract.Words(r.SignIn.Refused, read("02-login-wrong.html")); !ok || words != "The provided credentials are invalid" {
		t.Errorf("refusal reads %q", words)
	}
	if words, ok := extract.Words(r.SignIn.Refused, read("01-login.html")); ok {
		t.Errorf("a fresh sign-in page reads as refused: %q", words)
	}
}

// The statuses that the running shop of the tests does not have.
func TestVendureStatuses(t *testing.T) {
	r, err := recipe.Load("vendure")
	if err != nil {
		t.Fatal(err)
	}
	shop := extract.Shop{Name: "vendure", OfflinePayment: []string{"bank-transfer"}}
	for _, tc := range []struct {
		state, payments string
		want            order.Status
	}{
		{"ArrangingPayment", ``, order.Unpaid},
		{"ArrangingPayment", `{"state":"Declined","method":"card"}`, order.Unpaid},
		{"PaymentAuthorized", `{"state":"Authorized","method":"bank-transfer"}`, order.Unpaid},
		{"PaymentAuthorized", `{"state":"Authorized","method":"card"}`, order.Paid},
		{"PaymentAuthorized", `{"state":"Declined","method":"card"},{"state":"Authorized","method":"bank-transfer"}`, order.Unpaid},
		{"PaymentAuthorized", `{"state":"Authorized","method":"bank-transfer"},{"state":"Settled","method":"card"}`, order.Paid},
		{"PaymentAuthorized", ``, order.Paid},
		{"PaymentSettled", `{"state":"Settled","method":"bank-transfer"}`, order.Paid},
		{"PartiallyShipped", ``, order.Paid},
		{"Shipped", ``, order.Paid},
		{"PartiallyDelivered", ``, order.Paid},
		{"Delivered", ``, order.Paid},
		{"Cancelled", `{"state":"Cancelled","method":"card"}`, order.ClosedUnpaid},
		{"Cancelled", `{"state":"Authorized","method":"bank-transfer"}`, order.ClosedUnpaid},
		{"Cancelled", `{"state":"Settled","method":"card"}`, order.ClosedRefunded},
		{"Modifying", ``, order.Other},
		{"ArrangingAdditionalPayment", ``, order.Other},
		{"Draft", ``, order.Other},
		{"AddingItems", ``, order.Other},
		{"OnHold", ``, order.Unknown},
	} {
		body := `{"data":{"orders":{"totalItems":1,"items":[{"id":"1","code":"A","state":"` + tc.state + `","createdAt":"2026-11-21T20:42:46.000Z",
			"updatedAt":"2026-11-21T20:42:46.000Z","currencyCode":"USD","totalWithTax":100,"customer":null,"payments":[` + tc.payments + `]}]}}}`
		got, err := extract.List(r, shop, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)}, "")
		if err != nil || len(got.Orders) != 1 || got.Orders[0].Status != tc.want {
			t.Errorf("%s with [%s] reads %v, %v; want %s", tc.state, tc.payments, got.Orders, err, tc.want)
		}
		t.Logf("%-28s %-90s -> %s", tc.state, tc.payments, tc.want)
	}
}

func TestVendureFailedPayments(t *testing.T) {
	r, err := recipe.Load("vendure")
	if err != nil {
		t.Fatal(err)
	}
	for payments, want := range map[string]bool{
		``:                                     false,
		`{"state":"Declined","method":"card"}`: true,
		`{"state":"Error","method":"card"}`:    true,
		`{"state":"Cancelled","method":"card"},{"state":"Declined","method":"card"}`:           true,
		`{"state":"Declined","method":"card"},{"state":"Error","method":"card"}`:               true,
		`{"state":"Cancelled","method":"card"}`:                                                false,
		`{"state":"Created","method":"card"},{"state":"Declined","method":"card"}`:             false,
		`{"state":"Declined","method":"card"},{"state":"Authorized","method":"bank-transfer"}`: false,
		`{"state":"Authorized","method":"bank-transfer"},{"state":"Declined","method":"card"}`: false,
	} {
		body := `{"data":{"order":{"id":"1","code":"A","state":"ArrangingPayment","createdAt":"2026-11-21T20:42:46.000Z",
			"updatedAt":"2026-11-21T20:42:46.000Z","currencyCode":"USD","totalWithTax":100,"customer":null,"shippingAddress":null,"billingAddress":null,
			"payments":[` + payments + `],"lines":[]}}}`
		got, _, problems, err := extract.Detail(r, extract.Shop{Name: "vendure"}, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)}, order.Order{ID: "1"})
		if err != nil || len(problems) > 0 || got.PayFailed != want {
			t.Errorf("[%s]: payment failed %t, %v %v; want %t", payments, got.PayFailed, err, problems, want)
		}
	}
}
