package extract_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// A recipe reads of a saved page what it read of the real one, but for the
// people. Every golden list is tried.
func TestRedactedPagesReplay(t *testing.T) {
	folders, err := filepath.Glob("testdata/golden/*list*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	read := 0
	for _, dir := range folders {
		var c goldenCase
		if err := json.Unmarshal(file(t, dir, "case.json"), &c); err != nil {
			t.Fatal(err)
		}
		shop := extract.Shop{Name: "test", URL: c.Shop.URL, Region: c.Shop.Region, Currency: c.Shop.Currency, Zone: time.UTC}
		p := recipe.Page{URL: c.URL, Status: c.Status, Type: c.Type, Body: file(t, dir, c.Page), At: readAt}
		read += replays(t, dir, c.recipe(t, dir), shop, p, c.View)
	}
	if read < 20 {
		t.Errorf("only %d orders were compared", read)
	}
}

// replays compares a list with what its redacted page gives.
func replays(t *testing.T, name string, r *recipe.Recipe, shop extract.Shop, p recipe.Page, view string) int {
	t.Helper()
	want, wantErr := extract.List(r, shop, p, view)
	again := p
	again.Parsed = nil
	again.Body = extract.Redact(p, want.Orders...)
	if twice := extract.Redact(again, want.Orders...); string(twice) != string(again.Body) {
		t.Errorf("%s: redacted twice, it is another page: %s", name, difference(again.Body, twice))
	}
	got, err := extract.List(r, shop, again, view)
	if (err == nil) != (wantErr == nil) {
		t.Errorf("%s: %v, before %v", name, err, wantErr)
	}
	if len(got.Orders) != len(want.Orders) || got.Rows != want.Rows || got.Empty != want.Empty || got.Narrowed != want.Narrowed || got.Total != want.Total {
		t.Errorf("%s: %d orders in %d rows of %d, before %d in %d of %d: %v", name, len(got.Orders), got.Rows, got.Total, len(want.Orders), want.Rows, want.Total, got.Problems)
		return 0
	}
	for i, o := range got.Orders {
		w := want.Orders[i]
		if o.ID != w.ID || o.Number != w.Number || o.Status != w.Status || o.Total != w.Total || !o.Created.Equal(w.Created) || len(o.Lines) != len(w.Lines) {
			t.Errorf("%s: order %s: %+v, before %+v", name, w.ID, o, w)
		}
		if (o.Buyer.Email == "") != (w.Buyer.Email == "") || o.Buyer.Email != "" && !strings.HasSuffix(o.Buyer.Email.Reveal(), "@masked.example") {
			t.Errorf("%s: order %s: its e-mail is %s", name, w.ID, o.Buyer.Email.Reveal())
		}
		if o.Buyer.Phone != "" && o.Buyer.Phone == w.Buyer.Phone || (o.Buyer.Phone == "") != (w.Buyer.Phone == "") {
			t.Errorf("%s: order %s: its phone is %s, before %s", name, w.ID, o.Buyer.Phone.Reveal(), w.Buyer.Phone.Reveal())
		}
		if len(w.Buyer.Name) > 5 && !strings.Contains(w.Buyer.Name, "*") && o.Buyer.Name == w.Buyer.Name {
			t.Errorf("%s: order %s: its buyer is still %s", name, w.ID, o.Buyer.Name)
		}
	}
	return len(got.Orders)
}

func TestRedactJSONKeepsItsForm(t *testing.T) {
	body := `{ "z":1, "orders" : [ {"id":90071992547409931234,"sn":"20261117234300506816","at":1795298422,
 "buyer":{"name":"Anna K.","email":"anna@example.com","mobile":"13800138000","masked":"138****8000","tel":13800138000},
 "product":{"name":"Mug"},"first_name":"Anna","html":"<td class=\"m\">anna@example.com</td>","inner":"{\"consignee\":\"Anna\",\"n\":1.50}",
 "phone_checked":true,"phone_at":"2026-11-17 23:43:00","token":"abc123def","url":"https://shop.example/pay?id=7&token=abc123def","none":null,"address":"12 High Street"} ] }`
	got, ok := extract.RedactJSON([]byte(body))
	if !ok {
		t.Fatal("it is no JSON")
	}
	for _, s := range []string{"Anna", "anna@", "13800138000", "abc123def", "High Street"} {
		if strings.Contains(string(got), s) {
			t.Errorf("%s is still there: %s", s, got)
		}
	}
	for _, s := range []string{`{ "z":1, "orders" : [ {"id":90071992547409931234,"sn":"20261117234300506816","at":1795298422,`, `"masked":"138****8000"`,
		`{"name":"Mug"}`, `<td class=\"m\">buyer-`, `\"n\":1.50`, `"phone_checked":true,"phone_at":"2026-11-17 23:43:00"`, `https://shop.example/pay?id=7&token=`, `"none":null`} {
		if !strings.Contains(string(got), s) {
			t.Errorf("%s is gone: %s", s, got)
		}
	}
	again, _ := extract.RedactJSON([]byte(body))
	if string(again) != string(got) {
		t.Error("the same page gives another one")
	}
	var made struct {
		Orders []struct {
			Buyer struct{ Email, Mobile string }
			Tel   json.Number
			Token string
			URL   string
		}
	}
	if err := json.Unmarshal(got, &made); err != nil {
		t.Fatal(err)
	}
	o := made.Orders[0]
	if !regexp.MustCompile(`^buyer-\d{4}@masked\.example$`).MatchString(o.Buyer.Email) || !regexp.MustCompile(`^1380000\d{4}$`).MatchString(o.Buyer.Mobile) {
		t.Errorf("made up: %+v", o.Buyer)
	}
	if !strings.HasSuffix(o.URL, "token="+o.Token) {
		t.Errorf("one token became two: %s, %s", o.Token, o.URL)
	}
	for _, body := range []string{"", "{", "<p>", `{"a":1}x`, "\ufeff"} {
		if out, ok := extract.RedactJSON([]byte(body)); ok {
			t.Errorf("%q is JSON: %q", body, out)
		}
	}
}

func TestRedactHTMLKeepsItsForm(t *testing.T) {
	body := `<!DOCTYPE html><html><head><script>var s = {"user":{"name":"Anna K.","phone":"555 010 0064"}}, nonce = "2f314d2019"; // don't touch
 var u = "https://shop.example/list?user_token=c68450e0c8cf27ef&page=2", mail = 'anna@example.com';</script></head>
<body class="page-7"><table id=t><tr data-row="%7B%22email%22%3A%22anna%40example.com%22%7D"><td class="a b">Anna K.</td><td>20261117234300506816</td><td>1795298422</td>
<td>17/11/2026 23:43:00</td><td>1.234,50 €</td><td>+44 20 7946 0058</td></tr></table>
<input id="input-email" value="anna@example.com"><input name="password" value="hunter2"><input type="hidden" name="csrf" value="c6845"><option value="5" selected>Paid</option>
<a href="order.php?id=7&amp;user_token=c68450e0c8cf27ef">7</a>`
	got := string(extract.Redact(page("text/html", body), order.Order{Buyer: order.Buyer{Name: "Anna K."}}))
	for _, s := range []string{"Anna", "anna", "555 010 0064", "2f314d2019", "c68450e0c8cf27ef", "7946 0058", "hunter2", `"c6845"`} {
		if strings.Contains(got, s) {
			t.Errorf("%s is still there: %s", s, got)
		}
	}
	for _, s := range []string{"<!DOCTYPE html><html><head><script>var s = {\"user\":{\"name\":\"Buyer ", "// don't touch", `<body class="page-7"><table id=t><tr data-row="%7B%22email`,
		`<td class="a b">`, "<td>20261117234300506816</td><td>1795298422</td>", "17/11/2026 23:43:00", "1.234,50 €", "+44 20 700", `<option value="5" selected>Paid</option>`, "&amp;user_token="} {
		if !strings.Contains(got, s) {
			t.Errorf("%s is gone: %s", s, got)
		}
	}
	token := regexp.MustCompile(`user_token=(\w+)`).FindAllStringSubmatch(got, -1)
	if len(token) != 2 || token[0][1] != token[1][1] || len(token[0][1]) != 16 {
		t.Errorf("one token became two: %v", token)
	}
}

// The recorded pages of real systems, redacted, still are what they were.
func TestCapturesReplayRedacted(t *testing.T) {
	for _, y := range systems() {
		t.Run(y.folder, func(t *testing.T) {
			c := y.open(t)
			for _, listed := range c.want.Pages[:1] {
				p := c.page(strings.TrimSuffix(listed.File, ".gz"), c.list)
				if n := replays(t, listed.File, c.recipe, c.shop, p, ""); n < 10 {
					t.Errorf("%s: only %d orders", listed.File, n)
				}
			}
		})
	}
}

// difference shows where two pages part.
func difference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return string(a[from:min(len(a), i+60)]) + "\nbecomes " + string(b[from:min(len(b), i+60)])
}
