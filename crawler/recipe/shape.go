package recipe

import (
	"strings"
	"time"
)

// shape is a piece of a JSON Schema.
type shape map[string]any

// shaper makes one when it is asked: reading a recipe asks for none.
type shaper func() shape

// fixed is a shape that is made of nothing else.
func fixed(s shape) shaper { return func() shape { return s } }

func ref(name string) shaper {
	return func() shape { return shape{"$ref": "#/$defs/" + name} }
}

// scalar is a text as YAML writes it: 12 and true are texts too.
func scalar() shape { return shape{"type": []string{"string", "number", "boolean"}} }

func filled() shape {
	return shape{"type": []string{"string", "number", "boolean"}, "pattern": `\S`}
}

func flag() shape { return shape{"type": "boolean"} }

func anything() shape { return shape{} }

func choice(words ...string) shaper {
	return func() shape { return shape{"enum": words} }
}

func listOf(item shaper) shaper {
	return func() shape { return shape{"type": "array", "items": item()} }
}

func nonEmpty(item shaper) shaper {
	return func() shape { return shape{"type": "array", "items": item(), "minItems": 1} }
}

func either(shapes ...shaper) shaper {
	return func() shape {
		all := make([]shape, len(shapes))
		for i, s := range shapes {
			all[i] = s()
		}
		return shape{"anyOf": all}
	}
}

func pairOf(first, second shaper) shaper {
	return func() shape {
		return shape{"type": "array", "prefixItems": []shape{first(), second()}, "minItems": 2, "maxItems": 2}
	}
}

func wholeNumber(lowest, highest int) shaper {
	return func() shape { return shape{"type": "integer", "minimum": lowest, "maximum": highest} }
}

func duration() shape {
	return shape{"type": "string", "pattern": `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`, "examples": []string{(20 * time.Second).String()}}
}

func separator() shape { return shape{"type": []string{"string", "number"}, "minLength": 1} }

func nthShape() shape {
	return shape{"type": "integer", "minimum": -maxNth, "maximum": maxNth, "not": shape{"const": 0}}
}

// mapOf is a mapping whose keys are names of the recipe's own.
func mapOf(value shaper) shaper {
	return func() shape {
		return shape{"type": "object", "propertyNames": shape{"pattern": `^[a-z_][a-z0-9_]*$`}, "additionalProperties": value()}
	}
}

// shape writes a table of keys as a schema.
func (o object) shape() shape {
	properties, uses := shape{}, shape{}
	var required []string
	for _, k := range o.keys {
		properties[k.name] = k.described()
		if k.need {
			required = append(required, k.name)
		}
		if len(k.with) > 0 {
			uses[k.name] = shape{"anyOf": requiring(k.with)}
		}
	}
	s := shape{"type": "object", "additionalProperties": false, "properties": properties}
	if required != nil {
		s["required"] = required
	}
	if len(uses) > 0 {
		s["dependentSchemas"] = uses
	}
	var all []shape
	for _, g := range o.groups {
		one := requiring(g.names)
		if !g.need {
			one = append(one, shape{"not": shape{"anyOf": requiring(g.names)}})
		}
		all = append(all, shape{"oneOf": one})
	}
	if all != nil {
		s["allOf"] = all
	}
	return s
}

// described is a shape with the words that an editor shows beside the key.
func (k key) described() shape {
	s := shape{}
	for name, value := range k.schema() {
		s[name] = value
	}
	if k.about != "" {
		s["description"] = k.about
	}
	return s
}

// requiring is one shape for each key, or key with a value: "engine: browser".
func requiring(names []string) []shape {
	out := make([]shape, len(names))
	for i, name := range names {
		name, value, both := strings.Cut(name, ": ")
		out[i] = shape{"required": []string{name}}
		if both && value == "true" {
			out[i]["properties"] = shape{name: shape{"const": true}}
		} else if both {
			out[i]["properties"] = shape{name: shape{"const": value}}
		}
	}
	return out
}
