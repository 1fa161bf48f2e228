package extract_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// listOf reads a list of rows with some fields of their own.
func listOf(t *testing.T, fields, body string) (extract.Listing, error) {
	t.Helper()
	r := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: tr\n  fields: {status: .s, "+fields+"}")
	return extract.List(r, extract.Shop{Name: "test", Zone: time.UTC, Currency: "EUR"}, page("text/html", "<table><tbody>"+body+"</tbody></table>"), "")
}

const plainFields = `id: {attr: id}, created: .d, total: .t, name: {select: .n, optional: true}`

func plainRow(id, total, name string) string {
	return `<tr id="` + id + `"><td class="s">Open</td><td class="d">2026-11-20 10:00</td><td class="t">` + total + `</td><td class="n">` + name + `</td></tr>`
}

func TestRowsOfOneIDThatAreDifferentOrders(t *testing.T) {
	good := plainRow("9", "5.00", "Cy")
	for _, tc := range []struct {
		name, rows string
		orders     int
		want       string // in the one problem
	}{
		{"a clone", plainRow("7", "1.00", "Ann") + plainRow("7", "1.00", "Ann"), 1, ""},
		{"a clone that says less", plainRow("7", "1.00", "Ann") + plainRow("7", "1.00", ""), 1, ""},
		{"another total", plainRow("7", "1.00", "Ann") + plainRow("7", "2.00", "Ann"), 0, "is the id of rows 1 and 2, though their total differs (1.00 EUR, 2.00 EUR)"},
		{"another name", plainRow("7", "1.00", "Ann") + plainRow("7", "1.00", "Bo"), 0, "buyer's name differs:"},
		{"three orders and a clone", plainRow("7", "1.00", "") + plainRow("7", "2.00", "") + plainRow("7", "1.00", ""), 0, "rows 1, 2 and 3"},
	} {
		got, err := listOf(t, plainFields, tc.rows+good)
		if err != nil || len(got.Orders) != tc.orders+1 || len(got.RowVars) != tc.orders+1 {
			t.Errorf("%s: %d orders, %d row vars: %v", tc.name, len(got.Orders), len(got.RowVars), err)
			continue
		}
		if tc.want == "" {
			if len(got.Problems) != 0 || got.Bad != 0 {
				t.Errorf("%s: %d bad rows, %+v", tc.name, got.Bad, got.Problems)
			}
			continue
		}
		// The order's id is in the problem: it is listed all the same.
		if len(got.Problems) != 1 || got.Bad < 2 || !strings.Contains(got.Problems[0].Text, tc.want) || got.Problems[0].Order != "7" {
			t.Errorf("%s: %+v", tc.name, got.Problems)
		}
	}
}

func TestMatchThatTakesTheWrongGroup(t *testing.T) {
	row := func(id, total string) string {
		return `<tr><td><a href="/o?order_id=` + id + `&amp;user_token=s3cr3t">open</a></td><td class="s">Open</td><td class="d">2026-11-20 10:00</td><td class="t">` + total + `</td></tr>`
	}
	fields := `id: {select: a, attr: href, match: '(order_id)=(\d+)'}, created: .d, total: .t`
	got, err := listOf(t, fields, row("7", "1.00")+row("8", "2.00"))
	var layout *extract.LayoutError
	if !errors.As(err, &layout) || layout.Field != "list.fields.id" || !strings.Contains(layout.Found, "rows 1 and 2") {
		t.Errorf("%v", err)
	}
	if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Text, "match takes its first group") {
		t.Errorf("%+v", got.Problems)
	}
}

// What stands where a value looks is shown, but for contacts and secrets.
func TestMisfits(t *testing.T) {
	row := `<tr id="7"><td class="o"><a href="/o?nr=12&amp;user_token=s3cr3tvalue">open</a></td><td class="c">Ann, ann@example.com, +44 20 7946 0958</td><td class="s">Open</td><td class="d">2026-11-20 10:00</td><td class="t">1.00</td></tr>`
	for _, tc := range []struct {
		fields string
		want   []string
	}{
		{`id: {select: a, attr: href, match: 'order_id=(\d+)'}, created: .d, total: .t`, []string{"row 1:", "/o?nr=12", "user_token=***", `does not fit match order_id=(\d+)`}},
		{`id: {select: a, attr: data-id}, created: .d, total: .t`, []string{`"open" has no attribute data-id`}},
		{`id: {attr: data-id}, created: .d, total: .t`, []string{`(@data-id) has no attribute data-id`}},
		{`id: {attr: id}, created: .d, total: .t, name: {select: .c, match: 'Name: (.*)'}`, []string{"order 7:", "Ann, ***@***, ***", "does not fit match Name: (.*)"}},
		{`id: {attr: id}, created: .d, total: .t, vars: {nonce: {select: a, attr: href, match: 'x=(.*)'}}`, []string{"vars.nonce (a @href) does not fit match x=(.*)"}},
		{`id: {attr: id}, created: .d, total: .sum`, []string{"list.fields.total (.sum) is not there"}},
	} {
		got, err := listOf(t, tc.fields, row)
		if err == nil || len(got.Problems) != 1 {
			t.Errorf("%s: %v, %+v", tc.fields, err, got.Problems)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(got.Problems[0].Text, want) {
				t.Errorf("%s: %q is not in %s", tc.fields, want, got.Problems[0].Text)
			}
		}
		for _, secret := range []string{"s3cr3t", "ann@", "7946"} {
			if all := got.Problems[0].Text + got.Problems[0].Found + err.Error(); strings.Contains(all, secret) {
				t.Errorf("%s: %q is in %s", tc.fields, secret, all)
			}
		}
	}
}

func TestNearestOfWordsWithoutBlanks(t *testing.T) {
	for _, tc := range []struct{ label, body, want string }{
		{"金额", `<dl><dt>备注</dt><dd>x</dd><dt>日期</dt><dd>x</dd><dt>电话</dt><dd>x</dd><dt>总金额</dt><dd>¥1</dd></dl>`, `label "总金额"`},
		{"订单号", `<dl><dt>备注</dt><dd>x</dd><dt>订单编号</dt><dd>1</dd></dl>`, `label "订单编号"`},
		{"注文番号", `<dl><dt>備考</dt><dd>x</dd><dt>ご注文の番号</dt><dd>1</dd></dl>`, `label "ご注文の番号"`},
	} {
		near := extract.Nearest(page("text/html", tc.body), &recipe.Value{Label: []string{tc.label}})
		if len(near) == 0 || near[0] != tc.want {
			t.Errorf("%s: %q", tc.label, near)
		}
	}
}

func TestTimesThatDoNotFit(t *testing.T) {
	row := func(at string) string {
		return `<tr id="7"><td class="s">Open</td><td class="d">` + at + `</td><td class="t">1.00</td></tr>`
	}
	for _, tc := range []struct{ date, at, want string }{
		{`, date: "02.01.2006 15:04"`, "2026/11/20 10:00", `"2026/11/20 10:00" is no time in the layout that the recipe gives: 02.01.2006 15:04`},
		{`, date: "2006-01-02"`, "20.11.26 10:05", `"20.11.26 10:05" is no time`},
		{`, date: ["2006-01-02", "02.01.2006"]`, "1795298400", `"9999999999" is no time in the layout that the recipe gives: 2006-01-02 | 02.01.2006`},
		{`, date: "2006-01-02"`, "20261120 10:05", `"99999999 99:05"`},
		{`, date: "2006-01-02"`, "+44 20 7946 0958", `"+99 99 9999 9999"`},
		{`, date: "2006-01-02"`, "ann@example.com", `"***@***"`},
		{`, date: "2006-01-02 15:04 MST"`, "2026-11-20 10:00 CET", `names a time zone that the zone of the shop`},
		{"", "soon", `"soon" is no time as 2006-01-02 15:04:05; write into date`},
		{`, date: epoch`, "soon", `"soon" is no number, as date: epoch wants`},
		{`, date: epoch`, "1795298400000", `"9999999999999" is a time far from now as epoch: epoch counts seconds (10 digits), epoch_ms`},
	} {
		got, _ := listOf(t, `id: {attr: id}, total: .t, created: {select: .d`+tc.date+`}`, row(tc.at))
		if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Text, tc.want) {
			t.Errorf("%s: want %s in %+v", tc.at, tc.want, got.Problems)
		}
	}
}

// Rows without an id are told of by their numbers, together if they lack the
// same, and a heading with how to leave it out.
func TestRowsWithoutID(t *testing.T) {
	none := strings.Replace(plainRow("", "1.00", ""), ` id=""`, "", 1)
	got, err := listOf(t, plainFields, "<tr><th>Id</th><th>State</th></tr>"+strings.Repeat(none, 7)+plainRow("7", "1.00", "Ann"))
	if err != nil || len(got.Orders) != 1 || len(got.Problems) != 1 {
		t.Fatalf("%v: %+v", err, got.Problems)
	}
	for _, want := range []string{"rows 1, 2, 3, 4, 5 and 3 more: list.fields.id (@id)", "exclude: th", "these orders are left as they were"} {
		if !strings.Contains(got.Problems[0].Text, want) {
			t.Errorf("%q is not in %s", want, got.Problems[0].Text)
		}
	}
	got, _ = listOf(t, plainFields, none+plainRow("7", "1.00", "Ann"))
	if len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0].Text, "row 1: ") || strings.Contains(got.Problems[0].Text, "exclude") {
		t.Errorf("%+v", got.Problems)
	}
}

func TestAnotherKindOfDocument(t *testing.T) {
	json := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: $.orders[*]\n  fields: {id: $.id, status: $.s, created: $.d, total: $.t}")
	html := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: tr\n  fields: {id: {attr: id}, status: .s, created: .d, total: .t}")
	in := parsed(t, plainSignIn, plainOut, "  request: o\n  rows: {in: {select: '#data'}, path: '$.orders[*]'}\n  fields: {id: $.id, status: $.s, created: $.d, total: $.t}")
	for _, tc := range []struct {
		name   string
		recipe *recipe.Recipe
		body   string
		want   string
	}{
		{"HTML", json, "<html><p>orders</p></html>", "found HTML where the recipe wants JSON"},
		{"cut", json, `{"orders":[{"id":1},{"i`, "found JSON that is cut off after 23 bytes; give it the whole answer"},
		{"two", json, `{"orders":[]} {}`, "found JSON and then something more"},
		{"none", json, ` `, "found an empty text"},
		{"JSONP", json, `cb({})`, "found text that is no JSON"},
		{"JSON", html, `{"orders":[]}`, "found JSON, in which a selector finds nothing"},
		{"a cut text in the page", in, `<div id="data">{"orders":[{"id</div>`, "cut off after 15 bytes; look whether the value of in:"},
		{"another JSON", json, `{"rows":[]}`, "list.rows ($.orders[*]) found nothing;"},
	} {
		_, err := extract.List(tc.recipe, extract.Shop{Name: "test"}, page("", tc.body), "")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
