package extract_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// checkListing holds what must be true of every listing, whatever the page.
func checkListing(t *testing.T, l extract.Listing, err error, body []byte) {
	t.Helper()
	if l.Rows == 0 && !l.Empty && err == nil {
		t.Error("no rows, no sign of an empty list, and no error")
	}
	seen := map[string]bool{}
	for _, o := range l.Orders {
		if o.ID == "" || seen[o.ID] || o.Status == "" || o.Created.IsZero() {
			t.Errorf("half an order: %+v", o)
		}
		seen[o.ID] = true
		for _, text := range []string{o.ID, o.Number, o.StatusText, o.Buyer.Name, o.Payment} {
			if strings.ContainsAny(text, "\r\n\x00") || !utf8.ValidString(text) || utf8.RuneCountInString(text) > 500 {
				t.Errorf("a harmful text: %q", text)
			}
		}
	}
	for _, p := range l.Problems {
		if p.Text == "" || strings.ContainsAny(p.Text, "\r\n") || !utf8.ValidString(p.Text) {
			t.Errorf("a bad problem: %+v", p)
		}
	}
	p := recipe.Page{Status: 200, Body: body}
	extract.Redact(p)
}

func goldenRecipe(t testing.TB, name string) *recipe.Recipe {
	t.Helper()
	r, err := recipe.Parse(name, file(t, "testdata/golden/"+name, "recipe.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func FuzzListHTML(f *testing.F) {
	r := goldenRecipe(f, "list-html")
	for _, name := range []string{"list-html", "list-links", "list-empty", "list-unknown-status", "list-next"} {
		f.Add(file(f, "testdata/golden/"+name, "page.html"))
	}
	f.Add([]byte(strings.Repeat("<div>", 3000) + `<table id="orders"><tr data-id="1">`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := recipe.Page{URL: "https://shop.example/", Status: 200, Type: "text/html", Body: body}
		l, err := extract.List(r, extract.Shop{Name: "fuzz", URL: "https://shop.example/", Region: "GB", Currency: "EUR"}, p)
		checkListing(t, l, err, body)
		extract.SignedIn(r, p)
		extract.Words(r.SignIn.Refused, p)
	})
}

func FuzzListJSON(f *testing.F) {
	r := goldenRecipe(f, "list-json")
	for _, name := range []string{"list-json", "list-json-empty", "list-json-error", "list-json-broken"} {
		f.Add(file(f, "testdata/golden/"+name, "page.json"))
	}
	f.Add([]byte(`{"nonce":1,"data":{"orders":[{"id":1e999999999,"state":[],"at":{},"total":-0,"payments":5,"items":"x"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := recipe.Page{URL: "https://shop.example/", Status: 200, Type: "application/json", Body: body}
		l, err := extract.List(r, extract.Shop{Name: "fuzz", OfflinePayment: []string{"bank"}}, p)
		checkListing(t, l, err, body)
		extract.SignedIn(r, p)
	})
}

// Whatever its digits, an id comes out as it went in.
func FuzzIDsStayVerbatim(f *testing.F) {
	r := goldenRecipe(f, "list-json")
	for _, id := range []string{"9007199254740993", "12345678901234567890123", "0", "-0", "1e3", "1.0", "18446744073709551616"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		var n json.Number
		if json.Unmarshal([]byte(id), &n) != nil || n.String() != id || len(id) > 100 {
			return
		}
		body := `{"nonce":"x","data":{"orders":[{"id":` + id + `,"state":"authorized","at":1795298422000,"total":1,"currency":"EUR"}]}}`
		l, err := extract.List(r, extract.Shop{}, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)})
		if err != nil || len(l.Orders) != 1 || l.Orders[0].ID != id {
			t.Errorf("%s reads as %v, %v", id, l.Orders, err)
		}
	})
}

func FuzzDetail(f *testing.F) {
	r := goldenRecipe(f, "detail-html")
	f.Add(file(f, "testdata/golden/detail-html", "page.html"))
	f.Add(file(f, "testdata/golden/detail-bad-line", "page.html"))
	base := order.Order{Shop: "fuzz", ID: "1001", Status: order.Unpaid, StatusText: "Waiting"}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := recipe.Page{URL: "https://shop.example/", Status: 200, Type: "text/html", Body: body}
		o, _, err := extract.Detail(r, extract.Shop{Name: "fuzz"}, p, base)
		if o.ID != base.ID || err != nil && (!o.Looked.IsZero() || o.StatusText != base.StatusText) {
			t.Errorf("%v with %+v", err, o)
		}
	})
}
