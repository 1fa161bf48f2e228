package intake

import (
	"fmt"
	"slices"
	"strings"

	"nudged/cmd/nudged/sheet"
)

// findColumns says what each column holds.
func (p *Plan) findColumns() error {
	const sample = 200
	told, err := p.told()
	if err != nil {
		return err
	}
	var rows [][]sheet.Value
	for _, r := range p.first(sample) {
		rows = append(rows, r.Cells)
	}
	p.fields = p.guessRest(told, rows)
	for c, name := range told {
		p.fields[c] = name
	}
	return p.complete()
}

// guessRest guesses what the seller has not said. What is said is not guessed once
// more, so that the next best column may have it.
func (p *Plan) guessRest(told map[int]field, rows [][]sheet.Value) []field {
	open := slices.DeleteFunc(slices.Clone(p.vocabulary), func(f fieldWords) bool {
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
	return open.guess(titles, left)
}

// told reads what stands after --map.
func (p *Plan) told() (map[int]field, error) {
	out := map[int]field{}
	for _, s := range p.opts.Columns {
		i := strings.LastIndex(s, "=")
		if i < 0 {
			return nil, optionError("--map %s: write the title of the column, =, and what it holds, as --map \"%s=phone\"", s, s)
		}
		title, name := strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
		c := p.called(title)
		if c < 0 {
			return nil, optionError("--map %s: there is no column %q; there is %s", s, title, p.columnNames())
		}
		if name == "" || name == "-" {
			out[c] = ""
			continue
		}
		f, ok := p.vocabulary.find(name)
		if !ok {
			return nil, p.noField(s, name)
		}
		for other, name := range out {
			if name == f.field && other != c {
				return nil, optionError("--map %s: column %s is said to hold the %s already", s, p.columnName(other), name)
			}
		}
		out[c] = f.field
	}
	return out, nil
}

// noField says what a column can hold instead of what the seller wrote.
func (p *Plan) noField(said, name string) error {
	known, hint := p.vocabulary.names(), ""
	if p.opts.Nearest != nil {
		if near := p.opts.Nearest(name, known); near != "" {
			hint = "did you mean " + near + "? "
		}
	}
	return optionError("--map %s: %q is nothing that a column can hold; %sthere is %s, or - to leave it out", said, name, hint, strings.Join(known, ", "))
}

// called finds a column by its title, or by its letters; -1 if there is none.
func (p *Plan) called(title string) int {
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

func (p *Plan) columnName(i int) string {
	if p.titles[i] == "" {
		return sheet.Letters(i)
	}
	return fmt.Sprintf("%s (%s)", sheet.Letters(i), p.titles[i])
}

func (p *Plan) columnNames() string {
	out := make([]string, len(p.titles))
	for i := range out {
		out[i] = p.columnName(i)
	}
	return strings.Join(out, ", ")
}

// column that holds a field; -1 if none does.
func (p *Plan) column(f field) int { return slices.Index(p.fields, f) }

// complete asks for what a list cannot do without.
func (p *Plan) complete() error {
	lacks := func(f field, what, also string) error {
		return optionError("%s: no column looks like the %s; say which it is with --map \"TITLE=%s\"%s. There is %s", p.opts.File, what, f, also, p.columnNames())
	}
	if p.kind == Buyers {
		if p.column(fieldEmail) < 0 && p.column(fieldPhone) < 0 {
			return lacks(fieldEmail, "e-mail address or the phone number of a person", ", or =phone")
		}
		return nil
	}
	_, all := p.statuses[anyStatus]
	switch {
	case p.column(fieldNumber) < 0:
		return lacks(fieldNumber, "number of an order", "")
	case p.column(fieldCreated) < 0:
		return lacks(fieldCreated, "date on which an order was placed", "")
	case p.column(fieldStatus) < 0 && !all:
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
