package intake

import (
	"fmt"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// Reading is what was found in a list.
type Reading struct {
	Orders []Order  // of a list of [Orders]
	People []Person // of a list of [Buyers]
	Bad    []Bad

	// What follows is nothing wrong with a row.

	Masked      int // contacts that a platform has made unreadable, which are left out
	FirstMasked Place
	Repeated    int // rows that say the same of a person as one before
	Unpaid      int // orders that the list calls so
}

// Read reads all rows. An [OptionError] says that consents are without proof; then
// nothing is read.
func (p *Plan) Read() (*Reading, error) {
	r := &reader{Plan: p}
	if p.kind == Orders {
		r.out.Orders = r.orders()
		return &r.out, nil
	}
	if err := p.proved(); err != nil {
		return nil, err
	}
	r.out.People = r.people()
	return &r.out, nil
}

// reader reads the rows of a plan.
type reader struct {
	*Plan
	out    Reading
	at     Place
	row    sheet.Row
	failed bool // the row at hand cannot be taken in
	before int  // how many of what is bad is of earlier rows
}

// begin takes up the next row.
func (r *reader) begin(s part, row sheet.Row) {
	r.end()
	r.at, r.row, r.failed, r.before = Place{s.name, row.Number}, row, false, len(r.out.Bad)
}

// end puts right what was said of the row at hand before it was left out.
func (r *reader) end() {
	for i := r.before; r.failed && i < len(r.out.Bad); i++ {
		r.out.Bad[i].Kept, r.out.Bad[i].Why = false, strings.TrimSuffix(r.out.Bad[i].Why, goesIn)
	}
}

// goesIn ends a complaint that does not keep a row from being taken in.
const goesIn = "; the row goes in without it"

// cell gives what a field says in the row at hand, and the column it stands in.
func (r *reader) cell(f field) (sheet.Value, int) {
	c := r.column(f)
	v := r.row.Cell(c)
	if v.Kind == sheet.Fault {
		r.wrong(c, "the formula came to nothing: "+v.Text)
		return sheet.Value{}, c
	}
	return v, c
}

// wrong notes why the row at hand is left out.
func (r *reader) wrong(column int, why string) {
	r.failed = true
	r.note(column, why, false)
}

func (r *reader) note(column int, why string, kept bool) {
	b := Bad{Place: r.at, Why: why, Kept: kept}
	if column >= 0 {
		b.Column = r.columnName(column)
	}
	r.out.Bad = append(r.out.Bad, b)
}

// most characters of texts that are kept, as of those of pages.
const (
	mostText = 500
	mostID   = 200
)

func (r *reader) text(f field) string {
	v, _ := r.cell(f)
	return extract.Clean(v.Text, mostText)
}

// moment reads a date; the zero time where nothing stands.
func (r *reader) moment(f field) (m moment) {
	v, c := r.cell(f)
	if v.Kind == sheet.Empty || blank(v.Text) {
		return m
	}
	at, dayOnly, err := dateOf(v, r.days[c], r.opts.Zone)
	if err != nil {
		r.wrong(c, fmt.Sprintf("%s %s", quotedAs(v.Text, shapeDate), err))
		return m
	}
	return moment{at, dayOnly}
}

// amount reads money; the zero Money where nothing stands.
func (r *reader) amount(f field) order.Money {
	v, c := r.cell(f)
	if v.Kind == sheet.Empty || blank(v.Text) {
		return order.Money{}
	}
	iso := ""
	if code, at := r.cell(fieldCurrency); code.Kind != sheet.Empty {
		var err error
		if iso, err = extract.Currency(code.Text, r.opts.Currency); err != nil {
			r.wrong(at, err.Error())
			return order.Money{}
		}
	}
	decimal := r.decimal[c]
	if v.Kind == sheet.Number {
		decimal = "."
	}
	m, err := extract.Amount(v.Text, decimal, iso, r.opts.Currency)
	switch {
	case err != nil || v.Kind == sheet.Time:
		r.wrong(c, quotedAs(v.Text, shapeAmount)+" is no amount that can be read")
		return order.Money{}
	case m.Currency == "":
		r.wrong(c, quotedAs(v.Text, shapeAmount)+" has no currency that is known; --currency says it for all without one")
		return order.Money{}
	}
	return m
}

// blank are texts that stand for nothing.
func blank(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "-", "--", "—", "–", "/", "null", "NULL", "N/A", "n/a", "无", "空":
		return true
	}
	return strings.HasPrefix(s, "0000-00-00")
}

// whole reads a count.
func (r *reader) whole(f field) int {
	v, c := r.cell(f)
	if v.Kind == sheet.Empty || blank(v.Text) {
		return 0
	}
	digits := strings.TrimSuffix(strings.TrimSuffix(v.Text, ".00"), ".0") // as some programs write counts
	if !shapeWhole.has(sheet.Value{Kind: sheet.Text, Text: digits}) {
		r.wrong(c, quotedAs(v.Text, shapeWhole)+" is no count")
		return 0
	}
	return atoi(digits)
}

// buyer reads name and contacts. A contact that cannot be used leaves the rest of
// the row as it is.
func (r *reader) buyer() order.Buyer {
	b := order.Buyer{Name: r.text(fieldName)}
	if first, last := r.text(fieldFirstName), r.text(fieldLastName); b.Name == "" || blank(b.Name) {
		b.Name = joinName(first, last)
	}
	if v, c := r.cell(fieldEmail); v.Kind != sheet.Empty && !blank(v.Text) {
		if b.Email = extract.Email(v.Text); b.Email == "" {
			r.unreachable(c, v.Text, "this is no e-mail address that can get mail"+goesIn)
		}
	}
	if v, c := r.cell(fieldPhone); v.Kind != sheet.Empty && !blank(v.Text) {
		if b.Phone = r.phone(v); b.Phone == "" {
			r.unreachable(c, v.Text, "this is no phone number"+r.ofRegion()+goesIn)
		}
	}
	return b
}

// phone reads a number. One that went through a cell of numbers has lost its +, so
// that its country code may stand there bare.
func (r *reader) phone(v sheet.Value) order.Phone {
	if p := extract.Phone(v.Text, r.opts.Region); p != "" || v.Kind != sheet.Number {
		return p
	}
	return extract.Phone("+"+v.Text, "")
}

func (r *reader) ofRegion() string {
	if r.opts.Region == "" {
		return " with a country code (--region CN says the country of those without)"
	}
	return ", read as one of " + r.opts.Region
}

func (r *reader) unreachable(column int, text, why string) {
	if !starred(text) {
		r.note(column, why, true)
		return
	}
	if r.out.Masked++; r.out.Masked == 1 {
		r.out.FirstMasked = r.at
	}
}

// joinName puts a name together the way its language does.
func joinName(first, last string) string {
	if first != "" && last != "" && hanOnly(first+last) {
		return last + first
	}
	return strings.TrimSpace(first + " " + last)
}

func hanOnly(s string) bool {
	for _, r := range s {
		if r < 0x2e80 {
			return false
		}
	}
	return true
}
