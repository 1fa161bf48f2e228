package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// syntax turns an error of the YAML parser into a problem. A parser's message
// may repeat what was typed, and that may be a password, so only its own words
// are kept. hint is what to do about an empty file.
func (l *loader) syntax(src []byte, err error, hint string) Problem {
	p := Problem{File: l.name, Message: "this is not YAML"}
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		if strings.Contains(err.Error(), "multiple") {
			p.Message = "the file holds several documents; remove the line ---"
		}
		return p
	}
	msg := one.Message
	// The parser notices a wrong indent late, and names the beginning of the whole section.
	if line, col, text := crooked(string(src)); line > 0 && (strings.Contains(msg, "expected") || strings.Contains(msg, "mapping values") || strings.Contains(msg, "tab")) {
		p.Line, p.Col, p.Message = line, col, text
		return p
	}
	p.Line, p.Col = one.Mark.Line, one.Mark.Column
	if strings.Contains(msg, "not find expected") && msg != noKey && one.ContextMark.Line > 0 {
		p.Line, p.Col = one.ContextMark.Line, one.ContextMark.Column // where it began
	}
	switch {
	case strings.Contains(msg, "unknown anchor"):
		p.Message = "a text that begins with * must stand in quotes"
	case strings.Contains(msg, "cannot start any token"):
		p.Message = "a text that begins with @, %, ` or a tab must stand in quotes, and indents are blanks, not tabs"
	case strings.Contains(msg, "no documents"):
		p.Line, p.Message = 0, "the file is empty; "+hint
	case strings.Contains(msg, "multiple"):
		p.Line, p.Message = 0, "the file holds several documents; remove the line ---"
	case strings.Contains(msg, "mapping values"):
		p.Message = "a colon too many, or wrong indent; put a text with \": \" in quotes"
	case strings.Contains(msg, "expected ':'"):
		p.Message = "there is no colon here; write key: value"
	case msg == noKey:
		p.Message = "this does not belong here; look for a quote too many, or a wrong indent"
	case plainWords.MatchString(msg):
		p.Message = "this is not YAML: " + msg
	}
	return p
}

const noKey = "did not find expected key"

var plainWords = regexp.MustCompile(`^[a-z0-9 ,'\]\[}{-]{1,80}$`)

// crooked finds the first line whose indent does not fit the lines above, in a
// file that is known not to be YAML; line 0 if there is none. It knows no more of
// YAML than a config needs, and repeats nothing of the file.
func crooked(src string) (line, col int, message string) {
	in := indents{opens: true}
	for i, text := range strings.Split(src, "\n") {
		content := strings.TrimLeft(text, " ")
		indent := len(text) - len(content)
		if strings.HasPrefix(content, "\t") && strings.TrimSpace(content) != "" {
			return i + 1, indent + 1, "this line is indented with a tab; write blanks"
		}
		content = strings.TrimSpace(comment.ReplaceAllString(content, ""))
		if content == "" {
			continue
		}
		if message := in.next(indent, content); message != "" {
			return i + 1, indent + 1, message
		}
	}
	return 0, 0, ""
}

// indents follows a file line by line.
type indents struct {
	levels []int // columns in which open sections begin, counted from 0
	opens  bool  // the line above may be followed by a deeper one
	depth  int   // of brackets that go on over several lines
}

// next takes a line and says what is wrong with its indent, "" if nothing is.
func (in *indents) next(indent int, content string) string {
	defer func() {
		in.depth += strings.Count(content, "[") + strings.Count(content, "{") - strings.Count(content, "]") - strings.Count(content, "}")
		in.depth = max(0, in.depth)
	}()
	if in.depth > 0 {
		return ""
	}
	if unpaired(content) {
		return "a bracket in this line is not closed, or closed by one of another kind"
	}
	top := -1
	if n := len(in.levels); n > 0 {
		top = in.levels[n-1]
	}
	switch {
	case indent > top && !in.opens:
		return fmt.Sprintf("this line is indented by %d blanks, the one above by %d; keys of one section begin in the same column", indent, top)
	case indent > top:
		in.levels = append(in.levels, indent)
	case !in.back(indent):
		return fmt.Sprintf("this line is indented by %d blanks, its neighbours above by %d; keys of one section begin in the same column", indent, top)
	}
	rest := content
	if item := dash.FindString(content); item != "" {
		if rest = content[len(item):]; keyed.MatchString(rest) {
			in.levels = append(in.levels, indent+len(item))
		}
	}
	in.opens = rest == "" || strings.HasSuffix(rest, ":") || strings.HasSuffix(rest, "|") || strings.HasSuffix(rest, ">")
	return ""
}

// unpaired reports a line of the config's own short form, {a: [b]}, whose
// brackets close in the wrong order.
func unpaired(content string) bool {
	var open []rune
	quoted := rune(0)
	for _, r := range content {
		switch {
		case quoted != 0:
			if r == quoted {
				quoted = 0
			}
		case r == '"', r == '\'':
			quoted = r
		case r == '[':
			open = append(open, ']')
		case r == '{':
			open = append(open, '}')
		case r == ']', r == '}':
			if len(open) == 0 || open[len(open)-1] != r {
				return true
			}
			open = open[:len(open)-1]
		}
	}
	return false
}

// back closes the sections deeper than an indent and reports whether one is left
// that begins there.
func (in *indents) back(indent int) bool {
	for n := len(in.levels); n > 0 && in.levels[n-1] > indent; n-- {
		in.levels = in.levels[:n-1]
	}
	n := len(in.levels)
	return n > 0 && in.levels[n-1] == indent
}

var (
	comment = regexp.MustCompile(`(^|\s)#.*$`)
	dash    = regexp.MustCompile(`^-(\s+|$)`)
	keyed   = regexp.MustCompile(`^[\w-]+:(\s|$)`)
)
