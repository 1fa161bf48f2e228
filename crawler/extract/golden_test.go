package extract_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

var update = flag.Bool("update", false, "write testdata/golden/*/want.json anew")

// goldenCase is case.json of one folder: a page, its recipe, and how it came.
type goldenCase struct {
	About  string // what the case is for
	Recipe string // a built-in one; "": recipe.yaml
	Kind   string // "list", "detail" or "more"
	View   string // of a list
	URL    string
	Page   string // file
	Status int
	Type   string
	Shop   struct {
		URL, Region, Currency, OrderLink string
		Zone                             string
		AutoClose                        string
		LinkHosts, OfflinePayment        []string
	}
	Base order.Order // of a detail
}

// goldenResult is what came out, contacts in clear: they are made up.
type goldenResult struct {
	Error    string            `json:"error,omitempty"`
	Orders   []goldenOrder     `json:"orders,omitempty"`
	Problems []order.Problem   `json:"problems,omitempty"`
	Vars     map[string]string `json:"vars,omitempty"`
	Next     string            `json:"next,omitempty"`
	Total    *int              `json:"total,omitempty"`
	Empty    bool              `json:"empty,omitempty"`
	Cursor   string            `json:"cursor,omitempty"`
	Narrowed bool              `json:"narrowed,omitempty"`
	Rows     int               `json:"rows,omitempty"`
}

type goldenOrder struct {
	ID, Number, Status, StatusText     string
	Created, Updated, Closes, Looked   string            `json:",omitempty"`
	Total, Name, Email, Phone, Payment string            `json:",omitempty"`
	Link, Chat                         string            `json:",omitempty"`
	Lines                              []goldenLine      `json:",omitempty"`
	Vars                               map[string]string `json:",omitempty"`
}

type goldenLine struct {
	Title, SKU string
	Quantity   int
	Total      string
}

func plain(o order.Order, vars map[string]string) goldenOrder {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	g := goldenOrder{
		ID: o.ID, Number: o.Number, Status: string(o.Status), StatusText: o.StatusText,
		Created: at(o.Created), Updated: at(o.Updated), Closes: at(o.Closes), Looked: at(o.Looked),
		Total: o.Total.String(), Name: o.Buyer.Name, Email: o.Buyer.Email.Reveal(), Phone: o.Buyer.Phone.Reveal(),
		Payment: o.Payment, Link: o.Link, Chat: o.Chat, Vars: vars,
	}
	for _, l := range o.Lines {
		g.Lines = append(g.Lines, goldenLine{l.Title, l.SKU, l.Quantity, l.Total.String()})
	}
	return g
}

func TestGolden(t *testing.T) {
	folders, err := filepath.Glob("testdata/golden/*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for _, dir := range folders {
		t.Run(filepath.Base(dir), func(t *testing.T) { golden(t, dir) })
	}
}

func golden(t *testing.T, dir string) {
	var c goldenCase
	if err := json.Unmarshal(file(t, dir, "case.json"), &c); err != nil {
		t.Fatal(err)
	}
	r := c.recipe(t, dir)
	shop := extract.Shop{Name: "test", URL: c.Shop.URL, Region: c.Shop.Region, Currency: c.Shop.Currency,
		OrderLink: c.Shop.OrderLink, LinkHosts: c.Shop.LinkHosts, OfflinePayment: c.Shop.OfflinePayment}
	var err error
	if shop.Zone, err = time.LoadLocation(c.Shop.Zone); err != nil {
		t.Fatal(err)
	}
	if c.Shop.AutoClose != "" {
		if shop.AutoClose, err = time.ParseDuration(c.Shop.AutoClose); err != nil {
			t.Fatal(err)
		}
	}
	page := recipe.Page{URL: c.URL, Status: c.Status, Type: c.Type, Body: file(t, dir, c.Page), At: readAt}
	var result goldenResult
	switch c.Kind {
	case "list":
		result = goldenList(r, shop, page, c.View)
	case "more":
		o, vars, problems, err := extract.More(r, 0, shop, page, c.Base)
		result = goldenPage(o, vars, problems, err)
	default:
		o, vars, problems, err := extract.Detail(r, shop, page, c.Base)
		result = goldenPage(o, vars, problems, err)
	}
	got, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	want := filepath.Join(dir, "want.json")
	if *update {
		if err := os.WriteFile(want, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(got) != string(file(t, dir, "want.json")) {
		t.Errorf("%s\ngives %s", c.About, got)
	}
}

func (c *goldenCase) recipe(t *testing.T, dir string) *recipe.Recipe {
	t.Helper()
	if c.Recipe != "" {
		r, err := recipe.Load(c.Recipe)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, err := recipe.Parse(filepath.Join(dir, "recipe.yaml"), file(t, dir, "recipe.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func goldenList(r *recipe.Recipe, shop extract.Shop, p recipe.Page, view string) goldenResult {
	l, err := extract.List(r, shop, p, view)
	out := goldenResult{Problems: l.Problems, Vars: l.Vars, Next: l.NextURL, Empty: l.Empty, Narrowed: l.Narrowed, Cursor: l.Cursor, Rows: l.Rows}
	if err != nil {
		out.Error = err.Error()
	}
	if l.HasTotal {
		out.Total = &l.Total
	}
	for _, o := range l.Orders {
		out.Orders = append(out.Orders, plain(o, l.RowVars[o.ID]))
	}
	return out
}

func goldenPage(o order.Order, vars map[string]string, problems []order.Problem, err error) goldenResult {
	if len(vars) == 0 {
		vars = nil
	}
	out := goldenResult{Problems: problems, Orders: []goldenOrder{plain(o, vars)}}
	if err != nil {
		out.Error = err.Error()
	}
	return out
}

func file(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The kinds of failure are types, where a caller branches on them.
func TestDetailErrorsAreTyped(t *testing.T) {
	dir := "testdata/golden/detail-html"
	r, err := recipe.Parse("recipe.yaml", file(t, dir, "recipe.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	base := order.Order{ID: "1001", Status: order.Unpaid, StatusText: "Waiting"}
	ask := func(body string) (order.Order, error) {
		o, _, _, err := extract.Detail(r, extract.Shop{Name: "test"}, recipe.Page{Status: 200, Type: "text/html", Body: []byte(body)}, base)
		return o, err
	}
	var layout *extract.LayoutError
	var field *extract.FieldError
	if _, err := ask("<p>a holiday greeting</p>"); !errors.As(err, &layout) || layout.Field != "detail.found" {
		t.Errorf("another page gives %v", err)
	}
	if _, err := ask(`<p class="gone">No such order</p>`); !errors.Is(err, extract.ErrNoOrder) {
		t.Errorf("a missing order gives %v", err)
	}
	o, err := ask(`<div id="order"><b id="state">Paid</b></div>`)
	if !errors.As(err, &field) || field.Order != "1001" {
		t.Errorf("half an order gives %v", err)
	}
	if o.Status != order.Unpaid || !o.Looked.IsZero() {
		t.Errorf("half an order changed what was known: %v", o)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the message breaks its line: %q", err)
	}
}
