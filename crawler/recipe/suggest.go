package recipe

import (
	"strings"

	"github.com/agext/levenshtein"
)

// suggest names the known word that was probably meant, or all of them.
func suggest(got string, known []string) string {
	best, bound := "", len(got)/3+2
	for _, word := range known {
		if n := levenshtein.Distance(strings.ToLower(got), word, nil); n < bound {
			best, bound = word, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(known, ", ")
}
