package notify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Bounds of the seller's own directory.
const (
	maxTextFile  = 64 << 10 // bytes
	maxTextFiles = 300
)

var (
	languageName = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	textName     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
)

// source is one template file.
type source struct {
	shown string // the path as the seller knows it
	text  string
	own   bool // from the seller's directory
}

// library is the sources of all languages, by language and name; of one file
// there may be ours and, after it, the seller's.
type library map[string]map[string][]source

func (l library) add(language, name string, s source) {
	if l[language] == nil {
		l[language] = map[string][]source{}
	}
	l[language][name] = append(l[language][name], s)
}

// names of the letters of a language.
func (l library) names(language string) []string {
	var out []string
	for name := range l[language] {
		if name != "letter" && name != "digest" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (l library) languages() []string {
	var out []string
	for language := range l {
		if language != "" { // "" holds the layout
			out = append(out, language)
		}
	}
	slices.Sort(out)
	return out
}

// BuiltinTexts is the texts that the program brings along, as
// "language/name.tmpl": a seller copies from them.
func BuiltinTexts() fs.FS {
	sub, err := fs.Sub(templates, "templates")
	if err != nil {
		return templates // the name is fixed and valid
	}
	return sub
}

func (l library) builtin() error {
	err := fs.WalkDir(BuiltinTexts(), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".tmpl" {
			return err
		}
		src, err := fs.ReadFile(BuiltinTexts(), file)
		if err != nil {
			return err
		}
		language, name := path.Split(file)
		l.add(strings.TrimSuffix(language, "/"), strings.TrimSuffix(name, ".tmpl"), source{shown: "built-in " + file, text: string(src)})
		return nil
	})
	if err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	return nil
}

// directory adds the seller's own texts. All that is wrong with it is told at
// once.
func (l library) directory(dir string) error {
	langs, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("texts: the directory cannot be read: %w; create it with a folder for each language, as in %s, or leave out `texts:`", err, filepath.Join(dir, "en", "gentle.tmpl"))
	}
	var wrong []error
	count := 0
	for _, lang := range langs {
		switch {
		case strings.HasPrefix(lang.Name(), "."):
		case !lang.IsDir():
			if path.Ext(lang.Name()) == ".tmpl" {
				wrong = append(wrong, fmt.Errorf("%s: a text stands in the folder of its language: move it to %s", filepath.Join(dir, lang.Name()), filepath.Join(dir, "en", lang.Name())))
			}
		case !languageName.MatchString(lang.Name()):
			wrong = append(wrong, fmt.Errorf("%s: %q is no language; folders are named like en, zh or pt-BR", filepath.Join(dir, lang.Name()), lang.Name()))
		default:
			n, err := l.folder(filepath.Join(dir, lang.Name()), lang.Name())
			if wrong = append(wrong, err); count+n > maxTextFiles {
				return fmt.Errorf("texts: %s holds more than %d texts", dir, maxTextFiles)
			}
			count += n
		}
	}
	return errors.Join(wrong...)
}

func (l library) folder(dir, language string) (count int, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("texts: %w", err)
	}
	var wrong []error
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".tmpl")
		shown := filepath.Join(dir, f.Name())
		switch {
		case !ok || strings.HasPrefix(name, "."):
			continue
		case name == "digest":
			wrong = append(wrong, fmt.Errorf("%s: the words of the digest cannot be changed; remove this file", shown))
			continue
		case !textName.MatchString(name):
			wrong = append(wrong, fmt.Errorf("%s: a text is named with small letters, digits and dashes, as gentle.tmpl", shown))
			continue
		}
		if count++; count > maxTextFiles {
			break
		}
		src, err := readText(shown)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		l.add(language, name, source{shown: shown, text: src, own: true})
	}
	return count, errors.Join(wrong...)
}

func readText(file string) (string, error) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() { // a pipe would never end
		return "", fmt.Errorf("%s: it is no ordinary file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("texts: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	src, err := io.ReadAll(io.LimitReader(f, maxTextFile+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("texts: %w", err)
	case len(src) > maxTextFile:
		return "", fmt.Errorf("%s: a text has at most %d KiB", file, maxTextFile>>10)
	case !validText(src):
		return "", fmt.Errorf("%s: it is not UTF-8; save it as UTF-8", file)
	}
	return strings.TrimPrefix(string(src), "\ufeff"), nil // as some editors begin a file
}
