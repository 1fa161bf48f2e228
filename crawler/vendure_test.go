package crawler_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// admin is Vendure's own API, asked behind the spider's back.
type admin struct {
	t    *testing.T
	base string
}

func (a admin) ask(token, query string, into any) (header http.Header) {
	a.t.Helper()
	text, _ := json.Marshal(map[string]string{"query": query})
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.base+"/admin-api", bytes.NewReader(text))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if strings.Contains(token, "=") {
		request.Header.Set("Cookie", token)
	} else if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &struct{ Data any }{into}); err != nil {
		a.t.Fatalf("%s: %v", body, err)
	}
	return response.Header
}

type vendureOrder struct {
	ID, Code, State, CurrencyCode string
	CreatedAt                     time.Time
	TotalWithTax                  int64
	Customer                      *struct{ FirstName, LastName, EmailAddress, PhoneNumber string }
	ShippingAddress               *struct{ PhoneNumber string }
	Payments                      []struct{ State, Method string }
	Lines                         []struct {
		Quantity         int
		LinePriceWithTax int64
		ProductVariant   struct{ Name, SKU string }
	}
}

// phone is the customer's, or that of the delivery.
func (v vendureOrder) phone() string {
	if v.Customer.PhoneNumber == "" && v.ShippingAddress != nil {
		return v.ShippingAddress.PhoneNumber
	}
	return v.Customer.PhoneNumber
}

// digits are what two spellings of a phone number have in common.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// status as the project's contract has it, for a shop whose bank transfers are
// settled outside.
func (v vendureOrder) status() order.Status {
	settled, offline := false, false
	for _, p := range v.Payments {
		settled = settled || p.State == "Settled"
		offline = offline || p.Method == "bank-transfer"
	}
	switch v.State {
	case "ArrangingPayment":
		return order.Unpaid
	case "PaymentAuthorized":
		if offline {
			return order.Unpaid
		}
		return order.Paid
	case "PaymentSettled", "Shipped", "Delivered", "PartiallyShipped", "PartiallyDelivered":
		return order.Paid
	case "Cancelled":
		if settled {
			return order.ClosedRefunded
		}
		return order.ClosedUnpaid
	}
	return order.Other
}

func (a admin) orders() map[string]vendureOrder {
	a.t.Helper()
	token := a.ask("", `mutation{login(username:"superadmin",password:"superadmin"){__typename}}`, new(any)).Get("vendure-auth-token")
	var answer struct {
		Orders struct{ Items []vendureOrder }
	}
	a.ask(token, `{orders(options:{take:1000,filter:{state:{notIn:["AddingItems","Draft","Created"]}}}){items{id code state currencyCode createdAt totalWithTax
		customer{firstName lastName emailAddress phoneNumber} shippingAddress{phoneNumber} payments{state method}
		lines{quantity linePriceWithTax productVariant{name sku}}}}}`, &answer)
	all := map[string]vendureOrder{}
	for _, o := range answer.Orders.Items {
		all[o.ID] = o
	}
	return all
}

func vendure(t *testing.T) (admin, crawler.Shop, *crawler.Spider, *func(int, string)) {
	t.Helper()
	base := strings.TrimSuffix(os.Getenv("NUDGED_VENDURE"), "/")
	if base == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "vendure") {
			t.Fatal("NUDGED_VENDURE is not set")
		}
		t.Skip("NUDGED_VENDURE is not set")
	}
	needChrome(t)
	rec, err := recipe.Load("vendure")
	if err != nil {
		t.Fatal(err)
	}
	shop := crawler.Shop{
		Shop: extract.Shop{Name: "vendure", URL: base + "/admin", Zone: time.UTC, Region: "US", OfflinePayment: []string{"bank-transfer"}},
		User: "superadmin", Password: "superadmin", Recipe: rec, PagesPerHour: 100_000,
	}
	hook := func(int, string) {}
	spider := crawler.New(crawler.Options{
		Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true}, SaveDir: t.TempDir(),
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
		Progress: func(_ string, done, _ int, what string) { hook(done, what) },
	})
	t.Cleanup(func() {
		if err := spider.Close(); err != nil {
			t.Error(err)
		}
	})
	return admin{t, base}, shop, spider, &hook
}

func compareVendure(t *testing.T, got []order.Order, want map[string]vendureOrder) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("read %d orders, the admin API has %d", len(got), len(want))
	}
	for _, g := range got {
		w, ok := want[g.ID]
		if !ok || g.Number != w.Code || g.Status != w.status() || g.Total != (order.Money{Minor: w.TotalWithTax, Currency: w.CurrencyCode}) || !g.Created.Equal(w.CreatedAt) {
			t.Errorf("read %+v, the admin API has %+v (%s)", g, w, w.status())
			continue
		}
		if !g.Status.WantsDetail() {
			continue
		}
		if g.Buyer.Name != w.Customer.FirstName+" "+w.Customer.LastName || g.Buyer.Email.Reveal() != w.Customer.EmailAddress || digits(g.Buyer.Phone.Reveal()) != digits(w.phone()) {
			t.Errorf("order %s: read buyer %q %q %q, the admin API has %+v", g.ID, g.Buyer.Name, g.Buyer.Email.Reveal(), g.Buyer.Phone.Reveal(), *w.Customer)
		}
		lines := func(sku string, quantity int, minor int64) string { return fmt.Sprint(sku, " ", quantity, " ", minor) }
		var have, need []string
		for _, l := range g.Lines {
			have = append(have, lines(l.SKU, l.Quantity, l.Total.Minor))
		}
		for _, l := range w.Lines {
			need = append(need, lines(l.ProductVariant.SKU, l.Quantity, l.LinePriceWithTax))
		}
		slices.Sort(have) // the shop gives lines in no fixed order
		slices.Sort(need)
		if strings.Join(have, ";") != strings.Join(need, ";") {
			t.Errorf("order %s: read lines %v, the admin API has %v", g.ID, have, need)
		}
	}
}

func TestVendure(t *testing.T) {
	api, shop, spider, hook := vendure(t)
	want := api.orders()
	result, err := spider.Visit(t.Context(), shop, crawler.Known{})
	if err != nil || !result.Complete {
		t.Fatalf("complete %v, %v, problems %+v", result.Complete, err, result.Problems)
	}
	compareVendure(t, result.Orders, want)

	t.Run("a second visit reads one page", func(t *testing.T) {
		seen := map[string]crawler.Seen{}
		for _, o := range result.Orders {
			seen[o.ID] = crawler.Seen{StatusText: o.StatusText, Status: o.Status, Looked: !o.Looked.IsZero()}
		}
		again, err := spider.Visit(t.Context(), shop, crawler.Known{Session: result.Session, Seen: func(id string) (crawler.Seen, bool) { s, ok := seen[id]; return s, ok }})
		if err != nil || again.Pages != 1 {
			t.Errorf("%d pages, %v", again.Pages, err)
		}
	})

	t.Run("the session ends in mid-visit", func(t *testing.T) {
		spider.Idle(shop.Name)
		token := sessionToken(t, result.Session)
		ended := 0
		*hook = func(done int, what string) {
			if what == "orders" && done == 5 && ended == 0 {
				ended++
				api.ask(token, `mutation{logout{success}}`, new(any))
			}
		}
		defer func() { *hook = func(int, string) {} }()
		again, err := spider.Visit(t.Context(), shop, crawler.Known{Full: true, Session: result.Session})
		if err != nil || !again.Complete || ended != 1 {
			t.Fatalf("complete %v, %v", again.Complete, err)
		}
		compareVendure(t, again.Orders, want)
		if sessionToken(t, again.Session) == token {
			t.Error("the session was not renewed")
		}
	})

	t.Run("a wrong password is tried once", func(t *testing.T) {
		wrong := shop
		wrong.Name, wrong.Password = "vendure-wrong", canaryPassword
		tries := 0
		*hook = func(_ int, what string) {
			if what == "signing in" {
				tries++
			}
		}
		result, err := spider.Visit(t.Context(), wrong, crawler.Known{})
		var refused *crawler.RefusedError
		if !errors.As(err, &refused) || refused.Words == "" || result.Outcome != order.Refused || tries != 1 {
			t.Errorf("tried %d times, outcome %q, %v", tries, result.Outcome, err)
		}
		t.Logf("the seller reads: %v", err)
	})
}

// sessionToken is what the kept session signs its requests with: a bearer token
// or a cookie header.
func sessionToken(t *testing.T, blob []byte) string {
	t.Helper()
	var kept struct {
		Vars    map[string]string
		Cookies []struct{ Name, Value string }
	}
	if err := json.Unmarshal(blob, &kept); err != nil {
		t.Fatal(err)
	}
	if token := kept.Vars["token"]; token != "" {
		return token
	}
	var parts []string
	for _, c := range kept.Cookies {
		parts = append(parts, c.Name+"="+c.Value)
	}
	return strings.Join(parts, "; ")
}
