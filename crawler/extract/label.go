package extract

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"nudged/crawler/recipe"
)

// labelled finds what stands beside or below a label: in a pair of dt and dd or
// of table cells, in the field that a <label> is for, after a colon, or, where
// there is no such, in what follows.
func labelled(p place, v *recipe.Value) ([]reading, bool) {
	sel, err := p.selection()
	if err != nil {
		return nil, false
	}
	for _, want := range v.Label {
		l := labels{want: plainLabel(want), value: v}
		for _, n := range sel.Nodes {
			l.walk(n, 0)
		}
		if found := append(l.sure, l.loose...); len(found) > 0 {
			return filledFirst(found), true
		}
	}
	return nil, false
}

// filledFirst moves the empty ones to the end: a page may show a label twice.
func filledFirst(all []reading) []reading {
	var filled, empty []reading
	for _, r := range all {
		if strings.TrimSpace(r.text) == "" {
			empty = append(empty, r)
		} else {
			filled = append(filled, r)
		}
	}
	return append(filled, empty...)
}

// labels collects what stands beside one label.
type labels struct {
	want  string
	value *recipe.Value

	sure, loose []reading
}

func (l *labels) walk(n *html.Node, depth int) {
	if depth > maxDepth || n.Type == html.ElementNode && hidden(n.Data) {
		return
	}
	if n.Type == html.TextNode {
		if rest, colon, ok := afterLabel(n.Data, l.want); ok {
			l.take(n, rest, colon)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		l.walk(c, depth+1)
	}
}

// afterLabel reads "Label", "Label *" and "Label: value".
func afterLabel(t, want string) (rest string, colon, ok bool) {
	t = strings.TrimLeftFunc(t, notWord)
	if len(t) > 4*maxText {
		t = t[:4*maxText]
	}
	t = clean(t, maxText)
	cut := 0
	for range utf8.RuneCountInString(want) {
		_, n := utf8.DecodeRuneInString(t[cut:])
		cut += n
	}
	if want == "" || !strings.EqualFold(t[:cut], want) {
		return "", false, false
	}
	rest = strings.TrimSpace(t[cut:])
	for _, mark := range []string{":", "："} {
		if after, found := strings.CutPrefix(rest, mark); found {
			return strings.TrimSpace(after), true, true
		}
	}
	return "", false, strings.TrimFunc(rest, notWord) == ""
}

func (l *labels) take(n *html.Node, rest string, colon bool) {
	if rest != "" {
		if l.value.Attr == "" {
			l.sure = append(l.sure, reading{text: rest})
		}
		return
	}
	if label := up(n, "label"); label != nil {
		if field := fieldOf(label); field != nil {
			l.beside(&l.sure, field)
		} else {
			l.follow(&l.sure, label)
		}
		return
	}
	top, name := l.whole(n), ""
	if top.Type == html.ElementNode {
		name = top.Data
	}
	switch name {
	case "dt":
		l.beside(&l.sure, nextOf(top, "dd"))
	case "td", "th":
		l.beside(&l.sure, besideCell(top))
	case "a", "button", "option", "li", "title", "nav":
		if colon {
			l.follow(&l.sure, top)
		}
	default:
		if colon {
			l.follow(&l.sure, top)
		} else {
			l.follow(&l.loose, top)
		}
	}
}

// whole is the outermost element that holds nothing but the label.
func (l *labels) whole(n *html.Node) *html.Node {
	for n.Parent != nil && n.Parent.Type == html.ElementNode && n.Parent.Data != "body" {
		if plainLabel(text(asSelection(n.Parent))) != l.want || hasField(n.Parent) || leaves(n) {
			return n
		}
		n = n.Parent
	}
	return n
}

// leaves reports whether an empty place for a value stands beside a label.
func leaves(n *html.Node) bool {
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		if s.Type == html.ElementNode && !ornament(s) {
			return true
		}
	}
	return false
}

var ornaments = regexp.MustCompile(`(?i)ico|requir|asterisk|tool-?tip|help|info|sep|arrow|colon|clear`)

// ornament reports whether an element without a text is an icon or the like, and
// not the place of a value that is empty.
func ornament(n *html.Node) bool {
	switch n.Data {
	case "i", "svg", "img", "br", "hr", "wbr", "button", "sup":
		return true
	}
	s := asSelection(n)
	_, silent := s.Attr("aria-hidden")
	return silent || hidden(n.Data) || ornaments.MatchString(s.AttrOr("class", "")) || s.Find("i, svg, img").Length() > 0
}

// pairPattern is a text that has a label of its own.
var pairPattern = regexp.MustCompile(`^[^:：\d]{1,40}(：|:[^/])\s*\S`)

const fields = "input:not([type=hidden]), select, textarea"

func hasField(n *html.Node) bool { return asSelection(n).Find(fields).Length() > 0 }

// beside takes the text of an element that stands beside the label, or what is
// in the one field that it is or holds.
func (l *labels) beside(into *[]reading, n *html.Node) {
	if n == nil {
		*into = append(*into, reading{})
		return
	}
	s := asSelection(n)
	if l.value.Attr == "" && !l.value.Live {
		field := s.Filter(fields)
		if inside := s.Find(fields); field.Length() == 0 && inside.Length() == 1 && clean(text(s), maxText) == clean(text(inside), maxText) {
			field = inside
		}
		if field.Length() == 1 {
			*into = append(*into, reading{text: shownIn(field)})
			return
		}
	}
	if found, ok := elements(s, l.value); ok {
		*into = append(*into, found...)
	}
}

// shownIn is what a person sees in a field.
func shownIn(field *goquery.Selection) string {
	if goquery.NodeName(field) == "select" {
		if t, ok := field.Attr(liveAttr); ok {
			if o := field.Find("option").FilterFunction(func(_ int, o *goquery.Selection) bool { return o.AttrOr("value", text(o)) == t }); o.Length() > 0 {
				return text(o.First())
			}
		}
		return text(chosen(field))
	}
	t, _ := live(field)
	return t
}

// follow takes the first thing with a text that follows; another label is none.
func (l *labels) follow(into *[]reading, n *html.Node) {
	below := false
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		below = below || s.Data == "br"
		if s.Type == html.TextNode && strings.TrimLeft(clean(s.Data, maxText), ":： ") != "" {
			if l.bare(into, s) {
				return
			}
			break
		}
		if s.Type != html.ElementNode || hidden(s.Data) {
			continue
		}
		t := clean(text(asSelection(s)), maxText)
		if t == "" && ornament(s) && !asSelection(s).Is(fields) && !hasField(s) {
			continue
		}
		if l.answers(s, n, t, below) {
			l.beside(into, s)
			return
		}
		break
	}
	*into = append(*into, reading{})
}

// bare takes a text without an element around it, if it is no label itself.
func (l *labels) bare(into *[]reading, s *html.Node) bool {
	t := strings.TrimLeft(clean(s.Data, maxText), ":： ")
	if endsInColon(t) || l.value.Attr != "" {
		return false
	}
	*into = append(*into, reading{text: t})
	return true
}

// answers tells whether an element with the text t belongs to the label n before
// it, and is not the next label.
func (l *labels) answers(s, n *html.Node, t string, below bool) bool {
	if t == "" && !asSelection(s).Is(fields) && !hasField(s) {
		return false
	}
	alike := s.Data == n.Data && (below || pairPattern.MatchString(t))
	return !alike && !endsInColon(t)
}

func endsInColon(t string) bool { return strings.HasSuffix(t, ":") || strings.HasSuffix(t, "：") }

func nextOf(n *html.Node, name string) *html.Node {
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		if s.Type == html.ElementNode {
			if s.Data == name {
				return s
			}
			return nil
		}
	}
	return nil
}

// besideCell is the cell to the right of a label, or the one below it where the
// label stands in a head.
func besideCell(cell *html.Node) *html.Node {
	row := cell.Parent
	cells, col, i := rowCells(row), 0, 0
	for ; i < len(cells) && cells[i] != cell; i++ {
		col += span(cells[i], "colspan")
	}
	inHead := row.Parent != nil && row.Parent.Data == "thead"
	if i+1 < len(cells) && !inHead && (cell.Data == "td" || cells[i+1].Data == "td") {
		return cells[i+1]
	}
	rows := tableRows(orNone(up(row, "table")))
	for j := range rows {
		if rows[j] == row && j+1 < len(rows) {
			return cellAt(rows[j+1], col)
		}
	}
	return nil
}

func orNone(n *html.Node) *html.Node {
	if n == nil {
		return &html.Node{}
	}
	return n
}

// fieldOf is the field that a <label> is for.
func fieldOf(label *html.Node) *html.Node {
	s := asSelection(label)
	if id, ok := s.Attr("for"); ok && id != "" {
		root := label
		for root.Parent != nil {
			root = root.Parent
		}
		same := asSelection(root).Find("[id]").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("id", "") == id })
		if same.Length() > 0 {
			return same.Nodes[0]
		}
	}
	if in := s.Find(fields); in.Length() > 0 {
		return in.Nodes[0]
	}
	return nil
}
