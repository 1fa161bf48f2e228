package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// value is a node with the path that leads to it, and where to report.
type value struct {
	node *yaml.Node
	path string
	file *file
}

// file collects the problems of one file.
type file struct {
	name     string
	lines    []string // as they stand in the file, to find a place within a value
	problems Problems
	warnings Problems
}

// line gives the text of a line, counted from 1.
func (f *file) line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	return f.lines[n-1]
}

func (v value) problem(format string, args ...any) {
	v.file.problems = append(v.file.problems, v.at(format, args...))
}

func (v value) warn(format string, args ...any) {
	v.file.warnings = append(v.file.warnings, v.at(format, args...))
}

func (v value) at(format string, args ...any) Problem {
	p := Problem{File: v.file.name, Path: v.path, Message: fmt.Sprintf(format, args...)}
	if v.node != nil {
		p.Line, p.Col = v.node.Line, v.node.Column
	}
	return p
}

// there reports whether the key was written at all. A key without a value
// ("shops:") counts as not written.
func (v value) there() bool {
	return v.node != nil && (v.node.Kind != yaml.ScalarNode || v.node.Tag != "!!null")
}

// resolve follows an alias, once: an alias of an alias does not exist in YAML.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// mapping is a value with named keys.
type mapping struct {
	value
	keys map[string]value
}

// mapping reads a value as a section with its known keys.
func (v value) mapping(section string) (mapping, bool) {
	known := Keys()[section]
	m := mapping{value: v, keys: map[string]value{}}
	if v.node.Kind != yaml.MappingNode {
		v.problem("%s; write keys and values here: %s", v.found(), strings.Join(known, ", "))
		return m, false
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		child := value{node: resolve(v.node.Content[i+1]), path: join(v.path, key.Value), file: v.file}
		at := value{node: key, path: v.path, file: v.file}
		switch _, twice := m.keys[key.Value]; {
		case !slices.Contains(known, key.Value):
			at.unknownKey(known)
		case twice:
			at.problem("the key %q is written twice; keep one", key.Value)
		default:
			m.keys[key.Value] = child
		}
	}
	return m, true
}

func (v value) unknownKey(known []string) {
	if near := Nearest(v.node.Value, known); near != "" {
		v.problem("there is no key %s; did you mean %q?", quote(v.node.Value), near)
		return
	}
	v.problem("there is no key %s; known here: %s", quote(v.node.Value), strings.Join(known, ", "))
}

// get gives the value of a key; where it is missing, a value that points at
// the mapping and carries the key's path.
func (m mapping) get(key string) value {
	if v, ok := m.keys[key]; ok {
		return v
	}
	return value{path: join(m.path, key), file: m.file}
}

// need is get for a key that must be there.
func (m mapping) need(key, example string) (value, bool) {
	v := m.get(key)
	if v.there() {
		return v, true
	}
	at := m.value
	if v.node != nil {
		at = v
	}
	at.path = m.path
	at.problem("%q is missing; write %s", key, example)
	return v, false
}

// list reads a sequence.
func (v value) list(example string) []value {
	if !v.there() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.problem("%s; write a list: %s", v.found(), example)
		return nil
	}
	out := make([]value, 0, len(v.node.Content))
	for i, n := range v.node.Content {
		out = append(out, value{node: resolve(n), path: v.path + "[" + strconv.Itoa(i) + "]", file: v.file})
	}
	return out
}

// listOf is list with a bound: what lies behind it is not read.
func (v value) listOf(example string, most int) []value {
	list := v.list(example)
	if len(list) > most {
		list[most].problem("this entry is one too many; write at most %d", most)
		list = list[:most]
	}
	return list
}

// empty reports a list that is there and holds nothing.
func (v value) empty() bool {
	return v.there() && v.node.Kind == yaml.SequenceNode && len(v.node.Content) == 0
}

// text reads one scalar as the seller typed it: 0123 stays "0123".
func (v value) text() (string, bool) {
	if !v.there() {
		return "", false
	}
	if v.node.Kind != yaml.ScalarNode {
		v.problem("%s; write one text", v.found())
		return "", false
	}
	return strings.TrimSpace(v.node.Value), true
}

// short is text that ends up in tables, mails and file names.
func (v value) short(limit int) (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		v.problem("a line break or control character; write it on one line")
		return "", false
	}
	if n := len([]rune(s)); n > limit {
		v.problem("%d characters are too many; write at most %d", n, limit)
		return "", false
	}
	return s, true
}

func (v value) number(low, high int) (int, bool) {
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		v.problem("%s is not a whole number from %d to %d", quote(s), low, high)
		return 0, false
	}
	return n, true
}

func (v value) flag() (bool, bool) {
	s, ok := v.text()
	if !ok {
		return false, false
	}
	if s != "true" && s != "false" {
		v.problem("%s is neither true nor false", quote(s))
		return false, false
	}
	return s == "true", true
}

// oneOf reads one of a few words.
func (v value) oneOf(words ...string) (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	if !slices.Contains(words, s) {
		if near := Nearest(s, words); near != "" {
			v.problem("%s is not known; did you mean %q?", quote(s), near)
		} else {
			v.problem("%s is not known; write %s", quote(s), strings.Join(words, " or "))
		}
		return "", false
	}
	return s, true
}

func (v value) isMapping() bool { return v.there() && v.node.Kind == yaml.MappingNode }

// own is the value of a key of a section that is read later.
func (v value) own(key string) value {
	if c := v.child(key); v.isMapping() && c.node != v.node {
		return c
	}
	return value{path: join(v.path, key), file: v.file}
}

// listed names things in a message, the first of many.
func listed(words []string) string {
	const most = 12
	more := ""
	if len(words) > most {
		words, more = words[:most], ", …"
	}
	return strings.Join(words, ", ") + more
}

// found says what stands there, without saying its value.
func (v value) found() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "found keys and values"
	case yaml.SequenceNode:
		return "found a list"
	}
	return "found a single text"
}

func join(path, key string) string {
	if r := []rune(key); len(r) > 40 {
		key = string(r[:40]) + "…"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
