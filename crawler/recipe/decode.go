package recipe

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// decoder walks a YAML document and collects every problem on its way. It works
// on nodes, not on structs: only nodes know their line and column, and a struct
// decoder stops where the first key is wrong.
type decoder struct {
	file     string
	problems Problems
}

func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{
		File: d.file, Line: n.Line, Col: n.Column, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// key is one key that a mapping may have.
type key struct {
	name string
	need bool
	read func(n *yaml.Node, path string)
}

// mapping reads a mapping whose keys are all known.
func (d *decoder) mapping(n *yaml.Node, path string, keys ...key) bool {
	if !d.is(n, path, yaml.MappingNode, "keys with values") {
		return false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		k := find(keys, name.Value)
		switch {
		case k == nil:
			d.unknown(name, path, keys)
		case seen[name.Value]:
			d.fail(name, join(path, name.Value), "stands here twice; keep one")
		default:
			seen[name.Value] = true
			k.read(value, join(path, name.Value))
		}
	}
	for _, k := range keys {
		if k.need && !seen[k.name] {
			d.fail(n, join(path, k.name), "is missing; every recipe says it")
		}
	}
	return true
}

func find(keys []key, name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func (d *decoder) unknown(name *yaml.Node, path string, keys []key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	d.fail(name, join(path, short(name.Value)), "is not a key here; %s", suggest(name.Value, names))
}

// pairs walks a mapping whose keys are free names, in their order.
func (d *decoder) pairs(n *yaml.Node, path string, read func(name string, at, value *yaml.Node, path string)) {
	if !d.is(n, path, yaml.MappingNode, "names with values") {
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		at := join(path, short(name.Value))
		if name.Kind != yaml.ScalarNode || name.Value == "" {
			d.fail(name, path, "a name must be a text")
			continue
		}
		if seen[name.Value] {
			d.fail(name, at, "stands here twice; keep one")
			continue
		}
		seen[name.Value] = true
		read(name.Value, name, n.Content[i+1], at)
	}
}

// each reads a sequence.
func (d *decoder) each(n *yaml.Node, path string, read func(n *yaml.Node, path string)) {
	if !d.is(n, path, yaml.SequenceNode, "a list") {
		return
	}
	for i, item := range n.Content {
		read(item, fmt.Sprintf("%s[%d]", path, i))
	}
}

// oneOrEach reads a single value or a list of them.
func (d *decoder) oneOrEach(n *yaml.Node, path string, read func(n *yaml.Node, path string)) {
	if n.Kind == yaml.SequenceNode {
		d.each(n, path, read)
		return
	}
	read(n, path)
}

func (d *decoder) is(n *yaml.Node, path string, kind yaml.Kind, want string) bool {
	if n.Kind == kind {
		return true
	}
	if n.Kind == yaml.AliasNode {
		d.fail(n, path, "*%s refers to another place; write the value out", short(n.Value))
		return false
	}
	d.fail(n, path, "must be %s, not %s", want, describe(n))
	return false
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		if n.Style&yaml.FlowStyle != 0 {
			return "{…}; put a text that begins with { in quotes"
		}
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "nothing"
		}
		return strconv.Quote(short(n.Value))
	}
	return "this"
}

// text reads a scalar as it was written: 0123 stays 0123.
func (d *decoder) text(n *yaml.Node, path string) (string, bool) {
	if !d.is(n, path, yaml.ScalarNode, "a text") {
		return "", false
	}
	if n.Tag == "!!null" {
		d.fail(n, path, `has no value; write one, or "" if the empty text is meant`)
		return "", false
	}
	return n.Value, true
}

// word reads a text that must not be empty.
func (d *decoder) word(n *yaml.Node, path string) (string, bool) {
	s, ok := d.text(n, path)
	if ok && strings.TrimSpace(s) == "" {
		d.fail(n, path, "is empty")
		return "", false
	}
	return s, ok
}

func (d *decoder) oneOf(n *yaml.Node, path string, words ...string) (string, bool) {
	s, ok := d.text(n, path)
	if !ok {
		return "", false
	}
	for _, w := range words {
		if s == w {
			return s, true
		}
	}
	d.fail(n, path, "%q is not known; %s", short(s), suggest(s, words))
	return "", false
}

func (d *decoder) flag(n *yaml.Node, path string) bool {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		return strings.EqualFold(n.Value, "true")
	}
	d.fail(n, path, "must be true or false, not %s", describe(n))
	return false
}

func (d *decoder) number(n *yaml.Node, path string, lowest, highest int) int {
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		v, err := strconv.Atoi(n.Value)
		if err == nil && v >= lowest && v <= highest {
			return v
		}
	}
	d.fail(n, path, "must be a whole number from %d to %d, not %s", lowest, highest, describe(n))
	return lowest
}

func (d *decoder) duration(n *yaml.Node, path string, highest time.Duration) time.Duration {
	s, ok := d.text(n, path)
	if !ok {
		return 0
	}
	v, err := time.ParseDuration(s)
	switch {
	case err != nil:
		d.fail(n, path, "%q is not a duration; write one with its unit: 500ms, 20s, 2m", short(s))
	case v <= 0 || v > highest:
		d.fail(n, path, "%s must be above zero and at most %s", s, highest)
	default:
		return v
	}
	return 0
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// short keeps a foreign text from flooding a message.
func short(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
