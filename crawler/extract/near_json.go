package extract

import (
	"regexp"
	"slices"
)

var pathKey = regexp.MustCompile(`\.\.?([\pL_$][\pL\pN_$-]*)|\[['"]([^'"]+)['"]`)

// nearKeys gives the values of a JSON document whose keys look most like the
// last ones of a path.
func nearKeys(root any, path string) []candidate {
	var keys []string
	for _, m := range pathKey.FindAllStringSubmatch(path, -1) {
		keys = append(keys, m[1]+m[2])
	}
	if len(keys) == 0 {
		return nil
	}
	n := nearJSON{last: wordsOf(keys[len(keys)-1]), left: maxSearched}
	for _, k := range keys[:len(keys)-1] {
		n.before = append(n.before, wordsOf(k)...)
	}
	n.walk(root, "$", nil, 0)
	return n.out
}

type nearJSON struct {
	last, before []string
	left         int
	out          []candidate
}

func (n *nearJSON) walk(v any, path string, parents []string, depth int) {
	if n.left--; n.left < 0 || depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			n.walk(v[0], path+"[0]", parents, depth+1)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if !plainName(k) {
				continue
			}
			words, at := wordsOf(k), path+"."+k
			if like := alike(n.last, words); like > 0 && v[k] != nil && v[k] != "" {
				n.out = append(n.out, candidate{4*like + alike(n.before, parents) - len(words), at + jsonSample(v[k], k)})
			}
			n.walk(v[k], at, slices.Concat(parents, words), depth+1)
		}
	}
}

func jsonSample(v any, key string) string {
	switch v := v.(type) {
	case map[string]any:
		return " {…}"
	case []any:
		return " […]"
	case string:
		if contactKeys.MatchString(key) || secretName(key) {
			return ` "***"`
		}
		return " " + sample(v)
	}
	t, number := scalar(v)
	if number && contactKeys.MatchString(key) {
		return ` "***"`
	}
	return " " + t
}
