package extract

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"nudged/crawler/recipe"
)

const gone = "[removed]"

// tokenPattern is a run of letters and digits that no word is: a session, a
// nonce, a key; see random.
var tokenPattern = regexp.MustCompile(`[A-Za-z0-9_\-]{16,}`)

// Redact gives a page's body for saving: without addresses, phone numbers, what
// stands in forms, scripts, and whatever looks like a token. The rest, the
// layout, is what a recipe is mended by.
func Redact(p recipe.Page) []byte {
	if v, err := parseJSON(p.Body); err == nil {
		if out, err := json.MarshalIndent(redactJSON(v, ""), "", " "); err == nil {
			return out
		}
	}
	root, err := html.Parse(bytes.NewReader(p.Body))
	if err != nil || !bytes.ContainsRune(p.Body, '<') {
		return []byte(redactText(string(bytes.ToValidUTF8(p.Body, nil))))
	}
	redactNode(root, 0)
	var out bytes.Buffer
	if err := html.Render(&out, root); err != nil {
		return []byte(gone)
	}
	return out.Bytes()
}

func redactText(s string) string {
	return mask(tokenPattern.ReplaceAllStringFunc(s, func(t string) string {
		if random(t) {
			return gone
		}
		return t
	}))
}

// random reports whether a run mixes small letters, capitals and digits as no
// name does.
func random(t string) bool {
	changes, last, digits := 0, 0, false
	for _, r := range t {
		var kind int
		switch {
		case r >= '0' && r <= '9':
			kind, digits = 1, true
		case r >= 'a' && r <= 'z':
			kind = 2
		case r >= 'A' && r <= 'Z':
			kind = 3
		default:
			continue
		}
		if last != 0 && kind != last {
			changes++
		}
		last = kind
	}
	return digits && changes >= 4
}

func redactNode(n *html.Node, depth int) {
	if depth > maxDepth {
		n.FirstChild, n.LastChild = nil, nil
		return
	}
	switch n.Type {
	case html.TextNode, html.CommentNode:
		n.Data = redactText(n.Data)
	case html.ElementNode:
		redactAttributes(n)
		if hidden(n.Data) || n.Data == "textarea" {
			for c := n.FirstChild; c != nil; c = n.FirstChild {
				n.RemoveChild(c)
			}
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		redactNode(c, depth+1)
	}
}

func redactAttributes(n *html.Node) {
	for i := range n.Attr {
		a := &n.Attr[i]
		key := strings.ToLower(a.Key)
		switch {
		case key == liveAttr, key == "value" && (n.Data == "input" || n.Data == "button"),
			n.Data == "meta" && key == "content", secretName(key), strings.HasPrefix(key, "on"):
			if a.Val != "" {
				a.Val = gone
			}
		case key == "href" || key == "src" || key == "action" || strings.HasPrefix(key, "data-"):
			a.Val = redactText(redactQuery(a.Val))
		default:
			a.Val = redactText(a.Val)
		}
	}
}

// redactQuery empties the parameters of an address that look like tokens.
func redactQuery(address string) string {
	path, query, ok := strings.Cut(address, "?")
	if !ok {
		return address
	}
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		name, _, _ := strings.Cut(p, "=")
		if plain, err := url.QueryUnescape(name); err != nil || secretName(plain) || plain == "key" {
			pairs[i] = name + "=" + gone
		}
	}
	return path + "?" + strings.Join(pairs, "&")
}

// contactKeys are the names under which JSON holds what a text pattern may miss.
var contactKeys = regexp.MustCompile(`(?i)mail|phone|mobile|telephone|^tel$`)

func redactJSON(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = redactJSON(v[k], k)
		}
		return v
	case []any:
		for i := range v {
			v[i] = redactJSON(v[i], key)
		}
		return v
	case string:
		if v != "" && (secretName(key) || contactKeys.MatchString(key)) {
			return gone
		}
		return redactText(v)
	}
	if text, number := scalar(v); number && contactKeys.MatchString(key) && text != "0" {
		return gone
	}
	return v
}
