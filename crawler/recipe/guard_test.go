package recipe_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"nudged/crawler/recipe"
)

func re(s string) *recipe.Regexp { return &recipe.Regexp{Regexp: regexp.MustCompile(s)} }

func guard(t testing.TB, base string, allow []recipe.Allow, deny ...*recipe.Regexp) *recipe.Guard {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return recipe.NewGuard(u, allow, deny, nil)
}

// A shop may lie in a folder that reads like an act, and an order's page be called
// after one: then the recipe has to say so.
func TestGuardGetOfNamesLikeActs(t *testing.T) {
	allow := []recipe.Allow{{Method: "GET", URL: re(`/order/update/\d+`)}, {Method: "GET", URL: re(`dispatch=profiles\.update`)}, {Method: "GET", URL: re(`/order/(delete|c%61ncel)/\d+`)}}
	for _, tc := range []struct {
		base, address string
		pass          bool
	}{
		{"http://shop.test/store/admin/", "http://shop.test/store/admin/orders", true},
		{"http://shop.test/store", "http://shop.test/store", true},
		{"http://shop.test/store/admin/", "http://shop.test/store/api/orders", true},
		{"http://shop.test/store/admin.php", "http://shop.test/store/admin.php?page=2", true},
		{"http://shop.test/store/admin/", "http://shop.test/store/admin/store/7", false},
		{"http://shop.test/store/admin/", "http://shop.test/store/admin/orders/7/cancel", false},
		{"http://shop.test/store/admin/", "http://shop.test/storefront/store/7", false},
		{"http://shop.test/store/admin/", "http://cdn.test/store/admin/orders", false},
		{"http://shop.test/admin/", "http://shop.test/store/admin/orders", false},
		{"http://shop.test/admin/", "http://shop.test/admin/order/update/12", true},
		{"http://shop.test/admin/", "http://shop.test/admin/order/update/12?tab=lines#a", true},
		{"http://shop.test/admin/", "http://shop.test/admin.php?dispatch=profiles.update&user_id=3", true},
		{"http://shop.test/admin/", "http://shop.test/admin/order/update/12/delete", false},
		{"http://shop.test/admin/", "http://shop.test/admin/order/delete/12", false},
		{"http://shop.test/admin/", "http://shop.test/admin/order/c%61ncel/12", false},
		{"http://shop.test/admin/", "http://shop.test/admin/order/update/12?action=delete", false},
		{"http://shop.test/admin/", "http://shop.test/admin/order/update/12?_method=delete", false},
		{"http://shop.test/admin/", "http://shop.test/admin/stock/update/12", false},
		{"http://shop.test/admin/", "http://other.test/admin/order/update/12", false},
	} {
		g := guard(t, tc.base, allow)
		g.Lock()
		if err := g.Judge("GET", tc.address, nil, nil); (err == nil) != tc.pass {
			t.Errorf("at %s, %s: %v", tc.base, tc.address, err)
		}
		if err := g.Judge("POST", tc.address, nil, nil); err == nil {
			t.Errorf("a POST to %s passes", tc.address)
		}
	}
}

// Addresses as the shops' own pages have them.
func TestGuardGet(t *testing.T) {
	pass := []string{
		// OpenCart 4
		"http://shop.test/admin/index.php?route=sale/order&user_token=5f2a77aa",
		"http://shop.test/admin/index.php?route=sale/order.list&user_token=5f2a77aa&page=2",
		"http://shop.test/admin/index.php?route=sale/order.info&user_token=5f2a77aa&order_id=12",
		"http://shop.test/admin/index.php?route=sale/order.history&user_token=5f2a77aa&order_id=12",
		"http://shop.test/admin/index.php?route=common/login",
		"http://shop.test/admin/index.php?route=setting/setting&user_token=5f2a77aa",
		// WooCommerce
		"http://shop.test/wp-admin/edit.php?post_type=shop_order&paged=2",
		"http://shop.test/wp-admin/edit.php?post_status=trash&post_type=shop_order",
		"http://shop.test/wp-admin/admin.php?page=wc-orders&status=wc-cancelled&paged=3",
		"http://shop.test/wp-admin/admin-ajax.php?action=woocommerce_get_order_details&order_id=12&security=ab12cd34",
		"http://shop.test/wp-admin/post.php?post=1&action=edit", // takes a lock: the recipe denies it
		"http://shop.test/wp-login.php?loggedout=true&wp_lang=en_US",
		"http://shop.test/wp-login.php?redirect_to=http%3A%2F%2Fshop.test%2Fwp-admin%2F&reauth=1",
		// PrestaShop
		"http://shop.test/admin-dev/index.php/sell/orders/?_token=abc&order[orderBy]=id_order",
		"http://shop.test/admin-dev/index.php/sell/orders/5/view?_token=abc",
		"http://shop.test/admin-dev/sell/orders/?_token=7f.x9-bulk-4.Q7wipe0", // chance
		"http://shop.test/admin-dev/index.php?controller=AdminOrders&vieworder&id_order=5&token=abc",
		// ShopXO
		"http://shop.test/admin.php?s=order/detail/id/64.html",
		"http://shop.test/admin.php?s=order/index/page/2.html",
		// others
		"http://shop.test/admin/orders?status=cancelled&deleted=0&sort=-created_at",
		"http://shop.test/api/orders/12?include=refund&with[]=refund",
		"http://shop.test/orders/cancelled", "http://shop.test/refunds", "http://shop.test/payments/12",
		"http://shop.test/admin/sales/order/view/order_id/12/key/0af3/",
		"http://shop.test/products/undelete-cream",
		"http://shop.test/search?q=delete+old+lock",
		"http://shop.test/assets/DeleteDialog-4f3a.js", "http://shop.test/img/trash.svg",
		"http://shop.test/admin-api?query=%7Borders%7Bitems%7Bid%7D%7D%7D",
		"http://shop.test/list?query=blue+shirt",
		"http://cdn.test/jquery.js", "data:text/plain,x", "blob:http://shop.test/1", "about:blank",
	}
	deny := []string{
		"http://shop.test/wp-admin/admin-ajax.php?action=woocommerce_mark_order_status&status=completed&order_id=12&_wpnonce=ab",
		"http://shop.test/wp-admin/post.php?post=1&action=trash&_wpnonce=ab",
		"http://shop.test/wp-admin/post.php?post=1&action=delete&_wpnonce=ab",
		"http://shop.test/wp-admin/post.php?post=1&action=untrash",
		"http://shop.test/wp-admin/edit.php?post_type=shop_order&action=-1&action2=trash&post[]=1",
		"http://shop.test/wp-login.php?action=logout&_wpnonce=ab",
		"http://shop.test/my-account/customer-logout/",
		"http://shop.test/cart/?remove_item=abc",
		"http://shop.test/admin/index.php?route=sale/order.delete&order_id=12",
		"http://shop.test/admin/index.php?route=sale/order.createInvoiceNo&order_id=12",
		"http://shop.test/admin/index.php?route=common/logout&user_token=5f2a77aa",
		"http://shop.test/admin-dev/index.php?controller=AdminOrders&deleteorder&id_order=5",
		"http://shop.test/admin-dev/index.php?controller=AdminOrders&submitBulkdeleteorder=1",
		"http://shop.test/admin-dev/index.php?controller=AdminLogin&logout&token=abc",
		"http://shop.test/admin.php?s=order/delete", "http://shop.test/admin.php?s=order/delete/id/64.html",
		"http://shop.test/admin.php?s=order/cancel/id/64.html", "http://shop.test/admin.php?s=/order/pay",
		"http://shop.test/orders/12/delete", "http://shop.test/api/orders/12/cancel", "http://shop.test/ORDERS/12/DELETE/",
		"http://shop.test/orders/%64elete/12", "http://shop.test/order/deleteOrder?id=12", "http://shop.test/orders/delete-all",
		"http://shop.test/admin/orders/12/resend-confirmation-email", "http://shop.test/admin/sales_order/unhold/order_id/12/",
		"http://shop.test/orders/12/lock", "http://shop.test/orders/12/delete.php", "http://shop.test/orders/delete/12.png",
		"http://shop.test/x?delete=12", "http://shop.test/x?do=delete", "http://shop.test/x?a=1;do=deleteOne", "http://shop.test/x?mode=delete",
		"http://shop.test/orders/12?_method=DELETE", "http://shop.test/orders/12?_method=post",
		"http://shop.test/admin-api?query=mutation%7BcancelOrder(id%3A1)%7Bid%7D%7D",
		"http://shop.test/admin-api?q=mutation+x%7Ba%7D",
		"http://shop.test/admin-api?query=%7Ba%7D&query=mutation%7Bb%7D",
		"http://shop.test/admin-api?query=subscription%7Ba%7D", "http://shop.test/admin-api?query=%7Bbroken",
		`http://shop.test/admin-api?extensions={"persistedQuery":{"version":1,"sha256Hash":"ab"}}`,
		"http://elsewhere.test/orders/12/delete",
		"ws://shop.test/live", "wss://shop.test/live",
	}
	for _, locked := range []bool{false, true} {
		g := guard(t, "http://shop.test/admin/", nil)
		if locked {
			g.Lock()
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			for _, u := range pass {
				if method != "GET" && !strings.HasPrefix(u, "http") {
					continue // data: and the like are only ever read
				}
				if err := g.Judge(method, u, nil, nil); err != nil {
					t.Errorf("locked=%v: %v", locked, err)
				}
			}
			for _, u := range deny {
				if err := g.Judge(method, u, nil, nil); !errors.Is(err, recipe.ErrBlocked) {
					t.Errorf("locked=%v: %s %s passed", locked, method, u)
				}
			}
		}
	}
}

func TestGuardRecipeDeny(t *testing.T) {
	g := guard(t, "http://shop.test/wp-admin/", nil, re(`action=edit`))
	const page = "http://shop.test/wp-admin/admin.php?page=wc-orders&action=edit&id=12"
	if err := g.Judge("GET", page, nil, nil); !errors.Is(err, recipe.ErrBlocked) {
		t.Errorf("%s passed", page)
	}
	if err := g.Judge("GET", "http://shop.test/wp-admin/admin.php?page=wc-orders#action=edit", nil, nil); err != nil {
		t.Error(err)
	}
}

func TestGuardMethods(t *testing.T) {
	allow := []recipe.Allow{{Method: "PUT", URL: re(`.`), Body: re(`.*`)}, {Method: "DELETE", URL: re(`.`), Body: re(`.*`)}}
	for _, locked := range []bool{false, true} {
		g := guard(t, "http://shop.test/", allow)
		if locked {
			g.Lock()
		}
		for _, method := range []string{"PUT", "PATCH", "DELETE", "put", "CONNECT", "TRACE", "PROPFIND", ""} {
			if g.Judge(method, "http://shop.test/x", nil, nil) == nil {
				t.Errorf("locked=%v: %q passed", locked, method)
			}
		}
		for _, h := range []map[string]string{
			{"x-http-method-override": "DELETE"}, {"X-HTTP-Method": "PUT"}, {"upgrade": "websocket"},
		} {
			if g.Judge("GET", "http://shop.test/x", h, nil) == nil {
				t.Errorf("locked=%v: GET with %v passed", locked, h)
			}
		}
	}
}

func TestGuardSigningIn(t *testing.T) {
	cases := []struct {
		base, url string
		pass      bool
	}{
		{"http://shop.test/admin/", "http://shop.test/admin/login", true},
		{"http://shop.test/admin/", "http://SHOP.test:80/session/save", true},
		{"http://shop.test/admin/", "https://shop.test/login", true}, // answers on https
		{"https://shop.test/", "http://shop.test/login", false},      // a password in clear
		{"http://shop.test/", "http://shop.test:8080/login", false},
		{"http://shop.test:3000/", "http://shop.test:3000/login", true},
		{"http://shop.test:3000/", "http://shop.test/login", false},
		{"http://shop.test/", "http://www.shop.test/login", false},
		{"http://shop.test/", "http://shop.test.evil.test/login", false},
		{"http://shop.test/", "http://shop.test@evil.test/login", false},
		{"http://shop.test/", "http://stats.test/collect", false},
		{"http://shop.test/", "http://shop.test/login?_method=delete", false},
		{"http://shop.test/", "wss://shop.test/live", false},
	}
	for _, c := range cases {
		g := guard(t, c.base, nil)
		if err := g.Judge("POST", c.url, nil, []byte("user=boss")); (err == nil) != c.pass {
			t.Errorf("%s at %s while signing in: %v, want pass %v", c.url, c.base, err, c.pass)
		}
		g.Lock()
		if g.Judge("POST", c.url, nil, []byte("user=boss")) == nil {
			t.Errorf("%s passed after the sign-in", c.url)
		}
		g.Unlock()
		if err := g.Judge("POST", c.url, nil, nil); (err == nil) != c.pass {
			t.Errorf("%s after Unlock: %v, want pass %v", c.url, err, c.pass)
		}
	}
}

func TestGuardDeclaredForms(t *testing.T) {
	g := guard(t, "http://shop.test/", []recipe.Allow{
		{Method: "POST", URL: re(`/wp-admin/admin-ajax\.php$`), Body: re(`action=list(&page=\d+)?`)},
		{Method: "post", URL: re(`/any$`)},
	})
	g.Lock()
	cases := []struct {
		url, body string
		pass      bool
	}{
		{"http://shop.test/wp-admin/admin-ajax.php", "action=list", true},
		{"http://shop.test/wp-admin/admin-ajax.php", "action=list&page=3", true},
		{"http://shop.test/wp-admin/admin-ajax.php", "action=list&page=3&action=delete", false},
		{"http://shop.test/wp-admin/admin-ajax.php", "x=1&action=list", false},
		{"http://shop.test/wp-admin/admin-ajax.php", "action=list\n&action=delete", false},
		{"http://shop.test/wp-admin/admin-ajax.php?_method=delete", "action=list", false},
		{"http://shop.test/wp-admin/other.php", "action=list", false},
		{"http://evil.test/wp-admin/admin-ajax.php", "action=list", false},
		{"http://shop.test/any", "", false}, // no body is declared
	}
	for _, c := range cases {
		if err := g.Judge("POST", c.url, nil, []byte(c.body)); (err == nil) != c.pass {
			t.Errorf("%s with %q: %v, want pass %v", c.url, c.body, err, c.pass)
		}
	}
}

func TestGuardGraphQL(t *testing.T) {
	g := guard(t, "http://shop.test/", []recipe.Allow{{Method: "POST", URL: re(`/admin-api(\?|$)`), GraphQL: true}})
	g.Lock()
	const j, q = "application/json", "{orders{items{id}}}"
	hash := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	cases := []struct {
		kind, body string
		pass       bool
	}{
		{j, `{"query":"{orders{items{id}}}"}`, true},
		{j + "; charset=utf-8", `{"operationName":"L","query":"query L($n:Int){orders(take:$n){id}} fragment f on O{id}","variables":{"n":3}}`, true},
		{j, `[{"query":"{a}"},{"query":"query B{b}"}]`, true},
		{j, fmt.Sprintf(`{"query":%q,"extensions":{"persistedQuery":{"version":1,"sha256Hash":%q}}}`, q, hash(q)), true},
		{"application/graphql", "query { a }", true},

		{j, `{"query":"mutation{cancel(id:1){id}}"}`, false},
		{j, `{"query":"query A{a} mutation B{b}","operationName":"A"}`, false},
		{j, `{"query":"subscription{a}"}`, false},
		{j, `{"query":"# query {a}\nmutation{b}"}`, false},
		{j, `{"query":"\ufeffmutation{b}"}`, false},
		{j, `{"query":"{a}","query":"mutation{b}"}`, false},
		{j, `{"query":"{a}","Query":"mutation{b}"}`, false},
		{j, `[{"query":"{a}"},{"query":"mutation{b}"}]`, false},
		{j, `[]`, false}, {j, `[[{"query":"{a}"}]]`, false}, {j, `{}`, false}, {j, ``, false}, {j, `null`, false}, {j, `"{a}"`, false},
		{j, `{"query":"{a}"} {"query":"mutation{b}"}`, false},
		{j, `{"query":"{a}"`, false}, {j, `{"query":7}`, false}, {j, `{"query":" "}`, false}, {j, `{"query":"fragment f on O{id}"}`, false},
		{j, `{"query":"{a}","mutation":"mutation{b}"}`, false},
		{j, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}`, false},
		{j, `{"query":"{a}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash("mutation{b}") + `"}}}`, false},
		{j + "; charset=utf-16", `{"query":"{a}"}`, false},
		{j, "{\"query\":\"{a}\",\"operationName\":\"\xff\"}", false},
		{"application/graphql", "mutation { a }", false},
		{"application/x-www-form-urlencoded", "query={a}", false},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{a}\"}\r\n--x--", false},
		{"text/plain", `{"query":"{a}"}`, false},
		{"", `{"query":"{a}"}`, false},
	}
	for _, c := range cases {
		err := g.Judge("POST", "http://shop.test/admin-api?op=L", map[string]string{"content-type": c.kind}, []byte(c.body))
		if (err == nil) != c.pass {
			t.Errorf("%s %s: %v, want pass %v", c.kind, c.body, err, c.pass)
		}
	}
	ok := []byte(`{"query":"{a}"}`)
	for name, headers := range map[string]map[string]string{
		"compressed":        {"Content-Type": j, "Content-Encoding": "gzip"},
		"two content types": {"Content-Type": j, "content-type": "multipart/form-data"},
	} {
		if g.Judge("POST", "http://shop.test/admin-api", headers, ok) == nil {
			t.Errorf("%s passed", name)
		}
	}
	// a server may prefer the document in the address
	if g.Judge("POST", "http://shop.test/admin-api?query=mutation%7Bb%7D", map[string]string{"Content-Type": j}, ok) == nil {
		t.Error("a mutation in the address passed beside a query in the body")
	}
}

// The count, the list and the log name the request, and no value of its query.
func TestGuardBlocked(t *testing.T) {
	var out bytes.Buffer
	base, _ := url.Parse("http://shop.test/")
	g := recipe.NewGuard(base, nil, nil, slog.New(slog.NewTextHandler(&out, nil)))
	err := g.Judge("GET", "http://boss:canary@shop.test/orders/1/delete?token=canary&id=canary#canary", nil, nil)
	for i := range 30 {
		_ = g.Judge("DELETE", fmt.Sprintf("http://shop.test/orders/%d", i), nil, nil)
	}
	n, last := g.Blocked()
	if n != 31 || len(last) != 20 || !strings.Contains(last[19], "DELETE http://shop.test/orders/29: ") {
		t.Errorf("%d blocked, %d named, the last is %q", n, len(last), last[len(last)-1])
	}
	if !strings.Contains(err.Error(), "GET http://shop.test/orders/1/delete?token=…&id=…: its path says delete") {
		t.Errorf("error %q does not name the request", err)
	}
	if strings.Contains(out.String()+err.Error(), "canary") {
		t.Errorf("a value is told: %s %v", out.String(), err)
	}
	if strings.Count(out.String(), "\n") != 31 {
		t.Errorf("not every stopped request is logged:\n%s", out.String())
	}
}

func TestGuardConcurrently(t *testing.T) {
	g := guard(t, "http://shop.test/", nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				if i%2 == 0 {
					g.Lock()
				}
				_ = g.Judge("POST", "http://other.test/", nil, nil)
				g.Blocked()
			}
		})
	}
	wg.Wait()
	if n, _ := g.Blocked(); n != 1600 {
		t.Errorf("%d blocked, want 1600", n)
	}
}

// Whatever comes: no panic, nothing but GET-like methods to foreign hosts, and
// after Lock no document that holds a mutation, however it is wrapped.
func FuzzGuard(f *testing.F) {
	f.Add("POST", "http://shop.test/admin-api", "application/json", []byte(`{"query":"{a}"}`))
	f.Add("POST", "http://shop.test/admin-api", "application/json", []byte(`[{"query":"mutation{a}"}]`))
	f.Add("POST", "http://shop.test/admin-api?query=mutation{a}", "application/graphql", []byte(`{a}`))
	f.Add("GET", "http://shop.test/x?query=query+A{a}+mutation+B{b}", "", []byte(nil))
	f.Add("GET", "http://shop.test/%zz?;=&a=%", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, u, kind string, body []byte) {
		g := guard(t, "http://shop.test/", []recipe.Allow{{Method: "POST", URL: re(`/admin-api`), GraphQL: true}}, re(`nothing-like-this`))
		_ = g.Judge(method, u, map[string]string{"Content-Type": kind}, body)
		g.Lock()
		if g.Judge(method, u, map[string]string{"Content-Type": kind}, body) != nil {
			return
		}
		if !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "POST"}, strings.ToUpper(method)) {
			t.Fatalf("%q passed", method)
		}
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatalf("an address passed that does not parse: %q", u)
		}
		if parsed.Scheme != "http" && parsed.Scheme != "https" {
			return // data: and the like never leave the machine
		}
		for key, values := range parsed.Query() {
			for _, v := range values {
				if mutates(v) {
					t.Fatalf("a mutation passed in %q", key)
				}
			}
		}
		if strings.ToUpper(method) != "POST" {
			return
		}
		if parsed.Hostname() != "shop.test" {
			t.Fatalf("POST to %q passed", u)
		}
		documents := []string{string(body)}
		var one any
		if json.Unmarshal(body, &one) == nil {
			documents = append(documents, texts(one)...)
		}
		if slices.ContainsFunc(documents, mutates) && !bytes.Contains(body, []byte("variables")) && !bytes.Contains(body, []byte("extensions")) {
			t.Fatalf("a mutation passed: %q", body)
		}
	})
}

func mutates(s string) bool {
	doc, err := parser.ParseQuery(&ast.Source{Input: s})
	return err == nil && slices.ContainsFunc(doc.Operations, func(o *ast.OperationDefinition) bool { return o.Operation != ast.Query })
}

func texts(v any) (out []string) {
	switch v := v.(type) {
	case string:
		out = append(out, v)
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}
