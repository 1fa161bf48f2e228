package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// Order is an order of a list. It is history: its id says that no shop gave it.
type Order struct {
	order.Order
	At Place
}

// orders reads all rows. Rows with the same number are one order: exports write
// one row an item.
func (r *reader) orders() []Order {
	var out []Order
	index := map[string]int{}
	for s, row := range r.all() {
		r.begin(s, row)
		number, ok := r.number()
		if !ok {
			continue
		}
		if i, again := index[number]; again {
			if i >= 0 { // else it is left out with the first of its rows
				r.more(&out[i])
			}
			continue
		}
		o := r.order(number)
		if r.failed {
			index[number] = -1
			continue
		}
		index[number] = len(out)
		out = append(out, Order{o, r.at})
	}
	r.end()
	for _, o := range out {
		if o.Status == order.Unpaid {
			r.out.Unpaid++
		}
	}
	return out
}

// number is what the order is called. A long one that went through a cell of
// numbers has lost its last digits.
func (r *reader) number() (string, bool) {
	v, c := r.cell(fieldNumber)
	if r.failed {
		return "", false
	}
	number := extract.Clean(v.Text, mostID+1)
	switch {
	case number == "" || blank(number):
		if !r.sum() {
			r.wrong(c, "the order has no number")
		}
		return "", false
	case len(number) > mostID:
		r.wrong(c, "the number is too long")
		return "", false
	case v.Kind == sheet.Number && len(strings.Trim(number, "-")) > 15 && !strings.Contains(number, "."):
		r.wrong(c, "the spreadsheet has cut this number to 15 digits; export the list anew with the column as text")
		return "", false
	case v.Kind == sheet.Time:
		r.wrong(c, "the spreadsheet has made a date of this number; export the list anew with the column as text")
		return "", false
	}
	return number, true
}

// sum reports whether the row at hand is that of the totals at the end: it has
// neither a number nor a date nor a buyer.
func (r *reader) sum() bool {
	for _, f := range []field{fieldCreated, fieldStatus, fieldName, fieldEmail, fieldPhone} {
		if v := r.row.Cell(r.column(f)); v.Kind != sheet.Empty {
			return false
		}
	}
	return true
}

func (r *reader) order(number string) order.Order {
	o := order.Order{Shop: r.opts.Shop, ID: order.Imported + number, Number: number, Buyer: r.buyer(), Payment: r.text(fieldPayment)}
	word := r.text(fieldStatus)
	status, known := r.status(word)
	if o.Status, o.StatusText = status, word; r.column(fieldStatusText) >= 0 {
		o.StatusText = r.text(fieldStatusText)
	}
	if !known {
		c := r.column(fieldStatus)
		if word == "" {
			r.wrong(c, "there is no status; --status \"*=paid\" says it for all that have none")
		} else {
			r.wrong(c, fmt.Sprintf("the status %s is not known; say what it means with --status \"%s=…\"", quoted(word), word))
		}
	}
	created := r.moment(fieldCreated)
	if created.at.IsZero() && !r.failed {
		r.wrong(r.column(fieldCreated), "the order has no date")
	}
	o.Created, o.DayOnly = created.at, created.dayOnly
	o.Total = r.amount(fieldTotal)
	o.Lines = r.lines()
	return o
}

// more adds a further row of an order. What such a row says anew is an item; what
// it says otherwise than the first is a mistake that nobody but the seller can
// settle.
func (r *reader) more(o *Order) {
	total, created := r.amount(fieldTotal), r.moment(fieldCreated)
	status, known := r.status(r.text(fieldStatus))
	differs := func(f field, what string, yes bool) {
		if yes && !r.failed {
			r.wrong(r.column(f), fmt.Sprintf("order %s stands in %s already, with another %s", quotedAs(o.Number, shapeNumber), o.At, what))
		}
	}
	differs(fieldTotal, "total", !total.IsZero() && total != o.Total)
	differs(fieldStatus, "status", known && r.text(fieldStatus) != "" && status != o.Status)
	differs(fieldCreated, "date", !created.at.IsZero() && !created.at.Equal(o.Created))
	if r.failed {
		return
	}
	const most = 200
	for _, l := range r.lines() {
		if len(o.Lines) < most && !slices.Contains(o.Lines, l) {
			o.Lines = append(o.Lines, l)
		}
	}
}

// How many of an item: 2 × tea, tea x2, 茶*2.
var (
	countFirst = regexp.MustCompile(`^(\d{1,4}) ?[x×*] ?(\S.*)$`)
	countLast  = regexp.MustCompile(`^(.*\S) ?[x×*] ?(\d{1,4})$`)
)

// lines reads the items of a row: one a line, or parted by semicolons.
func (r *reader) lines() []order.Line {
	v, _ := r.cell(fieldItems)
	if v.Kind == sheet.Empty {
		return nil
	}
	quantity := r.whole(fieldQuantity)
	parts := strings.FieldsFunc(v.Text, func(c rune) bool { return c == '\n' || c == ';' || c == '；' })
	const most = 50
	var out []order.Line
	for _, part := range parts[:min(len(parts), most)] {
		l := order.Line{Title: extract.Clean(part, mostText), Quantity: 1}
		if m := countFirst.FindStringSubmatch(l.Title); m != nil {
			l.Quantity, l.Title = atoi(m[1]), m[2]
		} else if m := countLast.FindStringSubmatch(l.Title); m != nil {
			l.Title, l.Quantity = m[1], atoi(m[2])
		}
		if len(parts) == 1 && quantity > 0 {
			l.Quantity = quantity
		}
		if l.Title != "" {
			out = append(out, l)
		}
	}
	return out
}
