package recipe

import (
	"time"

	"go.yaml.in/yaml/v4"
)

// date reads one or several layouts, epoch or epoch_ms.
func (d *decoder) date(n *yaml.Node, path string) *Date {
	date := &Date{}
	d.oneOrEach(n, path, func(n *yaml.Node, p string) {
		s, ok := d.word(n, p)
		if !ok {
			return
		}
		if e := Epoch(s); e == EpochSecond || e == EpochMilli {
			date.Epoch = e
			return
		}
		if why := badLayout(s); why != "" {
			d.fail(n, p, "%q %s; write how the shop would show 2 January 2006, 15:04:05", short(s), why)
			return
		}
		date.Layouts = append(date.Layouts, s)
	})
	if date.Epoch != NoEpoch && len(date.Layouts) > 0 {
		d.fail(n, path, "a time is a number or a text; keep %s or the layouts", date.Epoch)
	}
	return date
}

// badLayout says why a layout cannot be meant: it must carry a day, a month and
// a year, and read back what it writes.
func badLayout(s string) string {
	probe := time.Date(2017, time.November, 28, 16, 39, 57, 0, time.UTC)
	back, err := time.Parse(s, probe.Format(s))
	switch {
	case err != nil:
		return "cannot be read back"
	case back.Year() != 2017 || back.YearDay() != probe.YearDay():
		return "does not hold day, month and year"
	}
	return ""
}

// money reads "minor", or how the amount is written.
func (d *decoder) money(n *yaml.Node, path string) *Money {
	m := &Money{}
	if n.Kind == yaml.ScalarNode {
		_, m.Minor = d.oneOf(n, path, "minor")
		return m
	}
	d.mapping(n, path,
		key{"decimal", false, func(n *yaml.Node, p string) { m.Decimal, _ = d.oneOf(n, p, ".", ",") }},
		key{"divide", false, func(n *yaml.Node, p string) {
			m.Divide = int64(d.number(n, p, 10, 1_000_000_000))
			if !powerOfTen(m.Divide) {
				d.fail(n, p, "must be 10, 100, 1000 and so on")
			}
		}},
	)
	return m
}

func powerOfTen(n int64) bool {
	for n > 1 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// filter reads a name, or a name with its arguments.
func (d *decoder) filter(n *yaml.Node, path string) Filter {
	plain := []string{string(FilterLower), string(FilterDecode), string(FilterDigits)}
	if n.Kind == yaml.ScalarNode {
		s, _ := d.oneOf(n, path, append(plain, string(FilterReplace), string(FilterSplit))...)
		if s == string(FilterReplace) || s == string(FilterSplit) {
			d.fail(n, path, `%s needs arguments: {replace: [regexp, text]} or {split: [separator, number]}`, s)
		}
		return Filter{Name: FilterName(s)}
	}
	var f Filter
	d.mapping(n, path,
		key{string(FilterReplace), false, func(n *yaml.Node, p string) { f = d.replace(n, p) }},
		key{string(FilterSplit), false, func(n *yaml.Node, p string) { f = d.split(n, p) }},
	)
	return f
}

func (d *decoder) replace(n *yaml.Node, path string) Filter {
	f := Filter{Name: FilterReplace}
	if d.two(n, path, "a regular expression and a text") {
		f.Regexp = d.regexp(n.Content[0], path+"[0]")
		f.With, _ = d.text(n.Content[1], path+"[1]")
	}
	return f
}

func (d *decoder) split(n *yaml.Node, path string) Filter {
	f := Filter{Name: FilterSplit}
	if d.two(n, path, "a separator and a number") {
		if f.With, _ = d.text(n.Content[0], path+"[0]"); f.With == "" {
			d.fail(n.Content[0], path+"[0]", "the separator is empty")
		}
		if f.Nth = d.number(n.Content[1], path+"[1]", -100, 100); f.Nth == 0 {
			d.fail(n.Content[1], path+"[1]", "parts are counted from 1, or from the end with -1")
		}
	}
	return f
}

func (d *decoder) two(n *yaml.Node, path, what string) bool {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		return true
	}
	d.fail(n, path, "must be a list of two: %s", what)
	return false
}
