package config

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing in the file that must be mended.
type Problem struct {
	File      string
	Line, Col int    // 1-based; 0 when the file as a whole is meant
	Path      string // "shops[1].visit"; "" for the file as a whole
	Message   string // what is wrong and what to write instead
	Secret    bool   // a secret could not be read: commands that need none go on
	Blank     bool   // of a campaign: what only the seller can fill in is not filled in yet
	Over      bool   // of a campaign: its time is over
}

// String prints "config.yaml:14:9: shops[1].visit: message".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is everything that is wrong with a file, in the order of its lines.
type Problems []Problem

// Error prints one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return ps
}

// quote shows a value in a message: short, on one line.
func quote(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
