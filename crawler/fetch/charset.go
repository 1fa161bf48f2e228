package fetch

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

var errCharset = errors.New("the page is not in UTF-8 and says no charset; set charset: in the recipe, for example gb18030")

func mediaType(contentType string) string {
	typ, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		typ, _, _ = strings.Cut(contentType, ";")
	}
	return strings.ToLower(strings.TrimSpace(typ))
}

// UTF8 makes the body of a page that somebody has saved UTF-8, as that of a page
// that was fetched. fallback is the recipe's charset, "" if it has none.
func UTF8(body []byte, contentType, fallback string) ([]byte, error) {
	return decode(body, contentType, fallback)
}

// decode makes a body UTF-8. The charset is, in this order: a byte order mark,
// the header's, the meta tag's (HTML only), the recipe's, UTF-8. What is not
// text stays as it is.
func decode(body []byte, contentType, fallback string) ([]byte, error) {
	typ := mediaType(contentType)
	if !textual(typ) || len(body) == 0 {
		return body, nil
	}
	name, rest := marked(body)
	if name == "" {
		name = declared(contentType)
	}
	if name == "" && (typ == "" || strings.Contains(typ, "html")) {
		name = metaCharset(body)
	}
	if name == "" {
		name = canonical(fallback)
	}
	if name == "" || name == "utf-8" {
		return valid(rest, name != "")
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil, err
	}
	text, _, err := transform.Bytes(enc.NewDecoder(), rest)
	return text, err
}

// metaCharset finds <meta charset> or <meta http-equiv> in the beginning of a
// page. The package charset of x/net would do, if it told a meta tag from its own
// guess.
func metaCharset(body []byte) string {
	const head = 4096
	tokens := html.NewTokenizer(bytes.NewReader(body[:min(len(body), head)]))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			if tag.Data == "body" {
				return ""
			}
			if name := metaTag(tag); name != "" {
				return name
			}
		}
	}
}

func metaTag(tag html.Token) string {
	if tag.Data != "meta" {
		return ""
	}
	attrs := map[string]string{}
	for _, a := range tag.Attr {
		attrs[a.Key] = a.Val
	}
	name := canonical(attrs["charset"])
	if name == "" && strings.EqualFold(attrs["http-equiv"], "content-type") {
		name = declared(attrs["content"])
	}
	if strings.HasPrefix(name, "utf-16") { // nobody could have read the tag
		return "utf-8"
	}
	return name
}

func textual(typ string) bool {
	if typ == "" || strings.HasPrefix(typ, "text/") {
		return true
	}
	for _, part := range []string{"json", "xml", "javascript", "html", "x-www-form-urlencoded", "graphql"} {
		if strings.Contains(typ, part) {
			return true
		}
	}
	return false
}

// marked finds a byte order mark and takes it off.
func marked(body []byte) (name string, rest []byte) {
	for _, mark := range []struct{ bytes, name string }{{"\xef\xbb\xbf", "utf-8"}, {"\xfe\xff", "utf-16be"}, {"\xff\xfe", "utf-16le"}} {
		if rest, ok := bytes.CutPrefix(body, []byte(mark.bytes)); ok {
			return mark.name, rest
		}
	}
	return "", body
}

func declared(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return canonical(params["charset"])
}

// canonical gives the name of the WHATWG encoding standard, or "" for a charset
// that it does not know. GBK is read as GB18030: pages say "gb2312" or "gbk" and
// then use letters that only the larger set has.
func canonical(label string) string {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return ""
	}
	name, err := htmlindex.Name(enc)
	switch {
	case err != nil, name == "replacement":
		return ""
	case name == "gbk":
		return "gb18030"
	}
	return name
}

// valid gives UTF-8. Shops cut long names in the middle of a letter, so some bad
// bytes are replaced; a page that says no charset and holds mostly bad ones is
// in another charset.
func valid(body []byte, said bool) ([]byte, error) {
	if utf8.Valid(body) {
		return body, nil
	}
	if !said {
		good, bad := 0, 0
		for rest := body; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			switch {
			case r == utf8.RuneError && size == 1:
				bad++
			case r >= utf8.RuneSelf:
				good++
			}
			rest = rest[size:]
		}
		if bad > good {
			return nil, errCharset
		}
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), nil
}
