package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// Plan is how a list is read: what its columns hold, and what was found out of
// each as a whole.
type Plan struct {
	kind       Kind
	vocabulary vocabulary
	opts       Options
	statuses   map[string]order.Status

	parts  []part   // the sheets that are read, with the same columns
	left   []string // those that are not
	titles []string
	fields []field // of each column

	days    map[int]dayOrder // of columns with dates
	decimal map[int]string   // of columns with amounts
}

// part is a sheet below its titles.
type part struct {
	name string
	rows []sheet.Row
}

// Plan finds out how a list is read: what the seller says goes before what is
// guessed. An [OptionError] says what the seller has to say besides.
func (k Kind) Plan(book *sheet.Book, o Options) (*Plan, error) {
	statuses, err := statusRules(o.Statuses)
	if err != nil {
		return nil, err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	p := &Plan{kind: k, vocabulary: k.vocabulary(), opts: o, statuses: statuses}
	if err := p.choose(book); err != nil {
		return nil, err
	}
	if err := p.findColumns(); err != nil {
		return nil, err
	}
	if err := p.decide(); err != nil {
		return nil, err
	}
	return p, nil
}

// Sheets are the names of those that are read, with the same columns, and of those
// that are left for having others; "" in a CSV.
func (p *Plan) Sheets() (read, left []string) {
	for _, s := range p.parts {
		read = append(read, s.name)
	}
	return read, p.left
}

// Rows is how many stand below the titles.
func (p *Plan) Rows() int {
	n := 0
	for _, s := range p.parts {
		n += len(s.rows)
	}
	return n
}

// Holds reports whether a column was found for one of [Kind.Fields].
func (p *Plan) Holds(name string) bool { return p.column(field(name)) >= 0 }

// first rows of all that are read.
func (p *Plan) first(most int) []sheet.Row {
	var out []sheet.Row
	for _, r := range p.all() {
		if len(out) == most {
			break
		}
		out = append(out, r)
	}
	return out
}

// choose takes the sheet that is meant, or the first with anything below its
// titles, and those that have the same.
func (p *Plan) choose(book *sheet.Book) error {
	wanted := p.opts.Sheet
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if wanted != "" && !strings.EqualFold(s.Name, wanted) {
			continue
		}
		at := p.vocabulary.headerAmong(s.Rows)
		titles, rows := titlesOf(s.Rows, at)
		switch {
		case len(rows) == 0:
		case p.parts == nil:
			p.titles = titles
			p.parts = []part{{s.Name, rows}}
		case slices.Equal(titles, p.titles):
			p.parts = append(p.parts, part{s.Name, rows})
		default:
			p.left = append(p.left, s.Name)
		}
	}
	switch {
	case p.parts != nil:
		return nil
	case wanted != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, wanted) }):
		return optionError("%s has no sheet %q; there is %s", p.opts.File, wanted, strings.Join(names, ", "))
	}
	return fmt.Errorf("%s has nothing below its titles", p.opts.File)
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
func (p *Plan) all() func(yield func(part, sheet.Row) bool) {
	return func(yield func(part, sheet.Row) bool) {
		for _, s := range p.parts {
			for _, r := range s.rows {
				if !yield(s, r) {
					return
				}
			}
		}
	}
}
