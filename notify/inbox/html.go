package inbox

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// quoteMark finds the ids and classes by which mail programs mark the quoted
// mail: Gmail, Outlook and its web page, Yahoo, Thunderbird, NetEase, QQ, Foxmail,
// ProtonMail, Zoho. Apple has a blockquote alone.
var quoteMark = regexp.MustCompile(`(?i)gmail_(quote|attr|extra)|divrplyfwdmsg|appendonsend|stopspelling|olk_src_body_section|yahoo_quoted|^yqt|` +
	`moz-cite-prefix|isreplycontent|ntes-mailmaster-quote|qm_reply|foxmail_quote|protonmail_quote|zmail_extra`)

// htmlText is the text that a reader would see of the sender's own part: without
// quoted mails, styles and scripts, a line for each block.
func htmlText(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(maxPart)
	var r htmlReader
	for !r.ended {
		switch z.Next() {
		case html.ErrorToken:
			r.ended = true
		case html.TextToken:
			if len(r.hidden) == 0 {
				r.out.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z.Token())
		case html.EndTagToken:
			r.end(z.Token().DataAtom)
		}
	}
	return r.out.String()
}

type htmlReader struct {
	out    strings.Builder
	hidden []atom.Atom // open elements of the kind that is left out, outermost first
	ended  bool        // nothing of the sender's own follows
}

func (r *htmlReader) start(t html.Token) {
	if marksQuote(t) {
		r.ended = true
		return
	}
	if t.DataAtom == atom.Body {
		r.hidden = nil // a head that nobody closed
	}
	open := t.Type == html.StartTagToken
	if len(r.hidden) > 0 {
		if open && t.DataAtom == r.hidden[0] {
			r.hidden = append(r.hidden, t.DataAtom)
		}
		return
	}
	if open && leftOut(t) {
		r.hidden = append(r.hidden, t.DataAtom)
	}
	breakLine(&r.out, t.DataAtom)
}

func (r *htmlReader) end(a atom.Atom) {
	if len(r.hidden) == 0 {
		breakLine(&r.out, a)
	} else if a == r.hidden[0] {
		r.hidden = r.hidden[1:]
	}
}

func marksQuote(t html.Token) bool {
	for _, a := range t.Attr {
		if (a.Key == "id" || a.Key == "class" || a.Key == "name") && quoteMark.MatchString(a.Val) {
			return true
		}
	}
	return false
}

func leftOut(t html.Token) bool {
	switch t.DataAtom {
	case atom.Blockquote, atom.Style, atom.Script, atom.Head, atom.Title, atom.Template, atom.Object, atom.Svg:
		return true
	}
	for _, a := range t.Attr {
		if a.Key == "style" && strings.Contains(strings.ReplaceAll(strings.ToLower(a.Val), " ", ""), "display:none") {
			return !void(t.DataAtom)
		}
	}
	return false
}

func void(a atom.Atom) bool {
	switch a {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Col, atom.Area, atom.Base, atom.Embed, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

func breakLine(out *strings.Builder, a atom.Atom) {
	switch a {
	case atom.Br, atom.P, atom.Div, atom.Tr, atom.Li, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.Hr, atom.Blockquote, atom.Pre:
		out.WriteByte('\n')
	case atom.Td, atom.Th:
		out.WriteByte(' ')
	}
}
