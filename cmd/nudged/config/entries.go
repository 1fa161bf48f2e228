package config

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"
)

// entry is a value under a name of the seller's own.
type entry struct {
	value
	name string
	key  value
}

// entries reads a mapping whose keys are not ours, at most so many.
func (v value) entries(example string, most int) []entry {
	if !v.there() {
		return nil
	}
	if v.node.Kind != yaml.MappingNode {
		v.problem("%s; write names and values: %s", v.found(), example)
		return nil
	}
	var out []entry
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		name := v.node.Content[i].Value
		key := value{node: v.node.Content[i], path: v.path, file: v.file}
		switch {
		case len(out) == most:
			key.problem("this entry is one too many; write at most %d", most)
			return out
		case slices.ContainsFunc(out, func(e entry) bool { return e.name == name }):
			key.problem("the key %s is written twice; keep one", quote(name))
		default:
			out = append(out, entry{value{node: resolve(v.node.Content[i+1]), path: join(v.path, name), file: v.file}, name, key})
		}
	}
	return out
}
