package recipe_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"nudged/crawler/recipe"
)

// blocks are the indented texts of the guide in doc.go.
func blocks(t *testing.T) []string {
	t.Helper()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	open := false
	for line := range strings.Lines(string(src)) {
		code, is := strings.CutPrefix(line, "//\t")
		switch {
		case is && !open:
			out, open = append(out, code), true
		case is:
			out[len(out)-1] += code
		case strings.TrimSpace(line) == "//" && open:
			out[len(out)-1] += "\n" // a blank line in a block, or after it
		default:
			open = false
		}
	}
	return out
}

func TestRecipesOfTheGuideLoad(t *testing.T) {
	s := compiled(t)
	loaded := 0
	for _, block := range blocks(t) {
		if !strings.HasPrefix(block, "schema: 1") {
			continue
		}
		loaded++
		if _, err := recipe.Parse("guide.yaml", []byte(block)); err != nil {
			t.Errorf("%v\nin\n%s", err, block)
		}
		if err := s.Validate(asJSON(t, []byte(block))); err != nil {
			t.Errorf("%v\nin\n%s", err, block)
		}
	}
	if loaded != 3 {
		t.Errorf("%d recipes in the guide, want 3", loaded)
	}
}

// The guide has to name every key: a seller has nothing else to go by.
func TestGuideNamesEveryKey(t *testing.T) {
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range recipe.Keys() {
		if !regexp.MustCompile(`\b` + key + `\b`).Match(src) {
			t.Errorf("the guide says nothing of the key %s", key)
		}
	}
}
