package extract

import (
	"cmp"
	"fmt"
	"slices"

	"nudged/store/order"
)

// again compares a row with that of the same id before it. A list may show a row
// twice; but with other facts it is another order, which would be lost.
func (x *reader) again(o order.Order, out *Listing) {
	first := out.Orders[slices.IndexFunc(out.Orders, func(p order.Order) bool { return p.ID == o.ID })]
	e, differ := x.twins[o.ID]
	if !differ {
		what, values := difference(first, o)
		if what == "" {
			return
		}
		v := x.recipe.List.Fields.ID
		e = &FieldError{Order: o.ID, Field: "list.fields.id", Want: where(v), Rows: []int{x.rowNo[o.ID]}}
		e.Why = fmt.Sprintf("though their %s differs%s: an id must be that of one order only", what, values)
		if v != nil && v.Match != nil && v.Match.NumSubexp() > 1 {
			e.Hint = "match takes its first group; write the others as (?:…)"
		}
		x.twins[o.ID] = e
		x.parting = append(x.parting, e)
	}
	e.Rows = append(e.Rows, out.Rows)
}

// difference names what two rows say differently of an order, if anything. What
// one of them does not say is no difference: clones may be narrower.
func difference(a, b order.Order) (what, values string) {
	number := func(o order.Order) string {
		if o.Number == o.ID {
			return "" // it stands for one that was not read
		}
		return o.Number
	}
	differ := func(a, b string) bool { return a != b && a != "" && b != "" }
	switch {
	case differ(number(a), number(b)):
		if x, y := shown(a.Number), shown(b.Number); x != y {
			values = fmt.Sprintf(" (%q, %q)", x, y)
		}
		return "number", values
	case differ(sum(a.Total), sum(b.Total)):
		return "total", fmt.Sprintf(" (%s, %s)", a.Total, b.Total)
	case differ(a.Buyer.Name, b.Buyer.Name):
		return "buyer's name", ""
	case !a.Created.IsZero() && !b.Created.IsZero() && !a.Created.Equal(b.Created):
		return "time", ""
	}
	return "", ""
}

// sum is an amount; "" for one that was not read.
func sum(m order.Money) string {
	if m == (order.Money{}) {
		return ""
	}
	return m.String()
}

// parted takes orders out of the listing that share an id: which of them has it
// cannot be known.
func (x *reader) parted(out *Listing) {
	for _, e := range x.parting {
		e.Why = "is the id of " + rowNumbers(e.Rows) + ", " + e.Why
		x.first = cmp.Or(x.first, e)
		x.problems = append(x.problems, e.problem(order.BadRow, x.recipe.Name, ""))
		delete(out.RowVars, e.Order)
		out.Bad += len(e.Rows)
	}
	out.Orders = slices.DeleteFunc(out.Orders, func(o order.Order) bool { return x.twins[o.ID] != nil })
}
