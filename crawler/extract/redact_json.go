package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

// What a key says of its value. A bare "name" is a person's only in one of
// people: products and payment methods have names too.
var (
	contactKeys = regexp.MustCompile(`(?i)mail|phone|mobile|telephone|whatsapp|(^|[_.\-])tel($|[_.\-])|手机|电话`)
	mailKeys    = regexp.MustCompile(`(?i)mail`)
	nameKeys    = regexp.MustCompile(`(?i)(first|last|full|real|nick|user|buyer|customer|consignee|receiver|recipient|contact|member)[_\-]?name|^nick|surname|consignee|^(buyer|customer|recipient|receiver)$|收货人|姓名`)
	personal    = regexp.MustCompile(`(?i)^((given|family)[_\-]?)?name$|^(first|last)$`)
	peopleKeys  = regexp.MustCompile(`(?i)buyer|customer|user|billing|shipping|address|receiver|recipient|consignee|member|contact`)
	placeKeys   = regexp.MustCompile(`(?i)^(street.*|addr|address([_\-]?(\d|line.*|detail|info))?|(detail|full)_?address|idcard_.+)$`)
)

// named makes up a value whose key says that it is about a person or lets its
// bearer in; false for all others.
func (r redactor) named(key, parent, s string) (string, bool) {
	switch {
	case strings.TrimSpace(s) == "":
		return s, true
	case secretName(key):
		return madeUpToken(s), true
	case mailKeys.MatchString(key) && strings.Contains(s, "@"):
		return madeUpMail(s), true
	case contactKeys.MatchString(key) && countDigits(s) >= 5 && !masked(s) && !datePattern.MatchString(s):
		return madeUpDigits(s), true
	case masked(s):
		return s, false
	case nameKeys.MatchString(key), personal.MatchString(key) && peopleKeys.MatchString(parent):
		return madeUpName(s), true
	case placeKeys.MatchString(key) && !inJSON(s):
		return "1 Masked Street", true
	}
	return s, false
}

// value is a text in JSON or a script: named, or JSON or HTML itself, or a text.
func (r redactor) value(key, parent, s string) string {
	if v, ok := r.named(key, parent, s); ok {
		return v
	}
	if inJSON(s) {
		if out, ok := r.json([]byte(s), key); ok {
			return string(out)
		}
	}
	if strings.Contains(s, "</") || strings.Contains(s, "/>") {
		return r.html(s)
	}
	return r.address(s)
}

// json rewrites the texts in a JSON document, and the numbers that are contacts.
// All else keeps every byte. False if it is no JSON.
func (r redactor) json(body []byte, parent string) ([]byte, bool) {
	w := jsonRedactor{redactor: r, body: body, levels: []level{{key: parent}}}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false
		}
		w.take(token, int(dec.InputOffset()))
	}
	if w.at == 0 || len(w.levels) != 1 {
		return nil, false
	}
	w.out.Write(body[w.copied:])
	return w.out.Bytes(), true
}

// level is an object or array that is being read.
type level struct {
	object bool
	inPair bool   // the key is read, its value is not
	key    string // in an array: the key that the array has
}

type jsonRedactor struct {
	redactor
	body   []byte
	out    bytes.Buffer
	levels []level
	at     int // where the last token ended
	copied int
}

func (w *jsonRedactor) take(token json.Token, end int) {
	start := w.at + len(w.body[w.at:end]) - len(bytes.TrimLeft(w.body[w.at:end], " \t\r\n,:"))
	w.at = end
	top := &w.levels[len(w.levels)-1]
	switch t := token.(type) {
	case json.Delim:
		if t == '}' || t == ']' {
			w.levels = w.levels[:len(w.levels)-1]
			return
		}
		top.inPair = false
		w.levels = append(w.levels, level{object: t == '{', key: top.key})
		return
	case string:
		if top.object && !top.inPair {
			top.key, top.inPair = t, true
			if key := mailPattern.ReplaceAllStringFunc(t, madeUpMail); key != t {
				w.replace(start, end, quoted(key))
			}
			return
		}
		if v := w.value(top.key, w.parent(), t); v != t {
			w.replace(start, end, quoted(v))
		}
	case json.Number:
		if s := t.String(); contactKeys.MatchString(top.key) && countDigits(s) >= 7 {
			w.replace(start, end, madeUpDigits(s))
		}
	}
	top.inPair = false
}

// parent is the key under which the object stands that is being read.
func (w *jsonRedactor) parent() string {
	if len(w.levels) < 2 {
		return w.levels[0].key
	}
	return w.levels[len(w.levels)-2].key
}

func (w *jsonRedactor) replace(start, end int, with string) {
	w.out.Write(w.body[w.copied:start])
	w.out.WriteString(with)
	w.copied = end
}

func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	// It may stand in a script, which this would end.
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "</", `<\/`)
}
