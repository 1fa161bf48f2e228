package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Template is a text with places for values: "orders?page={page}". A brace that
// is meant is written twice: "{{".
type Template struct {
	source    string
	parts     []part
	line, col int // where it stands in its recipe
}

// part is a literal or, if name is set, a place for a value.
type part struct {
	literal, name string
	number        bool // in JSON: the value has to be a whole number, and stands without quotes
}

var wholeValue = regexp.MustCompile(`^(0|-?[1-9]\d{0,17})$`)

// ErrUnknownName says that a template asks for a value that is not there.
var ErrUnknownName = errors.New("unknown name")

// ParseTemplate compiles a template.
func ParseTemplate(source string) (Template, error) {
	t := Template{source: source}
	var literal strings.Builder
	for i := 0; i < len(source); i++ {
		c := source[i]
		if c != '{' && c != '}' {
			literal.WriteByte(c)
			continue
		}
		if i+1 < len(source) && source[i+1] == c {
			literal.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexByte(source[i:], '}')
		if c == '}' || end < 0 {
			return Template{}, fmt.Errorf("a single %q at character %d; write it twice if it is meant", string(c), i+1)
		}
		name := source[i+1 : i+end]
		if !validName(name) {
			return Template{}, fmt.Errorf("{%s} is not a name; names are lower case letters, digits and _", name)
		}
		t.addLiteral(literal.String())
		literal.Reset()
		t.parts = append(t.parts, part{name: name})
		i += end
	}
	t.addLiteral(literal.String())
	return t, nil
}

func (t *Template) addLiteral(s string) {
	if s != "" {
		t.parts = append(t.parts, part{literal: s})
	}
}

func validName(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// String is the template as it was written.
func (t Template) String() string { return t.source }

// Names lists the values that the template asks for, each once.
func (t Template) Names() []string {
	var names []string
	for _, p := range t.parts {
		if p.name != "" && !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// Lookup finds a value by its name.
type Lookup func(name string) (string, bool)

// Expand fills the template. Each value passes through escape (nil: as it is).
// A name that lookup does not know is an [ErrUnknownName].
func (t Template) Expand(lookup func(name string) (string, bool), escape func(string) string) (string, error) {
	return t.expand(lookup, func(_, value string) string {
		if escape == nil {
			return value
		}
		return escape(value)
	})
}

func (t Template) expand(lookup func(string) (string, bool), escape func(name, value string) string) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		value, ok := lookup(p.name)
		if !ok {
			return "", fmt.Errorf("{%s} in %q has no value: %w", p.name, t.source, ErrUnknownName)
		}
		if p.number && !wholeValue.MatchString(value) {
			return "", fmt.Errorf("{%s} in %q is no whole number", p.name, t.source)
		}
		b.WriteString(escape(p.name, value))
	}
	return b.String(), nil
}

// URL fills a template that is an address and resolves it against the shop's.
// Values are escaped for a query or path, but for {url} and {origin}, which are
// addresses themselves, and for one that the shop gave: a value that is the whole
// template, or that begins it and is a whole address or path. That one has to be
// of the shop's own host.
func (t Template) URL(base *url.URL, lookup func(string) (string, bool)) (string, error) {
	leads := t.leads()
	whole, given := leads && len(t.parts) == 1, false
	text, err := t.expand(lookup, func(name, value string) string {
		first := leads
		leads = false
		switch {
		case first && (whole || wholeAddress(value)):
			given = true
			return value
		case name == "url", name == "origin":
			return value
		}
		// A plus is a space in queries only.
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	if err != nil {
		return "", err
	}
	ref, err := url.Parse(text)
	if err != nil {
		// The address itself may hold a token: it is left out.
		return "", fmt.Errorf("%q does not make an address", t.source)
	}
	u := Folder(base).ResolveReference(ref)
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%q does not make an http address", t.source)
	}
	if given && !strings.EqualFold(u.Host, base.Host) {
		return "", fmt.Errorf("%q makes an address of another host than the shop's", t.source)
	}
	if given && base.Scheme == "https" {
		u.Scheme = "https" // behind a proxy many shops write http; the session is not sent in clear
	}
	address := u.String()
	// net/url reads some hosts that it does not read again: "//::".
	if again, err := url.Parse(address); err != nil || again.Host != u.Host {
		return "", fmt.Errorf("%q does not make an http address", t.source)
	}
	return address, nil
}

// leads reports whether a template begins with a value, which may be an address
// that the shop gave.
func (t Template) leads() bool {
	if len(t.parts) == 0 {
		return false
	}
	name := t.parts[0].name
	return name != "" && name != "url" && name != "origin"
}

// wholeAddress reports whether a value says where it stands by itself.
func wholeAddress(value string) bool {
	return strings.HasPrefix(value, "/") || strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://")
}

// JSON fills a template that is JSON text: values are escaped as the inside of
// a JSON string.
func (t Template) JSON(lookup func(string) (string, bool)) (string, error) {
	return t.Expand(lookup, EscapeJSON)
}

// EscapeJSON escapes a value as the inside of a JSON string.
func EscapeJSON(s string) string {
	quoted, _ := json.Marshal(s) // a string always marshals
	return string(quoted[1 : len(quoted)-1])
}

// Folder is the address against which a recipe's relative addresses are
// resolved: a shop's url is a folder, with or without its last slash, unless
// its last segment is a file name ("index.php"). Query and fragment go.
func Folder(base *url.URL) *url.URL {
	u := *base
	u.RawQuery, u.Fragment, u.RawFragment, u.RawPath = "", "", "", ""
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if last != "" && !strings.Contains(last, ".") {
		u.Path += "/"
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return &u
}
