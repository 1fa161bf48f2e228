package recipe

import (
	"regexp"

	"github.com/andybalholm/cascadia"
	"github.com/ohler55/ojg/jp"
)

// Selector is a CSS selector, compiled when the recipe is loaded: goquery finds
// nothing, silently, on a bad one.
type Selector struct {
	Source string
	Group  cascadia.SelectorGroup
}

// Path is a JSONPath, compiled when the recipe is loaded.
type Path struct {
	Source string
	Expr   jp.Expr
}

// Regexp is a regular expression in Go's syntax (RE2).
type Regexp struct{ *regexp.Regexp }
