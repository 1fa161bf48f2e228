package intake

import (
	"fmt"
	"strings"

	"nudged/crawler/extract"
)

// Place is where something stands in a list.
type Place struct {
	Sheet string // "" in a CSV
	Row   int    // as the program that shows it counts; in a CSV the line
}

// String names it for the seller.
func (p Place) String() string {
	if p.Sheet == "" {
		return fmt.Sprintf("line %d", p.Row)
	}
	return fmt.Sprintf("sheet %q, row %d", p.Sheet, p.Row)
}

// Bad is something in a list that cannot be read.
type Bad struct {
	Place
	Column string // its letters and its title; "" if it is the row as a whole
	Why    string // shows no contacts
	Kept   bool   // the row went in without it
}

// String is the complaint.
func (b Bad) String() string {
	if b.Column == "" {
		return fmt.Sprintf("%s: %s", b.Place, b.Why)
	}
	return fmt.Sprintf("%s, column %s: %s", b.Place, b.Column, b.Why)
}

// Lost is how many rows cannot be taken in.
func (r *Reading) Lost() int {
	rows := map[Place]bool{}
	for _, b := range r.Bad {
		if !b.Kept {
			rows[b.Place] = true
		}
	}
	return len(rows)
}

// Complaints name what cannot be read. The same complaint of many rows of a column
// is one line, with the rows.
func (r *Reading) Complaints() []string {
	type same struct{ sheet, column, why string }
	var all []same
	rows := map[same][]Bad{}
	for _, b := range r.Bad {
		k := same{b.Sheet, b.Column, b.Why}
		if rows[k] == nil {
			all = append(all, k)
		}
		rows[k] = append(rows[k], b)
	}
	const most = 200
	var out []string
	for i, k := range all {
		if i == most {
			return append(out, fmt.Sprintf("… and %d more of other kinds.", len(all)-most))
		}
		out = append(out, complaint(rows[k]))
	}
	return out
}

// complaint is one of many rows.
func complaint(cells []Bad) string {
	if len(cells) == 1 {
		return cells[0].String()
	}
	const most = 20
	var rows []string
	last := 0
	for _, c := range cells {
		if c.Row == last {
			continue
		}
		if last = c.Row; len(rows) == most {
			rows = append(rows, "…")
			break
		}
		rows = append(rows, fmt.Sprint(c.Row))
	}
	first := cells[0]
	where := "lines "
	if first.Sheet != "" {
		where = fmt.Sprintf("sheet %q, rows ", first.Sheet)
	}
	where += strings.Join(rows, ", ")
	if len(cells) > most {
		where += fmt.Sprintf(" (%d in all)", len(cells))
	}
	if first.Column != "" {
		where += ", column " + first.Column
	}
	return where + ": " + first.Why
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
