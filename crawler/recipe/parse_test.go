package recipe_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"nudged/crawler/recipe"
)

func buttons(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("testdata/buttons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestParseReadsEverything(t *testing.T) {
	r, err := recipe.Parse("buttons.yaml", []byte(buttons(t)))
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "buttons" || r.Title != "Buttons & Bows" || r.Delay != 2*time.Second {
		t.Errorf("head is %q %q %v", r.Name, r.Title, r.Delay)
	}
	f := r.SignIn.Steps[1].Submit
	if f == nil || f.Select.Source != "#login" || len(f.Fields) != 2 || f.Fields[0].Name != "user" || f.Fields[1].Name != "pass" {
		t.Errorf("form is %+v", f)
	}
	if v := r.SignIn.Vars; len(v) != 1 || v[0].Name != "token" || v[0].Value.Source != recipe.FromURL {
		t.Errorf("vars are %+v", v)
	}
	l := r.List
	if l.Request.Engine != recipe.EngineFetch || l.Request.Get[0].String() != "orders?token={token}&page={page}" || !l.Sorted || l.Next.Page.First != 1 {
		t.Errorf("list is %+v", l)
	}
	if l.Rows.Select == nil || l.Exclude[0].Match == nil || l.Fields.ID.Attr != "data-id" || l.Fields.Total.Money.Decimal != "," {
		t.Errorf("list is %+v", l)
	}
	d := r.Detail
	if d.Request.Post == nil || d.Request.Form[0].Name != "id" || len(d.Fields.Phone.Or) != 1 || d.Fields.Lines.Title == nil {
		t.Errorf("detail is %+v", d)
	}
	if len(r.Statuses) != 4 || *r.Statuses[2].Text != "Sent" || r.Statuses[2].Is != "paid" || r.Statuses[3].Match == nil {
		t.Errorf("statuses are %+v", r.Statuses)
	}
	if len(r.Allow) != 1 || r.Allow[0].Method != "POST" || len(r.Deny) != 1 {
		t.Errorf("allow and deny are %+v %+v", r.Allow, r.Deny)
	}
}

// Where a POST goes to an address that the shop gives, nothing can be said of it
// before; the guard judges it when it is there.
func TestPostToAnAddressThatTheShopGives(t *testing.T) {
	if _, err := recipe.Parse("buttons.yaml", []byte(strings.NewReplacer("post: order", `post: "{token}"`, `url: '/order$'`, `url: '/grid$'`).Replace(buttons(t)))); err != nil {
		t.Error(err)
	}
}

// Each case changes the good recipe in one place and names what the seller
// reads then.
func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, tc := range []struct{ name, old, new, want string }{
		{"unknown key", "  sorted: true", "  sortet: true", `buttons.yaml:21:3: list.sortet: is not a key here; did you mean sorted?`},
		{"unknown top key", "delay: 2s", "timeout: 2s", `:4:1: timeout: is not a key here;`},
		{"twice", "  sorted: true", "  sorted: true\n  sorted: false", `:22:3: list.sorted: stands here twice; keep one`},
		{"schema", "schema: 1", "schema: 2", `:1:9: schema: must be 1, not "2"`},
		{"missing id", "    id: {attr: data-id}\n", "", `list.fields.id: is missing`},
		{"missing status", "    status: .state\n", "", `list.fields.status: is missing`},
		{"missing created", "    created: {select: .date, date: \"02.01.2006 15:04\"}\n", "", `list.fields.created: is missing; without the order's time`},
		{"missing total", "    total: {select: .sum, money: {decimal: \",\"}}\n", "", `list.fields.total: is missing; a reminder says what is to be paid`},
		{"missing proof", `  proof: {request: "home?token={token}", sign: "#logout"}` + "\n", "", `sign_in.proof: is missing`},
		{"bad selector", "rows: table.orders tr", "rows: 'tr['", `:18:9: list.rows: "tr[" is not a CSS selector`},
		{"bad path", "status: .state", "status: $.a[", `list.fields.status: "$.a[" is not a JSON path`},
		{"path without dollar", "status: .state", "status: {path: state}", `list.fields.status.path: "state" is not a JSON path; it begins with $`},
		{"path in HTML rows", "status: .state", "status: $.state", `list.fields.status: is a JSON path, but list.rows finds HTML`},
		{"selector in JSON rows", "rows: table.orders tr", "rows: $.orders[*]", `list.fields.status: looks in HTML, but list.rows finds JSON; write a path that begins with $`},
		{"bad regexp", "match: 'token=(\\w+)'", "match: 'token=(\\w+'", `:12:31: sign_in.vars.token.match: error parsing regexp: missing closing )`},
		{"bad layout", `"02.01.2006 15:04"`, `"dd.mm.yyyy"`, `list.fields.created.date: "dd.mm.yyyy" does not hold day, month and year; write how the shop would show 2 January 2006`},
		{"layout without year", `"02.01.2006 15:04"`, `"02.01. 15:04"`, `"02.01. 15:04" holds no year; where the shop shows none, join what does: {text: "{year}-{when}"`},
		{"layout in other letters", `"02.01.2006 15:04"`, `DD.MM.YYYY HH:MM:SS`, `"DD.MM.YYYY HH:MM:SS" does not hold day, month and year; write how the shop would show 2 January 2006, 15:04:05: "02.01.2006 15:04:05"`},
		{"layout with signs", `"02.01.2006 15:04"`, `"%Y-%m-%dT%H:%M"`, `15:04:05: "2006-01-02T15:04"`},
		{"a date for a layout", `"02.01.2006 15:04"`, "2026-11-20 21:03", `"2026-11-20 21:03" does not hold day, month and year; write how the shop would show 2 January 2006`},
		{"layout of PHP", `"02.01.2006 15:04"`, `"d/m/y H:i"`, `15:04:05: "02/01/2006 15:04"`},
		{"layout in words", `"02.01.2006 15:04"`, `day then month`, `2 January 2006, 15:04:05`},
		{"layout and epoch", `"02.01.2006 15:04"`, `[epoch, "02.01.2006"]`, `list.fields.created.date: a time is a number or a text`},
		{"bad decimal", `decimal: ","`, `decimal: ";"`, `list.fields.total.money.decimal: ";" is not known`},
		{"bad divide", `decimal: ","`, `divide: 25`, `list.fields.total.money.divide: must be 10, 100, 1000`},
		{"bad filter", "status: .state", "status: {select: .state, filters: [upper]}", `list.fields.status.filters[0]: "upper" is not known; known here: lower, digits, decode, url_decode, base64, unescape, replace, split, line`},
		{"filter without arguments", "status: .state", "status: {select: .state, filters: [split]}", `split needs arguments`},
		{"filter with one argument", "status: .state", "status: {select: .state, filters: [{replace: [x]}]}", `must be a list of two: a regular expression and a text`},
		{"split by nothing", "status: .state", `status: {select: .state, filters: [{split: ["", 0]}]}`, `parts are counted from 1`},
		{"default alone", "status: .state", "status: {select: .state, default: Open}", `:25:30: list.fields.status.default: has no use without optional: true; add it, or drop default`},
		{"fallback of fallback", `or: ["#mobile"]`, `or: [{select: "#mobile", or: [b]}]`, `a fallback has no fallbacks of its own`},
		{"attr and own", "{attr: data-id}", "{attr: data-id, own: true}", `list.fields.id: attr and own exclude each other; keep one`},
		{"attr of JSON", "{attr: data-id}", "{path: $.id, attr: x}", `list.fields.id: attr and path exclude each other`},
		{"text and select", "status: .state", "status: {select: .state, text: x}", `list.fields.status: select and text exclude each other`},
		{"from and select", "{from: url, ", "{from: url, select: a, ", `sign_in.vars.token: select and from exclude each other`},
		{"unknown source", "{from: url, ", "{from: body, ", `sign_in.vars.token.from: "body" is not known`},
		{"unknown template name", "page={page}", "page={paeg}", `:17:12: list.request: {paeg} has no value here; did you mean page?`},
		{"password outside of sign-in", "page={page}", "page={page}&p={password}", `{password} has no value here`},
		{"single brace", "page={page}", "page={page", `list.request: a single "{" at character`},
		{"var name", "    token: {from", "    My-Token: {from", `sign_in.vars.My-Token: is not a name`},
		{"reserved var", "    token: {from", "    page: {from", `sign_in.vars.page: is a name that every template knows already`},
		{"two ways to the next page", "next: {page: 1}", "next: {page: 1, link: a.next}", `list.next: link and page exclude each other`},
		{"no way to the next page", "next: {page: 1}", "next: {}", `list.next: needs one of link, page, offset, cursor, click and scroll`},
		{"unused page", "&page={page}", "", `list.next.page: is for {page}, but list.request does not use it`},
		{"page without counter", "next: {page: 1}", "next: {offset: 20}", `list.request: {page} has no value here; it is for the list's request, if that is how next counts: next: {page: …}`},
		{"unused offset", "&page={page}\n  rows: table.orders tr\n  exclude: {select: td, match: Sum}\n  empty: .nothing\n  sorted: true\n  next: {page: 1}", "\n  rows: table.orders tr\n  next: {offset: 20}", `list.next.offset: is for {offset}, but list.request does not use it`},
		{"click without browser", "next: {page: 1}", "next: {click: a.next}", `list.next.click: needs engine: browser`},
		{"post not allowed", `url: '/order$'`, `url: '/orders$'`, `:31:5: detail.request: posts to order, which no rule of allow lets through`},
		{"body not allowed", `body: 'id=\d+'`, `body: 'id'`, `detail.request: posts to order a body such as id=1; a rule of allow has that address, but its body has to match all of it`},
		{"get that the guard stops", "post: order\n    form: {id: \"{id}\"}", "get: order/update/{id}", `:31:5: detail.request: opens order/update/{id}, which the read-only guard stops: its path says update; if that page only shows something, say so: allow: [{url: …, get: true}]`},
		{"get that is no flag", `body: 'id=\d+'`, `get: false`, `allow[0]: lets nothing through; write graphql: true or get: true`},
		{"allow without body", `, body: 'id=\d+'}`, "}", `:50:5: allow[0]: needs one of graphql, body and get`},
		{"get with body", "post: order", "get: order", `detail.request.form: has no use without post; add it, or drop form`},
		{"get and post", "post: order", "post: order\n    get: order", `detail.request: get and post exclude each other`},
		{"two bodies", `form: {id: "{id}"}`, "form: {id: \"{id}\"}\n    json: {a: 1}", `detail.request: form and json exclude each other`},
		{"wait without browser", `form: {id: "{id}"}`, "form: {id: \"{id}\"}\n    wait: a", `detail.request.wait: has no use without engine: browser`},
		{"mutation", `form: {id: "{id}"}`, "graphql: {query: 'mutation { cancel }'}", `detail.request.graphql.query: the GraphQL document holds a mutation`},
		{"broken GraphQL", `form: {id: "{id}"}`, "graphql: {query: 'query {'}", `the GraphQL document does not parse`},
		{"cookie header", `form: {id: "{id}"}`, "form: {id: \"{id}\"}\n    headers: {cookie: x}", `detail.request.headers.cookie: is set by the program; drop it`},
		{"steps and person", "  refused: .error", "  person: {open: x}\n  refused: .error", `sign_in: steps and person exclude each other`},
		{"two acts in a step", "- get: login", "- {get: login, open: login}", `sign_in.steps[0]: open and get exclude each other`},
		{"unknown status word", "is: unpaid", "is: unpayed", `statuses[0].is: "unpayed" is not known; did you mean unpaid?`},
		{"unknown is no status", "is: unpaid", "is: unknown", `statuses[0].is: "unknown" is not known`},
		{"text and match", "{text: Open, is", "{text: Open, match: O, is", `statuses[0]: text and match exclude each other`},
		{"payment unread", "{text: Open, is", "{text: Open, payment: offline, is", `list.fields.payment: is missing; a rule of statuses asks`},
		{"refunded unread", "{text: Open, is", "{text: Open, refunded: true, is", `list.fields.refunded: is missing; a rule of statuses asks for it`},
		{"code unread", "{text: Open, is", "{code: open, is", `list.fields.code: is missing; a rule of statuses asks for the code`},
		{"empty sign", "empty: .nothing", "empty: {}", `list.empty: is empty; every page would fit`},
		{"sign of nothing", "empty: .nothing", "empty: {is: x}", `list.empty.is: has no use without select or path`},
		{"sign of both", "empty: .nothing", "empty: {select: a, path: $.a}", `list.empty: select and path exclude each other`},
		{"bad media type", "empty: .nothing", "empty: {type: html}", `list.empty.type: "html" is not a media type`},
		{"bad duration", "delay: 2s", "delay: 2", `:4:8: delay: "2" is not a duration; write one with its unit`},
		{"long duration", "delay: 2s", "delay: 2h", `delay: 2h must be above zero and at most 1m0s`},
		{"bad charset", "delay: 2s", "charset: klingon", `charset: "klingon" is not a known charset`},
		{"not a flag", "sorted: true", "sorted: yes please", `list.sorted: must be true or false, not "yes please"`},
		{"list for text", "title: Buttons & Bows", "title: [a]", `:3:8: title: must be a text, not […]; put a text that begins with [ in quotes`},
		{"nothing", "title: Buttons & Bows", "title: #bows", `title: has no value; one that begins with # needs quotes`},
		{"JSON without quotes", `form: {id: "{id}"}`, `json: {id: {id}}`, `detail.request.json.id.id: has no value; a template such as "{user}" needs quotes`},
		{"curly quotes", `empty: .nothing`, "empty: “.nothing”", `list.empty: begins with a curly quote`},
		{"one page for all", `post: order
    form: {id: "{id}"}`, `get: order`, `detail.request: is the same for every order; write {id} or {number}`},
		{"an order in the list", "page={page}", "page={page}&id={id}", `{id} has no value here; it is for the fields and for detail`},
		{"money in words", `{decimal: ","}`, "cents", `total.money: must be minor, {divide: 100} where the shop counts in cents, or {decimal: ","}, not "cents"`},
		{"text for list", "exclude: {select: td, match: Sum}", "vars: [a]", `list.vars: must be names with values, not […]`},
		{"keys for list", "  - /orders/\\d+/archive", "  archive: /orders", `deny: must be a list, with a dash before each or in […], not keys with values`},
		{"no schema", "schema: 1\n", "", `schema: is missing; every recipe says it: version of the language, 1`},
		{"braces without quotes", "get: login", "get: {login}", `sign_in.steps[0].get: must be a text, not {…}; put a text that begins with {, or holds a colon, in quotes`},
		{"alias", "title: Buttons & Bows", "title: &a x\nabout: *a", `about: *a refers to another place; write the value out`},
	} {
		t.Run(tc.name, func(t *testing.T) { changed(t, "buttons.yaml", tc.old, tc.new, tc.want) })
	}
}

func TestParseSaysAllAtOnce(t *testing.T) {
	src := strings.NewReplacer("sorted: true", "sortet: true", "rows: table.orders tr", "rows: 'tr['", "is: unpaid", "is: open").Replace(buttons(t))
	_, err := recipe.Parse("buttons.yaml", []byte(src))
	var problems recipe.Problems
	if !errors.As(err, &problems) || len(problems) != 3 {
		t.Fatalf("%d problems, want 3: %v", len(problems), err)
	}
	for i, line := range []int{18, 21, 45} {
		if problems[i].Line != line {
			t.Errorf("problem %d is on line %d, want %d: %v", i, problems[i].Line, line, problems[i])
		}
	}
}

func TestParseRefusesWhatIsNoRecipe(t *testing.T) {
	for name, src := range map[string]string{
		"empty":        "",
		"a text":       "hello",
		"a list":       "[1, 2]",
		"two docs":     "schema: 1\n---\nschema: 1\n",
		"broken YAML":  "schema: [1\nname: x",
		"a tab":        "sign_in:\n\tsteps: []",
		"a bomb":       "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]",
		"invalid UTF8": "name: \xff\xfe\n",
		"too large":    strings.Repeat("#\n", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := recipe.Parse("x.yaml", []byte(src))
			var problems recipe.Problems
			if r != nil || !errors.As(err, &problems) || !strings.HasPrefix(err.Error(), "x.yaml") {
				t.Errorf("recipe %v, error %v", r, err)
			}
		})
	}
}

func TestLoadNamesWhatThereIs(t *testing.T) {
	if _, err := recipe.Load("woocomerce"); err == nil || !strings.Contains(err.Error(), "did you mean woocommerce?") {
		t.Errorf("a misspelt name gives %v", err)
	}
	if _, err := recipe.Load("./not-there.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there gives %v", err)
	}
	if r, err := recipe.Load("testdata/buttons.yaml"); err != nil || r.Name != "buttons" {
		t.Errorf("a file gives %v, %v", r, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(buttons(f)))
	ribbons, err := os.ReadFile("testdata/ribbons.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ribbons)
	for _, name := range recipe.Builtin() {
		src, err := os.ReadFile("recipes/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("list: {rows: $..[?(@.a == 1)]}"))
	f.Add([]byte("statuses: [{match: (?i)a{1000}}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := recipe.Parse("fuzz.yaml", src)
		if (r == nil) == (err == nil) {
			t.Fatalf("recipe %v and error %v", r, err)
		}
	})
}
