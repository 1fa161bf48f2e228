package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// importPlan is how a list is read: what its columns hold, and what was found out
// of each as a whole.
type importPlan struct {
	kind   listKind
	file   string
	sheets []listSheet // those that are read, with the same columns
	left   []string    // sheets that are not
	titles []string
	fields []field // of each column

	shop     config.Shop
	zone     *time.Location
	region   string
	currency string // of amounts without one
	statuses map[string]order.Status
	consent  consentRule

	days    map[int]dayOrder // of columns with dates
	decimal map[int]string   // of columns with amounts
}

// listSheet is a sheet below its titles.
type listSheet struct {
	name string
	rows []sheet.Row
}

// consentRule is what the seller says of all consents on a list.
type consentRule struct {
	source, wording string
	at              time.Time
}

// read finds the columns: what the seller says of them goes before what is
// guessed.
func (p *importPlan) read(book *sheet.Book, wanted string, said []string) error {
	if err := p.choose(book, wanted); err != nil {
		return err
	}
	const sample = 200
	var rows [][]sheet.Value
	for _, r := range p.all() {
		if rows = append(rows, r.Cells); len(rows) == sample {
			break
		}
	}
	told, err := p.told(said)
	if err != nil {
		return err
	}
	p.fields = p.guessRest(told, rows)
	for c, name := range told {
		p.fields[c] = name
	}
	return p.complete()
}

// guessRest guesses what the seller has not said. What is said is not guessed once
// more, so that the next best column may have it.
func (p *importPlan) guessRest(told map[int]field, rows [][]sheet.Value) []field {
	k := p.kind
	k.fields = slices.DeleteFunc(slices.Clone(k.fields), func(f fieldWords) bool {
		for _, name := range told {
			if name == f.field {
				return true
			}
		}
		return false
	})
	titles, left := slices.Clone(p.titles), make([][]sheet.Value, len(rows))
	for i, row := range rows {
		left[i] = slices.Clone(row)
	}
	for c := range told {
		titles[c] = ""
		for _, row := range left {
			if c < len(row) {
				row[c] = sheet.Value{}
			}
		}
	}
	return k.guess(titles, left)
}

// choose takes the sheet that is meant, or the first with anything below its
// titles, and those that have the same.
func (p *importPlan) choose(book *sheet.Book, wanted string) error {
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if wanted != "" && !strings.EqualFold(s.Name, wanted) {
			continue
		}
		at := p.kind.headerAmong(s.Rows)
		titles, rows := titlesOf(s.Rows, at)
		switch {
		case len(rows) == 0:
		case p.sheets == nil:
			p.titles = titles
			p.sheets = []listSheet{{s.Name, rows}}
		case slices.Equal(titles, p.titles):
			p.sheets = append(p.sheets, listSheet{s.Name, rows})
		default:
			p.left = append(p.left, s.Name)
		}
	}
	switch {
	case p.sheets != nil:
		return nil
	case wanted != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, wanted) }):
		return &usageError{fmt.Errorf("%s has no sheet %q; there is %s", p.file, wanted, strings.Join(names, ", "))}
	}
	return fmt.Errorf("%s has nothing below its titles", p.file)
}

// titlesOf gives the titles of the columns, and what stands below them. Columns
// without one are called by their letters.
func titlesOf(rows []sheet.Row, at int) ([]string, []sheet.Row) {
	below := rows[min(at+1, len(rows)):]
	wide := 0
	for _, r := range below {
		wide = max(wide, len(r.Cells))
	}
	var head sheet.Row
	if at >= 0 {
		head = rows[at]
	}
	out := make([]string, max(wide, len(head.Cells)))
	for i := range out {
		out[i] = extract.Clean(head.Cell(i).Text, 60)
	}
	return out, below
}

// all are the rows of all sheets that are read.
func (p *importPlan) all() func(yield func(listSheet, sheet.Row) bool) {
	return func(yield func(listSheet, sheet.Row) bool) {
		for _, s := range p.sheets {
			for _, r := range s.rows {
				if !yield(s, r) {
					return
				}
			}
		}
	}
}

// told reads what stands after --map.
func (p *importPlan) told(said []string) (map[int]field, error) {
	out := map[int]field{}
	for _, s := range said {
		i := strings.LastIndex(s, "=")
		if i < 0 {
			return nil, &usageError{fmt.Errorf("--map %s: write the title of the column, =, and what it holds, as --map \"%s=phone\"", s, s)}
		}
		title, name := strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
		c := p.column(title)
		if c < 0 {
			return nil, &usageError{fmt.Errorf("--map %s: there is no column %q; there is %s", s, title, p.columnNames())}
		}
		if name == "" || name == "-" {
			out[c] = ""
			continue
		}
		f, ok := p.kind.find(name)
		if !ok {
			hint := ""
			if near := config.Nearest(name, p.kind.names()); near != "" {
				hint = "did you mean " + near + "? "
			}
			return nil, &usageError{fmt.Errorf("--map %s: %q is nothing that a column can hold; %sthere is %s, or - to leave it out", s, name, hint, strings.Join(p.kind.names(), ", "))}
		}
		for other, name := range out {
			if name == f.field && other != c {
				return nil, &usageError{fmt.Errorf("--map %s: column %s is said to hold the %s already", s, p.columnName(other), name)}
			}
		}
		out[c] = f.field
	}
	return out, nil
}

// column finds one by its title, or by its letters; -1 if there is none.
func (p *importPlan) column(title string) int {
	for _, same := range []func(i int) bool{
		func(i int) bool { return p.titles[i] != "" && strings.EqualFold(p.titles[i], title) },
		func(i int) bool { return titleKey(p.titles[i]) != "" && titleKey(p.titles[i]) == titleKey(title) },
		func(i int) bool { return sheet.Letters(i) == strings.ToUpper(title) },
	} {
		for i := range p.titles {
			if same(i) {
				return i
			}
		}
	}
	return -1
}

func (p *importPlan) columnName(i int) string {
	if p.titles[i] == "" {
		return sheet.Letters(i)
	}
	return fmt.Sprintf("%s (%s)", sheet.Letters(i), p.titles[i])
}

func (p *importPlan) columnNames() string {
	out := make([]string, len(p.titles))
	for i := range out {
		out[i] = p.columnName(i)
	}
	return strings.Join(out, ", ")
}

// at is the column that holds a field; -1 if none does.
func (p *importPlan) at(f field) int { return slices.Index(p.fields, f) }

// complete asks for what a list cannot do without.
func (p *importPlan) complete() error {
	lacks := func(f field, what, also string) error {
		return &usageError{fmt.Errorf("%s: no column looks like the %s; say which it is with --map \"TITLE=%s\"%s. There is %s", p.file, what, f, also, p.columnNames())}
	}
	if p.kind.what == "buyer" {
		if p.at(fieldEmail) < 0 && p.at(fieldPhone) < 0 {
			return lacks(fieldEmail, "e-mail address or the phone number of a person", ", or =phone")
		}
		return nil
	}
	_, all := p.statuses[anyStatus]
	switch {
	case p.at(fieldNumber) < 0:
		return lacks(fieldNumber, "number of an order", "")
	case p.at(fieldCreated) < 0:
		return lacks(fieldCreated, "date on which an order was placed", "")
	case p.at(fieldStatus) < 0 && !all:
		return lacks(fieldStatus, "status of an order", ", or what all of them are with --status \"*=paid\"")
	}
	return nil
}

func columnTitle(title string, i int) string {
	if title == "" {
		return sheet.Letters(i)
	}
	return title
}
