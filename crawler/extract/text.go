package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// maxDepth bounds the walk through nested elements.
const maxDepth = 600

// text is what a person reads of an element: scripts, styles and noscript left
// out, blocks and line breaks as blanks.
func text(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		if n.Type == html.ElementNode && hidden(n.Data) && n.Data != "noscript" {
			rawText(&b, n) // asked for by name
			continue
		}
		writeText(&b, n, 0)
	}
	return b.String()
}

func writeText(b *strings.Builder, n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case html.TextNode:
		b.WriteString(n.Data)
		return
	case html.ElementNode:
		if hidden(n.Data) {
			return
		}
		if breaks(n.Data) {
			b.WriteByte(' ')
			defer b.WriteByte(' ')
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		writeText(b, c, depth+1)
	}
}

// textLines is what text is, with every block and line break on a line of its
// own. What stands side by side in a table stays so.
func textLines(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		if n.Type == html.ElementNode && (hidden(n.Data) && n.Data != "noscript" || n.Data == "textarea") {
			rawText(&b, n)
			continue
		}
		writeLines(&b, n, 0)
	}
	return tidyLines(b.String())
}

func writeLines(b *strings.Builder, n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case html.TextNode:
		inPre := n.Parent != nil && (n.Parent.Data == "pre" || n.Parent.Data == "textarea")
		if inPre {
			b.WriteString(n.Data)
			return
		}
		b.WriteString(onOneLine(n.Data)) // where the source is broken says nothing
		return
	case html.ElementNode:
		if hidden(n.Data) {
			return
		}
		if breaks(n.Data) {
			end := "\n"
			if n.Data == "td" || n.Data == "th" || n.Data == "small" || n.Data == "option" {
				end = " "
			}
			b.WriteString(end)
			defer b.WriteString(end)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		writeLines(b, c, depth+1)
	}
}

func onOneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if lineBreak(r) {
			return ' '
		}
		return r
	}, s)
}

func lineBreak(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' }

// tidyLines cleans every line; empty ones go.
func tidyLines(s string) string {
	var out []string
	for line := range strings.FieldsFuncSeq(s, lineBreak) {
		if line = clean(line, maxBetween); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func rawText(b *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
}

// own is an element's own text, without its children's.
func own(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			} else {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

func hidden(tag string) bool {
	switch tag {
	case "script", "style", "noscript", "template":
		return true
	}
	return false
}

// breaks reports whether an element stands on a line of its own, or parts the
// words around it.
func breaks(tag string) bool {
	switch tag {
	case "br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "section", "article", "header", "footer",
		"h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "option", "select", "form", "address", "small":
		return true
	}
	return false
}
