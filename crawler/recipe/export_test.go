package recipe

import (
	"maps"
	"slices"
)

// MakeSchema lets the tests hold the schema's file against the tables.
var MakeSchema = makeSchema

// Keys are the names of all keys of the language.
func Keys() []string {
	names := map[string]bool{}
	gather(recipeKeys(&Recipe{}).shape(), names)
	gather(definitions(), names)
	return slices.Sorted(maps.Keys(names))
}

func gather(v any, names map[string]bool) {
	switch v := v.(type) {
	case shape:
		if properties, ok := v["properties"].(shape); ok {
			for name := range properties {
				names[name] = true
			}
		}
		for _, each := range v {
			gather(each, names)
		}
	case []shape:
		for _, each := range v {
			gather(each, names)
		}
	}
}
