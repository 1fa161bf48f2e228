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

// nearest finds the known word that a typed one was meant to be, "" if none is near.
func nearest(typed string, known []string) string {
	best, word := 3, ""
	for _, k := range known {
		limit := min(best, len(k)/2+1)
		if d := distance(fold(typed), k); d < limit {
			best, word = d, k
		}
	}
	return word
}

// distance counts the edits between two words (Levenshtein), giving up early on long ones.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 100
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
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
