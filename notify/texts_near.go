package notify

import (
	"strings"

	"github.com/agext/levenshtein"
)

// closestName is the known name that a mistyped one most probably means, "" if
// none is near; case does not count.
func closestName(name string, known []string) string {
	best, bound := "", len(name)/3+2
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil); d < bound {
			best, bound = k, d
		}
	}
	return best
}
