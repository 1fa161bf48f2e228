package recipe

import "strings"

// suggest names the known word that was probably meant, or all of them.
func suggest(got string, known []string) string {
	best, bound := "", len(got)/3+2
	for _, word := range known {
		if n := distance(strings.ToLower(got), word, bound); n < bound {
			best, bound = word, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(known, ", ")
}

// distance counts the letters to change, add or drop to get from a to b
// (Levenshtein); bound if there are so many or more.
func distance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return min(row[len(b)], bound)
}
