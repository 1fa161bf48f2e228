package recipe

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

func listKeys(l *List) object {
	return object{keys: []key{
		may("views", "lists that together hold all orders, such as tabs: names with values for the request", as(&l.Views, mapOf(mapOf(scalar)), (*decoder).views)),
		need("request", "what to ask for", asRequest(&l.Request)),
		need("rows", "where the orders stand", asRows(&l.Rows)),
		may("exclude", "signs of rows that are no orders", asSigns(&l.Exclude)),
		may("empty", "what a list without orders shows; without it, no rows is a broken page", asTest(&l.Empty)),
		may("narrowed", "what shows that a filter hides orders", asTest(&l.Narrowed)),
		may("sorted", "newest first", asFlag(&l.Sorted)),
		may("next", "how the following page is reached; without it there is one page", asKeys(&l.Next, nextKeys)),
		may("total", "how many orders the shop says there are", asValue(&l.Total)),
		may("vars", "texts of the page for the requests of details", asVars(&l.Vars)),
		may("joins", "facts that stand beside the rows and belong to them", as(&l.Joins, mapOf(keysOf(joinKeys)), (*decoder).joins)),
		need("fields", "the facts of an order, in its row", asKeys(&l.Fields, rowKeys)),
	}}
}

// views reads names with names and texts.
func (d *decoder) views(n *yaml.Node, path string) []View {
	var views []View
	d.pairs(n, path, func(name string, at, value *yaml.Node, p string) {
		d.ownName(name, at, p)
		v := View{Name: name}
		d.pairs(value, p, func(name string, at, value *yaml.Node, p string) {
			d.ownName(name, at, p)
			t := d.template(value, p)
			switch {
			case t == nil:
			case len(t.Names()) > 0:
				d.fail(value, p, "is a plain text, without {names}")
			default:
				v.Values = append(v.Values, Pair{Name: name, Value: *t})
			}
		})
		views = append(views, v)
	})
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		d.fail(n, path, "is empty; write names with values, such as open: {tab: \"1\"}, or drop it")
	}
	return views
}

func joinKeys(j *Join) object {
	return object{keys: []key{
		need("rows", "where the joined rows stand, from the page", asRows(&j.Rows)),
		need("key", "in a joined row: what says to which orders it belongs", asReading(&j.Key)),
		need("by", "in an order's row: the same text", asReading(&j.By)),
	}}
}

func (d *decoder) joins(n *yaml.Node, path string) []Join {
	var joins []Join
	d.pairs(n, path, func(name string, at, value *yaml.Node, p string) {
		d.ownName(name, at, p)
		j := Join{Name: name}
		d.object(value, p, joinKeys(&j))
		joins = append(joins, j)
	})
	return joins
}

func nextKeys(next *Next) object {
	page := kind{wholeNumber(0, 1), func(d *decoder, n *yaml.Node, p string) {
		next.Page = &PageNumber{First: d.number(n, p, 0, 1)}
	}}
	offset := kind{wholeNumber(1, maxPageSize), func(d *decoder, n *yaml.Node, p string) {
		next.Offset = &Offset{Size: d.number(n, p, 1, maxPageSize)}
	}}
	return object{
		keys: []key{
			may("link", "the address of the next page; of an element, its href", asAddress(&next.Link)),
			may("page", "number of the first page; {page} in the request counts up", page),
			may("offset", "rows a page; {offset} and {size} in the request", offset),
			may("cursor", "what the next request sends as {cursor}; empty on the first page", asValue(&next.Cursor)),
			may("click", "what is pressed until it is gone, disabled or changes nothing; engine browser", asSelector(&next.Click)),
			may("scroll", "what is scrolled to its end until no more rows come; engine browser", asSelector(&next.Scroll)),
		},
		groups: []group{{need: true, names: []string{"link", "page", "offset", "cursor", "click", "scroll"}}},
	}
}

// maxPageSize bounds the rows that a page is asked for.
const maxPageSize = 1000

// address reads a value that is an address: of an element, its href.
func (d *decoder) address(n *yaml.Node, path string) *Value {
	v := d.value(n, path)
	for _, each := range append([]*Value{v}, pointers(v.Or)...) {
		element := each.Select != nil || each.Column != nil || each.Label != nil
		if element && each.Attr == "" && !each.Live && !each.Own {
			each.Attr = "href"
		}
	}
	return v
}

func pointers(values []Value) []*Value {
	out := make([]*Value, len(values))
	for i := range values {
		out[i] = &values[i]
	}
	return out
}

func detailKeys(detail *Detail) object {
	return object{keys: []key{
		need("request", "what to ask for; {id} and {number} are the order's", asRequest(&detail.Request)),
		need("found", "what the page of an order shows", asSign(&detail.Found)),
		may("missing", "what the shop shows when there is no such order", asTest(&detail.Missing)),
		need("fields", "the facts of the order, on its page", asKeys(&detail.Fields, fieldKeys)),
		may("more", "further pages of an order, such as its customer's", items(&detail.More, ref("more"), (*decoder).more)),
	}}
}

func moreKeys(m *More) object {
	return object{keys: []key{
		need("request", "what to ask for; the vars of the pages before stand here too", asRequest(&m.Request)),
		need("found", "what the page shows if it is the right one", asSign(&m.Found)),
		need("fields", "the facts of the order that stand there", asKeys(&m.Fields, fieldKeys)),
	}}
}

func (d *decoder) more(n *yaml.Node, path string) More {
	var m More
	d.object(n, path, moreKeys(&m))
	return m
}

// rowKeys are the facts of an order in its row, where two must be there.
func rowKeys(f *Fields) object {
	o := fieldKeys(f)
	for i := range o.keys {
		o.keys[i].need = slices.Contains([]string{"id", "status"}, o.keys[i].name)
	}
	return o
}

func fieldKeys(f *Fields) object {
	return object{keys: []key{
		may("id", "what the shop's own addresses call the order", asValue(&f.ID)),
		may("number", "what buyer and seller call the order; the id if it is not here", asValue(&f.Number)),
		may("status", "the shop's words for the status", asValue(&f.Status)),
		may("code", "the shop's key of the status, such as a class", asValue(&f.Code)),
		may("created", "when it was ordered", asValue(&f.Created)),
		may("updated", "when it was changed", asValue(&f.Updated)),
		may("closes", "when the shop closes it, if it stays unpaid", asValue(&f.Closes)),
		may("total", "what is to be paid", asValue(&f.Total)),
		may("currency", "ISO code, where total does not show it", asValue(&f.Currency)),
		may("name", "the buyer's name", asValue(&f.Name)),
		may("email", "the buyer's e-mail address", asValue(&f.Email)),
		may("phone", "the buyer's phone number", asValue(&f.Phone)),
		may("payment", "method of payment", asValue(&f.Payment)),
		may("refunded", "any text but 0, false and no: money went back", asValue(&f.Refunded)),
		may("coupon", "one that the buyer has and did not use for the order", asValue(&f.Coupon)),
		may("pay_failed", "any text but 0, false and no: an attempt to pay failed", asValue(&f.PayFailed)),
		may("link", "where the buyer pays; of an element, its href", asAddress(&f.Link)),
		may("chat", "where the seller writes to the buyer; of an element, its href", asAddress(&f.Chat)),
		may("lines", "what was ordered", asNew(&f.Lines, lineKeys)),
		may("vars", "texts for the requests and templates of this order", asVars(&f.Vars)),
	}}
}

func lineKeys(l *Lines) object {
	return object{keys: []key{
		need("rows", "where the things ordered stand", asRows(&l.Rows)),
		may("exclude", "signs of rows that are none", asSigns(&l.Exclude)),
		need("title", "what it is", asValue(&l.Title)),
		may("sku", "article number", asValue(&l.SKU)),
		may("quantity", "how many", asValue(&l.Quantity)),
		may("total", "price of all of them", asValue(&l.Total)),
		may("sold_out", "any text but 0, false and no: the shop has none left", asValue(&l.SoldOut)),
	}}
}

// vars reads named values, in their order.
func (d *decoder) vars(n *yaml.Node, path string) []Var {
	var vars []Var
	d.pairs(n, path, func(name string, at, value *yaml.Node, p string) {
		d.ownName(name, at, p)
		vars = append(vars, Var{Name: name, Value: *d.value(value, p)})
	})
	return vars
}

// ownName holds a name that a recipe gives against those of the language.
func (d *decoder) ownName(name string, at *yaml.Node, path string) {
	if !validName(name) {
		d.fail(at, path, "is not a name; names are lower case letters, digits and _")
	} else if slices.Contains(reserved(), name) {
		d.fail(at, path, "is a name that every template knows already; choose another")
	}
}
