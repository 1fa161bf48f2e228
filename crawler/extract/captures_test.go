package extract_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// The recorded pages of real shop systems are not part of this project: they
// are looked for where NUDGED_CAPTURES points.

// expected is what the recorder wrote down of the pages of one shop.
type expected struct {
	Base  string
	Pages []struct {
		File    string
		XHRFile string `json:"xhr_file"`
		IDs     []string
	}
	ListTotal   int `json:"list_total"`
	Statuses    map[string]string
	OtherPages  map[string]string `json:"other_pages"`
	UnpaidIDs   []string          `json:"unpaid_filter_ids"`
	ClassCounts map[string]int    `json:"class_counts"`
	List        []listedOrder
	Details     map[string]detailedOrder
}

type amountText struct {
	Text     string
	Minor    int64
	Currency string
}

type dateText struct{ Text, ISO string }

type listedOrder struct {
	ID, Name   string
	StatusText string `json:"status_text"`
	Total      amountText
	Date       dateText
	Modified   dateText `json:"date_modified"`
	Class      string
}

type detailedOrder struct {
	File, Name, Email, Phone, Payment, Currency, Class string

	PreviewFile string `json:"preview_file"`
	StatusText  string `json:"status_text"`
	Date        dateText
	Total       amountText
	Items       []struct {
		Name, SKU string
		Qty       int
		Total     amountText
	}
}

// captured is one shop of the recordings with the recipe that reads it.
type captured struct {
	t      *testing.T
	dir    string
	recipe *recipe.Recipe
	shop   extract.Shop
	want   expected
}

func capturesRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("NUDGED_CAPTURES")
	if root == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "captures") {
			t.Fatal("NUDGED_CAPTURES is not set, and this run requires the captures")
		}
		t.Skip("NUDGED_CAPTURES is not set")
	}
	return root
}

func capturedShop(t *testing.T, folder, recipeName string) *captured {
	t.Helper()
	root := capturesRoot(t)
	r, err := recipe.Load(recipeName)
	if err != nil {
		t.Fatal(err)
	}
	c := &captured{t: t, dir: filepath.Join(root, folder), recipe: r}
	if err := json.Unmarshal(c.read("expected.json"), &c.want); err != nil {
		t.Fatal(err)
	}
	c.shop = extract.Shop{Name: folder, URL: c.want.Base + "/admin/", Zone: time.UTC, Region: "GB", Currency: "USD"}
	return c
}

func (c *captured) read(name string) []byte {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if b, err := os.ReadFile(path); err == nil {
		return b
	}
	f, err := os.Open(path + ".gz")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *captured) page(name, address string) recipe.Page {
	kind := "text/html"
	if strings.HasSuffix(name, ".json") {
		kind = "application/json"
	}
	return recipe.Page{URL: c.want.Base + address, Status: 200, Type: kind, Body: c.read(name), At: readAt}
}

var readAt = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)

// listPages are all recordings of order lists: name to the ids that they show.
func (c *captured) listPages() map[string][]string {
	pages := map[string][]string{}
	for i, p := range c.want.Pages {
		pages[p.File] = p.IDs
		if p.XHRFile != "" {
			pages[p.XHRFile] = p.IDs
		}
		if i == 0 {
			pages["90-rendered-list.html"] = p.IDs
		}
	}
	for key, file := range c.want.OtherPages {
		if strings.Contains(key, "unpaid") {
			pages[file] = c.want.UnpaidIDs
		}
	}
	return pages
}

// checkLists reads every list page and compares each field of each row.
func (c *captured) checkLists(address string) {
	rows, byClass := 0, map[string]int{}
	byID := map[string]listedOrder{}
	for _, o := range c.want.List {
		byID[o.ID] = o
		byClass[o.Class]++
	}
	for file, ids := range c.listPages() {
		got, err := extract.List(c.recipe, c.shop, c.page(file, address))
		if err != nil {
			c.t.Errorf("%s: %v", file, err)
			continue
		}
		for _, p := range got.Problems {
			c.t.Errorf("%s: %s", file, p.Text)
		}
		if len(got.Orders) != len(ids) || len(ids) == 0 {
			c.t.Errorf("%s: read %d orders, the page shows %d", file, len(got.Orders), len(ids))
			continue
		}
		for i, o := range got.Orders {
			rows++
			if o.ID != ids[i] {
				c.t.Errorf("%s row %d: id %s, want %s", file, i, o.ID, ids[i])
			}
			c.compareRow(file, o, byID[ids[i]])
		}
		if file == "list-p1.html" && got.Total != c.want.ListTotal {
			c.t.Errorf("%s: says %d orders, want %d", file, got.Total, c.want.ListTotal)
		}
	}
	c.t.Logf("%d list pages, %d rows; orders by status: %v", len(c.listPages()), rows, byClass)
}

func (c *captured) compareRow(file string, got order.Order, want listedOrder) {
	c.same(file, got.ID, "name", got.Buyer.Name, want.Name)
	c.same(file, got.ID, "status text", got.StatusText, want.StatusText)
	c.same(file, got.ID, "status", string(got.Status), want.Class)
	c.money(file, got.ID, got.Total, want.Total, "")
	c.date(file, got.ID, got.Created, want.Date)
	if want.Modified.ISO != "" {
		c.date(file, got.ID, got.Updated, want.Modified)
	}
}

func (c *captured) same(file, id, what, got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s order %s: %s is %q, the page shows %q", file, id, what, got, want)
	}
}

// money compares with what the page shows. The recorder took the currency from
// the database; a page that shows "$" does not say whose dollar.
func (c *captured) money(file, id string, got order.Money, want amountText, said string) {
	c.t.Helper()
	if got.Minor != want.Minor {
		c.t.Errorf("%s order %s: total %s, the page shows %s", file, id, got, want.Text)
	}
	if said != "" || !strings.Contains(want.Text, "$") {
		c.same(file, id, "currency", got.Currency, want.Currency)
		return
	}
	c.same(file, id, "currency", got.Currency, c.shop.Currency)
}

func (c *captured) date(file, id string, got time.Time, want dateText) {
	c.t.Helper()
	layout := time.DateOnly
	if len(want.ISO) > len(layout) {
		layout = time.RFC3339
	}
	at, err := time.Parse(layout, want.ISO)
	if err != nil {
		c.t.Fatal(err)
	}
	if !got.Equal(at) {
		c.t.Errorf("%s order %s: time %s, the page shows %s", file, id, got, want.ISO)
	}
}

// checkDetail completes a bare order from its own page.
func (c *captured) checkDetail(id, file, address string, want detailedOrder) order.Order {
	shop := c.shop
	shop.Region = regionOf(want.Phone)
	got, problems, err := extract.Detail(c.recipe, shop, c.page(file, address), order.Order{Shop: c.shop.Name, ID: id})
	if err != nil || len(problems) > 0 {
		c.t.Errorf("%s: %v %v", file, err, problems)
		return got
	}
	c.same(file, id, "name", got.Buyer.Name, want.Name)
	c.same(file, id, "e-mail", got.Buyer.Email.Reveal(), strings.ToLower(want.Email))
	c.same(file, id, "status text", got.StatusText, want.StatusText)
	c.same(file, id, "status", string(got.Status), want.Class)
	c.same(file, id, "payment", got.Payment, strings.TrimPrefix(want.Payment, "Payment via "))
	c.money(file, id, got.Total, want.Total, want.Currency)
	c.date(file, id, got.Created, want.Date)
	c.phone(file, id, got.Buyer.Phone.Reveal(), want.Phone)
	if len(got.Lines) != len(want.Items) {
		c.t.Errorf("%s: %d lines, the page shows %d", file, len(got.Lines), len(want.Items))
		return got
	}
	for i, l := range got.Lines {
		w := want.Items[i]
		c.same(file, id, "title", l.Title, w.Name)
		c.same(file, id, "sku", l.SKU, w.SKU)
		if l.Quantity != w.Qty || l.Total.Minor != w.Total.Minor || l.Total.Currency != w.Total.Currency {
			c.t.Errorf("%s: line %q: %d, %s; the page shows %d, %s", file, l.Title, l.Quantity, l.Total, w.Qty, w.Total.Text)
		}
	}
	return got
}

var digits = regexp.MustCompile(`\d`)

// regionOf says where the numbers of the recordings that carry no country code
// belong; the recorder took them from all over the world.
func regionOf(phone string) string {
	switch {
	case strings.HasPrefix(phone, "1"):
		return "CN"
	case strings.HasPrefix(phone, "("):
		return "US"
	}
	return "GB"
}

// phone compares digits: the number read must end as the one shown does, less
// its extension, and be there whenever one is shown.
func (c *captured) phone(file, id, got, want string) {
	c.t.Helper()
	want, _, _ = strings.Cut(want, " ext.")
	shown := strings.TrimLeft(strings.Join(digits.FindAllString(want, -1), ""), "0")
	if (got == "") != (shown == "") || !strings.HasSuffix(got, shown) || got != "" && got[0] != '+' {
		c.t.Errorf("%s order %s: phone %q, the page shows %q", file, id, got, want)
	}
}

// checkStatuses holds the recipe's map against the recorder's, text by text;
// code gives the shop's own key of a text.
func (c *captured) checkStatuses(code func(text string) string) {
	words := make([]string, 0, len(c.want.Statuses))
	for text := range c.want.Statuses {
		words = append(words, text)
	}
	sort.Strings(words)
	for _, text := range words {
		got := mapped(c.recipe, text, code(text))
		c.t.Logf("%-20q %-18q -> %s", text, code(text), got)
		c.same("statuses", text, "status", got, c.want.Statuses[text])
	}
}

// mapped reads a recipe's rules as written, not through extract: first fit.
func mapped(r *recipe.Recipe, text, code string) string {
	for _, rule := range r.Statuses {
		if rule.Text != nil && *rule.Text == text || rule.Code != nil && *rule.Code == code && code != "" {
			return rule.Is
		}
	}
	return "unknown"
}

func TestCapturesOpenCart4(t *testing.T) {
	c := capturedShop(t, "oc41", "opencart-4")
	list := "/admin/index.php?route=sale/order.list&user_token=0"
	c.checkLists(list)
	for id, want := range c.want.Details {
		c.checkDetail(id, want.File, "/admin/index.php?route=sale/order.info", want)
	}
	t.Logf("%d details", len(c.want.Details))
	c.checkStatuses(func(string) string { return "" })

	for _, file := range []string{"list-past-end.html", "list-xhr-past-end.html"} {
		got, err := extract.List(c.recipe, c.shop, c.page(file, list))
		if err != nil || !got.Empty || len(got.Orders) != 0 {
			t.Errorf("%s: empty %v, %d orders, %v; it must end the paging", file, got.Empty, len(got.Orders), err)
		}
	}
	for _, file := range []string{"01-login.html", "30-expired-list.html", "31-expired-list-xhr.html", "32-wrong-token.html", "33-no-token-root.html", "36-expired-badcookie.html"} {
		c.signedOut(c.page(file, list))
	}
	for file := range c.listPages() {
		c.signedIn(c.page(file, list))
	}
	if _, _, err := extract.Detail(c.recipe, c.shop, c.page("35-order-missing.html", list), order.Order{ID: "9999"}); !errors.Is(err, extract.ErrNoOrder) {
		t.Errorf("a missing order gives %v", err)
	}
	c.refused("02-login-failed.json", "No match for Username and/or Password.")
}

// refused puts the JSON answer of a sign-in where the shop's own script puts it.
func (c *captured) refused(file, want string) {
	var answer struct{ Error string }
	if err := json.Unmarshal(c.read(file), &answer); err != nil {
		c.t.Fatal(err)
	}
	body := `<div id="alert"><div class="alert alert-danger alert-dismissible"><i></i> ` + answer.Error +
		` <button class="btn-close"></button></div></div><form id="form-login"></form>`
	words, ok := extract.Words(c.recipe.SignIn.Refused, recipe.Page{Status: 200, Type: "text/html", Body: []byte(body)})
	if !ok || words != want {
		c.t.Errorf("refusal reads %q, want %q", words, want)
	}
}

func (c *captured) signedOut(p recipe.Page) {
	c.t.Helper()
	if got := extract.SignedIn(c.recipe, p); got != extract.No {
		c.t.Errorf("%s %d: access %v, want No", p.URL, p.Status, got)
	}
	if _, err := extract.List(c.recipe, c.shop, p); err == nil {
		c.t.Errorf("%s reads as a list", p.URL)
	}
}

func (c *captured) signedIn(p recipe.Page) {
	c.t.Helper()
	if got := extract.SignedIn(c.recipe, p); got != extract.Yes {
		c.t.Errorf("%s: access %v, want Yes", p.URL, got)
	}
}

func TestCapturesWooCommerce(t *testing.T) {
	for _, tc := range []struct{ folder, list string }{
		{"wp", "/wp-admin/edit.php?post_type=shop_order"},
		{"wphpos", "/wp-admin/admin.php?page=wc-orders"},
	} {
		t.Run(tc.folder, func(t *testing.T) {
			c := capturedShop(t, tc.folder, "woocommerce")
			c.shop.URL = c.want.Base + "/wp-admin/"
			c.checkLists(tc.list)
			for id, want := range c.want.Details {
				c.checkDetail(id, want.PreviewFile, "/wp-admin/admin-ajax.php", want)
			}
			t.Logf("%d details", len(c.want.Details))
			c.checkStatuses(wooCode(string(c.read("detail-31.html"))))
			c.checkWooPaging(tc.list)

			login := c.page("01-login.html", "/wp-login.php")
			c.signedOut(login)
			c.signedOut(recipe.Page{URL: c.want.Base + "/wp-admin/admin-ajax.php", Status: 400, Type: "text/html", Body: c.read("31-expired-xhr.html")})
			for file := range c.listPages() {
				c.signedIn(c.page(file, tc.list))
			}
			if words, ok := extract.Words(c.recipe.SignIn.Refused, login); ok {
				t.Errorf("a fresh sign-in page reads as refused: %q", words)
			}
			words, ok := extract.Words(c.recipe.SignIn.Refused, c.page("02-login-failed.html", "/wp-login.php"))
			if want := "Error: The password you entered for the username boss is incorrect. Lost your password?"; !ok || words != want {
				t.Errorf("refusal reads %q, want %q", words, want)
			}
			if _, ok := extract.Words(c.recipe.SignIn.Refused, c.page("05-login-no-testcookie.html", "/wp-login.php")); !ok {
				t.Error("blocked cookies do not read as a refusal")
			}
		})
	}
}

// wooCode takes the codes of the statuses from the page's own select; "Trash"
// is WordPress's own and stands in none.
func wooCode(page string) func(string) string {
	codes := map[string]string{"Trash": "trash"}
	for _, m := range regexp.MustCompile(`<option value="wc-([\w-]+)"[^>]*>([^<]+)</option>`).FindAllStringSubmatch(page, -1) {
		codes[m[2]] = m[1]
	}
	return func(text string) string { return codes[text] }
}

// checkWooPaging follows the next links from the first page to the last.
func (c *captured) checkWooPaging(list string) {
	files := []string{"list-p1.html", "list-p2.html", "list-p3.html", "list-p4.html"}
	for i, file := range files {
		got, err := extract.List(c.recipe, c.shop, c.page(file, list))
		if err != nil {
			c.t.Error(err)
			continue
		}
		if !regexp.MustCompile(`^[0-9a-f]{10}$`).MatchString(got.Vars["nonce"]) {
			c.t.Errorf("%s: nonce %q", file, got.Vars["nonce"])
		}
		next, _ := url.Parse(got.NextURL)
		want := []string{"2", "3", "4", ""}[i]
		if next.Query().Get("paged") != want {
			c.t.Errorf("%s: next page is %q, want %q", file, got.NextURL, want)
		}
	}
	past, err := extract.List(c.recipe, c.shop, c.page("list-past-end.html", list+"&paged=4"))
	if err != nil || past.NextURL != "" || !slices.EqualFunc(past.Orders, c.want.Pages[3].IDs, func(o order.Order, id string) bool { return o.ID == id }) {
		c.t.Errorf("past the end: next %q, %d orders, %v; it must be the last page again", past.NextURL, len(past.Orders), err)
	}
}
