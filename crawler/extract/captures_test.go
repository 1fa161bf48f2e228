package extract_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
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
	WithPay     map[string]string `json:"statuses_with_pay"` // "status|status of the payment"
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

// truthOf is what stands in the shop's database where the page shows it changed.
type truthOf struct{ Name string }

type itemText struct {
	Name, SKU    string
	Truth        truthOf
	Qty          int
	Price, Total amountText
}

// userText is the shop's account of a buyer.
type userText struct{ Phone, Email string }

type listedOrder struct {
	ID, Name, Payment, Phone, Class string

	Truth      truthOf
	Reference  string
	OrderNo    string `json:"order_no"`
	StatusText string `json:"status_text"`
	Total      amountText
	Date       dateText
	Modified   dateText `json:"date_modified"`
	User       *userText
	Items      []itemText
}

type detailedOrder struct {
	File, Name, Email, Phone, Payment, Currency, Class string

	Truth       truthOf
	Reference   string
	OrderNo     string `json:"order_no"`
	PreviewFile string `json:"preview_file"`
	StatusText  string `json:"status_text"`
	Date        dateText
	Total       amountText
	User        *userText
	Items       []itemText
}

// system is a recorded kind of back-office: how its pages were asked for, and
// what they leave open.
type system struct {
	folder, recipe string

	admin, list, detail string                                     // addresses; the shop's url is admin
	preview             bool                                       // the details come from preview_file
	zone                string                                     // UTC if it is not here
	decoded             bool                                       // texts are stored with their entities: the truth counts
	iso                 bool                                       // rows say their currency, not only its symbol
	fromRow             bool                                       // the order's own page completes its row: it does not say all
	code                func(c *captured) func(text string) string // the shop's key of a status text

	signedOut []string // pages
	past      string   // of the page past the end
	again     bool     // which is the last one again
	refused   string   // the page after a wrong password
	words     string   // and what it says
	fresh     string   // a sign-in page without words
}

// captured is one shop of the recordings with the recipe that reads it.
type captured struct {
	system
	t      *testing.T
	dir    string
	recipe *recipe.Recipe
	shop   extract.Shop
	want   expected
	rows   map[string]order.Order // that were read from the list
	pages  map[string]recipe.Page
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

func (y system) open(t *testing.T) *captured {
	t.Helper()
	root := capturesRoot(t)
	r, err := recipe.Load(y.recipe)
	if err != nil {
		t.Fatal(err)
	}
	c := &captured{system: y, t: t, dir: filepath.Join(root, y.folder), recipe: r, rows: map[string]order.Order{}, pages: map[string]recipe.Page{}}
	if err := json.Unmarshal(c.read("expected.json"), &c.want); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(y.zone)
	if err != nil {
		t.Fatal(err)
	}
	c.shop = extract.Shop{Name: y.folder, URL: c.want.Base + y.admin, Zone: zone, Region: "GB", Currency: "USD"}
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

// page is a recording as the crawler would get it.
func (c *captured) page(name, address string) recipe.Page {
	kind := "text/html"
	if strings.HasSuffix(name, ".json") {
		kind = "application/json"
	}
	return recipe.Page{URL: c.want.Base + address, Status: 200, Type: kind, Body: c.read(name), At: readAt}
}

// parsed is the same, parsed once however often it is asked for. Its body must
// not change.
func (c *captured) parsed(name, address string) recipe.Page {
	c.t.Helper()
	p, ok := c.pages[name+" "+address]
	if !ok {
		p = extract.Prepare(c.page(name, address))
		c.pages[name+" "+address] = p
	}
	return p
}

var readAt = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)

// listPages are all recordings of order lists: name to the ids that they show.
func (c *captured) listPages() map[string][]string {
	pages := map[string][]string{}
	put := func(file string, ids []string) { pages[strings.TrimSuffix(file, ".gz")] = ids }
	for i, p := range c.want.Pages {
		put(p.File, p.IDs)
		if p.XHRFile != "" {
			put(p.XHRFile, p.IDs)
		}
		if i == 0 {
			put("90-rendered-list.html", p.IDs)
		}
	}
	for key, file := range c.want.OtherPages {
		if strings.Contains(key, "unpaid") || strings.Contains(key, "filtered") {
			put(file, c.want.UnpaidIDs)
		}
	}
	return pages
}
