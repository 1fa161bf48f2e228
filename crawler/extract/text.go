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
		if n.Type == html.ElementNode && hidden(n.Data) {
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
