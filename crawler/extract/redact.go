package extract

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

const gone = "[removed]"

// barePattern is an address that is not encoded.
var barePattern = regexp.MustCompile(`[^\s"'<>@,;:()=%]+@[^\s"'<>@,;:()&?]+`)

// Redact gives a page's body for saving. Contacts, passwords and tokens become
// made-up ones of the same form, the same ones wherever they stand: e-mails are
// at masked.example, phone numbers go on with 000. All else stays as it was sent,
// so that a recipe reads the saved page as it read the real one. Names can be told
// from other words only where a key says what they are; those of the known orders'
// buyers are replaced everywhere, and the ids and numbers of these orders stay.
func Redact(p recipe.Page, known ...order.Order) []byte {
	r := newRedactor(known)
	body := bytes.TrimPrefix(p.Body, []byte("\ufeff"))
	if out, ok := r.json(body, ""); ok {
		return out
	}
	if !bytes.ContainsRune(body, '<') {
		return []byte(r.address(string(bytes.ToValidUTF8(body, nil))))
	}
	return []byte(r.html(string(bytes.ToValidUTF8(body, nil))))
}

// RedactJSON is [Redact] for a body that is JSON; false if it is none. Its keys,
// their order and its numbers stay as they are written.
func RedactJSON(body []byte, known ...order.Order) ([]byte, bool) {
	r := newRedactor(known)
	return r.json(bytes.TrimPrefix(body, []byte("\ufeff")), "")
}

// redactText makes up what stands in a text of people.
func redactText(s string) string { return redactor{}.text(s) }

type redactor struct {
	names  []*regexp.Regexp // of people
	keep   map[string]bool  // ids and numbers of orders
	script bool             // in a script: shorter words may be tokens
}

func newRedactor(known []order.Order) redactor {
	const shortest = 4 // bytes: a shorter name is found in too many words
	r := redactor{keep: map[string]bool{}}
	for _, o := range known {
		r.keep[o.ID], r.keep[o.Number] = true, true
		if len(o.Buyer.Name) < shortest || masked(o.Buyer.Name) {
			continue
		}
		words := strings.Fields(o.Buyer.Name)
		for i := range words {
			words[i] = regexp.QuoteMeta(words[i])
		}
		if name, err := regexp.Compile(strings.Join(words, `\s+`)); err == nil {
			r.names = append(r.names, name)
		}
	}
	return r
}

func (r redactor) text(s string) string {
	for _, name := range r.names {
		s = name.ReplaceAllStringFunc(s, madeUpName)
	}
	s = mailPattern.ReplaceAllStringFunc(s, madeUpMail)
	var out strings.Builder
	last := 0
	for _, m := range tokenPattern.FindAllStringIndex(s, -1) {
		t := s[m[0]:m[1]]
		if r.keep[t] || random(t) || r.script && shortToken(t) {
			out.WriteString(r.phones(s[last:m[0]])) // not in tokens: their digits are no number
			if !r.keep[t] {
				t = madeUpToken(t)
			}
			out.WriteString(t)
			last = m[1]
		}
	}
	out.WriteString(r.phones(s[last:]))
	return out.String()
}

func (r redactor) phones(s string) string {
	return phonePattern.ReplaceAllStringFunc(s, func(t string) string {
		if phoneLike(t) && !r.keep[t] {
			return madeUpDigits(t)
		}
		return t
	})
}

// address is a text that may be an address: its host stays, and what its
// parameters' names call a token does not.
func (r redactor) address(s string) string {
	if rest, ok := strings.CutPrefix(s, "tel:"); ok {
		return "tel:" + madeUpDigits(rest)
	}
	if strings.ContainsAny(s, " \n<>") {
		return r.text(s)
	}
	host := ""
	if i := strings.Index(s, "//"); i >= 0 && i < 8 {
		end := strings.IndexAny(s[i+2:], "/?#")
		if end < 0 {
			return s
		}
		host, s = s[:i+2+end], s[i+2+end:]
	}
	path, query, ok := strings.Cut(s, "?")
	if !ok {
		return host + r.text(s)
	}
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		plain, err := url.QueryUnescape(name)
		if (err != nil || secretName(plain) || plain == "key") && value != "" {
			pairs[i] = name + "=" + madeUpToken(value)
		} else {
			pairs[i] = r.text(p)
		}
	}
	return host + r.text(path) + "?" + strings.Join(pairs, "&")
}

// html rewrites a page or a part of one piece by piece: what needs no change
// keeps every byte.
func (r redactor) html(s string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	within := ""
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			out.WriteString(r.text(raw))
			return out.String()
		case html.TextToken:
			out.WriteString(r.inside(within, raw))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			within = ""
			if kind == html.StartTagToken && (hidden(t.Data) || t.Data == "textarea") {
				within = t.Data
			}
			out.WriteString(r.tag(t, raw))
		case html.EndTagToken:
			within = ""
			out.WriteString(barePattern.ReplaceAllStringFunc(raw, madeUpMail))
		default:
			out.WriteString(r.text(raw))
		}
	}
}

// inside is the text within an element.
func (r redactor) inside(element, raw string) string {
	switch element {
	case "script":
		return r.js(raw)
	case "style":
		return raw
	case "textarea":
		if strings.TrimSpace(raw) != "" {
			return gone // whatever the seller was writing
		}
		return raw
	}
	plain := html.UnescapeString(raw)
	if changed := r.text(plain); changed != plain {
		return html.EscapeString(changed)
	}
	return raw
}

func (r redactor) tag(t html.Token, raw string) string {
	same := true
	for i := range t.Attr {
		a := &t.Attr[i]
		if v := r.attribute(t, *a); v != a.Val {
			a.Val, same = v, false
		}
	}
	if !same {
		raw = t.String()
	}
	// An address may stand where no attribute's value is.
	return barePattern.ReplaceAllStringFunc(raw, madeUpMail)
}

func (r redactor) attribute(t html.Token, a html.Attribute) string {
	key := strings.ToLower(a.Key)
	switch {
	case a.Val == "", key == "class", key == "style", key == "type":
		return a.Val
	case strings.HasPrefix(key, "on"):
		return gone
	case key == liveAttr, key == "value", key == "content" && t.Data == "meta":
		return r.field(t, a.Val)
	case secretName(key):
		return madeUpToken(a.Val)
	}
	if blob, ok := r.blob(a.Val); ok {
		return blob
	}
	return r.address(a.Val)
}

// field is what stands in a field of a form, or in a <meta>, of which the name
// says what it is.
func (r redactor) field(t html.Token, value string) string {
	var names []string
	for _, a := range t.Attr {
		switch {
		case a.Key == "type" && strings.EqualFold(a.Val, "password"):
			return gone
		case a.Key == "name" || a.Key == "id" || a.Key == "property" || a.Key == "autocomplete":
			names = append(names, a.Val)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(strings.ToLower(n), "pass") }) {
		return gone
	}
	for _, n := range names {
		if v, ok := r.named(n, "", value); ok {
			return v
		}
	}
	if blob, ok := r.blob(value); ok {
		return blob
	}
	return r.address(value)
}

// blob is an attribute that holds JSON: as it is, or URL-encoded, or base64, or
// both.
func (r redactor) blob(s string) (string, bool) {
	const least = 8
	if len(s) < least {
		return s, false
	}
	plain := urlDecode(s)
	if inJSON(plain) {
		out, ok := r.json([]byte(plain), "")
		if plain != s {
			return strings.ReplaceAll(url.QueryEscape(string(out)), "+", "%20"), ok
		}
		return string(out), ok
	}
	if plain[0] != 'e' && plain[0] != 'W' { // how {" and [ begin in base64
		return s, false
	}
	decoded := base64Decode(plain)
	if !inJSON(decoded) {
		return s, false
	}
	out, ok := r.json([]byte(decoded), "")
	code := base64.StdEncoding.EncodeToString(out)
	if plain != s {
		code = url.QueryEscape(code)
	}
	return code, ok
}

func inJSON(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 1 && (s[0] == '{' || s[0] == '[')
}
