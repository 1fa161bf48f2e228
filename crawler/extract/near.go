package extract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"nudged/crawler/recipe"
)

// Bounds of the search for what a broken value may mean now.
const (
	maxNear     = 3
	maxSearched = 20_000 // elements or JSON values
	maxSample   = 40
)

// Nearest gives, for a value that finds nothing on a page, up to three things on
// it that look most like what the value looks for: elements that share words
// with its selector, labels or headers like its own, JSON keys like those of its
// path. Each is a short selector or path, and what stands there, without contacts.
func Nearest(p recipe.Page, v *recipe.Value) []string {
	return nearest(place{doc: newDocument(p)}, v)
}

// nearest of a row; of the first rows only: a changed page breaks every row in
// the same place.
func (w *row) nearest(v *recipe.Value) []string {
	if w.nears++; w.nears > maxNear {
		return nil
	}
	at := w.at
	start, ok := w.scope().start(at, v)
	switch {
	case ok:
		at = start
	case v.In != nil && v.Of == "":
		v = v.In
	default:
		return nil // no joined row to look in
	}
	return nearest(at, v)
}

// candidate is something that a value may mean.
type candidate struct {
	score int
	text  string
}

func nearest(p place, v *recipe.Value) []string {
	var all []candidate
	switch {
	case v.Path != nil:
		if root, err := p.root(); err == nil {
			all = nearKeys(root, v.Path.Source)
		}
	case v.Label != nil, v.Column != nil:
		all = nearLabels(p, slices.Concat(v.Label, v.Column))
	case v.Select != nil:
		if sel, err := p.selection(); err == nil {
			all = nearElements(sel, v.Select.Source)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return b.score - a.score })
	var out []string
	for _, c := range all {
		if len(out) < maxNear && !slices.Contains(out, c.text) {
			out = append(out, c.text)
		}
	}
	return out
}

var (
	selectorPart = regexp.MustCompile(`([#.\[*^$|~=:"' ]?)([\pL_][\pL\pN_-]*)`)
	wordPart     = regexp.MustCompile(`\p{Lu}?[\p{Ll}\p{Lo}]+|\p{Lu}+|\p{Nd}+`)
)

// wordsOf splits a name at dashes and capitals: orderTotal is order and total.
func wordsOf(name string) []string {
	parts := wordPart.FindAllString(name, -1)
	for i := range parts {
		parts[i] = strings.ToLower(parts[i])
	}
	return parts
}

// wanted are the words of the last element that a selector names, and its tag.
func wanted(selector string) (words []string, tag string) {
	last := selector
	if i := strings.LastIndexAny(strings.TrimRight(selector, " "), " >+~,"); i >= 0 && !strings.Contains(selector[i:], "]") {
		last = selector[i+1:]
	}
	for _, m := range selectorPart.FindAllStringSubmatch(last, -1) {
		switch m[1] {
		case "":
			tag = strings.ToLower(m[2])
		case ":":
		default:
			words = append(words, wordsOf(m[2])...)
		}
	}
	return words, tag
}

func nearElements(in *goquery.Selection, selector string) []candidate {
	words, tag := wanted(selector)
	var out []candidate
	left := maxSearched
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		if left--; left < 0 || depth > maxDepth {
			return
		}
		if n.Type == html.ElementNode {
			if score := likeness(n, words, tag); score > 1 {
				out = append(out, candidate{score, describe(n)})
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	for _, n := range in.Nodes {
		walk(n, 0)
	}
	return out
}

// likeness counts the words that an element shares with a selector: more for a
// whole word than for its beginning, a little for the same tag.
func likeness(n *html.Node, words []string, tag string) int {
	score := 0
	if n.Data == tag {
		score = 1
	}
	var has []string
	for _, a := range n.Attr {
		switch {
		case a.Key == "class", a.Key == "id", a.Key == "name":
			has = append(has, wordsOf(a.Val)...)
		case strings.HasPrefix(a.Key, "data-"):
			has = append(has, wordsOf(a.Key)...)
		}
	}
	return score + alike(words, has)
}

func alike(words, has []string) int {
	score := 0
	for _, w := range words {
		best := 0
		for _, h := range has {
			switch {
			case h == w:
				best = 4
			case min(len(h), len(w)) > 2 && (strings.HasPrefix(h, w) || strings.HasPrefix(w, h)):
				best = max(best, 2)
			default:
				best = max(best, shared(h, w))
			}
		}
		score += best
	}
	return score
}

// shared tells words that are written without blanks between them, 金额 and 总金额,
// by the characters that stand in both.
func shared(a, b string) int {
	if strings.IndexFunc(a, ideograph) < 0 {
		return 0
	}
	if strings.Contains(a, b) || strings.Contains(b, a) {
		return 3
	}
	runes := []rune(a)
	for i := range max(0, len(runes)-1) {
		if ideograph(runes[i]) && ideograph(runes[i+1]) && strings.Contains(b, string(runes[i:i+2])) {
			return 2
		}
	}
	return 0
}

func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// describe gives a short selector of an element and its text.
func describe(n *html.Node) string {
	var b strings.Builder
	b.WriteString(n.Data)
	s := asSelection(n)
	if id, ok := s.Attr("id"); ok && plainName(id) {
		b.WriteString("#" + id)
	}
	classes := slices.DeleteFunc(strings.Fields(s.AttrOr("class", "")), func(c string) bool { return !plainName(c) })
	for _, c := range classes[:min(2, len(classes))] {
		b.WriteString("." + c)
	}
	if name, ok := s.Attr("name"); ok && plainName(name) && len(classes) == 0 {
		b.WriteString("[name=" + name + "]")
	}
	return b.String() + " " + sample(text(s))
}

// plainName reports whether a name may be shown: short, and no key or number of
// someone.
func plainName(s string) bool {
	const most = 40
	return len(s) <= most && s != "" && redactText(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' })
}

// sample is a text as a problem may show it.
func sample(s string) string {
	return strconv.Quote(ellipsis(mask(redactText(clean(s, 4*maxSample))), maxSample))
}

// nearLabels gives the headers of a row's table, or the labels of a place, that
// look most like those looked for.
func nearLabels(p place, want []string) []candidate {
	var words []string
	for _, w := range want {
		words = append(words, wordsOf(w)...)
	}
	var out []candidate
	note := func(kind, label string) {
		if label = clean(label, maxSample); label != "" && redactText(label) == label {
			out = append(out, candidate{alike(words, wordsOf(label)), kind + " " + strconv.Quote(label)})
		}
	}
	if row := rowOf(p); row != nil {
		for _, h := range p.doc.headings(up(row, "table")) {
			note("column", h.text)
		}
	}
	if sel, err := p.selection(); err == nil && len(out) == 0 {
		sel.Find("dt, th, label, b, strong").EachWithBreak(func(i int, s *goquery.Selection) bool {
			note("label", text(s))
			return i < maxRows
		})
	}
	return out
}
