package main

import (
	"errors"
	"fmt"
	"strings"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// place is where something stands in a list.
type place struct {
	sheet string
	row   int
}

func (p place) String() string {
	if p.sheet == "" {
		return fmt.Sprintf("line %d", p.row)
	}
	return fmt.Sprintf("sheet %q, row %d", p.sheet, p.row)
}

// badCell is something in a list that cannot be read.
type badCell struct {
	place
	column string // "" if it is the row as a whole
	why    string
	kept   bool // the row went in without it
}

func (b badCell) String() string {
	if b.column == "" {
		return fmt.Sprintf("%s: %s", b.place, b.why)
	}
	return fmt.Sprintf("%s, column %s: %s", b.place, b.column, b.why)
}

// remarks are what a list says of many cells at once, which is nothing wrong with
// a row.
type remarks struct {
	starred int   // contacts that a platform has made unreadable
	first   place // of those

	repeated int // rows that say the same of a person as one before
	unpaid   int // orders that the list calls so
}

// reader reads the rows of a plan.
type reader struct {
	*importPlan
	at      place
	row     sheet.Row
	failed  bool // the row at hand cannot be taken in
	bad     []badCell
	before  int // how many of those are of earlier rows
	remarks remarks
}

// begin takes up the next row.
func (r *reader) begin(s listSheet, row sheet.Row) {
	r.end()
	r.at, r.row, r.failed, r.before = place{s.name, row.Number}, row, false, len(r.bad)
}

// end puts right what was said of the row at hand before it was left out.
func (r *reader) end() {
	for i := r.before; r.failed && i < len(r.bad); i++ {
		r.bad[i].kept, r.bad[i].why = false, strings.TrimSuffix(r.bad[i].why, goesIn)
	}
}

// goesIn ends a complaint that does not keep a row from being taken in.
const goesIn = "; the row goes in without it"

// cell gives what a field says in the row at hand, and the column it stands in.
func (r *reader) cell(f field) (sheet.Value, int) {
	c := r.importPlan.at(f)
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
	b := badCell{place: r.at, why: why, kept: kept}
	if column >= 0 {
		b.column = r.columnName(column)
	}
	r.bad = append(r.bad, b)
}

// quoted is a value as a complaint may show it.
func quoted(s string) string { return quotedAs(s, shapeText) }

func quotedAs(s string, of shape) string {
	s = legible(s, of)
	if runes := []rune(s); len(runes) > 40 {
		s = string(runes[:39]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// legible is a value of a column of dates or numbers as it may be shown: the digits
// there are no phone number, unless they are sure to be one that slipped in.
func legible(s string, of shape) string {
	s = extract.Clean(s, 200)
	switch digits := strings.TrimSpace(s); of {
	case shapeDate, shapeAmount, shapeWhole:
		if !strings.Contains(s, "@") && !surePhone.MatchString(digits) {
			return s
		}
	case shapeNumber:
		if !strings.Contains(s, "@") {
			return s
		}
	}
	return extract.Masked(s)
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
func (r *reader) moment(f field) (m moments) {
	v, c := r.cell(f)
	if v.Kind == sheet.Empty || blank(v.Text) {
		return m
	}
	at, dayOnly, err := dateOf(v, r.days[c], r.zone)
	if err != nil {
		r.wrong(c, fmt.Sprintf("%s %s", quotedAs(v.Text, shapeDate), err))
		return m
	}
	return moments{at, dayOnly}
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
		if iso, err = extract.Currency(code.Text, r.currency); err != nil {
			r.wrong(at, err.Error())
			return order.Money{}
		}
	}
	decimal := r.decimal[c]
	if v.Kind == sheet.Number {
		decimal = "."
	}
	m, err := extract.Amount(v.Text, decimal, iso, r.currency)
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
	if p := extract.Phone(v.Text, r.region); p != "" || v.Kind != sheet.Number {
		return p
	}
	return extract.Phone("+"+v.Text, "")
}

func (r *reader) ofRegion() string {
	if r.region == "" {
		return " with a country code (--region CN says the country of those without)"
	}
	return ", read as one of " + r.region
}

func (r *reader) unreachable(column int, text, why string) {
	if !starred(text) {
		r.note(column, why, true)
		return
	}
	if r.remarks.starred++; r.remarks.starred == 1 {
		r.remarks.first = r.at
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

var errNothing = errors.New("no row of the list can be taken in")
