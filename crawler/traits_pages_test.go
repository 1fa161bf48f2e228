package crawler_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// locate gives the recipe's words for where a field stands.
type locate func(field string) string

func path(prefix string) locate {
	return func(field string) string { return "path: $." + prefix + field }
}

func class(field string) string { return "select: .f-" + field }

// sourceTrait is where the orders stand.
type sourceTrait struct {
	name    string
	rows    string
	at      locate // in a row
	meta    locate // on the page: none, next, cursor, count
	mail    string // where the e-mail stands, if not beside the other fields
	post    string // how it is asked for: "" is a GET
	allow   string
	charset string
	joins   string
	detail  string // lines of the recipe up to the status
	more    string
	render  func(s *traitShop, w http.ResponseWriter, p traitPage)
}

func (x sourceTrait) email() string {
	if x.mail != "" {
		return x.mail
	}
	return x.at("email")
}

// traitPage is a page of the list.
type traitPage struct {
	rows []map[string]string
	meta map[string]string // next, cursor, count; none
}

func titles() map[string]string {
	return map[string]string{
		"id": "Nr.", "number": "Order", "created": "Date", "total": "Sum", "name": "Buyer", "email": "E-mail",
		"status": "State", "code": "Key", "pay": "Paid", "refund": "Back", "class": "Kind",
	}
}

func sources() []sourceTrait {
	asHTML := func(s *traitShop, w http.ResponseWriter, p traitPage) { s.page(w, htmlRows(p)+htmlMeta(p)) }
	asJSON := func(wrap func(p traitPage) any) func(s *traitShop, w http.ResponseWriter, p traitPage) {
		return func(_ *traitShop, w http.ResponseWriter, p traitPage) { sendJSON(w, wrap(p)) }
	}
	data := func(p traitPage) any { return map[string]any{"orders": p.rows, "meta": p.meta} }
	return []sourceTrait{
		{name: "HTML", rows: ".row", at: class, meta: class, render: asHTML},
		{
			name: "columns by their headers", rows: "tbody tr", meta: class, render: func(s *traitShop, w http.ResponseWriter, p traitPage) { s.page(w, table(p)+htmlMeta(p)) },
			at: func(field string) string { return fmt.Sprintf("column: [Spalte, '%s']", titles()[field]) },
		},
		{
			name: "labels", rows: "section", meta: class, render: func(s *traitShop, w http.ResponseWriter, p traitPage) { s.page(w, labels(p)+htmlMeta(p)) },
			at: func(field string) string { return fmt.Sprintf("label: ['%s']", titles()[field]) },
		},
		{
			name: "HTML in a cell of JSON", rows: "{in: $.html, select: .row}", at: class, meta: path("meta."),
			render: asJSON(func(p traitPage) any { return map[string]any{"html": htmlRows(p), "meta": p.meta} }),
		},
		{name: "JSON", rows: "$.orders[*]", at: path(""), meta: path("meta."), render: asJSON(data)},
		{
			name: "JSON in a script", rows: "{in: {select: 'script#data', match: '\"(.*)\"', filters: [unescape]}, path: '$.orders[*]'}", at: path(""), meta: class,
			render: func(s *traitShop, w http.ResponseWriter, p traitPage) {
				text, _ := json.Marshal(data(p))
				quoted, _ := json.Marshal(string(text))
				s.page(w, "<script id=data>window.state = "+string(quoted)+";</script>"+htmlMeta(p))
			},
		},
		{
			name: "JSON in an attribute", rows: "{select: 'tr[data-x]', each: {attr: data-x, filters: [url_decode, base64]}}", at: path(""), meta: class,
			render: func(s *traitShop, w http.ResponseWriter, p traitPage) {
				out := "<table>"
				for _, row := range p.rows {
					text, _ := json.Marshal(row)
					out += fmt.Sprintf("<tr data-x=%q><td>order</td></tr>", url.QueryEscape(base64.StdEncoding.EncodeToString(text)))
				}
				s.page(w, out+"</table>"+htmlMeta(p))
			},
		},
		{
			name: "GraphQL", rows: "$.data.orders[*]", at: path(""), meta: path("data.meta."), post: "graphql", allow: "graphql: true",
			render: asJSON(func(p traitPage) any { return map[string]any{"data": data(p)} }),
		},
		{
			name: "JSON-RPC", rows: "$.result.orders[*]", at: path(""), meta: path("result.meta."), post: "rpc",
			allow:  `body: '^\{"jsonrpc":"2\.0","id":1,"method":"orders\.search","params":\{[^{}]*\}\}$'`,
			render: asJSON(func(p traitPage) any { return map[string]any{"jsonrpc": "2.0", "result": data(p)} }),
		},
		{name: "form post", rows: ".row", at: class, meta: class, post: "form", allow: `body: '^(\w+=[\w%-]*&)*do=list(&\w+=[\w%-]*)*$'`, render: asHTML},
		{
			name: "arrays joined by key", rows: "$.orders[*]", at: path(""), meta: path("meta."), joins: "{buyer: {rows: '$.buyers[*]', key: $.id, by: $.buyer}}",
			mail: "of: buyer, path: $.email", post: "json", allow: `body: '^\{"do":"list"[^{}]*\}$'`, render: asJSON(joined),
		},
		{
			name: "GB18030", rows: ".row", at: class, meta: class, charset: "gb18030",
			render: func(_ *traitShop, w http.ResponseWriter, p traitPage) {
				text, _ := simplifiedchinese.GB18030.NewEncoder().String("<html><body>" + htmlRows(p) + htmlMeta(p) + "</body></html>")
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, text)
			},
		},
		{
			name: "third hop", rows: ".row", at: class, meta: class, render: asHTML,
			detail: "detail:\n  request: {get: 'o/{id}'HEADERS}\n  found: $.order\n  fields:\n    id: $.order.id\n    vars: {customer: $.order.customer}\n",
			more:   "  more:\n    - request: {get: '{customer}'HEADERS}\n      found: .who\n      fields: {email: .f-email}\n",
		},
	}
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// joined takes the buyers out of the rows.
func joined(p traitPage) any {
	orders, buyers := []map[string]string{}, []map[string]string{}
	for i, row := range p.rows {
		row = maps.Clone(row)
		row["buyer"] = fmt.Sprint(i)
		buyers = append([]map[string]string{{"id": fmt.Sprint(i), "email": row["email"]}}, buyers...)
		delete(row, "email")
		orders = append(orders, row)
	}
	return map[string]any{"orders": orders, "buyers": buyers, "meta": p.meta}
}

func htmlRows(p traitPage) string {
	var b strings.Builder
	for _, row := range p.rows {
		fmt.Fprint(&b, "<div class=row>")
		for _, k := range slices.Sorted(maps.Keys(row)) {
			fmt.Fprintf(&b, "<p>%s: <span class=f-%s>%s</span></p>", titles()[k], k, html.EscapeString(row[k]))
		}
		fmt.Fprint(&b, "</div>")
	}
	return b.String()
}

func table(p traitPage) string {
	if len(p.rows) == 0 {
		return ""
	}
	var b strings.Builder
	keys := slices.Sorted(maps.Keys(p.rows[0]))
	fmt.Fprint(&b, "<table><thead><tr><th><input type=checkbox></th>")
	for _, k := range keys {
		fmt.Fprintf(&b, "<th>%s</th>", titles()[k])
	}
	fmt.Fprint(&b, "</tr></thead><tbody>")
	for _, row := range p.rows {
		fmt.Fprint(&b, "<tr><td></td>")
		for _, k := range keys {
			fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(row[k]))
		}
		fmt.Fprint(&b, "</tr>")
	}
	return b.String() + "</tbody></table>"
}

func labels(p traitPage) string {
	var b strings.Builder
	for _, row := range p.rows {
		fmt.Fprint(&b, "<section><dl>")
		for _, k := range slices.Sorted(maps.Keys(row)) {
			fmt.Fprintf(&b, "<dt>%s:</dt><dd>%s</dd>", titles()[k], html.EscapeString(row[k]))
		}
		fmt.Fprint(&b, "</dl></section>")
	}
	return b.String()
}

func htmlMeta(p traitPage) string {
	var b strings.Builder
	for k, v := range p.meta {
		fmt.Fprintf(&b, "<i class=f-%s>%s</i>", k, html.EscapeString(v))
	}
	return b.String()
}
