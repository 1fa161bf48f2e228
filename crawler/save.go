package crawler

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// maxSaved files are kept of a shop; the oldest go.
const maxSaved = 20

// savePage writes a page, without contacts and tokens, for whoever mends the
// recipe. What cannot be saved is only logged: the visit's error matters more.
func (t *trip) savePage(what string, p recipe.Page) string {
	if len(p.Body) == 0 || t.s.o.SaveDir == "" {
		return ""
	}
	ending := ".html"
	if strings.Contains(p.Type, "json") {
		ending = ".json"
	}
	return t.save(what+ending, t.withoutPassword(extract.Redact(p)))
}

// withoutPassword takes out what a page may repeat of it: "wrong password: …".
func (t *trip) withoutPassword(page []byte) []byte {
	plain := t.shop.Password.Reveal()
	if plain == "" {
		return page
	}
	inJSON, _ := json.Marshal(plain)
	escaped := html.EscapeString(plain)
	named := strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(escaped)
	for _, form := range []string{plain, escaped, named, url.QueryEscape(plain), url.PathEscape(plain), strings.Trim(string(inJSON), `"`)} {
		page = bytes.ReplaceAll(page, []byte(form), []byte("[secret]"))
	}
	return page
}

func (t *trip) save(name string, data []byte) string {
	if t.s.o.SaveDir == "" || len(data) == 0 {
		return ""
	}
	prefix := fileName(t.shop.Name) + "-"
	file := filepath.Join(t.s.o.SaveDir, prefix+t.s.o.Now().UTC().Format("20060102-150405.000000")+"-"+fileName(name))
	err := os.MkdirAll(t.s.o.SaveDir, 0o700)
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.log.Warn("a page could not be saved", "err", err)
		return ""
	}
	prune(t.s.o.SaveDir, prefix)
	return file
}

// prune keeps the newest files of a shop; their names begin with the time.
func prune(dir, prefix string) {
	found, _ := filepath.Glob(filepath.Join(dir, prefix+"[0-9]*"))
	slices.Sort(found)
	for len(found) > maxSaved {
		_ = os.Remove(found[0])
		found = found[1:]
	}
}

// fileName keeps letters and digits of ASCII; a shop's name may be anything.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '_'
	}, s)
}
