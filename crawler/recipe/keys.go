package recipe

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// object is what a mapping may hold. One table serves both the parser and the
// JSON Schema, so that an editor and the program can never disagree.
type object struct {
	keys   []key
	groups []group
}

// key is one key of a mapping.
type key struct {
	name, about string
	need        bool
	with        []string // it has no use without one of these beside it: "post", "engine: browser"
	kind
}

// kind is what stands behind a key: how it is read, and what the schema says.
type kind struct {
	schema shaper
	read   func(d *decoder, n *yaml.Node, path string)
}

// group is keys that exclude each other; one must be there if need is set.
type group struct {
	need  bool
	names []string
}

func need(name, about string, k kind) key { return key{name: name, about: about, need: true, kind: k} }
func may(name, about string, k kind) key  { return key{name: name, about: about, kind: k} }

// beside says which keys give this one its use.
func (k key) beside(names ...string) key {
	k.with = names
	return k
}

// object reads a mapping whose keys are all known.
func (d *decoder) object(n *yaml.Node, path string, o object) bool {
	if !d.is(n, path, yaml.MappingNode, "keys with values") {
		return false
	}
	seen := map[string]entry{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		k := o.find(name.Value)
		_, twice := seen[name.Value]
		switch {
		case k == nil:
			d.unknown(name, path, o.keys)
		case twice:
			d.fail(name, join(path, name.Value), "stands here twice; keep one")
		default:
			seen[name.Value] = entry{name, value}
			d.put(join(path, name.Value), value)
			k.read(d, value, join(path, name.Value))
		}
	}
	for _, k := range o.keys {
		at, there := seen[k.name]
		if k.need && !there {
			d.fail(n, join(path, k.name), "is missing; %s%s", needed(path), tells(k.about))
		}
		if there && len(k.with) > 0 && !slices.ContainsFunc(k.with, func(w string) bool { return has(seen, w) }) {
			d.fail(at.name, join(path, k.name), "has no use without %s; add it, or drop %s", list(k.with, "or"), k.name)
		}
	}
	d.groups(n, path, o, seen)
	return true
}

// entry is a key and its value, as they stand in the file.
type entry struct{ name, value *yaml.Node }

// has looks for a key, or for a key with a value: "engine: browser".
func has(seen map[string]entry, with string) bool {
	name, value, both := strings.Cut(with, ": ")
	e, there := seen[name]
	return there && (!both || strings.EqualFold(e.value.Value, value))
}

func needed(path string) string {
	if path == "" {
		return "every recipe says it"
	}
	return path + " needs it"
}

// tells is what a key is about, behind what says that it is missing.
func tells(about string) string {
	if about == "" {
		return ""
	}
	return ": " + about
}

// groups holds a mapping against what excludes each other there.
func (d *decoder) groups(n *yaml.Node, path string, o object, seen map[string]entry) {
	for _, g := range o.groups {
		var got []string
		for _, name := range g.names {
			if _, there := seen[name]; there {
				got = append(got, name)
			}
		}
		switch {
		case len(got) > 1:
			d.fail(seen[got[1]].name, path, "%s exclude each other; keep one", list(got, "and"))
		case len(got) == 0 && g.need && !d.failedAt(path):
			d.fail(n, path, "needs %s", oneOf(g.names))
		}
	}
}

func oneOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + list(names, "and")
}

// list writes names as a person does: "a, b and c".
func list(names []string, and string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s %s %s", strings.Join(names[:last], ", "), and, names[last])
}

func (o object) find(name string) *key {
	for i := range o.keys {
		if o.keys[i].name == name {
			return &o.keys[i]
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
