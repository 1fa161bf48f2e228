package extract_test

import (
	"html"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// Each sign-in page that was recorded is that of exactly one system.
func TestCapturesDetect(t *testing.T) {
	root := capturesRoot(t)
	for file, want := range map[string]string{
		"oc30/01-login.html":                                   "opencart-3",
		"oc30/30-expired-list.html":                            "opencart-3",
		"oc41/01-login.html":                                   "opencart-4",
		"oc41/30-expired-list.html":                            "opencart-4",
		"ps9/02b-login-failed-followed.html":                   "prestashop",
		"ps9/30b-expired-followed.html":                        "prestashop",
		"shopxo/01-login.html":                                 "shopxo",
		"shopxo/30-expired-list.html":                          "shopxo",
		"wp/01-login.html":                                     "woocommerce",
		"wphpos/01-login.html":                                 "woocommerce",
		"vendure/01-login.html":                                "vendure",
		"evershop/01-login.html":                               "evershop",
		"shopxo/32-wrong-admin-file.html":                      "", // leads to the customers' sign-in
		"ps9/34-compromised.html":                              "",
		"marketplaces/derived/ecshop-order_list.rendered.html": "",
	} {
		body, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Error(err)
			continue
		}
		page := extract.Prepare(recipe.Page{URL: "http://127.0.0.1/", Status: 200, Type: "text/html", Body: body})
		var found []string
		for _, name := range recipe.Builtin() {
			r, err := recipe.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(r.Detect, func(s recipe.Sign) bool { return extract.Check(&s, page) }) {
				found = append(found, name)
			}
		}
		if got := strings.Join(found, ", "); got != want && (want != "evershop" || slices.Contains(recipe.Builtin(), want)) {
			t.Errorf("%s: recognised as %q, want %q", file, got, want)
		}
		t.Logf("%-52s %v", file, found)
	}
}

// writing is what the addresses of buttons look like that change an order or
// end the session.
var writing = regexp.MustCompile(`(?i)logout|delete|reset_search|mark_order_status|sale/order[/.](add|edit|delete)` +
	`|post\.php\?.*action=(edit|trash)|action=edit|s=order/(pay|cancel|confirm)`)

var addresses = regexp.MustCompile(`(?:https?:|/|index\.php|post\.php|admin\.php)[^\s"'<>\\]*`)

// The guard lets through what the recipes ask for, and nothing that writes.
func TestCapturesGuard(t *testing.T) {
	for _, y := range systems() {
		t.Run(y.folder, func(t *testing.T) {
			c := y.open(t)
			base, err := url.Parse(c.shop.URL)
			if err != nil {
				t.Fatal(err)
			}
			guard := recipe.NewGuard(base, c.recipe.Allow, c.recipe.Deny, nil)
			guard.Lock()
			for _, address := range c.asked(base) {
				if err := guard.Judge("GET", address, nil, nil); err != nil {
					t.Errorf("the recipe asks for what the guard stops: %v", err)
				}
			}
			links, forms := 0, 0
			for _, file := range c.whole() {
				for _, address := range c.buttons(file, base) {
					links++
					if guard.Judge("GET", address, nil, nil) == nil {
						t.Errorf("%s: %s may be opened", file, address)
					}
				}
				for _, address := range c.forms(file, base) {
					forms++
					if guard.Judge("POST", address, nil, []byte("id=1")) == nil {
						t.Errorf("%s: %s may be posted to", file, address)
					}
				}
			}
			if links == 0 || forms == 0 {
				t.Errorf("%d links and %d forms that write were found on the pages", links, forms)
			}
			t.Logf("%d links and %d forms that write", links, forms)
		})
	}
}

// whole are two full pages of a shop, in which its buttons stand.
func (c *captured) whole() []string {
	id := slices.Sorted(maps.Keys(c.want.Details))[0]
	return []string{"list-p1.html", c.want.Details[id].File}
}

// asked are the addresses that the recipe gets after the sign-in.
func (c *captured) asked(base *url.URL) []string {
	var out []string
	sample := func(name string) (string, bool) {
		switch name {
		case "url":
			return c.shop.URL, true
		case "origin":
			return c.want.Base, true
		}
		return "1", true
	}
	for _, r := range []recipe.Request{c.recipe.SignIn.Proof.Request, c.recipe.List.Request, c.recipe.Detail.Request} {
		for _, get := range r.Get {
			address, err := get.URL(base, sample)
			if err != nil {
				c.t.Fatal(err)
			}
			out = append(out, address)
		}
	}
	l, err := extract.List(c.recipe, c.shop, c.parsed("list-p1.html", c.list), "")
	if err != nil {
		c.t.Fatal(err)
	}
	if l.NextURL != "" {
		out = append(out, l.NextURL)
	}
	return out
}

// buttons are the addresses in a page, also in its scripts, that change
// something. OpenCart 3 deletes by a link to the bare number.
func (c *captured) buttons(file string, base *url.URL) []string {
	doc, at := c.document(file, base)
	var out []string
	add := func(text string) {
		if u, err := at.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			out = append(out, u.String())
		}
	}
	for _, text := range addresses.FindAllString(html.UnescapeString(string(c.read(file))), -1) {
		if writing.MatchString(text) {
			add(text)
		}
	}
	doc.Find("#form-order li:last-child > a").Each(func(_ int, a *goquery.Selection) {
		if href := a.AttrOr("href", ""); strings.Trim(href, "0123456789") == "" {
			add(href)
		}
	})
	return out
}

func (c *captured) forms(file string, base *url.URL) []string {
	doc, at := c.document(file, base)
	var out []string
	doc.Find("form[method=post], form[method=POST]").Each(func(_ int, form *goquery.Selection) {
		if u, err := at.Parse(form.AttrOr("action", "")); err == nil {
			out = append(out, u.String())
		}
	})
	return out
}

func (c *captured) document(file string, base *url.URL) (*goquery.Document, *url.URL) {
	c.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(c.read(file))))
	if err != nil {
		c.t.Fatal(err)
	}
	at := recipe.Folder(base)
	if href, ok := doc.Find("base[href]").Attr("href"); ok {
		if at, err = at.Parse(href); err != nil {
			c.t.Fatal(err)
		}
	}
	return doc, at
}
