package recipe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// jsonTemplate turns YAML into a template of JSON text. Texts are templates; one
// that is a counter alone ("{offset}"), or a name tagged as a number (!!int "{id}"),
// becomes a number.
func (d *decoder) jsonTemplate(n *yaml.Node, path string) *Template {
	t := &Template{source: "json", line: n.Line, col: n.Column}
	d.writeJSON(t, n, path, 0)
	t.merge()
	return t
}

// counters are the names whose values are numbers, whatever happens.
func counters() []string { return []string{"page", "offset", "size"} }

func (d *decoder) writeJSON(t *Template, n *yaml.Node, path string, depth int) {
	const deepest = 20
	if depth > deepest {
		d.fail(n, path, "is nested more than %d deep", deepest)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		t.addLiteral("{")
		first := true
		d.pairs(n, path, func(name string, _, value *yaml.Node, p string) {
			if !first {
				t.addLiteral(",")
			}
			first = false
			t.addLiteral(quote(name) + ":")
			d.writeJSON(t, value, p, depth+1)
		})
		t.addLiteral("}")
	case yaml.SequenceNode:
		t.addLiteral("[")
		for i, item := range n.Content {
			if i > 0 {
				t.addLiteral(",")
			}
			d.writeJSON(t, item, fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
		t.addLiteral("]")
	case yaml.ScalarNode:
		d.writeScalar(t, n, path)
	default:
		d.is(n, path, yaml.ScalarNode, "a value")
	}
}

func (d *decoder) writeScalar(t *Template, n *yaml.Node, path string) {
	switch {
	case n.Tag == "!!null" && n.Value == "":
		d.fail(n, path, `has no value; a template such as "{user}" needs quotes, and an empty value is null or ""`)
		return
	case n.Tag == "!!null":
		t.addLiteral("null")
		return
	case n.Tag != "!!str" && json.Valid([]byte(strings.ToLower(n.Value))):
		t.addLiteral(strings.ToLower(n.Value)) // a number or a boolean
		return
	}
	inner, err := ParseTemplate(n.Value)
	if err != nil {
		d.fail(n, path, "%v", err)
		return
	}
	one := len(inner.parts) == 1 && inner.parts[0].name != ""
	switch asked := n.Tag == "!!int"; {
	case asked && !one:
		d.fail(n, path, `!!int is for a number, or a name alone: !!int "{id}"`)
		return
	case asked, one && slices.Contains(counters(), inner.parts[0].name):
		t.parts = append(t.parts, part{name: inner.parts[0].name, number: true})
		return
	}
	t.addLiteral(`"`)
	for _, p := range inner.parts {
		if p.name == "" {
			t.addLiteral(EscapeJSON(p.literal))
		} else {
			t.parts = append(t.parts, p)
		}
	}
	t.addLiteral(`"`)
}

// merge joins neighbouring literals.
func (t *Template) merge() {
	var out []part
	for _, p := range t.parts {
		if last := len(out) - 1; p.name == "" && last >= 0 && out[last].name == "" {
			out[last].literal += p.literal
			continue
		}
		out = append(out, p)
	}
	t.parts = out
}

func quote(s string) string { return `"` + EscapeJSON(s) + `"` }
