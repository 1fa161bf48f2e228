package extract_test

import (
	"testing"

	"nudged/crawler/extract"
)

// An empty value is empty: what follows it belongs to another label, and may be
// somebody else's.
func TestLabelTakesNoNeighbour(t *testing.T) {
	for name, body := range map[string]string{
		"rows of a grid":            `<div class=row><span>Phone</span><span></span></div><div class=row><span>Shop phone</span><span>+44 20 7946 0958</span></div>`,
		"rows of a table of td":     `<table><tr><td>Phone</td><td></td></tr><tr><td>Agent</td><td>+44 20 7946 0958</td></tr></table>`,
		"rows of a table of th, td": `<table><tr><th>Phone</th><td>&nbsp;</td></tr><tr><th>Fax</th><td>+44 20 7946 0958</td></tr></table>`,
		"dt in groups":              `<dl><div><dt>Phone</dt><dd></dd></div><div><dt>Fax</dt><dd>+44 20 7946 0958</dd></div></dl>`,
		"items of a list":           `<ul><li><b>Phone:</b> </li><li><b>Agent phone:</b> +44 20 7946 0958</li></ul>`,
		"paragraphs":                `<p><b>Phone:</b></p><p>Agent phone: +44 20 7946 0958</p>`,
		"divs":                      `<div><b>Phone:</b></div><div><b>Agent:</b> +44 20 7946 0958</div>`,
		"spans in a line":           `<div><span>Phone</span><span></span><span>Agent</span><span>+44 20 7946 0958</span></div>`,
		"lines of one block":        `<div><strong>Phone:</strong><br><strong>Agent</strong> +44 20 7946 0958</div>`,
		"columns of a grid":         `<div class=row><div>Phone</div><div></div></div><div class=row><div>Agent</div><div>+44 20 7946 0958</div></div>`,
	} {
		if got := textOf(t, `{label: [Phone, 电话]}`, page("text/html", body)); got != "" {
			t.Errorf("%s: %q, want nothing", name, got)
		}
	}
	for name, tc := range map[string]struct{ body, want string }{
		"below, in a paragraph":  {`<p>Phone:</p><p>555</p>`, "555"},
		"below, after a break":   {`<p>Phone:<br>555</p>`, "555"},
		"an icon beside":         {`<div class=row><div><b>Phone</b><i></i></div><div>555</div></div>`, "555"},
		"an icon that is a span": {`<div class=row><div><b>Phone</b><span class="icon-help"></span></div><div>555</div></div>`, "555"},
		"an address":             {`<p>Phone:</p><p>https://shop.example/5</p>`, "https://shop.example/5"},
		"a time":                 {`<p>Phone:</p><p>23:43</p>`, "23:43"},
	} {
		if got := textOf(t, `{label: [Phone, 电话]}`, page("text/html", tc.body)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// The head of another table is only this one's if it has as many columns: a grid
// that scrolls keeps its head so.
func TestColumnOfAnotherTable(t *testing.T) {
	const other = `<table><thead><tr><th>Rank</th><th>Agent</th><th>E-mail</th><th>Since</th></tr></thead><tbody><tr><td>1</td><td>A</td><td>a@shop.example</td><td>x</td></tr></tbody></table>`
	const own = `<table><tr><td>No.</td><td>Status</td></tr><tr class=o><td>7</td><td>Paid</td></tr></table>`
	body := `<div>` + other + own + `</div>`
	row := `rows: tr.o` + "\n  empty: .none\n  fields:\n    id: {column: \"No.\"}\n    status: {column: Status}\n    name: {column: Agent, optional: true}\n    created: {text: \"2026-11-17\"}\n    total: {text: \"1 EUR\"}\n"
	r := parsed(t, plainSignIn, plainOut, "  request: o\n  "+row)
	got, err := extract.List(r, extract.Shop{Name: "test", URL: "https://shop.example/"}, page("text/html", body), "")
	if err != nil || len(got.Orders) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if name := got.Orders[0].Buyer.Name; name != "" {
		t.Errorf("the buyer is %q, which stands under another head", name)
	}
}
