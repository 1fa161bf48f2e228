package recipe

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a recipe: where it stands and how to mend it.
type Problem struct {
	File      string
	Line, Col int    // from 1; 0 if the whole file is meant
	Path      string // "list.fields.total"
	Message   string // what is wrong, and the mend
}

// String prints "shop.yaml:14:9: list.fields.total: message".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	return b.String()
}

// Problems are all the mistakes of a recipe, in the order of its lines.
type Problems []Problem

// Error prints one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
