package extract_test

import (
	"math"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// checkLists reads every list page and compares each field of each row.
func (c *captured) checkLists() {
	rows, byClass := 0, map[string]int{}
	byID := map[string]listedOrder{}
	for _, o := range c.want.List {
		byID[o.ID] = o
		byClass[o.Class]++
	}
	for file, ids := range c.listPages() {
		got, err := extract.List(c.recipe, c.shop, c.parsed(file, c.list), "")
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
			c.rows[o.ID] = o
		}
		if file == "list-p1.html" && got.Total != c.want.ListTotal {
			c.t.Errorf("%s: says %d orders, want %d", file, got.Total, c.want.ListTotal)
		}
	}
	c.t.Logf("%d list pages, %d rows; orders by status: %v", len(c.listPages()), rows, byClass)
}

func (c *captured) compareRow(file string, got order.Order, want listedOrder) {
	c.same(file, got.ID, "name", got.Buyer.Name, c.shown(want.Name, want.Truth))
	c.same(file, got.ID, "status text", got.StatusText, want.StatusText)
	c.same(file, got.ID, "status", string(got.Status), want.Class)
	c.number(file, got, want.Reference+want.OrderNo)
	if want.Payment != "" && !c.preview { // WooCommerce has it in a column that it hides
		c.same(file, got.ID, "payment", got.Payment, want.Payment)
	}
	said := ""
	if c.iso {
		said = want.Total.Currency
	}
	c.money(file, got.ID, got.Total, want.Total, said)
	c.date(file, got.ID, got.Created, want.Date)
	if want.Modified.ISO != "" {
		c.date(file, got.ID, got.Updated, want.Modified)
	}
	if want.User != nil {
		c.same(file, got.ID, "e-mail", got.Buyer.Email.Reveal(), strings.ToLower(want.User.Email))
		c.lines(file, got, want.Items)
	}
}

// shown is what a text should be read as.
func (c *captured) shown(text string, truth truthOf) string {
	if c.decoded && truth.Name != "" {
		return truth.Name
	}
	return text
}

func (c *captured) same(file, id, what, got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s order %s: %s is %q, the page shows %q", file, id, what, got, want)
	}
}

// number compares what buyer and seller call the order; the id where the shop
// has nothing else.
func (c *captured) number(file string, got order.Order, want string) {
	c.t.Helper()
	if want == "" {
		want = got.ID
	}
	c.same(file, got.ID, "number", got.Number, want)
}

// money compares with what the page shows. The recorder took the currency from
// the database; a page that shows "$" does not say whose dollar, and the seller's
// own may have other decimals.
func (c *captured) money(file, id string, got order.Money, want amountText, said string) {
	c.t.Helper()
	if said == "" && strings.Contains(want.Text, "$") {
		want.Minor = int64(math.Pow10(order.Exponent(c.shop.Currency)-order.Exponent(want.Currency)) * float64(want.Minor))
		want.Currency = c.shop.Currency
	}
	if got.Minor != want.Minor {
		c.t.Errorf("%s order %s: total %s, the page shows %s", file, id, got, want.Text)
	}
	c.same(file, id, "currency", got.Currency, want.Currency)
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

// checkDetail completes an order from its own page: a bare one, or its row where
// the page does not say all.
func (c *captured) checkDetail(id string, want detailedOrder) {
	shop, base, file := c.shop, order.Order{Shop: c.shop.Name, ID: id}, want.File
	shop.Region = regionOf(want.Phone)
	if c.fromRow {
		base = c.rows[id]
	}
	if c.preview {
		file = want.PreviewFile
	}
	got, _, problems, err := extract.Detail(c.recipe, shop, c.parsed(file, c.detail), base)
	if err != nil || len(problems) > 0 {
		c.t.Errorf("%s: %v %v", file, err, problems)
		return
	}
	c.same(file, id, "name", got.Buyer.Name, c.shown(want.Name, want.Truth))
	c.same(file, id, "e-mail", got.Buyer.Email.Reveal(), strings.ToLower(want.Email))
	c.same(file, id, "status text", got.StatusText, want.StatusText)
	c.same(file, id, "status", string(got.Status), want.Class)
	c.number(file, got, want.Reference+want.OrderNo)
	if want.Payment != "" || !c.fromRow {
		c.same(file, id, "payment", got.Payment, strings.TrimPrefix(want.Payment, "Payment via "))
	}
	said := ""
	if c.preview || c.fromRow || c.folder == "oc41" {
		said = want.Currency
	}
	c.money(file, id, got.Total, want.Total, said)
	c.date(file, id, got.Created, want.Date)
	c.phone(file, id, got.Buyer.Phone.Reveal(), wholePhone(want.Phone, want.User))
	c.lines(file, got, want.Items)
}

func (c *captured) lines(file string, got order.Order, want []itemText) {
	c.t.Helper()
	if len(got.Lines) != len(want) {
		c.t.Errorf("%s order %s: %d lines, the page shows %d", file, got.ID, len(got.Lines), len(want))
		return
	}
	for i, l := range got.Lines {
		w := want[i]
		c.same(file, got.ID, "title", l.Title, c.shown(w.Name, w.Truth))
		if w.SKU != "" || !c.fromRow {
			c.same(file, got.ID, "sku", l.SKU, w.SKU)
		}
		if w.Total.Text == "" { // the page shows the price of one
			w.Total = amountText{w.Price.Text, int64(w.Qty) * w.Price.Minor, w.Price.Currency}
		}
		said := w.Total.Currency
		if c.folder == "oc30" {
			said = ""
		}
		c.money(file, got.ID, l.Total, w.Total, said)
		if l.Quantity != w.Qty {
			c.t.Errorf("%s order %s: %d of %q, the page shows %d", file, got.ID, l.Quantity, l.Title, w.Qty)
		}
	}
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
	case strings.HasPrefix(phone, "01"):
		return "FR"
	}
	return "GB"
}

// wholePhone is the number that a page gives away whole: that of the account, or
// that of the address, unless it fills all of the 15 characters that there are.
func wholePhone(address string, user *userText) string {
	switch {
	case user == nil:
		return address
	case user.Phone != "":
		return user.Phone
	case len(address) >= 15:
		return ""
	}
	return address
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

// checkStatuses holds the recipe's map against the recorder's, text by text.
func (c *captured) checkStatuses() {
	code := func(string) string { return "" }
	if c.code != nil {
		code = c.code(c)
	}
	table := c.want.Statuses
	if c.want.WithPay != nil {
		table = c.want.WithPay
	}
	words := make([]string, 0, len(table))
	for text := range table {
		words = append(words, text)
	}
	sort.Strings(words)
	for _, key := range words {
		text, pay, _ := strings.Cut(key, "|")
		got := mapped(c.recipe, text, code(text), map[string]string{"pay": pay})
		c.t.Logf("%-48q %-18q -> %s", key, code(text), got)
		c.same("statuses", key, "status", got, table[key])
	}
}

// mapped reads a recipe's rules as written, not through extract: first fit.
func mapped(r *recipe.Recipe, text, code string, vars map[string]string) string {
	for _, rule := range r.Statuses {
		fits := true
		for _, want := range rule.Vars {
			fits = fits && slices.Contains(want.Texts, vars[want.Name])
		}
		if fits && (rule.Text != nil && *rule.Text == text || rule.Code != nil && *rule.Code == code) {
			return rule.Is
		}
	}
	return "unknown"
}
