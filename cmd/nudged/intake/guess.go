package intake

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
)

// shape is how the values of a column look.
type shape int

// Shapes. A name is a text that is none of the others; the number of an order has
// a digit, which tells it from the name of a person under the title Name.
const (
	shapeText shape = iota
	shapeName
	shapeNumber
	shapeEmail
	shapePhone
	shapeDate
	shapeAmount
	shapeWhole
	shapeCurrency
	shapeAnswer // a yes or a no: whatever is no date
)

// has reports whether a value can be read as what a shape says.
func (s shape) has(v sheet.Value) bool {
	switch s {
	case shapeNumber:
		return strings.ContainsAny(v.Text, "0123456789") && !strings.Contains(v.Text, "@")
	case shapeEmail:
		return strings.Contains(v.Text, "@") && (extract.Email(v.Text) != "" || starred(v.Text))
	case shapePhone:
		return v.Kind != sheet.Time && phoneLike(v.Text)
	case shapeDate:
		return v.Kind == sheet.Time || v.Kind == sheet.Text && dateLike(v.Text) || serial(v)
	case shapeAmount:
		_, err := extract.Amount(v.Text, ".", "", "")
		_, comma := extract.Amount(v.Text, ",", "", "")
		return v.Kind != sheet.Time && (err == nil || comma == nil)
	case shapeWhole:
		return v.Kind != sheet.Time && len(v.Text) < 10 && strings.Trim(v.Text, "0123456789") == ""
	case shapeCurrency:
		_, err := extract.Currency(v.Text, "CNY")
		return err == nil || strings.TrimSpace(v.Text) == "$"
	case shapeAnswer:
		return !shapeDate.has(v)
	case shapeName:
		return v.Kind == sheet.Text && !shapeEmail.has(v) && !shapePhone.has(v) && strings.ContainsFunc(v.Text, unicode.IsLetter)
	}
	return true
}

// starred reports whether a platform has made a text unreadable: 138****8000.
func starred(s string) bool { return strings.ContainsAny(s, "*•●") }

// phoneLike reports whether a text has the digits of a phone number and nothing
// else.
func phoneLike(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r), r == '*':
			digits++
		case !strings.ContainsRune("+-(). /\u00a0", r):
			return false
		}
	}
	return digits >= 7 && digits <= 16 && !dateLike(s)
}

// share is how many of the values that are there have a shape, from 0 to 1; none
// is true if there are no values.
func (s shape) share(values []sheet.Value) (part float64, none bool) {
	there, fit := 0, 0
	for _, v := range values {
		if v.Kind == sheet.Empty || blank(v.Text) {
			continue
		}
		if there++; s.has(v) {
			fit++
		}
	}
	if there == 0 {
		return 0, true
	}
	return float64(fit) / float64(there), false
}

// Points of a guess. A title that is known counts more than one that only holds a
// known word, and both more than values without a title.
const (
	pointsExact  = 300
	pointsHolds  = 150
	pointsValues = 50
)

// titlePoints says how well a title names a field.
func (f fieldWords) titlePoints(key string) int {
	if key == "" || f.against(key) {
		return 0
	}
	for i, w := range f.words {
		if key == w {
			return pointsExact - i
		}
	}
	best := 0
	for i, w := range f.words {
		// "Customer note" is no name.
		long := len(w) > 4 && (f.shape != shapeName || strings.Contains(w, "name")) || utf8.RuneCountInString(w) > 1 && w[0] >= utf8.RuneSelf
		if long && strings.Contains(key, w) {
			best = max(best, pointsHolds-i)
		}
	}
	return best
}

// leaving are parts of titles under which a yes, or a date, is no consent: that of
// who left, and of mails that were sent.
var leaving = regexp.MustCompile(`unsub|notsub|optout|optedout|withdr|revoke|donot|nonews|noconsent|noemail|abmeld|abgemeld|abbestell|widerr|widerspr|kein|ohne|lastsent|mailsent|lettersent|opened|clicked|gesendet|geöffnet|versand|verschickt|退订|取消|拒|不|发送`)

// against reports whether a title says the opposite of what a field holds, though
// it has a word of it: unsubscribed.
func (f fieldWords) against(key string) bool {
	switch f.field {
	case fieldConsent, fieldDate, fieldSource, fieldWording:
		return leaving.MatchString(key)
	}
	return false
}

// points weigh a column against a field; 0 rules it out. A title is not believed
// against the values under it.
func (f fieldWords) points(key string, values []sheet.Value) int {
	title := f.titlePoints(key)
	part, none := f.shape.share(values)
	switch {
	case none:
		return title
	case title > 0 && part >= f.shape.least() && (f.shape != shapeAnswer || part > 0.5):
		return title
	case f.shape != shapeEmail && f.shape != shapePhone:
		return 0
	case f.shape == shapePhone:
		part, _ = sureShare(values)
	}
	if part >= 0.8 { // nothing else looks like that
		return pointsValues
	}
	return 0
}

// least is the share of values that a title must not be believed without. People
// write all sorts of things where an address or a number should stand.
func (s shape) least() float64 {
	if s == shapeEmail || s == shapePhone {
		return 0.2
	}
	return 0.5
}

// surePhone is what is a phone number also where nobody says so: with a country
// code, or a mobile number of China. Other long numbers may be anything.
var surePhone = regexp.MustCompile(`^(\+|00)[1-9][0-9 ()./-]{6,}$|^1[3-9][0-9*]{9}$`)

func sureShare(values []sheet.Value) (part float64, none bool) {
	out := make([]sheet.Value, 0, len(values))
	for _, v := range values {
		if v.Kind != sheet.Empty && !surePhone.MatchString(v.Text) {
			v.Text = "no"
		}
		out = append(out, v)
	}
	return shapePhone.share(out)
}

// guess says for each column what it holds, "" for nothing that is taken. Each
// field is given once.
func (v vocabulary) guess(header []string, rows [][]sheet.Value) []field {
	type candidate struct{ column, field, points int }
	var all []candidate
	for c, title := range header {
		key := titleKey(title)
		values := make([]sheet.Value, 0, len(rows))
		for _, row := range rows {
			if c < len(row) {
				values = append(values, row[c])
			}
		}
		for f, words := range v {
			if p := words.points(key, values); p > 0 {
				all = append(all, candidate{c, f, p})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(a.column, b.column), cmp.Compare(a.field, b.field))
	})
	out := make([]field, len(header))
	given := map[field]bool{}
	for _, c := range all {
		name := v[c.field].field
		if out[c.column] == "" && !given[name] {
			out[c.column], given[name] = name, true
		}
	}
	return out
}

// headerAmong gives the place of the row that names the columns: that with the
// most titles that are known, in the first rows. Without any it is the first row,
// or none if that looks like data already: -1.
func (v vocabulary) headerAmong(rows []sheet.Row) int {
	const first = 20
	if len(rows) == 0 {
		return -1
	}
	best, most := 0, 0
	for i, row := range rows[:min(len(rows), first)] {
		n := 0
		for _, cell := range row.Cells {
			key := titleKey(cell.Text)
			if cell.Kind == sheet.Text && slices.ContainsFunc(v, func(f fieldWords) bool { return f.titlePoints(key) > 0 }) {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	if most == 0 && slices.ContainsFunc(rows[0].Cells, func(c sheet.Value) bool {
		return c.Kind == sheet.Number || c.Kind == sheet.Time || c.Kind == sheet.Text && (shapeEmail.has(c) || shapePhone.has(c))
	}) {
		return -1
	}
	return best
}
