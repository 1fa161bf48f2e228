package extract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// page makes an answer of a shop.
func page(kind, body string) recipe.Page {
	return recipe.Page{URL: "https://shop.example/admin/x?token=abc", Status: 200, Type: kind, Header: http.Header{}, Body: []byte(body)}
}

// parsed is a recipe with the given sign-in, signed-out and list parts.
func parsed(t testing.TB, signIn, signedOut, list string) *recipe.Recipe {
	t.Helper()
	src := "schema: 1\nname: t\nsign_in:\n" + signIn + "\nsigned_out: " + signedOut + "\nlist:\n" + list + "\nstatuses: [{text: Open, is: unpaid}]\n"
	r, err := recipe.Parse("t.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	plainSignIn = `  steps: [{open: x}]
  refused: ["#error", {path: $.code, match: ^-}, {status: 418}]
  proof: {request: x, sign: x}`
	plainList = `  request: o
  rows: tr
  empty: .none
  fields: {id: {attr: id}, status: .s, created: .d, total: .t}`
	plainOut = `["#login", {type: application/json, path: $.code, is: "-400"}, {url: /login, status: 200}, {status: 400, match: ^0$}, {match: 'location\.href="[^"]*login'}]`
)

func TestSignedInHasThreeValues(t *testing.T) {
	r := parsed(t, plainSignIn, plainOut, plainList)
	for _, tc := range []struct {
		name string
		page recipe.Page
		want extract.Access
	}{
		{"a page", page("text/html", "<p>orders</p>"), extract.Yes},
		{"a login page with 200", page("text/html", `<form id="login">`), extract.No},
		{"a login form for scripts off", page("text/html", `<noscript><form id="login"></form></noscript><p>orders</p>`), extract.Yes},
		{"a redirect by script", page("text/html", `<script>window.location.href="/?s=admin/login"</script>`), extract.No},
		{"a code in JSON", page("application/json", `{"code":-400}`), extract.No},
		{"another code", page("application/json", `{"code":-4001}`), extract.Yes},
		{"a code in HTML", page("text/html", `{"code":-400}`), extract.Yes},
		{"cut JSON", page("application/json", `{"code":`), extract.Uncertain},
		{"400 with 0", recipe.Page{Status: 400, Body: []byte("0")}, extract.No},
		{"400 with more", recipe.Page{Status: 400, Body: []byte("0 rows")}, extract.Yes},
		{"401", recipe.Page{Status: 401}, extract.No},
		{"403", recipe.Page{Status: 403}, extract.Uncertain},
		{"403 with the login page", recipe.Page{Status: 403, Body: []byte(`<form id="login">`)}, extract.No},
		{"404", recipe.Page{Status: 404}, extract.Yes},
		{"429", recipe.Page{Status: 429}, extract.Uncertain},
		{"500", recipe.Page{Status: 500}, extract.Uncertain},
		{"a redirect that was not followed", recipe.Page{Status: 302}, extract.Uncertain},
		{"nothing", recipe.Page{}, extract.Uncertain},
		{"the address of the login", recipe.Page{Status: 200, URL: "https://shop.example/login"}, extract.No},
	} {
		if got := extract.SignedIn(r, tc.page); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
		if got := extract.SignedIn(r, extract.Prepare(tc.page)); got != tc.want {
			t.Errorf("%s, prepared: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestWordsAreTheShopsOwn(t *testing.T) {
	r := parsed(t, plainSignIn, plainOut, plainList)
	for _, tc := range []struct {
		page recipe.Page
		want string
		ok   bool
	}{
		{page("text/html", "<div id=error>\n Wrong <b>password</b> <script>x()</script>\n</div>"), "Wrong password", true},
		{page("text/html", "<div id=error></div>"), "", true},
		{page("text/html", "<noscript><div id=error>Enable scripts</div></noscript>"), "", false},
		{page("text/html", "<div id=error>No user anna@shop.example, call +86 138 0013 8000</div>"), "No user ***@***, call ***", true},
		{page("application/json", `{"code":-3}`), "-3", true},
		{page("application/json", `{"code":3}`), "", false},
		{page("text/html", "<div id=error>"+strings.Repeat("x", 100_000)+"</div>"), strings.Repeat("x", 299) + "…", true},
		{recipe.Page{Status: 418}, "", true},
	} {
		got, ok := extract.Words(r.SignIn.Refused, tc.page)
		if got != tc.want || ok != tc.ok {
			t.Errorf("%.60q says %.60q, %v; want %.60q, %v", tc.page.Body, got, ok, tc.want, tc.ok)
		}
	}
}

func TestVarsFromEverywhere(t *testing.T) {
	r := parsed(t, `  steps: [{open: x}]
  refused: x
  vars:
    query: {from: url, match: 'token=(\w+)'}
    head: {from: {header: X-Auth}}
    cookie: {from: {cookie: sid}, optional: true}
    stored: {from: {storage: auth}, match: '"(\w+)"'}
    hidden: {select: "input[name=csrf]", attr: value}
    script: {match: 'nonce = "(\w+)"'}
    inline: {select: "script#data", match: '"n":(\d+)'}
    made: {text: "{origin}/x"}
    none: {select: .none, optional: true, default: "-"}
  proof: {request: x, sign: x}`, plainOut, plainList)
	p := page("text/html", `<input name=csrf value=" c1 "><script>var nonce = "n1";</script><script id=data>{"n":90071992547409931}</script>`)
	p.Header.Set("X-Auth", "h1")
	env := extract.Env{
		Cookie:  func(string) (string, bool) { return "", false },
		Storage: func(key string) (string, bool) { return `"` + key + `1"`, true },
	}
	got, err := extract.Vars(r.SignIn.Vars, p, env)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"query": "abc", "head": "h1", "cookie": "", "stored": "auth1", "hidden": "c1",
		"script": "n1", "inline": "90071992547409931", "made": "https://shop.example/x", "none": "-"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}

	var layout *extract.LayoutError
	_, err = extract.Vars(r.SignIn.Vars, page("text/html", "<p>"), extract.Env{})
	if !errors.As(err, &layout) || layout.Field != "vars.head" || strings.Contains(err.Error(), "token=abc") {
		t.Errorf("a missing var gives %v", err)
	}
}

func formRecipe(t *testing.T, extra string) *recipe.Form {
	t.Helper()
	r := parsed(t, `  steps:
    - get: x
    - submit: {select: "form.in", fields: {user: "{user}", pass: "{password}"}`+extra+`}
  refused: x
  proof: {request: x, sign: x}`, plainOut, plainList)
	return r.SignIn.Steps[1].Submit
}

func TestFormSendsWhatABrowserSends(t *testing.T) {
	who := func(name string) (string, bool) {
		v, ok := map[string]string{"user": "boss", "password": `p&ss "1"`, "origin": "https://shop.example"}[name]
		return v, ok
	}
	body := `<form class="other"><input name="x" value="1"></form>
<form class="in" method="get" action="../do?step=1">
 <input type="hidden" name="csrf" value="a+b/c=="><input name="user" value="last time"><input type="password" name="pass">
 <input type="checkbox" name="keep" checked><input type="checkbox" name="news" value="1">
 <input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
 <select name="lang"><option value="en">English<option value="zh" selected>中文</select><select name="zone"><option>UTC<option>CET</select>
 <textarea name="note"> hi </textarea><input name="off" value="1" disabled><input type="file" name="f"><input value="nameless">
 <button type="button" name="help" value="1">?</button><button name="go" value="in">Sign in</button><input type="submit" name="second" value="x">
</form>`
	got, err := extract.Form(page("text/html", body), formRecipe(t, ""), who)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"csrf": {"a+b/c=="}, "user": {"boss"}, "pass": {`p&ss "1"`}, "keep": {"on"}, "r": {"2"},
		"lang": {"zh"}, "zone": {"UTC"}, "note": {"hi"}, "go": {"in"}}
	want.Set("note", " hi ")
	if got.Method != "POST" || got.URL != "https://shop.example/do?step=1" || got.Values.Encode() != want.Encode() {
		t.Errorf("posts %s to %s: %s, want %s", got.Method, got.URL, got.Values.Encode(), want.Encode())
	}
	for action, want := range map[string]string{
		`<form class=in>`:           "https://shop.example/admin/x?token=abc",
		`<form class=in action="">`: "https://shop.example/admin/x?token=abc",
		`<base href="https://shop.example/b/"><form class=in action=go>`: "https://shop.example/b/go",
		`<base href="/b/"><form class=in>`:                               "https://shop.example/admin/x?token=abc",
	} {
		if got, err := extract.Form(page("text/html", action), formRecipe(t, ""), who); err != nil || got.URL != want {
			t.Errorf("%s posts to %s, %v; want %s", action, got.URL, err, want)
		}
	}
	if got, err := extract.Form(page("text/html", `<form class=in action=a>`), formRecipe(t, `, action: "{origin}/sign"`), who); err != nil || got.URL != "https://shop.example/sign" {
		t.Errorf("an action of the recipe gives %s, %v", got.URL, err)
	}
	var layout *extract.LayoutError
	for _, body := range []string{"<p>closed</p>", `<form class=in action="javascript:go()">`} {
		if _, err := extract.Form(page("text/html", body), formRecipe(t, ""), who); !errors.As(err, &layout) {
			t.Errorf("%s gives %v", body, err)
		}
	}
}

// A saved page is mended by, and may lie on a disk: what it must not hold is
// searched for in it.
func TestRedactKeepsTheLayoutOnly(t *testing.T) {
	secrets := []string{"anna@example.com", "anna%40example.com", "138 0013 8000", "13800138000", "0013-8000", "hunter2", "c68450e0c8cf27ef", "eyJhbGciOiJIUzI1NiJ9", "2f314d2019", "wc_order_5eCSrF"}
	html := `<html><head><meta name="csrf-token" content="c68450e0c8cf27ef0d7593798bef56c4"><script>var t="c68450e0c8cf27ef0d75"; var n="2f314d2019"</script></head>
<body onload="go('2f314d2019')" data-user="anna@example.com"><!-- anna@example.com c68450e0c8cf27ef0d7593798bef56c4 -->
<a class="mail" href="mailto:anna@example.com">anna@example.com</a> <a href="tel:+8613800138000">+86 138 0013 8000</a>
<a href="/x?route=sale&user_token=c68450e0c8cf27ef&page=2&key=wc_order_5eCSrFHz0Fu7y">next</a> <a href="/y?u=anna%40example.com">y</a>
<input name="pass" value="hunter2" data-nudged-value="hunter2"><textarea>call 138-0013-8000</textarea>
<p data-jwt="eyJhbGciOiJIUzI1NiJ9.e30.x">eyJhbGciOiJIUzI1NiJ9</p><table id="orders"><tr data-id="74"><td class="total">$1,995.34</td><td>2026-11-17 23:43</td></tr></table></body></html>`
	got := string(extract.Redact(page("text/html", html)))
	for _, s := range secrets {
		if strings.Contains(got, s) {
			t.Errorf("%q is still there: %s", s, got)
		}
	}
	for _, s := range []string{`class="mail"`, `id="orders"`, `data-id="74"`, "$1,995.34", "2026-11-17 23:43", `name="pass"`, "route=sale", "page=2"} {
		if !strings.Contains(got, s) {
			t.Errorf("%q is gone: %s", s, got)
		}
	}
	object := `{"orders":[{"id":90071992547409931,"email":"anna@example.com","tel":13800138000,"note":"call 138 0013 8000","token":"hunter2","total":12.50,"state":"Paid"}]}`
	got = string(extract.Redact(page("application/json", object)))
	for _, s := range secrets {
		if strings.Contains(got, s) {
			t.Errorf("%q is still there: %s", s, got)
		}
	}
	if !json.Valid([]byte(got)) || !strings.Contains(got, `"state":"Paid"`) || !strings.Contains(got, "12.50") || !strings.Contains(got, "90071992547409931") {
		t.Errorf("the layout is gone: %s", got)
	}
	for _, body := range []string{"", "plain anna@example.com 13800138000 \xff", `{"cut": "anna@example.com`} {
		if got := string(extract.Redact(page("text/plain", body))); strings.Contains(got, "anna") || strings.Contains(got, "13800138000") {
			t.Errorf("%q leaves %q", body, got)
		}
	}
}

func TestCheckNeedsAllOfASign(t *testing.T) {
	r := parsed(t, plainSignIn, `[{select: b, match: ^x, status: 200, url: admin, type: text/html}]`, plainList)
	s := &r.SignedOut[0]
	good := page("text/html", "<b>a</b><b>xy</b>")
	if !extract.Check(s, good) {
		t.Error("the second element fits, and is not taken")
	}
	for name, change := range map[string]func(*recipe.Page){
		"status": func(p *recipe.Page) { p.Status = 201 },
		"url":    func(p *recipe.Page) { p.URL = "https://shop.example/" },
		"type":   func(p *recipe.Page) { p.Type = "text/plain" },
		"body":   func(p *recipe.Page) { p.Body = []byte("<b>y x</b><i>x</i>") },
	} {
		p := good
		change(&p)
		if extract.Check(s, p) {
			t.Errorf("it holds with another %s", name)
		}
	}
}

func TestFormPressesItsButton(t *testing.T) {
	who := func(name string) (string, bool) { return "x-" + name, true }
	body := `<form class="in" id="f" action="/a" enctype="multipart/form-data"><input name="h" value="1"><fieldset disabled><input name="dead" value="1"></fieldset>
 <input name="alien" form="g" value="1"><button name="do" value="cancel">Cancel</button><button id="go" name="do" value="in" formaction="/b" disabled>Go</button></form>
 <input name="far" form="f" value="2"><button id="out" name="out" value="3" form="f">Out</button><button id="elsewhere">x</button>`
	for button, want := range map[string]string{
		"":                    "https://shop.example/a do=cancel&far=2&h=1&pass=x-password&user=x-user",
		`, button: "#go"`:     "https://shop.example/b do=in&far=2&h=1&pass=x-password&user=x-user",
		`, button: "#out"`:    "https://shop.example/a far=2&h=1&out=3&pass=x-password&user=x-user",
		`, button: "#absent"`: "error",
	} {
		got, err := extract.Form(page("text/html", body), formRecipe(t, button), who)
		said := got.URL + " " + got.Values.Encode()
		if err != nil {
			said = "error"
		}
		if said != want {
			t.Errorf("%s posts %s (%v), want %s", button, said, err, want)
		}
		if err != nil {
			continue
		}
		kind, params, err := mime.ParseMediaType(got.ContentType)
		if err != nil || kind != "multipart/form-data" {
			t.Fatalf("the body is %s, %v", got.ContentType, err)
		}
		sent, err := multipart.NewReader(bytes.NewReader(got.Body), params["boundary"]).ReadForm(1 << 20)
		if err != nil || url.Values(sent.Value).Encode() != got.Values.Encode() {
			t.Errorf("%s sends %v, %v", button, sent, err)
		}
	}
	got, err := extract.Form(page("text/html", `<form class=in><input name=a value="b c">`), formRecipe(t, ""), who)
	if err != nil || got.ContentType != "application/x-www-form-urlencoded" || string(got.Body) != "a=b+c&pass=x-password&user=x-user" {
		t.Errorf("%q as %s, %v", got.Body, got.ContentType, err)
	}
	_, err = extract.Form(page("text/html", `<form class="log-in"></form><form id="in"></form>`), formRecipe(t, ""), who)
	if err == nil || !strings.Contains(err.Error(), `form#in`) || !strings.Contains(err.Error(), "form.log-in") {
		t.Errorf("another form gives %v", err)
	}
}

func TestDetectTakesTheFirstThatFits(t *testing.T) {
	with := func(name, detect string) *recipe.Recipe {
		r := parsed(t, plainSignIn, plainOut+"\ndetect: "+detect, plainList)
		r.Name = name
		return r
	}
	all := []*recipe.Recipe{with("none", "[{select: .none}]"), with("a", `["#a", {match: made by A}]`), with("b", `{select: "#b", match: B}`)}
	for body, want := range map[string]string{
		`<p id=a>`: "a", `<p id=b>B</p>`: "b", `<p id=b>x</p>`: "", `<!-- made by A --><p id=b>B</p>`: "a", `<noscript><p id=a></noscript>`: "", ``: "",
	} {
		got := ""
		if r := extract.Detect(all, page("text/html", body)); r != nil {
			got = r.Name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", body, got, want)
		}
	}
}

func TestNearestNamesWhatIsThere(t *testing.T) {
	value := func(src string) *recipe.Value {
		return &parsed(t, plainSignIn+"\n  vars: {v: "+src+"}", plainOut, plainList).SignIn.Vars[0].Value
	}
	const body = `<div id="order-card" class="card big wide"><span class="customer_mail x">anna@example.com</span><span class="totalAmount">12.50 €</span>
<input name="customer-phone" value="555 010 0064"><b class="tok">c68450e0c8cf27ef0d75</b></div><dl><dt>E-mail address</dt><dd>x</dd><dt>Phone</dt><dd>5</dd></dl>`
	for src, want := range map[string]string{
		`.customer-email`:           `span.customer_mail.x "***@***", input[name=customer-phone] ""`,
		`"div.order > span.amount"`: `span.totalAmount "12.50 €"`,
		`"#card"`:                   `div#order-card.card.big`,
		`{label: E-Mail}`:           `label "E-mail address", label "Phone"`,
		`b.token`:                   `b.tok "`,
		`.nothing`:                  ``,
	} {
		got := strings.Join(extract.Nearest(page("text/html", body), value(src)), ", ")
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: nearest is %s, want %s", src, got, want)
		}
		for _, secret := range []string{"anna@", "010 0064", "c68450e0c8cf27ef0d75"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s shows %s", src, secret)
			}
		}
	}
	const object = `{"data":{"orders":[{"orderNo":"A-1","buyer":{"eMail":"anna@example.com"},"amount":{"total":5}}],"totalCount":7}}`
	for src, want := range map[string]string{
		`"$.data.orders[*].number_of_order"`: `$.data.orders[0].orderNo "A-1"`,
		`$.data.total`:                       `$.data.orders[0].amount.total 5`,
		`"$.data.orders[0].mail"`:            `$.data.orders[0].buyer.eMail "***"`,
		`$.xyz`:                              ``,
	} {
		got := strings.Join(extract.Nearest(page("application/json", object), value(src)), ", ")
		if !strings.HasPrefix(strings.ReplaceAll(got, `$.data.orders […], `, ""), want) || want == "" && got != "" {
			t.Errorf("%s: nearest is %s, want %s", src, got, want)
		}
	}
}
