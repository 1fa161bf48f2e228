package extract_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// systems are the shops that were recorded whole.
func systems() []system {
	return []system{
		{
			folder: "oc30", recipe: "opencart-3", admin: "/admin/",
			list:   "/admin/index.php?route=sale/order&user_token=0",
			detail: "/admin/index.php?route=sale/order/info&user_token=0",
			code:   options(`<option value="(\d+)">([^<]+)</option>`, "list-p1.html"),
			signedOut: []string{"01-login.html", "30-expired-list.html", "32-wrong-token.html", "33-root-no-token.html",
				"36-expired-badcookie.html"},
			past: "list-past-end.html", fresh: "01-login.html",
			refused: "02-login-failed.html", words: "No match for Username and/or Password.",
		},
		{
			folder: "oc41", recipe: "opencart-4", admin: "/admin/",
			list:   "/admin/index.php?route=sale/order.list&user_token=0",
			detail: "/admin/index.php?route=sale/order.info",
			signedOut: []string{"01-login.html", "30-expired-list.html", "31-expired-list-xhr.html", "32-wrong-token.html",
				"33-no-token-root.html", "36-expired-badcookie.html"},
			past: "list-past-end.html", fresh: "01-login.html",
		},
		{
			folder: "ps9", recipe: "prestashop", admin: "/admin772x/", zone: "America/Santiago",
			list: "/admin772x/sell/orders/?_token=0", detail: "/admin772x/sell/orders/1/view?_token=0", fromRow: true,
			code:      options(`<option value="(\d+)">([^<]+)</option>`, "list-p1.html"),
			signedOut: []string{"30b-expired-followed.html", "02b-login-failed-followed.html", "34-compromised.html"},
			past:      "list-past-end.html", fresh: "30b-expired-followed.html",
			refused: "02b-login-failed-followed.html", words: "El empleado no existe o la contraseña introducida es incorrecta.",
		},
		{
			folder: "shopxo", recipe: "shopxo", admin: "/adminayhkt8.php", zone: "Asia/Shanghai",
			list: "/adminayhkt8.php?s=order/index.html", detail: "/adminayhkt8.php?s=order/detail/id/1.html",
			decoded: true, iso: true, fromRow: true,
			signedOut: []string{"01-login.html", "30-expired-list.html", "31-expired-xhr.html", "36-expired-badcookie.html"},
			past:      "list-past-end.html", again: true, fresh: "01-login.html",
			refused: "02-login-failed.json", words: "密码错误",
		},
		wordPress("wp", "/wp-admin/edit.php?post_type=shop_order"),
		wordPress("wphpos", "/wp-admin/admin.php?page=wc-orders"),
	}
}

func wordPress(folder, list string) system {
	return system{
		folder: folder, recipe: "woocommerce", admin: "/wp-admin/", list: list, detail: "/wp-admin/admin-ajax.php", preview: true, fromRow: true,
		code:      options(`<option value="wc-([\w-]+)"[^>]*>([^<]+)</option>`, "detail-31.html"),
		signedOut: []string{"01-login.html"},
		past:      "list-past-end.html", again: true, fresh: "01-login.html",
		refused: "02-login-failed.html",
		words:   "Error: The password you entered for the username boss is incorrect. Lost your password?",
	}
}

// options takes the shop's keys of the statuses from a page's own select.
// "Trash" is WordPress's own and stands in none; an order without a status has
// no key.
func options(expression, file string) func(*captured) func(string) string {
	return func(c *captured) func(string) string {
		codes := map[string]string{"Trash": "trash"}
		for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(string(c.read(file)), -1) {
			codes[m[2]] = m[1]
		}
		return func(text string) string { return codes[text] }
	}
}

func TestCaptures(t *testing.T) {
	for _, y := range systems() {
		t.Run(y.folder, func(t *testing.T) {
			c := y.open(t)
			c.checkLists()
			for id, want := range c.want.Details {
				c.checkDetail(id, want)
			}
			t.Logf("%d details", len(c.want.Details))
			c.checkStatuses()
			c.checkAccess()
			c.checkPast()
			c.checkRefused()
		})
	}
}

// checkAccess tells pages of a signed-in user from the others.
func (c *captured) checkAccess() {
	for _, file := range c.system.signedOut {
		p := c.parsed(file, c.list)
		if got := extract.SignedIn(c.recipe, p); got != extract.No {
			c.t.Errorf("%s: access %v, want No", file, got)
		}
		if _, err := extract.List(c.recipe, c.shop, p, ""); err == nil {
			c.t.Errorf("%s reads as a list", file)
		}
	}
	for file := range c.listPages() {
		c.signedIn(file, c.list)
	}
	for _, d := range c.want.Details {
		c.signedIn(d.File, c.detail)
	}
}

func (c *captured) signedIn(file, address string) {
	c.t.Helper()
	if got := extract.SignedIn(c.recipe, c.parsed(file, address)); got != extract.Yes {
		c.t.Errorf("%s: access %v, want Yes", file, got)
	}
}

// checkPast holds the page past the end: empty, or the last one again.
func (c *captured) checkPast() {
	got, err := extract.List(c.recipe, c.shop, c.parsed(c.past, c.list), "")
	var want []string
	if c.again {
		want = c.want.Pages[len(c.want.Pages)-1].IDs
	}
	if err != nil || got.Empty == c.again || got.NextURL != "" || !slices.Equal(ids(got.Orders), want) {
		c.t.Errorf("past the end: empty %v, next %q, orders %v, %v; it must end the paging", got.Empty, got.NextURL, ids(got.Orders), err)
	}
}

func ids(orders []order.Order) []string {
	var out []string
	for _, o := range orders {
		out = append(out, o.ID)
	}
	return out
}

// checkRefused reads the shop's words about a wrong password, and none from a
// sign-in page that nobody has used yet.
func (c *captured) checkRefused() {
	in := c.recipe.SignIn
	if text, ok := extract.Words(in.Refused, c.parsed(c.fresh, c.admin)); ok {
		c.t.Errorf("a fresh sign-in page reads as refused: %q", text)
	}
	if c.system.refused == "" {
		return
	}
	p := c.parsed(c.system.refused, c.admin)
	if text, ok := extract.Words(in.Refused, p); !ok || text != c.words {
		c.t.Errorf("refusal reads %q, want %q", text, c.words)
	}
	for name, signs := range map[string][]recipe.Sign{"a lock": in.Locked, "a captcha": in.NeedsYou} {
		if text, ok := extract.Words(signs, p); ok {
			c.t.Errorf("a wrong password reads as %s: %q", name, text)
		}
	}
}

func recorded(t *testing.T, folder string) *captured {
	t.Helper()
	for _, y := range systems() {
		if y.folder == folder {
			return y.open(t)
		}
	}
	t.Fatalf("no system %s", folder)
	return nil
}

func TestCapturesOpenCart3(t *testing.T) {
	c := recorded(t, "oc30")
	locked := strings.Replace(string(c.read("02-login-failed.html")), c.words,
		"Your account has exceeded allowed number of login attempts. Please try again in 1 hour or reset password.", 1)
	text, ok := extract.Words(c.recipe.SignIn.Locked, recipe.Page{Status: 200, Type: "text/html", Body: []byte(locked)})
	if !ok || !strings.Contains(text, "1 hour") {
		t.Errorf("a locked account reads %q", text)
	}
	if _, ok := extract.Words(c.recipe.SignIn.Locked, c.parsed("32-wrong-token.html", c.list)); ok {
		t.Error("a wrong token reads as a lock")
	}
	token, err := extract.Vars(c.recipe.SignIn.Vars, c.parsed("list-p1.html", "/admin/index.php?route=common/dashboard&user_token=mMcopo"), extract.Env{})
	if err != nil || token["token"] != "mMcopo" {
		t.Errorf("token %v, %v", token, err)
	}
}

func TestCapturesOpenCart4(t *testing.T) {
	c := recorded(t, "oc41")
	if _, _, _, err := extract.Detail(c.recipe, c.shop, c.parsed("35-order-missing.html", c.detail), order.Order{ID: "9999"}); !errors.Is(err, extract.ErrNoOrder) {
		t.Errorf("a missing order gives %v", err)
	}
	got, err := extract.List(c.recipe, c.shop, c.parsed("list-xhr-past-end.html", c.list), "")
	if err != nil || !got.Empty || len(got.Orders) != 0 {
		t.Errorf("past the end: empty %v, %d orders, %v; it must end the paging", got.Empty, len(got.Orders), err)
	}
	// The shop's own script puts the JSON answer of a sign-in into the page.
	var answer struct{ Error string }
	if err := json.Unmarshal(c.read("02-login-failed.json"), &answer); err != nil {
		t.Fatal(err)
	}
	body := `<div id="alert"><div class="alert alert-danger alert-dismissible"><i></i> ` + answer.Error +
		` <button class="btn-close"></button></div></div><form id="form-login"></form>`
	words, ok := extract.Words(c.recipe.SignIn.Refused, recipe.Page{Status: 200, Type: "text/html", Body: []byte(body)})
	if want := "No match for Username and/or Password."; !ok || words != want {
		t.Errorf("refusal reads %q, want %q", words, want)
	}
}

func TestCapturesWooCommerce(t *testing.T) {
	for _, folder := range []string{"wp", "wphpos"} {
		t.Run(folder, func(t *testing.T) {
			c := recorded(t, folder)
			c.checkNext("paged", "2", "3", "4", "")
			for i := range c.want.Pages {
				got, err := extract.List(c.recipe, c.shop, c.parsed(c.want.Pages[i].File, c.list), "")
				if err != nil || !regexp.MustCompile(`^[0-9a-f]{10}$`).MatchString(got.Vars["nonce"]) {
					t.Errorf("%s: nonce %q, %v", c.want.Pages[i].File, got.Vars["nonce"], err)
				}
			}
			ajax := recipe.Page{URL: c.want.Base + c.detail, Status: 400, Type: "text/html", Body: c.read("31-expired-xhr.html")}
			if got := extract.SignedIn(c.recipe, ajax); got != extract.No {
				t.Errorf("a preview without a session: access %v, want No", got)
			}
			if _, ok := extract.Words(c.recipe.SignIn.Refused, c.parsed("05-login-no-testcookie.html", "/wp-login.php")); !ok {
				t.Error("blocked cookies do not read as a refusal")
			}
		})
	}
}

// checkNext follows the next links from the first page to the last.
func (c *captured) checkNext(parameter string, want ...string) {
	for i, p := range c.want.Pages {
		got, err := extract.List(c.recipe, c.shop, c.parsed(p.File, c.list), "")
		if err != nil {
			c.t.Error(err)
			continue
		}
		next, err := url.Parse(got.NextURL)
		if err != nil || next.Query().Get(parameter) != want[i] || want[i] == "" && got.NextURL != "" {
			c.t.Errorf("%s: next page is %q, want %s=%s", p.File, got.NextURL, parameter, want[i])
		}
	}
}

func TestCapturesPrestaShop(t *testing.T) {
	c := recorded(t, "ps9")
	c.checkNext("order[offset]", "20", "40", "60", "")
	for _, file := range []string{"list-p1.html", "list-p4.html", "list-past-end.html", "list-unpaid.html", "list-plain-while-filtered.html"} {
		got, err := extract.List(c.recipe, c.shop, c.parsed(file, c.list), "")
		if want := strings.Contains(file, "filter") || strings.Contains(file, "unpaid"); err != nil || got.Narrowed != want {
			t.Errorf("%s: narrowed %v, want %v, %v", file, got.Narrowed, want, err)
		}
	}
	other := strings.Replace(string(c.read("list-p1.html")), "ORDER BY o.id_order DESC", "ORDER BY o.total_paid_tax_incl asc", 1)
	got, err := extract.List(c.recipe, c.shop, recipe.Page{URL: c.want.Base + c.list, Status: 200, Type: "text/html", Body: []byte(other)}, "")
	if err != nil || !got.Narrowed {
		t.Errorf("a list in another order: narrowed %v, %v", got.Narrowed, err)
	}
	for _, file := range []string{"04-after-login.html", "list-p1.html", "90-rendered-list.html"} {
		vars, err := extract.Vars(c.recipe.SignIn.Vars, c.parsed(file, c.admin), extract.Env{})
		if err != nil || strings.Count(vars["token"], ".") != 2 || len(vars["token"]) < 80 {
			t.Errorf("%s: token %q, %v", file, vars["token"], err)
		}
	}
	// Of an order that is not there the shop shows the list.
	if _, _, _, err := extract.Detail(c.recipe, c.shop, c.parsed("list-p1.html", c.list), order.Order{ID: "9999"}); !errors.Is(err, extract.ErrNoOrder) {
		t.Errorf("a missing order gives %v", err)
	}
}

func TestCapturesShopXO(t *testing.T) {
	c := recorded(t, "shopxo")
	signs := func(body, kind string) (needsYou, refused bool) {
		p := recipe.Page{Status: 200, Type: kind, Body: []byte(body)}
		_, needsYou = extract.Words(c.recipe.SignIn.NeedsYou, p)
		_, refused = extract.Words(c.recipe.SignIn.Refused, p)
		return needsYou, refused
	}
	for _, file := range []string{"03-login-ok.json", "02b-login-noxhr.html"} {
		if n, r := signs(string(c.read(file)), "application/json"); n || r {
			t.Errorf("%s reads as needs you %v, refused %v", file, n, r)
		}
	}
	if n, _ := signs(string(c.read("01-login.html")), "text/html"); n {
		t.Error("a page without a captcha reads as one with it")
	}
	with := strings.Replace(string(c.read("01-login.html")), `<input type="hidden" name="type" value="username" />`,
		`<input type="text" name="verify" /><input type="hidden" name="type" value="username" />`, 1)
	if n, _ := signs(with, "text/html"); !n {
		t.Error("a captcha beside the password is not seen")
	}
	if n, _ := signs(`{"msg":"图片验证码不能为空","code":-10,"data":""}`, "application/json"); !n {
		t.Error("an answer that asks for the captcha is not seen")
	}
	// The address of another file is no sign of a session that has ended.
	if got := extract.SignedIn(c.recipe, c.parsed("32-wrong-admin-file.html", "/admin.php")); got == extract.No {
		t.Error("the customers' sign-in reads as the seller's")
	}
	c.checkPhones()
}

// checkPhones reads the phones of the list, which come from all over the world.
func (c *captured) checkPhones() {
	for _, region := range []string{"CN", "US", "GB"} {
		shop, got := c.shop, map[string]string{}
		shop.Region = region
		for _, p := range c.want.Pages {
			l, err := extract.List(c.recipe, shop, c.parsed(strings.TrimSuffix(p.File, ".gz"), c.list), "")
			if err != nil {
				c.t.Fatal(err)
			}
			for _, o := range l.Orders {
				got[o.ID] = o.Buyer.Phone.Reveal()
			}
		}
		for _, o := range c.want.List {
			if regionOf(o.Phone) == region {
				c.phone("list", o.ID, got[o.ID], wholePhone(o.Phone, o.User))
			}
		}
	}
}
