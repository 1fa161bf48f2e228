package config

import "github.com/agext/levenshtein"

// Nearest is the known word that was probably meant by a typed one; "" if none is
// near.
func Nearest(typed string, known []string) string {
	best, word := 3, ""
	for _, k := range known {
		limit := min(best, len(k)/2+1)
		if d := levenshtein.Distance(fold(typed), k, nil); d < limit {
			best, word = d, k
		}
	}
	return word
}
