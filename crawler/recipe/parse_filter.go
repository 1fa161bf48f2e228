package recipe

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

func dateKeys(date *Date) object {
	return object{keys: []key{
		need("words", "ways to say a time in words, tried first", items(&date.Words, keysOf(wordKeys), (*decoder).dateWord)),
		may("layouts", "how 2 January 2006, 15:04:05 would be written; also of what remains beside the words", oneOrMore(&date.Layouts, filled, word)),
	}}
}

func wordKeys(w *DateWord) object {
	return object{keys: []key{
		need("match", "the words; a group is a number of units", asRegexp(&w.Match)),
		may("unit", "what is counted: 1s, 1m, 1h, 24h for a day; none is today", asSpan(&w.Unit, maxUnit)),
		may("in", "time to come, not past", asFlag(&w.In)).beside("unit"),
	}}
}

// maxUnit is a year.
const maxUnit = 366 * 24 * time.Hour

func (d *decoder) dateWord(n *yaml.Node, path string) DateWord {
	var w DateWord
	if d.object(n, path, wordKeys(&w)) && w.Match != nil && !d.failedAt(path) {
		switch groups := w.Match.NumSubexp(); {
		case groups > 1:
			d.fail(n, path, "match has %d groups; only the first would count: write (?: for the others", groups)
		case groups == 1 && w.Unit == 0:
			d.fail(n, path, "match finds a number; of what? write unit: 1m, 1h or 24h")
		}
	}
	return w
}

// date reads one or several layouts, epoch or epoch_ms, or words.
func (d *decoder) date(n *yaml.Node, path string) *Date {
	date := &Date{}
	if n.Kind == yaml.MappingNode {
		d.object(n, path, dateKeys(date))
		for _, layout := range date.Layouts {
			if why := badLayout(layout); why != "" && !timeOnly(layout) {
				d.fail(n, path, "%q %s; write how the shop would show 2 January 2006, 15:04:05, or 15:04 for what stands beside the words", short(layout), why)
			}
		}
		return date
	}
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
			d.fail(n, p, "%q %s; %s", short(s), why, mendLayout(s, why))
			return
		}
		date.Layouts = append(date.Layouts, s)
	})
	if date.Epoch != NoEpoch && len(date.Layouts) > 0 {
		d.fail(n, path, "a time is a number or a text; keep %s or the layouts", date.Epoch)
	}
	return date
}

// timeOnly reports whether a layout is a time of day.
func timeOnly(s string) bool {
	probe := time.Date(2017, time.November, 28, 16, 39, 57, 0, time.UTC)
	back, err := time.Parse(s, probe.Format(s))
	return err == nil && back.Hour() == 16 && back.Minute() == 39
}

const noYear = "holds no year"

var fourDigits = regexp.MustCompile(`\d{4}`)

// badLayout says why a layout cannot be meant: it must carry a day, a month and
// a year, and read back what it writes.
func badLayout(s string) string {
	probe := time.Date(2017, time.November, 28, 16, 39, 57, 0, time.UTC)
	back, err := time.Parse(s, probe.Format(s))
	switch {
	case err != nil:
		return "cannot be read back"
	case back.Year() == 0 && !fourDigits.MatchString(s) && back.Month() == probe.Month() && back.Day() == probe.Day():
		return noYear
	case back.Year() != 2017 || back.YearDay() != probe.YearDay():
		return "does not hold day, month and year"
	}
	return ""
}

func mendLayout(s, why string) string {
	if why == noYear {
		return `where the shop shows none, join what does: {text: "{year}-{when}", date: "2006-01-02"}, with vars that read both`
	}
	return "write how the shop would show 2 January 2006, 15:04:05" + asLayout(s)
}

// asLayout says what a layout in the letters of other programs (DD.MM.YYYY, or
// %d.%m.%Y) would be here; nothing, if it is none.
func asLayout(s string) string {
	var b strings.Builder
	last := 0
	for _, at := range layoutLetters.FindAllStringIndex(s, -1) {
		letters := s[at[0]:at[1]]
		text, known := layoutWords()[strings.ToLower(strings.Trim(letters, "%"))]
		if text == "01" && (strings.HasSuffix(s[:at[0]], ":") || letters == "%M") {
			text = "04" // of the hour, not of the year
		}
		if !known {
			return ""
		}
		b.WriteString(s[last:at[0]] + text)
		last = at[1]
	}
	b.WriteString(s[last:])
	if got := b.String(); badLayout(got) == "" {
		return ": " + strconv.Quote(got)
	}
	return ""
}

var layoutLetters = regexp.MustCompile(`%[A-Za-z]|[A-Za-z]+`)

// layoutWords are the letters of other programs, in lower case.
func layoutWords() map[string]string {
	return map[string]string{
		"yyyy": "2006", "y": "2006", "yy": "06", "mm": "01", "m": "01", "mmm": "Jan", "mmmm": "January",
		"dd": "02", "d": "02", "hh": "15", "h": "15", "i": "04", "ss": "05", "s": "05", "t": "T",
	}
}

func moneyKeys(m *Money) object {
	divide := func(d *decoder, n *yaml.Node, p string) int64 {
		by := int64(d.number(n, p, 10, maxDivide))
		if !powerOfTen(by) {
			d.fail(n, p, "must be 10, 100, 1000 and so on")
		}
		return by
	}
	return object{keys: []key{
		may("decimal", "the sign before the cents", asChoice(&m.Decimal, ".", ",")),
		may("divide", "the number is divided by this: 100 where the shop counts in cents", as(&m.Divide, wholeNumber(10, maxDivide), divide)),
	}}
}

const maxDivide = 1_000_000_000

// money reads "minor", or how the amount is written.
func (d *decoder) money(n *yaml.Node, path string) *Money {
	m := &Money{}
	if n.Kind == yaml.ScalarNode {
		m.Minor = n.Value == "minor"
		if !m.Minor {
			d.fail(n, path, `must be minor, {divide: 100} where the shop counts in cents, or {decimal: ","}, not %s`, describe(n))
		}
		return m
	}
	d.object(n, path, moneyKeys(m))
	return m
}

func powerOfTen(n int64) bool {
	for n > 1 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// plainFilters are those without arguments.
func plainFilters() []string {
	return []string{
		string(FilterLower), string(FilterDigits), string(FilterDecode),
		string(FilterURLDecode), string(FilterBase64), string(FilterUnescape),
	}
}

func filterKeys(f *Filter) object {
	line := func(d *decoder, n *yaml.Node, p string) Filter {
		return Filter{Name: FilterLine, Nth: d.nth(n, p, "lines")}
	}
	names := []string{string(FilterReplace), string(FilterSplit), string(FilterLine)}
	return object{
		keys: []key{
			may(names[0], "a regular expression by a text, which may use $1", as(f, pairOf(ref("regexp"), scalar), (*decoder).replace)),
			may(names[1], "one part of what a separator separates, from 1, or from the end with -1", as(f, pairOf(separator, nthShape), (*decoder).split)),
			may(names[2], "one line of several, from 1, or from the end with -1", as(f, nthShape, line)),
		},
		groups: []group{{need: true, names: names}},
	}
}

// filter reads a name, or a name with its arguments.
func (d *decoder) filter(n *yaml.Node, path string) Filter {
	var f Filter
	if n.Kind == yaml.ScalarNode {
		switch FilterName(n.Value) {
		case FilterReplace, FilterSplit, FilterLine:
			d.fail(n, path, `%s needs arguments: {replace: [regexp, text]}, {split: [separator, number]} or {line: number}`, n.Value)
			return f
		}
		s, _ := d.oneOf(n, path, append(plainFilters(), string(FilterReplace), string(FilterSplit), string(FilterLine))...)
		return Filter{Name: FilterName(s)}
	}
	d.object(n, path, filterKeys(&f))
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
		f.Nth = d.nth(n.Content[1], path+"[1]", "parts")
	}
	return f
}

// maxNth bounds which part or line is taken.
const maxNth = 100

func (d *decoder) nth(n *yaml.Node, path, what string) int {
	nth := d.number(n, path, -maxNth, maxNth)
	if nth == 0 {
		d.fail(n, path, "%s are counted from 1, or from the end with -1", what)
	}
	return nth
}

func (d *decoder) two(n *yaml.Node, path, what string) bool {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		return true
	}
	d.fail(n, path, "must be a list of two: %s", what)
	return false
}
