package recipe_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"nudged/crawler/recipe"
)

// The same for the recipe that uses the rest of the language.
func TestParseSaysWhatIsWrongInRibbons(t *testing.T) {
	for _, tc := range []struct{ name, old, new, want string }{
		{"at once", "at_once: 4", "at_once: 9", `:8:10: at_once: must be a whole number from 1 to 8, not "9"`},
		{"hours", `"22:30-24:00"`, `"22:30-25:00"`, `:9:8: hours: "22:30-25:00" is not a part of a day; write it as 06:00-24:00`},
		{"no hours", `"22:30-24:00"`, `"22:30-22:30"`, `:9:8: hours: 22:30-22:30 is no time at all`},
		{"auto close", "auto_close: 30m", "auto_close: 30", `:10:13: auto_close: "30" is not a duration`},
		{"steps of both kinds", "- open: \"{url}\"", "- get: \"{url}\"", `sign_in.steps[1]: a sign-in is all in the browser (open, fill, choose, click, press and wait) or all over HTTP (get, submit and post), never both`},
		{"no page to act in", "- open: \"{url}\"\n    ", "", `:15:7: sign_in.steps[0]: acts before there is a page; begin with open`},
		{"until without act", "- wait: {url: /home, gone: .spinner}", "- wait: .a\n      until: .b", `:32:7: sign_in.steps[8].until: has no use without click or press`},
		{"frame of open", "- open: \"{url}\"", "- open: \"{url}\"\n      frame: iframe", `sign_in.steps[0].frame: has no use without fill, choose, click, press or wait`},
		{"vars in the browser", "- open: \"{url}\"", "- open: \"{url}\"\n      vars: {a: b}", `sign_in.steps[0].vars: has no use without get, submit or post`},
		{"act with headers", "- open: \"{url}\"", "- open: \"{url}\"\n      headers: {a: b}", `sign_in.steps[0].headers: has no use without post`},
		{"choose what", "{in: \"#shop\", option: Main}", "{in: \"#shop\"}", `sign_in.steps[4].choose.option: is missing; sign_in.steps[4].choose needs it`},
		{"key", "press: Enter", "press: F1", `"F1" is not known; known here: Enter, Tab, Escape`},
		{"name in a step", "\"{totp}\"", "\"{top}\"", `:28:35: sign_in.steps[6].fill.with: {top} has no value here; did you mean totp?`},
		{"empty wait", "{url: /home, gone: .spinner}", "{}", `sign_in.steps[8].wait: is empty; write for, gone, url or response`},
		{"password in an address", "- open: \"{url}\"", "- open: \"{url}?{password}\"", `sign_in.steps[0]: {password} has no value here`},
		{"no refusal", "  refused: .error\n", "", `:14:3: sign_in.refused: is missing; how does the shop say that the password is wrong?`},
		{"heartbeat without allow", `url: '/ping$'`, `url: '/pong$'`, `:38:34: heartbeat.request: posts to {origin}/ping, which no rule of allow lets through`},
		{"heartbeat too rare", "every: 15m", "every: 48h", `heartbeat.every: 48h must be above zero and at most 24h`},
		{"wait without browser", "{engine: browser, get: home, wait: \"#who\"}", "{get: home, wait: \"#who\"}", `sign_in.proof.request.wait: has no use without engine: browser; add it, or drop wait`},
		{"view without value", `closed: {tab: 6}`, `closed: {}`, `:42:39: list.views.closed: has no tab, which another view has`},
		{"views that differ in nothing", `tab={tab}&view={view}&`, ``, `:42:10: list.views: is for {view} and the values of each view, but list.request uses none`},
		{"no views", `{unpaid: {tab: "1"}, closed: {tab: 6}}`, `{}`, `list.views: is empty`},
		{"view with a name in it", `{tab: "1"}`, `{tab: "{id}"}`, `list.views.unpaid.tab: is a plain text, without {names}`},
		{"view value of a known name", `{tab: "1"}`, `{page: "1"}`, `list.views.unpaid.page: is a name that every template knows already`},
		{"cursor unused", "&after={cursor}", "", `list.next.cursor: is for {cursor}, but list.request does not use it`},
		{"cursor unsaid", "next: {cursor: $.next}", "next: {scroll: main}", `list.request: {cursor} has no value here`},
		{"scroll without browser", "next: {cursor: $.next}", "next: {scroll: main}", `has no value here`},
		{"rows of both", `each: {path: $.json}`, `select: a`, `list.rows: select and path exclude each other`},
		{"rows of nothing", `path: "$.orders[*]", each`, `each`, `list.rows: needs one of select and path`},
		{"old lines", `title: $.name`, "title: $.name\n      from: $.html", `detail.fields.lines.from: is not a key here; known here: rows, exclude, title`},
		{"join without key", "key: $.id, ", "", `:51:12: list.joins.buyer.key: is missing; list.joins.buyer needs it`},
		{"unknown join", "of: buyer,", "of: seller,", `:58:12: list.fields.email: of names the join seller, which is not known here`},
		{"join in detail", "status: {label: [Status, 状态]}", "status: {of: buyer, label: Status}", `detail.fields.status: of names the join buyer, which is not known here`},
		{"in and of", "{of: buyer, path", "{of: buyer, in: $.a, path", `list.fields.email: in and of exclude each other`},
		{"selector in a JSON join", "{of: buyer, path: $.email", "{of: buyer, select: .email", `list.fields.email: looks in HTML, but list.joins.buyer.rows finds JSON`},
		{"column outside of rows", "status: {label: [Status, 状态]}", "status: {column: Status}", `detail.fields.status: a column is one of a row`},
		{"path in an HTML page", "status: {label: [Status, 状态]}", "status: $.state", `detail.fields.status: is a JSON path, but detail.found finds HTML`},
		{"lines of JSON in HTML", `rows: {in: {select: "script#items", match: '=(.*);'}, path: "$[*]"}`, `rows: $[*]`, `detail.fields.lines.rows: looks in JSON, but detail.found finds HTML; write {in: …}`},
		{"label and select", "{label: Customer}", "{label: Customer, select: a}", `select and label exclude each other`},
		{"label of nothing", "{label: Customer}", "{label: \"\"}", `detail.more[1].fields.name.label: is empty`},
		{"row var unread", "{origin}/chat/{buyer}", "{origin}/chat/{byer}", `:60:18: list.fields.chat: {byer} has no value here; did you mean buyer?`},
		{"var of a later page", "groups/{group}?of={pay}", "groups/{grup}", `detail.more[1].request: {grup} has no value here; did you mean group?`},
		{"more without a sign", "      found: \"#group\"\n", "", `detail.more[1].found: is missing`},
		{"line", "{line: 2}", "{line: 0}", `list.fields.status.filters[0].line: lines are counted from 1, or from the end with -1`},
		{"line of what", "[{line: 2}]", "[line]", `line needs arguments: {replace: [regexp, text]}`},
		{"two filters in one", "{line: 2}", "{line: 2, split: [a, 1]}", `list.fields.status.filters[0]: split and line exclude each other`},
		{"words without unit", `{match: '(\d+) minutes? ago', unit: 1m}`, `{match: '(\d+) minutes? ago'}`, `detail.fields.created.date.words[0]: match finds a number; of what? write unit: 1m, 1h or 24h`},
		{"words with two groups", `'(\d+) minutes? ago'`, `'(\d+) minute(s?) ago'`, `match has 2 groups; only the first would count`},
		{"today in", `{match: today}`, `{match: today, in: true}`, `words[3].in: has no use without unit`},
		{"layout of neither", `["15:04", 2 January 2006]`, `[January]`, `"January" does not hold day, month and year; write how the shop would show 2 January 2006, 15:04:05, or 15:04`},
		{"nested too deep", "{in: {path: $.html, filters: [decode]}, select: b, optional: true}", "{in: {in: {in: {in: {in: {in: {path: $.a}}}}}}}", `is nested more than 5 deep`},
		{"rule without condition", "{view: closed, is: closed_unpaid}", "{is: closed_unpaid}", `:99:5: statuses[3]: needs one of text, code, match, view and vars: when is it closed_unpaid?`},
		{"rule of an unknown view", "{view: closed, is", "{view: close, is", `:99:5: statuses: asks for the view close, which list.views does not name`},
		{"unpaid only in a view", "{vars: {pay: [\"0\", \"1\"]}, is: unpaid}", "{vars: {pay: [\"0\", \"1\"]}, is: other}", `:96:3: statuses: says unpaid only of views`},
		{"rule of an unread var", "vars: {pay: 2}", "vars: {paid: 2}", `:98:5: statuses: asks for paid, which list.fields.vars does not read`},
		{"rule of a var of the list alone", "    vars:\n      pay: {select: \"#pay\", live: true}\n", "", `asks for pay, which detail.fields.vars does not read`},
	} {
		t.Run(tc.name, func(t *testing.T) { changed(t, "ribbons.yaml", tc.old, tc.new, tc.want) })
	}
}

func TestParseReadsRibbons(t *testing.T) {
	r, err := recipe.Load("testdata/ribbons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if r.Terms == "" || r.Trial == "" || r.AtOnce != 4 || r.AutoClose != 30*time.Minute || len(r.Detect) != 2 || *r.Hours != (recipe.Hours{From: 22*time.Hour + 30*time.Minute, To: 24 * time.Hour}) {
		t.Errorf("head is %+v", r)
	}
	s := r.SignIn.Steps
	if s[4].Choose.Option.String() != "Main" || s[5].Press != "Enter" || s[5].Until.Response == nil || s[5].Frame == nil || s[7].Until.For == nil || s[1].Timeout != 2*time.Second || s[0].Post != nil {
		t.Errorf("steps are %+v", s)
	}
	if len(r.SignIn.Locked) != 1 || r.SignIn.Proof.Identity == nil || r.Heartbeat.Every != 15*time.Minute || r.Heartbeat.Request.JSON == nil {
		t.Errorf("session is %+v %+v", r.SignIn, r.Heartbeat)
	}
	l := r.List
	if len(l.Views) != 2 || l.Views[1].Name != "closed" || l.Views[1].Values[0].Value.String() != "6" || l.Rows.In == nil || l.Rows.Each == nil || l.Rows.Path == nil || l.Next.Cursor == nil || l.Narrowed == nil {
		t.Errorf("list is %+v", l)
	}
	if c := l.Request.Capture; !c.All || c.Body == nil {
		t.Errorf("capture is %+v", c)
	}
	if j := l.Joins; len(j) != 1 || j[0].Name != "buyer" || j[0].Key.Path == nil || l.Fields.Email.Of != "buyer" || l.Fields.Phone.In.Path == nil || l.Fields.Chat.Text == nil {
		t.Errorf("joins are %+v", j)
	}
	if f := l.Rows.In.Filters; len(f) != 3 || f[0].Name != recipe.FilterBase64 || l.Fields.Status.Filters[0].Nth != 2 {
		t.Errorf("filters are %+v", f)
	}
	d := r.Detail
	words := d.Fields.Created.Date.Words
	if len(d.More) != 2 || d.Fields.Status.Label[1] != "状态" || len(words) != 4 || words[0].Unit != time.Minute || !words[1].In || words[3].Unit != 0 || len(d.Fields.Created.Date.Layouts) != 2 {
		t.Errorf("detail is %+v", d)
	}
	rules := r.Statuses
	if len(rules) != 5 || rules[1].View != "unpaid" || *rules[1].Code != "2" || rules[2].Vars[0].Name != "pay" || len(rules[2].Vars[0].Texts) != 2 || rules[4].View != "closed" {
		t.Errorf("statuses are %+v", rules)
	}
}

func TestParseReadsSignInOverHTTP(t *testing.T) {
	old := "    - submit: {select: \"#login\", fields: {user: \"{user}\", pass: \"{password}\"}}\n"
	src := strings.Replace(buttons(t), old, `      vars: {csrf: {select: meta, attr: content}}
    - post: "{origin}/api/login"
      headers: {x-csrf: "{csrf}"}
      graphql: {query: "mutation M($u: String!) { login(user: $u) { id } }", variables: {u: "{user}"}}
    - submit: {select: "#second", button: "#go", action: "{csrf}", fields: {pass: "{password}"}}
`, 1)
	r, err := recipe.Parse("buttons.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s := r.SignIn.Steps
	if len(s) != 3 || s[0].Vars[0].Name != "csrf" || s[1].Post.GraphQL == nil || s[1].Post.Headers[0].Name != "x-csrf" || s[2].Submit.Button == nil || s[2].Submit.Action == nil {
		t.Errorf("steps are %+v", s)
	}
	for old, want := range map[string]string{
		"    - get: login\n":                   `sign_in.steps[0]: submits a form before there is a page`,
		"    - submit: {select: \"#login\", ":  `sign_in.steps[1].submit.select: is missing`,
		"    token: {from: url, match: 'token": `sign_in.vars.token: storage is the browser's, and these steps go over HTTP`,
	} {
		with := map[string]string{"    - submit: {select: \"#login\", ": "    - submit: {", "    token: {from: url, match: 'token": "    token: {from: {storage: x}, match: 'token"}[old]
		changed(t, "buttons.yaml", old, with, want)
	}
}

// changed parses a recipe of testdata with one change, and wants an error.
func changed(t *testing.T, file, old, with, want string) {
	t.Helper()
	src, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), old); n != 1 {
		t.Fatalf("%q stands %d times in the recipe", old, n)
	}
	_, err = recipe.Parse(file, []byte(strings.Replace(string(src), old, with, 1)))
	if err == nil {
		t.Fatal("the recipe loads")
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("it says\n%v\nwant\n%s", err, want)
	}
}

func TestParseSaysWhatIsNoYAML(t *testing.T) {
	for src, want := range map[string]string{
		"schema: [1\nname: x":               "x.yaml:1:9: is not YAML: the bracket that opens here does not close",
		"sign_in:\n\tsteps: []":             "x.yaml:2:1: is not YAML: a text that begins with @ % or ` needs quotes, and indents are blanks, not tabs",
		"name: a\nrows: tr: td\n":           `x.yaml:2:9: is not YAML: there is a colon too many`,
		"list: {rows: {a: b, c: d}\nx: y":   "x.yaml:1:7: is not YAML: the bracket that opens here does not close",
		"list: {request: a, rows: tr[a=b]}": "x.yaml:1:7: is not YAML: the bracket that opens here does not close",
		"rows: {a: $.b[*]}":                 "x.yaml:1:15: is not YAML: a text that begins with * needs quotes, and so does one with a bracket inside of brackets",
		"match: \"^\\d\"":                   `x.yaml:1:10: is not YAML: in double quotes, \ is special; write single ones, as '\d+'`,
		"name: &":                           "x.yaml:1:8: is not YAML: a text that begins with & needs quotes",
		"name: > a":                         "x.yaml:1:9: is not YAML: a text that begins with > or | needs quotes",
		"name: a\n\tb: c":                   "x.yaml:2:1: is not YAML: indents are blanks, not tabs",
		"name:x\nb: c":                      `x.yaml:2:2: is not YAML: there is a colon too many, an indent is wrong, or the line above lacks its ": "`,
		"a: b\nname：x\nc: d":                `x.yaml:2:1: is not YAML: this line is no "name: value", with a plain colon and a blank after it`,
		"get: {origin}/a":                   "x.yaml:1:14: is not YAML: this does not belong here; look for a wrong indent, a dash too few, a quote too many, or {…} that needs quotes around all of it",
		"# nothing\n":                       "x.yaml: is empty; a recipe begins with schema: 1",
		"rows: *foo":                        "x.yaml:1:7: is not YAML: a text that begins with * needs quotes",
		"name: 'x\nrows: y":                 "x.yaml:1:7: is not YAML: the quote that opens here is not closed",
		"- a\nb: c":                         "x.yaml:2:1: is not YAML: this does not belong here",
		"name: \xff\xfe\n":                  "x.yaml: is not YAML: it holds bytes that are no UTF-8",
		"schema: 1\n---\nschema: 1\n":       "x.yaml: is not YAML: it holds several documents; remove the line ---",
	} {
		if _, err := recipe.Parse("x.yaml", []byte(src)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("of %q it says\n%v\nwant\n%s", src, err, want)
		}
	}
}
