package extract_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
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
		l, err := extract.List(r, extract.Shop{Name: "fuzz", URL: "https://shop.example/", Region: "GB", Currency: "EUR"}, p, "")
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
		l, err := extract.List(r, extract.Shop{Name: "fuzz", OfflinePayment: []string{"bank"}}, p, "")
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
		l, err := extract.List(r, extract.Shop{}, recipe.Page{Status: 200, Type: "application/json", Body: []byte(body)}, "")
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
		o, _, _, err := extract.Detail(r, extract.Shop{Name: "fuzz"}, p, base)
		if o.ID != base.ID || err != nil && (!o.Looked.IsZero() || o.StatusText != base.StatusText) {
			t.Errorf("%v with %+v", err, o)
		}
	})
}

// Whatever stands in a text, its filters end and leave a harmless one.
func FuzzFilters(f *testing.F) {
	for _, s := range []string{`a\u0022\ud83d\ude00\x41\u{1F600}\u{}\ud800\`, "%41%zz%", "eyJhIjoxfQ", "a\r\n\nb", `\u{ffffffff}\u12\x4`, "%ff%fe"} {
		f.Add(s)
	}
	names := []recipe.FilterName{recipe.FilterUnescape, recipe.FilterURLDecode, recipe.FilterBase64, recipe.FilterLine, recipe.FilterDecode}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range names {
			got := extract.Apply(recipe.Filter{Name: name, Nth: 1}, text)
			if len(got) > 4*len(text)+8 {
				t.Errorf("%s makes %d bytes of %d", name, len(got), len(text))
			}
		}
		if plain := url.PathEscape(text); extract.Apply(recipe.Filter{Name: recipe.FilterURLDecode}, plain) != text {
			t.Errorf("%q does not come back from %q", text, plain)
		}
		code := base64.RawURLEncoding.EncodeToString([]byte(text))
		if extract.Apply(recipe.Filter{Name: recipe.FilterBase64}, code) != text {
			t.Errorf("%q does not come back from %q", text, code)
		}
		if code, err := json.Marshal(text); err == nil && utf8.ValidString(text) {
			if got := extract.Apply(recipe.Filter{Name: recipe.FilterUnescape}, string(code[1:len(code)-1])); got != text {
				t.Errorf("%q comes back from %s as %q", text, code, got)
			}
		}
	})
}

// Labels and columns are looked for in whatever a page is.
func FuzzLabelsAndColumns(f *testing.F) {
	r := parsed(f, plainSignIn+"\n  vars: {v: {label: [Phone, 电话]}}", plainOut, "  request: o\n  rows: tr\n  empty: .none\n"+columnFields)
	f.Add(`<table><thead><tr><th rowspan=99>No.<th colspan=9999>State</thead><tr><td>1<td>Phone: 5</table>`)
	f.Add(`<dl><dt>Phone</dt><dd>5</dd></dl><label for=x>Phone</label><select id=x><option>1</select><tr><th>Phone<th>No.`)
	f.Add(strings.Repeat("<table><tr><td>Phone<b>", 300))
	f.Fuzz(func(t *testing.T, body string) {
		p := page("text/html", body)
		if got, ok := extract.Text(&r.SignIn.Vars[0].Value, p, extract.Env{}); ok != (got != "") || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q, %v", got, ok)
		}
		l, err := extract.List(r, extract.Shop{Name: "fuzz"}, p, "")
		checkListing(t, l, err, []byte(body))
		for _, s := range extract.Nearest(p, &r.SignIn.Vars[0].Value) {
			if strings.ContainsAny(s, "\r\n") || utf8.RuneCountInString(s) > 200 {
				t.Errorf("a bad candidate: %q", s)
			}
		}
	})
}

// A redacted page is of the same kind, and redacting it again finds nothing of
// the contacts that were put into it.
func FuzzRedact(f *testing.F) {
	f.Add(`{"a":"%s","b":{"email":"%s"},"c":[1,"<p>%s</p>"]}`)
	f.Add(`<p title="%s">%s</p><script>var a={"x":"%s"}, b='\'%s'; // %s</script><!-- %s --><a href="mailto:%s?x">`)
	f.Add(`<script>var a = JSON.parse('{\"x\":\"%s\"}'); {{{[[[</script><input value="%s" data-x="eyJh`)
	f.Fuzz(func(t *testing.T, body string) {
		const contact = "anna.kowalska@example.com"
		body = strings.ReplaceAll(body, "%s", " "+contact+" ")
		got := extract.Redact(recipe.Page{Body: []byte(body)})
		if json.Valid([]byte(body)) && !json.Valid(got) {
			t.Errorf("%s was JSON, %s is none", body, got)
		}
		if strings.Contains(string(got), contact) {
			t.Errorf("%q leaves %q", body, got)
		}
	})
}

func FuzzTimesInWords(f *testing.F) {
	f.Add("3 minutes ago", "15:04")
	f.Add("yesterday 14:05", "3:04 pm")
	f.Add("9999999 days ago", "15:04")
	word := func(match string, unit time.Duration) recipe.DateWord {
		return recipe.DateWord{Match: &recipe.Regexp{Regexp: regexp.MustCompile(match)}, Unit: unit}
	}
	words := []recipe.DateWord{word(`(\S+) minutes?`, time.Minute), word(`(\S+) days?`, 24*time.Hour), word("yesterday", 24*time.Hour), word("today|^", 0)}
	f.Fuzz(func(t *testing.T, text, layout string) {
		at, _, err := extract.ParseTime(text, &recipe.Date{Words: words, Layouts: []string{layout}}, time.UTC, readAt)
		if err == nil && (at.Year() < 1990 || at.Year() > 2200) {
			t.Errorf("%q is %v", text, at)
		}
	})
}
