package crawler_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// press is WordPress with WooCommerce 10, as far as a visit sees it: who signs
// in at the front is asked whether the administrator's address is still right,
// and the preview shows the buyer and the goods alone.
type press struct {
	*httptest.Server
	code bool // signing in takes a one-time code

	mu    sync.Mutex
	alive string // the session that holds
	seen  []string
	tries int
}

const pressForm = `<form id="loginform" action="/wp-login.php" method="post"><input id="user_login" name="log"><input id="user_pass" name="pwd" type="password">%s<input type="submit" id="wp-submit" name="wp-submit" value="Log In"></form>`

func newPress(t *testing.T) *press {
	p := &press{}
	mux := http.NewServeMux()
	mux.HandleFunc("/wp-login.php", p.login)
	mux.HandleFunc("/wp-admin/", p.admin)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	fmt.Fprint(w, "<!doctype html><html><body>", body, "</body></html>")
}

func (p *press) login(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, r.Method+" "+r.URL.RequestURI())
	interim := ""
	if r.FormValue("interim-login") != "" {
		interim = `<input type="hidden" name="interim-login" value="1">`
	}
	switch {
	case r.FormValue("action") == "validate_2fa":
		p.welcome(w, r, interim)
	case r.Method != http.MethodPost:
		page(w, fmt.Sprintf(pressForm, interim))
	case r.FormValue("pwd") != canaryPassword:
		p.tries++
		page(w, `<div id="login_error">Error: The password you entered for the username boss is incorrect.</div>`+fmt.Sprintf(pressForm, interim))
	case p.code:
		p.tries++
		page(w, `<form id="loginform" action="/wp-login.php?action=validate_2fa" method="post">`+interim+`<input id="authcode" name="authcode"><input type="submit" value="Verify"></form>`)
	default:
		p.tries++
		p.welcome(w, r, interim)
	}
}

func (p *press) welcome(w http.ResponseWriter, r *http.Request, interim string) {
	if code := r.FormValue("authcode"); p.code && len(code) != 6 {
		page(w, `<div id="login_error">ERROR: Invalid verification code.</div>`)
		return
	}
	p.alive = fmt.Sprintf("session-%d", len(p.seen))
	http.SetCookie(w, &http.Cookie{Name: "wordpress_logged_in", Value: p.alive, Path: "/"})
	if interim == "" {
		http.Redirect(w, r, "/wp-login.php?action=confirm_admin_email&wp_lang=en_US", http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, `<!doctype html><html><body class="login interim-login interim-login-success"><p class="message">You have logged in successfully.</p></body></html>`)
}

func (p *press) admin(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, r.Method+" "+r.URL.RequestURI())
	in, err := r.Cookie("wordpress_logged_in")
	ajax := strings.HasSuffix(r.URL.Path, "admin-ajax.php")
	switch signed := err == nil && in.Value == p.alive; {
	case ajax && !signed:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "0")
	case !signed:
		http.Redirect(w, r, "/wp-login.php?reauth=1", http.StatusFound)
	case ajax && r.FormValue("security") != "nonce"+p.alive[8:]:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "-1")
	case ajax:
		p.preview(w, r.FormValue("order_id"))
	default:
		p.list(w)
	}
}

func (p *press) list(w http.ResponseWriter) {
	var b strings.Builder
	fmt.Fprintf(&b, `<div id="wpadminbar"></div><script>var wc_orders_params = {"preview_nonce":"nonce%s"};</script><span class="displaying-num">3 items</span><table><tbody id="the-list">`, p.alive[8:])
	for i, status := range []string{"on-hold", "pending", "cancelled"} {
		fmt.Fprintf(&b, `<tr><td><a class="order-preview" data-order-id="%d"></a><a class="order-view"><strong>#%[1]d Anna Kowalska</strong></a></td>
<td class="order_date"><time datetime="2026-11-22T13:11:36+00:00">1 hour ago</time></td><td><mark class="order-status status-%s"><span>%[2]s</span></mark></td>
<td class="order_total"><span class="amount">€%d.50</span></td></tr>`, 70-i, status, 10+i)
	}
	page(w, b.String()+`</tbody></table>`)
}

func (p *press) preview(w http.ResponseWriter, id string) {
	status := map[string]string{"70": "on-hold", "69": "pending", "68": "cancelled"}[id]
	if status == "" {
		return // an order that is not there is an empty answer
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"success":true,"data":{"data":{"id":%s,"billing":{"first_name":"Anna","last_name":"Kowalska","email":"anna@example.com","phone":"512345678"},"shipping":{"phone":""}},
"order_number":"%[1]s","payment_via":"Bank transfer","status":"%s","status_name":"%[2]s",
"item_html":"<table><tr class=\"wc-order-preview-table__item\"><td class=\"wc-order-preview-table__column--product\">Chair<div class=\"wc-order-item-sku\">C-1</div></td><td class=\"wc-order-preview-table__column--quantity\">1</td><td class=\"wc-order-preview-table__column--total\"><span class=\"amount\">€10.50</span></td></tr></table>"}}`, id, status)
}

// strayed are the pages that a visit has no business on: the dashboard, and what
// WordPress asks the administrator.
func (p *press) strayed() (pages []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.seen {
		if s == "GET /wp-admin/" || strings.HasPrefix(s, "GET /wp-login.php?action") {
			pages = append(pages, s)
		}
	}
	return pages
}

func (p *press) passwords() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

func pressShop(t *testing.T, p *press) (crawler.Shop, *crawler.Spider) {
	t.Helper()
	needChrome(t)
	rec, err := recipe.Load("woocommerce")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	spider := crawler.New(crawler.Options{Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true}, SaveDir: t.TempDir()})
	t.Cleanup(func() {
		if err := spider.Close(); err != nil {
			t.Error(err)
		}
	})
	return crawler.Shop{
		Shop: extract.Shop{Name: "press", URL: p.URL + "/wp-admin/", Zone: zone, Region: "PL", Currency: "EUR", AutoClose: 48 * time.Hour},
		User: "boss", Password: canaryPassword, Recipe: rec, PagesPerHour: 100_000,
	}, spider
}

func TestWooCommerceVisit(t *testing.T) {
	p := newPress(t)
	shop, spider := pressShop(t, p)
	result, err := spider.Visit(t.Context(), shop, crawler.Known{})
	if err != nil || !result.Complete || len(result.Problems) > 0 {
		t.Fatalf("complete %v, %v, problems %+v", result.Complete, err, result.Problems)
	}
	created := time.Date(2026, 11, 22, 12, 11, 36, 0, time.UTC)
	for i, o := range result.Orders {
		want := []order.Status{order.Unpaid, order.Unpaid, order.ClosedUnpaid}[i]
		if o.Looked.IsZero() || o.Status != want || o.Buyer.Email != "anna@example.com" || !o.Created.Equal(created) ||
			o.Total != (order.Money{Minor: int64(1050 + 100*i), Currency: "EUR"}) || len(o.Lines) != 1 || o.Lines[0].Title != "Chair" || o.Lines[0].SKU != "C-1" {
			t.Errorf("read %+v", o)
		}
		if o.Status == order.Unpaid && !o.Closes.Equal(created.Add(48*time.Hour)) {
			t.Errorf("order %s closes at %s", o.ID, o.Closes)
		}
	}
	if pages := p.strayed(); len(result.Orders) != 3 || len(pages) > 0 || p.passwords() != 1 {
		t.Errorf("%d orders, %d passwords; asked for %q", len(result.Orders), p.passwords(), pages)
	}

	if _, _, err := spider.Look(t.Context(), shop, "999", result.Session); !errors.Is(err, crawler.ErrNoOrder) {
		t.Errorf("an order that is not there: %v", err)
	}
}

// The form of the plugin Two-Factor, which comes after the password.
func TestWooCommerceWithCode(t *testing.T) {
	p := newPress(t)
	p.code = true
	shop, spider := pressShop(t, p)
	shop.TOTP = totpSecret
	result, err := spider.Visit(t.Context(), shop, crawler.Known{})
	if err != nil || !result.Complete || p.passwords() != 1 {
		t.Errorf("complete %v, %d passwords: %v", result.Complete, p.passwords(), err)
	}
}
