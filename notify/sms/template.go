package sms

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// template is text with {names} in it. {{ is a brace; any other brace that is no
// name's stands for itself, so that JSON can be written as it is.
type template []piece

type piece struct {
	text string
	name string // "" for text
}

// names lists what may be put in.
func names() []string {
	return []string{"to", "to_digits", "to_national", "text", "from", "user", "password", "basic", "sign", "id"}
}

// parse reads a template. A word in braces that is no known name is an error: it
// is a slip of the pen.
func parse(src string) (template, error) {
	var t template
	var plain strings.Builder
	for src != "" {
		switch {
		case strings.HasPrefix(src, "{{"):
			plain.WriteByte('{')
			src = src[2:]
			continue
		case src[0] == '{':
			name, rest, ok := strings.Cut(src[1:], "}")
			if !ok || !isWord(name) {
				break
			}
			if !known(name) {
				return nil, fmt.Errorf("{%s} is not known; there are {%s}", name, strings.Join(names(), "} {"))
			}
			t = append(t, piece{text: plain.String()}, piece{name: name})
			plain.Reset()
			src = rest
			continue
		}
		plain.WriteByte(src[0])
		src = src[1:]
	}
	return append(t, piece{text: plain.String()}), nil
}

func isWord(s string) bool {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != ""
}

func known(name string) bool {
	for _, n := range names() {
		if n == name {
			return true
		}
	}
	return false
}

func (t template) uses(name string) bool {
	for _, p := range t {
		if p.name == name {
			return true
		}
	}
	return false
}

// expand puts the values in, each as its place wants it.
func (t template) expand(values map[string]string, escape func(string) string) string {
	var out strings.Builder
	for _, p := range t {
		if p.name == "" {
			out.WriteString(p.text)
		} else {
			out.WriteString(escape(values[p.name]))
		}
	}
	return out.String()
}

// expandURL knows that a path is escaped in another way than a query.
func (t template) expandURL(values map[string]string) string {
	var out strings.Builder
	query := false
	for _, p := range t {
		switch {
		case p.name == "":
			out.WriteString(p.text)
			query = query || strings.Contains(p.text, "?")
		case query:
			out.WriteString(url.QueryEscape(values[p.name]))
		default:
			out.WriteString(url.PathEscape(values[p.name]))
		}
	}
	return out.String()
}

// otherCharset finds a charset that is named in a Content-Type or at the head of
// an XML body.
var otherCharset = regexp.MustCompile(`(?i)(?:charset|<\?xml[^>]*encoding)\s*=\s*["']?([\w-]+)`)

// escaper says how values stand in a body. kind is the Content-Type; where there
// is none, the body's first character tells.
func escaper(kind, body string) (func(string) string, string, error) {
	for _, where := range []string{kind, strings.TrimSpace(body)} {
		named := otherCharset.FindStringSubmatch(where)
		if named != nil && (where == kind || strings.HasPrefix(where, "<?xml")) && !strings.EqualFold(named[1], "utf-8") && !strings.EqualFold(named[1], "utf8") {
			return nil, "", fmt.Errorf("everything is sent as UTF-8, and it says %s; write UTF-8, or ask the gateway for an address that takes it", named[1])
		}
	}
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	kind = strings.TrimSpace(kind)
	if kind == "" {
		switch body = strings.TrimSpace(body); {
		case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
			kind = "application/json"
		case strings.HasPrefix(body, "<"):
			kind = "application/xml; charset=utf-8"
		default:
			kind = "application/x-www-form-urlencoded"
		}
	}
	switch {
	case strings.Contains(kind, "json"):
		return inJSON, kind, nil
	case strings.Contains(kind, "xml"):
		return inXML, kind, nil
	case kind == "application/x-www-form-urlencoded":
		return url.QueryEscape, kind, nil
	case kind == "text/plain":
		return func(s string) string { return s }, kind, nil
	}
	return nil, "", fmt.Errorf("bodies of Content-Type %s cannot be written; use JSON, XML, a form or text/plain", kind)
}

func inJSON(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(raw[1 : len(raw)-1]) // the quotes stand in the template
}

func inXML(s string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(s)) // a Builder takes everything
	return out.String()
}

// headerSafe refuses what cannot stand in a header.
func headerSafe(value string) error {
	for _, r := range value {
		if unicode.IsControl(r) {
			return errors.New("a line break or control character would stand in a header")
		}
	}
	return nil
}
