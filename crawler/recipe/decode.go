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
	depth    int                   // of values in values
	places   map[string]*yaml.Node // what stands at a path
}

func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{
		File: d.file, Line: n.Line, Col: n.Column, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// put remembers what stands at a path, for what only shows later.
func (d *decoder) put(path string, n *yaml.Node) {
	if d.places == nil {
		d.places = map[string]*yaml.Node{}
	}
	d.places[path] = n
}

// say reports a problem at a path, or at what is nearest above it.
func (d *decoder) say(path, format string, args ...any) {
	for at := path; ; {
		if n := d.places[at]; n != nil {
			d.fail(n, path, format, args...)
			return
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			d.problems = append(d.problems, Problem{File: d.file, Line: 1, Col: 1, Path: path, Message: fmt.Sprintf(format, args...)})
			return
		}
		at = at[:cut]
	}
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
		d.put(at, n.Content[i+1])
		read(name.Value, name, n.Content[i+1], at)
	}
}

// each reads a sequence.
func (d *decoder) each(n *yaml.Node, path string, read func(n *yaml.Node, path string)) {
	if !d.is(n, path, yaml.SequenceNode, "a list, with a dash before each or in […]") {
		return
	}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.put(at, item)
		read(item, at)
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
			return "{…}; put a text that begins with {, or holds a colon, in quotes"
		}
		return "keys with values"
	case yaml.SequenceNode:
		if n.Style&yaml.FlowStyle != 0 {
			return "[…]; put a text that begins with [ in quotes"
		}
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
		d.fail(n, path, `has no value; one that begins with # needs quotes, and "" is the empty text`)
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
	want := fmt.Sprintf("a whole number from %d to %d", lowest, highest)
	if lowest == highest {
		want = strconv.Itoa(lowest)
	}
	d.fail(n, path, "must be %s, not %s", want, describe(n))
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
