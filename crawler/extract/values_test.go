package extract_test

import (
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// textOf reads one value, written as in a recipe, from a page.
func textOf(t *testing.T, value string, p recipe.Page) string {
	t.Helper()
	r := parsed(t, plainSignIn+"\n  vars: {v: "+value+"}", plainOut, plainList)
	got, _ := extract.Text(&r.SignIn.Vars[0].Value, p, extract.Env{})
	return got
}

func TestValuesInHTML(t *testing.T) {
	const body = `<html><head><script>var a = 1;</script><script id="second">
  var orders = {"id": 90071992547409931,
    "note": "say \"hi\""}; // end
</script><noscript><b id="off">not for people</b></noscript></head><body>
<div id="card"> Anna <b>K.</b><br>12 High Street<br/>  London
 W1 <p>UK</p></div>
<div class="x">Total 5</div><div class="x">Code 77</div>
<i data-row="%7B%22mail%22%3A%22a%2Bb%40example.com%22%7D" data-blob="eyJ0ZWwiOiI1NSIsIm4iOjEyMzQ1Njc4OTAxMjM0NTY3ODkwfQ"
   data-js="JSON.parse('{\u0022k\u0022:\u0022\\u00e9\u0022}')"></i>
<textarea id="t">&lt;tr&gt;&lt;td&gt;cell&lt;/td&gt;&lt;/tr&gt;</textarea>
</body></html>`
	p := page("text/html", body)
	for value, want := range map[string]string{
		`{select: script, match: 'var orders = (\{.*\});'}`:                                 `{"id": 90071992547409931, "note": "say \"hi\""}`,
		`{in: {select: script, match: 'var orders = (\{.*\});'}, path: $.id}`:               "90071992547409931",
		`{in: {match: '(?s)var orders = (\{.*?\});'}, path: $.note}`:                        `say "hi"`,
		`{select: .x, match: 'Code (\d+)'}`:                                                 "77",
		`{select: "#off", optional: true, default: none}`:                                   "none",
		`{match: 'not for (people)', optional: true, default: none}`:                        "none",
		`{select: noscript, optional: true, default: none}`:                                 "none",
		`{select: "#card", filters: [{line: 1}]}`:                                           "Anna K.",
		`{select: "#card", filters: [{line: 3}]}`:                                           "London W1",
		`{select: "#card", filters: [{line: -1}]}`:                                          "UK",
		`{select: "#card", filters: [{line: 9}], optional: true, default: none}`:            "none",
		`{select: "#card", filters: [{line: 2}, {split: [" ", 2]}]}`:                        "High",
		`{in: {select: i, attr: data-row, filters: [url_decode]}, path: $.mail}`:            "a+b@example.com",
		`{in: {select: i, attr: data-blob, filters: [base64]}, path: $.n}`:                  "12345678901234567890",
		`{in: {select: i, attr: data-js, match: "'(.*)'"}, path: $.k}`:                      "",
		`{in: {select: i, attr: data-js, match: "'(.*)'", filters: [unescape]}, path: $.k}`: "é",
		`{in: {select: "#t"}, select: td}`:                                                  "cell",
		`{in: {select: "#card"}, select: b}`:                                                "K.",
		`{in: {select: "#none"}, select: b}`:                                                "",
		`{select: "#card", own: true}`:                                                      "Anna 12 High Street London W1",
	} {
		if got := textOf(t, value, p); got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

func TestValuesInJSON(t *testing.T) {
	p := page("application/json", `{"html":"<tr><td class=n>Anna</td><td>2</td></tr>","list":[{"n":"","m":"x"},{"n":"b"}],
 "inner":"{\"deep\":\"{\\\"n\\\":18446744073709551616}\"}","o":{"a":1},"lines":"one\r\ntwo\n\nthree"}`)
	for value, want := range map[string]string{
		`{in: $.html, select: "td.n"}`:                           "Anna",
		`{in: $.html, select: "td:nth-child(2)"}`:                "2",
		`{in: {in: $.inner, path: $.deep}, path: $.n}`:           "18446744073709551616",
		`{in: $.o, path: $.a}`:                                   "1",
		`{path: "$.list[*].n", match: .+}`:                       "b",
		`{path: $.lines, filters: [{line: 3}]}`:                  "three",
		`{path: $.o, optional: true, default: more than a text}`: "more than a text",
		`{in: $.lines, select: b, optional: true, default: no}`:  "no",
	} {
		if got := textOf(t, value, p); got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

// A redirect on the way may hold what the last address does not.
func TestValuesInAddresses(t *testing.T) {
	p := page("text/html", "")
	p.URL, p.Via = "https://shop.example/home", []string{"https://shop.example/a?token=t1", "https://shop.example/home"}
	if got := textOf(t, `{from: url, match: 'token=(\w+)'}`, p); got != "t1" {
		t.Errorf("the token is %q", got)
	}
	if got := textOf(t, `{from: url}`, p); got != "https://shop.example/home" {
		t.Errorf("the address is %q", got)
	}
}

func TestLabels(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"dt and dd":              {`<a>Phone</a><a>Fax</a><dl><dt>Mail</dt><dd>m</dd><dt> PHONE : </dt><dd> 555 </dd></dl>`, "555"},
		"dd that is empty":       {`<dl><dt>Phone</dt><dd></dd><dt>Mail</dt><dd>m</dd></dl>`, ""},
		"th and td":              {`<table><tr><th>Phone</th><td>555</td></tr></table>`, "555"},
		"td and td":              {`<table><tr><td><b>Phone:</b></td><td>555</td><td>x</td></tr></table>`, "555"},
		"below in a head":        {`<table><tr><th>Mail</th><th colspan=2>Phone</th></tr><tr><td>m</td><td>555</td><td>x</td></tr></table>`, "555"},
		"below in a thead of td": {`<table><thead><tr><td>Mail</td><td>Phone</td></tr></thead><tbody><tr><td>m</td><td>555</td></tr></tbody></table>`, "555"},
		"label for a field":      {`<label for=f>Phone</label><p>x</p><input id=f value=555>`, "555"},
		"label as the browser has it": {
			`<label for=f>Phone</label><input id=f value=1 data-nudged-value=555>`, "555"},
		"label around a field": {`<label>Phone <input value=555></label>`, "555"},
		"label beside a select": {
			`<div><label>Phone *</label><div><select><option>1<option selected>555</select></div></div>`, "555"},
		"one text":                {`<p>Name: x</p><p>Phone: 555</p>`, "555"},
		"one text, Chinese colon": {`<p>Phone：555</p>`, "555"},
		"text then element":       {`<p>Phone：<span>555</span><span>copy</span></p>`, "555"},
		"element then text":       {`<td><b>Phone</b>: 555<br><b>Mail</b>: m</td>`, "555"},
		"an icon between":         {`<div><b>Phone:</b><i class=icon></i><span>555</span></div>`, "555"},
		"columns of a grid":       {`<div class=row><div><strong>Phone</strong></div><div>555</div></div>`, "555"},
		"another label follows":   {`<p><b>Phone:</b></p><p><b>Mail:</b></p>`, ""},
		"not a menu":              {`<ul><li><a>Phone</a></li><li><a>Fax</a></li></ul>`, ""},
		"not part of a word":      {`<p>Phone number: 1</p><p>Telephone: 2</p>`, ""},
		"the second is filled":    {`<dl><dt>Phone</dt><dd></dd></dl><dl><dt>Phone</dt><dd>555</dd></dl>`, "555"},
		"another name":            {`<dl><dt>电话</dt><dd>555</dd></dl>`, "555"},
		"not for people":          {`<script>Phone: 1</script><noscript>Phone: 2</noscript>`, ""},
	} {
		if got := textOf(t, `{label: [Phone, 电话]}`, page("text/html", tc.body)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	link := `<dl><dt>Pay</dt><dd><a href="/pay">here</a></dd></dl><table><tr><td>Pay</td><td data-url="/p">x</td></tr></table>`
	if got := textOf(t, `{label: pay, attr: data-url}`, page("text/html", link)); got != "/p" {
		t.Errorf("an attribute beside a label is %q", got)
	}
}

const columnFields = `  fields:
    id: {column: "No."}
    status: {column: [Zustand, State]}
    total: {column: total}
    created: {column: Date, attr: data-at}
    name: {column: Buyer, optional: true}`

func TestColumns(t *testing.T) {
	cells := `<td>1</td><td>Anna</td><td>A. K.</td><td data-at="2026-11-17">x</td><td>Open</td><td>5.00 €</td>`
	for name, table := range map[string]string{
		"thead":        `<table><thead><tr><th>No.<th colspan=2>Buyer<th>DATE ↑<th>state<th> Total: </thead><tbody><tr class=o>` + cells + `</table>`,
		"first row":    `<table><tr><td>No.<td>Buyer<td>x<td>Date<td>State<td>Total</tr><tr class=o>` + cells + `</table>`,
		"two rows":     `<table><thead><tr><th rowspan=2>No.<th colspan=2>Buyer<th rowspan=2>Date<th colspan=2>Money<tr><th>First<th>Last<th>State<th>Total</thead><tr class=o>` + cells + `</table>`,
		"filters":      `<table><thead><tr><th>No.<th>Buyer<th>-<th>Date<th>State<th>Total<tr><th><input><th><th><th><th><th></thead><tr class=o>` + cells + `</table>`,
		"its own":      `<table><thead><tr><th>Total<th>No.</thead></table><div><div><table><thead><tr><th>No.<th>Buyer<th>-<th>Date<th>State<th>Total</thead></table></div><div><table><tbody><tr class=o>` + cells + `</table></div></div>`,
		"other order":  `<table><tr><th>Total<th>State<th>Date<th>No.<th>Buyer</tr><tr class=o><td>5.00 €<td>Open<td data-at="2026-11-17"><td>1<td>Anna</tr></table>`,
		"cells over 2": `<table><tr><th>No.<th>Buyer<th>-<th>Date<th>State<th>Total</tr><tr class=o><td>1<td colspan=2>Anna<td data-at="2026-11-17"><td>Open<td>5.00 €</tr></table>`,
		"table inside": `<table><tr><th>No.<th>Buyer<th>-<th>Date<th>State<th>Total</tr><tr class=o><td>1<td>Anna<table><tr><th>Total<tr><td>9</table><td><td data-at="2026-11-17"><td>Open<td>5.00 €</tr></table>`,
	} {
		r := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: tr.o\n  empty: .none\n"+columnFields)
		l, err := extract.List(r, extract.Shop{Name: "test"}, page("text/html", table), "")
		if err != nil || len(l.Orders) != 1 {
			t.Errorf("%s: %v, %v", name, l.Orders, err)
			continue
		}
		o := l.Orders[0]
		if o.ID != "1" || o.StatusText != "Open" || o.Total.String() != "5.00 EUR" || !o.DayOnly || !strings.HasPrefix(o.Buyer.Name, "Anna") && name != "two rows" {
			t.Errorf("%s: %+v", name, o)
		}
	}
	r := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: tr.o\n  empty: .none\n"+columnFields)
	_, err := extract.List(r, extract.Shop{Name: "test"}, page("text/html", `<table><tr><th>Number<th>Grand total</tr><tr class=o><td>1<td>5</tr></table>`), "")
	if err == nil || !strings.Contains(err.Error(), `column "number"`) {
		t.Errorf("a changed head gives %v", err)
	}
}

func TestTimesThatNameTheirZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	how := &recipe.Date{Layouts: []string{"2006-01-02 15:04 MST", "2006-01-02 15:04 -0700"}}
	for text, want := range map[string]string{
		"2026-11-22 09:30 CET":   "2026-11-22T08:30:00Z",
		"2026-07-22 09:30 CEST":  "2026-07-22T07:30:00Z",
		"2026-11-22 09:30 UTC":   "2026-11-22T09:30:00Z",
		"2026-11-22 09:30 GMT":   "2026-11-22T09:30:00Z",
		"2026-11-22 09:30 GMT+3": "error",
		"2026-11-22 09:30 +0000": "2026-11-22T09:30:00Z",
		"2026-11-22 09:30 +0800": "2026-11-22T01:30:00Z",
		"2026-11-22 09:30 PST":   "error",
		"2026-11-22 09:30 IST":   "error",
	} {
		at, _, err := extract.ParseTime(text, how, berlin, time.Time{})
		got := at.UTC().Format(time.RFC3339)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestTimesInWords(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC) // half past midnight on the 22nd in the shop
	how := func(src string) *recipe.Date {
		r := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: tr\n  empty: .none\n  fields: {id: {attr: id}, status: .s, total: .t, created: {select: .d, date: "+src+"}}")
		return r.List.Fields.Created.Date
	}
	words := how(`{words: [{match: '(\d+) minutes? ago', unit: 1m}, {match: '(\d+) days? ago', unit: 24h}, {match: '(?i)yesterday', unit: 24h},
  {match: (?i)today}, {match: 'in (\d+) hours', unit: 1h, in: true}, {match: 'in (\d+) days', unit: 24h, in: true}, {match: just now, unit: 1s}],
  layouts: ["3:04 pm", "15:04", "2 Jan 2006"]}`)
	for text, want := range map[string]string{
		"3 minutes ago":        "2026-11-22T00:27:00+08:00",
		"about 1 minute ago":   "2026-11-22T00:29:00+08:00",
		"yesterday 14:05":      "2026-11-21T14:05:00+08:00",
		"Yesterday, 2:05 pm":   "2026-11-21T14:05:00+08:00",
		"today 00:10":          "2026-11-22T00:10:00+08:00",
		"today":                "2026-11-22T00:00:00+08:00 day",
		"2 days ago":           "2026-11-20T00:00:00+08:00 day",
		"in 5 hours":           "2026-11-22T05:30:00+08:00",
		"in 2 days":            "2026-11-24T00:30:00+08:00",
		"just now":             "2026-11-22T00:29:59+08:00",
		"17 Nov 2026":          "2026-11-17T00:00:00+08:00 day",
		"yesterday or so":      "error",
		"99999999 minutes ago": "error",
		"14:05":                "error",
		"soon":                 "error",
	} {
		at, dayOnly, err := extract.ParseTime(text, words, zone, now)
		got := at.Format(time.RFC3339)
		if dayOnly {
			got += " day"
		}
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
	// In the night in which clocks go back, a day has 25 hours.
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, _, err := extract.ParseTime("yesterday 09:00", words, berlin, time.Date(2026, 10, 25, 23, 30, 0, 0, berlin))
	if want := "2026-10-24T09:00:00+02:00"; err != nil || at.Format(time.RFC3339) != want {
		t.Errorf("the day before the clocks change is %v, %v", at, err)
	}
	for text, want := range map[string]string{
		"1795298422.123":   "2026-11-21T22:00:22.123Z",
		"1795298422.12345": "2026-11-21T22:00:22.12345Z",
		"1.795298422e9":    "2026-11-21T22:00:22Z",
		"1795298422.":      "2026-11-21T22:00:22Z",
		"1795298422.x":     "error", "NaN": "error", "1e300": "error", ".5": "error",
	} {
		at, _, err := extract.ParseTime(text, &recipe.Date{Epoch: recipe.EpochSecond}, nil, now)
		got := at.Format(time.RFC3339Nano)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
