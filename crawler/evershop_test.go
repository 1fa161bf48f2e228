package crawler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// evershop is a running EverShop, asked behind the spider's back: see the head of
// .ci/evershop/shop.mjs.
type evershop struct {
	t    *testing.T
	base string
}

func (e evershop) control(method, path string, into any) {
	e.t.Helper()
	request, err := http.NewRequestWithContext(e.t.Context(), method, e.base+"/control/"+path, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		e.t.Fatalf("%s %s: %s %s %v", method, path, response.Status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		e.t.Fatalf("%s: %v", body, err)
	}
}

func (e evershop) do(path string) { e.control(http.MethodPost, path, new(any)) }

// fresh lets the shop's limits and log begin anew.
func (e evershop) fresh() {
	e.t.Helper()
	e.do("newcomer")
	e.do("clear")
}

// evershopOrder is a row of the shop's database with what belongs to it.
type evershopOrder struct {
	UUID, Number, Status, Currency, Name, Email, Phone string
	PaymentStatus                                      string    `json:"payment_status"`
	Method                                             string    `json:"payment_method"`
	Total                                              string    `json:"grand_total"`
	Created                                            time.Time `json:"created_at"`
	Updated                                            time.Time `json:"updated_at"`
	Captured, Activities                               int
	Lines                                              []struct {
		Title, SKU string
		Quantity   int
		Total      float64
	}
}

func (e evershop) orders() map[string]evershopOrder {
	e.t.Helper()
	var all []evershopOrder
	e.control(http.MethodGet, "orders", &all)
	byID := map[string]evershopOrder{}
	for _, o := range all {
		byID[o.UUID] = o
	}
	return byID
}

// seenRequest is a request that came to the shop.
type seenRequest struct {
	Method, Path, Body string
	Status             int
}

func (e evershop) log() []seenRequest {
	e.t.Helper()
	var all []seenRequest
	e.control(http.MethodGet, "log", &all)
	return all
}

func (e evershop) signIns() int {
	e.t.Helper()
	n := 0
	for _, r := range e.log() {
		if r.Method == http.MethodPost && r.Path == "/admin/user/login" {
			n++
		}
	}
	return n
}

// busy uses up what the shop answers to one address within a minute.
func (e evershop) busy() {
	e.t.Helper()
	for n := 0; ; n++ {
		request, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, e.base+"/api/admin/graphql", nil)
		if err != nil {
			e.t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			e.t.Fatal(err)
		}
		_ = response.Body.Close()
		switch {
		case response.StatusCode == http.StatusTooManyRequests:
			return
		case n > 500:
			e.t.Fatal("the shop has no limit")
		}
	}
}

// status by the rules of the shop's own code.
func (o evershopOrder) status() order.Status {
	switch o.PaymentStatus {
	case "pending", "stripe_failed":
		return order.Unpaid
	case "canceled":
		if o.Captured > 0 {
			return order.ClosedRefunded
		}
		return order.ClosedUnpaid
	case "stripe_refunded":
		return order.ClosedRefunded
	case "paid", "paypal_authorized", "stripe_captured", "stripe_partial_refunded":
		return order.Paid
	}
	return order.Unknown
}

func cents(t *testing.T, amount string) int64 {
	t.Helper()
	f, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(f*100 + 0.5)
}

func (e evershop) compare(got []order.Order, want map[string]evershopOrder) {
	e.t.Helper()
	if len(got) != len(want) {
		e.t.Errorf("read %d orders, the database has %d", len(got), len(want))
	}
	for _, g := range got {
		w, ok := want[g.ID]
		if !ok || g.Number != w.Number || g.Status != w.status() || g.Payment != w.Method || !g.Created.Equal(w.Created) || !g.Updated.Equal(w.Updated) ||
			g.Total != (order.Money{Minor: cents(e.t, w.Total), Currency: w.Currency}) || g.Buyer.Email.Reveal() != w.Email || g.Buyer.Name != strings.TrimSpace(w.Name) {
			e.t.Errorf("read %+v, the database has %+v (%s)", g, w, w.status())
			continue
		}
		if g.Status.WantsDetail() {
			e.compareDetail(g, w)
		}
	}
}

func (e evershop) compareDetail(got order.Order, want evershopOrder) {
	e.t.Helper()
	if digits(got.Buyer.Phone.Reveal()) != digits(want.Phone) {
		e.t.Errorf("order %s: read phone %q, the database has %q", got.Number, got.Buyer.Phone.Reveal(), want.Phone)
	}
	var have, need []string
	for _, l := range got.Lines {
		have = append(have, fmt.Sprint(l.Title, " ", l.SKU, " ", l.Quantity, " ", l.Total.Minor))
	}
	for _, l := range want.Lines {
		need = append(need, fmt.Sprint(l.Title, " ", l.SKU, " ", l.Quantity, " ", int64(l.Total*100+0.5)))
	}
	if !slices.Equal(have, need) {
		e.t.Errorf("order %s: read lines %q, the database has %q", got.Number, have, need)
	}
}

// evershopRig is a spider before the shop.
type evershopRig struct {
	evershop
	shop   crawler.Shop
	spider *crawler.Spider
	hook   func(done int, what string)
	skew   atomic.Int64
}

func newEverShop(t *testing.T) *evershopRig {
	t.Helper()
	base := strings.TrimSuffix(os.Getenv("NUDGED_EVERSHOP"), "/")
	if base == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "evershop") {
			t.Fatal("NUDGED_EVERSHOP is not set")
		}
		t.Skip("NUDGED_EVERSHOP is not set")
	}
	rec, err := recipe.Load("evershop")
	if err != nil {
		t.Fatal(err)
	}
	r := &evershopRig{evershop: evershop{t, base}, hook: func(int, string) {}}
	r.shop = crawler.Shop{
		Shop: extract.Shop{Name: "evershop", URL: base + "/admin", Zone: time.UTC, Region: "US"},
		User: "admin@nudged.test", Password: "admin-password", Recipe: rec, PagesPerHour: 100_000,
	}
	r.spider = crawler.New(crawler.Options{
		Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true}, SaveDir: t.TempDir(),
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now:      func() time.Time { return time.Now().Add(time.Duration(r.skew.Load())) },
		Progress: func(_ string, done, _ int, what string) { r.hook(done, what) },
	})
	t.Cleanup(func() {
		if err := r.spider.Close(); err != nil {
			t.Error(err)
		}
	})
	r.fresh()
	return r
}

func (r *evershopRig) must(known crawler.Known) crawler.Result {
	r.t.Helper()
	result, err := r.spider.Visit(r.t.Context(), r.shop, known)
	if err != nil || !result.Complete && known.Seen == nil {
		r.t.Fatalf("complete %v, %v, problems %+v", result.Complete, err, result.Problems)
	}
	return result
}

func memory(orders []order.Order) func(string) (crawler.Seen, bool) {
	seen := map[string]crawler.Seen{}
	for _, o := range orders {
		seen[o.ID] = crawler.Seen{StatusText: o.StatusText, Status: o.Status, Looked: !o.Looked.IsZero()}
	}
	return func(id string) (crawler.Seen, bool) { s, ok := seen[id]; return s, ok }
}

// A full visit gives what the database holds, and changes nothing in it.
func TestEverShop(t *testing.T) {
	r := newEverShop(t)
	before := r.orders()
	result := r.must(crawler.Known{})
	r.compare(result.Orders, before)
	if after := r.orders(); !reflect.DeepEqual(before, after) {
		t.Error("the visit changed the shop's database")
	}
	r.onlyReads(1)
	counts := map[order.Status]int{}
	for _, o := range result.Orders {
		counts[o.Status]++
	}
	t.Logf("%d orders: %v", len(result.Orders), counts)

	t.Run("a second visit reads one page", func(t *testing.T) {
		again := r.must(crawler.Known{Session: result.Session, Seen: memory(result.Orders)})
		if again.Pages != 1 || r.signIns() != 1 {
			t.Errorf("%d pages, %d sign-ins", again.Pages, r.signIns())
		}
	})
	t.Run("what happens in the shop is seen", func(t *testing.T) { r.changes(result) })
	t.Run("the guard", func(t *testing.T) { r.guarded(result) })
}

// onlyReads holds the shop's own log against what a reader may send.
func (r *evershopRig) onlyReads(signIns int) {
	r.t.Helper()
	queries := 0
	for _, seen := range r.log() {
		switch at := seen.Method + " " + seen.Path; at {
		case "GET /admin/login", "POST /admin/user/login":
		case "POST /api/admin/graphql":
			queries++
			var body struct{ Query string }
			if err := json.Unmarshal([]byte(seen.Body), &body); err != nil {
				r.t.Errorf("%q: %v", seen.Body, err)
			} else if err := recipe.GraphQLReadOnly(body.Query); err != nil {
				r.t.Errorf("a query that writes: %v", err)
			}
		default:
			r.t.Errorf("the shop was sent %s", at)
		}
	}
	if n := r.signIns(); n != signIns || queries == 0 {
		r.t.Errorf("%d sign-ins, want %d; %d queries", n, signIns, queries)
	}
}

// changes are made by EverShop itself: an order comes, another is paid, a third
// is cancelled.
func (r *evershopRig) changes(first crawler.Result) {
	var unpaid []order.Order
	for _, o := range first.Orders {
		if o.Status == order.Unpaid && o.Payment == "bank_transfer" {
			unpaid = append(unpaid, o)
		}
	}
	if len(unpaid) < 2 {
		r.t.Fatal("no unpaid orders in the shop; start it anew")
	}
	var added evershopOrder
	r.control(http.MethodPost, "order?kind=transfer&minutes=3", &added)
	r.do("pay?order=" + unpaid[0].Number)
	r.do("cancel?order=" + unpaid[1].Number)

	want := map[string]order.Status{added.UUID: order.Unpaid, unpaid[0].ID: order.Paid, unpaid[1].ID: order.ClosedUnpaid}
	again := r.must(crawler.Known{Session: first.Session, Seen: memory(first.Orders)})
	for _, o := range again.Orders {
		if status, ok := want[o.ID]; ok && o.Status == status {
			delete(want, o.ID)
		}
	}
	if len(want) > 0 {
		r.t.Errorf("not seen as they are: %v", want)
	}
	o, _, err := r.spider.Look(r.t.Context(), r.shop, unpaid[0].ID, again.Session)
	if err != nil || o.Status != order.Paid {
		r.t.Errorf("a look at the paid order: %v, %v", o.Status, err)
	}
	if _, _, err := r.spider.Look(r.t.Context(), r.shop, "00000000-0000-4000-8000-000000000000", again.Session); !errors.Is(err, crawler.ErrNoOrder) {
		r.t.Errorf("a look at an order that is not there: %v", err)
	}
}

// guarded: what would write is stopped before it leaves.
func (r *evershopRig) guarded(first crawler.Result) {
	r.do("clear")
	at, err := url.Parse(r.shop.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	guard := recipe.NewGuard(at, r.shop.Recipe.Allow, r.shop.Recipe.Deny, nil)
	guard.Lock()
	client, err := fetch.New(fetch.Options{Guard: guard})
	if err != nil {
		r.t.Fatal(err)
	}
	id := first.Orders[0].ID
	for _, try := range []fetch.Request{
		{Method: http.MethodPost, URL: r.base + "/api/orders/" + id + "/cancel", Body: []byte(`{"reason":"x"}`), ContentType: "application/json"},
		{Method: http.MethodPost, URL: r.base + "/api/orders/" + id + "/shipments", Body: []byte(`{}`), ContentType: "application/json"},
		{Method: http.MethodPost, URL: r.base + "/api/admin/graphql", Body: []byte(`{"query":"mutation { cancelOrder(id: 1) { id } }"}`), ContentType: "application/json"},
		{Method: http.MethodPost, URL: r.base + "/admin/user/login", Body: []byte(`{}`), ContentType: "application/json"},
		{Method: http.MethodGet, URL: r.base + "/admin/user/logout"},
		{Method: http.MethodDelete, URL: r.base + "/api/shipments/" + id + "/label"},
	} {
		if _, err := client.Do(r.t.Context(), try); !errors.Is(err, recipe.ErrBlocked) {
			r.t.Errorf("%s %s: %v", try.Method, try.URL, err)
		}
	}
	if came := r.log(); len(came) > 0 {
		r.t.Errorf("this reached the shop: %+v", came)
	}
}

func TestEverShopSessionEnds(t *testing.T) {
	r := newEverShop(t)
	want := r.orders()
	r.do("expire?after=12")
	result := r.must(crawler.Known{Full: true})
	r.compare(result.Orders, want)
	r.onlyReads(2)
	// One that was kept, and has ended meanwhile.
	r.fresh()
	r.do("expire")
	again := r.must(crawler.Known{Full: true, Session: result.Session})
	r.compare(again.Orders, want)
	r.onlyReads(1)
}

func TestEverShopWrongPassword(t *testing.T) {
	r := newEverShop(t)
	r.shop.Password = canaryPassword
	result, err := r.spider.Visit(t.Context(), r.shop, crawler.Known{})
	var refused *crawler.RefusedError
	if !errors.As(err, &refused) || refused.Words != "Invalid email or password" || result.Outcome != order.Refused {
		t.Fatalf("outcome %q, %v", result.Outcome, err)
	}
	t.Logf("the seller reads: %v", err)
	if n := r.signIns(); n != 1 {
		t.Errorf("the password was sent %d times", n)
	}
}

// EverShop answers 120 requests of its API a minute, then 429.
func TestEverShopTooManyRequests(t *testing.T) {
	r := newEverShop(t)
	want := r.orders()
	r.hook = func(done int, what string) {
		if what == "orders" && done == 5 {
			r.hook = func(int, string) {}
			r.busy()
		}
	}
	result, err := r.spider.Visit(t.Context(), r.shop, crawler.Known{Full: true})
	var away *crawler.UnavailableError
	if !errors.As(err, &away) || away.Status != http.StatusTooManyRequests || result.Complete || result.Outcome != order.Unavailable || len(result.Orders) == 0 {
		t.Fatalf("complete %v, outcome %q, %d orders, %v", result.Complete, result.Outcome, len(result.Orders), err)
	}
	t.Logf("the seller reads: %v", err)
	r.do("clear")
	if _, err := r.spider.Visit(t.Context(), r.shop, crawler.Known{Full: true, Session: result.Session}); !errors.As(err, &away) {
		t.Errorf("at once again: %v", err)
	}
	if came := r.log(); len(came) > 0 {
		t.Errorf("the shop asked for a pause, and was sent %+v", came)
	}
	r.skew.Store(int64(2 * time.Minute))
	r.fresh() // its minute is over
	again := r.must(crawler.Known{Full: true, Session: result.Session})
	r.compare(again.Orders, want)
	if n := r.signIns(); n != 0 {
		t.Errorf("%d more sign-ins", n)
	}
}
