package extract

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

var (
	literal = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`)
	keyed   = regexp.MustCompile(`([\pL_$][\pL\pN_$\-]*)["']?\s*[:=]\s*$`)
)

// js rewrites a script: the JSON documents in it, its strings, and what in the
// rest looks like a contact or token. A script is not run from a saved page, but
// recipes read in it.
func (r redactor) js(s string) string {
	r.script = true
	if out, ok := r.json([]byte(s), ""); ok {
		return string(out)
	}
	var out strings.Builder
	const tries = 200
	for try, from := 0, 0; try < tries; try++ {
		i := from + strings.IndexAny(s[from:], "{[")
		if i < from {
			break
		}
		var doc json.RawMessage
		if err := json.NewDecoder(strings.NewReader(s[i:])).Decode(&doc); err != nil || len(doc) < 3 {
			if from = i + 1; from == len(s) {
				break
			}
			continue
		}
		key := ""
		if m := keyed.FindStringSubmatch(s[max(0, i-80):i]); m != nil {
			key = m[1]
		}
		clean, _ := r.json(bytes.TrimSpace(doc), key)
		out.WriteString(r.strings(s[:i]))
		out.Write(clean)
		s, from = s[i+len(doc):], 0
	}
	out.WriteString(r.strings(s))
	return out.String()
}

// strings rewrites the string literals of a script, and what is between them.
func (r redactor) strings(s string) string {
	var out strings.Builder
	last := 0
	for _, m := range literal.FindAllStringIndex(s, -1) {
		between := s[last:m[0]]
		out.WriteString(r.text(between))
		last = m[1]
		lit := s[m[0]:m[1]]
		if strings.HasPrefix(strings.TrimLeft(s[last:min(len(s), last+8)], " "), ":") {
			out.WriteString(mailPattern.ReplaceAllStringFunc(lit, madeUpMail)) // a key
			continue
		}
		key := ""
		if m := keyed.FindStringSubmatch(s[max(0, m[0]-80):m[0]]); m != nil {
			key = m[1]
		}
		out.WriteString(r.literal(key, lit))
	}
	out.WriteString(r.text(s[last:]))
	return out.String()
}

func (r redactor) literal(key, lit string) string {
	plain := unescape(lit[1 : len(lit)-1])
	changed := r.value(key, "", plain)
	if changed == plain {
		return lit
	}
	quote := lit[:1]
	escaped := strings.NewReplacer(`\`, `\\`, quote, `\`+quote, "\n", `\n`, "\r", `\r`, "</", `<\/`).Replace(changed)
	return quote + escaped + quote
}
