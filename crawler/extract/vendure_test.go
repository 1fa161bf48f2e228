package extract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// vendure is a running shop, asked as its recipe says, without a browser.
type vendure struct {
	t      *testing.T
	base   *url.URL
	recipe *recipe.Recipe
	shop   extract.Shop
	values map[string]string
}

func runningVendure(t *testing.T) *vendure {
	t.Helper()
	address := os.Getenv("NUDGED_VENDURE")
	if address == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "vendure") {
			t.Fatal("NUDGED_VENDURE is not set, and this run requires a running Vendure")
		}
		t.Skip("NUDGED_VENDURE is not set")
	}
	r, err := recipe.Load("vendure")
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(address + "/admin")
	if err != nil {
		t.Fatal(err)
	}
	v := &vendure{t: t, base: base, recipe: r, values: map[string]string{"origin": address, "url": base.String()}}
	v.shop = extract.Shop{Name: "vendure", URL: base.String(), Zone: time.UTC, Currency: "EUR", OfflinePayment: []string{"bank-transfer"}}
	return v
}

func (v *vendure) lookup(name string) (string, bool) { s, ok := v.values[name]; return s, ok }

// signIn takes the token that the admin interface would keep in its storage.
func (v *vendure) signIn() {
	v.t.Helper()
	body := `{"query":"mutation{login(username:\"superadmin\",password:\"superadmin\"){__typename}}"}`
	res, err := http.Post(v.values["origin"]+"/admin-api", "application/json", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if v.values["token"] = res.Header.Get("vendure-auth-token"); v.values["token"] == "" {
		v.t.Fatal("no token in the answer to the sign-in")
	}
}

// ask sends a recipe's GraphQL request.
func (v *vendure) ask(q recipe.Request) recipe.Page {
	v.t.Helper()
	target, err := q.Post.URL(v.base, v.lookup)
	if err != nil {
		v.t.Fatal(err)
	}
	variables := "{}"
	if q.GraphQL.Variables != nil {
		if variables, err = q.GraphQL.Variables.JSON(v.lookup); err != nil {
			v.t.Fatal(err)
		}
	}
	body, err := json.Marshal(map[string]any{"operationName": q.GraphQL.Operation, "query": q.GraphQL.Query, "variables": json.RawMessage(variables)})
	if err != nil {
		v.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range q.Headers {
		text, err := h.Value.Expand(v.lookup, nil)
		if err != nil {
			v.t.Fatal(err)
		}
		req.Header.Set(h.Name, text)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return recipe.Page{URL: target, Status: res.StatusCode, Header: res.Header, Type: "application/json", Body: answer, At: time.Now()}
}

// truth is what the Admin API says of an order, decoded on its own.
type truth struct {
	ID, Code, State, CreatedAt, CurrencyCode string

	TotalWithTax int64
	Customer     struct{ FirstName, LastName, EmailAddress, PhoneNumber string }
	Payments     []struct{ State, Method string }

	ShippingAddress *struct{ PhoneNumber string }

	Lines []struct {
		Quantity         int
		LinePriceWithTax int64
		ProductVariant   struct{ Name, SKU string }
	}
}

// phone is the customer's, or that of the delivery, without the blanks and
// brackets that people write.
func (o truth) phone() string {
	p := o.Customer.PhoneNumber
	if p == "" && o.ShippingAddress != nil {
		p = o.ShippingAddress.PhoneNumber
	}
	return strings.NewReplacer(" ", "", "(", "", ")", "", "-", "").Replace(p)
}

func (o truth) status() order.Status {
	has := func(what string) bool {
		return slices.ContainsFunc(o.Payments, func(p struct{ State, Method string }) bool { return p.State == what || p.Method == what })
	}
	switch o.State {
	case "ArrangingPayment":
		return order.Unpaid
	case "PaymentAuthorized":
		if has("bank-transfer") {
			return order.Unpaid
		}
		return order.Paid
	case "PaymentSettled", "Shipped", "Delivered":
		return order.Paid
	case "Cancelled":
		if has("Settled") {
			return order.ClosedRefunded
		}
		return order.ClosedUnpaid
	}
	return order.Unknown
}

// payFailed reports whether there were attempts to pay, and none of them holds.
func (o truth) payFailed() bool {
	failed := false
	for _, p := range o.Payments {
		switch p.State {
		case "Declined", "Error":
			failed = true
		case "Cancelled":
		default:
			return false
		}
	}
	return failed
}

func TestVendureRunning(t *testing.T) {
	v := runningVendure(t)
	v.values["token"] = "nobody"
	if got := extract.SignedIn(v.recipe, v.ask(v.recipe.SignIn.Proof.Request)); got != extract.No {
		t.Errorf("without a session: access %v, want No", got)
	}
	v.signIn()
	proof := v.ask(v.recipe.SignIn.Proof.Request)
	if !extract.Check(&v.recipe.SignIn.Proof.Sign, proof) {
		t.Fatalf("the proof of sign-in does not hold: %s", proof.Body)
	}
	all := v.truths()
	counts := map[order.Status]int{}
	for _, o := range v.scan(len(all)) {
		counts[o.Status]++
		v.compare(o, all[o.ID])
	}
	t.Logf("%d orders by status: %v", len(all), counts)

	v.values["offset"], v.values["size"] = "100000", "100"
	if past, err := extract.List(v.recipe, v.shop, v.ask(v.recipe.List.Request), ""); err != nil || !past.Empty {
		t.Errorf("past the end: empty %v, %v", past.Empty, err)
	}
	v.values["id"] = "999999"
	if _, _, _, err := extract.Detail(v.recipe, v.shop, v.ask(v.recipe.Detail.Request), order.Order{ID: "999999"}); !errors.Is(err, extract.ErrNoOrder) {
		t.Errorf("a missing order gives %v", err)
	}
}

func (v *vendure) scan(total int) []order.Order {
	var out []order.Order
	for offset := 0; offset < total; offset += 25 {
		v.values["offset"], v.values["size"] = jsonText(offset), "25"
		page, err := extract.List(v.recipe, v.shop, v.ask(v.recipe.List.Request), "")
		if err != nil || len(page.Problems) > 0 {
			v.t.Fatalf("%v %v", err, page.Problems)
		}
		if page.Total != total {
			v.t.Errorf("the list says %d orders, want %d", page.Total, total)
		}
		out = append(out, page.Orders...)
	}
	if len(out) != total {
		v.t.Errorf("%d orders read, %d are there", len(out), total)
	}
	return out
}

func jsonText(v any) string { b, _ := json.Marshal(v); return string(b) }

func (v *vendure) truths() map[string]truth {
	v.t.Helper()
	q := v.recipe.List.Request
	q.GraphQL = &recipe.GraphQL{Operation: "All", Query: `query All {orders(options:{take:100,filter:{state:{notEq:"AddingItems"}}}){items{id code state createdAt currencyCode totalWithTax
		customer{firstName lastName emailAddress phoneNumber} shippingAddress{phoneNumber} payments{state method}
		lines{quantity linePriceWithTax productVariant{name sku}}}}}`}
	var answer struct {
		Data struct{ Orders struct{ Items []truth } }
	}
	if err := json.Unmarshal(v.ask(q).Body, &answer); err != nil {
		v.t.Fatal(err)
	}
	all := map[string]truth{}
	for _, o := range answer.Data.Orders.Items {
		all[o.ID] = o
	}
	if len(all) == 0 {
		v.t.Fatal("the running shop has no orders")
	}
	return all
}

func (v *vendure) compare(listed order.Order, want truth) {
	v.t.Helper()
	at, err := time.Parse(time.RFC3339, want.CreatedAt)
	if err != nil {
		v.t.Fatal(err)
	}
	v.values["id"] = listed.ID
	got, _, problems, err := extract.Detail(v.recipe, v.shop, v.ask(v.recipe.Detail.Request), listed)
	if err != nil || len(problems) > 0 {
		v.t.Fatalf("order %s: %v %v", listed.ID, err, problems)
	}
	for _, o := range []order.Order{listed, got} {
		if o.Number != want.Code || o.StatusText != want.State || o.Status != want.status() || !o.Created.Equal(at) ||
			o.Total != (order.Money{Minor: want.TotalWithTax, Currency: want.CurrencyCode}) ||
			o.Buyer.Name != want.Customer.FirstName+" "+want.Customer.LastName {
			v.t.Errorf("order %s reads %v, the API says %v", listed.ID, o, want)
		}
	}
	if got.Buyer.Email.Reveal() != want.Customer.EmailAddress || got.Buyer.Phone.Reveal() != want.phone() || len(got.Lines) != len(want.Lines) {
		v.t.Fatalf("order %s: contact or lines differ: %v", listed.ID, got)
	}
	if got.PayFailed != want.payFailed() {
		v.t.Errorf("order %s: payment failed %t, the API says %v", listed.ID, got.PayFailed, want.Payments)
	}
	// The shop gives lines in no fixed order.
	slices.SortFunc(got.Lines, func(a, b order.Line) int { return strings.Compare(a.SKU, b.SKU) })
	sort.Slice(want.Lines, func(i, j int) bool { return want.Lines[i].ProductVariant.SKU < want.Lines[j].ProductVariant.SKU })
	for i, l := range got.Lines {
		w := want.Lines[i]
		if l.Title != w.ProductVariant.Name || l.SKU != w.ProductVariant.SKU || l.Quantity != w.Quantity || l.Total.Minor != w.LinePriceWithTax {
			v.t.Errorf("order %s line %d: %v, the API says %v", listed.ID, i, l, w)
		}
	}
}
